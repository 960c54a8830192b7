/* Ctrl-C and kill, taken as "stop after this step, keep what there is". */
#ifndef NUDGE_CLI_SIGNALS_H
#define NUDGE_CLI_SIGNALS_H

#include <stdbool.h>

/* From now on the first SIGINT or SIGTERM is only noted; a second one ends the process at once. */
void signals_catch(void);
/* The signal that was noted, or 0. */
int signals_caught(void);
/* Ends by the signal that was noted, as if it had never been caught. Returns when there is none. */
void signals_end(void);

#endif
