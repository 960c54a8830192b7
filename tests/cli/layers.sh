#!/usr/bin/env bash
# Dropout, batch-norm, penalties and weight decay: trained, saved, read, explained, checked, journaled and drawn; the same
# bits with any number of threads; what cannot be is refused.
. "${BASH_SOURCE%/*}/lib.bash"

regularised=(--hidden 40,20 --batch-norm --dropout 0.2 --input-dropout 0.1 --l1 1e-5 --l2 1e-4 --weight-decay 1e-3)
run 0 train digits:600/100 --epochs 6 "${regularised[@]}" -o one.nudge --journal one.journal --threads 1
grep -q '784 -> dropout 0.1, 40, batch-norm, relu, dropout 0.2, 20,' out || fail "the network is not told"
grep -q 'l1 1e-05, l2 0.0001, weight decay 0.001' out || fail "what makes weights smaller is not told"
grep -q 'with dropout)' out || fail "it is not told that training's figures are with dropout"
grep -q '^penalty   [0-9.e-]*, of the weights; in no cost above' out || fail "the penalty is not told apart"
accuracy=$(sed -n 's/^test .*accuracy \([0-9]*\).*/\1/p' out)
[ "$accuracy" -ge 60 ] || fail "$accuracy % of the test rows is no better than chance"
for threads in 2 3; do
    run 0 train digits:600/100 --epochs 6 "${regularised[@]}" -o other.nudge --threads $threads
    cmp one.nudge other.nudge || fail "$threads threads give other bits"
done

run 0 eval one.nudge digits:600/100 --json
run 0 predict one.nudge digits:600/100
run 0 inspect one.nudge
grep -q "with batch-norm's" out || fail "inspect does not tell of batch-norm's parameters"
run 0 check one.nudge digits:600/100
grep -q '^mode      as in prediction: nothing is dropped, batch-norm' out || fail "check does not say how ops are taken"
grep -q '^ *batch_norm.scale(1)' out && grep -q '^ *batch_norm.shift(2)' out || fail "check leaves batch-norm's parameters out"
run 0 check one.nudge digits:600/100 --json
grep -q '"kind":"batch_norm.scale"' out || fail "check --json leaves batch-norm's parameters out"
run 0 explain one.nudge digits:600/100
grep -q '^mode      as in prediction' out || fail "explain does not say how ops are taken"
run 0 explain one.nudge digits:600/100 --json
grep -q '"mode":"prediction"' out || fail "explain --json does not say how ops are taken"
run 0 explain one.nudge digits:600/100 --all

# A step's movement is, but for rounding, what the formulas say, with what was dropped in it.
run 0 explain one.journal digits:600/100 --at 7 --weight 2,3,5
grep -q 'with what this step dropped' out || fail "the step is not told as in training"
grep -q "times the penalty's gradient" out && grep -q 'the weight decay' out || fail "the penalty's part is not told"
moved=$(sed -n 's/^  it moved by *\([-+0-9.e]*\)/\1/p' out) rest=$(sed -n 's/^  the rest: rounding *\([-+0-9.e]*\)/\1/p' out)
awk -v moved="$moved" -v rest="$rest" 'BEGIN { exit !(moved != 0 && rest * rest < 1e-8 * moved * moved) }' ||
    fail "of the step's $moved the rest is $rest"
run 0 eval one.journal digits:600/100
run 0 plot curves one.journal -o curves.svg
run 0 surface digits:600/100 --journal one.journal --side 9 -o surface.svg
grep -q '^costs     as in prediction' out || fail "surface does not say how ops are taken"

# A snapshot has its own running means: the last one answers as the model does.
run 0 eval one.nudge digits:600/100 && cp out model.txt
run 0 inspect one.journal --json && steps=$(sed -n 's/.*"steps":\([0-9]*\).*/\1/p' out)
run 0 eval "one.journal@$steps" digits:600/100
[ "$(grep accuracy out)" = "$(grep accuracy model.txt)" ] || fail "the last snapshot answers otherwise than the model"

printf 'a,b,y\n' >table.csv
for i in $(seq 1 60); do echo "$((i % 7)),$((i % 5)),$((i % 2))" >>table.csv; done
run 0 train table.csv --target y --dropout 0.1 --batch-norm --epochs 3 -o table.nudge
run 0 cv table.csv --target y --folds 3 --epochs 2 --l2 0.01

refuses '--dropout: found "1"' train digits:600/100 --dropout 1
refuses '--dropout is of hidden layers' train digits:600/100 --hidden none --dropout 0.5
refuses '--net and --batch-norm contradict' train digits:600/100 --net '10 softmax' --batch-norm
refuses '--l2: found "-1"' train digits:600/100 --l2 -1
refuses 'batch-norm takes its statistics' train digits:600/100 --batch-norm --batch 1
refuses 'a share from 0 to below 1' train digits:600/100 --net '20 relu, dropout 1, 10 softmax'
refuses 'the last layer to end in its activation' train digits:600/100 --net '10 softmax, dropout 0.5'
refuses 'no second activation' train digits:600/100 --net '20 relu, tanh, 10 softmax'
refuses 'inputs are scaled, not normalised' train digits:600/100 --net 'batch-norm, 10 softmax'
finish
