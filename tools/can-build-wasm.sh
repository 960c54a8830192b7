#!/bin/sh
# can-build-wasm.sh: succeeds where clang can make a WebAssembly program with Debian's wasi-libc, as preset wasm-core does.
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
printf '#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n' >"$scratch/x.c"
clang --target=wasm32-wasi --sysroot=/usr -nostdlibinc -isystem /usr/include/wasm32-wasi \
    "$scratch/x.c" -o "$scratch/x.wasm" >/dev/null 2>&1
