/* Ctrl-C, kill and the end of the terminal. They end the process at once, as if it did not catch them, but for this:
 * the parts of files that it was writing are removed; a training finishes its step first; a file that the library is
 * writing is written to its end. */
#ifndef NUDGE_CLI_SIGNALS_H
#define NUDGE_CLI_SIGNALS_H

/* At the start of the process. What was ignored then (nohup, a background job of sh) stays ignored. */
void signals_begin(void);

/* From now on the first signal is only noted; a second one ends the process. */
void signals_catch(void);
/* The signal that was noted, or 0. */
int signals_caught(void);
/* Ends by the signal that was noted, as if it had never been caught. Returns when there is none. */
void signals_end(void);

/* Between the two, signals are noted, and act at the release. */
void signals_hold(void);
void signals_release(void);

/* A file, or a folder without other files, to be removed when a signal ends the process, until it is forgotten; a few
 * at a time. While signals are held. */
void signals_guard(const char *part);
void signals_forget(const char *part);

#endif
