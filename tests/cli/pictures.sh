#!/usr/bin/env bash
# Pictures: the kind by the file's ending, whole files only, refused where they cannot be made.
. "${BASH_SOURCE%/*}/lib.bash"
run 0 train digits:400/100 --engine portable --hidden 12,9 --activation sigmoid --epochs 3 -q -o digits.nudge
run 0 train xor --engine portable --net "3 tanh, 1 sigmoid" --epochs 30 --lr 0.5 -q -o one.nudge

refuses "ends in .svg, .png or .pdf" explain digits.nudge digits:400/100 -o picture.jpg
refuses "found \"grey\"" explain digits.nudge digits:400/100 -o picture.svg --theme grey
"$NUDGE" explain digits.nudge digits:400/100 -o picture.svg >out 2>err
if grep -q "built without pictures" err; then
    [ ! -e picture.svg ] || fail "a file was made by a program without pictures"
    finish
fi

# kind FILE BYTES: how the file begins.
kind() { [ "$(head -c "${#2}" "$1")" = "$2" ] || fail "$1 begins with $(head -c 8 "$1" | od -c | head -n 1)"; }

[ -s picture.svg ] && kind picture.svg '<?xml'
tail -n 1 picture.svg | grep -q '^</svg>$' || fail "picture.svg is not whole"
prints "saved     picture.svg"
run 0 explain digits.nudge digits:400/100 --layer 1 -o picture.pdf
kind picture.pdf '%PDF'
run 0 explain digits.nudge digits:400/100 --layer 0 --theme dark -o picture.png
[ "$(od -An -tx1 -N8 picture.png | tr -d ' ')" = 89504e470d0a1a0a ] || fail "picture.png is no PNG"
run 0 explain one.nudge xor -o table.svg
[ -s table.svg ] || fail "no picture of a row of a table"

# The same picture has the same bytes.
run 0 explain digits.nudge digits:400/100 -o again.svg
same picture.svg again.svg
# JSON stays JSON.
run 0 explain one.nudge xor --json -o table.svg
[ "$(wc -l <out)" -eq 1 ] || fail "explain --json -o prints more than an object"

# Every kind of plot draws.
run 0 train digits:400/100 --hidden 9 --epochs 4 --val-split 0.1 --json -q -o other.nudge
cp out run.jsonl
run 0 train circles:200/50 --hidden 8 --epochs 2 -q -o early.nudge
run 0 train circles:200/50 --hidden 8 --epochs 20 -q -o late.nudge
run 0 explain digits.nudge digits:400/100 --weight 2,1,3 --all -o one.svg
run 0 explain one.nudge xor --bias 2,0 --all --theme dark -o bias.png
run 0 train digits:400/100 --hidden 9 --epochs 2 -q --journal run.journal
run 0 explain run.journal digits:400/100 --weight 2,1,3 -o over.pdf
run 0 explain run.journal digits:400/100 --at 7 --weight 2,1,3 -o step.svg
run 0 explain run.journal digits:400/100 --at 7 --bias 1,0 --json -o step.png
[ "$(wc -l <out)" -eq 1 ] || fail "explain --at --json -o prints more than an object"
refuses "give --weight or --bias, too" explain run.journal digits:400/100 --at 7 -o step.svg
run 0 plot curves run.jsonl -o curves.svg
run 0 plot curves run.jsonl run.jsonl -o compared.pdf
run 0 plot reads digits.nudge digits:400/100 -o reads.png
run 0 plot mistakes digits.nudge digits:400/100 -o mistakes.svg
run 0 plot confusion digits.nudge digits:400/100 -o confusion.svg
run 0 plot weights digits.nudge -o weights.svg
run 0 plot weights digits.nudge --layer 3 -o last.svg
run 0 plot weights one.nudge xor -o table.svg
run 0 plot network digits.nudge -o network.svg
run 0 plot network digits.nudge digits:400/100 --index 7 --show gradients -o gradients.svg
run 0 plot network one.nudge xor --show wishes --theme dark -o wishes.svg
run 0 plot activations digits.nudge digits:400/100 -o activations.svg
prints "layer 3: 10 neurons, 0 dead"
run 0 plot gradients digits.nudge digits:400/100 --count 20 -o deltas.svg
run 0 plot boundary early.nudge late.nudge circles:200/50 -o boundary.svg
for picture in curves mistakes confusion weights last table network gradients wishes activations deltas boundary; do
    tail -n 1 $picture.svg | grep -q '^</svg>$' || fail "$picture.svg is not whole"
done
# In the terminal.
run 0 plot curves run.jsonl --text
prints "run.jsonl, training cost: "
prints "#"
LC_ALL=C.UTF-8 "$NUDGE" plot curves - --text <run.jsonl >out || fail "curves from standard input"
prints "█"
run 0 plot mistakes digits.nudge digits:400/100 --text --count 2
prints "The worst mistakes of digits.nudge"
run 0 plot
prints "plot boundary"

# What does not fit is told.
refuses "-o FILE is missing" plot curves run.jsonl
refuses "its rows are no images" plot mistakes late.nudge circles:200/50 -o no.svg
refuses "expected rows of 2 features" plot boundary digits.nudge digits:400/100 -o no.svg
refuses "expected 2 and 2 as" plot boundary late.nudge digits.nudge circles:200/50 -o no.svg
refuses "have 2 features" plot network digits.nudge xor -o no.svg
refuses "is about an example" plot network digits.nudge --show wishes -o no.svg
refuses "expected 1 to 3" plot weights digits.nudge --layer 4 -o no.svg
refuses "expected 0 to 99" plot reads digits.nudge digits:400/100 --index 100 -o no.svg
mkdir -p data
refuses "/dev/null: is a device" plot curves /dev/null -o no.svg
[ ! -c /dev/zero ] || refuses "/dev/zero: is a device" plot curves /dev/zero -o no.svg
refuses "data: is a folder" plot curves data -o no.svg
head -c 20000 /dev/zero | tr '\0' ' ' >spaces.jsonl
refuses "spaces.jsonl: line 1: longer than 16382 bytes" plot curves spaces.jsonl -o no.svg
head -c 20000 /dev/zero >zeros.jsonl
refuses "zeros.jsonl: line 1: longer than 16382 bytes, or no text" plot curves zeros.jsonl -o no.svg
refuses "missing.jsonl: cannot be opened" plot curves missing.jsonl -o no.svg
printf '{"event":"epoch","epoch":1}\n{"event":\n' >broken.jsonl
refuses "broken.jsonl: line 2: expected a JSON object" plot curves broken.jsonl -o no.svg
printf '{"event":"epoch"}\n' >broken.jsonl
refuses "broken.jsonl: line 1: an epoch without its number" plot curves broken.jsonl -o no.svg
head -c 3000 /dev/urandom >broken.jsonl
run 2 plot curves broken.jsonl -o no.svg
[ ! -e no.svg ] || fail "a picture was made of what is wrong"

# train --plot: the pictures that suit the data, and no folder when the training is refused.
run 0 train digits:400/100 --hidden 9 --epochs 2 -o new.nudge --plot pictures
prints "saved     pictures/curves.svg"
for picture in curves reads mistakes confusion weights activations; do
    [ -s pictures/$picture.svg ] || fail "train --plot: no $picture.svg"
done
run 0 train circles:200/50 --epochs 2 -q --plot plane/
[ -s plane/boundary.svg ] && [ ! -e plane/reads.svg ] || fail "train --plot of a plane: $(ls plane)"
refuses "no such file" train ./missing --plot never
[ ! -e never ] || fail "a folder for a training that was refused"
refuses "is no folder" train xor --plot run.jsonl
refuses "cannot be made" train xor --plot missing/folder

# What was there stays when a picture cannot be written.
refuses "no such folder" explain one.nudge xor -o missing/picture.svg
cp again.svg kept.svg
(
    ulimit -f 1
    trap '' XFSZ
    "$NUDGE" explain digits.nudge digits:400/100 -o again.svg >out 2>err
    [ $? -eq 1 ] || exit 1
) || fail "a picture larger than the limit: $(cat err)"
same again.svg kept.svg
[ -z "$(ls -A . | grep -F .nudge. || true)" ] || fail "left behind: $(ls -A .)"
finish
