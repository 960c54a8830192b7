/* See words.h. Open addressing, at most half full; FNV-1a. */
#include "table/words.h"

#include "base/status.h"

#include <string.h>

enum { FIRST_ROOM = 16 };

struct words words_begin(const nudge_allocator *allocator) {
    return (struct words){.allocator = allocator};
}

void words_release(struct words *words) {
    const nudge_allocator *allocator = words->allocator;
    for (size_t i = 0; i < words->count; i++)
        memory_release(allocator, words->texts[i], words->lengths[i] + 1);
    memory_release(allocator, words->texts, words->room * sizeof *words->texts);
    memory_release(allocator, words->lengths, words->room * sizeof *words->lengths);
    memory_release(allocator, words->table, words->table_room * sizeof *words->table);
    *words = (struct words){.allocator = allocator};
}

static uint32_t hash_of(const char *text, size_t length) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash ^ (hash >> 15);
}

/* The place in the table where the text is, or would be. */
static size_t place_of(const struct words *words, const char *text, size_t length) {
    size_t mask = words->table_room - 1, place = hash_of(text, length) & mask;
    while (words->table[place]) {
        size_t word = words->table[place] - 1;
        if (words->lengths[word] == length && memcmp(words->texts[word], text, length) == 0) break;
        place = (place + 1) & mask;
    }
    return place;
}

size_t words_find(const struct words *words, const char *text, size_t length) {
    if (words->count == 0) return 0;
    uint32_t found = words->table[place_of(words, text, length)];
    return found ? found - 1 : words->count;
}

/* Twice as much room, all words in it. */
static nudge_status grow_words(struct words *words, nudge_error *error) {
    const nudge_allocator *allocator = words->allocator;
    struct words more = {
        .allocator = allocator, .count = words->count, .room = words->room ? 2 * words->room : FIRST_ROOM};
    more.table_room = 2 * more.room;
    more.texts = memory_get(allocator, more.room * sizeof *more.texts);
    more.lengths = memory_get(allocator, more.room * sizeof *more.lengths);
    more.table = memory_get_zeroed(allocator, more.table_room * sizeof *more.table);
    if (!more.texts || !more.lengths || !more.table) {
        more.count = 0;
        words_release(&more);
        return error_no_memory(error, more.room * sizeof *more.texts, "a column's texts");
    }
    for (size_t i = 0; i < words->count; i++) {
        more.texts[i] = words->texts[i];
        more.lengths[i] = words->lengths[i];
        more.table[place_of(&more, more.texts[i], more.lengths[i])] = (uint32_t)i + 1;
    }
    words->count = 0; /* the texts moved */
    words_release(words);
    *words = more;
    return NUDGE_OK;
}

nudge_status words_take(struct words *words, const char *text, size_t length, size_t *word,
                        nudge_error *error) {
    *word = words_find(words, text, length);
    if (*word < words->count) return NUDGE_OK;
    nudge_status status = words->count == words->room ? grow_words(words, error) : NUDGE_OK;
    if (status) return status;
    char *copy = memory_get(words->allocator, length + 1);
    if (!copy) return error_no_memory(error, length + 1, "a column's texts");
    memcpy(copy, text, length);
    copy[length] = 0;
    size_t place = place_of(words, copy, length);
    words->texts[words->count] = copy;
    words->lengths[words->count] = length;
    words->table[place] = (uint32_t)++words->count;
    return NUDGE_OK;
}

int words_compare(const char *a, const char *b) {
    size_t first = strlen(a), second = strlen(b);
    int order = memcmp(a, b, first < second ? first : second);
    return order ? order : (first > second) - (first < second);
}
