#!/bin/sh
# can-build-wasm.sh: succeeds where clang can make a WebAssembly program with Debian's wasi-libc out of an archive of its
# objects, as preset wasm-core does. The archive takes clang's own llvm-ar: older GNU ones make no index of such objects.
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
printf '#include <stdlib.h>\nint answer(void) { return EXIT_SUCCESS; }\n' >answer.c
printf 'int answer(void);\nint main(void) { return answer(); }\n' >main.c
wasm="clang --target=wasm32-wasi --sysroot=/usr -nostdlibinc -isystem /usr/include/wasm32-wasi"
{ $wasm -c answer.c && "$(clang -print-prog-name=llvm-ar)" rcs libanswer.a answer.o && $wasm main.c libanswer.a -o main.wasm; } \
    >/dev/null 2>&1
