/* Texts that are met again and again, each with a number: 0, 1, 2, .. in the order in which they come first. Categories
 * while a table is read.
 * Invariant: a text is kept once, ended by a byte 0; finding it takes the same time however many there are. */
#ifndef NUDGE_TABLE_WORDS_H
#define NUDGE_TABLE_WORDS_H

#include "base/memory.h"

struct words {
    const nudge_allocator *allocator;
    size_t count;
    char **texts; /* [room] */
    size_t *lengths;
    size_t room;
    uint32_t *table; /* [table_room], a power of two: a word's number + 1, 0: free */
    size_t table_room;
};

struct words words_begin(const nudge_allocator *allocator);
void words_release(struct words *words);

/* The text's number; words->count when it is not there. */
size_t words_find(const struct words *words, const char *text, size_t length);

/* The text's number, a new one when it was not there. */
nudge_status words_take(struct words *words, const char *text, size_t length, size_t *word,
                        nudge_error *error);

/* By bytes, the shorter first where one begins the other: <0, 0, >0. */
int words_compare(const char *a, const char *b);

#endif
