/* See header.h: what writing and reading share. */
#define _GNU_SOURCE /* stpcpy */
#include "model/header.h"

#include "base/text.h"

#include <string.h>

void header_release(struct header *header, const nudge_allocator *allocator) {
    memory_release(allocator, header->bytes, header->size);
    *header = (struct header){0};
}

static bool is_digits(const unsigned char *bytes) {
    for (size_t i = 0; i < DIGEST_DIGITS; i++)
        if (!(bytes[i] >= '0' && bytes[i] <= '9') && !(bytes[i] >= 'a' && bytes[i] <= 'f')) return false;
    return true;
}

void header_find_digest(struct header *header) {
    static const char key[] = "\"file_digest\":\"";
    enum { KEY = sizeof key - 1 };
    header->digest = NULL;
    size_t found = 0;
    for (size_t i = HEADER_LENGTH_SIZE; i + KEY + DIGEST_DIGITS < header->size; i++) {
        unsigned char *digits = header->bytes + i + KEY;
        if (header->bytes[i] != '"' || memcmp(header->bytes + i, key, KEY)) continue;
        found++;
        if (is_digits(digits) && digits[DIGEST_DIGITS] == '"') header->digest = digits;
    }
    if (found != 1) header->digest = NULL;
}

struct tensor_name tensor_name(const struct net_tensor *tensor) {
    struct tensor_name name;
    char *to = stpcpy(stpcpy(name.text, "layers."), text_number((double)tensor->layer, 17).text);
    stpcpy(stpcpy(to, "."), tensor->is->name);
    return name;
}
