/* Fuzzes LIBSVM's tables: any bytes are read or refused, twice the same; a table that is written again, its zeros left out,
 * is the same. Many features take memory however short the text is: there it may be refused. */
#include "fuzz/fuzz.h"
#include "fuzz/rows.h"
#include "table/libsvm.h"

static void write_row(const struct table_reader *reader, const struct cell *cells, struct bytes *text) {
    if (!cells) return;
    add_number(text, cells[0].number);
    for (size_t i = 1; i < reader->columns; i++) {
        /* the last one always: it says how many there are */
        if (cells[i].number == 0 && i + 1 < reader->columns) continue;
        add_text(text, " ");
        add_text(text, reader->headings[i].name);
        add_text(text, ":");
        add_number(text, cells[i].number);
    }
    add_text(text, " # all\r\n");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    nudge_data_options options = NUDGE_DATA_OPTIONS;
    libsvm_looks_like((const char *)bytes, size);
    read_both_ways(libsvm_open, &options, write_row, bytes, size, false);
    options.features = 9;
    read_both_ways(libsvm_open, &options, write_row, bytes, size, true);
    return 0;
}

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    static const char *const texts[] = {
        "+1 1:0.5 3:-2\n-1 2:1e-3\n",
        "\357\273\2771 qid:3 1:1 2:2\r\n0 qid:10 # none\r\n",
        "# all\n2.5 \t1:1  2:2\t\r\r0\r",
        "1,2 3:4\n",
        "1 5:12345678901234567890 9:1e300 12:0x1p3 1048575:1",
    };
    if (i >= sizeof texts / sizeof *texts) return 0;
    memcpy(bytes, texts[i], strlen(texts[i]));
    return strlen(texts[i]);
}
