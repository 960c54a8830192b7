/* Files: reading in order, and durable writing: what is written is whole or not there. Not part of the core
 * (a browser has no files). Invariant of writing: the target's name changes meaning at the rename alone;
 * before it, the old file is untouched. */
#ifndef NUDGE_BASE_FILE_H
#define NUDGE_BASE_FILE_H

#include "base/memory.h"
#include "base/show.h"

/* -- for sentences -- */

/* What an errno value means, in nudge's words: strerror answers in the host's language, from a buffer that
 * threads share. Use as file_reason(errno).text */
struct file_reason {
    char text[64];
};
struct file_reason file_reason(int number);

/* Puts "PATH: " in front of the sentence that a callee wrote; returns `code`. */
nudge_status error_in_file(nudge_error *error, nudge_status code, const char *path);

/* -- paths; what they return is released with memory_release_text, NULL: no memory -- */

char *file_path_join(const nudge_allocator *allocator, const char *folder, const char *name);
char *file_path_folder(const nudge_allocator *allocator,
                       const char *path);     /* "." when the path has no slash */
const char *file_path_name(const char *path); /* what follows the last slash */

bool file_exists(const char *path);
bool file_is_folder(const char *path);

/* Makes the folder (its parent must be there) and syncs its name. *made: false when it was there before. */
nudge_status file_folder_make(const nudge_allocator *allocator, const char *path, bool *made,
                              nudge_error *error);

/* -- reading -- */

/* A regular file open for reading from its beginning to its end. Pipes and devices are refused: their size,
 * against which headers are checked, is not known. `path` stays the caller's. */
struct file_reader {
    const char *path;
    int descriptor;
    uint64_t size;               /* when it was opened; it may change while it is read */
    uint64_t position;           /* bytes read so far */
    const unsigned char *memory; /* NULL: a file */
};

/* Errors: NUDGE_BAD_INPUT when there is no such file or it is not a regular one, NUDGE_IO when the system
 * refuses. */
nudge_status file_reader_open(struct file_reader *reader, const char *path, nudge_error *error);
/* Standard input, whatever it is: a pipe's size is UINT64_MAX, and it cannot be read twice. */
nudge_status file_reader_open_input(struct file_reader *reader, nudge_error *error);
/* Bytes in memory as if they were a file. */
void file_reader_open_memory(struct file_reader *reader, const void *memory, size_t size);
/* Reads `count` bytes, or what is left: *got < count only at the file's end. */
nudge_status file_reader_read(struct file_reader *reader, void *bytes, size_t count, size_t *got,
                              nudge_error *error);
/* The same from byte `position` on. Leaves the reader as it is: several threads may read at once. */
nudge_status file_reader_read_at(const struct file_reader *reader, uint64_t position, void *bytes,
                                 size_t count, size_t *got, nudge_error *error);
/* The next read begins at this byte. */
nudge_status file_reader_seek(struct file_reader *reader, uint64_t position, nudge_error *error);
/* Whether somebody has it open who is writing it: what nudge_file_create makes is locked until it is closed. */
bool file_is_locked(const struct file_reader *reader);
void file_reader_close(struct file_reader *reader); /* one that is zeroed, or was not opened, allowed */

/* -- writing: nudge_file_create and its kin in nudge.h; and for a file that grows -- */

bool file_is_regular(const char *path); /* or is not there */

/* What was written so far is on the disk and has the target's name; the file stays open, and what is written next comes
 * behind it. For a target that is no device or stream. */
nudge_status file_settle(nudge_file *file, nudge_error *error);
/* Cuts off what was written since. False: it cannot be; what is on the disk ends with a part of it. */
bool file_take_back(nudge_file *file);

#endif
