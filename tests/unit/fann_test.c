/* FANN's training data: table/fann.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/rows.h"
#include "table/fann.h"
#include "table/text_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect(const char *text, const char *expected) {
    expect_rows(fann_open, NULL, text, strlen(text), expected);
}

#define NUMBER "_:number "
#define TARGET "_:target "
#define CLASS "class:class "

static void pairs_are_read(void **state) {
    (void)state;
    expect("2 2 1\n0.5 -1\n0.25\n1 1e-2\n0.75\n", NUMBER NUMBER TARGET "| 2: 0.5 -1 0.25 | 4: 1 0.01 0.75");
    expect("1 1 2\r\n5\r\n0.5 7 \r\n", NUMBER TARGET TARGET "| 2: 5 0.5 7");
    expect("\n2 2 1 0.5\n-1 0.25 1\n\n\f\v1e-2\t0.75",
           NUMBER NUMBER TARGET "| 2: 0.5 -1 0.25 | 3: 1 0.01 0.75"); /* only blanks are between numbers */
    expect("\xEF\xBB\xBF"
           "1 1 1\n3\n4\n",
           NUMBER TARGET "| 2: 3 4");
}

static void outputs_may_be_classes(void **state) {
    (void)state;
    expect("2 1 2\n5\n0 1\n6\n1 0\n", NUMBER CLASS "| 2: 5 '1' | 4: 6 '0'");
    expect("2 1 3\n5\n-1 -1 1\n6\n-1 1 -1\n", NUMBER CLASS "| 2: 5 '2' | 4: 6 '1'");
    expect("2 1 2\n5\n0.1 0.9\n6\n0.9 0.1\n", NUMBER CLASS "| 2: 5 '1' | 4: 6 '0'");
    expect("1 1 2\n5\n0 1\n", NUMBER CLASS "| 2: 5 '1'");
    expect("2 1 1\n5\n1\n6\n0\n", NUMBER CLASS "| 2: 5 '1' | 4: 6 '0'");
    expect("2 1 1\n5\n-1\n6\n1\n", NUMBER CLASS "| 2: 5 '0' | 4: 6 '1'");
    expect("1 1 1\n5\n1\n", NUMBER CLASS "| 2: 5 '1'");
    expect("1 1 12\n5\n0 0 0 0 0 0 0 0 0 0 0 1\n", NUMBER CLASS "| 2: 5 '11'");
    /* and these are not */
    expect("1 1 2\n5\n0.3 0.7\n", NUMBER TARGET TARGET "| 2: 5 0.3 0.7");
    expect("2 1 2\n5\n0 1\n6\n1 1\n", NUMBER TARGET TARGET "| 2: 5 0 1 | 4: 6 1 1");
    expect("2 1 2\n5\n0 1\n6\n0 0\n", NUMBER TARGET TARGET "| 2: 5 0 1 | 4: 6 0 0");
    expect("2 1 2\n5\n0 1\n6\n1 -1\n", NUMBER TARGET TARGET "| 2: 5 0 1 | 4: 6 1 -1");
    expect("2 1 3\n5\n0 1 1\n6\n1 1 0\n", NUMBER TARGET TARGET TARGET "| 2: 5 0 1 1 | 4: 6 1 1 0");
    expect("1 1 2\n5\n1 1\n", NUMBER TARGET TARGET "| 2: 5 1 1");
    expect("2 1 1\n5\n0\n6\n0.5\n", NUMBER TARGET "| 2: 5 0 | 4: 6 0.5");
    expect("2 1 1\n5\n0\n6\n-1\n", NUMBER TARGET "| 2: 5 0 | 4: 6 -1");
    nudge_data_options options = NUDGE_DATA_OPTIONS;
    options.regression = true;
    const char *text = "1 1 2\n5\n0 1\n";
    expect_rows(fann_open, &options, text, strlen(text), NUMBER TARGET TARGET "| 2: 5 0 1");
}

static nudge_status open_as_class(const nudge_allocator *allocator, struct text_source *source,
                                  const nudge_data_options *options, struct table_reader **reader,
                                  nudge_error *error) {
    return fann_open_as(allocator, source, FANN_CLASS, options && options->unlabelled, reader, error);
}

static nudge_status open_as_numbers(const nudge_allocator *allocator, struct text_source *source,
                                    const nudge_data_options *options, struct table_reader **reader,
                                    nudge_error *error) {
    (void)options;
    return fann_open_as(allocator, source, FANN_NUMBERS, false, reader, error);
}

static void outputs_may_be_known(void **state) {
    (void)state;
    static const struct {
        open_table *open;
        bool unlabelled;
        const char *text, *expected;
    } cases[] = {
        {open_as_class, false, "1 1 2\n5\n0.3 0.7\n", NUMBER CLASS "| 2: 5 '1'"},
        {open_as_class, false, "1 1 3\n5\n-2 -1 -1.5\n", NUMBER CLASS "| 2: 5 '1'"},
        {open_as_class, false, "2 1 1\n5\n0\n6\n-1\n", NUMBER CLASS "| 2: 5 '0' | 4: 6 '0'"},
        {open_as_class, false, "2 1 2\n5\n0 1\n6\n0 0\n",
         NUMBER CLASS
         "| 2: 5 '1' ! t: line 5: the outputs name no class, expected one that is larger than the "
         "others, as in the first table"},
        {open_as_class, false, "1 1 1\n5\n0.5\n",
         NUMBER CLASS
         "! t: line 3: the outputs name no class, expected 0 and 1, or -1 and 1, as in the first "
         "table"},
        {open_as_class, true, "2 1 2\n5\n0 1\n6\n0 0\n", NUMBER CLASS "| 2: 5 '1' | 4: 6 ?"},
        {open_as_class, true, "1 1 1\n5\n0.5\n", NUMBER CLASS "| 2: 5 ?"},
        {open_as_numbers, false, "1 1 2\n5\n0 1\n", NUMBER TARGET TARGET "| 2: 5 0 1"},
        {open_as_numbers, false, "1 1 1\n5\n1\n", NUMBER TARGET "| 2: 5 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nudge_data_options options = NUDGE_DATA_OPTIONS;
        options.unlabelled = cases[i].unlabelled;
        expect_rows(cases[i].open, &options, cases[i].text, strlen(cases[i].text), cases[i].expected);
    }
}

static void what_is_not_announced_is_refused(void **state) {
    (void)state;
    expect("", "! t: ends within its first line, expected three whole numbers: pairs, inputs, outputs");
    expect("2 2\n", "! t: ends within its first line, expected three whole numbers: pairs, inputs, outputs");
    expect("0 2 1\n",
           "! t: line 1, column 1: found '0', expected the number of pairs, a whole number above 0");
    expect("1 -2 1\n",
           "! t: line 1, column 3: found '-2', expected the number of inputs, a whole number above 0");
    expect("1 2 x\n",
           "! t: line 1, column 5: found 'x', expected the number of outputs, a whole number above 0");
    expect("2 2 1\n1 2\n3\n4 5\n", "! t: ends after 5 numbers, expected, by its first line, 6 numbers: pairs "
                                   "(2) x (inputs (2) + outputs (1))");
    expect("1 2 1\n1 2\n3\n 4 5\n", "! t: line 4, column 2: found '4', expected the end: by its first line "
                                    "the file has 3 numbers: pairs (1) x (inputs (2) + outputs (1))");
    expect("1 2 1\n1 2,5\n3\n", "! t: line 2, column 3: found '2,5', expected a finite number");
    expect("1 2 1\n1 inf\n3\n", "! t: line 2, column 3: found 'inf', expected a finite number");
    expect("1 1000000 48576\n1\n",
           "! t: ends after 1 numbers, expected, by its first line, 1048576 numbers: pairs (1) x (inputs "
           "(1000000) + outputs (48576))");
    expect("1 1000000 48577\n1\n",
           "! t: line 1: found 1 pairs of 1000000 inputs and 48577 outputs, expected at most 1048576 inputs "
           "and outputs, and fewer pairs than 2^64 numbers have");
    expect("18446744073709551615 1 1\n1\n",
           "! t: line 1: found 18446744073709551615 pairs of 1 inputs and 1 outputs, expected at most "
           "1048576 inputs and outputs, and fewer pairs than 2^64 numbers have");
    expect("1 18446744073709551615 1\n1\n",
           "! t: line 1: found 1 pairs of 18446744073709551615 inputs and 1 outputs, expected at most "
           "1048576 inputs and outputs, and fewer pairs than 2^64 numbers have");
    expect_rows(fann_open, NULL, "1 1 1\n1\n\0\n", 10, "! t: line 3, column 1: a byte 0, expected text");
}

static void it_is_recognized(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool is;
    } cases[] = {
        {"2 2 1\n0.5 -1\n0.25\n1 1e-2\n0.75\n", true},
        {"\xEF\xBB\xBF"
         "1 1 1\r\n3\r\n4\r\n",
         true},
        {"1 4 1\n1 2\n3 4\n5\n", true},     /* spread over lines, and all there */
        {"2 2 1\n0.5 -1\n0.25\n1\n", true}, /* some are missing: refused later, with a sentence */
        {"2 3 3\n1 2 3\n4 5 6\n7 8 9\n1 2 3\n", true},
        {"", false},
        {"1 2 3\n", false},
        {"1 2 3\n4 5 6\n7 8 9\n", false}, /* tables of three columns */
        {"5 3 2\n1 2 3\n4 5 6\n", false},
        {"3 3 3\n1 2 3\n4 5 6\n", false},
        {"1 2 1\n4 5 6\n", false},
        {"1 3 2\n4 5 6\n", false},
        {"1 2\n3 4\n", false},
        {"1 2 3 4\n5 6 7 8\n", false},
        {"1 1 1\n3\nx\n", false},
        {"1,1,1\n3\n4\n", false},
        {"0 1 1\n3\n4\n", false},
        {"1 1.0 1\n3\n4\n", false},
        {"2 4 1\n1 2\n3 4\n5\n", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (fann_looks_like(cases[i].text, strlen(cases[i].text)) != cases[i].is)
            fail_msg("'%s' %s", cases[i].text, cases[i].is ? "is not taken" : "is taken");
}

/* A beginning that is cut; and tables of three columns, cut within a line. */
static void it_is_recognized_in_part(void **state) {
    (void)state;
    char *text = malloc(2 * TEXT_LOOK);
    assert_non_null(text);
    static const struct {
        const char *first, *more;
        bool is;
    } cases[] = {
        {"100000 2 1\n", "0.25 0.5\n1\n", true},  {"100000 3 3\n", "1 2 3\n", false},
        {"100000 3 2\n", "1 2 3\n", false},       {"100000 20000 2\n", "0.25 ", true},
        {"100000 2 1\n", "0.25\n0.5\n1\n", true}, {"10 2 1\n", "0.25\n0.5\n1\n", false},
        {"100000 20 2\n", "0.25 ", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t shift = 0; shift < 12; shift++) {
            size_t used = (size_t)sprintf(text, "%*s%s", (int)shift, "", cases[i].first);
            while (used < TEXT_LOOK) used += (size_t)sprintf(text + used, "%s", cases[i].more);
            if (fann_looks_like(text, TEXT_LOOK) != cases[i].is)
                fail_msg("%s%s: %s", cases[i].first, cases[i].more,
                         cases[i].is ? "is not taken" : "is taken");
        }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_read),       cmocka_unit_test(outputs_may_be_classes),
        cmocka_unit_test(outputs_may_be_known), cmocka_unit_test(what_is_not_announced_is_refused),
        cmocka_unit_test(it_is_recognized),     cmocka_unit_test(it_is_recognized_in_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
