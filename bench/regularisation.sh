#!/usr/bin/env bash
# regularisation.sh DATA [SEED...]: trains 784-512-512-10 (or what --hidden 512,512 makes of DATA) for 20 epochs with each kind of
# regularisation and prints the test part's cost and accuracy, one line a kind: the means over the seeds (default 1 2).
#
#   bench/regularisation.sh path/to/mnist      the table of docs/regularisation.md
set -euo pipefail
export LC_ALL=C # whose words are looked for
nudge=${NUDGE:-build/release/nudge}
data=${1:?regularisation.sh DATA [SEED...]}
shift
seeds=("${@:-1}")
[ $# -gt 0 ] || seeds=(1 2)

printf '%-40s %10s %10s\n' "" cost accuracy
while IFS= read -r kind; do
    for seed in "${seeds[@]}"; do
        # shellcheck disable=SC2086
        "$nudge" train "$data" --hidden 512,512 --optimizer adam --batch 128 --epochs 20 --schedule cosine --test-at-end \
            --seed "$seed" $kind
    done | awk -v kind="${kind:-nothing}" '
        /^test / { gsub(",", ""); cost += $3; right += $5; n++ }
        END { printf "%-40s %10.4f %8.2f %%\n", kind, cost / n, right / n }'
done <<'KINDS'

--dropout 0.5 --input-dropout 0.2
--batch-norm
--batch-norm --dropout 0.2
--l2 1e-4
--weight-decay 0.05
KINDS
