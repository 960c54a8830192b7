#!/usr/bin/env bash
# A folder of image files is data to every verb: two classes of small PGM files, written here as text.
. "${BASH_SOURCE%/*}/lib.bash"

# put FILE DARK BRIGHT: 4x4 pixels, the upper half of one brightness, the lower of the other.
put() {
    mkdir -p "$(dirname "$1")"
    printf 'P2\n4 4\n255\n%s %s %s %s\n%s %s %s %s\n%s %s %s %s\n%s %s %s %s\n' \
        "$2" "$2" "$2" "$2" "$2" "$2" "$2" "$2" "$3" "$3" "$3" "$3" "$3" "$3" "$3" "$3" >"$1"
}
for i in {10..29}; do
    put "parts/train/down/$i.pgm" "$i" $((255 - i))
    put "parts/train/up/$i.pgm" $((255 - i)) "$i"
done
put parts/test/up/1.pgm 250 5
put parts/test/down/1.pgm 5 250

run 0 data info parts/
prints "training   40 rows"
prints "test       2 rows"
prints "features   16 (images, 4x4), u8"
run 0 train parts/ --epochs 20 -o parts.nudge
prints "test      cost"
run 0 eval parts.nudge parts/
run 0 predict parts.nudge parts/
run 0 data info parts/train
prints "training   40 rows"

printf 'no image' >parts/train/up/notes.csv
refuses "parts/train/up/notes.csv: is no image: expected PNG, JPEG, PGM or PPM" data info parts/
rm parts/train/up/notes.csv
printf 'P2 2 2 9 1 2 3 4' >parts/train/up/9.pgm
refuses "parts/train/up/9.pgm: an image of 2x2 pixels, expected 4x4 as the first one" data info parts/
finish
