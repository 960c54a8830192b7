#!/usr/bin/env bash
# coverage.sh: builds with preset coverage (gcc), runs all tests and lists, for every file of src/ and cli/, how many lines
# the tests ran. A file that is compiled several times counts once: a line has run when it ran in any of its variants.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=${JOBS:-$(nproc)}

cmake --preset coverage >/dev/null
cmake --build --preset coverage -j "$jobs"
find build/coverage -name '*.gcda' -delete
ctest --preset coverage -j "$jobs" || echo "Some tests failed: the figures are of what ran." >&2

find build/coverage -name '*.gcda' -print0 | xargs -0 gcov --no-output --relative-only --source-prefix "$PWD" 2>/dev/null |
    awk -F "[':% ]+" '
        /^File /{file = $2}
        /^Lines executed/ && file ~ /^(src|cli)\// {
            printf "%6.1f %% of %4d lines  %s\n", $3, $5, file | "sort -k 6"
            lines += $5
            run += $3 * $5 / 100
            file = ""
        }
        END {
            close("sort -k 6")
            if (lines) printf "%6.1f %% of %4d lines  in all\n", 100 * run / lines, lines
        }'
