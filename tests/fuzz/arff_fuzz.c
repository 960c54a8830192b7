/* Fuzzes ARFF tables: any bytes are read or refused, twice the same; a table that is written again, dense and in quotes, is
 * the same; memory is bounded by the text's size. */
#include "fuzz/fuzz.h"
#include "fuzz/rows.h"
#include "table/arff.h"

static void add_quoted(struct bytes *text, const char *value) {
    add_text(text, "'");
    for (; *value; value++) {
        const char *escape = *value == '\n'   ? "\\n"
                             : *value == '\r' ? "\\r"
                             : *value == '\'' ? "\\'"
                             : *value == '\\' ? "\\\\"
                                              : NULL;
        if (escape)
            add_text(text, escape);
        else
            add_bytes(text, value, 1);
    }
    add_text(text, "'");
}

static void write_header(const struct table_reader *reader, struct bytes *text) {
    for (size_t i = 0; i < reader->columns; i++) {
        const struct table_heading *heading = &reader->headings[i];
        add_text(text, "@ATTRIBUTE ");
        add_quoted(text, heading->name);
        add_text(text, heading->says == HEADING_NUMBER ? " real" : heading->categories ? "{" : " string");
        for (size_t k = 0; k < heading->category_count; k++) {
            if (k) add_text(text, ",");
            add_quoted(text, heading->categories[k]);
        }
        add_text(text, heading->categories ? "}\n" : "\n");
    }
    add_text(text, "@data\n");
}

static void write_row(const struct table_reader *reader, const struct cell *cells, struct bytes *text) {
    if (!cells) {
        write_header(reader, text);
        return;
    }
    for (size_t i = 0; i < reader->columns; i++) {
        if (i) add_text(text, ", ");
        if (cells[i].kind == CELL_NUMBER) add_number(text, cells[i].number);
        if (cells[i].kind == CELL_MISSING) add_text(text, "?");
        if (cells[i].kind == CELL_TEXT) add_quoted(text, cells[i].text);
        bool listed = reader->headings[i].says != HEADING_CATEGORY || cells[i].kind == CELL_MISSING;
        for (size_t k = 0; !listed && k < reader->headings[i].category_count; k++)
            listed = strcmp(reader->headings[i].categories[k], cells[i].text) == 0;
        require(listed, "a category is one of its list");
    }
    add_text(text, "\n");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    arff_looks_like((const char *)bytes, size);
    read_both_ways(arff_open, NULL, write_row, bytes, size, true);
    return 0;
}

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    static const char *const texts[] = {
        "% by hand\n@relation 'a b'\n@attribute age numeric\n@attribute sex {female, male, 'not said'}\n"
        "@attribute note string\n@data\n31,male,x\n?,'not said',\"a, \\\"b\\\"\" % said so\n"
        "{0 44, 2 text}\n{}\n",
        "@ATTRIBUTE 'i\\'s'{a,\"b\\n\"}\r\n@attribute d date\r\n@DATA\r\na 1\r\n'a'\t'b'\r{1 '?'}",
        "@attribute a real\n@attribute b integer\n@data\n1,2,{0.5}\n",
        "@attribute a relational\n@attribute b string\n@end a\n@data\n",
        "\xEF\xBB\xBF@attribute only string\n@data\na b % c\n'%'\n50%\n",
    };
    if (i >= sizeof texts / sizeof *texts) return 0;
    memcpy(bytes, texts[i], strlen(texts[i]));
    return strlen(texts[i]);
}
