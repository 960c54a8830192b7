#!/usr/bin/env bash
# nudge train without a terminal: what it prints, what it saves, what it never touches.
. "${BASH_SOURCE%/*}/lib.bash"
small=(--engine portable digits:400/100 --hidden 12 --activation sigmoid --cost quadratic --lr 1.5 --epochs 3 --seed 3)
plane=(circles:400/100 --hidden 12 --activation sigmoid --cost quadratic --lr 1.5 --epochs 3 --seed 3)

# One plain line an epoch, the plan before, the result after; times and rates differ from run to run.
run 0 train "${plane[@]}"
sed -E 's/[0-9.,]+[kM]?\/s/RATE/; s/in [0-9.]+ (min [0-9]+ )?s, [0-9,]+ examples/in TIME, RATE examples/; s/  [0-9.]+ s$/  TIME/' \
    out >text
golden train.txt text
[ ! -s err ] || fail "something on standard error: $(head -n 3 err)"
grep -q $'\033' out && fail "control codes without a terminal"
prints "saved     nothing: -o FILE keeps the network"

run 0 train "${small[@]}" -q
[ ! -s out ] && [ ! -s err ] || fail "--quiet is not quiet"

# The same command gives the same file, on any number of threads and at every level of instructions.
run 0 train "${small[@]}" -o one.nudge
prints "saved     one.nudge"
run 0 train "${small[@]}" -q -o two.nudge
same one.nudge two.nudge
run 0 train "${small[@]}" -q --threads 1 -o threads1.nudge
run 0 train "${small[@]}" -q --threads 2 -o threads2.nudge
same one.nudge threads1.nudge
same one.nudge threads2.nudge
run 0 train "${small[@]}" -q --cpu-level base -o base.nudge
same one.nudge base.nudge
run 0 train "${small[@]}" -q --seed 4 -o other.nudge
differ one.nudge other.nudge
grep -qF "$PWD" one.nudge && fail "the model names a path"

# JSON lines
run 0 train "${plane[@]}" --json --val-split 0.25 -o json.nudge
sed -E 's/"(seconds|samples_per_second)":[0-9.e+-]+/"\1":0/g; s/"engine":"[a-z]+"/"engine":""/; s/"cpu_level":"[a-z0-9]+","threads":[0-9]+/"cpu_level":"","threads":0/
    s/"digest":"[0-9a-f]{64}"/"digest":""/' out | rounded >lines
golden train.json lines
[ "$(wc -l <out)" -eq 5 ] || fail "--json: $(wc -l <out) lines, expected start, 3 epochs, done"
grep -q '^epoch 3/3' err || fail "--json: no text for people on standard error"
run 0 inspect --json json.nudge
[ "$(field digest lines)" = "" ] && [ "$(field digest out | wc -c)" -eq 65 ] || fail "digest"
run 0 train "${small[@]}" --json -q
[ ! -s err ] || fail "--json -q says something"
[ "$(field model out)" = null ] || fail "model is $(field model out) without -o"

# All that is not finite is null.
run 0 train chain --epochs 1 --json -q
[ "$(field train_accuracy out)" = null ] || fail "the accuracy of a regression is not null"

# Early stopping gives back the best.
run 0 train spiral --val-split 0.3 --patience 2 --lr 0.3 --epochs 200 --json -q
[ "$(field stopped_early out)" = true ] || fail "patience does not stop"
[ "$(field epoch out)" -eq $(($(field best_epoch out) + 2)) ] || fail "patience 2 stops after $(field epoch out)"

# Every way to say a network and an optimizer is taken.
run 0 train xor -q --hidden none --epochs 2
run 0 train xor -q --net "4 leaky-relu 0.2, 1 sigmoid" --epochs 2
run 0 train chain -q --cost huber --huber-delta 0.5 --optimizer nesterov --epochs 2
run 0 train chain -q --optimizer adam --lr 0.01 --beta1 0.8 --beta2 0.99 --epsilon 1e-6 --epochs 2
run 0 train chain -q --loss absolute --batch full --learning-rate 0.01 --momentum 0.5 --epochs 2
for schedule in constant step exponential cosine one-cycle; do run 0 train xor -q --schedule $schedule --epochs 2; done
for init in xavier-uniform he-normal lecun-normal standard-normal zeros; do run 0 train xor -q --init $init --epochs 2; done
run 0 train xor -q --init uniform --init-range 0.5 --no-shuffle --shuffle --epochs 2

# adam and the cycle say what they run with; the test part waits for the end.
run 0 train xor --optimizer adam --schedule one-cycle --warmup 0.25 --epochs 4
prints "training  adam, learning rate 0.001 after a rise in 25 % of the steps, then"
prints "beta1 0.9, beta2 0.999, epsilon 1e-08"
run 0 train xor --optimizer adam --schedule one-cycle --warmup 0.25 --epochs 4 --test-at-end --json -q
head -n 1 out >start
for expected in '"optimizer":"adam","learning_rate":0.001,"momentum":null,"beta1":0.9,"beta2":0.999,"epsilon":1e-8' \
    '"schedule":"one-cycle","warmup":0.25'; do
    grep -qF "$expected" start || fail "the start event lacks $expected: $(cat start)"
done
[ "$(grep -c '"event":"epoch".*"test_accuracy":null' out)" -eq 4 ] || fail "--test-at-end evaluates after an epoch"
tail -n 1 out | grep -q '"test_accuracy":[0-9]' || fail "--test-at-end does not evaluate at the end"

# The defaults learn.
for data in xor spiral moons circles; do
    run 0 train $data --json -q
    accuracy=$(field test_accuracy out)
    awk "BEGIN { exit !($accuracy >= 0.98) }" || fail "$data with the defaults: test accuracy $accuracy"
done
run 0 train moons --optimizer adam --json -q
accuracy=$(field test_accuracy out)
awk "BEGIN { exit !($accuracy >= 0.98) }" || fail "moons with adam: test accuracy $accuracy"
run 0 train chain --json -q
cost=$(field test_cost out)
awk "BEGIN { exit !($cost <= 0.001) }" || fail "chain with the defaults: test cost $cost"

# Divergence: exit status 1, where it happened, and an older file stays.
echo old >keep
run 1 train chain --lr 1000 -o keep
says "nudge: training diverged at epoch 1, step"
says "layer"
[ "$(cat keep)" = old ] || fail "divergence touched the file"
[ "$(ls keep*)" = keep ] || fail "divergence left files behind: $(ls keep*)"

# A refused command touches nothing either.
run 2 train xor --lr 0 -o keep
run 2 train nosuch -o keep
[ "$(cat keep)" = old ] || fail "a refused command touched the file"
run 2 train nosuch -o fresh
[ ! -e fresh ] || fail "a refused command made a file"

# Success replaces the file as a whole and keeps its mode.
chmod 600 keep
run 0 train xor -q --epochs 1 -o keep
[ "$(stat -c %a keep)" = 600 ] || fail "the file's mode changed to $(stat -c %a keep)"
run 0 inspect keep
finish
