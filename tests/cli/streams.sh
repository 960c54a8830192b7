#!/usr/bin/env bash
# Streams that are closed, full or gone: said once, exit status 1, and files stay whole.
. "${BASH_SOURCE%/*}/lib.bash"
run 0 train xor --epochs 300 -q -o xor.nudge

# lost ARGUMENT...: standard output cannot take what the command has to say.
lost() {
    "$NUDGE" "$@" >/dev/full 2>err </dev/null
    [ $? -eq 1 ] || fail "full: nudge $*: not exit status 1"
    says "nudge: standard output: cannot be written"
    [ "$(wc -l <err)" -eq 1 ] || fail "full: nudge $*: said more than once"
    "$NUDGE" "$@" >&- 2>err </dev/null
    [ $? -eq 1 ] || fail "closed: nudge $*: not exit status 1"
    says "nudge: standard output: cannot be written"
}
if [ -c /dev/full ]; then
    lost --help
    lost help --man
    lost version
    lost data
    lost inspect xor.nudge
    lost eval xor.nudge xor --json
    lost predict xor.nudge xor
    lost data show xor
    lost train xor --epochs 3
    lost train xor --epochs 3 --json -q
fi

# Nobody reads on: an error like any other, also when more follows.
awk 'BEGIN { for (i = 0; i < 200000; i++) print 0, 1 }' >many
("$NUDGE" predict xor.nudge - <many 2>err; echo $? >status) | head -n 1 >/dev/null
[ "$(cat status)" -eq 1 ] || fail "predict | head: exit status $(cat status)"
says "nudge: standard output: cannot be written: "

# Without -o nobody is left to train for; with it the training goes on and saves.
("$NUDGE" train xor --epochs 100000000 --json 2>err; echo $? >status) | head -n 2 >/dev/null
[ "$(cat status)" -eq 1 ] || fail "train --json | head: exit status $(cat status)"
("$NUDGE" train xor --epochs 2000 --json -o kept.nudge 2>err; echo $? >status) | head -n 2 >/dev/null
[ "$(cat status)" -eq 1 ] || fail "train --json -o | head: exit status $(cat status)"
run 0 inspect kept.nudge
prints "epochs          2000"

# A closed standard output is not where the model lands.
"$NUDGE" train xor --epochs 300 -o closed.nudge >&- 2>err
same closed.nudge xor.nudge
"$NUDGE" train xor --epochs 300 -o closed.nudge >&- 2>&- <&-
same closed.nudge xor.nudge
"$NUDGE" train xor --epochs 300 -q -o closed.nudge >&- 2>err
[ $? -eq 0 ] || fail "nothing to say, and still an error: $(cat err)"

# Closed standard input
"$NUDGE" predict xor.nudge - >out 2>err <&-
[ $? -eq 1 ] || fail "predict - with standard input closed"
says "nudge: standard input: cannot be read"

# A disk that is full, and a folder that nothing can be written to.
[ -c /dev/full ] && { run 1 train xor --epochs 3 -q -o /dev/full; says "/dev/full"; }
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked
    chmod 500 locked
    refuses "locked/x.nudge: cannot be written: Permission denied" train xor -o locked/x.nudge
fi
finish
