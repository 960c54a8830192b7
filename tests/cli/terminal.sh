#!/usr/bin/env bash
# On a terminal: one line that changes in place and never wraps, and a summary. script(1) lends the terminal.
. "${BASH_SOURCE%/*}/lib.bash"
command -v script >/dev/null || { echo "skipped: needs script(1) of util-linux"; exit 77; }

# watched COLUMNS COMMAND: what the command writes on a terminal of so many columns.
watched() { TERM=xterm LC_ALL=C.UTF-8 script -qec "stty cols $1 rows 24; exec $2" /dev/null </dev/null >raw; }
# The states of the live line, one a line, every sign one letter.
states() { tr '\r' '\n' <raw | sed 's/\x1b\[K//g; s/━/=/g; s/╸/-/g; s/─/./g'; }
grep -qE '__(asan|tsan)_init' "$NUDGE" && rows=6000 || rows=60000 # half a second: several states of the line, however fast the machine
training="'$NUDGE' train moons:$rows/100 --hidden 64,64 --batch-size 3 --epochs 6 --threads 1"

watched 80 "$training"
grep -q $'\033\[K' raw || fail "no live line on a terminal"
states | grep -qE '^epoch [1-6]/6  [=.-]+  cost [0-9.e-]+  train [0-9.]+ %.*  [0-9.]+[kM]?/s' || fail "the live line: $(states | grep epoch)"
grep -qE $'^epoch.*[^K]\r$' raw && fail "lines for epochs stay on a terminal"
grep -q 'saved     nothing' raw || fail "no summary"
grep -q $'\033\[[0-9;]*m' raw && fail "colours in the progress"

# Every state of the live line is narrower than the terminal.
for columns in 80 50 30 14; do
    [ $columns -eq 80 ] || watched $columns "$training"
    states | grep '^epoch' >live
    awk -v columns=$columns 'length >= columns { print length ": " $0; wide = 1 } END { exit wide }' live ||
        fail "the live line is too wide for $columns columns"
    [ -s live ] || fail "no live line in $columns columns"
done

# -v keeps a line an epoch; -q shows nothing; a dumb terminal gets plain lines.
watched 80 "$training -v"
[ "$(states | grep -cE '^epoch [1-6]/6 .* s$')" -eq 6 ] || fail "-v keeps not 6 lines"
grep -q -E 'engine    (portable|native), f32' raw || fail "-v does not name the engine"
watched 80 "$training -q"
[ ! -s raw ] || fail "-q shows something: $(cat raw)"
watched 80 "env TERM=dumb $training"
grep -q $'\033' raw && fail "control codes on a dumb terminal"
[ "$(grep -c '^epoch' raw)" -eq 6 ] || fail "a dumb terminal gets no plain lines"

# Pictures in greys where the terminal has them, and not with NO_COLOR.
watched 80 "env TERM=xterm-256color '$NUDGE' data show digits:10/10"
grep -q $'\033\[38;5;' raw || fail "no greys on a terminal of 256 colours"
watched 80 "env TERM=xterm-256color NO_COLOR=1 '$NUDGE' data show digits:10/10"
grep -q $'\033' raw && fail "colours in spite of NO_COLOR"

# However narrow a terminal is, what is shown is cut to it and never fails; help is as wide as it.
run 0 train digits:400/50 --epochs 1 -q -o digits.nudge
for columns in 1 2 3 6; do
    for verb in "data show digits --index 0" "data show digits --index 0 --count 3 --model digits.nudge" "explain digits.nudge digits --index 1" \
        "explain digits.nudge digits --weight 1,0,300 --all" "plot mistakes digits.nudge digits:400/50 --text --count 2" \
        "eval digits.nudge digits" "train digits:400/50 --epochs 1" "--help"; do
        TERM=xterm LC_ALL=C.UTF-8 script -qec "stty cols $columns rows 20; '$NUDGE' $verb; echo status \$?" /dev/null </dev/null >raw
        grep -q 'status 0' raw || fail "$columns columns: $verb: $(tail -n 1 raw)"
    done
done
for columns in 40 80 200; do
    for verb in --help plot "plot --help" data "data --help" "train --help"; do
        TERM=xterm LC_ALL=C.UTF-8 script -qec "stty cols $columns rows 20; '$NUDGE' $verb" /dev/null </dev/null | tr -d '\r' >raw
        most=$((columns < 80 ? columns : 80))
        # examples and names of options stand whole
        awk -v most=$most 'length > most && !/^  (nudge|-)/ { print; wide = 1 } END { exit wide }' raw || fail "$verb in $columns columns"
        awk -v least=$((most - 25)) 'length > least { full = 1 } END { exit !full }' raw || fail "$verb leaves $columns columns empty"
    done
done
finish
