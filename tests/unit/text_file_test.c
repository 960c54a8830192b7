/* A file or a pipe as a source of text: read/text_file.h. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read/text_file.h"
#include "support/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 300000 }; /* more than any buffer */

static char *some_bytes(void) {
    char *bytes = malloc(SIZE);
    assert_non_null(bytes);
    for (size_t i = 0; i < SIZE; i++) bytes[i] = (char)('a' + i % 23 + i / 1000 % 3);
    return bytes;
}

/* Read in portions of 1000, whole and in part, and again after rewinding. */
static void expect_source(const char *path, const char *bytes) {
    struct accounts accounts = {0};
    nudge_allocator allocator = counting_allocator(&accounts);
    struct text_source *source;
    nudge_error error = {0};
    char *found = malloc(SIZE + 1000);
    assert_non_null(found);
    assert_int_equal(text_file_open(&allocator, path, &source, &error), NUDGE_OK);
    assert_string_equal(source->name, path);
    for (size_t pass = 0; pass < 3; pass++) {
        size_t size = 0, got = 1000;
        while (got == 1000 && (pass != 1 || size < 5000)) {
            assert_int_equal(source->read(source, found + size, 1000, &got, &error), NUDGE_OK);
            size += got;
        }
        assert_int_equal(size, pass == 1 ? 5000 : SIZE);
        assert_memory_equal(found, bytes, size);
        assert_int_equal(source->rewind(source, &error), NUDGE_OK);
    }
    source->close(source);
    assert_int_equal(accounts.live_blocks, 0);
    free(found);
}

static void files_are_read_again_and_again(void **state) {
    (void)state;
    char *bytes = some_bytes();
    put_file("plain", bytes, SIZE);
    put_gzip("packed.gz", bytes, SIZE);
    expect_source("plain", bytes);
    expect_source("packed.gz", bytes);
    free(bytes);
}

/* A pipe that `count` bytes come through, under a path. */
static void feed_pipe(char path[64], const char *bytes, size_t count, pid_t *writer) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    *writer = fork();
    assert_true(*writer >= 0);
    if (*writer == 0) {
        close(ends[0]);
        for (size_t at = 0; at < count;) {
            ssize_t moved = write(ends[1], bytes + at, count - at);
            if (moved < 0) _exit(1);
            at += (size_t)moved;
        }
        _exit(0);
    }
    close(ends[1]);
    sprintf(path, "/dev/fd/%d", ends[0]);
}

static void pipes_are_kept(void **state) {
    (void)state;
    char *bytes = some_bytes(), path[64];
    pid_t writer;
    feed_pipe(path, bytes, SIZE, &writer);
    expect_source(path, bytes);
    waitpid(writer, NULL, 0);
    free(bytes);
    struct accounts accounts = {0};
    nudge_allocator allocator = counting_allocator(&accounts);
    struct text_source *source;
    nudge_error error = {0};
    feed_pipe(path, "\x1F\x8B\x08", 3, &writer);
    expect_error(text_file_open(&allocator, path, &source, &error), NUDGE_BAD_INPUT, &error, path,
                 "gzip data through a pipe", NULL);
    waitpid(writer, NULL, 0);
    assert_int_equal(accounts.live_blocks, 0);
    for (size_t fail_at = 3; fail_at <= 4; fail_at++) { /* the bytes' first room, and their second */
        bytes = some_bytes();
        accounts = (struct accounts){.fail_at = fail_at};
        feed_pipe(path, bytes, SIZE / 2, &writer);
        assert_int_equal(text_file_open(&allocator, path, &source, &error), NUDGE_NO_MEMORY);
        close(atoi(strrchr(path, '/') + 1));
        waitpid(writer, NULL, 0);
        assert_int_equal(accounts.live_blocks, 0);
        free(bytes);
    }
}

static void what_cannot_be_read_is_refused(void **state) {
    (void)state;
    struct accounts accounts = {0};
    nudge_allocator allocator = counting_allocator(&accounts);
    struct text_source *source;
    nudge_error error = {0};
    size_t got;
    char byte;
    expect_error(text_file_open(&allocator, "absent", &source, &error), NUDGE_BAD_INPUT, &error,
                 "absent: cannot be opened: no such file", NULL);
    expect_error(text_file_open(&allocator, ".", &source, &error), NUDGE_BAD_INPUT, &error,
                 ".: is a folder, expected a file", NULL);
    put_file("passing", "abc", 3);
    assert_int_equal(text_file_open(&allocator, "passing", &source, &error), NUDGE_OK);
    assert_int_equal(remove("passing"), 0);
    expect_error(source->rewind(source, &error), NUDGE_BAD_INPUT, &error, "no such file", NULL);
    expect_error(source->read(source, &byte, 1, &got, &error), NUDGE_IO, &error, "passing", NULL);
    source->close(source);
    assert_int_equal(accounts.live_blocks, 0);
    put_file("there", "abc", 3);
    for (size_t fail_at = 1; fail_at <= 3; fail_at++) {
        accounts = (struct accounts){.fail_at = fail_at};
        assert_int_equal(text_file_open(&allocator, "there", &source, &error), NUDGE_NO_MEMORY);
        assert_int_equal(accounts.live_blocks, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read_again_and_again),
        cmocka_unit_test(pipes_are_kept),
        cmocka_unit_test(what_cannot_be_read_is_refused),
    };
    return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
