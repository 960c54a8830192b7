/* See npy_names.h. */
#include "read/npy_names.h"

#include <string.h>

static const char separators[] = "_-.";

static const char *const feature_words[] = {"x", "data", "features", "images", NULL};
static const char *const target_words[] = {"y", "Y", "labels", "label", "targets", "target", NULL};
static const struct part_word {
    const char *text;
    enum npy_part part;
} part_words[] = {{"train", NPY_TRAIN},      {"training", NPY_TRAIN},        {"val", NPY_VALIDATION},
                  {"valid", NPY_VALIDATION}, {"validation", NPY_VALIDATION}, {"test", NPY_TEST}};

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool same(const char *text, size_t length, const char *word) {
    if (strlen(word) != length) return false;
    for (size_t i = 0; i < length; i++)
        if (lower(text[i]) != lower(word[i])) return false;
    return true;
}

static bool is_among(const char *text, size_t length, const char *const *words) {
    for (; *words; words++)
        if (same(text, length, *words)) return true;
    return false;
}

static bool find_part(const char *text, size_t length, enum npy_part *part) {
    for (size_t i = 0; i < sizeof part_words / sizeof *part_words; i++)
        if (same(text, length, part_words[i].text)) {
            *part = part_words[i].part;
            return true;
        }
    return false;
}

/* The name's WORD, [*length]; NULL: the name has another form. */
static const char *word_of(const char *name, enum npy_part *part, size_t *length) {
    size_t first = strcspn(name, separators);
    *part = NPY_TRAIN;
    *length = first;
    if (!name[first]) return name;
    const char *second = name + first + 1;
    if (!find_part(name, first, part)) return find_part(second, strlen(second), part) ? name : NULL;
    *length = strlen(second);
    return second;
}

enum npy_role npy_role_of(const char *name) {
    enum npy_part part;
    size_t length;
    const char *word = word_of(name, &part, &length);
    if (word && is_among(word, length, feature_words)) return (enum npy_role)(2 * part);
    if (word && is_among(word, length, target_words)) return (enum npy_role)(2 * part + 1);
    return NPY_ROLES;
}

bool npy_names_labels(const char *name) {
    enum npy_part part;
    size_t length;
    const char *word = word_of(name, &part, &length);
    return word && is_among(word, length, target_words) && !same(word, length, "targets");
}

const char *npy_role_name(enum npy_role role) {
    static const char *const names[NPY_ROLES] = {"training features",   "training labels or targets",
                                                 "validation features", "validation labels or targets",
                                                 "test features",       "test labels or targets"};
    return role < NPY_ROLES ? names[role] : "nothing known here";
}

bool npy_find_word(const char *name, size_t length, bool targets, struct npy_word *word) {
    bool found = false;
    for (size_t at = 0, end; at < length; at = end + 1) {
        end = at + strcspn(name + at, separators);
        if (end > length) end = length;
        if (!is_among(name + at, end - at, targets ? target_words : feature_words)) continue;
        *word = (struct npy_word){at, end - at};
        found = true;
    }
    return found;
}

const char *npy_target_word(size_t i) {
    return target_words[i];
}
