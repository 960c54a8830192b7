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

# Nobody reads on: the end is by SIGPIPE, as of other programs, and nothing is said.
awk 'BEGIN { for (i = 0; i < 200000; i++) print 0, 1 }' >many
# cut_short LINES ARGUMENT...
cut_short() {
    local lines=$1
    shift
    ("$NUDGE" "$@" <many 2>err; echo $? >status) | head -n "$lines" >/dev/null
    [ "$(cat status)" -eq 141 ] || fail "$* | head: exit status $(cat status)"
}
cut_short 1 predict xor.nudge -
[ ! -s err ] || fail "predict | head: $(cat err)"
cut_short 1 data show digits --count 500
[ ! -s err ] || fail "data show | head: $(cat err)"

# Without -o nobody is left to train for; with it the training goes on and saves.
cut_short 2 train xor --epochs 100000000 --json
cut_short 2 train xor --epochs 2000 --json -o kept.nudge
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
