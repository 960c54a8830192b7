#!/usr/bin/env bash
# What is wrong with a training is said, with what to try; and a training that goes well is left in peace.
. "${BASH_SOURCE%/*}/lib.bash"

# finds NAME WORDS..: the training (or check) has that finding, first or not.
finds() {
    local name=$1
    shift
    run 0 "$@" --json
    grep -q "\"findings\":\[.*\"name\":\"$name\"" out || fail "$*: no finding $name: $(tail -n 1 out)"
}

well() {
    run 0 "$@" --json
    grep -q '"findings":\[\]' out || fail "$*: has findings: $(tail -n 1 out)"
}

awk 'BEGIN { print "rooms,area,age,price"; srand(3); for (i = 0; i < 300; i++) { r = int(rand() * 6) + 1; a = 20 * r + 40 * rand(); g = 80 * rand(); print r "," a "," g "," 30000 * r + 1500 * a - 500 * g + 5000 * rand() } }' > prices.csv

well train moons --epochs 30
well train circles:400/100 --epochs 60
well train prices.csv --epochs 60

# Each with what to try.
finds weights-alike train spiral --init zeros --epochs 20
finds no-better train spiral --init zeros --epochs 20
run 0 train spiral --init zeros --epochs 20
prints "finding   all weights of layer 1 are the same number"
prints "leave --init"
finds vanishing-gradients train spiral --hidden 30,30,30,30,30 --activation sigmoid --epochs 10
finds unreachable-targets train prices.csv --output sigmoid --target-scale none --epochs 5
finds unscaled train prices.csv --output sigmoid --target-scale none --epochs 5
finds dead-relu train moons --lr 30 --epochs 5 --activation relu
finds saturated train moons --hidden 16,16 --activation tanh --init uniform --init-range 50 --epochs 1 --lr 1e-6

# Diverged: why, on standard error, and nothing saved.
run 1 train prices.csv --target-scale none --lr 0.1 -o kept.nudge
says "nudge: training diverged at epoch 1"
says "training diverged: targets reach"
says "target-scale standard"
[ ! -e kept.nudge ] || fail "a diverged network was saved"
run 1 train prices.csv --lr 10
says "goes further"
says "--lr 1"

# Neurons that end where they no longer learn are told after the first epoch, once; healthy trainings hear nothing.
deep=(digits --engine portable --hidden 16,16 --activation sigmoid --output sigmoid --cost quadratic --epochs 3 -q)
for rate in 10 30; do
    run 0 train "${deep[@]}" --lr $rate
    grep -c "the learning rate $rate is probably too large; Ctrl-C, then --lr $((rate / 10))" err >count
    [ "$(cat count)" = 1 ] || fail "learning rate $rate: $(cat err)"
done
for rate in 0.1 1; do
    run 0 train "${deep[@]}" --lr $rate
    [ ! -s err ] || fail "learning rate $rate: $(cat err)"
done
for words in "digits:4000/100 --epochs 4" "moons --epochs 16 --hidden 16 --activation tanh" "chain --epochs 16" "spiral --epochs 16 --hidden 16,16 --activation sigmoid"; do
    run 0 train $words --engine portable -q
    [ ! -s err ] || fail "$words: $(cat err)"
done
run 0 train digits:4000/100 --engine portable --epochs 4 --lr 1 -q
says "of the relu neurons of layer 1 answer 0 to every row, and can no longer learn: the learning rate 1 is probably too large"

# The first steps tell that the learning rate is too large, before the epoch is over.
run 0 train prices.csv --optimizer adam --lr 100 --epochs 1
says "nudge: the cost rises, from"
says "the learning rate 100 is probably too large"

# One class; classes without rows.
printf 'x,y\n1,a\n2,a\n3,a\n' > one.csv
run 2 train one.csv

# All rows are learnt by heart.
awk 'BEGIN { srand(5); print "a,b,c,d,e,f,y"; for (i = 0; i < 200; i++) print rand() "," rand() "," rand() "," rand() "," rand() "," rand() "," (rand() < 0.5 ? "no" : "yes") }' > noise.csv
finds worse-on-test train noise.csv --hidden 64,64 --optimizer sgd --lr 0.1 --momentum 0 --epochs 150 --patience 0

# check MODEL DATA has them, too.
run 0 train spiral --init zeros --epochs 5 -o zeros.nudge
finds weights-alike check zeros.nudge spiral
run 0 check zeros.nudge spiral
prints "finding   all weights of layer 1"

finish
