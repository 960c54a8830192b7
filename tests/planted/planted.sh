#!/usr/bin/env bash
# planted.sh BUILD CC TARGET...: builds the test programs TARGET in BUILD with NUDGE_PLANT_ERROR=ON, one flipped sign in a
# backward pass, and demands that each of them notices.
#
# Three ways to end: every program reports failed tests: passed. A program passes: the suite would not notice a wrong
# gradient: failed. Something does not compile, or a program ends without a report (a crash): failed too, and said so.
set -euo pipefail
build=$1 cc=$2
shift 2
[ $# -gt 0 ] || { echo "planted: no gradient test was named"; exit 1; }

if ! { cmake -G Ninja -S "$NUDGE_SOURCE" -B "$build" -DCMAKE_C_COMPILER="$cc" -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_C_FLAGS_DEBUG=-O1 -DNUDGE_TESTS=ON -DNUDGE_PLANT_ERROR=ON &&
    cmake --build "$build" --target "$@"; } >build.log 2>&1; then
    cat build.log
    echo "planted: the build with NUDGE_PLANT_ERROR failed, which proves nothing"
    exit 1
fi

unnoticed=0
for target in "$@"; do
    status=0
    "$build/tests/$target" >"$target.log" 2>&1 || status=$?
    # cmocka says which tests failed, and exits with their number.
    if [ "$status" -eq 0 ]; then
        echo "planted: $target passes with a wrong sign in a backward pass"
        unnoticed=1
    elif [ "$status" -ge 124 ] || ! grep -q '^\[  FAILED  \].*test(s)' "$target.log"; then
        tail -n 20 "$target.log"
        echo "planted: $target ended with status $status and no report of failed tests"
        unnoticed=1
    else
        echo "planted: $target turned red, as it must: $(sed -n 's/^\[  FAILED  \] \([a-z_].*\)/\1/p' "$target.log" |
            sort -u | tr '\n' ' ')"
    fi
done
exit $unnoticed
