#!/usr/bin/env bash
# bf16-accuracy.sh DATA [SEEDS]: what learning in bf16 costs. Trains three MNIST networks with seeds 1 .. SEEDS (5), in f32 and in
# bf16, and prints test accuracy after the last epoch: mean and standard deviation of both, and how many standard deviations (of
# the f32 runs) lie between the means. DATA: the folder with the MNIST files, or "mnist". NUDGE names another program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
data=${1:?usage: bench/bf16-accuracy.sh DATA [SEEDS]} seeds=${2:-5}
nudge=${NUDGE:-build/release/nudge}

# accuracies PRECISION OPTION...: a line a seed.
accuracies() {
    local precision=$1
    shift
    for seed in $(seq "$seeds"); do
        "$nudge" train "$data" "$@" --engine native --precision "$precision" --seed "$seed" --json 2>/dev/null |
            sed -n '$s/.*"test_accuracy":\([0-9.e-]*\).*/\1/p'
    done
}

printf '| training | f32 | bf16 | means apart |\n|---|--:|--:|--:|\n'
while IFS='|' read -r name options; do
    # shellcheck disable=SC2086 # options are words
    { accuracies f32 $options | sed 's/^/f32 /'; accuracies bf16 $options | sed 's/^/bf16 /'; } | awk -v name="$name" '
        { n[$1]++; sum[$1] += $2; squares[$1] += $2 * $2 }
        END { for (p in n) { mean[p] = sum[p] / n[p]; v = (squares[p] - n[p] * mean[p] ^ 2) / (n[p] - 1); deviation[p] = v > 0 ? sqrt(v) : 0 }
              apart = (mean["bf16"] - mean["f32"]) / deviation["f32"]
              printf "| %s | %.3f %% ± %.3f | %.3f %% ± %.3f | %+.2f standard deviations%s |\n", name, 100 * mean["f32"],
                     100 * deviation["f32"], 100 * mean["bf16"], 100 * deviation["bf16"], apart, apart < -1 ? ": worse" : "" }'
done <<'END'
`fast-98`|@recipes/fast-98.txt
784-128-10, relu, SGD, batch 32, 10 epochs|@recipes/relu-128.txt --batch-size 32 --lr 0.2
784-512-512-10, relu, Adam, batch 128, 5 epochs|--hidden 512,512 --optimizer adam --lr 0.001 --batch-size 128 --epochs 5
END
