/* Records of text tables: table/csv.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/files.h"
#include "table/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 16 };

/* The table as "[a|b][c|d]", an unquoted empty field as "_", handed on in pieces of `piece` bytes; or "! " and the
 * sentence. To be freed. */
static char *records_of(const char *text, size_t length, char separator, size_t piece) {
    struct csv csv = csv_begin(separator, "t");
    struct csv_field fields[ROOM];
    char *out = calloc(1, 4 * length + 2048), *to = out, *bytes = malloc(length + 1);
    nudge_error error = {0};
    size_t given = 0, held = 0; /* bytes[0 .. held-1] are not taken yet */
    assert_true(out && bytes);
    for (bool more = true; more;) {
        size_t now = length - given < piece ? length - given : piece, count, taken;
        memcpy(bytes + held, text + given, now);
        given += now;
        held += now;
        do {
            if (csv_next(&csv, bytes, held, given == length, fields, ROOM, &count, &taken, &error)) {
                sprintf(to, "! %s", error.message);
                free(bytes);
                return out;
            }
            assert_true(taken <= held);
            for (size_t i = 0; i < count; i++) {
                assert_int_equal(fields[i].text[fields[i].length], 0);
                assert_int_equal(strlen(fields[i].text), fields[i].length);
                to += sprintf(to, "%s%s", i ? "|" : "[",
                              fields[i].length || fields[i].quoted ? fields[i].text : "_");
            }
            if (count) to += sprintf(to, "]");
            memmove(bytes, bytes + taken, held -= taken);
        } while (count > 0);
        more = given < length;
        assert_true(more || held == 0);
    }
    free(bytes);
    return out;
}

/* However it is cut into pieces. */
static void expect(const char *text, char separator, const char *expected) {
    size_t length = strlen(text);
    for (size_t piece = 1; piece <= length + 1; piece++) {
        char *found = records_of(text, length, separator, piece);
        if (strcmp(found, expected))
            fail_msg("'%s' in pieces of %zu: '%s', expected '%s'", text, piece, found, expected);
        free(found);
    }
}

static void fields_are_apart(void **state) {
    (void)state;
    expect("", ',', "");
    expect("\n\n  \n", ',', "");
    expect("a,b\n1,2\n", ',', "[a|b][1|2]");
    expect("a,b\r\n1,2\r\n", ',', "[a|b][1|2]");
    expect("a,b\r1,2", ',', "[a|b][1|2]");
    expect("a,b\n\n\n1,2\n", ',', "[a|b][1|2]");
    expect("a;b,c;d\n", ';', "[a|b,c|d]");
    expect("a\tb c\td\n", '\t', "[a|b c|d]");
    expect("a|b\n", '|', "[a|b]");
    expect(",,\n,\n", ',', "[_|_|_][_|_]");
    expect("a,\n,b\n", ',', "[a|_][_|b]");
    expect("\t\n", '\t', "[_|_]");
    expect(" a , b c ,d\t\n", ',', "[a|b c|d]");
    expect("x", ',', "[x]");
    expect("  1   2\t3 \n4 5 6\n", ' ', "[1|2|3][4|5|6]");
    expect("1 2 \n", ' ', "[1|2]");
    expect("Größe,漢字\n", ',', "[Größe|漢字]");
}

static void quotes_hide_what_stands_in_them(void **state) {
    (void)state;
    expect("\"a\",\"b,c\"\n", ',', "[a|b,c]");
    expect("\"a\nb\",\"c\r\nd\"\n1,2\n", ',', "[a\nb|c\r\nd][1|2]");
    expect("\"say \"\"no\"\"\",x\n", ',', "[say \"no\"|x]");
    expect("\"\",\"\"\"\"\n", ',', "[|\"]");
    expect(" \"a\" , \"b\"\t\n", ',', "[a|b]");
    expect(",\t\"a\nb\"\n", ',', "[_|a\nb]");
    expect("\" a \",b\n", ',', "[ a |b]");
    expect("5\" pipe,say \"x\"\n", ',', "[5\" pipe|say \"x\"]"); /* not at a field's beginning: a letter */
    expect("\"a b\" c\n", ' ', "[a b|c]");
    expect("\"a\tb\"\tc\n", '\t', "[a\tb|c]");
}

static void what_is_no_table_is_refused(void **state) {
    (void)state;
    expect("a,b\n1,\"2\n3,4\n", ',', "[a|b]! t: line 2, column 3: a quote that is not closed");
    expect("a\n\"b\"c\n", ',',
           "[a]! t: line 2, column 4: something behind a closing quote, expected the next field");
    expect("\"a\nb\"\"\n\"x,1\n", ',',
           "! t: line 3, column 2: something behind a closing quote, expected the next field");
    expect("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\n", ',',
           "! t: line 1, column 40: more fields than the lines before have");
    char *found = records_of("a,b\n1,\0\n", 8, ',', 99);
    assert_string_equal(found, "[a|b]! t: line 2, column 3: a byte 0, expected text");
    free(found);
}

static void separators_are_guessed(void **state) {
    (void)state;
    static const struct {
        const char *text;
        char separator;
    } cases[] = {
        {"a,b,c\n1,2,3\n", ','},
        {"a;b;c\n1,5;2,5;3,5\n", ';'},
        {"a\tb\n1 2\t3\n", '\t'},
        {"a|b|c\n1|2|3\n", '|'},
        {"5.1 3.5 1.4\n4.9 3.0 1.4\n", ' '},
        {"  1  2\n 10 20\n", ' '},
        {"name,says\n\"a;b;c\",\"x;y;z\"\n", ','},
        {"a\n1\n2\n", ','},
        {"", ','},
        {"one line of words\nand another one\n", ','},
        {"a b,c d\n1 2,3 4\n", ','},
        {"\"a,b\";c\n1;2\n", ';'},
        {"\"a\nb\";1\n\"c\";2\n", ';'},
        {"\"a\";\"b\"\n\"1,5\";\"2,5\"\n", ';'},
        {"\"a\" \"b c\"\n\"d\" \"e\"\n", ' '},
        {"a,b\n1,2", ','},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char found = csv_guess_separator(cases[i].text, strlen(cases[i].text), true);
        if (found != cases[i].separator)
            fail_msg("'%s': '%c', expected '%c'", cases[i].text, found, cases[i].separator);
    }
    assert_int_equal(csv_guess_separator("a,b\n1;2;3", 9, false), ','); /* the second line is not whole */
    bool wide;
    assert_int_equal(csv_skip_mark("\xEF\xBB\xBF"
                                   "a",
                                   4, &wide),
                     3);
    assert_false(wide);
    assert_int_equal(csv_skip_mark("\xFF\xFE"
                                   "a\0",
                                   4, &wide),
                     0);
    assert_true(wide);
}

/* A record's line is its first, however many it has. */
static void lines_are_counted(void **state) {
    (void)state;
    struct csv csv = csv_begin(',', "t");
    struct csv_field fields[ROOM];
    size_t count, taken;
    for (uint64_t i = 0; i < 100000; i++) {
        char line[] = "1,\"two\nlines\",3\n\n";
        assert_int_equal(csv_next(&csv, line, sizeof line - 1, false, fields, ROOM, &count, &taken, NULL),
                         NUDGE_OK);
        assert_int_equal(count, 3);
        assert_int_equal(csv.at_line, 1 + 2 * i);
    }
    assert_int_equal(csv.records, 100000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_apart),
        cmocka_unit_test(quotes_hide_what_stands_in_them),
        cmocka_unit_test(what_is_no_table_is_refused),
        cmocka_unit_test(separators_are_guessed),
        cmocka_unit_test(lines_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
