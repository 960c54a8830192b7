#!/usr/bin/env bash
# journal.sh [ROUNDS]: what a journal costs: training without one beside training with one, in turn, ROUNDS (5) times; the median
# of examples per second, and the journal's size. NUDGE names another program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${1:-5} nudge=${NUDGE:-build/release/nudge}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# rate OPTION...: examples per second.
rate() {
    "$nudge" train digits "$@" --test-at-end --json 2>"$folder/log" |
        sed -n 's/.*"samples_per_second":\([0-9.e+]*\).*/\1/p' | tail -n 1
}

median() { sort -g | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

printf '| network | batch | optimizer | without, examples/s | with a journal | ratio | its size |\n|---|--:|---|--:|--:|--:|--:|\n'
while read -r hidden batch optimizer epochs; do
    : >"$folder/without" && : >"$folder/with"
    options=(--hidden "$hidden" --batch-size "$batch" --optimizer "$optimizer" --epochs "$epochs")
    for ((round = 0; round < rounds; round++)); do
        rate "${options[@]}" >>"$folder/without"
        rate "${options[@]}" --journal "$folder/journal" >>"$folder/with"
    done
    awk -v hidden="$hidden" -v batch="$batch" -v optimizer="$optimizer" -v size="$(wc -c <"$folder/journal")" \
        -v a="$(median <"$folder/without")" -v b="$(median <"$folder/with")" 'BEGIN {
        gsub(",", "-", hidden)
        printf "| 784-%s-10 | %d | %s | %.0f | %.0f | %.2f | %.1f MB |\n", hidden, batch, optimizer, a, b, b / a, size / 1e6 }'
done <<END
16,16 10 sgd 10
30 10 sgd 8
512,512 128 sgd 3
512,512 128 adam 3
END
