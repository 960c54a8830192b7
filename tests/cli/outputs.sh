#!/usr/bin/env bash
# What is written where: never over what is read, never twice, never in part, and nothing when it is refused.
. "${BASH_SOURCE%/*}/lib.bash"
run 0 train xor --epochs 30 -q -o xor.nudge
run 0 train moons:40/10 --epochs 3 -q -o moons.nudge --journal moons.journal
run 0 data make digits:30/10 -o set
mkdir keep
cp xor.nudge moons.nudge moons.journal keep
cp -r set keep/set
ln -s nosuch dangling
ln -s xor.nudge link
ln xor.nudge hard

# -- two outputs of one name --

refuses "name the same file" train xor -o same --journal ./same
refuses "name the same file" train xor -o same --plot ./same
refuses "name the same file" train xor -o "$PWD/same" --journal same
refuses "same: is to be written twice" train xor -o same --journal same
[ ! -e same ] || fail "something was written for a refused command"
mkdir pictures
refuses "is to be written twice" train moons:40/10 -o pictures/curves.svg --plot pictures
refuses "name the same file" train moons:40/10 -o ./pictures/boundary.svg --plot pictures/
[ -z "$(ls pictures)" ] || fail "something was written for a refused command"
run 0 train moons:40/10 --epochs 2 -q -o pictures/moons.nudge --plot pictures --journal pictures/moons.journal
[ "$(ls pictures | wc -l)" -gt 4 ] || fail "different names in one folder"
run 0 train xor --epochs 1 -q -o /dev/null --journal /dev/null

# -- outputs that are inputs --

for name in xor.nudge ./xor.nudge "$PWD/xor.nudge" link hard; do
    refuses "is read by this command" predict xor.nudge xor -o $name
done
refuses "is read by this command" predict moons.journal moons:40/10 -o moons.journal
refuses "is read by this command" train ./set -o set/train-images-idx3-ubyte
refuses "is read by this command" train ./set -o set/t10k-labels-idx1-ubyte
refuses "is read by this command" train ./set --journal set/train-labels-idx1-ubyte
refuses "is read by this command" train set/train-images-idx3-ubyte -o set/train-labels-idx1-ubyte
refuses "is read by this command" data make ./set -o set
refuses "is read by this command" data make ./set -o ./set/
refuses "is read by this command" data make set/train-images-idx3-ubyte -o set/../set
mkdir made # links to what is read, to each other, to where the words go
ln -s ../set/train-labels-idx1-ubyte made/t10k-labels-idx1-ubyte
refuses "is read by this command" data make ./set -o made
ln -sf train-labels-idx1-ubyte made/t10k-labels-idx1-ubyte
refuses "name the same file" data make digits:20/10 -o made
rm made/t10k-labels-idx1-ubyte
"$NUDGE" data make xor -o made >made/train-labels-idx1-ubyte 2>err
[ $? -eq 2 ] || fail "data make: standard output is overwritten"
rm made/*
echo "--seed 3" >made/t10k-images-idx3-ubyte
refuses "is read by this command" data make digits:20/10 @made/t10k-images-idx3-ubyte -o made
[ "$(cat made/*)" = "--seed 3" ] || fail "data make: a recipe is overwritten"
rm -r made
refuses "expected a folder's name" data make xor -o ''
echo "--epochs 1" >recipe
refuses "is read by this command" train xor @recipe -o recipe
refuses "is read by this command" train xor @./recipe --journal recipe
cp moons.journal line.svg
refuses "is read by this command" plot curves line.svg -o line.svg
run 0 train xor --epochs 2 --json -q
cp out run.svg
refuses "is read by this command" plot curves run.svg -o run.svg
cp xor.nudge model.svg
refuses "is read by this command" explain model.svg xor -o model.svg
refuses "is read by this command" plot weights model.svg -o ./model.svg
refuses "is read by this command" plot network model.svg xor -o model.svg
cp moons.journal walk.csv
refuses "is read by this command" surface moons:40/10 --journal walk.csv --data walk.csv
for file in xor.nudge moons.nudge moons.journal; do same $file keep/$file; done
diff -r set keep/set >/dev/null || fail "a data set was changed"
# standard input and output are files, too
printf '0 1\n' >rows.csv
"$NUDGE" predict xor.nudge - -o rows.csv <rows.csv >out 2>err
[ $? -eq 2 ] && [ "$(cat rows.csv)" = "0 1" ] || fail "predict - -o: standard input is overwritten"
says "rows.csv: is read by this command"
"$NUDGE" plot curves - -o run.svg <run.svg >out 2>err
[ $? -eq 2 ] || fail "plot curves - -o: standard input is overwritten"
"$NUDGE" train xor --epochs 1 -o told >told 2>err
[ $? -eq 2 ] || fail "train -o: standard output is overwritten"
says "standard output and told name the same file"
"$NUDGE" train xor --epochs 1 -q -o /dev/stdout --journal /dev/stdout 2>err | cat >both
says "is to be written twice"
[ ! -s both ] || fail "two files in one stream"
"$NUDGE" train xor --epochs 1 -q -o /dev/stdout @recipe 2>err | cat >through.nudge
run 0 inspect through.nudge
"$NUDGE" train xor --epochs 1 -o /dev/stdout 2>err | cat >both
says "standard output and /dev/stdout name the same file"
"$NUDGE" train xor --epochs 1 -q --json --journal /dev/stdout 2>err | cat >both
says "standard output and /dev/stdout name the same file"
[ ! -s both ] || fail "a model among words"
"$NUDGE" predict xor.nudge xor -o /dev/stdout 2>err | cat >through.csv
run 0 predict xor.nudge xor
same out through.csv
run 0 train xor --epochs 1 -q -o "$(printf 'a%.0s' $(seq 210))1" --journal "$(printf 'a%.0s' $(seq 210))2" # alike in what a part's name keeps
rm -f aaaa*
# beside what is read is fine
run 0 train ./set --epochs 1 -q -o set/model.nudge
rm set/model.nudge

# -- links: one rule, they are followed --

run 0 predict xor.nudge xor -o dangling
[ -L dangling ] && [ -f nosuch ] || fail "predict -o: a dangling link was not followed"
rm nosuch
run 0 train xor --epochs 1 -q -o dangling
[ -L dangling ] && [ -f nosuch ] || fail "train -o: a dangling link was not followed"
refuses "name the same file" train xor -o dangling --journal nosuch
ln -s xor.nudge to-model
refuses "is read by this command" predict xor.nudge xor -o to-model

# -- pipes: refused at once by their name, taken when they are open --

mkfifo pipe
for verb in "train xor --epochs 1 -q" "predict xor.nudge xor"; do
    # shellcheck disable=SC2086 # words
    timeout 10 "$NUDGE" $verb -o pipe >out 2>err </dev/null
    [ $? -eq 2 ] || fail "$verb -o pipe: not refused"
    says "pipe: is a named pipe, expected a file's name"
done
rm pipe
mkfifo one two
"$NUDGE" train xor --epochs 2 --json -q >run.jsonl
cat run.jsonl >one &
cat run.jsonl >two &
timeout 20 "$NUDGE" plot curves one two --text >out 2>err </dev/null || fail "plot curves of two pipes: $? $(cat err)"
wait
prints "one, training cost"
prints "two, training cost"
if [ -d /dev/fd ]; then
    run 0 predict xor.nudge xor
    cp out expected
    "$NUDGE" predict xor.nudge xor -o >(cat >through) 2>err || fail "an open pipe: $(cat err)"
    for _ in $(seq 100); do cmp -s through expected && break; sleep 0.05; done
    same through expected
fi

# -- signals: what is being written goes, what was there stays --

set -m
echo old >answers.csv
for signal in INT TERM HUP; do
    mkfifo rows
    (trap - INT TERM HUP; exec "$NUDGE" predict xor.nudge - -o answers.csv <rows 2>err) &
    child=$!
    exec 9>rows
    echo 0 1 >&9
    for _ in $(seq 200); do [ -n "$(find . -maxdepth 1 -name 'answers.csv.*.part')" ] && break; sleep 0.02; done
    [ -n "$(find . -maxdepth 1 -name 'answers.csv.*.part')" ] || fail "no part is being written"
    kill -s $signal $child
    { wait $child; } 2>/dev/null
    [ $? -eq $((128 + $(kill -l $signal))) ] || fail "$signal: not the end that it is"
    exec 9>&-
    rm rows
    no_parts
    [ "$(cat answers.csv)" = old ] || fail "$signal: the old file is gone"
done
set +m

# -- files that would become too large --

limited() { (ulimit -f "$1"; shift; exec "$NUDGE" "$@" >out 2>err </dev/null); }
too_large() {
    limited 8 "$@"
    [ $? -eq 1 ] || fail "ulimit -f 8: $*: status $?"
    says "the file would become larger than allowed"
    no_parts
}
awk 'BEGIN { for (i = 0; i < 20000; i++) print 0, 1 }' >many
too_large train xor --hidden 300,300 --epochs 1 -q -o large.nudge
too_large train digits:100/10 --epochs 2 -q --journal large.journal
too_large data make digits:100/10 -o large
[ ! -e large ] || fail "a folder was left behind"
run 0 train digits:100/10 --epochs 1 -q -o digits.nudge
(ulimit -f 8; "$NUDGE" predict xor.nudge - -o large.csv <many >out 2>err)
[ $? -eq 1 ] || fail "ulimit -f 8: predict"
says "the file would become larger than allowed"
if "$NUDGE" plot weights digits.nudge -o small.svg >/dev/null 2>&1; then too_large plot weights digits.nudge -o large.svg; fi
for file in large*; do [ ! -e "$file" ] || fail "$file is there"; done
no_parts
finish
