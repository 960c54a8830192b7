#!/usr/bin/env bash
# nudge explain: what it says about an example of images, of a table and of numbers; for people and as JSON.
. "${BASH_SOURCE%/*}/lib.bash"
run 0 train digits:400/100 --engine portable --hidden 12,9 --activation sigmoid --epochs 3 -q -o digits.nudge
run 0 train xor --engine portable --net "3 tanh, 1 sigmoid" --epochs 30 --lr 0.5 -q -o one.nudge
run 0 train chain --engine portable --net "2 sigmoid, 1" --epochs 30 -q -o chain.nudge

# Differences between two ways to the same number are rounding: how much, the machine decides.
without_rounding() { sed -E 's/difference +[0-9.e+-]+$/difference NUMBER/; s/may be up to .* here/may be up to NUMBER here/; /^  -?1e-0[4-8] /d' out; }

run 0 explain digits.nudge digits:400/100 --engine portable --index 3 --top 3 -v
without_rounding >text
golden explain.txt text
run 0 explain one.nudge xor --engine portable --index 1 --layer 1 --neuron 2
without_rounding >text
golden explain-table.txt text
run 0 explain chain.nudge chain --engine portable --weight 1,1,0 --by -0.05 --all --top 2
without_rounding >text
golden explain-weight.txt text

# In a locale that reads UTF-8 formulas have their own letters, and the columns stay where they are.
LC_ALL=C.UTF-8 "$NUDGE" explain chain.nudge chain --bias 2,0 >out
prints "∂C_0/∂b"
grep -qF "ΔC_0    measured ΔC_0   difference  diff. / by²" out || fail "columns of a table with ∂: $(grep by² out)"

# The digit's wishes for the input; a neuron of the input layer has a ledger, but no z.
run 0 explain digits.nudge digits:400/100 --layer 0
prints "should be brighter"
prints "of layer 0, a ="
! grep -q "by this ledger" out || fail "a pixel has no delta"

# JSON: the ledger adds up, and the mean of the examples' gradients is the mean gradient.
run 0 explain digits.nudge digits:400/100 --layer 1 --neuron 5 --bias 1,5 --all --json --part train --index 399
[ "$(field cost_name out)" = cross-entropy ] && [ "$(field part out)" = training ] || fail "explain --json: $(head -c 300 out)"
sed -n 's/.*"paths":\[\([^]]*\)\].*/\1/p' out | grep -o '"share":[^}]*' | cut -d: -f2 >shares
[ "$(wc -l <shares)" -eq 9 ] || fail "$(wc -l <shares) paths, expected 9"
awk -v sum="$(field sum out)" '{ s += $1 } END { d = s - sum; exit !(d < 1e-12 && d > -1e-12) }' shares || fail "the shares do not add up"
sed -n 's/.*"gradients":\[\([^]]*\)\].*/\1/p' out | tr , '\n' >each
[ "$(wc -l <each)" -eq 400 ] || fail "$(wc -l <each) gradients, expected 400"
awk -v mean="$(field mean_gradient out)" '{ s += $1 } END { d = s / NR - mean; exit !(d < 1e-12 && d > -1e-12) }' each || fail "the mean is not the gradients'"

# The model is only looked at.
cp digits.nudge before.nudge
run 0 explain digits.nudge digits:400/100 --weight 2,1,3 --all
same digits.nudge before.nudge

refuses "expected 0 to 99" explain digits.nudge digits:400/100 --index 100
refuses "expected 0 (the input) to 3" explain digits.nudge digits:400/100 --layer 4
refuses "expected 0 to 8: the neurons of layer 2" explain digits.nudge digits:400/100 --layer 2 --neuron 9
refuses "expected 0 to 9: the neurons of layer 3" explain digits.nudge digits:400/100 --neuron 10
refuses "expected LAYER,NEURON,INPUT" explain digits.nudge digits:400/100 --weight 1,2
refuses "expected LAYER,NEURON, as" explain digits.nudge digits:400/100 --bias 1,2,3
refuses "expected LAYER,NEURON,INPUT" explain digits.nudge digits:400/100 --weight 1,,3
refuses "--weight 1,12,0: neuron 12 of layer 1, expected 0 to 11" explain digits.nudge digits:400/100 --weight 1,12,0
refuses "input 784 of neuron 0 of layer 1" explain digits.nudge digits:400/100 --weight 1,0,784
refuses "layer 0, expected 1 to 3" explain digits.nudge digits:400/100 --bias 0,0
refuses "expected a number that is not 0" explain digits.nudge digits:400/100 --bias 1,0 --by 0
refuses "has 2 features, but the model takes 784" explain digits.nudge xor
refuses "needs a softmax output" explain one.nudge xor --cost cross-entropy
refuses "DATA is missing" explain digits.nudge
finish
