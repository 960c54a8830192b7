/* Fuzzes the records of text tables: any bytes are read or refused; fields lie within what was given; the same bytes give
 * the same records, whole or in pieces; and a table written from its fields reads back as they are. */
#include "base/memory.h"
#include "fuzz/fuzz.h"
#include "table/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 64 };

static void require(bool promise, const char *what) {
    if (promise) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

/* A table's records, every field in quotes: what it is in another way of writing. */
struct kept {
    char *bytes;
    size_t used, records;
    bool refused;
};

static void keep(struct kept *kept, const struct csv_field *fields, size_t count, char separator) {
    char *to = kept->bytes + kept->used;
    for (size_t i = 0; i < count; i++) {
        *to++ = i ? separator : '"';
        if (i) *to++ = '"';
        for (size_t k = 0; k < fields[i].length; k++) {
            if (fields[i].text[k] == '"') *to++ = '"';
            *to++ = fields[i].text[k];
        }
        *to++ = '"';
    }
    *to++ = '\n';
    kept->used = (size_t)(to - kept->bytes);
    kept->records++;
}

static struct kept read_table(const uint8_t *bytes, size_t size, char separator, size_t piece) {
    struct kept kept = {.bytes = malloc(8 * (size + 2))};
    struct csv csv = csv_begin(separator, "fuzz");
    struct csv_field fields[ROOM];
    char *held = malloc(size + 1);
    size_t given = 0, filled = 0, count, taken;
    require(kept.bytes && held, "there is memory");
    for (bool more = true; more && !kept.refused; more = given < size) {
        size_t now = size - given < piece ? size - given : piece;
        memcpy(held + filled, bytes + given, now);
        given += now;
        filled += now;
        do {
            nudge_error error = {0};
            nudge_status status =
                csv_next(&csv, held, filled, given == size, fields, ROOM, &count, &taken, &error);
            require(!status == !error.message[0], "a failure has its sentence");
            kept.refused = status != NUDGE_OK;
            if (kept.refused) break;
            require(taken <= filled && count <= ROOM && (count == 0 || taken > 0),
                    "no more is taken than was given");
            for (size_t i = 0; i < count; i++)
                require(fields[i].text >= held && fields[i].text + fields[i].length <= held + filled &&
                            strlen(fields[i].text) == fields[i].length,
                        "a field is a text within the bytes");
            if (count) keep(&kept, fields, count, separator);
            memmove(held, held + taken, filled -= taken);
        } while (count > 0);
    }
    require(kept.refused || filled == 0, "all bytes are taken at the end");
    require(csv.records == kept.records, "records are counted");
    free(held);
    return kept;
}

/* One byte behind the bytes may be written, and no other one. What looks like a table has two fields and more. */
static void look_at(const uint8_t *bytes, size_t size, bool last) {
    nudge_allocator allocator = memory_allocator(NULL);
    char *copy = malloc(size + 1);
    require(copy != NULL, "there is memory");
    if (size) memcpy(copy, bytes, size);
    bool looks;
    require(csv_look(&allocator, copy, size, last, &looks, NULL) == NUDGE_OK, "looking never fails");
    require(!looks || (size >= 3 && !memchr(bytes, 0, size)), "what looks like a table is a text");
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static const char separators[] = ",;\t| ";
    bool wide;
    char guessed = csv_guess_separator((const char *)bytes, size, true);
    require(strchr(separators, guessed) != NULL, "the guess is a separator");
    require(csv_skip_mark((const char *)bytes, size, &wide) <= size, "a mark is within the bytes");
    for (int last = 0; last < 2; last++) look_at(bytes, size, last);
    for (const char *s = separators; *s; s++) {
        struct kept whole = read_table(bytes, size, *s, size + 1);
        for (size_t piece = 1; piece <= 7; piece += 3) {
            struct kept parts = read_table(bytes, size, *s, piece);
            require(parts.refused == whole.refused && parts.used == whole.used &&
                        memcmp(parts.bytes, whole.bytes, whole.used) == 0,
                    "pieces give the same records");
            free(parts.bytes);
        }
        struct kept again = read_table((const uint8_t *)whole.bytes, whole.used, *s, SIZE_MAX);
        require(!again.refused && again.used == whole.used &&
                    memcmp(again.bytes, whole.bytes, whole.used) == 0,
                "written in quotes it is the same table");
        free(again.bytes);
        free(whole.bytes);
    }
    return 0;
}

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    static const char *const texts[] = {
        "a,b,c\n1,2,3\n4,5,6\n",
        "\xEF\xBB\xBFname;says\r\n\"x;y\";\"he said \"\"no\"\"\"\r\n",
        "1\t2\t\n\t\t\n3\t4\t5",
        "  5.1 3.5  1.4\n4.9 3.0 1.4 \n\n",
        "x,\"line one\nline two\r\nline three\",z\ry",
        "a|b\n\"\"|\"\"\"\"\n",
        ",,,\n,\n",
    };
    if (i >= sizeof texts / sizeof *texts) return 0;
    memcpy(bytes, texts[i], strlen(texts[i]));
    return strlen(texts[i]);
}
