/* See tile_registers.h. */
#define _GNU_SOURCE /* syscall */
#include "base/tile_registers.h"

#if defined(__linux__) && defined(__x86_64__)

#include <sys/syscall.h>
#include <unistd.h>

bool tile_registers_ask(void) {
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
    return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

#else

bool tile_registers_ask(void) {
    return false;
}

#endif
