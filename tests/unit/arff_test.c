/* ARFF tables: table/arff.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/rows.h"
#include "table/arff.h"
#include "table/text_lines.h"

#include <stdlib.h>
#include <string.h>

static void expect(const char *text, const char *expected) {
    expect_rows(arff_open, NULL, text, strlen(text), expected);
}

/* The rows of a table with these attributes. */
#define HEADER                                                                                               \
    "@relation r\n@attribute age numeric\n@attribute sex {female, male, 'not said'}\n@attribute note "       \
    "string\n@data\n"
#define HEADINGS "age:number sex:{female,male,not said} note "

static void expect_data(const char *rows, const char *expected) {
    char text[1024] = HEADER, all[2048] = HEADINGS;
    strcat(text, rows);
    strcat(all, expected);
    if (!*expected) all[strlen(all) - 1] = 0;
    expect(text, all);
}

static void headers_are_read(void **state) {
    (void)state;
    expect("% made by hand\n\n@RELATION 'a b'\n  @Attribute\t\"the age\" NUMERIC % years\n@ATTRIBUTE b Real\n"
           "@attribute 'it\\'s' integer\n@attribute d STRING\n@attribute e date \"yyyy-MM-dd\"\n"
           "@attribute f{x,'y z',\"q\\\"\" , 1}\n@DATA\n",
           "the age:number b:number it's:number d e f:{x,y z,q\",1}");
    expect("@attribute a real\n@data\n1\n", "a:number | 3: 1"); /* a relation's name is of no use */
    expect("@relation\n@attribute a {'',b c}\r\n@data\r\n''\r\nb c\r\n", "a:{,b c} | 4: \"\" | 5: 'b c'");
    expect("\xEF\xBB\xBF@relation r\n@attribute a date\n@data\n\"2024-01-31 12:00\"\n",
           "a | 4: \"2024-01-31 12:00\"");
}

static void dense_rows_are_read(void **state) {
    (void)state;
    expect_data("", "");
    expect_data("31,male,x\n", "| 6: 31 'male' 'x'");
    expect_data("% no row\n\n  -1.5e1 , 'not said' , \"a, b\" % said so\n", "| 8: -15 \"not said\" \"a, b\"");
    expect_data("31,not said,two words\n", "| 6: 31 'not said' 'two words'"); /* without quotes, too */
    expect_data("?, ? ,?\n?,female,'?'\n", "| 6: ? ? ? | 7: ? 'female' \"?\"");
    expect_data("'31',\"male\",''", "| 6: 31 \"male\" \"\"");
    expect_data("1 female 'a b'\n2\tmale\t x \n", "| 6: 1 'female' \"a b\" | 7: 2 'male' 'x'");
    expect_data("1 female 'a, b' % c, d\n", "| 6: 1 'female' \"a, b\"");
    expect_data("1,male,'it\\'s \\\\ \\n\\t\\r\\\"\\%'\n", "| 6: 1 'male' \"it's \\ \n\t\r\"%\"");
    expect_data("1,male,O'Brien\n2,male,50%\n", "| 6: 1 'male' 'O'Brien' | 7: 2 'male' '50%'");
}

static void sparse_rows_are_read(void **state) {
    (void)state;
    expect_data("{}\n{ }\n", "| 6: 0 'female' ? | 7: 0 'female' ?");
    expect_data("{0 31, 1 male, 2 'a, b'}\n", "| 6: 31 'male' \"a, b\"");
    expect_data(" {1 'not said',2 ?} % x\n{0 ?}\n", "| 6: 0 \"not said\" ? | 7: ? 'female' ?");
    expect_data("{2 two words}\n3,male,x\n{1\tmale}",
                "| 6: 0 'female' 'two words' | 7: 3 'male' 'x' | 8: 0 'male' ?");
}

static void what_is_no_header_is_refused(void **state) {
    (void)state;
    expect("", "! t: ends after line 0, expected @data");
    expect("@relation r\n@attribute a real\n", "! t: ends after line 2, expected @data");
    expect("@relation r\n@data\n1\n", "! t: line 2: @data, but there is no @attribute before it");
    expect("@relation r\n 1,2\n", "! t: line 2, column 2: found '1,2', expected @attribute or @data");
    expect("@attributes a real\n",
           "! t: line 1, column 1: found '@attributes', expected @attribute or @data");
    expect("@attribute\n", "! t: line 1, column 11: found no name of an attribute");
    expect("@attribute a\n", "! t: line 1, column 13: found the type '', expected numeric, real, integer, "
                             "string, date or {a, b}");
    expect("@attribute a nominal\n", "! t: line 1, column 14: found the type 'nominal', expected numeric, "
                                     "real, integer, string, date or {a, b}");
    expect("@attribute a real [0,1]\n", "! t: line 1, column 19: found '[0,1]', expected the line's end");
    expect("@attribute a relational\n",
           "! t: line 1, column 14: a relational attribute, a table in a table, which is not read");
    expect("@attribute a {x,y\n", "! t: line 1, column 14: a list that is not closed");
    expect("@attribute a {x,}\n", "! t: line 1, column 17: found no value, expected one of the list's");
    expect("@attribute a {}\n", "! t: line 1, column 15: found no value, expected one of the list's");
    expect("@attribute a {x,y} z\n", "! t: line 1, column 20: found 'z', expected the line's end");
    expect("@attribute a {x,y,'x'}\n", "! t: line 1, column 14: the value 'x' stands twice in the list");
    expect("@attribute 'a real\n", "! t: line 1, column 12: a quote that is not closed");
    expect("@attribute 'a'b real\n",
           "! t: line 1, column 15: something behind a closing quote, expected the next value");
    expect("@attribute a real\n@data 1\n", "! t: line 2, column 7: found '1', expected the line's end");
    expect_rows(arff_open, NULL, "@attribute a\0 real\n", 19,
                "! t: line 1, column 13: a byte 0, expected text");
}

static void what_is_no_row_is_refused(void **state) {
    (void)state;
    expect_data("1,male\n", "! t: line 6, column 7: found 2 values, expected 3");
    expect_data("1 male % x\n", "! t: line 6, column 8: found 2 values, expected 3");
    expect_data("1,male,x,y\n", "! t: line 6, column 10: more values than the 3 attributes have place for");
    expect_data("1,male,x,\n", "! t: line 6, column 10: more values than the 3 attributes have place for");
    expect_data("1,,x\n", "! t: line 6, column 3: attribute 'sex': found '', expected a value, or ?");
    expect_data("old,male,x\n",
                "! t: line 6, column 1: attribute 'age': found 'old', expected a finite number, or ?");
    expect_data("1,male,x\nnan,male,x\n", "| 6: 1 'male' 'x' ! t: line 7, column 1: attribute 'age': found "
                                          "'nan', expected a finite number, or ?");
    expect_data("1,Male,x\n", "! t: line 6, column 3: attribute 'sex': found 'Male', expected one of the 3 "
                              "values of its list, or ?");
    expect_data("1,male,'x\n", "! t: line 6, column 8: a quote that is not closed");
    expect_data("1,male,'x\\'\n", "! t: line 6, column 8: a quote that is not closed");
    expect_data("1,male,'x\\\n", "! t: line 6, column 8: a quote that is not closed");
    expect_data("1,male,'x'y\n",
                "! t: line 6, column 11: something behind a closing quote, expected the next value");
    static const char weight[] =
        "an instance weight in braces, which is not read; make the weights an attribute";
    char sentence[256] = "! t: line 6, column 10: ";
    expect_data("1,male,x,{0.5}\n", strcat(sentence, weight));
    strcpy(sentence, "! t: line 6, column 11: ");
    expect_data("{1 male}, {0.5}\n", strcat(sentence, weight));
    expect_data("{0 1,\n", "! t: line 6, column 1: a row in braces that is not closed");
    expect_data("{0 1\n", "! t: line 6, column 1: a row in braces that is not closed");
    expect_data("{0 1},\n", "! t: line 6, column 6: found ',', expected the line's end");
    expect_data("{0 1} 2\n", "! t: line 6, column 7: found '2', expected the line's end");
    expect_data("{3 1}\n", "! t: line 6, column 2: found the index 3, expected at most 2");
    expect_data("{1 male, 0 1}\n",
                "! t: line 6, column 10: found the index 0 after 1, expected ascending indices");
    expect_data("{0 1, 0 1}\n",
                "! t: line 6, column 7: found the index 0 after 0, expected ascending indices");
    expect_data("{x 1}\n", "! t: line 6, column 2: found 'x', expected an attribute's index and its value");
    expect_data("{0}\n", "! t: line 6, column 3: attribute 'age': found '', expected a value, or ?");
    expect_data("{0 1,}\n", "! t: line 6, column 6: found '', expected an attribute's index and its value");
}

/* More attributes than there is room for at first. */
static void tables_may_be_wide(void **state) {
    (void)state;
    enum { WIDE = 100 };
    char text[64 * WIDE] = "", expected[64 * WIDE] = "";
    for (size_t i = 0; i < WIDE; i++) {
        strcat(text, "@attribute a {x,y}\n");
        strcat(expected, "a:{x,y} ");
    }
    strcat(text, "@data\n{1 y}\n");
    strcat(expected, "| 102: 'x' 'y'");
    for (size_t i = 2; i < WIDE; i++) strcat(expected, " 'x'");
    expect(text, expected);
}

static void it_is_recognized(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool is;
    } cases[] = {
        {"@relation x\n", true},      {"% a\n\n % b\n  @RELATION 'x'\n", true},
        {"@attribute a real", true},  {"\xEF\xBB\xBF@Relation x\r\n", true},
        {"@relation", true},          {"", false},
        {"% only comments\n", false}, {"@relations,b\n1,2\n", false},
        {"@data\n", false},           {"a,@relation\n1,2\n", false},
        {"1 2 3\n", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (arff_looks_like(cases[i].text, strlen(cases[i].text)) != cases[i].is)
            fail_msg("'%s' %s", cases[i].text, cases[i].is ? "is not taken" : "is taken");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_read),          cmocka_unit_test(dense_rows_are_read),
        cmocka_unit_test(sparse_rows_are_read),      cmocka_unit_test(what_is_no_header_is_refused),
        cmocka_unit_test(what_is_no_row_is_refused), cmocka_unit_test(tables_may_be_wide),
        cmocka_unit_test(it_is_recognized),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
