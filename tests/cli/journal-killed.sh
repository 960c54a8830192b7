#!/usr/bin/env bash
# The journal is written as the training goes on: who looks on can read it, and kill -9 leaves one that ends where it was
# written last. train --resume takes it up, and comes to the same bytes as without a break.
. "${BASH_SOURCE%/*}/lib.bash"
small=(digits:600/100 --engine portable --hidden 8 --optimizer adam --epochs 12 --seed 3 --checkpoint-every 10)
few=(--journal-size 300kB) # thinned out many times

# begin NAME OPTION...: the training in the background, its output in NAME.out and NAME.err.
begin() {
    local name=$1
    shift
    "$NUDGE" train "$@" >"$name.out" 2>"$name.err" </dev/null &
    pid=$!
}
kill_it() {
    kill -9 "$pid" 2>/dev/null
    { wait "$pid"; } 2>/dev/null
}
# until_there FILE: waits for it, or for the training's end.
until_there() { until [ -e "$1" ] || ! kill -0 "$pid" 2>/dev/null; do :; done; }

# -- killed at any moment, and again, and again --

for size in "" few; do
    [ -z "$size" ] || small+=("${few[@]}")
    run 0 train "${small[@]}" --journal whole.journal -o whole.nudge -q
    run 0 train "${small[@]}" --journal /dev/null -o other.nudge -q # does not grow
    same whole.nudge other.nudge
    for round in 1 2; do
        rm -f killed.*
        begin killed "${small[@]}" --journal killed.journal -o killed.nudge -q
        for wait in 3 11 7 5 19 2 13; do
            until_there killed.nudge.checkpoint-1
            sleep "$(printf '0.%03d' $((wait * round)))"
            kill_it
            [ -e killed.journal ] || fail "killed after a checkpoint, and no journal is there"
            run 0 inspect killed.journal --json
            begin killed --resume killed.nudge -q
        done
        { wait "$pid"; } 2>/dev/null || fail "the training did not come to its end: $(cat killed.err)"
        [ ! -s killed.err ] || fail "not silent: $(cat killed.err)"
        same whole.nudge killed.nudge
        same whole.journal killed.journal
        run 0 train --resume killed.nudge -q # nothing is left to do
        same whole.nudge killed.nudge
        same whole.journal killed.journal
        no_parts
    done
done

# Ctrl-C, which also writes the journal's end, and then a longer training.
run 0 train "${small[@]}" --epochs 14 --journal longer.journal -o longer.nudge -q
set -m
rm -f killed.*
(trap - INT; exec "$NUDGE" train "${small[@]}" --epochs 100000 --journal killed.journal -o killed.nudge --json >out 2>err </dev/null) &
pid=$!
for _ in $(seq 400); do grep -qs '"epoch",' out && break; sleep 0.01; done
kill -s INT "$pid"
{ wait "$pid"; } 2>/dev/null
set +m
run 0 inspect killed.journal --json
grep -q '"unfinished":false' out || fail "after Ctrl-C: $(cut -c1-300 out)"
stopped=$(sed -n 's/.*"journal":{"rows":600,"steps":\([0-9]*\),.*/\1/p' out)
[ "${stopped:-9999}" -gt 840 ] || {
    run 0 train --resume killed.nudge --epochs 14
    prints "journal   killed.journal: 840 steps"
    same longer.nudge killed.nudge
    same longer.journal killed.journal
}

# -- what is left can be read --

small=(digits:600/100 --engine portable --hidden 8 --seed 3 --journal-every 20)
rm -f killed.*
begin killed "${small[@]}" --epochs 100000 --journal killed.journal -o killed.nudge --checkpoint-every 50 -q
until_there killed.nudge.checkpoint-2
run 0 inspect killed.journal
says "its training still goes on"
prints "it is not finished"
kill_it
run 0 inspect killed.journal --json
says "nudge: killed.journal: the journal ends at step "
says ": its training was killed"
grep -q '"unfinished":true' out || fail "not unfinished: $(cut -c1-300 out)"
steps=$(sed -n 's/.*"journal":{"rows":600,"steps":\([0-9]*\),.*/\1/p' out)
[ "${steps:-0}" -ge 100 ] || fail "the journal has $steps steps, but a checkpoint of step 100 is there"
run 0 explain killed.journal digits:600/100 --at "$steps" --weight 1,3,400
says "its training was killed"
[ "$(wc -l <err)" -eq 1 ] || fail "told more than once: $(cat err)"
run 0 explain killed.journal digits:600/100 --weight 1,3,400
run 0 plot curves killed.journal --text
run 0 eval killed.journal@40 digits:600/100
run 0 eval killed.journal digits:600/100
run 0 surface digits:600/100 --journal killed.journal --side 5 --engine portable --data path.csv
run 2 eval killed.journal@$((steps + 1)) digits:600/100
says "the last step was $steps"
# What lies behind the last snapshot is trained again.
run 0 eval "killed.journal@$steps" digits:600/100

# Cut off, it ends earlier; damaged before its last block it is refused, and not taken for one that ends there.
size=$(wc -c <killed.journal)
head -c $((size - 40)) killed.journal >cut.journal
run 0 inspect cut.journal
says "cut.journal: the journal ends at step "
{ cat killed.journal; head -c 5000 /dev/zero; } >zeros.journal
run 0 inspect zeros.journal --json
prints "\"steps\":$steps,"
{ cat killed.journal; echo more; } >more.journal
run 0 inspect more.journal
{ cat killed.journal; head -c 5000 killed.journal; } >more.journal
refuses "more.journal: is damaged: the block that begins at byte $size, after step $steps" inspect more.journal
cp killed.journal damaged.journal
printf 'x' | dd of=damaged.journal bs=1 seek=9000 conv=notrunc 2>err
refuses "damaged.journal: is damaged" inspect damaged.journal

# -- a journal that cannot be taken up --

small=(digits:600/100 --engine portable --hidden 8 --seed 3 --epochs 6)
rm -f killed.*
run 0 train "${small[@]}" -o whole.nudge -q
begin killed "${small[@]}" --journal killed.journal -o killed.nudge --checkpoint-every 10 -q
until_there killed.nudge.checkpoint-2
kill_it
mkdir keep && cp killed.* keep
for how in gone damaged short; do
    cp keep/* .
    case $how in
    gone) rm killed.journal ;;
    damaged) printf 'x' | dd of=killed.journal bs=1 seek=9000 conv=notrunc 2>err ;;
    short) run 0 train "${small[@]}" --epochs 1 --batch-size 600 --journal killed.journal -q ;;
    esac
    [ ! -e killed.journal ] || cp killed.journal before
    run 0 train --resume killed.nudge
    says "; the training goes on without a journal"
    [ "$(wc -l <err)" -eq 1 ] || fail "$how: told more than once: $(cat err)"
    same whole.nudge killed.nudge
    [ $how = gone ] && [ -e killed.journal ] && fail "a journal came from nowhere"
    [ $how = gone ] || same before killed.journal # and what is there is left alone
done
cp keep/* .
run 0 train "${small[@]}" --lr 0.01 --journal killed.journal -q
cp killed.journal before
refuses 'the journal is of another training: learning_rate was "0.01", and is "0.1" now' train --resume killed.nudge -q
same before killed.journal

# -- a disk that is full --

# Whatever is larger than 300 kB cannot be written: the journal, soon; the checkpoints and the network can.
rm -f killed.*
(ulimit -f 300; exec "$NUDGE" train "${small[@]}" --journal full.journal --journal-every 1 --checkpoint-every 2 -o full.nudge -q >out 2>err </dev/null)
[ $? -eq 1 ] || fail "a journal that is not whole is no success"
says "nudge: journal not written on: full.journal: "
says "the file would become larger than allowed; what is there goes to step "
says "; the training goes on"
[ "$(grep -c "not written on" err)" -eq 1 ] || fail "told more than once: $(cat err)"
same whole.nudge full.nudge
run 0 explain full.journal digits:600/100 --at 3 --bias 1,2
says "full.journal: the journal ends at step "
no_parts

# -- an older journal --

# It is replaced at the first step, not before.
cp whole.journal old.journal
run 2 train digits:600/100 --journal old.journal --batch-size 0 --lr -1 -q
run 2 train no-such-data --journal old.journal -q
same whole.journal old.journal
run 1 train chain --net "4,1" --lr 1e6 --journal old.journal -q
run 0 inspect old.journal
finish
