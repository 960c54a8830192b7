/* Which files this command reads and which it will write. Invariant: no file is written that was read, and
 * none twice: files are told by device and inode, or, while they are not there yet, by their folder and name;
 * links are followed. */
#ifndef NUDGE_CLI_TELL_FILES_H
#define NUDGE_CLI_TELL_FILES_H

#include <nudge.h>

/* Each notes a file, or refuses it and tells why. Return the exit status. A path that names no file is not
 * noted: whoever opens it tells. "-" is standard input. Standard output, where it is a file or a pipe, is
 * written by every command. */
int files_read(const char *path);
int files_read_data(const nudge_data *data); /* all files that it was read from */
/* Also whether it can be written now; the file itself is left alone. */
int files_write(const char *path);
/* At the beginning: nothing is said on standard output, so that a file may be written there (-o /dev/stdout). */
void files_leave_standard_output(void);
/* A folder that files go into; it need not be there. */
int files_write_folder(const char *path);

#endif
