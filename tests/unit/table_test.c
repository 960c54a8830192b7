/* Tables: what columns are, which rows and categories there are (table/table.h), from text (table/csv_table.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/bytes.h"
#include "support/files.h"
#include "table/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct accounts accounts;
static nudge_allocator allocator;
static nudge_data_options options;
static const struct columns *given;

static int set_up(void **state) {
    (void)state;
    accounts = (struct accounts){0};
    allocator = counting_allocator(&accounts);
    options = (nudge_data_options)NUDGE_DATA_OPTIONS;
    given = NULL;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    return accounts.live_blocks || accounts.live_bytes ? -1 : 0;
}

static nudge_status try_text(const char *text, size_t length, struct table **table, nudge_error *error) {
    struct table_reader *reader = NULL;
    nudge_status status =
        csv_table_open(&allocator, bytes_source(text, length), "t.csv", options.header, &reader, error);
    if (status) return status;
    status = table_read(&allocator, reader, &options, given, table, error);
    reader->close(reader);
    return status;
}

static struct table *table_of(const char *text) {
    struct table *table = NULL;
    nudge_error error = {0};
    if (try_text(text, strlen(text), &table, &error)) fail_msg("%s", error.message);
    return table;
}

/* The table is refused with a sentence that has both parts. */
static void expect_refused(const char *text, const char *one, const char *two) {
    struct table *table = NULL;
    nudge_error error = {0};
    nudge_status status = try_text(text, strlen(text), &table, &error);
    if (!status) fail_msg("read, expected \"%s\": %s", one, text);
    if (!strstr(error.message, one) || !strstr(error.message, two))
        fail_msg("expected \"%s\" and \"%s\" in: %s", one, two, error.message);
    assert_null(table);
}

/* Columns as "name:role kind[categories]", rows as "1 2 nan;", parts as a letter before each. */
static char *told(const struct table *table) {
    static char out[8192];
    static const char roles[] = "ftiwsx";
    size_t used = 0;
    for (size_t c = 0; c < table->columns->count; c++) {
        const struct column *column = &table->columns->items[c];
        used = text_append(out, sizeof out, used, "%s:%c%s%s", column->name, roles[column->role],
                           column->kind == NUDGE_COLUMN_CATEGORY ? "c" : "n", column->flag ? "f" : "");
        for (size_t i = 0; i < column->category_count; i++)
            used = text_append(out, sizeof out, used, "%s%s", i ? "," : "[", column->categories[i]);
        used = text_append(out, sizeof out, used, "%s ", column->category_count ? "]" : "");
    }
    used = text_append(out, sizeof out, used, "|");
    for (size_t r = 0; r < table->rows; r++) {
        used = text_append(out, sizeof out, used, " %c", "-vt"[table->parts[r]]);
        for (size_t k = 0; k < table->kept; k++)
            used = text_append(out, sizeof out, used, "%s%s", k ? "," : "",
                               text_number(table_row_cells(table, r)[k], 9).text);
    }
    return out;
}

static void expect(const char *text, const char *expected) {
    struct table *table = table_of(text);
    char *found = told(table);
    if (strcmp(found, expected)) fail_msg("found    %s\n expected %s", found, expected);
    table_free(table);
}

/* -- guessing -- */

static void kinds_are_guessed(void **state) {
    (void)state;
    expect("a,b,bill\n1,x,2.5\n2,y,3\n", "a:fn b:fc[x,y] bill:tn | -1,0,2.5 -2,1,3");
    expect("a,b,kind\n1,2,x\n3,4,y\n", "a:fn b:fn kind:tc[x,y] | -1,2,0 -3,4,1");
    /* A number among texts is a category. */
    expect("a,b\nx,1.5\n7,2.5\n", "a:fc[7,x] b:tn | -1,1.5 -0,2.5");
    /* Categories are sorted, True is one. */
    expect("a,b\nTrue,1.5\nFalse,2.5\nTrue,0\n", "a:fc[False,True] b:tn | -1,1.5 -0,2.5 -1,0");
    expect("\"a\",\"b\"\n\"1\",\"2.5\"\n\"3\",\"4\"\n", "a:fn b:tn | -1,2.5 -3,4");
}

static void headers_are_guessed(void **state) {
    (void)state;
    expect("1,2.5\n3,4\n", "1:fn 2:tn | -1,2.5 -3,4");
    expect("1,x\n3,y\n", "1:fn 2:tc[x,y] | -1,0 -3,1");
    expect("p,q\nx,a\ny,b\nx,a\n", "p:fc[x,y] q:tc[a,b] | -0,0 -1,1 -0,0");
    expect("x,a\ny,b\nx,a\ny,b\n", "1:fc[x,y] 2:tc[a,b] | -0,0 -1,1 -0,0 -1,1");
    expect("x,,x,a\n1,2,3,4.5\n", "x:fn 2:fn x.2:fn a:tn | -1,2,3,4.5");
    options.header = 1;
    expect("1,2\n3,4.5\n", "1:fn 2:tn | -3,4.5");
    options.header = -1;
    expect("p,q\nx,a\ny,b\n", "1:fc[p,x,y] 2:tc[a,b,q] | -0,2 -1,0 -2,1");
}

static void targets_are_found(void **state) {
    (void)state;
    expect("Y,b\n1.5,2\n2.5,3\n", "Y:tn b:fn | -1.5,2 -2.5,3");
    expect("y,class,b\n1,x,2\n2,z,3\n", "y:fn class:tc[x,z] b:fn | -1,0,2 -2,1,3");
    options.target = "b";
    expect("y,b\n1.5,2.5\n2.5,3\n", "y:fn b:tn | -1.5,2.5 -2.5,3");
    options.target = "1, 2";
    expect("y,b,c\n1.5,2.5,1\n2.5,3,2\n", "y:tn b:tn c:fn | -1.5,2.5,1 -2.5,3,2");
    expect_refused("y,b,c\n1.5,x,1\n2.5,3,2\n", "the target \"b\" has texts (line 2)", "several targets");
    options.target = "nobody";
    expect_refused("y,b\n1.5,2.5\n", "no column \"nobody\" (the target)", "the columns are y, b");
}

static void whole_numbers_are_classes(void **state) {
    (void)state;
    const char *ten = "a,b\n1,10\n2,9\n3,10\n4,9\n5,10\n6,9\n7,10\n8,9\n9,10\n10,9\n";
    expect(ten, "a:fn b:tc[9,10] | -1,1 -2,0 -3,1 -4,0 -5,1 -6,0 -7,1 -8,0 -9,1 -10,0");
    expect("a,b\n1,10\n2,9\n", "a:fn b:tn | -1,10 -2,9");
    options.regression = true;
    expect("a,b\n1,2\n1,3\n1,2\n1,3\n1,2\n1,3\n1,2\n1,3\n1,2\n1,3\n",
           "a:fn b:tn | -1,2 -1,3 -1,2 -1,3 -1,2 -1,3 -1,2 -1,3 -1,2 -1,3");
    expect_refused("a,b\n1,x\n2,y\n", "the target \"b\" has texts", "expected numbers");
    options.regression = false;
    /* Texts that are numbers are in their order, too. */
    options.categorical = "b";
    expect("a,b\n1,10\n2,9\n", "a:fn b:tc[9,10] | -1,1 -2,0");
}

static void columns_are_asked_for(void **state) {
    (void)state;
    options.ignore = "when,2";
    options.id = "name";
    options.weight = "w";
    struct table *table =
        table_of("when,x,name,w,a,b\n2024-01-01,1,Ann,2,5,1.5\n2024-01-02,2,Bob,0.5,6,2.5\n");
    assert_string_equal(told(table), "when:xn x:xn name:in w:wn a:fn b:tn | -5,1.5 -6,2.5");
    assert_string_equal(table_id(table, 1), "Bob");
    assert_true(table->weights[0] == 2 && table->weights[1] == 0.5f);
    table_free(table);
    options = (nudge_data_options)NUDGE_DATA_OPTIONS;
    options.weight = "w";
    expect_refused("w,a,b\n1,2,3.5\n-1,2,3\n", "line 3, column \"w\": found -1", "expected a weight");
    options.ignore = "w";
    expect_refused("w,a,b\n1,2,3.5\n", "is to be ignored and a weight", "expected one");
    options = (nudge_data_options)NUDGE_DATA_OPTIONS;
    options.categorical = options.numeric = "a";
    expect_refused("a,b\n2,3.5\n", "numeric and categorical", "\"a\"");
    options.categorical = NULL;
    expect_refused("a,b\n2,3.5\nx,4\n", "line 3, column \"a\": found \"x\"", "--categorical a");
}

static void texts_that_are_no_categories_are_named(void **state) {
    (void)state;
    expect_refused("d,b\n2024-01-31,1.5\n2024-02-01,2\n", "dates (\"2024-01-31\")", "--ignore d");
    expect_refused("d,b\n31.12.2024,1.5\n,2\n", "has dates", "--ignore d");
    expect_refused("d,b\n12/31/2024 10:00,1.5\n1/1/2025 9:30,2\n", "has dates", "numbers");
    expect_refused("d;b\n1,5;2\n2,5;3\n", "a decimal comma (\"1,5\")", "expected a point");
    expect_refused("d,b\n1,2\ninf,3\n", "infinite numbers", "line 3");
    expect_refused("d,b\n1,2\n1e39,3\n", "line 3, column \"d\": found 1e39", "f32");
    char *many = calloc(1, 64 * 1100), *to = many;
    to += sprintf(to, "n,a,b\n");
    for (int i = 0; i < 1001; i++) to += sprintf(to, "name%d,1,%d.5\n", i, i);
    expect_refused(many, "more than 1000 different texts (\"name0\" ..)", "--id n");
    options.id = "n";
    struct table *table = table_of(many);
    assert_int_equal(table->rows, 1001);
    assert_string_equal(table_id(table, 1000), "name1000");
    table_free(table);
    free(many);
}

/* Behind the sample a text is an error, a new category is none. */
static void the_sample_decides(void **state) {
    (void)state;
    char *text = calloc(1, 32 * (TABLE_SAMPLE + 10)), *to = text;
    to += sprintf(to, "a,c,b\n");
    for (int i = 0; i < TABLE_SAMPLE; i++) to += sprintf(to, "%d,%c,%d.5\n", i, i % 2 ? 'm' : 'z', i);
    char *end = to;
    sprintf(end, "7,a,8.5\n");
    struct table *table = table_of(text);
    assert_int_equal(table->rows, TABLE_SAMPLE + 1);
    assert_int_equal(table->columns->items[1].category_count, 3);
    assert_string_equal(table->columns->items[1].categories[0], "a");
    assert_true(table_row_cells(table, 0)[1] == 2 && table_row_cells(table, 1)[1] == 1 &&
                table_row_cells(table, TABLE_SAMPLE)[1] == 0);
    table_free(table);
    sprintf(end, "x,a,8.5\n");
    expect_refused(text, "line 20002, column \"a\": found \"x\"", "--categorical a");
    sprintf(end, "1,a\n");
    expect_refused(text, "line 20002: 2 fields, expected 3", "line 1");
    free(text);
}

/* -- what is missing -- */

static void missing_numbers(void **state) {
    (void)state;
    const char *text = "a,c,b\n1,x,1.5\n,y,2\nNA,NA,3\nnull,,4\n-,?,5\n";
    expect(text, "a:fnf c:fc[missing,x,y] b:tn | -1,1,1.5 -nan,2,2 -nan,0,3 -nan,0,4 -nan,0,5");
    options.missing = NUDGE_MISSING_MEAN;
    expect("a,b\n1,2.5\n,2\n", "a:fn b:tn | -1,2.5 -nan,2");
    options.missing_flag = true;
    expect("a,b\n1,2.5\n,2\n", "a:fnf b:tn | -1,2.5 -nan,2");
    options.missing = NUDGE_MISSING_DROP;
    struct table *table = table_of(text);
    assert_int_equal(table->rows, 1);
    assert_int_equal(table->dropped, 4);
    table_free(table);
    options.missing = NUDGE_MISSING_REFUSE;
    expect_refused(text, "the column \"a\" has 4 missing numbers, the first in line 3", "--missing");
    options = (nudge_data_options)NUDGE_DATA_OPTIONS;
    expect("e,a,b\n,1,1.5\n,2,2.5\n", "e:xn a:fn b:tn | -nan,1,1.5 -nan,2,2.5");
    expect_refused("a,b\n,1.5\n,2.5\n", "no feature has a value", "t.csv");
    /* An empty text in quotes is a category, and no number. */
    expect("a,c,b\n\"\",\"\",1.5\n3,x,2\n", "a:fnf c:fc[,x] b:tn | -nan,0,1.5 -3,1,2");
}

static void missing_targets(void **state) {
    (void)state;
    struct table *table = table_of("a,b\n1,\n2,2.5\n3,NA\n");
    assert_string_equal(told(table), "a:fn b:tn | -2,2.5");
    assert_int_equal(table->without_target, 2);
    table_free(table);
    options.unlabelled = true;
    expect("a,b\n1,\n2,x\n3,y\n", "a:fn b:tc[x,y] | -1,nan -2,0 -3,1");
    options.unlabelled = false;
    expect_refused("a,b\n1,\n2,\n", "no row has a target", "t.csv");
    expect_refused("a,b\n1,x\n2,x\n", "is \"x\" in every row", "two classes");
    expect_refused("a,b\n", "no rows", "t.csv");
    expect_refused("", "no line with text", "t.csv");
}

/* -- parts -- */

static void parts_come_from_a_column(void **state) {
    (void)state;
    options.split = "s";
    expect("s,c,b\ntrain,x,1.5\nTest,y,2\nvalidation,x,3\n", "s:sn c:fc[x] b:tn | -0,1.5 t-1,2 v0,3");
    expect("s,a,b\n0,1,1.5\n2,2,2\n1,,3\n", "s:sn a:fn b:tn | -1,1.5 t2,2 vnan,3");
    expect_refused("s,a,b\n0,1,1.5\n3,2,2\n", "line 3, column \"s\": found \"3\"", "train, val or test");
    expect_refused("s,a,b\ntest,1,1.5\n", "no row of the training part", "t.csv");
    struct table *table = table_of("s,c,b\ntrain,x,1.5\ntest,y,2\ntest,y,3\n");
    assert_int_equal(table->notes[1].unknown, 2);
    assert_string_equal(table->notes[1].example, "y");
    table_free(table);
    options.test_split = 0.5;
    expect_refused("s,a,b\n0,1,1.5\n", "both by a column and drawn", "t.csv");
}

static void parts_are_drawn_by_class(void **state) {
    (void)state;
    char text[4096] = "a,b\n", *to = text + 4;
    for (int i = 0; i < 100; i++)
        to += sprintf(to, "%d,%s\n", i, i < 80 ? "x" : i < 98 ? "y" : i < 99 ? "p" : "q");
    options.test_split = 0.2;
    options.validation_split = 0.1;
    struct table *table = table_of(text), *again = table_of(text);
    size_t counts[3][4] = {{0}};
    for (size_t r = 0; r < 100; r++) counts[table->parts[r]][(size_t)table_row_cells(table, r)[1]]++;
    assert_int_equal(counts[NUDGE_PART_TEST][2], 16); /* p, q, x, y */
    assert_int_equal(counts[NUDGE_PART_VALIDATION][2], 8);
    assert_int_equal(counts[NUDGE_PART_TEST][3], 4);
    assert_int_equal(counts[NUDGE_PART_VALIDATION][3], 2);
    assert_int_equal(counts[NUDGE_PART_TRAIN][0] + counts[NUDGE_PART_TRAIN][1], 2);
    assert_memory_equal(table->parts, again->parts, 100);
    table_free(again);
    options.seed = 2;
    again = table_of(text);
    assert_memory_not_equal(table->parts, again->parts, 100);
    table_free(again);
    table_free(table);
    options.test_split = 0.9;
    expect_refused(text, "shares of 0.9 for test and 0.1", "less than 1 together");
    options.test_split = 0.001;
    expect_refused(text, "too few rows (100)", "a test part");
}

static void rare_categories_become_one(void **state) {
    (void)state;
    options.rare = 2;
    expect("c,b\nx,1.5\nx,2\nz,3\ns,4\n", "c:fc[rare,x] b:tn | -1,1.5 -1,2 -0,3 -0,4");
    expect("c,b\na,1.5\na,2\nz,3\na,4\n", "c:fc[a,rare] b:tn | -0,1.5 -0,2 -1,3 -0,4");
}

/* -- columns that are known -- */

static void known_columns_are_found_by_name(void **state) {
    (void)state;
    struct table *first = table_of("a,c,b,k\n1,x,2.5,p\n2,y,3,q\n");
    given = first->columns;
    expect("k,more,c,b,a\np,9,y,1,7\nq,9,x,2,8\n", "a:fn c:fc[x,y] b:fn k:tc[p,q] | -7,1,1,0 -8,0,2,1");
    expect("a,c,b,k\n1,nobody,,p\n", "a:fn c:fc[x,y] b:fn k:tc[p,q] | -1,-1,nan,0");
    expect_refused("a,b,k\n1,2,p\n", "no column \"c\", which is a feature that is needed",
                   "the columns are a, b, k");
    expect_refused("a,c,b\n1,x,2\n", "no column \"k\", which is the target", "t.csv");
    expect_refused("a,c,b,k\nx,x,2,p\n", "line 2, column \"a\": found \"x\"", "expected a number");
    expect_refused("a,c,b,k\n1,x,2,z\n", "found the class \"z\"", "(\"p\" to \"q\")");
    options.unlabelled = true;
    expect("a,c,b\n1,x,2\n", "a:fn c:fc[x,y] b:fn k:tc[p,q] | -1,0,2");
    expect("a,c,b,k\n1,x,2,\n", "a:fn c:fc[x,y] b:fn k:tc[p,q] | -1,0,2,nan");
    given = NULL;
    table_free(first);
    options = (nudge_data_options)NUDGE_DATA_OPTIONS;
    /* Classes that are numbers, however they are written. */
    first = table_of("a,b\n1,2\n1,3\n1,2\n1,3\n1,2\n1,3\n1,2\n1,3\n1,2\n1,3\n");
    given = first->columns;
    expect("a,b\n5,3.0\n6,2\n", "a:fn b:tc[2,3] | -5,1 -6,0");
    given = NULL;
    table_free(first);
    options.rare = 2;
    first = table_of("c,b\nx,1.5\nx,2\nz,3\ns,4\n");
    given = first->columns;
    expect("c,b\nnew,1.5\nx,2\n", "c:fc[rare,x] b:tn | -0,1.5 -1,2");
    given = NULL;
    table_free(first);
}

/* -- numbers -- */

static uint64_t random_state = 88172645463325252u;
static uint64_t random_next(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* The fast way and text_parse_number agree on every text, whatever follows it. */
static void numbers_are_those_of_the_text(void **state) {
    (void)state;
    char *text = malloc(64 * 4000), *to = text;
    float *expected = malloc(4000 * sizeof *expected);
    size_t rows = 0;
    to += sprintf(to, "a,b\n");
    for (; rows < 4000; rows++) {
        char number[64], *at = number;
        if (random_next() % 3 == 0) *at++ = '-';
        for (uint64_t digits = 1 + random_next() % 18; digits > 0; digits--)
            *at++ = (char)('0' + random_next() % 10);
        if (random_next() % 2) {
            *at++ = '.';
            for (uint64_t digits = random_next() % 18; digits > 0; digits--)
                *at++ = (char)('0' + random_next() % 10);
        }
        if (random_next() % 8 == 0) at += sprintf(at, "e%d", (int)(random_next() % 80) - 60);
        *at = 0;
        double value, reference = strtod(number, NULL); /* a test's locale is "C" */
        if (!text_parse_number(number, &value) || value != reference) fail_msg("%s", number);
        expected[rows] = (float)reference;
        to += sprintf(to, random_next() % 2 ? "%s,0.5\n" : "%s,1.5\r\n", number);
    }
    struct table *table = table_of(text);
    assert_int_equal(table->rows, rows);
    for (size_t r = 0; r < rows; r++)
        if (memcmp(&table_row_cells(table, r)[0], &expected[r], sizeof(float))) fail_msg("row %zu", r);
    table_free(table);
    free(expected);
    free(text);
}

/* Every way to write a row gives the same cells. */
static void rows_may_be_written_in_many_ways(void **state) {
    (void)state;
    static const char *const texts[] = {"a,c,b\n1.25,x,-3\n+2,y,.5\n",
                                        "a,c,b\r\n1.25,x,-3\r\n+2,y,.5",
                                        "a;c;b\n1.25;\"x\";-3\n2;y;0.5\n",
                                        "a\tc\tb\n1.25\tx\t-3\n2\ty\t5e-1\n",
                                        "a c b\n  1.25   x -3 \n2 y 0.5\n",
                                        ("\xEF\xBB\xBF"
                                         "a,c,b\n\n 1.25 ,x, -3\n2,y ,0.5\r\n\n"),
                                        "a|c|b\r1.25|x|-3\r2|y|0.5\r"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect(texts[i], "a:fn c:fc[x,y] b:tn | -1.25,0,-3 -2,1,0.5");
    expect_refused("\xFF\xFE"
                   "a\0",
                   "UTF-16", "UTF-8");
    expect_refused("a,b\n1,2\n1,\"2\n", "line 3", "not closed");
    expect_refused("a,b\n1,2\n1,2,3\n", "line 3: 3 fields, expected 2 as in line 1", "t.csv");
    expect_refused("a,b\n1\n", "line 2: 1 field, expected 2", "t.csv");
}

/* A record longer than what is read at once, and one that a piece's end cuts. */
static void long_lines(void **state) {
    (void)state;
    size_t long_text = 3 << 20, size = long_text + 64;
    char *text = malloc(size), *to = text;
    to += sprintf(to, "n,a,b\nx,1,1.5\n");
    memset(to, 'y', long_text);
    to += long_text;
    sprintf(to, ",2,2.5\n");
    options.id = "n";
    struct table *table = table_of(text);
    assert_int_equal(strlen(table_id(table, 1)), long_text);
    assert_true(table_row_cells(table, 1)[0] == 2);
    table_free(table);
    free(text);
}

static void without_memory(void **state) {
    (void)state;
    const char *text = "n,s,w,c,a,b\nu,train,1,x,1,p\nv,test,2,,,q\nw,val,3,z,4,p\n";
    options.id = "n";
    options.split = "s";
    options.weight = "w";
    options.rare = 1;
    nudge_status status = NUDGE_NO_MEMORY;
    for (size_t at = 1; status; at++) {
        struct table *table = NULL;
        nudge_error error = {0};
        accounts.allocations = 0;
        accounts.fail_at = at;
        status = try_text(text, strlen(text), &table, &error);
        assert_true(status == NUDGE_OK || status == NUDGE_NO_MEMORY);
        if (status) assert_int_equal(accounts.live_blocks, 0);
        table_free(table);
    }
    accounts.fail_at = 0;
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(kinds_are_guessed),
        TEST(headers_are_guessed),
        TEST(targets_are_found),
        TEST(whole_numbers_are_classes),
        TEST(columns_are_asked_for),
        TEST(texts_that_are_no_categories_are_named),
        TEST(the_sample_decides),
        TEST(missing_numbers),
        TEST(missing_targets),
        TEST(parts_come_from_a_column),
        TEST(parts_are_drawn_by_class),
        TEST(rare_categories_become_one),
        TEST(known_columns_are_found_by_name),
        TEST(numbers_are_those_of_the_text),
        TEST(rows_may_be_written_in_many_ways),
        TEST(long_lines),
        TEST(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
