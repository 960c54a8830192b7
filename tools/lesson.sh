#!/usr/bin/env bash
# lesson.sh [--check]: runs the commands of the lesson, in every language that it is told in, and fails when they print something
# else than it says. Draws its pictures in docs/pictures anew; with --check it does not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
lesson=(docs/backpropagation.md docs/zh/backpropagation.md)
pictures=(--pictures docs/pictures)
if [ "${1:-}" = --check ]; then pictures=(); fi
python3 tools/examples.py --check --numbers "${pictures[@]}" "${lesson[@]}"
echo "lesson: ${lesson[*]} say what the commands print"
