#!/usr/bin/env bash
# The journal of a training: kept by train, read by explain, plot, surface and wherever a model is.
. "${BASH_SOURCE%/*}/lib.bash"
small=(digits:400/100 --engine portable --hidden 8 --activation sigmoid --epochs 2 --seed 3)

run 0 train "${small[@]}" --journal run.journal --journal-every 10 -o end.nudge
prints "journal   run.journal: 80 steps, 9 snapshots, one every 10 steps"
# The same training gives the same journal, and the same network as without one.
run 0 train "${small[@]}" --journal again.journal --journal-every 10 --threads 1 -q
same run.journal again.journal
run 0 train "${small[@]}" -o plain.nudge -q
same end.nudge plain.nudge
# All notes but those of the end stand in the journal.
run 0 inspect run.journal
prints "80 steps of up to 10 rows, 40 an epoch"
prints "data_seed       1"
run 0 inspect run.journal@20 --json
[ "$(field shown_step out)" = 20 ] || fail "shown_step is not 20: $(cat out)"

# Wherever a model is: the journal is its last step, JOURNAL@STEP another snapshot.
run 0 eval end.nudge digits:400/100 --json
mv out end
run 0 eval run.journal digits:400/100 --json
[ "$(field cost out)" = "$(field cost end)" ] || fail "the journal's end is not the model: $(cat out)"
run 0 eval run.journal@0 digits:400/100 --json
[ "$(field cost out)" != "$(field cost end)" ] || fail "the journal's start is its end"
# A step that is no snapshot is trained again, where the training's data are there: as a snapshot of it would be.
run 0 train "${small[@]}" --journal fives.journal --journal-every 5 -q
run 0 eval fives.journal@15 digits:400/100 --json
mv out kept
run 0 eval run.journal@15 digits:400/100 --json
[ "$(field cost out)" = "$(field cost kept)" ] || fail "a step that is trained again is not the snapshot: $(cat out)"
run 0 explain run.journal@15 digits:400/100
mv out again
run 0 explain fives.journal@15 digits:400/100
same out again
refuses "there is no snapshot of step 15, the nearest are those of steps 10 and 20" inspect run.journal@15
refuses "step 15 is no snapshot, and cannot be trained again: digits:300/100 has 300 training rows" eval run.journal@15 digits:300/100
refuses "the last step was 80" eval run.journal@81 digits:400/100
refuses "no such file" eval none.journal@3 digits:400/100
refuses "is a model of nudge, expected a journal" eval end.nudge@3 digits:400/100
cp run.journal strange@7
run 0 eval strange@7 digits:400/100

# A step of it: the parameter, and the rows that moved it.
run 0 explain run.journal digits:400/100 --at 33 --weight 2,3,4
rounded out >text
golden explain-step.txt text
run 0 explain run.journal digits:400/100 --at 33 --top 3
rounded out >text
golden explain-step-all.txt text
# Gradient descent without momentum moves by -η ∂C/∂w.
run 0 explain run.journal digits:400/100 --at 33 --weight 2,3,4 --json
for key in before after gradient learning_rate; do eval "$key=$(field $key out)"; done
awk -v a="$before" -v b="$after" -v g="$gradient" -v r="$learning_rate" \
    'BEGIN { d = b - a + r * g; exit !(d < 1e-6 && d > -1e-6) }' || fail "moved $before to $after by $gradient"
# Each row's gradient is the product of its factors.
grep -o '"a":[^}]*' out | sed 's/"[a-z]*"://g' |
    awk -F, 'function off(x) { return x < 0 ? -x : x } { n++; if (off($1 * $2 - $3) > 1e-12) exit 1 } END { exit n != 10 }' ||
    fail "a row's gradient is not a δ"
# The same on the step after a snapshot and on the snapshot's own.
run 0 explain run.journal digits:400/100 --at 41 --bias 1,0
prints "epoch 2, step 1 of 40"
run 0 explain run.journal digits:400/100 --at 80 --bias 1,0 --top 2
run 0 explain run.journal digits:400/100 --weight 2,3,4
sed -n '/Over the training/,$p' out | rounded >text
golden explain-moves.txt text
run 0 explain run.journal digits:400/100 --weight 2,3,4 --json
grep -q '"moves":{"steps":\[0,10,20,' out || fail "no moves: $(cut -c1-200 out)"

refuses "expected 1 to 80, the steps that were made" explain run.journal digits:400/100 --at 81
refuses "--at: found \"0\"" explain run.journal digits:400/100 --at 0
refuses "run.journal@10 and --at contradict each other" explain run.journal@10 digits:400/100 --at 4
refuses "--at: end.nudge is a model" explain end.nudge digits:400/100 --at 3
refuses "--at and --cost contradict" explain run.journal digits:400/100 --at 3 --cost quadratic
refuses "--layer and --neuron are for a row of it" explain run.journal digits:400/100 --at 3 --layer 1
refuses "but the journal is of a training on 400" explain run.journal digits:300/100 --at 3
refuses "is not what the journal's training was on" explain run.journal digits:400/100 --at 3 --data-seed 2

# One row's part in a step: of its mini-batch, and beside it. The factors are those of the mini-batch's table.
run 0 explain run.journal digits:400/100 --at 33 --weight 2,3,4
row=$(awk '/^  row / { getline; print $1; exit }' out)
line=$(grep "^  $row " out)
run 0 explain run.journal digits:400/100 --at 33 --weight 2,3,4 --index "$row"
prints "Row $row is in its mini-batch"
prints "$line"
run 0 explain run.journal digits:400/100 --at 33 --weight 2,3,4 --index "$row" --json
grep -q "\"row_asked\":{\"row\":$row,\"in_batch\":true" out || fail "no row_asked: $(tail -c 400 out)"
awk -v b="$(field cost_before out)" -v a="$(field cost_after out)" 'BEGIN { exit !(a > 0 && b > 0 && a != b) }' || fail "the row's costs: $(tail -c 400 out)"
beside=0
while run 0 explain run.journal digits:400/100 --at 33 --index $beside && grep -q "is in its mini-batch" out; do beside=$((beside + 1)); done
prints "Row $beside is not in its mini-batch: C_0 = "
prints "Training row $beside is "
run 0 explain run.journal digits:400/100 --at 33 --index $beside --bias 1,0
prints "What it would have added"
refuses "--index: found 400, expected 0 to 399: the training part" explain run.journal digits:400/100 --at 33 --index 400
# The slope keeps its promise of a small step, and not of one that is far too long.
run 0 train "${small[@]}" --lr 1000 --journal far.journal -q
run 0 explain far.journal digits:400/100 --at 1
prints "They are far apart: the step is too long"
run 0 explain run.journal digits:400/100 --at 1
! grep -q "far apart" out || fail "a small step does not keep what the slope promised: $(cat out)"

# Regression, momentum, adam, a validation part.
run 0 train chain --engine portable --epochs 4 --momentum 0.9 --lr 0.02 --journal chain.journal -q
run 0 explain chain.journal chain --at 3 --weight 1,0,0 --engine portable
prints "the rest: the momentum of steps before"
run 0 train xor --engine portable --optimizer adam --epochs 4 --val-split 0.25 --journal xor.journal -q
run 0 explain xor.journal xor --at 3 --bias 2,0 --val-split 0.25 --engine portable
prints "the rest: Adam's smoothing and scaling"

# Sizes.
run 0 train "${small[@]}" --journal few.journal --journal-size 150kB
prints "80 steps, 4 snapshots, one every 32 steps"
run 0 train "${small[@]}" --journal epochs.journal --journal-every epoch
prints "80 steps, 3 snapshots, one every 40 steps"
refuses "expected room for at least 3" train "${small[@]}" --journal few.journal --journal-size 1kB -q
refuses "are for --journal FILE" train "${small[@]}" --journal-every 3
refuses "a: is to be written twice" train "${small[@]}" --journal a -o a
refuses "name the same file" train "${small[@]}" --journal ./a -o a
refuses "--journal-every: found \"0\"" train "${small[@]}" --journal a --journal-every 0
refuses "expected bytes" train "${small[@]}" --journal a --journal-size 0
refuses "no such folder" train "${small[@]}" --journal none/a
[ ! -e a ] || fail "a journal that was refused is there"

# A training that diverges leaves the journal that shows how.
run 1 train chain --net "4,1" --lr 1e6 --journal wild.journal -q -o wild.nudge
[ ! -e wild.nudge ] || fail "a diverged network was saved"
run 0 inspect wild.journal

# A journal that cannot be written costs no network.
run 1 train "${small[@]}" --journal /dev/full -q -o kept.nudge
says "no space left on the device"
run 0 inspect kept.nudge

# Pictures and paths.
run 0 plot curves run.journal --text
prints "run.journal, length of the gradient"
refuses "expected one kind" plot curves run.journal end.nudge --text
run 0 surface digits:400/100 --journal run.journal --journal few.journal --side 5 --engine portable --data paths.csv
prints "9 of 9 snapshots"
[ "$(grep -c '^run.journal,' paths.csv)" -eq 9 ] || fail "paths.csv: $(grep -c '^run.journal,' paths.csv) points"
run 0 surface digits:400/100 --journal run.journal --journal few.journal --side 5 --engine portable --data other.csv
same paths.csv other.csv
refuses "--journal and --lr contradict" surface digits:400/100 --journal run.journal --lr 1
refuses "expected a journal" surface digits:400/100 --journal end.nudge
run 2 surface chain --net 1 --walkers full --epochs 1 --side 5
says "the paths have 2 points"
refuses "rows of xor have 2 features" surface xor --journal run.journal

# Damaged.
head -c 5000 run.journal >cut.journal
refuses "cut short" explain cut.journal digits:400/100
printf 'x' | dd of=again.journal bs=1 seek=9000 conv=notrunc 2>err
refuses "is damaged" eval again.journal digits:400/100

# Where there are pictures.
run 0 train moons --epochs 2 --journal moons.journal -q
"$NUDGE" plot boundary moons.journal moons -o moons.svg >out 2>err
if ! grep -q "built without pictures" err; then
    tail -n 1 moons.svg | grep -q '^</svg>$' || fail "moons.svg is not whole: $(cat err)"
    run 0 plot curves run.journal few.journal -o curves.svg
    run 0 surface digits:400/100 --journal run.journal --side 5 --engine portable -o path.svg
fi

# Ctrl-C: what was made until then is there.
set -m
: >out
(trap - INT; exec "$NUDGE" train "${small[@]}" --epochs 1000000 --json --journal endless.journal >out 2>err </dev/null) &
child=$!
for _ in $(seq 400); do
    [ "$(grep -c '"epoch",' out)" -ge 3 ] && break
    sleep 0.05
done
kill -s INT "$child"
{ wait "$child"; } 2>/dev/null
[ $? -eq 130 ] || fail "INT: another status than 130"
run 0 explain endless.journal digits:400/100 --at 100 --bias 2,1
finish
