#!/usr/bin/env bash
# streaming.sh [ROUNDS]: training on rows that are in memory beside training on the same rows read from their file, 188 MB, as
# they are needed, with at most a quarter of that for data. In turn, ROUNDS (5) times; the median of examples per second, and
# whether both gave the same model file. NUDGE names another program; the file lies in $TMPDIR.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${1:-5} nudge=${NUDGE:-build/release/nudge}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$nudge" data make digits:240000/1000 -o "$folder/set" >"$folder/log"

# rate MEMORY MODEL OPTION...: examples per second.
rate() {
    local memory=$1 model=$2
    shift 2
    "$nudge" train "$folder/set/" --memory "$memory" --epochs 2 "$@" --json -o "$model" 2>"$folder/log" |
        sed -n 's/.*"samples_per_second":\([0-9.e+]*\).*/\1/p' | tail -n 1
}

median() { sort -g | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

printf '| network | batch | in memory, examples/s | from the file | ratio | model |\n|---|--:|--:|--:|--:|---|\n'
while read -r hidden batch options; do
    : >"$folder/memory" && : >"$folder/file"
    for ((round = 0; round < rounds; round++)); do
        # shellcheck disable=SC2086 # options are words
        rate 2GB "$folder/memory.nudge" --hidden "$hidden" --batch "$batch" $options >>"$folder/memory"
        # shellcheck disable=SC2086
        rate 47MB "$folder/file.nudge" --hidden "$hidden" --batch "$batch" $options >>"$folder/file"
    done
    cmp -s "$folder/memory.nudge" "$folder/file.nudge" && same="the same" || same="DIFFERENT"
    awk -v memory="$(median <"$folder/memory")" -v file="$(median <"$folder/file")" -v same="$same" -v network="784-$hidden-10" \
        -v batch="$batch" 'BEGIN { printf "| %s | %d | %.0f | %.0f | %.2f | %s |\n", network, batch, memory, file, file / memory, same }'
done <<'END'
30 10 --activation sigmoid --cost quadratic --lr 3
16 32 --activation sigmoid --cost quadratic --lr 3
128 32 --optimizer adam
512 128 --optimizer adam
END
