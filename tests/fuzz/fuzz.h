/* What the fuzz targets share. A target is one file NAME_fuzz.c, and there are two ways to run it. With
 * lib="libnudge.a -lz -ljansson -lnettle -lpng -ljpeg -lpthread -lm" and inc="-Iinclude -Isrc -Itests":
 *
 *   its seeds and mutations of them, with any compiler:
 *     cc $inc tests/fuzz/NAME_fuzz.c tests/fuzz/driver.c $lib -o fuzz
 *     ./fuzz [MUTATIONS]        runs them (default 20000)
 *     ./fuzz write FOLDER       writes the seeds into FOLDER, as a corpus for libFuzzer
 *
 *   with clang's libFuzzer, for as long as one likes:
 *     clang -fsanitize=fuzzer,address,undefined $inc tests/fuzz/NAME_fuzz.c $lib -o fuzz
 *     ./fuzz FOLDER */
#ifndef NUDGE_TESTS_FUZZ_FUZZ_H
#define NUDGE_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

enum { FUZZ_ROOM = 8192 };

/* The target: must return, whatever the bytes are; a broken promise ends the program. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The i-th seed; its size, 0 after the last. */
size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]);

#endif
