#!/usr/bin/env bash
# Bad usage: every wrong option or value gets one sentence and exit status 2. All sentences are kept in tests/golden/usage.txt.
. "${BASH_SOURCE%/*}/lib.bash"
: >sentences
make_model model.nudge 2 "2 softmax" 0.5

# wrong ARGUMENT...
wrong() {
    run 2 "$@"
    one_sentence
    { printf '$ nudge'; printf ' %q' "$@"; echo; cat err; } >>sentences
}

# words
wrong train
wrong eval model.nudge
wrong train xor extra
wrong predict
wrong check new.nudge
wrong data make digits

# options
wrong train xor --epoch
wrong train xor --learning-rat
wrong train xor --epohcs 3
wrong train xor --lr
wrong train xor -o
wrong train xor -z
wrong train -zq xor
wrong train xor -zq
wrong train xor --de 0.5
wrong train xor --quiet=yes
wrong train xor --frobnicate

# numbers
for value in 0 -1 abc 1x nan inf 1e400 0x10 ' 1' ''; do wrong train xor --lr "$value"; done
for value in 0 -3 1.5 1e3 99999999999 x ''; do wrong train xor --epochs "$value"; done
wrong train xor --batch-size -1
wrong train xor --batch-size half
wrong train xor --momentum 1
wrong train xor --momentum -0.1
wrong train xor --seed -1
wrong train xor --seed 9223372036854775808
wrong train xor --threads 0
wrong train xor --val-split 0
wrong train xor --val-split 1
wrong train xor --init-range 0
wrong train xor --schedule step --decay 1.5
wrong train xor --optimizer adam --beta1 1
wrong train xor --optimizer adam --beta2 -0.1
wrong train xor --optimizer adam --epsilon 0
wrong train xor --schedule one-cycle --warmup 1

# names
wrong train xor --activation glue
wrong train xor --cost crossentropy
wrong train xor --init normal
wrong train xor --optimizer adamw
wrong train xor --schedule linear
wrong train xor --engine cuda
wrong train xor --precision f8
wrong train xor --cpu-level v9
wrong eval model.nudge xor --part all

# networks
wrong train xor --hidden 3,
wrong train xor --hidden 3,,3
wrong train xor --hidden three
wrong train xor --hidden 0
wrong train xor --net "3 relu, 2 sofmax"
wrong train xor --net "3 relu 2 softmax"
wrong train xor --net ""
wrong train xor --net "3 relu, 10 softmax"

# what does not go together
wrong train xor --net "2 softmax" --hidden 3
wrong train xor --net "2 softmax" --activation relu
wrong train xor --output sigmoid --net "2 softmax"
wrong train xor --cost cross-entropy --output sigmoid
wrong train xor --init uniform
wrong train xor --init-range 1
wrong train xor --decay 0.5
wrong train xor --decay-epochs 5
wrong train xor --schedule step --decay 0
wrong train xor --schedule cosine --warmup 0.1
wrong train xor --optimizer adam --momentum 0.9
wrong train xor --beta1 0.8
wrong train xor --optimizer nesterov --epsilon 1e-8
wrong train xor --huber-delta 2
wrong train xor --patience 3
wrong predict model.nudge xor --index 1 --first 2
wrong explain model.nudge xor --weight 1,0,0 --bias 1,0
wrong check xor --all --parameters 4
wrong help train junk
wrong help --man junk
wrong help --json
wrong version junk
wrong --version junk
wrong --help frobnicate
wrong plot network model.nudge --index 3 -o a.svg
wrong predict model.nudge - --data-seed 7
wrong predict model.nudge - --part train

# what would have no effect
wrong train xor --memory 1K
wrong train xor --hidden none --activation relu
wrong train xor -q -v
wrong train ./nosuch --data-seed 5
wrong data info ./nosuch --seed 5
wrong data show xor --memory 1M
wrong eval model.nudge xor --seed 2
wrong predict model.nudge xor --seed 2
wrong plot network model.nudge --part train -o x.svg
wrong plot weights model.nudge --theme dark
wrong plot curves run.jsonl --text --theme dark
wrong explain model.nudge xor --theme dark
wrong explain model.nudge xor --by 0.1
wrong explain model.nudge xor --weight 1,0,0 --layer 1
wrong surface xor --theme dark
wrong surface xor --optimizer adam
wrong surface xor --momentum 0.5
wrong surface xor --test-at-end

# data sets and outputs
wrong train nosuch
wrong train ./nosuch
wrong train xor:5
wrong train digits:0
wrong train digits:ten
wrong train -
wrong train xor -o .
wrong train xor -o ""
wrong train xor -o new/
wrong train xor -o nowhere/model.nudge
wrong data show xor --index 4
wrong data show xor --part val
: >file
wrong data make xor -o file

golden usage.txt sentences
finish
