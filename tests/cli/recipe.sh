#!/usr/bin/env bash
# Recipes: which option wins, how lines are read, where mistakes are said to be.
. "${BASH_SOURCE%/*}/lib.bash"

# learns ARGUMENT...: the learning rate and the network that the arguments come to.
learns() {
    run 0 train xor --json -q "$@"
    echo "$(field learning_rate out) $(field network out)"
}
is() { [ "$2" = "$3" ] || fail "$1: $2, expected $3"; }

printf -- '# a comment\n\n   --lr 0.25   # another\n--hidden\t5\r\n--epochs=2\n  --no-shuffle\n' >recipe
is "a recipe" "$(learns @recipe)" "0.25 5 relu, 2 softmax"
is "an option after it" "$(learns @recipe --lr 0.5)" "0.5 5 relu, 2 softmax"
is "an option before it" "$(learns --lr 0.5 @recipe)" "0.25 5 relu, 2 softmax"
printf -- '--lr 0.75\n--lr 0.125' >second
is "a second recipe" "$(learns @recipe @second)" "0.125 5 relu, 2 softmax"
is "the other way round" "$(learns @second @recipe)" "0.25 5 relu, 2 softmax"

printf -- '--net "3 tanh, 2 softmax"\n--epochs 1\n-q\n' >quoted
is "a quoted network" "$(learns @quoted)" "0.1 3 tanh, 2 softmax"
printf -- '--net 3 tanh, 2 softmax\n--epochs 1\n' >plain
is "a network to the end of the line" "$(learns @plain)" "0.1 3 tanh, 2 softmax"

printf -- '-o saved.nudge\n--epochs 1\n' >saving
run 0 train xor @saving
[ -f saved.nudge ] || fail "-o in a recipe saves nothing"

# A word that begins with @ can still be an option's value, or what follows --.
run 0 train xor --epochs 1 -q -o @file
[ -f @file ] || fail "-o @file saves nothing"
refuses '"@file"' train -- @file

printf '\xef\xbb\xbf--epochs 1\n' >marked # as some editors begin a text in UTF-8
run 0 train xor @marked -q --json
[ "$(grep -c '"epoch",' out)" -eq 1 ] || fail "a recipe with a byte order mark: $(cat out)"

printf -- '--epochs 1\n--lr fast\n' >bad
refuses 'bad:2: --lr: found "fast"' train xor @bad
printf -- 'lr 1\n' >bad
refuses 'bad:1: found "lr 1", expected an option' train xor @bad
printf -- '\n\n--frobnicate 3\n' >bad
refuses 'bad:3: unknown option --frobnicate' train xor @bad
printf -- '--epochs 1\n--lr' >bad
refuses 'bad:2: --lr needs a value' train xor @bad
printf -- '@recipe\n' >bad
refuses 'bad:1: @recipe: a recipe cannot name another recipe' train xor @bad
printf -- '--epochs 1\n--cost nothing\n' >bad
refuses 'bad:2: cost "nothing"' train xor @bad
refuses 'nowhere: cannot be opened' train xor @nowhere
refuses '.: cannot be read' train xor @.
printf -- '--epochs 1\0--lr 1\n' >bad
refuses 'bad: has a byte 0' train xor @bad
head -c 70000 /dev/zero | tr '\0' '#' >bad
refuses 'bad: longer than 65536 bytes' train xor @bad

finish
