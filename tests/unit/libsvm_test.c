/* LIBSVM's tables: table/libsvm.h; and the lines that all such formats stand on: table/text_lines.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/files.h"
#include "support/rows.h"
#include "table/libsvm.h"
#include "table/text_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect(const char *text, const char *expected) {
    expect_rows(libsvm_open, NULL, text, strlen(text), expected);
}

static void expect_with(size_t features, const char *text, const char *expected) {
    nudge_data_options options = NUDGE_DATA_OPTIONS;
    options.features = features;
    expect_rows(libsvm_open, &options, text, strlen(text), expected);
}

#define HEADINGS_2 "label 1:number 2:number "
#define HEADINGS_3 HEADINGS_2 "3:number "

static void rows_are_read(void **state) {
    (void)state;
    expect("+1 1:0.5 3:-2\n-1 2:1e-3\n", HEADINGS_3 "| 1: 1 0.5 0 -2 | 2: -1 0 0.001 0");
    expect("1 2:3", HEADINGS_2 "| 1: 1 0 3");
    expect("2.5 \t1:1  2:2\t\r\n\r\n0\r\n", HEADINGS_2 "| 1: 2.5 1 2 | 3: 0 0 0");
    expect("# all of it\n3 1:1 2:2 # nr 1:9\n  # no more\n4 2:0#x\n", HEADINGS_2 "| 2: 3 1 2 | 4: 4 0 0");
    expect("1 qid:3 1:1 2:2\n0 qid:10\n", HEADINGS_2 "| 1: 1 1 2 | 2: 0 0 0");
    expect("1 1:1\r0 2:2\r", HEADINGS_2 "| 1: 1 1 0 | 2: 0 0 2");
    expect("\xEF\xBB\xBF"
           "1 2:7\n",
           HEADINGS_2 "| 1: 1 0 7");
    expect("1 2:9007199254740993 \n", HEADINGS_2 "| 1: 1 0 9007199254740992");
    expect("1 1:0.1 2:179769313486231570000e288\n", HEADINGS_2 "| 1: 1 0.1 1.7976931348623157e+308");
}

static void features_are_given_or_counted(void **state) {
    (void)state;
    expect_with(3, "1 1:5\n", HEADINGS_3 "| 1: 1 5 0 0");
    expect_with(2, "1\n", HEADINGS_2 "| 1: 1 0 0");
    expect_with(2, "", "label 1:number 2:number");
    expect_with(2, "1 1:5\n0 2:1 3:5\n",
                HEADINGS_2 "| 1: 1 5 0 ! t: line 2, column 7: found the index 3, expected at most 2, the "
                           "number of features");
    expect_with(COLUMNS_MOST, "1 1:5\n", "! t: found 1048576 features, expected at most 1048575");
    expect("1 1048576:1\n", "! t: line 1, column 3: found the index 1048576, expected at most 1048575");
    expect("1 99999999999999999999:1\n",
           "! t: line 1, column 3: found '99999999999999999999:1', expected index:value");
    expect("", "! t: has no row with a feature, expected lines as '1 1:0.5 3:2'");
    expect("1\n0 # 1:2\n", "! t: has no row with a feature, expected lines as '1 1:0.5 3:2'");
}

static void what_is_no_row_is_refused(void **state) {
    (void)state;
    expect("1 1:1\n2,3 1:1\n", "! t: line 2, column 1: found the labels '2,3', expected one label: rows with "
                               "several are not read");
    expect("  x 1:1\n", "! t: line 1, column 3: found 'x', expected a label, a number");
    expect("1:1 2:3\n", "! t: line 1, column 1: found '1:1', expected a label, a number");
    expect("nan 1:1\n", "! t: line 1, column 1: found 'nan', expected a label, a number");
    expect("1 0:1\n", "! t: line 1, column 3: found the index 0, expected indices that are counted from 1");
    expect("1 2:1 2:1\n", "! t: line 1, column 7: found the index 2 after 2, expected ascending indices");
    expect("1 3:1 2:1\n", "! t: line 1, column 7: found the index 2 after 3, expected ascending indices");
    expect("1 1:\n", "! t: line 1, column 5: found '', expected a finite number");
    expect("1 1:x\n", "! t: line 1, column 5: found 'x', expected a finite number");
    expect("1 1:inf\n", "! t: line 1, column 5: found 'inf', expected a finite number");
    expect("1 1:1e999\n", "! t: line 1, column 5: found '1e999', expected a finite number");
    expect("1 1:0x10\n", "! t: line 1, column 5: found '0x10', expected a finite number");
    expect("1 1:1,5\n", "! t: line 1, column 5: found '1,5', expected a finite number");
    expect("1 1:1:1\n", "! t: line 1, column 5: found '1:1', expected a finite number");
    expect("1 1\n", "! t: line 1, column 3: found '1', expected index:value");
    expect("1 -1:1\n", "! t: line 1, column 3: found '-1:1', expected index:value");
    expect("1 :1\n", "! t: line 1, column 3: found ':1', expected index:value");
    expect("1 1 :1\n", "! t: line 1, column 3: found '1', expected index:value");
    expect("1 qid: 1:1\n", "! t: line 1, column 3: found 'qid:', expected index:value");
    expect("1 1:1 qid:3\n", "! t: line 1, column 7: found 'qid:3', expected index:value");
    expect("\xFF\xFE"
           "1\n",
           "! t: is text in UTF-16 or UTF-32, expected UTF-8");
    expect_rows(libsvm_open, NULL, "1 1:1\n1 \0:1\n", 13, "! t: line 2, column 3: a byte 0, expected text");
}

static void it_is_recognized(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool is;
    } cases[] = {
        {"+1 1:0.5 3:-2\n-1 2:1e-3\n", true},
        {"1 1:0.5", true},
        {"# made\n\n2.5 qid:3 1:1 2:2 # x:y\n0\n", true},
        {"1,2 3:4 5:6\n", true}, /* refused later, with a sentence, */
        {"1 0:1 1:1\n", true},   /* and so is this */
        {"\xEF\xBB\xBF"
         "1 1:1 2:2\r\n",
         true},
        {"", false},
        {"1\n0\n", false},
        {"1 2 3\n4 5 6\n", false},
        {"a,b\n1,2\n", false},
        {"1 12:30\n2 13:45\n", false}, /* times */
        {"1 08:05 09:30\n", false},
        {"1 8:05 9:30\n", false},
        {"1 12:05 13:01\n", false},
        {"1 a:1 2:3\n", false},
        {"1 1:1 2:2\nx 1:1\n", false},
        {"1;1:2;2:3\n", false},
        {"@relation x\n", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (libsvm_looks_like(cases[i].text, strlen(cases[i].text)) != cases[i].is)
            fail_msg("'%s' %s", cases[i].text, cases[i].is ? "is not taken" : "is taken");
}

/* A beginning that is cut within a line. */
static void it_is_recognized_in_part(void **state) {
    (void)state;
    char *text = malloc(2 * TEXT_LOOK);
    size_t used = 0;
    assert_non_null(text);
    while (used < TEXT_LOOK) used += (size_t)sprintf(text + used, "1 1:0.5 2:3\n");
    memcpy(text + TEXT_LOOK - 4, "7 3:", 4);
    assert_true(libsvm_looks_like(text, TEXT_LOOK));
    used = 1;
    text[0] = '1';
    for (size_t i = 1; used < TEXT_LOOK; i++) used += (size_t)sprintf(text + used, " %zu:0.5", i);
    assert_true(libsvm_looks_like(text, TEXT_LOOK)); /* one line, longer than that */
    free(text);
}

/* Lines that are longer than the buffer, and the longest. */
static void lines_may_be_long(void **state) {
    (void)state;
    struct accounts accounts = {0};
    nudge_allocator allocator = counting_allocator(&accounts);
    size_t size = (size_t)TEXT_MOST_LINE + 8, length;
    char *bytes = malloc(size), *text;
    assert_non_null(bytes);
    for (size_t longest = TEXT_FIRST_ROOM - 3; longest < TEXT_FIRST_ROOM + 3; longest++) {
        nudge_error error = {0};
        struct text_source *source;
        memset(bytes, 'x', size);
        bytes[1] = bytes[longest + 2] = '\n';
        assert_int_equal(text_source_memory(&allocator, "t", bytes, longest + 4, &source, &error), NUDGE_OK);
        struct text_lines lines = text_lines_begin(&allocator, source);
        assert_int_equal(text_lines_next(&lines, &text, &length, &error), NUDGE_OK);
        assert_string_equal(text, "x");
        assert_int_equal(text_lines_next(&lines, &text, &length, &error), NUDGE_OK);
        assert_int_equal(length, longest);
        assert_int_equal(strlen(text), longest);
        assert_int_equal(text_lines_next(&lines, &text, &length, &error), NUDGE_OK);
        assert_string_equal(text, "x");
        assert_int_equal(lines.line, 3);
        assert_int_equal(text_lines_next(&lines, &text, &length, &error), NUDGE_OK);
        assert_null(text);
        text_lines_end(&lines);
    }
    memset(bytes, ' ', size);
    struct table_reader *reader;
    struct text_source *source;
    nudge_error error = {0};
    assert_int_equal(text_source_memory(&allocator, "t", bytes, size, &source, &error), NUDGE_OK);
    expect_error(libsvm_open(&allocator, source, NULL, &reader, &error), NUDGE_BAD_INPUT, &error,
                 "t: line 1: is longer than 67108863 bytes", NULL);
    assert_int_equal(accounts.live_blocks, 0);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read),
        cmocka_unit_test(features_are_given_or_counted),
        cmocka_unit_test(what_is_no_row_is_refused),
        cmocka_unit_test(it_is_recognized),
        cmocka_unit_test(it_is_recognized_in_part),
        cmocka_unit_test(lines_may_be_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
