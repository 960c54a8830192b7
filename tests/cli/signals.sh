#!/usr/bin/env bash
# Ctrl-C and kill while training: the step is finished, the network saved where -o asks for it, and the program ends by the
# signal.
. "${BASH_SOURCE%/*}/lib.bash"

# A training that would go on for hours, and says when it has begun.
endless=(train digits:400/100 --hidden 12 --epochs 1000000 --json)

# signalled SIGNAL ARGUMENT...: starts the endless training, sends the signal after its first epochs; sets status.
signalled() {
    local signal=$1
    shift
    : >out
    (trap - INT TERM; exec "$NUDGE" "${endless[@]}" "$@" >out 2>err </dev/null) &
    local child=$!
    for _ in $(seq 400); do
        [ "$(grep -c '"epoch",' out)" -ge 3 ] && break
        sleep 0.05
    done
    kill -s "$signal" "$child"
    { wait "$child"; } 2>/dev/null
    status=$?
}

# Shells start what they put in the background with SIGINT ignored, and nudge leaves an ignored signal ignored: job control
# makes the background jobs of this test ordinary ones.
set -m

for signal in INT TERM; do
    number=$(kill -l $signal)
    signalled $signal -o saved-$signal.nudge
    [ "$status" -eq $((128 + number)) ] || fail "$signal with -o: status $status, expected $((128 + number))"
    says "stopped   in epoch"
    says "saved     saved-$signal.nudge"
    [ "$(field stopped out)" = true ] || fail "$signal: $(tail -n 1 out)"
    digest=$(field digest out)
    run 0 inspect saved-$signal.nudge --json
    [ "$(field digest out)" = "$digest" ] || fail "$signal: the file has other parameters than the run had"
    grep -q '"stopped":"in epoch' out || fail "the file does not say that the training was cut short"
done

signalled INT
[ "$status" -eq 130 ] || fail "INT without -o: status $status, expected 130"
says "saved     nothing"

# What was ignored at the start stays ignored.
: >out
(trap '' INT; exec "$NUDGE" train xor --epochs 30000 --json >out 2>err </dev/null) &
child=$!
for _ in $(seq 400); do [ "$(grep -c '"epoch",' out)" -ge 3 ] && break; sleep 0.02; done
kill -s INT "$child" 2>/dev/null
wait "$child"
[ $? -eq 0 ] || fail "an ignored signal stopped the training"
[ "$(field stopped out)" = false ] || fail "an ignored signal was taken"

# Whenever it comes, no empty folder stays.
for wait in 1 2 3 4 5 6 7 8 9 12 15 20 30; do
    "$NUDGE" train xor --epochs 3 -q --plot "pictures-$wait" >/dev/null 2>&1 &
    child=$!
    sleep "$(printf '0.%03d' $wait)"
    kill -s TERM "$child" 2>/dev/null
    { wait "$child"; } 2>/dev/null
done
[ -z "$(find . -type d -name 'pictures-*' -empty)" ] || fail "an empty folder is left"

# Killed outright, an older file stays as it was.
echo old >keep
signalled KILL -o keep
[ "$(cat keep)" = old ] || fail "killed, and the file is not the old one"
finish
