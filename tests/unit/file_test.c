/* Files: base/file.h. Failures of the disk are in tests/fault/. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "support/files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static nudge_allocator allocator;

static void expect_contents(const char *path, const char *expected) {
    unsigned char *contents = get_file(path, NULL);
    assert_string_equal((char *)contents, expected);
    free(contents);
}

static mode_t mode_of(const char *path) {
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & 07777;
}

/* -- for sentences -- */

static void names_are_shown_without_control_characters(void **state) {
    (void)state;
    assert_string_equal(shown("a\nb\x1b[2Jc\x7f").text, "a\\nb\\u001b[2Jc\\u007f");
    assert_string_equal(shown("Übung/é").text, "Übung/é");
    assert_string_equal(shown("").text, "");
}

static void of_long_names_the_end_is_shown(void **state) {
    (void)state;
    char path[600];
    memset(path, 'x', sizeof path);
    memcpy(path + sizeof path - 13, "/model.nudge", 13);
    struct shown_text text = shown(path);
    assert_int_equal(strlen(text.text), sizeof text.text - 1);
    assert_true(strncmp(text.text, "...xxx", 6) == 0);
    assert_string_equal(text.text + strlen(text.text) - 12, "/model.nudge");
    /* a character of two bytes is not cut in two, wherever the cut falls */
    for (size_t extra = 0; extra < 2; extra++) {
        char accents[600];
        for (size_t i = 0; i < sizeof accents - 2; i += 2) memcpy(accents + i, "é", 2);
        memset(accents + 590, 'y', extra);
        accents[590 + extra] = 0;
        assert_true(strncmp(shown(accents).text, "...é", 5) == 0);
    }
}

static void reasons_are_words_or_numbers(void **state) {
    (void)state;
    assert_string_equal(file_reason(ENOENT).text, "no such file or folder");
    assert_string_equal(file_reason(ENOSPC).text, "no space left on the device");
    assert_string_equal(file_reason(7).text, "system error 7");
    assert_string_equal(file_reason(12345).text, "system error 12345");
}

static void a_file_is_put_in_front_of_a_sentence(void **state) {
    (void)state;
    nudge_error error = {NUDGE_BAD_INPUT, "label 3 is not text"};
    assert_int_equal(error_in_file(&error, NUDGE_BAD_INPUT, "a/b"), NUDGE_BAD_INPUT);
    assert_string_equal(error.message, "a/b: label 3 is not text");
}

/* -- paths -- */

static void expect_folder(const char *path, const char *expected) {
    char *folder = file_path_folder(&allocator, path);
    assert_string_equal(folder, expected);
    memory_release_text(&allocator, folder);
}

static void expect_joined(const char *folder, const char *name, const char *expected) {
    char *path = file_path_join(&allocator, folder, name);
    assert_string_equal(path, expected);
    memory_release_text(&allocator, path);
}

static void paths_are_cut_and_joined(void **state) {
    (void)state;
    expect_folder("a/b/c", "a/b");
    expect_folder("/a", "/");
    expect_folder("//a", "/");
    expect_folder("a//b", "a");
    expect_folder("a", ".");
    assert_string_equal(file_path_name("a/b"), "b");
    assert_string_equal(file_path_name("b"), "b");
    assert_string_equal(file_path_name("a/"), "");
    expect_joined("a", "b", "a/b");
    expect_joined("a/", "b", "a/b");
    expect_joined("/", "b", "/b");
    expect_joined("", "b", "b");
}

static void folders_are_made_once(void **state) {
    (void)state;
    nudge_error error = {0};
    bool made = false;
    assert_int_equal(file_folder_make(&allocator, "made", &made, &error), NUDGE_OK);
    assert_true(made && file_is_folder("made"));
    assert_int_equal(file_folder_make(&allocator, "made", &made, &error), NUDGE_OK);
    assert_false(made);
    put_file("plain", "x", 1);
    expect_error(file_folder_make(&allocator, "plain", &made, &error), NUDGE_IO, &error, "plain",
                 "not a folder", NULL);
    expect_error(file_folder_make(&allocator, "none/made", &made, &error), NUDGE_IO, &error, "none/made",
                 "no such file or folder", NULL);
}

/* -- reading -- */

static void files_are_read_in_order(void **state) {
    (void)state;
    nudge_error error = {0};
    struct file_reader reader;
    char bytes[8] = {0};
    size_t got;
    put_file("ten", "0123456789", 10);
    assert_int_equal(file_reader_open(&reader, "ten", &error), NUDGE_OK);
    assert_int_equal(reader.size, 10);
    assert_int_equal(file_reader_read(&reader, bytes, 4, &got, &error), NUDGE_OK);
    assert_int_equal(got, 4);
    assert_string_equal(bytes, "0123");
    assert_int_equal(file_reader_read(&reader, bytes, 8, &got, &error), NUDGE_OK);
    assert_int_equal(got, 6);
    assert_int_equal(reader.position, 10);
    assert_int_equal(file_reader_read(&reader, bytes, 1, &got, &error), NUDGE_OK);
    assert_int_equal(got, 0);
    assert_int_equal(file_reader_seek(&reader, 8, &error), NUDGE_OK);
    assert_int_equal(file_reader_read(&reader, bytes, 8, &got, &error), NUDGE_OK);
    assert_int_equal(got, 2);
    assert_memory_equal(bytes, "89", 2);
    expect_error(file_reader_seek(&reader, 11, &error), NUDGE_IO, &error, "ten", "11", NULL);
    file_reader_close(&reader);
    file_reader_close(&reader);
}

static void what_is_no_file_is_not_read(void **state) {
    (void)state;
    nudge_error error = {0};
    struct file_reader reader;
    expect_error(file_reader_open(&reader, "none", &error), NUDGE_BAD_INPUT, &error, "none: ", "no such file",
                 NULL);
    expect_error(file_reader_open(&reader, ".", &error), NUDGE_BAD_INPUT, &error, ".: ", "folder", NULL);
    expect_error(file_reader_open(&reader, "/dev/null", &error), NUDGE_BAD_INPUT, &error, "/dev/null",
                 "device", NULL);
    assert_int_equal(mkfifo("pipe", 0600), 0); /* nobody writes to it: opening must not wait */
    expect_error(file_reader_open(&reader, "pipe", &error), NUDGE_BAD_INPUT, &error, "pipe", NULL);
    unlink("pipe");
    assert_int_equal(symlink("loop", "loop"), 0);
    expect_error(file_reader_open(&reader, "loop", &error), NUDGE_BAD_INPUT, &error, "loop", "symbolic links",
                 NULL);
    unlink("loop");
    file_reader_close(&reader);
}

/* -- writing -- */

static nudge_status write_text(const char *path, const char *text, nudge_error *error) {
    nudge_file *writer = NULL;
    nudge_status status = nudge_file_create(NULL, path, &writer, error);
    if (status) return status;
    status = nudge_file_write(writer, text, strlen(text), error);
    if (!status) return nudge_file_commit(writer, error);
    nudge_file_abandon(writer);
    return status;
}

static void expect_written(const char *path, const char *text) {
    nudge_error error = {0};
    if (write_text(path, text, &error)) fail_msg("%s", error.message);
}

static void a_file_appears_whole(void **state) {
    (void)state;
    nudge_error error = {0};
    nudge_file *writer;
    mode_t mask = umask(027);
    assert_int_equal(nudge_file_create(NULL, "new", &writer, &error), NUDGE_OK);
    assert_int_equal(nudge_file_write(writer, "ab", 2, &error), NUDGE_OK);
    assert_false(file_exists("new"));
    assert_int_equal(nudge_file_write(writer, "", 0, &error), NUDGE_OK);
    assert_int_equal(nudge_file_write(writer, "cd", 2, &error), NUDGE_OK);
    assert_int_equal(nudge_file_commit(writer, &error), NUDGE_OK);
    umask(mask);
    expect_contents("new", "abcd");
    assert_int_equal(mode_of("new"), 0640);
    assert_int_equal(count_entries("."), 1);
}

static void until_then_the_old_file_stays(void **state) {
    (void)state;
    nudge_error error = {0};
    nudge_file *writer;
    put_file("old", "old", 3);
    chmod("old", 0604);
    assert_int_equal(nudge_file_create(NULL, "old", &writer, &error), NUDGE_OK);
    assert_int_equal(nudge_file_write(writer, "new", 3, &error), NUDGE_OK);
    expect_contents("old", "old");
    assert_int_equal(count_entries("."), 2);
    nudge_file_abandon(writer);
    expect_contents("old", "old");
    assert_int_equal(count_entries("."), 1);
    expect_written("old", "new");
    expect_contents("old", "new");
    assert_int_equal(mode_of("old"), 0604);
    assert_int_equal(count_entries("."), 1);
    unlink("old");
    nudge_file_abandon(NULL);
}

static void two_writers_do_not_meet(void **state) {
    (void)state;
    nudge_error error = {0};
    nudge_file *one, *two;
    assert_int_equal(nudge_file_create(NULL, "x", &one, &error), NUDGE_OK);
    assert_int_equal(nudge_file_create(NULL, "x", &two, &error), NUDGE_OK);
    assert_int_equal(nudge_file_write(one, "one", 3, &error), NUDGE_OK);
    assert_int_equal(nudge_file_write(two, "two", 3, &error), NUDGE_OK);
    assert_int_equal(nudge_file_commit(two, &error), NUDGE_OK);
    assert_int_equal(nudge_file_commit(one, &error), NUDGE_OK);
    expect_contents("x", "one");
    assert_int_equal(count_entries("."), 1);
}

static void links_are_followed(void **state) {
    (void)state;
    char here[4096], absolute[5000];
    assert_non_null(getcwd(here, sizeof here));
    snprintf(absolute, sizeof absolute, "%s/real/file", here);
    assert_int_equal(mkdir("real", 0777), 0);
    put_file("real/file", "old", 3);
    chmod("real/file", 0600);
    assert_int_equal(symlink("real/file", "relative"), 0);
    assert_int_equal(symlink(absolute, "absolute"), 0);
    assert_int_equal(symlink("../relative", "real/chain"), 0);
    assert_int_equal(symlink("real/made", "dangling"), 0);
    static const char *const links[] = {"relative", "absolute", "real/chain"};
    for (size_t i = 0; i < 3; i++) {
        expect_written(links[i], links[i]);
        expect_contents("real/file", links[i]);
        assert_int_equal(mode_of("real/file"), 0600);
    }
    expect_written("dangling", "new");
    expect_contents("real/made", "new");
    struct stat status;
    assert_true(lstat("dangling", &status) == 0 && S_ISLNK(status.st_mode));
    assert_int_equal(count_entries("."), 4);
    assert_int_equal(count_entries("real"), 3);
    nudge_error error = {0};
    assert_int_equal(symlink("loop", "loop"), 0);
    expect_error(write_text("loop", "x", &error), NUDGE_IO, &error, "loop", "symbolic links", NULL);
}

static void names_may_be_as_long_as_the_system_allows(void **state) {
    (void)state;
    char name[257] = {0};
    memset(name, 'n', 255);
    expect_written(name, "x");
    expect_contents(name, "x");
    unlink(name);
    name[255] = 'n';
    nudge_error error = {0};
    expect_error(write_text(name, "x", &error), NUDGE_IO, &error, "nnn: ", "too long", NULL);
    assert_int_equal(count_entries("."), 0);
}

static void what_cannot_be_replaced_is_refused(void **state) {
    (void)state;
    nudge_error error = {0};
    assert_int_equal(mkdir("folder", 0777), 0);
    expect_error(write_text("folder", "x", &error), NUDGE_IO, &error, "folder: ", "is a folder", NULL);
    expect_error(write_text("folder/", "x", &error), NUDGE_IO, &error, "folder/: ", NULL);
    expect_error(write_text("none/x", "x", &error), NUDGE_IO, &error, "none/x: ", "no such folder", NULL);
    put_file("plain", "p", 1);
    expect_error(write_text("plain/x", "x", &error), NUDGE_IO, &error, "plain/x: ", "not a folder", NULL);
    expect_error(write_text("", "x", &error), NUDGE_IO, &error, "expected a file's name", NULL);
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    expect_error(write_text("socket", "x", &error), NUDGE_IO, &error, "socket: ", "is a socket", NULL);
    close(descriptor);
    assert_int_equal(count_entries("folder"), 0);
    assert_int_equal(count_entries("."), 3);
}

static void streams_and_devices_are_written_straight(void **state) {
    (void)state;
    nudge_error error = {0};
    expect_written("/dev/null", "x");
    struct stat status;
    assert_true(stat("/dev/null", &status) == 0 && S_ISCHR(status.st_mode));
    int ends[2];
    char name[32], bytes[8] = {0};
    assert_int_equal(pipe(ends), 0);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
    expect_written(name, "through");
    assert_int_equal(read(ends[0], bytes, sizeof bytes), 7);
    assert_string_equal(bytes, "through");
    close(ends[0]); /* nobody reads: told, not waited for */
    signal(SIGPIPE, SIG_IGN);
    expect_error(write_text(name, "x", &error), NUDGE_IO, &error, name, "cannot be written", NULL);
    close(ends[1]);
    expect_error(write_text("/dev/full", "x", &error), NUDGE_IO, &error, "/dev/full: ", "no space left",
                 NULL);
    assert_int_equal(count_entries("."), 0);
}

/* It would have to wait for somebody who reads: refused, whether or not somebody does. */
static void named_pipes_are_refused(void **state) {
    (void)state;
    nudge_error error = {0};
    assert_int_equal(mkfifo("pipe", 0600), 0);
    expect_error(write_text("pipe", "x", &error), NUDGE_IO, &error, "pipe: is a named pipe", NULL);
    int reader = open("pipe", O_RDONLY | O_NONBLOCK);
    expect_error(write_text("pipe", "x", &error), NUDGE_IO, &error, "pipe: is a named pipe", NULL);
    close(reader);
    assert_int_equal(count_entries("."), 1);
}

/* The folder or the file forbids it. The superuser may do everything, so the test becomes somebody else for a
 * moment. */
static void permissions_count(void **state) {
    (void)state;
    nudge_error error = {0};
    assert_int_equal(chmod(".", 0755), 0);
    assert_int_equal(mkdir("closed", 0755), 0);
    put_file("closed/file", "old", 3);
    assert_int_equal(mkdir("open", 0777), 0);
    chmod("open", 0777);
    put_file("open/protected", "old", 3);
    chmod("open/protected", 0444);
    bool superuser = geteuid() == 0;
    if (superuser && seteuid(65534)) skip();
    if (!superuser) chmod("closed", 0555);
    nudge_error first = {0}, second = {0}, third = {0};
    nudge_status a = write_text("closed/new", "x", &first), b = write_text("closed/file", "x", &second);
    nudge_status c = write_text("open/protected", "x", &third);
    struct file_reader reader;
    put_file("open/secret", "s", 1);
    chmod("open/secret", 0);
    nudge_status d = file_reader_open(&reader, "open/secret", &error);
    if (superuser) assert_int_equal(seteuid(0), 0);
    chmod("closed", 0755);
    expect_error(a, NUDGE_IO, &first, "closed/new: ", "permission denied", NULL);
    expect_error(b, NUDGE_IO, &second, "closed/file: ", "permission denied", NULL);
    expect_error(c, NUDGE_IO, &third, "open/protected: ", "permission denied", NULL);
    expect_error(d, NUDGE_IO, &error, "open/secret: ", "permission denied", NULL);
    expect_contents("closed/file", "old");
    expect_contents("open/protected", "old");
    assert_int_equal(count_entries("closed"), 1);
    assert_int_equal(count_entries("open"), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter_scratch, leave_scratch)

/* -- what a killed writer left -- */

/* The name of the file beside, which is made and abandoned. */
static char *part_of(const char *path) {
    nudge_file *file;
    assert_int_equal(nudge_file_create(NULL, path, &file, NULL), NUDGE_OK);
    char *name = strdup(nudge_file_part(file));
    assert_non_null(name);
    nudge_file_abandon(file);
    return name;
}

/* Another process, in the middle of writing. */
static pid_t start_writer(const char *path, int *told) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        nudge_file *file;
        if (nudge_file_create(NULL, path, &file, NULL) || nudge_file_write(file, "half", 4, NULL)) _exit(1);
        if (write(ends[1], "x", 1) != 1) _exit(1);
        pause();
        _exit(0);
    }
    close(ends[1]);
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 1);
    *told = ends[0];
    return child;
}

static void end_writer(pid_t child, int told) {
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(told);
}

static void write_all(const char *path, const char *text) {
    nudge_file *file;
    assert_int_equal(nudge_file_create(NULL, path, &file, NULL), NUDGE_OK);
    assert_int_equal(nudge_file_write(file, text, strlen(text), NULL), NUDGE_OK);
    assert_int_equal(nudge_file_commit(file, NULL), NUDGE_OK);
}

static void what_the_dead_left_is_removed(void **state) {
    (void)state;
    int told;
    for (int times = 0; times < 3; times++) {
        pid_t child = start_writer("t", &told);
        assert_int_equal(count_entries("."), 1 + (times > 0));
        write_all("t", "while it lives"); /* under another name; its file stays */
        assert_int_equal(count_entries("."), 2);
        end_writer(child, told);
        assert_int_equal(count_entries("."), 2);
        write_all("t", "after it died");
        expect_contents("t", "after it died");
        assert_int_equal(count_entries("."), 1);
    }
    pid_t child = start_writer("t", &told), second = start_writer("other", &told);
    end_writer(child, told);
    assert_int_equal(kill(second, SIGKILL), 0);
    assert_int_equal(waitpid(second, NULL, 0), second);
    write_all("t", "of t alone");
    assert_int_equal(count_entries("."), 2); /* that beside "other" is for who writes it */
    write_all("other", "now");
    assert_int_equal(count_entries("."), 2);
    unlink("other");
    unlink("t");
}

/* Names that only look like one. */
static void what_is_no_file_of_ours_stays(void **state) {
    (void)state;
    char *part = part_of("t");
    assert_int_equal(count_entries("."), 0);
    assert_int_equal(symlink("somewhere", part), 0);
    write_all("t", "beside a link");
    assert_int_equal(count_entries("."), 2);
    unlink(part);
    assert_int_equal(mkdir(part, 0777), 0);
    write_all("t", "beside a folder");
    assert_int_equal(count_entries("."), 2);
    assert_int_equal(rmdir(part), 0);
    unlink("t");
    free(part);
}

/* -- files that grow -- */

static void a_file_grows(void **state) {
    (void)state;
    nudge_file *file;
    struct file_reader reader;
    assert_int_equal(nudge_file_create(NULL, "g", &file, NULL), NUDGE_OK);
    assert_int_equal(nudge_file_write(file, "one", 3, NULL), NUDGE_OK);
    assert_int_equal(file_settle(file, NULL), NUDGE_OK);
    expect_contents("g", "one");
    assert_null(nudge_file_part(file));
    assert_int_equal(count_entries("."), 1);
    assert_int_equal(nudge_file_write(file, "lost", 4, NULL), NUDGE_OK);
    assert_true(file_take_back(file));
    expect_contents("g", "one");
    assert_int_equal(nudge_file_write(file, ", two", 5, NULL), NUDGE_OK);
    assert_int_equal(file_settle(file, NULL), NUDGE_OK);
    expect_contents("g", "one, two");
    assert_int_equal(file_reader_open(&reader, "g", NULL), NUDGE_OK);
    assert_true(file_is_locked(&reader));
    nudge_file_abandon(file);
    assert_false(file_is_locked(&reader));
    file_reader_close(&reader);
    expect_contents("g", "one, two");
    unlink("g");
}

int main(void) {
    allocator = memory_allocator(NULL);
    const struct CMUnitTest tests[] = {
        TEST(names_are_shown_without_control_characters),
        TEST(of_long_names_the_end_is_shown),
        TEST(reasons_are_words_or_numbers),
        TEST(a_file_is_put_in_front_of_a_sentence),
        TEST(paths_are_cut_and_joined),
        TEST(folders_are_made_once),
        TEST(files_are_read_in_order),
        TEST(what_is_no_file_is_not_read),
        TEST(a_file_appears_whole),
        TEST(until_then_the_old_file_stays),
        TEST(two_writers_do_not_meet),
        TEST(links_are_followed),
        TEST(names_may_be_as_long_as_the_system_allows),
        TEST(what_cannot_be_replaced_is_refused),
        TEST(streams_and_devices_are_written_straight),
        TEST(named_pipes_are_refused),
        TEST(permissions_count),
        TEST(what_the_dead_left_is_removed),
        TEST(what_is_no_file_of_ours_stays),
        TEST(a_file_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
