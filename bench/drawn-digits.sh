#!/usr/bin/env bash
# drawn-digits.sh DATA: what the built-in digits are worth. Trains on 60,000 digits that nudge draws itself and on nothing else, then
# reads the real handwriting of MNIST's test images. DATA: the folder with the MNIST files, or "mnist". NUDGE names another program.
set -euo pipefail
export LC_ALL=C # whose words are looked for
cd "$(dirname "${BASH_SOURCE[0]}")/.."
data=${1:?usage: bench/drawn-digits.sh DATA}
nudge=${NUDGE:-build/release/nudge}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for recipe in '--hidden 128 --activation relu --epochs 10 --schedule cosine' \
              '--hidden 30 --activation sigmoid --cost quadratic --lr 1.5 --epochs 10'; do
    # shellcheck disable=SC2086 # options are words
    "$nudge" train digits:60000/10000 $recipe --quiet -o "$folder/drawn.nudge"
    printf '%s\n    %s\n' "$recipe" "$("$nudge" eval "$folder/drawn.nudge" "$data" | grep '^accuracy')"
done
