#!/usr/bin/env bash
# nudge data, data info, data show, data make.
. "${BASH_SOURCE%/*}/lib.bash"

run 0 data
golden data.txt out
for name in digits xor spiral moons circles chain; do prints "  $name "; done

run 0 data info xor
golden data-info-xor.txt out
run 0 data info digits:300/50
prints "features   784 (images, 28x28), u8"
awk '/^class  / { table = 1; next } table { train += $2; test += $3 } END { exit !(train == 300 && test == 50) }' out ||
    fail "the counts of the classes do not add up"
run 0 data info chain
prints "targets    1 number a row"

run 0 data show xor --count 4
golden data-show-xor.txt out
run 0 data show xor --index 3 --part train
prints "training 3: 0"

# Pictures: 14 lines of 28 cells, in letters without UTF-8, in blocks with it, without control codes when not on a terminal.
# A row's number as it is printed, or without its comma.
run 0 data show digits:10/2000 --index 1715
cp out plain
run 0 data show digits:10/2000 --index 1,715
same out plain
for word in 1,71 ,715 1,,715 1234,567 1,715,5 1,715, 000000000000000000000000000000000000000000001; do
    refuses "--index: found \"$word\"" data show digits:10/2000 --index "$word"
done
run 0 data show digits:10/10 --index 2
[ "$(wc -l <out)" -eq 15 ] || fail "a digit takes $(wc -l <out) lines"
grep -q '[#%@]' out || fail "no picture: $(cat out)"
LC_ALL=C.UTF-8 TERM=xterm-256color "$NUDGE" data show digits:10/10 --index 2 >blocks
grep -q '█\|▓\|▀' blocks || fail "no blocks with UTF-8"
grep -q $'\033' blocks && fail "control codes without a terminal"
run 0 data show digits:10/10 --count 20
[ "$(grep -c '^  test' out)" -eq 5 ] || fail "10 digits in $(grep -c '^  test' out) rows of pictures, expected 5"
run 0 train digits:300/10 --hidden 8 --epochs 2 -q -o digits.nudge
run 0 data show digits:300/10 --index 2 --model digits.nudge
grep -qE '^test 2: [0-9], read as [0-9]( instead)?, [0-9.]+ % sure$' out || fail "no answer: $(head -n 1 out)"
grep -qE ' 9 +#* +[0-9.]+ %$' out || fail "no bars: $(cat out)"

# What is made can be read again, and is the same data.
run 0 data make digits:300/50 -o made --seed 5
prints "made: 300 training and 50 test rows written"
run 0 data info digits:300/50 --seed 5
tail -n +2 out >built
run 0 data info ./made
tail -n +2 out >read
same built read
run 0 data make digits:300/50 -o again --data-seed 5
diff -r made again >/dev/null || fail "the same seed gives other files"
run 0 data make digits:300/50 -o other --seed 6
cmp -s made/train-images-idx3-ubyte other/train-images-idx3-ubyte && fail "another seed gives the same files"
run 0 train digits:300/50 --data-seed 5 --hidden 8 --epochs 2 --json -q
digest=$(field digest out)
run 0 train ./made --hidden 8 --epochs 2 --json -q
[ "$(field digest out)" = "$digest" ] || fail "training on the files gives other parameters"
run 0 data make chain:20/5 -o chain
run 0 data info ./chain
prints "targets    1 number a row"
finish
