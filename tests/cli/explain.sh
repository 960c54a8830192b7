#!/usr/bin/env bash
# nudge explain: what it says about an example of images, of a table and of numbers; for people and as JSON.
. "${BASH_SOURCE%/*}/lib.bash"
run 0 train digits:400/100 --engine portable --hidden 12,9 --activation sigmoid --epochs 3 -q -o digits.nudge
run 0 train xor --engine portable --net "3 tanh, 1 sigmoid" --epochs 30 --lr 0.5 -q -o one.nudge
run 0 train chain --engine portable --net "2 sigmoid, 1" --epochs 30 -q -o chain.nudge

# Differences between two ways to the same number are rounding: how much, the machine decides.
without_rounding() { sed -E 's/off by [0-9.e+-]+$/off by NUMBER/; s/may be up to .* here/may be up to NUMBER here/; /^  -?1e-0[4-8] /d' out; }

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
prints "of layer 0 (a ="
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

awk -v mean="$(field mean_gradient out)" -v by=0.01 'BEGIN { RS = "{" } /"by"/ && /"measured"/ { n++; split($0, f, /[:,}]/); by = f[2]; p = f[4]; m = f[6] }
    END { d = m - p; exit !(n > 12 && d < 1e-4 && d > -1e-4 && m != 0) }' out || fail "the nudges over all rows"

# One sign: what is wished is the gradient turned round, in the layers and in the ledger.
wish=$(sed -n 's/.*"wish":\[\([^],]*\).*/\1/p' out) gradient=$(sed -n 's/.*"dC_da":\[\([^],]*\).*/\1/p' out)
[ "$wish" = "${gradient#-}" ] || [ "-$wish" = "$gradient" ] || fail "a wish $wish of the gradient $gradient"

# What speaks for the answer adds up to what goes when all of it is erased, to first order: here the network is linear. (For class 0 argues
# what lowers the only output.)
run 0 train xor --engine portable --net "1" --cost quadratic --epochs 3 -q -o line.nudge
run 0 explain line.nudge xor --index 3 --json
before=$(sed -n 's/.*"layer":1,.*"z":\[\([^],]*\).*/\1/p' out)
parts=$(sed -n 's/.*"parts":\[\([^]]*\).*/\1/p' out | tr , '\n' | awk '{ s += $1 } END { print s }')
run 0 explain line.nudge xor --index 3 --erase 0,1 --json
after=$(sed -n 's/.*"outputs":\[\([^],]*\).*/\1/p' out)
awk -v b="$before" -v p="$parts" -v a="$after" 'BEGIN { d = b - a; if (d * p < 0) d = -d; exit !(p != 0 && d - p < 1e-5 && d - p > -1e-5) }' ||
    fail "parts $parts of $before, without them $after"

# What would change the answer is measured: erasing the inputs that are named does it.
asked=0
for index in $(seq 0 30); do
    run 0 explain digits.nudge digits:400/100 --index "$index" --json
    erase=$(sed -n 's/.*"would_change":{"erase":\[\([^]]*\).*/\1/p' out)
    [ -n "$erase" ] || continue
    answer=$(sed -n 's/.*"would_change":{[^}]*"answer":\([0-9]*\).*/\1/p' out)
    run 0 explain digits.nudge digits:400/100 --index "$index" --erase "$erase" --json
    [ "$(sed -n 's/.*"what_if":{.*"answer":\([0-9]*\).*/\1/p' out)" = "$answer" ] || fail "row $index without $erase is not $answer"
    asked=$((asked + 1))
done
[ "$asked" -ge 3 ] || fail "only $asked rows have a small change that changes the answer"

# --set: the measured change of a small one is what the gradient predicts; a parameter, an input, both.
run 0 explain digits.nudge digits:400/100 --index 3 --json
w=$(sed -n 's/.*"weights":\[\([^],]*\).*/\1/p' out) neuron=$(sed -n 's/.*"neuron":{"layer":3,"neuron":\([0-9]*\).*/\1/p' out)
run 0 explain digits.nudge digits:400/100 --index 3 --set "w(3)[$neuron][0]=$(awk -v w="$w" 'BEGIN { printf "%.9f", w + 0.001 }')" --json
awk -v m="$(field measured out)" -v p="$(field predicted out)" 'BEGIN { d = m - p; exit !(m != 0 && d < 1e-6 && d > -1e-6) }' || fail "--set w: $(tail -c 300 out)"
run 0 explain digits.nudge digits:400/100 --index 3 --set 400=0 --erase 458-460 --set "b(1)[2]=0.25"
prints "400 (row 14, column 8)"
prints "b(1)[2]"
prints "predicted by the gradient"
grep -Eq '^  answer +8 +' out || fail "no answer: $(cat out)"
run 0 explain digits.nudge digits:400/100 --index 3 --set 400=1
prints "nothing: all of it is so already"
for word in 784=0 x=1 400=bright 400=2 400 'w(1)[0]=1' 'w(9)[0][0]=1' 'w(1)[0][0]=x' 'w(1)[0][0=1' 'b(1)[12]=1' '=3' ''; do
    refuses "--set" explain digits.nudge digits:400/100 "--set=$word"
done
for word in 784 3-1 3- -3 a 1,,2 1,800 ''; do
    refuses "--erase" explain digits.nudge digits:400/100 "--erase=$word"
done
refuses "expected 0 to 783" explain digits.nudge digits:400/100 --set 784=0
refuses "from 0 (dark) to 1 (bright)" explain digits.nudge digits:400/100 --set 3=200
refuses "expected one of them" explain digits.nudge digits:400/100 --set 3=1 --all
refuses "--part train has row 399" explain digits.nudge digits:400/100 --index 399

# A table: columns by name, categories by theirs; a missing number elsewhere is no hindrance.
cat >pets.csv <<END
weight,kind,age,good
$(for i in $(seq 1 60); do echo "$((i % 7 + 3)),$([ $((i % 3)) = 0 ] && echo cat || echo "big dog"),$([ $((i % 9)) = 0 ] || echo $((i % 11))),$([ $((i % 3)) = 0 ] && echo no || echo yes)"; done)
END
run 0 train pets.csv --target good --engine portable --epochs 60 -q -o pets.nudge
run 0 explain pets.nudge pets.csv --part train --index 3 --set "kind=cat" --set age=4 --erase weight
prints "kind = cat"
prints "now wrong"
run 0 explain pets.nudge pets.csv --part train --index 6
grep -q 'With kind = [a-z ]* instead of [a-z ]* it answers' out || fail "no column changes the answer: $(head -n 8 out)"
for index in $(seq 0 47); do run 0 explain pets.nudge pets.csv --part train --index "$index" --set weight=4; done
says "values are missing"
run 2 explain pets.nudge pets.csv --set kind=horse
says "found \"horse\", expected one of: big dog, cat"
run 2 explain pets.nudge pets.csv --set wieght=3
says "did you mean \"weight\"?"
run 0 explain pets.nudge pets.csv --part train --index 3 --set kind=cat --json
[ "$(sed -n 's/.*"what_if":{.*"answer_before":\([0-9]*\),"answer":\([0-9]*\).*/\1 \2/p' out)" = "1 0" ] || fail "what_if: $(tail -c 300 out)"

# Where no column does it alone, two do: the majority of three. Setting what is named does what is said, and so for single columns.
awk 'BEGIN { print "a,b,c,most"; for (i = 0; i < 200; i++) { x = i % 2; y = int(i / 2) % 2; z = int(i / 4) % 2
    printf "%s,%s,%s,%s\n", x ? "on" : "off", y ? "on" : "off", z ? "on" : "off", (x + y + z > 1 ? "high" : "low") } }' >three.csv
run 0 train three.csv --target most --engine portable --epochs 60 -q -o three.nudge
alone=0 together=0
for index in $(seq 0 15); do
    run 0 explain three.nudge three.csv --part train --index "$index" --json
    changes=$(sed -n 's/.*"would_change":{"erase":\[\],"set":\[\([^]]*\).*/\1/p' out)
    wanted=$(sed -n 's/.*"would_change":{[^}]*}[^}]*"answer":\([0-9]*\).*/\1/p; s/.*"would_change":{[^]]*\],"set":[^]]*\],"answer":\([0-9]*\).*/\1/p' out | head -n 1)
    words=$(grep -o '"input":[0-9]*,"to":[-0-9.e]*' <<<"$changes" | sed 's/"input":\([0-9]*\),"to":\(.*\)/--set \1=\2/')
    run 0 explain three.nudge three.csv --part train --index "$index" $words --json
    [ "$(sed -n 's/.*"what_if":{.*"answer":\([0-9]*\).*/\1/p' out)" = "$wanted" ] || fail "row $index with $words does not answer $wanted"
    [ "$(wc -w <<<"$words")" -eq 2 ] && alone=$((alone + 1))
    [ "$(wc -w <<<"$words")" -eq 4 ] && together=$((together + 1)) && pair=$index
done
[ "$alone" -ge 6 ] && [ "$together" -ge 2 ] || fail "of 16 rows $alone are changed by one column, $together by two"
run 0 explain three.nudge three.csv --part train --index "$pair"
tr '\n' ' ' <out | grep -q 'With [abc] = o[nf]* instead of o[nf]* and [abc] = o[nf]* instead of o[nf]* it answers' || fail "two columns: $(head -n 4 out)"

# Outputs that are no shares of 1 are told as they are; a table whose columns are called by numbers is erased by its names.
run 0 train digits:400/100 --engine portable --hidden 9 --activation sigmoid --output sigmoid --cost quadratic --lr 1 --epochs 5 -q -o ten.nudge
run 0 explain ten.nudge digits:400/100
grep -q 'output [0-9] is 0\.[0-9]*[;,]' out && ! grep -q sure out || fail "outputs that are no shares of 1: $(head -n 3 out)"
run 0 data show digits:400/100 --model ten.nudge
grep -q ', output 0\.[0-9]*$' out && ! grep -q '[0-9] %' out || fail "data show of outputs that are no shares: $(head -n 3 out)"
awk 'BEGIN { srand(3); for (c = 1; c <= 300; c++) printf "%d,", c; print "y"
    for (r = 0; r < 120; r++) { for (c = 1; c <= 300; c++) { x = rand() - 0.5; if (c == 7) s = x; printf "%.3f,", x } print (s > 0 ? "yes" : "no") } }' >wide.csv
run 0 train wide.csv --header --target y --engine portable --epochs 40 -q -o wide.nudge
for index in $(seq 0 19); do
    run 0 explain wide.nudge wide.csv --header --index "$index"
    erase=$(tr '\n' ' ' <out | sed -n 's/.*; --erase \([0-9,]*\)).*/\1/p')
    [ -n "$erase" ] || continue
    answers=$(tr '\n' ' ' <out | sed -n 's/.*Without .* the network answers \([a-z]*\) .*/\1/p')
    run 0 explain wide.nudge wide.csv --header --index "$index" --erase "$erase"
    grep -Eq "^  answer +[a-z]+ +$answers" out || fail "row $index without $erase is not $answers: $(grep answer out)"
    asked=wide
done
[ "$asked" = wide ] || fail "no row of a wide table has a small change that changes its answer"

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
# Parameters as they are printed.
run 0 explain one.nudge xor --weight 'w(1)[1][0]'
mv out named
run 0 explain one.nudge xor --weight 1,1,0
same named out
run 0 explain one.nudge xor --bias 'b(2)[0]'
for word in 'w(1)[1]' 'w(1)[1][0]]' 'w(1)[1][0][0]' 'w1,1,0' 'b(1)[0]' 'w()[1][0]' 'w(01)[1][0]'; do
    refuses "--weight: found \"$word\", expected LAYER,NEURON,INPUT" explain one.nudge xor --weight "$word"
done
finish
