/* Model files that are wrong: every truncation and every flipped bit of a small file is refused; so is every
 * file whose digests are right and whose contents are not. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/files.h"
#include "support/models.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct accounts accounts;
static nudge_context *context;

static int set_up(void **state) {
    accounts = (struct accounts){0};
    context = counting_context(&accounts);
    return enter_scratch(state);
}

static int tear_down(void **state) {
    nudge_context_free(context);
    return leave_scratch(state) || accounts.live_blocks || accounts.live_bytes ? -1 : 0;
}

/* -- damage -- */

static void expect_refused(const char *path, nudge_status expected, const char *fact, const char *other) {
    nudge_net *net = NULL;
    nudge_error error = {0};
    expect_error(nudge_net_load(context, path, &net, &error), expected, &error, path, fact, other, NULL);
    assert_null(net);
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    nudge_net *net = small_net(context);
    save_net(net, "whole");
    size_t count;
    unsigned char *bytes = get_file("whole", &count);
    put_file("x", bytes, count);
    for (size_t length = count; length-- > 0;) {
        assert_int_equal(truncate("x", (off_t)length), 0);
        expect_refused("x", NUDGE_BAD_INPUT, "x: ", length < 8 ? "ends at byte" : "cut short");
    }
    unsigned char *longer = malloc(count + 1);
    memcpy(longer, bytes, count);
    longer[count] = 0;
    put_file("x", longer, count + 1);
    expect_refused("x", NUDGE_BAD_INPUT, "damaged, changed or cut short", NULL);
    free(longer);
    free(bytes);
    nudge_net_free(net);
}

static void put_byte(FILE *file, size_t place, unsigned char byte) {
    assert_int_equal(fseek(file, (long)place, SEEK_SET), 0);
    assert_int_equal(fputc(byte, file), byte);
    assert_int_equal(fflush(file), 0);
}

static void every_flipped_bit_is_refused(void **state) {
    (void)state;
    nudge_net *net = small_net(context);
    save_net(net, "x");
    size_t count, by_digest = 0;
    unsigned char *bytes = get_file("x", &count);
    FILE *file = fopen("x", "r+b");
    assert_non_null(file);
    for (size_t bit = 0; bit < 8 * count; bit++) {
        put_byte(file, bit / 8, bytes[bit / 8] ^ (unsigned char)(1 << bit % 8));
        nudge_net *none = NULL;
        nudge_error error = {0};
        expect_error(nudge_net_load(context, "x", &none, &error), NUDGE_BAD_INPUT, &error, "x: ", NULL);
        assert_null(none);
        by_digest += strstr(error.message, "damaged, changed or cut short") != NULL;
        put_byte(file, bit / 8, bytes[bit / 8]);
    }
    /* all but those in the length in front and in file_digest's own name and digits */
    assert_true(by_digest > 8 * (count - 8 - strlen("\"file_digest\":\"\"") - 64));
    fclose(file);
    nudge_net_free(load_net(context, "x"));
    free(bytes);
    nudge_net_free(net);
}

static void what_is_no_model_is_refused(void **state) {
    (void)state;
    expect_refused("none", NUDGE_BAD_INPUT, "no such file", NULL);
    expect_refused(".", NUDGE_BAD_INPUT, "folder", NULL);
    expect_refused("/dev/zero", NUDGE_BAD_INPUT, "device", NULL);
    put_file("x", "\x89PNG\r\n\x1a\n and so on", 19);
    expect_refused("x", NUDGE_BAD_INPUT, "x: not a model file", "16777216");
    put_file("x", "\x01\0\0\0\0\0\0\0{}", 10);
    expect_refused("x", NUDGE_BAD_INPUT, "x: not a model file", "header of 1 bytes");
    put_file("x", "\x03\0\0\0\0\0\0\0{}", 10);
    expect_refused("x", NUDGE_BAD_INPUT, "has 10 bytes", "header of 3");
    put_file("x", "\x02\0\0\0\0\0\0\0[]", 10);
    expect_refused("x", NUDGE_BAD_INPUT, "x: is not a model file", "JSON object");
    put_file("x", "\x02\0\0\0\0\0\0\0{}", 10);
    expect_refused("x", NUDGE_BAD_INPUT, "x: is not a model of nudge", NULL);
    static const char foreign[] = "\x55\0\0\0\0\0\0\0{\"__metadata__\":{\"format\":\"pt\"},"
                                  "\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}abcd";
    put_file("x", foreign, sizeof foreign - 1);
    expect_refused("x", NUDGE_BAD_INPUT, "x: is not a model of nudge", "\"format\":\"nudge\"");
}

/* -- hostile files: contents that are wrong under digests that are right -- */

struct edit {
    const char *old, *new;
};

/* Writes to "x" the file "whole" with `old` in its header's JSON replaced by `new`, sealed with a right
 * file_digest. */
static void put_edited(const struct edit *edits, size_t count, const void *data, size_t data_size) {
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    static char json[1 << 21];
    size_t size;
    unsigned char *bytes = get_file("whole", &size);
    size_t length = header_length(bytes);
    memcpy(json, bytes + 8, length);
    json[length] = 0;
    for (size_t i = 0; i < count; i++) {
        char *place = strstr(json, edits[i].old);
        if (!place) fail_msg("no %s in %s", edits[i].old, json);
        size_t old = strlen(edits[i].old), new = strlen(edits[i].new);
        memmove(place + new, place + old, strlen(place + old) + 1);
        memcpy(place, edits[i].new, new);
    }
    length = strlen(json);
    if (!data) {
        data = bytes + 8 + header_length(bytes);
        data_size = size - 8 - header_length(bytes);
    }
    unsigned char *edited = malloc(8 + length + data_size);
    for (int i = 0; i < 8; i++) edited[i] = (unsigned char)((uint64_t)length >> 8 * i);
    memcpy(edited + 8, json, length);
    memcpy(edited + 8 + length, data, data_size);
    char *place = memmem(edited, 8 + length, "\"file_digest\":\"", 15), hex[65];
    if (place) {
        memcpy(place + 15, zeros, 64);
        hex_of(hex, edited, 8 + length + data_size);
        memcpy(place + 15, hex, 64);
    }
    put_file("x", edited, 8 + length + data_size);
    free(edited);
    free(bytes);
}

static void expect_edit_refused(const char *old, const char *new, const char *fact) {
    put_edited(&(struct edit){old, new}, 1, NULL, 0);
    nudge_net *net = NULL;
    nudge_error error = {0};
    size_t before = accounts.live_blocks;
    expect_error(nudge_net_load(context, "x", &net, &error), NUDGE_BAD_INPUT, &error, "x: ", fact, NULL);
    assert_int_equal(accounts.live_blocks, before);
}

static void save_whole(void) {
    nudge_net *net = small_net(context);
    save_net(net, "whole");
    nudge_net_free(net);
}

static void an_edit_that_changes_nothing_is_accepted(void **state) {
    (void)state;
    save_whole();
    put_edited(NULL, 0, NULL, 0);
    expect_same_files("whole", "x");
    put_edited(&(struct edit){"\"inputs\":\"3\"", "\"inputs\":\"3\",\"added_by_a_later_nudge\":\"é\""}, 1,
               NULL, 0);
    nudge_net *net = load_net(context, "x"), *whole = load_net(context, "whole");
    expect_same_nets(net, whole);
    nudge_net_free(net);
    nudge_net_free(whole);
}

static void wrong_metadata_are_refused(void **state) {
    (void)state;
    save_whole();
    static const struct {
        const char *old, *new, *fact;
    } cases[] = {
        {"\"format\":\"nudge\"", "\"format\":\"other\"", "is not a model of nudge"},
        {"\"format\":\"nudge\"", "\"format\":7", "is not a model of nudge"},
        {"\"format_version\":\"1\"", "\"format_version\":\"2\"",
         "format version 2, this nudge reads version 1"},
        {"\"format_version\":\"1\"", "\"other\":\"1\"", "no text \"format_version\""},
        {"\"network\":", "\"netwrk\":", "no text \"network\""},
        {"\"inputs\":", "\"input\":", "no text \"inputs\""},
        {"\"inputs\":\"3\"", "\"inputs\":\"0\"", "inputs \"0\", expected a number from 1"},
        {"\"inputs\":\"3\"", "\"inputs\":\"3x\"", "inputs \"3x\""},
        {"\"inputs\":\"3\"", "\"inputs\":\"99999999999999999999\"", "inputs \"99999999999999999999\""},
        {"\"inputs\":\"3\"", "\"inputs\":3", "no text \"inputs\""},
        {"2 sigmoid", "2 sigmod", "sigmod"},
        {"2 sigmoid", "3 sigmoid", "has 56 bytes of tensors, expected 80"},
        {"2 sigmoid, 2 softmax", "2 softmax", "has 4 tensors, expected 2 for 1 layers"},
        {"2 sigmoid, 2 softmax", "2, 2, 2", "has 4 tensors, expected 6 for 3 layers"},
        {"shift -0x1p-1", "shift -0x1p-1x", "preprocessing \"shift -0x1p-1x, scale"},
        {"shift -0x1p-1", "shift nan", "preprocessing"},
        {"shift -0x1p-1", "shift 0x1p+200", "preprocessing"},
        {"shift -0x1p-1", "shift 0.1", "preprocessing"},
        {"scale 0x1.010102p-8", "scale 0x0p+0", "preprocessing: shift -0.5, scale 0"},
        {"\"preprocessing\":\"", "\"preprocessing\":7,\"p\":\"", "no text \"preprocessing\""},
        {"\"labels\":\"[", "\"labels\":\"{", "labels is not JSON at byte"},
        {"\"labels\":\"[", "\"labels\":\"{\\\"a\\\":1}\",\"l\":\"", "labels: expected a JSON list of texts"},
        {"\"labels\":\"[", "\"labels\":\"[[],[],[],[],[",
         "labels has 11 of { [ , : in its JSON, expected at most 4"},
        {"\"labels\":\"[", "\"labels\":\"[7,", "label 0 is not text"},
        {"\"labels\":\"[", "\"labels\":\"[\\\"third\\\",", "3 labels, expected 2"},
        {"\"labels\":\"[", "\"labels\":\"[\\\"\\\\u0007\\\",", "label"},
        {"\"note.about\"", "\"note.About\"", "note \"About\""},
        {"\"note.about\"", "\"note.\"", "note \"\""},
        {"\"note.about\":\"cross-entropy\"", "\"note.about\":\"a\\nb\"", "note \"about\""},
        {"\"note.about\":\"cross-entropy\"", "\"note.about\":[]", "__metadata__ \"note.about\" is not text"},
        {"\"nudge_version\":\"", "\"nudge\\u0001version\":7,\"v\":\"",
         "__metadata__ \"nudge\\u0001version\" is not text"},
        {"\"cost\":\"cross-entropy\"", "\"cost\":\"cross\"", "\"cross\""},
        {"\"cost\":\"cross-entropy\"", "\"cost\":\"binary-cross-entropy\"", "needs a sigmoid output"},
        {"\"cost\":\"cross-entropy\"", "\"cost\":\"huber\",\"cost_delta\":\"-1\"", "d = -1"},
        {"\"cost\":\"cross-entropy\"", "\"cost\":\"huber\",\"cost_delta\":\"x\"", "cost_delta \"x\""},
        {"\"cost\":\"cross-entropy\"", "\"cost\":7", "__metadata__ \"cost\" is not text"},
        /* of older files */
        {"\"cost\":\"cross-entropy\"", "\"note.cost\":\"none\"", "\"none\""},
        {"\"file_digest\":", "\"parameters_digest\":\"0a\",\"file_digest\":",
         "the SHA-256 of its parameters begins with"},
        {"\"file_digest\":", "\"parameters_digest\":7,\"file_digest\":",
         "__metadata__ \"parameters_digest\" is not text"},
        {"\"file_digest\":", "\"file\":", "no text \"file_digest\""},
        {"\"file_digest\":", "\"file_digest\" :", "its file_digest is not 64 hexadecimal digits"},
        {"{\"__metadata__\":{", "{\"__metadata__\":[],\"m\":{", "is not a model of nudge"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_edit_refused(cases[i].old, cases[i].new, cases[i].fact);
}

static void wrong_tensors_are_refused(void **state) {
    (void)state;
    save_whole();
    static const struct {
        const char *old, *new, *fact;
    } cases[] = {
        {"\"layers.1.weight\"", "\"layers.1.weights\"", "tensor layers.1.weight is missing"},
        {"\"layers.2.bias\"", "\"layers.3.bias\"", "tensor layers.2.bias is missing"},
        {"\"layers.1.weight\":{", "\"extra\":{},\"layers.1.weight\":{", "has 5 tensors, expected 4"},
        {"\"dtype\":\"F32\"", "\"dtype\":\"F16\"", "tensor layers.1.weight: expected dtype \"F32\""},
        {"\"dtype\":\"F32\"", "\"dtype\":32", "tensor layers.1.weight: expected dtype \"F32\""},
        {"\"dtype\":\"F32\"", "\"x\":1,\"dtype\":\"F32\"", "tensor layers.1.weight: expected dtype"},
        {"\"shape\":[2,3]", "\"shape\":[3,2]", "tensor layers.1.weight: expected the network's shape [2,3]"},
        {"\"shape\":[2,3]", "\"shape\":[2,3,1]", "shape [2,3]"},
        {"\"shape\":[2,3]", "\"shape\":[2,-3]", "shape [2,3]"},
        {"\"shape\":[2,3]", "\"shape\":[2,3.0]", "shape [2,3]"},
        {"\"shape\":[2,3]", "\"shape\":\"2,3\"", "shape [2,3]"},
        {"\"shape\":[2]", "\"shape\":[1]", "tensor layers.1.bias: expected the network's shape [2]"},
        {"\"data_offsets\":[0,24]", "\"data_offsets\":[0,28]",
         "tensor layers.1.weight: expected data_offsets [0,24]"},
        {"\"data_offsets\":[24,32]", "\"data_offsets\":[0,8]",
         "tensor layers.1.bias: expected data_offsets [24,32]"},
        {"\"data_offsets\":[24,32]", "\"data_offsets\":[28,36]",
         "tensor layers.1.bias: expected data_offsets [24,32]"},
        {"\"data_offsets\":[24,32]", "\"data_offsets\":[9223372036854775807,32]", "data_offsets [24,32]"},
        {"\"data_offsets\":[24,32]", "\"data_offsets\":[99999999999999999999,32]", "is not JSON at byte"},
        {"\"layers.1.weight\":{", "\"layers.1.weight\":{},\"layers.1.weight\":{", "a name occurs twice"},
        {"\"layers.1.weight\":{", "\"layers.1.weight\":7,\"w\":{", "has 5 tensors"},
        {"{\"__metadata__\"", "{7:8,\"__metadata__\"", "is not JSON at byte 10"},
        {"{\"__metadata__\"", "{\"\\u0000\":8,\"__metadata__\"", "is not JSON at byte"},
        {"{\"__metadata__\"", "{\"\xff\":8,\"__metadata__\"", "is not JSON at byte"},
        {"\"note.about\"", "\"file_digest\":\"", "is not JSON"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_edit_refused(cases[i].old, cases[i].new, cases[i].fact);
}

static void wrong_amounts_of_data_are_refused(void **state) {
    (void)state;
    static const unsigned char data[64] = {0};
    save_whole();
    put_edited(NULL, 0, data, 52);
    expect_refused("x", NUDGE_BAD_INPUT, "has 52 bytes of tensors, expected 56", NULL);
    put_edited(NULL, 0, data, 60);
    expect_refused("x", NUDGE_BAD_INPUT, "has 60 bytes of tensors, expected 56", NULL);
}

/* Parameters that are not finite, and every digest right. */
static void numbers_that_are_not_finite_are_refused(void **state) {
    (void)state;
    static const struct {
        size_t byte;
        const char *bits, *fact;
    } cases[] = {{0, "\0\0\xc0\x7f", "layer 1: weight [0][0] is nan"},
                 {20, "\0\0\x80\xff", "layer 1: weight [1][2] is -inf"},
                 {28, "\0\0\x80\x7f", "layer 1: bias [1] is inf"},
                 {52, "\x01\0\x80\x7f", "layer 2: bias [1] is nan"}};
    save_whole();
    size_t size;
    unsigned char *bytes = get_file("whole", &size);
    for (size_t i = 0; i < 4; i++) {
        unsigned char data[56];
        memcpy(data, bytes + size - 56, 56);
        memcpy(data + cases[i].byte, cases[i].bits, 4);
        put_edited(NULL, 0, data, 56);
        expect_refused("x", NUDGE_BAD_INPUT, cases[i].fact, "finite");
    }
    free(bytes);
}

/* The cost of files that have it as a note. */
static void costs_of_older_files_are_read(void **state) {
    (void)state;
    save_whole();
    static const char *const costs[][2] = {{"\"note.cost\":\"quadratic\"", "quadratic"},
                                           {"\"note.cost\":\"huber\",\"note.huber_delta\":\"0.25\"", "huber"},
                                           {"\"other\":\"\"", "cross-entropy"}};
    for (size_t i = 0; i < 3; i++) {
        double delta = -1;
        put_edited(&(struct edit){"\"cost\":\"cross-entropy\"", costs[i][0]}, 1, NULL, 0);
        nudge_net *net = load_net(context, "x");
        assert_string_equal(nudge_cost_name(nudge_net_cost(net, &delta)), costs[i][1]);
        assert_true(delta == (i == 1 ? 0.25 : 0));
        assert_null(nudge_net_note(net, "cost"));
        nudge_net_free(net);
    }
}

static void depth_and_number_have_limits(void **state) {
    (void)state;
    save_whole();
    static char deep[200000], many[60000];
    memset(stpcpy(deep, "{\"d\":"), '[', 60000);
    expect_edit_refused("{\"__metadata__\"", deep, "is not JSON at byte 2061"); /* jansson's limit is 2048 */
    memset(deep + 5, '[', 100000);
    expect_edit_refused("{\"__metadata__\"", deep, "has 1000");
    char *to = many;
    for (int i = 0; i < 1000; i++) to += sprintf(to, "\"note.n%d\":\"x\",", i);
    strcpy(to, "\"note.about\"");
    expect_edit_refused("\"note.about\"", many, "has more than 1000 notes");
}

/* Sizes that the file does not have are refused before memory is asked for them. */
static void memory_is_asked_for_what_is_there(void **state) {
    (void)state;
    save_whole();
    accounts.peak_bytes = accounts.live_bytes;
    size_t before = accounts.live_bytes;
    expect_edit_refused("2 sigmoid", "16777216 sigmoid", "has 56 bytes of tensors, expected 402653192");
    expect_edit_refused("\"inputs\":\"3\"", "\"inputs\":\"16777216\"",
                        "has 56 bytes of tensors, expected 134217760");
    assert_true(accounts.peak_bytes < before + 131072);
    put_file("x", "\xff\xff\xff\0\0\0\0\0", 8);
    expect_refused("x", NUDGE_BAD_INPUT, "header of 16777215", NULL);
    assert_true(accounts.peak_bytes < before + 131072);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_truncation_is_refused),       TEST(every_flipped_bit_is_refused),
        TEST(what_is_no_model_is_refused),       TEST(an_edit_that_changes_nothing_is_accepted),
        TEST(wrong_metadata_are_refused),        TEST(wrong_tensors_are_refused),
        TEST(wrong_amounts_of_data_are_refused), TEST(numbers_that_are_not_finite_are_refused),
        TEST(costs_of_older_files_are_read),     TEST(depth_and_number_have_limits),
        TEST(memory_is_asked_for_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
