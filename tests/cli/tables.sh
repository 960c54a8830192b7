#!/usr/bin/env bash
# Tables as people have them, with what is off in them: said with its place, and never trained on in silence.
. "${BASH_SOURCE%/*}/lib.bash"

# A text among many numbers is not a category; an empty cell is what a gap looks like.
{
    echo a,b,y
    for i in $(seq 60); do echo "$i,$((i % 5)),$((i * 3)).5"; done
    echo 61,1,n.v.
} >stray.csv
run 2 train stray.csv --epochs 1
says 'stray.csv: line 62, column "y": found "n.v.", but 60 of the column'
says "--categorical y"
sed 's/n.v.$//' stray.csv >gap.csv
run 0 train gap.csv --epochs 1
prints "1 row has no target: left out"

# Years may be names of columns.
{
    echo name,2019,2020,y
    for i in $(seq 40); do echo "r$((i % 4)),$i,$((i * 3 % 7)),$((i * 2))"; done
} >years.csv
run 0 train years.csv --epochs 1
prints "numbers: 2019, 2020; categories: name (4)"
prints "target: y"
{
    for i in $(seq 30); do echo "$i,?,$((i % 3))"; done
} >bare.csv
run 0 train bare.csv --epochs 1 --target 3 --ignore 2
prints "30 training rows"

# What a model cannot keep is refused before anything is learnt.
printf 'gr\366sse,b,y\n' >latin.csv
for i in $(seq 30); do echo "$i,$((i % 9)),$((i % 2))"; done >>latin.csv
run 2 train latin.csv -o latin.nudge
says "latin.csv: the name of column 1"
says "is not UTF-8"
{ echo a,y; for i in $(seq 30); do printf '%d,%s\n' "$i" "$([ $((i % 2)) = 0 ] && printf 'k\303\266ln' || printf 'm\374nchen')"; done; } >latin.csv
run 2 train latin.csv
says 'latin.csv: line 2, column "y"'
[ ! -e latin.nudge ] || fail "a model of half a table"

# Every row is answered, in its order, also those with gaps that training dropped.
{ echo a,b,y; for i in $(seq 40); do echo "$i,$((i % 5)),$((i % 2))"; done; } >drop.csv
run 0 train drop.csv --missing drop --epochs 1 -q -o drop.nudge
printf 'a,b\n1,2\n,3\n5,1\n' >new.csv
run 0 predict drop.nudge new.csv
[ "$(cut -d, -f1 out | tr '\n' ' ')" = "row 0 1 2 " ] || fail "rows: $(cat out)"
says "the mean stands in"
printf 'b,who,a\n2,"x, y",1\n1,z,5\n' >new.csv
run 0 predict drop.nudge new.csv --id who
[ "$(tail -n 2 out | cut -d, -f1 | tr '\n' ' ')" = '"x z ' ] || fail "ids: $(cat out)"
run 2 predict drop.nudge gap.csv --target y
says "--target is for training: the model knows its columns"

# Options that have no effect are mistakes.
for option in "--test no.csv" "--weight w" "--split-column s" "--sql x" "--missing mean" "--header"; do
    run 2 train moons $option
    says "is for tables: moons is none"
done

# The same rows are set aside again; of another table all rows are measured.
run 0 train years.csv --test-split 0.25 --epochs 1 -q -o years.nudge
run 0 eval years.nudge years.csv
prints "10 test rows"
says "divided as in training (--test-split 0.25 --seed 1)"
mkdir set part
cp years.csv set/train.csv
run 0 train ./set --epochs 1 -q -o set.nudge
run 0 eval set.nudge ./set/
prints "8 test rows"
head -n 30 years.csv >part/years.csv
run 0 eval years.nudge part/years.csv
prints "29 training rows"

# Columns that are all alike, and say nothing, can be saved and loaded.
{ echo a,b,y; for i in $(seq 30); do echo "5,5,$((i % 2))"; done; } >flat.csv
run 0 train flat.csv --epochs 1 -q -o flat.nudge
run 0 eval flat.nudge flat.csv

# Weights of any size; parts whose rows all have weight 0 have no cost, and end nothing.
{ echo w,a,y; for i in $(seq 60); do echo "$((i % 3 + 1))e38,$i,$([ $((i % 2)) = 0 ] && echo yes || echo no)"; done; } >heavy.csv
run 0 train heavy.csv --weight w --class-weight yes=1e9 --epochs 3 --json -q
[ "$(field train_cost out)" != 0.0 ] || fail "weights that are too large: $(tail -n 1 out)"
{ echo s,a,y; for i in $(seq 60); do echo "$([ $i -gt 50 ] && echo val,$i,no || echo train,$i,$([ $((i % 2)) = 0 ] && echo yes || echo no))"; done; } >parts.csv
run 0 train parts.csv --split-column s --class-weight no=0 --epochs 2 -q -o parts.nudge
[ -e parts.nudge ] || fail "nothing was saved"

finish
