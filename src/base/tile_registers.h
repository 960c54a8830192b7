/* AMX's registers, which Linux gives to processes that ask. */
#ifndef NUDGE_BASE_TILE_REGISTERS_H
#define NUDGE_BASE_TILE_REGISTERS_H

#include <stdbool.h>

/* Asks for them; false where the system has none to give. Threads that begin later have them, too. */
bool tile_registers_ask(void);

#endif
