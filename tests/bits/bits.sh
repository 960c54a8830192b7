#!/usr/bin/env bash
# bits.sh BUILDS BITS: the same bits everywhere. Builds the program of bits.c with several compilers and options (in the
# folder BUILDS, which is kept), beside BITS, the one that is there; runs each with 1, 2 and 3 threads and at every CPU
# level that this machine has; as WebAssembly where clang can make it and node can run it; and for AArch64 where Debian's
# cross compiler and qemu are there. Each run prints one line for each training, with a digest of all parameters. All runs
# of the engine portable must print the same lines, and so must all of native, others than those. Also, nothing but native
# may have a fused multiply-add, which rounds once where the source says twice.
set -euo pipefail
builds=$1 program=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fail() { echo "bits: $1" | tee -a failed; } # also in the background

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
mkdir -p out/portable out/native out/portable-short out/native-short
record() {
    local how=$1 status=0
    shift
    "$@" >"out/$how" 2>"error-${how%%/*}.log" || status=$?
    if [ $status -eq 77 ]; then
        rm "out/$how"
    elif [ $status -ne 0 ] || [ ! -s "out/$how" ]; then
        rm "out/$how"
        cat "error-${how%%/*}.log"
        fail "'$*' ended with status $status"
    fi
}

# must_not_fuse NAME PROGRAM: looks for the fused instructions of x86-64, AArch64 and RISC-V, in the program's own code and
# in every object of the library that it was built with but native's.
must_not_fuse() {
    local fused tests objects
    tests=$(dirname "$2")
    mapfile -t objects < <(find "$tests/CMakeFiles/bits.dir" "$tests/../src" -name '*.o' ! -path '*_fused.dir/*')
    if [ ${#objects[@]} -lt 50 ]; then
        fail "$1: only ${#objects[@]} objects found to look for fused instructions"
    fi
    fused=$(for object in "${objects[@]}"; do ${3:-objdump} -d --no-show-raw-insn "$object"; done | awk '
        />:$/ { function_name = $2 }
        /[ \t](vfn?m(add|sub|acc|sac)[a-z0-9.]*|fn?m(add|sub)(\.[sd])?|fml[as])[ \t]/ { print function_name, $2 }' | sort | uniq -c)
    if [ -n "$fused" ]; then
        fail "$1 fuses products and sums (how often, where, instruction):"
        echo "$fused"
    fi
}

# run_everywhere NAME PROGRAM: both engines, all levels on one thread, and more threads at the best level.
run_everywhere() {
    local engine level threads
    for engine in portable native; do
        {
            for level in base v3 v4; do
                record "$engine/$1, level $level, threads 1" "$2" --engine $engine --threads 1 --level $level
            done
            for threads in 2 3; do record "$engine/$1, threads $threads" "$2" --engine $engine --threads $threads; done
        } &
    done
    must_not_fuse "$1" "$2"
    wait
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
    record "portable/clang, wasm32" node --no-warnings "$here/wasi.mjs" "$builds/wasm32/tests/bits" --threads 1 --level base
else
    echo "bits: WebAssembly is left out (clang with wasi-libc, and node, are needed)"
fi

if command -v aarch64-linux-gnu-gcc >/dev/null && command -v qemu-aarch64 >/dev/null; then
    build aarch64 -DCMAKE_TOOLCHAIN_FILE="$NUDGE_SOURCE/cmake/aarch64-linux-gnu.cmake" -DCMAKE_BUILD_TYPE=Release -DNUDGE_CORE_ONLY=ON
    must_not_fuse "gcc, AArch64" "$builds/aarch64/tests/bits" aarch64-linux-gnu-objdump
    for engine in portable native; do # emulation takes long
        record "$engine-short/normal build" "$program" --engine $engine --threads 1 --digits 100
        record "$engine-short/gcc, AArch64" qemu-aarch64 "$builds/aarch64/tests/bits" --engine $engine --threads 1 --digits 100 &
    done
    wait
    if [ ! -e "out/native-short/normal build" ]; then rm -f out/native-short/*; fi # this machine cannot compare
else
    echo "bits: AArch64 is left out (gcc-aarch64-linux-gnu and qemu-user are needed)"
fi

# compare ENGINE: its runs in groups that printed the same. More than one group: shows who is in which, and the lines that
# are not in all.
compare() {
    (cd "out/$1" && sha256sum -- *) | sed 's/^\([0-9a-f]\{8\}\)[0-9a-f]*  /\1  /' | sort >table
    if [ "$(cut -c 1-8 table | uniq | wc -l)" -ne 1 ]; then
        echo "bits: the runs of $1 differ. Who printed what (a digest of all lines):"
        cat table
        echo "bits: the lines that not all of them printed:"
        for digest in $(cut -c 1-8 table | uniq); do
            sed "s/^/$digest  /" "out/$1/$(sed -n "/^$digest  /{s///p;q}" table)"
        done | sort -k 2 >lines
        sort -k 2 -s lines | uniq -f 1 -c | awk -v all="$(cut -c 1-8 table | uniq | wc -l)" '$1 < all' | cut -c 9-
        fail "$1 has not the same bits everywhere"
        return
    fi
    echo "bits: $1: $(wc -l <table) ways of running agree, in $(wc -l <"out/$1/$(sed -n '1s/^[0-9a-f]*  //p' table)") trainings"
}

compare portable
for engine in portable-short native-short; do
    if [ -n "$(ls out/$engine)" ]; then compare $engine; fi
done
if [ -n "$(ls out/native)" ]; then
    compare native
    if cmp -s "out/portable/normal build, threads 2" "out/native/normal build, threads 2"; then
        fail "native prints what portable prints: nothing is fused in it"
    fi
else
    echo "bits: no program here had the engine native"
fi
[ ! -s failed ]
