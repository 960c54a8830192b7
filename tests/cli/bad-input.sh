#!/usr/bin/env bash
# Files that are not what they should be: one sentence that names the file, exit status 2, no output created.
. "${BASH_SOURCE%/*}/lib.bash"

# idx TYPE RANK SIZE...: the head of an IDX file.
idx() {
    bytes 00 00 "$1" "0$2"
    shift 2
    for size in "$@"; do big_endian "$size"; done
}

# set NAME: a folder with a good data set of 4 images of 2x2 pixels.
set_of() {
    mkdir -p "$1"
    { idx 08 3 4 2 2; printf 'abcdefghijklmnop'; } >"$1/train-images-idx3-ubyte"
    { idx 08 1 4; bytes 00 01 00 01; } >"$1/train-labels-idx1-ubyte"
    cp "$1/train-images-idx3-ubyte" "$1/t10k-images-idx3-ubyte"
    cp "$1/train-labels-idx1-ubyte" "$1/t10k-labels-idx1-ubyte"
}

set_of good
run 0 train good/ --epochs 1 -q -o good.nudge
run 0 eval good.nudge ./good
run 0 train good/train-images-idx3-ubyte --epochs 1 -q

# bad FILE WHAT: the set "bad" is refused with a sentence that names the file and has WHAT in it.
bad() {
    refuses "$1" train bad/ --epochs 1 -o never.nudge
    says "$2"
    [ ! -e never.nudge ] || fail "a model was made from bad data"
    rm -rf bad
    set_of bad
}
set_of bad

rm bad/train-labels-idx1-ubyte
bad bad/ "labels"
head -c 18 good/train-images-idx3-ubyte >bad/train-images-idx3-ubyte
bad train-images-idx3-ubyte ""
head -c 10 good/train-images-idx3-ubyte >bad/train-images-idx3-ubyte
bad train-images-idx3-ubyte ""
: >bad/train-images-idx3-ubyte
bad train-images-idx3-ubyte ""
printf 'x' >>bad/train-images-idx3-ubyte
bad train-images-idx3-ubyte ""
printf 'not an IDX file, but longer than its head' >bad/train-images-idx3-ubyte
bad train-images-idx3-ubyte ""
{ idx 08 3 2147483647 65535 65535; printf abc; } >bad/train-images-idx3-ubyte
bad train-images-idx3-ubyte ""
{ idx 08 3 0 2 2; } >bad/train-images-idx3-ubyte
bad train- ""
{ idx 07 3 4 2 2; printf 'abcdefghijklmnop'; } >bad/train-images-idx3-ubyte
bad train-images-idx3-ubyte ""
{ idx 08 1 3; bytes 00 01 00; } >bad/train-labels-idx1-ubyte
bad train-labels-idx1-ubyte "3"
{ idx 08 3 4 3 2; printf 'abcdefghijklmnopqrstuvwx'; } >bad/t10k-images-idx3-ubyte
bad t10k-images-idx3-ubyte ""
{ idx 09 1 4; bytes 00 01 ff 01; } >bad/train-labels-idx1-ubyte
bad train-labels-idx1-ubyte "-1"
rm bad/train-images-idx3-ubyte
{ idx 0d 2 4 1; bytes 3f 80 00 00 3f 80 00 00 7f c0 00 00 3f 80 00 00; } >bad/train-images-idx2-float
rm bad/t10k-*
bad train-images-idx2-float ""
gzip -c good/train-images-idx3-ubyte | head -c 30 >bad/train-images-idx3-ubyte.gz
rm bad/train-images-idx3-ubyte
bad train-images-idx3-ubyte.gz ""

mkdir empty
refuses "empty" train ./empty
refuses "good.nudge" train ./good.nudge
refuses "mnist: not found in" train mnist

# Model files: damaged anywhere, refused.
length=$(wc -c <good.nudge)
for at in 0 7 8 20 $((length / 2)) $((length - 1)); do
    head -c "$at" good.nudge >broken.nudge
    refuses broken.nudge inspect broken.nudge
    { head -c "$at" good.nudge; printf '\377'; tail -c +$((at + 2)) good.nudge; } >broken.nudge
    cmp -s good.nudge broken.nudge || refuses broken.nudge inspect broken.nudge
done
{ cat good.nudge; printf x; } >broken.nudge
refuses broken.nudge inspect broken.nudge
bytes ff ff ff ff ff ff ff 7f >broken.nudge
refuses broken.nudge inspect broken.nudge
refuses "nowhere.nudge" eval nowhere.nudge xor
refuses "." inspect .
refuses "the network has 4 inputs, but" eval good.nudge xor
refuses "xor has 2 features, but the model takes 4" predict good.nudge xor
refuses "nowhere.nudge" data show good/ --model nowhere.nudge
finish
