#!/usr/bin/env bash
# bits.sh BUILDS BITS: the same bits everywhere. Builds the program of bits.c with several compilers and options (in the
# folder BUILDS, which is kept), beside BITS, the one that is there; runs each with 1, 2 and 3 threads and at every CPU
# level that this machine has; and as WebAssembly where clang can make it and node can run it. Each run prints one line
# for each training, with a digest of all parameters. All runs must print the same lines. Also, no program may have a fused
# multiply-add, which would round once where the source says twice.
set -euo pipefail
builds=$1 program=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
failures=0

# build NAME OPTION...: configures and builds the target bits.
build() {
    local name=$1
    shift
    if ! { cmake -G Ninja -S "$NUDGE_SOURCE" -B "$builds/$name" -DNUDGE_TESTS=ON "$@" &&
        cmake --build "$builds/$name" --target bits; } >build.log 2>&1; then
        cat build.log
        echo "bits: $name does not build"
        exit 1
    fi
}

# record HOW COMMAND...: runs and keeps the lines in "out/HOW". Status 77 of the command means: not on this machine.
mkdir out
record() {
    local how=$1 status=0
    shift
    "$@" >"out/$how" 2>error.log || status=$?
    if [ $status -eq 77 ]; then
        rm "out/$how"
    elif [ $status -ne 0 ] || [ ! -s "out/$how" ]; then
        rm "out/$how"
        cat error.log
        echo "bits: '$*' ended with status $status"
        failures=1
    fi
}

# must_not_fuse NAME PROGRAM: looks for the fused instructions of x86-64, AArch64 and RISC-V.
must_not_fuse() {
    local fused
    fused=$(objdump -d --no-show-raw-insn "$2" | awk '
        />:$/ { function_name = $2 }
        /[ \t](vfn?m(add|sub|acc|sac)[a-z0-9.]*|fn?m(add|sub)(\.[sd])?|fml[as])[ \t]/ { print function_name, $2 }' | sort | uniq -c)
    if [ -n "$fused" ]; then
        printf 'bits: %s fuses products and sums (how often, where, instruction):\n%s\n' "$1" "$fused"
        failures=1
    fi
}

# run_everywhere NAME PROGRAM: all levels on one thread, and all numbers of threads at the best level.
run_everywhere() {
    local level threads
    must_not_fuse "$1" "$2"
    for level in base v3 v4; do record "$1, level $level, threads 1" "$2" --threads 1 --level $level; done
    for threads in 1 2 3; do record "$1, threads $threads" "$2" --threads $threads; done
}

run_everywhere "normal build" "$program"
if command -v gcc >/dev/null; then
    build gcc-O1 -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE="-O1 -DNDEBUG"
    run_everywhere "gcc -O1" "$builds/gcc-O1/tests/bits"
    build gcc-O3-native -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE="-O3 -march=native -DNDEBUG"
    run_everywhere "gcc -O3 -march=native" "$builds/gcc-O3-native/tests/bits"
fi
if command -v clang >/dev/null; then
    build clang-O3 -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE="-O3 -DNDEBUG"
    run_everywhere "clang -O3" "$builds/clang-O3/tests/bits"
fi
if command -v node >/dev/null && "$NUDGE_SOURCE/tools/can-build-wasm.sh"; then
    build wasm32 -DCMAKE_TOOLCHAIN_FILE="$NUDGE_SOURCE/cmake/wasm32-wasi.cmake" -DCMAKE_BUILD_TYPE=Release -DNUDGE_CORE_ONLY=ON
    record "clang, wasm32" node --no-warnings "$here/wasi.mjs" "$builds/wasm32/tests/bits" --threads 1 --level base
else
    echo "bits: WebAssembly is left out (clang with wasi-libc, and node, are needed)"
fi

# The runs in groups that printed the same. More than one group: show who is in which, and the lines that are not in all.
(cd out && sha256sum -- *) | sed 's/^\([0-9a-f]\{8\}\)[0-9a-f]*  /\1  /' | sort >table
if [ "$(cut -c 1-8 table | uniq | wc -l)" -ne 1 ]; then
    echo "bits: the runs differ. Who printed what (a digest of all lines):"
    cat table
    echo "bits: the lines that not all of them printed:"
    for digest in $(cut -c 1-8 table | uniq); do
        sed "s/^/$digest  /" "out/$(sed -n "/^$digest  /{s///p;q}" table)"
    done | sort -k 2 >lines
    sort -k 2 -s lines | uniq -f 1 -c | awk -v all="$(cut -c 1-8 table | uniq | wc -l)" '$1 < all' | cut -c 9-
    exit 1
fi
echo "bits: $(wc -l <table) ways of running agree, in $(wc -l <"out/$(sed -n '1s/^[0-9a-f]*  //p' table)") trainings"
exit $failures
