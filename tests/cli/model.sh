#!/usr/bin/env bash
# nudge inspect, eval and check: what they say about a network that was trained and saved.
. "${BASH_SOURCE%/*}/lib.bash"
run 0 train circles:400/100 --engine portable --hidden 8,4 --activation "leaky-relu 0.2" --epochs 20 --seed 2 --init he-normal --val-split 0.1 -q -o plane.nudge
run 0 train chain --epochs 100 -q -o chain.nudge
run 0 train xor --net "8 tanh, 1 sigmoid" --epochs 300 --lr 0.5 -q -o one.nudge
run 0 train digits:400/100 --hidden 12 --epochs 3 -q -o digits.nudge

run 0 inspect plane.nudge
rounded out >text
golden inspect.txt text
run 0 inspect --json plane.nudge
rounded out >text
golden inspect.json text
run 0 inspect digits.nudge
prints "inputs    x * 0.003921569"
prints "classes   0, 1, 2, 3, 4, 5, 6, 7, 8, 9"

# The figures after training are those that eval measures.
run 0 train circles:400/100 --hidden 8 --epochs 5 --json -q -o again.nudge
accuracy=$(field test_accuracy out) cost=$(field test_cost out)
run 0 eval again.nudge circles:400/100 --json
[ "$(field accuracy out | head -n 1)" = "$accuracy" ] || fail "eval: accuracy, $(field accuracy out) after $accuracy"
[ "$(field cost out)" = "$cost" ] || fail "eval: cost $(field cost out) after $cost"

run 0 eval plane.nudge circles:400/100
rounded out >text
golden eval.txt text
run 0 eval plane.nudge circles:400/100 --json
rounded out >text
golden eval.json text
run 0 eval plane.nudge circles:400/100 --part train
prints "400 training rows"
run 0 eval plane.nudge circles:400/100 --part val --val-split 0.1 --seed 2
prints "40 validation rows"
run 0 eval plane.nudge circles:400/100 --loss quadratic
prints "(quadratic)"
run 0 eval one.nudge xor
prints "accuracy  100.00 % (4 of 4)"
run 0 eval digits.nudge digits:400/100
prints "answered"
run 0 eval chain.nudge chain
grep -qE '^RMSE +[0-9.e-]+ ' out && grep -qE '^MAE +[0-9.e-]+ ' out && grep -qE '^R squared 0\.9' out || fail "eval of a regression: $(cat out)"
# The mean of one squared error a row is the quadratic cost.
run 0 eval chain.nudge chain --json
awk "BEGIN { d = $(field rmse out)^2 - $(field cost out); exit !(d < 1e-8 && d > -1e-8) }" || fail "RMSE² is not the cost"

# Where the table is too wide, the most frequent confusions stand instead. Counts add up to the rows.
run 0 eval digits.nudge digits:400/100 --json
sed 's/.*"confusion"://' out | tr -c '0-9' '\n' | awk '{ sum += $1 } END { exit sum != 100 }' || fail "the table's counts do not add up"

# The gradient of every kind of network is right; a tolerance that nothing can meet fails.
run 0 check plane.nudge circles
prints "passed"
run 0 check one.nudge xor --all
prints "compared  33 of 33 parameters"
run 0 check chain --hidden 3 --activation tanh --cost absolute --all
run 0 check digits:20/1 --hidden 6,5 --activation sigmoid --cost quadratic --parameters 50 --rows 3 --seed 4 --json
[ "$(field passed out)" = true ] && [ "$(field layer out)" -ge 1 ] || fail "check --json: $(cat out)"
run 0 check digits:40/1 --hidden 6 --rows 30 --step 1e-4 --all --json
[ "$(field step out)" = 0.0001 ] || fail "check --step: $(field step out)"
# Every parameter is in one power of ten.
sed -n 's/.*"decades":\[\([^]]*\)\].*/\1/p' out | tr , '\n' | awk '{ sum += $1 } END { exit sum != 4780 }' ||
    fail "check --json: the decades are not those of 4780 parameters: $(cat out)"
run 0 check digits:40/1 --hidden 6 --rows 30 --parameters 300
prints "error up to  parameters"
grep -qE '^  w\(1\) +[0-9]+ +[0-9]+ +[0-9.e+-]+ +[0-9.e+-]+  w\(1\)\[' out || fail "check: no line for w(1): $(cat out)"
refuses "1e-12" check chain --step 2
run 1 check chain --hidden 3 --tolerance 1e-300
prints "FAILED"
sed -E '/^  (1e-[0-9]+|more) /d; s/^(  [wb]\([12]\) .*)  [wb].*/\1 PLACE/; s/by h = 1e-05/by h = STEP/; s/ +-?[0-9.]+e[+-][0-9]+/ NUMBER/g; s/gradient, [0-9.]+/gradient, NUMBER/; s/^(worst +).*/\1PLACE/; s/^( +.*[a-z]) +NUMBER/\1 NUMBER/' out >text
golden check.txt text

refuses "the network has 2 inputs, but" eval plane.nudge chain
refuses "the network has 784 inputs" eval digits.nudge xor
refuses "has one already" check plane.nudge circles --hidden 3
finish
