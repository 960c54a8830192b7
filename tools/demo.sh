#!/usr/bin/env bash
# demo.sh: from random weights to handwritten digits, in the commands that a user would type. make demo builds first.
# Leaves digits.nudge, the trained network, and the folder digits-pictures in the source tree.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
nudge() { build/release/nudge "$@"; }

# Shows a command as it would be typed, then runs it.
step() {
    printf '\n$ %s\n' "$*"
    "$@"
}

echo "A network with 784 inputs, 64 neurons between and 10 outputs. Its weights are random numbers; it learns from"
echo "20,000 digits that nudge draws itself, by backpropagation, and is then asked about 4,000 that it has never seen."
pictures=(--plot digits-pictures)
if nudge plot curves - -o digits.svg 2>&1 </dev/null | grep -q "without pictures"; then pictures=(); fi
step nudge train digits --hidden 64 --activation relu --cost cross-entropy --epochs 8 --seed 1 -o digits.nudge "${pictures[@]}"
step nudge eval digits.nudge digits
step nudge data show digits --model digits.nudge --count 5
echo
step nudge explain digits.nudge digits --index 4 --top 3
echo
echo "The network is in digits.nudge. Look into it: build/release/nudge inspect digits.nudge"
if [ ${#pictures[@]} -gt 0 ]; then echo "Pictures of it are in digits-pictures/: curves.svg, reads.svg, weights.svg and others."; fi
