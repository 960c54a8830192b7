#!/usr/bin/env bash
# Data as people have them: a few digits of one's own, one part alone, what is no data at all.
. "${BASH_SOURCE%/*}/lib.bash"
run 0 data make digits:200/10 -o set
run 0 train digits:2000/200 --hidden 16 --epochs 3 -q -o digits.nudge

# own NAME: five of the images, labelled 2 to 6, as files NAME...
own() {
    { bytes 00 00 08 03; big_endian 5; big_endian 28; big_endian 28; head -c $((16 + 5 * 784)) set/train-images-idx3-ubyte | tail -c $((5 * 784)); } >"$1images-idx3-ubyte"
    { bytes 00 00 08 01; big_endian 5; bytes 02 03 04 05 06; } >"$1labels-idx1-ubyte"
}

# A network for ten digits reads five of them, and all that looks into a network does.
mkdir own test-only
own own/own-
run 0 data info ./own
prints "training   5 rows"
run 0 eval digits.nudge ./own --json
[ "$(sed 's/.*"confusion"://' out | tr -cd '[' | wc -c)" -eq 11 ] || fail "not all ten classes: $(cat out)"
run 0 eval digits.nudge ./own
prints "9             0          -"
run 0 explain digits.nudge ./own --index 4
run 0 explain digits.nudge ./own --all
run 0 check digits.nudge ./own --rows 2 --parameters 50
run 0 predict digits.nudge ./own
run 0 predict digits.nudge ./own --json
run 0 data show ./own --model digits.nudge
"$NUDGE" plot confusion digits.nudge ./own -o confusion.svg >out 2>err || grep -q "built without pictures" err || fail "plot confusion: $(cat err)"

# Rows without labels can be predicted and looked at, not measured; so can one image file.
mkdir bare
cp own/own-images-idx3-ubyte bare/
for rows in ./bare ./bare/own-images-idx3-ubyte; do
    run 0 predict digits.nudge "$rows"
    [ "$(wc -l <out)" -eq 6 ] || fail "$rows: not five answers: $(cat out)"
    run 0 data show "$rows" --model digits.nudge
    prints ": ?, read as"
    run 2 eval digits.nudge "$rows"
done
{ printf 'P5\n28 28\n255\n'; head -c 800 bare/own-images-idx3-ubyte | tail -c 784; } >one.pgm
run 0 predict digits.nudge ./bare --index 0
mv out expected
run 0 predict digits.nudge one.pgm
same out expected
run 0 explain digits.nudge one.pgm --truth 2
prints "Training row 0 is 2; the network reads"
run 2 explain digits.nudge one.pgm
says "one.pgm: an image alone does not say its class"
run 2 explain digits.nudge one.pgm --truth 10
says "class \"10\": expected one of the network's, or a number from 0 to 9"

# The same of numbers: a part whose targets lack, beside one that has them.
mkdir reg
{ bytes 00 00 0d 02; big_endian 4; big_endian 1; bytes 3f 80 00 00 40 00 00 00 40 40 00 00 40 80 00 00; } >reg/train-features-idx2-float
{ bytes 00 00 0d 01; big_endian 4; bytes 3f c0 00 00 40 20 00 00 40 60 00 00 40 90 00 00; } >reg/train-targets-idx1-float
run 0 train ./reg --epochs 2 -q -o reg.nudge
cp reg/train-features-idx2-float reg/t10k-features-idx2-float
run 0 predict reg.nudge ./reg
[ "$(wc -l <out)" -eq 5 ] || fail "not four answers: $(cat out)"
run 2 eval reg.nudge ./reg
mv reg/train-targets-idx1-float reg/t10k-targets-idx1-float
run 0 predict reg.nudge ./reg
[ "$(wc -l <out)" -eq 5 ] || fail "not four answers: $(cat out)"

# Pixels that are scaled already, for a network that saw 0 to 255.
awk 'BEGIN { srand(1); for (i = 0; i < 784; i++) printf "%s%.3f", i ? "," : "", rand(); print "" }' >scaled.csv
"$NUDGE" predict digits.nudge - <scaled.csv >out 2>err || fail "predict: $(cat err)"
says "values reach 1"
says "where training saw up to 255: are they scaled already?"

# What a network does not know is refused.
{ bytes 00 00 08 01; big_endian 5; bytes 02 03 04 05 0a; } >own/own-labels-idx1-ubyte
run 2 eval digits.nudge ./own
says "the network has 10 outputs, but ./own has 11 classes"

# A test part alone can be measured, not trained on; check takes it where there is no other.
own test-only/t10k-
run 0 eval digits.nudge ./test-only
prints "5 test rows"
run 0 check digits.nudge ./test-only --rows 2 --parameters 50
run 0 data show ./test-only
run 0 data make ./test-only -o copied
same test-only/t10k-labels-idx1-ubyte copied/t10k-labels-idx1-ubyte
for verb in "train ./test-only" "surface ./test-only --side 3"; do
    # shellcheck disable=SC2086 # words
    run 2 $verb
    one_sentence
    says "./test-only has no training part, only rows to test with"
done
run 2 check digits.nudge ./test-only --part train
one_sentence

# What is no data is named.
mkdir page
own page/train-
printf '<!DOCTYPE html><html>404</html>\n' >page/train-images-idx3-ubyte.gz
rm page/train-images-idx3-ubyte
run 2 train ./page
one_sentence
says "page/train-images-idx3-ubyte.gz: looks like a web page, not data: fetch it again"
finish
