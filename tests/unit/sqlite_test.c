/* Tables in SQLite's files: read/table_sqlite.h, through nudge_data_open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct accounts accounts;
static nudge_context *context;
static nudge_data_options options;

static int set_up(void **state) {
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    options = (nudge_data_options)NUDGE_DATA_OPTIONS;
    return enter_scratch(state);
}

static int tear_down(void **state) {
    nudge_context_free(context);
    if (accounts.live_blocks || accounts.live_bytes) return -1;
    return leave_scratch(state);
}

static void expect_refused(const char *name, nudge_status expected, const char *sentence) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    expect_error(nudge_data_open(context, name, &options, &data, &error), expected, &error, sentence, NULL);
    assert_null(data);
}

#ifdef NUDGE_SQLITE
#include <sqlite3.h>

static sqlite3 *changed(const char *path, const char *sql) {
    sqlite3 *database = NULL;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    if (sqlite3_exec(database, sql, NULL, NULL, &message)) fail_msg("%s: %s", sql, message);
    return database;
}

static void change(const char *path, const char *sql) {
    sqlite3_close(changed(path, sql));
}

static nudge_data *opened(const char *name) {
    nudge_data *data = NULL;
    nudge_error error = {0};
    if (nudge_data_open(context, name, &options, &data, &error)) fail_msg("%s", error.message);
    return data;
}

static const char people[] = "CREATE TABLE people(name TEXT, age INTEGER, height REAL, sick TEXT);"
                             "INSERT INTO people VALUES('Ann', 31, 1.5, 'no'), ('Bob', 44, NULL, 'yes'),"
                             "('Cid', 20, 1.75, 'no'), ('', 20, 2, 'yes')";

static void the_only_table_is_read(void **state) {
    (void)state;
    change("people.db", people);
    assert_int_equal(rename("people.db", "people.data"), 0); /* its content says what it is */
    options.id = "name";
    nudge_data *data = opened("people.data");
    float row[3];
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 4);
    assert_int_equal(nudge_data_classes(data), 2);
    assert_int_equal(nudge_data_features(data), 3);
    assert_int_equal(nudge_data_row(data, NUDGE_PART_TRAIN, 1, row, NULL, NULL), NUDGE_OK);
    assert_true(row[0] == 44 && row[1] != row[1] && row[2] == 1);
    assert_int_equal(nudge_data_row(data, NUDGE_PART_TRAIN, 2, row, NULL, NULL), NUDGE_OK);
    assert_true(row[0] == 20 && row[1] == 1.75f && row[2] == 0);
    assert_string_equal(nudge_data_id(data, NUDGE_PART_TRAIN, 0), "Ann");
    assert_string_equal(nudge_data_id(data, NUDGE_PART_TRAIN, 3), "");
    assert_string_equal(nudge_data_label_name(data, 0), "no");
    nudge_data_free(data);
    assert_int_equal(count_entries("."), 1);
}

static void a_table_or_a_query_is_chosen(void **state) {
    (void)state;
    change("a.db", people);
    change("a.db",
           "CREATE TABLE \"we\"\"ird; --\"(a, y); INSERT INTO \"we\"\"ird; --\" VALUES(1, 2.5), (2, 3);"
           "CREATE VIEW old AS SELECT age, height AS y FROM people WHERE height > 1.5");
    static const struct {
        const char *sql, *table;
        size_t rows, features;
    } cases[] = {
        {NULL, "people", 4, 4 + 1 + 1 + 1},
        {NULL, "PEOPLE", 4, 4 + 1 + 1 + 1},
        {NULL, "we\"ird; --", 2, 1},
        {NULL, "old", 2, 1},
        {"SELECT age, sick FROM people WHERE age > 20", NULL, 2, 1},
        {" select age, height*2 as h, sick from people -- all\n ; /* and no more */ ;", NULL, 4, 3},
        {"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) SELECT i, i * 0.5 "
         "FROM n",
         NULL, 30000, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        options.sql = cases[i].sql;
        options.table = cases[i].table;
        nudge_data *data = opened("./a.db");
        assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), cases[i].rows);
        assert_int_equal(nudge_data_features(data), cases[i].features);
        nudge_data_free(data);
    }
}

static void what_is_asked_wrong_is_refused(void **state) {
    (void)state;
    change("a.db", people);
    static const struct {
        const char *sql, *table;
        nudge_status status;
        const char *sentence;
    } cases[] = {
        {NULL, "nope", NUDGE_BAD_INPUT, "a.db: no table \"nope\"; the tables are: people"},
        {"SELECT 1, 2", "people", NUDGE_BAD_ARGUMENT, "a query and the name of a table are given"},
        {"SELECT x FROM people", NULL, NUDGE_BAD_ARGUMENT, "in the query SQLite finds: no such column: x"},
        {"SELEC", NULL, NUDGE_BAD_ARGUMENT, "near \"SELEC\""},
        {" -- nothing", NULL, NUDGE_BAD_ARGUMENT, "the query is empty"},
        {"SELECT 1, 2; SELECT 3", NULL, NUDGE_BAD_ARGUMENT, "more than one statement"},
        {"SELECT 1, 2; nonsense", NULL, NUDGE_BAD_ARGUMENT, "near \"nonsense\""},
        {"DELETE FROM people", NULL, NUDGE_BAD_ARGUMENT, "the query would write"},
        {"DELETE FROM people RETURNING age, sick", NULL, NUDGE_BAD_ARGUMENT, "the query would write"},
        {"PRAGMA user_version = 3", NULL, NUDGE_BAD_ARGUMENT, "the query would write"},
        {"ATTACH 'b.db' AS b", NULL, NUDGE_BAD_ARGUMENT, "the query gives no rows"},
        {"VACUUM INTO 'b.db'", NULL, NUDGE_BAD_ARGUMENT, "the query"},
        {"SELECT age, age, sick FROM people", NULL, NUDGE_BAD_INPUT,
         "the columns 1 and 2 are both called \"age\""},
        {"SELECT age, 9e999 AS y FROM people", NULL, NUDGE_BAD_INPUT,
         "a.db: row 1, column \"y\": found an infinite number, expected a number, a text or NULL"},
        {"SELECT age, CASE age WHEN 44 THEN x'00' ELSE 1 END AS b, sick FROM people", NULL, NUDGE_BAD_INPUT,
         "a.db: row 2, column \"b\": found bytes (a BLOB), expected a number, a text or NULL"},
        {"SELECT age, 'a' || char(0) || 'b' AS t, sick FROM people", NULL, NUDGE_BAD_INPUT,
         "a.db: row 1, column \"t\": found a text with a byte 0"},
        {"SELECT age, abs(-9223372036854775808) AS y FROM people", NULL, NUDGE_BAD_INPUT,
         "a.db: SQLite says: integer overflow"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        options.sql = cases[i].sql;
        options.table = cases[i].table;
        expect_refused("a.db", cases[i].status, cases[i].sentence);
    }
    assert_int_equal(count_entries("."), 1);
    put_file("t.csv", "a,b\n1,2\n", 8);
    expect_refused("t.csv", NUDGE_BAD_ARGUMENT, "t.csv: is no SQLite file, and an SQL query is given");
    options.sql = NULL;
    options.table = "people";
    expect_refused("t.csv", NUDGE_BAD_ARGUMENT, "t.csv: is no SQLite file, and a table's name is given");
    options.table = NULL;
    change("a.db", "CREATE TABLE towns(name)");
    expect_refused("a.db", NUDGE_BAD_INPUT,
                   "a.db: 2 tables, expected the name of one (--table), or a query (--sql); the tables are: "
                   "people, towns");
    put_file("empty.db", "", 0);
    expect_refused("empty.db", NUDGE_BAD_INPUT, "empty.db: has no table");
    put_file("text.sqlite", "a,b\n1,2\n", 8);
    expect_refused("text.sqlite", NUDGE_BAD_INPUT, "text.sqlite: SQLite says: file is not a database");
}

/* Every byte of a small file changed, and every length: read, or refused with a sentence. */
static void damaged_files_are_refused(void **state) {
    (void)state;
    size_t size;
    sqlite3 *writer = changed("a.db", "PRAGMA page_size = 512");
    assert_int_equal(sqlite3_exec(writer, people, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(writer);
    unsigned char *bytes = get_file("a.db", &size);
    for (size_t i = 0; i < size; i += 3) {
        nudge_data *data = NULL;
        nudge_error error = {0};
        bytes[i] ^= 0x55;
        put_file("b.db", bytes, size);
        bytes[i] ^= 0x55;
        if (nudge_data_open(context, "b.db", &options, &data, &error)) assert_true(error.message[0] != 0);
        nudge_data_free(data);
    }
    for (size_t length = 1; length < size; length += 61) {
        nudge_data *data = NULL;
        nudge_error error = {0};
        put_file("b.db", bytes, length);
        assert_int_not_equal(nudge_data_open(context, "b.db", &options, &data, &error), NUDGE_OK);
        assert_true(error.message[0] != 0);
    }
    free(bytes);
}

/* What others write is not seen halfway, and nothing is left beside the file. */
static void files_that_are_in_use(void **state) {
    (void)state;
    change("a.db", people);
    sqlite3 *writer = changed("a.db", "BEGIN IMMEDIATE; DELETE FROM people WHERE age > 40");
    nudge_data *data = opened("a.db");
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 4);
    nudge_data_free(data);
    sqlite3_close(writer);
    change("a.db", "PRAGMA journal_mode = WAL; CREATE INDEX i ON people(age)");
    assert_int_equal(count_entries("."), 1);
    data = opened("a.db");
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 4);
    nudge_data_free(data);
    assert_int_equal(count_entries("."), 1);
    writer = changed("a.db", "DELETE FROM people WHERE age > 40");
    data = opened("a.db"); /* the log has it */
    assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 3);
    nudge_data_free(data);
    sqlite3_close(writer);
    assert_int_equal(count_entries("."), 1);
}

static void names_are_names(void **state) {
    (void)state;
    static const char *const names[] = {"a%41?b#c.db", "file:x?mode=memory", ":memory:.db"};
    change("a.db", people);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64] = "./";
        strcat(path, names[i]);
        assert_int_equal(rename(i ? names[i - 1] : "a.db", names[i]), 0);
        nudge_data *data = opened(path);
        assert_int_equal(nudge_data_rows(data, NUDGE_PART_TRAIN), 4);
        nudge_data_free(data);
    }
}

static void without_memory(void **state) {
    (void)state;
    change("a.db", people);
    size_t before = accounts.live_blocks;
    nudge_status status = NUDGE_NO_MEMORY;
    for (size_t at = 1; status; at++) {
        nudge_data *data = NULL;
        accounts.allocations = 0;
        accounts.fail_at = at;
        status = nudge_data_open(context, "a.db", &options, &data, NULL);
        accounts.fail_at = 0;
        assert_true(status == NUDGE_OK || status == NUDGE_NO_MEMORY);
        nudge_data_free(data);
        assert_int_equal(accounts.live_blocks, before);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_only_table_is_read),
        TEST(a_table_or_a_query_is_chosen),
        TEST(what_is_asked_wrong_is_refused),
        TEST(damaged_files_are_refused),
        TEST(files_that_are_in_use),
        TEST(names_are_names),
        TEST(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
static void it_is_said(void **state) {
    (void)state;
    put_file("a.db", "SQLite format 3", 16);
    expect_refused("a.db", NUDGE_UNSUPPORTED, "a.db: cannot be read: this nudge was built without SQLite");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(it_is_said, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
