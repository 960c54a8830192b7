#!/usr/bin/env bash
# Cross-validation: what it prints, that threads do not show, that all rows take part, and what it refuses.
. "${BASH_SOURCE%/*}/lib.bash"

# Three kinds of flowers that two numbers tell apart, 60 rows; with a row nobody can miss in the first column.
{
    echo "length,width,kind"
    for i in $(seq 60); do
        case $((i % 3)) in
        0) echo "$((i % 7 + 10)).5,$((i % 5)).25,red" ;;
        1) echo "$((i % 7 + 30)).5,$((i % 5 + 3)).25,blue" ;;
        2) echo "$((i % 7 + 20)).5,$((i % 5 + 9)).25,white" ;;
        esac
    done
} >flowers.csv

run 0 cv flowers.csv --engine portable --threads 2 --epochs 20
golden cv.txt out
[ ! -s err ] || fail "something on standard error: $(head -n 1 err)"
prints "flowers.csv: 60 rows of 2 features, 3 classes"
prints "folds     10 of 6 rows, drawn by class; for each a network learns the others"
prints "(10 folds)"

run 0 cv flowers.csv --engine portable --threads 2 --epochs 20 -q
! grep -q "^data" out || fail "-q prints the plan"

# One object a fold, in their order, and the last; the same on any number of threads.
for threads in 1 2 4; do
    run 0 cv flowers.csv --engine portable --epochs 4 --folds 5 --repeats 2 --threads $threads --json -q
    [ ! -s err ] || fail "--json -q says something"
    sed -E 's/,"seconds":[^,}]*//' out >lines-$threads
done
same lines-1 lines-2
same lines-1 lines-4
[ "$(wc -l <lines-1)" -eq 11 ] || fail "$(wc -l <lines-1) lines, expected 10 folds and the last"
[ "$(sed -n 's/.*"repeat":\([0-9]*\),"fold":\([0-9]*\),.*/\1.\2/p' lines-1 | tr '\n' ' ')" = "1.1 1.2 1.3 1.4 1.5 2.1 2.2 2.3 2.4 2.5 " ] ||
    fail "folds out of order: $(cut -c 1-60 lines-1)"
[ "$(field event lines-1)" = done ] && [ "$(field measured lines-1)" = 10 ] && grep -q '"rows":120,"unanswered":0' lines-1 || fail "$(tail -n 1 lines-1)"
rounded lines-1 >lines
golden cv.json lines

# A repeat is what the next seed gives.
run 0 cv flowers.csv --engine portable --epochs 4 --folds 5 --seed 2 --json -q
sed -E 's/,"seconds":[^,}]*//' out >other
sed -n 's/"repeat":2/"repeat":1/p' lines-1 >second
head -n 5 other >first
same first second
head -n 5 lines-1 >first
differ first second

# All rows take part, but those of a test part; validation rows serve patience.
run 0 cv circles:100/40 --epochs 1 --folds 4
prints "circles:100/40: 100 rows of 2 features, 2 classes"
prints "the 40 rows of the test part take no part"
run 0 cv flowers.csv --folds 4 --epochs 30 --patience 2 --val-split 0.2 --json -q
[ "$(field train_rows out)" = 36 ] && [ "$(field val_rows out)" = 9 ] && [ "$(field test_rows out)" = 15 ] || fail "$(head -n 1 out)"
run 0 cv chain --epochs 2 --folds 3 -v
prints "folds     3 of 33 or 34 rows; for each a network learns the others"
prints "fold 3: rmse "
prints "mae"

# Features that stay in their file are read by all folds at once.
"$NUDGE" data make digits:60000/10 -o large >/dev/null
for memory in 40M 1G; do
    run 0 cv ./large --engine portable --folds 2 --epochs 1 --hidden 4 --threads 2 --memory $memory --json -q
    sed -E 's/,"seconds":[^,}]*//' out >memory-$memory
done
same memory-40M memory-1G
run 0 cv ./large --folds 2 --epochs 1 --hidden 4 --memory 40M
prints "read from the file as"

# A training that diverges fails, after the others.
run 1 cv chain --lr 100 --folds 3 --json -q
[ "$(grep -c '"diverged":true' out)" -eq 3 ] || fail "$(cat out)"
says "nudge: 3 of 3 folds diverged; fold 1: training diverged at epoch 1"

# Ctrl-C: what is done is told, and the program ends by the signal.
set -m
: >out
(trap - INT; exec "$NUDGE" cv digits:400/100 --epochs 30 --folds 200 --json >out 2>err </dev/null) &
child=$!
for _ in $(seq 400); do [ "$(grep -c '"fold",' out)" -ge 2 ] && break; sleep 0.02; done
kill -s INT "$child"
{ wait "$child"; } 2>/dev/null
[ $? -eq 130 ] || fail "INT: status is not 130"
[ "$(field event out)" = done ] && [ "$(field stopped out)" = true ] || fail "INT: $(tail -n 1 out)"

refuses "xor: 10 folds of 4 rows, expected at most one for each row" cv xor
refuses '--folds: found "1", expected a whole number from 2' cv flowers.csv --folds 1
refuses '--repeats: found "0"' cv flowers.csv --repeats 0
refuses "--val-split is for --patience here" cv flowers.csv --val-split 0.1
refuses "--patience needs validation rows: --val-split 0.1" cv flowers.csv --patience 3
refuses "-q and -v contradict each other" cv flowers.csv -q -v
refuses "unknown option -o" cv flowers.csv -o model.nudge
refuses "DATA is missing" cv
refuses "the network has 2 outputs, but flowers.csv has 3 classes" cv flowers.csv --net "2 softmax"

finish
