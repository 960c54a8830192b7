#!/usr/bin/env bash
# Tables larger than memory: their rows are kept in a file, and what is learnt is the same to the bit.
. "${BASH_SOURCE%/*}/lib.bash"
export XDG_CACHE_HOME=$PWD/cache HOME=$PWD
awk 'BEGIN { srand(7); print "a,b,colour,k"
    for (i = 0; i < 60000; i++) {
        a = int(rand() * 2000) / 100; c = int(rand() * 25)
        print (i % 50 ? a : "") "," int(rand() * 90) ",c" c "," (a > 10 ? "high" : c > 12 ? "odd" : "low") } }' >t.csv

# What is kept in it, and the digest
digest() { run 0 inspect "$1"; sed -n 's/^digest *//p' out; }
run 0 train t.csv --hidden 5 --epochs 1 -o all.nudge
! grep -q "rows are kept" out || fail "rows are kept, though they fit: $(cat out)"
[ ! -e cache ] || fail "a folder for rows that fit"
run 0 train t.csv --hidden 5 --epochs 1 --memory 6M -o made.nudge
prints "rows are kept in"
prints "read from the file as needed"
[ "$(find cache/nudge/tables -name 't.csv-*.nudge-rows' | wc -l)" -eq 1 ] || fail "not one file: $(find cache)"
cp cache/nudge/tables/* first
run 0 train t.csv --hidden 5 --epochs 1 --memory 6M -o there.nudge
same first cache/nudge/tables/*
[ "$(digest all.nudge)" = "$(digest made.nudge)" ] || fail "other bits from the file that was made"
[ "$(digest all.nudge)" = "$(digest there.nudge)" ] || fail "other bits from the file that was there"
[ "$(wc -c <first)" -lt 1500000 ] || fail "a file of $(wc -c <first) bytes"

# A file of one's own, or none; a pipe
run 0 eval all.nudge t.csv --memory 6M --cache own.rows
[ -s own.rows ] || fail "--cache made no file"
run 1 eval all.nudge t.csv --memory 6M --no-cache
says "without --no-cache its rows are kept in a file"
one_sentence
refuses "t.csv: a file of another kind" eval all.nudge t.csv --memory 6M --cache t.csv
head -n 1 t.csv | grep -q '^a,b,colour,k$' || fail "--cache wrote over the table"
"$NUDGE" train - --hidden 5 --epochs 1 --memory 6M -o pipe.nudge <t.csv >out 2>err || fail "a pipe: $(cat err)"
prints "as long as they are needed"
[ "$(digest all.nudge)" = "$(digest pipe.nudge)" ] || fail "other bits from a pipe"
[ "$(find cache -type f | wc -l)" -eq 1 ] || fail "not one file: $(find cache -type f)"

# The model does not land on the rows.
file=$(find cache -type f)
run 2 train t.csv --hidden 5 --epochs 1 --memory 6M -o "$file"
one_sentence
same first "$file"

# Damage is told, and mended.
printf 'x' | dd of="$file" bs=1 seek=3000 conv=notrunc 2>dd.err
run 0 train t.csv --hidden 5 --epochs 1 --memory 6M -o mended.nudge
prints "made anew"
same first "$file"
[ "$(digest all.nudge)" = "$(digest mended.nudge)" ] || fail "other bits from a file that was mended"
no_parts
finish
