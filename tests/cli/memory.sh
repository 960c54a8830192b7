#!/usr/bin/env bash
# Data sets larger than the memory they may have: trained from their files, to the same model file; --memory; a file four times
# larger than all memory that the process may address (ulimit -v), which sanitizers' own memory does not allow.
. "${BASH_SOURCE%/*}/lib.bash"

# -- --memory --

run 0 data make digits:40000/500 -o set
run 0 data info set/ --memory 29MB
prints "memory     554.0 kB; 31.4 MB stay in their files (--memory)"
run 0 data info set/ --memory 100M
prints "memory     31.9 MB"
run 0 train set/ --hidden 16 --epochs 2 --batch 32 --val-split 0.1 -o whole.nudge --journal whole.journal
run 0 train set/ --hidden 16 --epochs 2 --batch 32 --val-split 0.1 --memory 29000000 -o parts.nudge --journal parts.journal
tr -s ' \n' ' ' <out >words
grep -q "10 classes, read from the file as needed" words || fail "train does not say where its rows are"
same whole.nudge parts.nudge
same whole.journal parts.journal
# A step in the middle of an epoch, made again from the middle of the file.
run 0 explain whole.journal set/ --at 1500 --bias 1,3 --val-split 0.1 && mv out step.whole
run 0 explain whole.journal set/ --at 1500 --bias 1,3 --val-split 0.1 --memory 29MB && same out step.whole
for part in train test; do
    run 0 eval whole.nudge set/ --part $part --json && mv out "$part.whole"
    run 0 eval whole.nudge set/ --part $part --json --memory 29MB && same out "$part.whole"
done
run 0 predict whole.nudge set/ --part train -o whole.csv
run 0 predict whole.nudge set/ --part train --memory 29MB -o parts.csv
same whole.csv parts.csv
run 0 data make set/ -o copy --memory 29MB
same set/train-images-idx3-ubyte copy/train-images-idx3-ubyte

for wrong in 0 -1 1.5G 10X MB 99999999999T ""; do refuses "--memory: found \"$wrong\"" train set/ --memory "$wrong"; done
run 1 train set/ --memory 1MB -o never.nudge
says "its features take 31752000 bytes, data may take 1000000"
gzip -k1 set/train-images-idx3-ubyte && mkdir packed && mv set/train-images-idx3-ubyte.gz packed
cp set/train-labels* set/t10k* packed
refuses "gunzip -k" train packed/ --memory 29MB -o never.nudge
[ ! -e never.nudge ] || fail "a model was made"

# -- a file that shrinks while it is trained on --

cp whole.nudge kept.nudge
"$NUDGE" train set/ --memory 29MB --epochs 100000 -o kept.nudge >out 2>err &
for ((i = 0; i < 200; i++)); do grep -q "^epoch" out && break; sleep 0.05; done
truncate -s 20000000 set/train-images-idx3-ubyte
wait $!
status=$?
[ $status -eq 1 ] || fail "a file that shrinks: exit status $status"
says "train-images-idx3-ubyte: has become shorter"
same whole.nudge kept.nudge

# Trainings that are to last a while: a sanitizer makes them last.
lasting=200
grep -qE '__(asan|tsan)_init' "$NUDGE" && lasting=10

# -- a test part that can no longer be read: the network, which is trained, is not lost for that --

run 0 data make digits:2000/40000 -o late
rm -f late.nudge
"$NUDGE" train late/ --memory 20MB --epochs 60 --hidden $lasting --test-at-end -v -o late.nudge >out 2>err &
for ((i = 0; i < 400; i++)); do grep -q "^epoch" out && break; sleep 0.02; done
truncate -s 20000000 late/t10k-images-idx3-ubyte
wait $!
status=$?
[ $status -eq 1 ] || fail "a test part that shrinks: exit status $status: $(cat out err)"
says "t10k-images-idx3-ubyte: has become shorter"
says "late.nudge: saved all the same"
run 0 eval late.nudge digits:2000/500

# The same after early stopping: what is saved are the best parameters.
run 0 data make digits:2000/40000 -o later
early=(--val-split 0.2 --patience 1 --hidden $lasting --lr 0.5 --seed 3 --epochs 40)
run 0 train later/ "${early[@]}" -o best.nudge --json
best=$(field best_epoch out)
digest=$(field digest out)
"$NUDGE" train later/ --memory 20MB "${early[@]}" --test-at-end -v -o early.nudge >out 2>err &
for ((i = 0; i < 400; i++)); do grep -q "^epoch" out && break; sleep 0.01; done
truncate -s 20000000 later/t10k-images-idx3-ubyte
wait $!
[ $? -eq 1 ] || fail "early stopping, and a test part that shrinks: $(cat out err)"
says "early.nudge: saved all the same"
run 0 inspect early.nudge --json
[ "$(field digest out)" = "$digest" ] || fail "not the parameters of the best epoch, $best"

# -- ulimit -v --

if grep -qE '__(asan|tsan)_init' "$NUDGE"; then
    echo "under a sanitizer no limit of addresses is tried"
    finish
fi
limit=100000 copies=14 # kB; of 31 MB each
mkdir large
run 0 data make digits:40000 -o set --seed 2
idx() { printf '\0\0\x08%b' "$1"; }
{ idx '\x03' && big_endian $((copies * 40000)) && big_endian 28 && big_endian 28
  for ((i = 0; i < copies; i++)); do tail -c +17 set/train-images-idx3-ubyte; done; } >large/train-images-idx3-ubyte
{ idx '\x01' && big_endian $((copies * 40000))
  for ((i = 0; i < copies; i++)); do tail -c +9 set/train-labels-idx1-ubyte; done; } >large/train-labels-idx1-ubyte
[ "$(stat -c %s large/train-images-idx3-ubyte)" -gt $((4 * 1024 * limit)) ] || fail "the file is too small"
run 0 train large/ --hidden 16 --batch 32 --epochs 1 --threads 2 -o whole.nudge
(ulimit -v $limit && run 0 train large/ --hidden 16 --batch 32 --epochs 1 --threads 2 -o parts.nudge; exit $failures) ||
    failures=$((failures + $?))
same whole.nudge parts.nudge
rm -r large
finish
