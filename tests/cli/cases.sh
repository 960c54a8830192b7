#!/usr/bin/env bash
# First tables that people try, with no option: numbers beyond those that were seen, squares, prices, two targets of different
# size, the parity of bits. The defaults learn them; many rows are stopped in time, and it is said.
. "${BASH_SOURCE%/*}/lib.bash"

# at_least FIGURE FIELD WHAT: the field of the file out.
at_least() {
    local value
    value=$(field "$2" out)
    awk "BEGIN { exit !(\"$value\" != \"\" && $value >= $1) }" </dev/null || fail "$3: $2 is $value, expected at least $1"
}

# learns FIGURE FIELD PART DATA [OPTION...]: so much of the part's field with seeds 1 to 5.
learns() {
    local figure=$1 name=$2 part=$3 data=$4 seed
    shift 4
    for seed in 1 2 3 4 5; do
        run 0 train "$data" --seed "$seed" "$@" -q -o learnt.nudge
        run 0 eval learnt.nudge "$data" --part "$part" --json
        at_least "$figure" "$name" "$data, seed $seed, $part rows"
    done
}

# The next number: the test rows lie far beyond all that training saw.
mkdir count-on
awk 'BEGIN { print "x,y"; for (x = 1; x < 500; x++) print x "," x + 1 }' >count-on/train.csv
awk 'BEGIN { print "x,y"; for (x = 501; x < 750; x++) print x "," x + 1 }' >count-on/test.csv
learns 0.99 r2 test ./count-on

# Squares of ten digits, and of the same digits many times over.
awk 'BEGIN { print "x,y"; for (x = 0; x < 10; x++) print x "," x * x ".0" }' >squares.csv
learns 0.99 r2 train ./squares.csv
awk 'BEGIN { print "x,y"; for (i = 0; i < 2000; i++) print i % 10 "," (i % 10) ^ 2 ".0" }' >more-squares.csv
learns 0.99 r2 train ./more-squares.csv --regression --test-split 0

# A generator of its own, so that every awk makes the same tables: noise() is of mean 0 and deviation 1.
random='
    function uniform() { state = (state * 16807) % 2147483647; return state / 2147483647 }
    function noise(   i, sum) { for (i = 0; i < 12; i++) sum += uniform(); return sum - 6 }
    function features(   i, text) { for (i = 1; i <= 5; i++) { f[i] = noise(); text = text sprintf("%.6f,", f[i]) } return text }
    BEGIN { state = 3 }'

# Numbers near 250,000, of which two columns say nothing.
mkdir prices
for part in train:800 test:200; do
    awk -v rows="${part#*:}" "$random"'BEGIN {
        print "a,b,c,d,e,price"
        if (rows == 200) state = 5
        while (rows-- > 0) { text = features(); printf "%s%.1f\n", text, 250000 + 80000 * f[1] + 30000 * f[2] * f[3] + 10000 * noise() }
    }' >"prices/${part%:*}.csv"
done
learns 0.9 r2 test ./prices --target price

# Targets of 0.4 ± 0.1 and of -22 ± 8.
awk "$random"'function size(x) { return x < 0 ? -x : x }
    BEGIN {
        print "a,b,c,d,e,small,large"
        for (r = 0; r < 1000; r++) {
            text = features()
            printf "%s%.6f,%.6f\n", text, 0.4 + 0.1 * f[1] / (1 + size(f[1])), -22 + 8 * f[3] * f[4]
        }
    }' >two-scales.csv
for seed in 1 2 3 4 5; do
    run 0 train ./two-scales.csv --target small,large --test-split 0 --seed $seed -q -o two.nudge
    run 0 eval two.nudge ./two-scales.csv --json
    cp out both
    for target in small large; do
        sed "s/.*\"name\":\"$target\",\([^}]*\)}.*/{\1}/" both >out
        at_least 0.8 r2 "two-scales, seed $seed, $target"
    done
done

# Whether the number of ones among eight bits is odd, all 256 rows.
mkdir bits
{
    bytes 00 00 08 02
    big_endian 256
    big_endian 8
    printf "$(awk 'BEGIN { for (n = 0; n < 256; n++) for (b = 0; b < 8; b++) printf "\\x%02x", int(n / 2 ^ b) % 2 }')"
} >bits/train-features-idx2-ubyte
{
    bytes 00 00 08 01
    big_endian 256
    printf "$(awk 'BEGIN { for (n = 0; n < 256; n++) { odd = 0; for (b = 0; b < 8; b++) odd += int(n / 2 ^ b); printf "\\x%02x", odd % 2 } }')"
} >bits/train-labels-idx1-ubyte
learns 0.99 accuracy train ./bits

# What is chosen is said. Few rows: so many epochs. Many rows: a tenth of them stops the training, unless somebody says how
# long it is to last.
run 0 train ./squares.csv
prints "training  adam, learning rate 0.001 falling to 0 (cosine)"
prints "batch size 10, 1250 epochs"
run 0 train ./more-squares.csv --regression --test-split 0 -o many.nudge
prints "more-squares.csv: 1,800 training, 200 validation rows"
prints "patience 20, at most 100 epochs"
prints "stops when the validation rows are answered no better"
run 0 inspect many.nudge
grep -q 'val_split  *0.1$' out || fail "the model does not note its validation rows: $(cat out)"
run 0 train ./more-squares.csv --regression --test-split 0 --epochs 2
prints "more-squares.csv: 2,000 training rows"
prints ", 2 epochs"
run 0 train ./more-squares.csv --regression --test-split 0 --val-split 0.2 --metric r2
prints "1,600 training, 400 validation rows"
prints "patience 20"
run 0 train ./more-squares.csv --regression --test-split 0 --val-split 0.2 --patience 3 --epochs 2
prints "patience 3, at most 2 epochs"

# Where the rate, the momentum or the optimizer is given, the others are not adam's.
run 0 train ./squares.csv --lr 0.02 --epochs 1
prints "training  sgd, learning rate 0.02, batch size 10, 1 epoch"
run 0 train ./squares.csv --momentum 0.9 --epochs 1
prints "training  sgd, learning rate 0.001, momentum 0.9"
run 0 train ./squares.csv --optimizer adam --epochs 1
prints "training  adam, learning rate 0.001, beta1"
run 0 train ./squares.csv --schedule constant --epochs 1
prints "training  adam, learning rate 0.001, beta1"
run 0 train ./squares.csv --beta1 0.8 --epochs 1
prints "falling to 0 (cosine), beta1 0.8"
run 0 train ./squares.csv --activation tanh --epochs 1 -o tanh.nudge
run 0 inspect tanh.nudge
prints "init            default"
run 2 train ./squares.csv --optimizer sgd --beta1 0.8
says "--beta1 is for --optimizer adam, not for sgd"
finish
