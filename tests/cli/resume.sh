#!/usr/bin/env bash
# Checkpoints: a training that is killed goes on to the same file, byte for byte, with the same command.
. "${BASH_SOURCE%/*}/lib.bash"
small=(digits:600/100 --engine portable --hidden 16 --optimizer adam --dropout 0.1 --epochs 20 --seed 3)

run 0 train "${small[@]}" -o whole.nudge -q
# Checkpoints change nothing; at the end there is one of the end.
run 0 train "${small[@]}" -o saved.nudge --checkpoint-every 100 -q
same whole.nudge saved.nudge
run 0 train --resume saved.nudge
same whole.nudge saved.nudge

# Killed as soon as the first, the second checkpoint is there: DATA and options are those of the first command.
for generation in 1 2; do
    rm -f killed.nudge*
    "$NUDGE" train "${small[@]}" -o killed.nudge --checkpoint-every 20 >out 2>err &
    pid=$!
    until [ -e killed.nudge.checkpoint-$generation ] || ! kill -0 "$pid" 2>/dev/null; do :; done
    kill -9 "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    run 0 train --resume killed.nudge
    prints "goes on   from the checkpoint of killed.nudge: epoch"
    same whole.nudge killed.nudge
done

# A signal: the checkpoint is of the step that was finished; what is said is how to go on.
rm -f killed.nudge* out
"$NUDGE" train "${small[@]}" --epochs 3000 -o killed.nudge --checkpoint-every 1h >out 2>err &
pid=$!
while ! grep -qs "^epoch " out && kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
kill -TERM "$pid"
wait "$pid" 2>/dev/null
prints "goes on   with nudge train --resume killed.nudge"
[ -e killed.nudge.checkpoint-1 ] || fail "no checkpoint after the signal"

# More epochs; as many as one training of them has.
run 0 train "${small[@]}" --epochs 3 -o grown.nudge --checkpoint-every 1h -q
run 0 train --resume grown.nudge --epochs 20
same whole.nudge grown.nudge
# The data may be said, too, and are compared; so is everything else.
run 0 train digits:600/100 --resume grown.nudge -q
refuses "the checkpoint is of a training on other data: its train part had 600 rows" \
    train digits:599/100 --resume grown.nudge -q
refuses 'optimizer was "adam", and is "sgd" now' train --resume grown.nudge -q --optimizer sgd --lr 0.001
refuses 'the network was "16 relu, dropout 0.1' train --resume grown.nudge -q --hidden 15
refuses "19 epochs, but the checkpoint is in epoch 20 already" train --resume grown.nudge -q --epochs 19
refuses "none: has no checkpoint" train --resume none
refuses "DATA is missing" train -o x.nudge
refuses "--checkpoint-every needs -o FILE" train "${small[@]}" --checkpoint-every 10
for word in 0 s -1 1.5 10x nans 1e30s ""; do
    refuses "--checkpoint-every: found \"$word\"" train "${small[@]}" -o x.nudge --checkpoint-every "$word"
done

# A damaged one is named, and the one before can be taken.
run 0 train "${small[@]}" -o saved.nudge --checkpoint-every 1000 -q
printf 'x' | dd of=saved.nudge.checkpoint-2 bs=1 seek=3000 conv=notrunc 2>/dev/null
refuses "saved.nudge.checkpoint-2: is damaged" train --resume saved.nudge -q
refuses "is whole: --allow-previous goes on from it" train --resume saved.nudge -q
run 0 train --resume saved.nudge --allow-previous
same whole.nudge saved.nudge
run 0 inspect saved.nudge
refuses "is a checkpoint of nudge, expected a model" inspect saved.nudge.checkpoint-1

# Events.
run 0 train "${small[@]}" --epochs 1 -o saved.nudge --checkpoint-every 40 --json
grep -q '^{"event":"checkpoint","epoch":1,"step":40}$' out || fail "no event of a checkpoint: $(cat out)"
finish
