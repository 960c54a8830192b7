#!/usr/bin/env bash
# The recipes learn: one seed each, those for MNIST with fewer epochs than they ask for; the recipes themselves state what they
# reach and how to measure it. MNIST and FANN's sets must be there (NUDGE_TEST_DATA). Under a sanitizer, which makes everything
# slow, recipes are only run.
. "${BASH_SOURCE%/*}/lib.bash"
recipes=$NUDGE_SOURCE/recipes
grep -qE '__(asan|tsan)_init' "$NUDGE" && slow="--epochs 1" || slow=

# reaches FIGURE DATA RECIPE [ARGUMENT...]: the test accuracy after training.
reaches() {
    local least=$1 data=$2 recipe=$3
    shift 3
    run 0 train "$data" "@$recipes/$recipe.txt" "$@" $slow --json -q
    accuracy=$(field test_accuracy out)
    echo "$recipe: test accuracy $accuracy, expected at least $least"
    [ -n "$slow" ] || awk "BEGIN { exit !($accuracy >= $least) }" || fail "$recipe: $accuracy"
}

# learns DATA RECIPE: every training row is answered right.
learns() {
    run 0 train "$1" "@$recipes/$2.txt" $slow -q -o learnt.nudge
    run 0 eval learnt.nudge "$1" --part train --json
    echo "$2: training accuracy $(field accuracy out)"
    [ -n "$slow" ] || grep -q '"accuracy":1.0,' out || fail "$2: training accuracy $(field accuracy out), expected 1"
}

# idx_from FILE NAME: one of FANN's files (rows, inputs, outputs; then for each row its inputs and its output, 0 or 1) as two
# IDX files NAME-images-idx2-float and NAME-labels-idx1-ubyte: big-endian, f32 and u8.
idx_from() {
    printf "$(awk '
        function hex(value,   text, i) {
            for (i = 24; i >= 0; i -= 8) text = text sprintf("\\x%02x", int(value / 2 ^ i) % 256)
            return text
        }
        function f32(value,   sign, exponent, mantissa) {
            if (value == 0) return hex(0)
            sign = value < 0
            if (sign) value = -value
            exponent = 127
            while (value >= 2) { value /= 2; exponent++ }
            while (value < 1) { value *= 2; exponent-- }
            mantissa = int((value - 1) * 2 ^ 23 + 0.5)
            return hex(sign * 2 ^ 31 + exponent * 2 ^ 23 + mantissa)
        }
        NR == 1 { printf "\\x00\\x00\\x0d\\x02%s%s", hex($1), hex($2); next }
        NR % 2 == 0 { for (i = 1; i <= NF; i++) printf "%s", f32($i) }
    ' "$1")" >"$2-images-idx2-float"
    printf "$(awk '
        NR == 1 { printf "\\x00\\x00\\x08\\x01\\x00\\x00\\x%02x\\x%02x", int($1 / 256), $1 % 256; next }
        NR % 2 == 1 { printf "\\x%02x", ($1 > 0.5) }
    ' "$1")" >"$2-labels-idx1-ubyte"
}

learns xor xor

fann=$(real_data fann) || { echo "$fann"; exit 77; }
mkdir spiral parity
idx_from "$fann/two-spiral.train" spiral/train
idx_from "$fann/two-spiral.test" spiral/t10k
idx_from "$fann/parity8.train" parity/train
run 0 data info ./spiral
prints "training   193 rows"
learns ./spiral two-spiral
learns ./parity parity8

mnist=$(real_data mnist) || { echo "$mnist"; exit 77; }
reaches 0.94 "$mnist" nielsen-30 --epochs 10
reaches 0.93 "$mnist" lesson-16-16 --epochs 15
reaches 0.975 "$mnist" relu-128 --epochs 5
reaches 0.97 "$mnist" fast-97
reaches 0.98 "$mnist" fast-98

# Found by its name; at most 130 MB at the peak.
if [ -r /proc/self/status ] && [ -z "$slow" ]; then
    NUDGE_DATA=${mnist%/*} "$NUDGE" train mnist "@$recipes/nielsen-30.txt" --epochs 3 -q &
    child=$!
    while [ -e /proc/$child ]; do
        peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' /proc/$child/status 2>/dev/null) && [ -n "$peak" ] && most=$peak
        sleep 0.05
    done
    wait "$child" || fail "mnist is not found in \$NUDGE_DATA"
    echo "peak memory: $most kB"
    [ "$most" -le 130000 ] || fail "peak memory $most kB"
fi
finish
