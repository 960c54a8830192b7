#!/usr/bin/env bash
# test.sh: every build and every test that a change must pass, with everything already installed (make test installs).
#
#   ci-release    gcc, -Werror: all tests, among them the house's (floors, install, same bits, planted error)
#   ci-clang      clang, -Werror, without oneDNN: unit tests, the command, the examples
#   ci-asan       AddressSanitizer and UndefinedBehaviorSanitizer: all tests but the house's
#   ci-wasm-core  the core compiles for wasm32-wasi
#
# Quiet where all is well; what fails shows its whole log. The last line is "N passed, N failed[, N skipped]", in which each
# build counts as one. Exit status 1 when anything failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

jobs=${JOBS:-$(nproc)}
logs=build/test-logs
passed=0 failed=0 skipped=0
mkdir -p "$logs"

# build PRESET: configures and builds everything.
build() {
    local log=$logs/$1-build.log start=$SECONDS
    if { cmake --preset "$1" && cmake --build --preset "$1" -j "$jobs"; } >"$log" 2>&1; then
        passed=$((passed + 1))
        printf '%-13s built in %d s\n' "$1" $((SECONDS - start))
    else
        failed=$((failed + 1))
        cat "$log"
        printf '%-13s FAILED to build\n' "$1"
        return 1
    fi
}

# junit_count FILE ATTRIBUTE: a number from the report's first element.
junit_count() { sed -n "/<testsuite/,/>/s/.*[ \t]$2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1; }

# run_tests PRESET: runs the tests of a build and adds up its results.
run_tests() {
    local log=$logs/$1-tests.log report=$PWD/$logs/$1.xml start=$SECONDS status=0 total wrong left_out
    rm -f "$report"
    ctest --preset "$1" -j "$jobs" --output-junit "$report" >"$log" 2>&1 || status=$?
    total=$(junit_count "$report" tests 2>/dev/null)
    if [ -z "$total" ]; then
        failed=$((failed + 1))
        cat "$log"
        printf '%-13s FAILED to run its tests\n' "$1"
        return
    fi
    wrong=$(junit_count "$report" failures)
    left_out=$(($(junit_count "$report" skipped) + $(junit_count "$report" disabled)))
    if [ "$status" -ne 0 ] && [ "$wrong" -eq 0 ]; then wrong=1; fi
    failed=$((failed + wrong)) skipped=$((skipped + left_out)) passed=$((passed + total - wrong - left_out))
    [ "$wrong" -eq 0 ] || cat "$log"
    printf '%-13s %d of %d tests passed, %d skipped, in %d s\n' "$1" $((total - wrong - left_out)) "$total" "$left_out" \
        $((SECONDS - start))
    # Why a test was skipped is what it printed last.
    [ "$left_out" -eq 0 ] || grep -E '\*\*\*Skipped' "$log"
}

for preset in ci-release ci-clang ci-asan; do
    if build $preset; then run_tests $preset; fi
done

if tools/can-build-wasm.sh; then
    build ci-wasm-core
else
    skipped=$((skipped + 1))
    echo "ci-wasm-core  skipped: clang, lld, wasi-libc or compiler-rt for wasm32 is missing"
fi

if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
