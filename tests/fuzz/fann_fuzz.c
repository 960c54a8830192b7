/* Fuzzes FANN's training data: any bytes are read or refused, twice the same; pairs that are written again, in lines of
 * their own, are the same, as numbers and as classes, and are recognized; memory is bounded by the text's size. */
#include "fuzz/fuzz.h"
#include "fuzz/rows.h"
#include "table/fann.h"

/* What a first reading finds, for the first line. */
static struct {
    size_t pairs, inputs, outputs;
    bool classes;
} counts;

static void count_pair(const struct table_reader *reader, const struct cell *cells, struct bytes *text) {
    (void)text;
    size_t last = reader->columns - 1;
    if (!cells) {
        memset(&counts, 0, sizeof counts);
        while (reader->headings[counts.inputs].says == HEADING_NUMBER) counts.inputs++;
        counts.classes = reader->headings[last].says == HEADING_TARGET_CLASS;
        counts.outputs = counts.classes ? 2 : reader->columns - counts.inputs;
        return;
    }
    counts.pairs++;
    size_t place = counts.classes ? strtoul(cells[last].text, NULL, 10) : 0;
    if (place >= counts.outputs) counts.outputs = place + 1;
}

static void write_pair(const struct table_reader *reader, const struct cell *cells, struct bytes *text) {
    char line[80];
    snprintf(line, sizeof line, "%zu %zu %zu\n", counts.pairs, counts.inputs, counts.outputs);
    if (!cells) add_text(text, line);
    for (size_t i = 0; cells && i < counts.inputs + counts.outputs; i++) {
        size_t output = i - counts.inputs;
        if (i < counts.inputs || !counts.classes)
            add_number(text, cells[i].number);
        else
            add_text(text, strtoul(cells[reader->columns - 1].text, NULL, 10) == output ? "1" : "-1");
        add_text(text, i + 1 == counts.inputs || output + 1 == counts.outputs ? "\n" : " ");
    }
}

static void read_fann(const void *bytes, size_t size, bool regression) {
    nudge_data_options options = NUDGE_DATA_OPTIONS;
    options.regression = regression;
    struct kept first = read_table(fann_open, &options, count_pair, bytes, size, true);
    if (first.opened) {
        require(first.whole, "what is opened is whole");
        struct kept second = read_table(fann_open, &options, write_pair, bytes, size, true);
        struct kept again = read_table(fann_open, &options, NULL, second.text.at, second.text.used, true);
        require(again.whole && again.rows.used == first.rows.used &&
                    memcmp(again.rows.at, first.rows.at, first.rows.used) == 0,
                "written in another way it is the same table");
        require(second.text.used >= TEXT_LOOK || fann_looks_like(second.text.at, second.text.used),
                "what is written is recognized");
        release_kept(&second);
        release_kept(&again);
    }
    release_kept(&first);
}

static enum fann_outputs known_as;

static nudge_status open_known(const nudge_allocator *allocator, struct text_source *source,
                               const nudge_data_options *options, struct table_reader **reader,
                               nudge_error *error) {
    return fann_open_as(allocator, source, known_as, options->unlabelled, reader, error);
}

/* With outputs that are known from another table: as numbers, and where a gap may be, whatever opens is whole. */
static void read_known(const void *bytes, size_t size) {
    nudge_data_options options = NUDGE_DATA_OPTIONS;
    for (int i = 0; i < 3; i++) {
        known_as = i == 2 ? FANN_NUMBERS : FANN_CLASS;
        options.unlabelled = i == 1;
        struct kept kept = read_table(open_known, &options, NULL, bytes, size, true);
        require(!kept.opened || kept.whole || i == 0, "what is opened is whole");
        release_kept(&kept);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fann_looks_like((const char *)bytes, size);
    read_fann(bytes, size, false);
    read_fann(bytes, size, true);
    read_known(bytes, size);
    return 0;
}

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    static const char *const texts[] = {
        "2 2 1\n0.5 -1\n0.25\n1 1e-2\n0.75\n",
        "4 2 1\r\n-1 -1\r\n-1\r\n-1 1\r\n1\r\n1 -1\r\n1\r\n1 1\r\n-1\r\n",
        "\357\273\2773 1 3 5 0 0 1 6\n0 1\t0\f7 1 0 0",
        "1 3 3\n1 2 3\n4 5 6\n",
        "1 1000000 48576\n1\n2\n",
        "2 1 2\n5\n0.1 0.9\n6\n0.9 0.1\n",
    };
    if (i >= sizeof texts / sizeof *texts) return 0;
    memcpy(bytes, texts[i], strlen(texts[i]));
    return strlen(texts[i]);
}
