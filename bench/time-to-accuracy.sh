#!/usr/bin/env bash
# time-to-accuracy.sh DATA [SEEDS] [OPTION...]: how long nudge needs from the start of the command, reading MNIST .gz included, to
# 97 % and to 98 % of the test digits. Trains recipes/fast-97.txt and fast-98.txt with seeds 1 .. SEEDS (10) and prints test accuracy
# (mean, lowest, highest), the wall-clock seconds of the whole command (mean, highest) and those of its training (mean).
# DATA: the folder with the four MNIST files, or "mnist" where nudge finds it. OPTIONs, such as --threads 1, go to nudge train. NUDGE
# names another program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
data=${1:?usage: bench/time-to-accuracy.sh DATA [SEEDS] [OPTION...]} seeds=${2:-10}
shift $(($# < 2 ? $# : 2))
nudge=${NUDGE:-build/release/nudge}
line=$(mktemp)
trap 'rm -f "$line"' EXIT

# field NAME: a number from the last line of JSON.
field() { sed -n "\$s/.*\"$1\":\([^,}]*\).*/\1/p" "$line"; }

TIMEFORMAT=%R
export LC_ALL=C # of TIMEFORMAT's decimal point
printf '%-8s %8s %8s %8s %8s %10s %10s\n' recipe mean lowest highest 'mean s' 'highest s' 'training s'
for recipe in fast-97 fast-98; do
    for seed in $(seq "$seeds"); do
        wall=$({ time "$nudge" train "$data" "@recipes/$recipe.txt" --seed "$seed" "$@" --json -q >"$line"; } 2>&1)
        echo "$(field test_accuracy) $wall $(field seconds)"
    done | awk -v recipe="$recipe" '
        { sum += $1; wall += $2; training += $3; if ($2 > longest) longest = $2
          if (NR == 1 || $1 < low) low = $1; if ($1 > high) high = $1 }
        END { printf "%-8s %7.2f%% %7.2f%% %7.2f%% %8.2f %10.2f %10.2f\n", recipe, 100 * sum / NR, 100 * low, 100 * high,
                     wall / NR, longest, training / NR }'
done
