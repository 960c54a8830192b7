#!/usr/bin/env bash
# accuracy.sh DATA [SEEDS]: trains each MNIST recipe with seeds 1 .. SEEDS (5) and prints the table that README.md and the recipes
# quote: test accuracy after the last epoch (mean, lowest, highest), seconds of training (median) and peak memory.
# DATA: the folder with the four MNIST files, or "mnist" where nudge finds it. NUDGE names another program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
data=${1:?usage: bench/accuracy.sh DATA [SEEDS]} seeds=${2:-5}
nudge=${NUDGE:-build/release/nudge}

# field LINE NAME: a number from a line of JSON.
field() { sed -n "s/.*\"$2\":\([^,}]*\).*/\1/p" <<<"$1"; }

printf '%-14s %8s %8s %8s %9s %9s\n' recipe mean lowest highest 'median s' 'peak MB'
for recipe in nielsen-30 lesson-16-16 relu-128; do
    for seed in $(seq "$seeds"); do
        memory=$(mktemp)
        line=$(command time -f %M -o "$memory" "$nudge" train "$data" "@recipes/$recipe.txt" --seed "$seed" --engine portable --json 2>/dev/null | tail -n 1)
        echo "$(field "$line" test_accuracy) $(field "$line" seconds) $(cat "$memory")"
        rm -f "$memory"
    done | sort -n -k 2 | awk -v recipe="$recipe" '
        { sum += $1; time[NR] = $2; if ($3 > peak) peak = $3
          if (NR == 1 || $1 < low) low = $1; if ($1 > high) high = $1 }
        END { printf "%-14s %7.2f%% %7.2f%% %7.2f%% %9.1f %9.0f\n", recipe, 100 * sum / NR, 100 * low, 100 * high,
                     time[int((NR + 1) / 2)], peak / 1024 }'
done
