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
