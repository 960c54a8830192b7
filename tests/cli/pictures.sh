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

# What pictures say: drawn by a nudge that keeps every text (its own font: see tests/helpers/record_words.c).
words=${NUDGE%/*}/tests/nudge-words
# draws ARGUMENT...: the texts are in the file drawn. says_drawn / lacks TEXT: a whole line of it.
draws() {
    rm -f drawn
    NUDGE_WORDS=$PWD/drawn "$words" "$@" -o drawn.svg >out 2>err </dev/null || fail "nudge $*: $(cat err)"
    sort -u drawn >lines
    half=$(($(wc -l <drawn) / 2)) # it is drawn twice: to be measured, and for good
    head -n $half drawn | cmp -s - <(tail -n $half drawn) || fail "nudge $*: drawn differently the second time"
}
says_drawn() { grep -qxF -- "$1" lines || fail "no text \"$1\": $(head -c 600 lines | tr '\n' '|')"; }
lacks() { ! grep -qE -- "$1" lines || fail "drawn: $(grep -E -- "$1" lines | head -n 3)"; }

run 0 train digits:400/100 --engine portable --hidden 12,9 --activation sigmoid --output sigmoid --cost quadratic --lr 1 --epochs 3 \
    -q -o sigmoid.nudge
# Every image has its row, and ten sigmoids, which do not sum to 1, are no per cents.
draws plot mistakes sigmoid.nudge digits:400/100
[ "$(grep -cE '^row [0-9]+: 0\.[0-9]{3}$' drawn)" -gt 20 ] || fail "mistakes without rows: $(head -n 8 lines)"
lacks '%$'
draws plot reads sigmoid.nudge digits:400/100 --index 3 --count 2
says_drawn "How sigmoid.nudge reads"
grep -qE '^row 4: 0\.' lines || fail "reads without row 4"
draws plot mistakes other.nudge digits:400/100
grep -qE '^row [0-9]+: [0-9]+ %$' lines || fail "softmax is no longer told in per cent: $(head -n 8 lines)"
draws explain digits.nudge digits:400/100 --weight 2,1,3 --all
[ "$(grep -cE '^row [0-9]+$' drawn)" -ge 10 ] || fail "--all: images without rows"
draws explain run.journal digits:400/100 --at 7 --weight 2,1,3
says_drawn "step 7"
says_drawn "what each of its rows adds"
grep -qE '^row [0-9]+$' lines || fail "a step's images without rows"
draws explain sigmoid.nudge digits:400/100
grep -qE ', output 0\.[0-9]{3}$' lines || fail "no output in the title: $(head -n 3 drawn)"
lacks 'its wishes|% sure'
# In texts, too.
run 0 data show digits:400/100 --index 2 --model sigmoid.nudge
grep -qE 'read as [0-9]( instead)?, output 0\.[0-9]{3}$' out || fail "data show: $(head -n 1 out)"
! grep -q ' %$' out || fail "data show has per cents: $(grep ' %$' out | head -n 2)"
run 0 data show digits:400/100 --index 2 --model other.nudge
grep -qE ', [0-9.]+ % sure$' out || fail "data show with softmax: $(head -n 1 out)"
run 0 plot mistakes sigmoid.nudge digits:400/100 --text --count 1
grep -qE '^ +[0-9] as [0-9], row [0-9]+: 0\.[0-9]{3}' out || fail "mistakes as text: $(tail -n 1 out)"

# The network: from how many inputs, which pixels and neurons, and 1 is white in every layer.
draws plot network digits.nudge digits:400/100 --show wishes
says_drawn "digits.nudge: 784 → 12 sigmoid, 9 sigmoid, 10 softmax"
[ "$(grep -cx 'white: 1' drawn)" -eq 8 ] || fail "$(grep -c white drawn) layers say what is white"
grep -qE '^[0-9]+,[0-9]+$' lines || fail "no pixel is named"
# The walkers have one name each in legends and charts.
draws surface xor --hidden 4 --activation tanh --batch-size 1 --epochs 20 --side 5
[ "$(grep -cx 'careful (full batch)' drawn)" -eq 4 ] || fail "careful: $(grep careful drawn | sort | uniq -c)"
grep -qE "^drunk: reached the careful one's final cost [0-9.,]+ times (sooner|later)$" lines || fail "who is sooner?"
says_drawn "from the side: height and colour are the cost"

# Hostile and long names: nothing but text, cut where it is too long; tables that are all extremes.
long=$(printf 'a class whose name does not end %.0s' 1 2 3 4 5 6)
awk -v long="$long" 'BEGIN { print "\"<b>&amp;%s%n\",\"" long "\",kind"
    for (i = 0; i < 40; i++) print i % 7 * 1e12 "," (i % 5) * 1e-9 "," (i % 2 ? "\"</svg><script>\"" : "\"" long "\"") }' >hostile.csv
run 0 train hostile.csv --hidden 1 --epochs 2 -q -o hostile.nudge --journal hostile.journal
for kind in confusion network activations gradients boundary; do
    draws plot $kind hostile.nudge hostile.csv --part train
    ! grep -q '<script' drawn.svg || fail "plot $kind: a label has become markup"
    lacks "$long"
done
draws plot weights hostile.nudge
draws explain hostile.nudge hostile.csv --part train
draws explain hostile.nudge hostile.csv --part train --weight 1,0,0 --all
draws explain hostile.journal hostile.csv --at 1 --bias 2,0
draws plot curves hostile.journal
# Costs from 1e-300 to 1e300, none at all, and one epoch: axes have ends.
printf '{"event":"epoch","epoch":%d,"train_cost":%s}\n' 1 1e-300 2 1e300 3 null 4 0 >extreme.jsonl
draws plot curves extreme.jsonl
says_drawn 10³⁰⁰
printf '{"event":"epoch","epoch":1,"train_cost":0.25,"train_accuracy":0.5}\n' >single.jsonl
draws plot curves single.jsonl
lacks 'nan|inf'
printf '{"event":"epoch","epoch":%d,"train_cost":%s}\n' 1 0.31 2 0.62 >narrow.jsonl
draws plot curves narrow.jsonl
says_drawn 0.4
lacks '^(0\.1|10)$'
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
