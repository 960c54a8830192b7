/* See names.h. Invariant: a sentence about a table is made from the table. */
#include "base/names.h"

#include "base/status.h"
#include "base/text.h"

#include <string.h>

static const char *name_at(struct names names, size_t row) {
    const char *name;
    memcpy(&name, (const char *)names.first + row * names.stride, sizeof name);
    return name;
}

struct names_text names_text(struct names names) {
    struct names_text list = {{0}};
    size_t used = 0;
    for (size_t row = 0; row < names.count; row++) {
        const char *before = row == 0 ? "" : row + 1 < names.count ? ", " : " or ";
        used = text_append(list.text, sizeof list.text, used, "%s%s", before, name_at(names, row));
    }
    return list;
}

nudge_status names_find(size_t *row, struct names names, const char *name, const char *what,
                        nudge_error *error) {
    for (size_t i = 0; i < names.count; i++)
        if (strcmp(name_at(names, i), name) == 0) {
            *row = i;
            return NUDGE_OK;
        }
    return error_set(error, NUDGE_BAD_ARGUMENT, "%s \"%s\", expected %s", what, name, names_text(names).text);
}
