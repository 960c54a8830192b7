/* Model files: nudge_net_save, nudge_net_load, nudge_net_digest. A checker of its own holds the file against
 * the rules of safetensors; every truncation and every flipped bit of a small file is refused; so is every
 * file whose digests are right and whose contents are not. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/json_guard.h"
#include "support/files.h"

#include <jansson.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

/* -- nets -- */

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static nudge_net *net_of(size_t inputs, const char *text) {
    nudge_net *net = NULL;
    nudge_error error = {0};
    if (nudge_net_create(context, inputs, text, 1, &net, &error)) fail_msg("%s", error.message);
    return net;
}

/* 3 -> 2 sigmoid -> 2 softmax, with the numbers that are easily lost and everything else that a net carries.
 */
static nudge_net *small_net(void) {
    nudge_net *net = net_of(3, "2 sigmoid, 2 softmax");
    const float weights[] = {-0.0f, float_of(1), float_of(0x807FFFFF), float_of(0x7F7FFFFF), 0.1f, -1};
    const float biases[] = {float_of(0x00800000), 1e-30f};
    assert_int_equal(nudge_net_set_weights(net, 1, weights, 6, NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_biases(net, 2, biases, 2, NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_preprocessing(net, -0.5f, 1.0f / 255, NULL), NUDGE_OK);
    const char *labels[] = {"a \"quoted\" one, \\", "Größe 零"};
    assert_int_equal(nudge_net_set_labels(net, labels, 2, NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_note(net, "cost", "cross-entropy", NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_note(net, "data", "\"file_digest\":\"x\" } { \\ é", NULL), NUDGE_OK);
    assert_int_equal(nudge_net_set_note(net, "file_digest", "a note of that name", NULL), NUDGE_OK);
    return net;
}

static void save(const nudge_net *net, const char *path) {
    nudge_error error = {0};
    if (nudge_net_save(net, path, &error)) fail_msg("%s", error.message);
}

static nudge_net *loaded(const char *path) {
    nudge_net *net = NULL;
    nudge_error error = {0};
    if (nudge_net_load(context, path, &net, &error)) fail_msg("%s", error.message);
    return net;
}

static void expect_same_nets(const nudge_net *a, const nudge_net *b) {
    assert_string_equal(nudge_net_text(a), nudge_net_text(b));
    assert_int_equal(nudge_net_inputs(a), nudge_net_inputs(b));
    nudge_layer layer;
    for (size_t l = 1; nudge_net_layer(a, l, &layer); l++) {
        size_t count = layer.inputs * layer.outputs;
        float *x = malloc(count * sizeof *x), *y = malloc(count * sizeof *y);
        assert_int_equal(nudge_net_get_weights(a, l, x, count, NULL), NUDGE_OK);
        assert_int_equal(nudge_net_get_weights(b, l, y, count, NULL), NUDGE_OK);
        assert_memory_equal(x, y, count * sizeof *x);
        assert_int_equal(nudge_net_get_biases(a, l, x, layer.outputs, NULL), NUDGE_OK);
        assert_int_equal(nudge_net_get_biases(b, l, y, layer.outputs, NULL), NUDGE_OK);
        assert_memory_equal(x, y, layer.outputs * sizeof *x);
        free(x);
        free(y);
    }
    nudge_preprocessing p = nudge_net_preprocessing(a), q = nudge_net_preprocessing(b);
    assert_true(p.set == q.set && p.shift == q.shift && p.scale == q.scale);
    for (size_t i = 0; nudge_net_label(a, i) || nudge_net_label(b, i); i++)
        assert_string_equal(nudge_net_label(a, i), nudge_net_label(b, i));
    const char *key, *value, *other;
    for (size_t i = 0; (key = nudge_net_note_at(a, i, &value)) || nudge_net_note_at(b, i, NULL); i++) {
        assert_string_equal(key, nudge_net_note_at(b, i, &other));
        assert_string_equal(value, other);
    }
}

/* -- there and back -- */

static void a_net_comes_back_to_the_bit(void **state) {
    (void)state;
    nudge_net *net = small_net();
    save(net, "model.nudge");
    nudge_net *back = loaded("model.nudge");
    expect_same_nets(net, back);
    nudge_net_free(net);
    nudge_net_free(back);
}

/* Shapes around the sizes in which parameters pass through: rows longer and shorter than a portion, tails. */
static void nets_of_all_shapes_come_back(void **state) {
    (void)state;
    static const struct {
        size_t inputs;
        const char *text;
    } shapes[] = {{1, "1"},    {784, "30 sigmoid, 10 sigmoid"}, {17, "33 leaky-relu 0.1, 16, 15 elu 2.5"},
                  {5000, "3"}, {2048, "1, 2049 relu"},          {2, "2100, 1 sigmoid"}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        nudge_net *net = net_of(shapes[i].inputs, shapes[i].text);
        save(net, "model.nudge");
        nudge_net *back = loaded("model.nudge");
        expect_same_nets(net, back);
        assert_false(nudge_net_preprocessing(back).set);
        assert_null(nudge_net_label(back, 0));
        nudge_net_free(net);
        nudge_net_free(back);
    }
}

static void expect_same_files(const char *a, const char *b) {
    size_t m, n;
    unsigned char *x = get_file(a, &m), *y = get_file(b, &n);
    assert_int_equal(m, n);
    assert_memory_equal(x, y, m);
    free(x);
    free(y);
}

static void the_same_net_gives_the_same_bytes(void **state) {
    (void)state;
    nudge_net *net = small_net(), *again = small_net();
    save(net, "one");
    save(again, "two");
    expect_same_files("one", "two");
    nudge_net *back = loaded("one");
    save(back, "one"); /* over itself */
    expect_same_files("one", "two");
    assert_int_equal(count_entries("."), 2);
    nudge_net_free(net);
    nudge_net_free(again);
    nudge_net_free(back);
}

/* -- the file against the rules -- */

static uint64_t header_length(const unsigned char *bytes) {
    uint64_t length = 0;
    for (int i = 7; i >= 0; i--) length = length << 8 | bytes[i];
    return length;
}

/* The rules of safetensors: an object that begins at byte 8; __metadata__ maps text to text; each tensor has
 * dtype, shape and data_offsets of its size; in the order of their offsets they cover the rest of the file
 * without holes. Python's library sorts by offset; here the tensors must stand in that order already. */
static json_t *check_safetensors(const unsigned char *bytes, size_t count) {
    uint64_t length = header_length(bytes);
    assert_true(length + 8 <= count);
    assert_int_equal((length + 8) % 64, 0);
    assert_int_equal(bytes[8], '{');
    const char *key;
    json_t *root = json_loadb((const char *)bytes + 8, length, JSON_REJECT_DUPLICATES, NULL), *entry, *text;
    assert_non_null(root);
    json_int_t end = 0;
    json_object_foreach(root, key, entry) {
        if (strcmp(key, "__metadata__") == 0) {
            const char *name;
            json_object_foreach(entry, name, text) assert_true(json_is_string(text));
            continue;
        }
        json_int_t size = 4;
        size_t i;
        json_t *dimension, *offsets = json_object_get(entry, "data_offsets");
        assert_string_equal(json_string_value(json_object_get(entry, "dtype")), "F32");
        json_array_foreach(json_object_get(entry, "shape"), i, dimension) size *=
            json_integer_value(dimension);
        assert_int_equal(json_object_size(entry), 3);
        assert_int_equal(json_array_size(offsets), 2);
        assert_int_equal(json_integer_value(json_array_get(offsets, 0)), end);
        end += size;
        assert_int_equal(json_integer_value(json_array_get(offsets, 1)), end);
    }
    assert_int_equal((uint64_t)end + 8 + length, count);
    return root;
}

static void hex_of(char hex[65], const unsigned char *bytes, size_t count) {
    struct sha256_ctx hash;
    unsigned char digest[32];
    sha256_init(&hash);
    sha256_update(&hash, count, bytes);
    sha256_digest(&hash, 32, digest);
    for (int i = 0; i < 32; i++) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

static const char *metadata_text(const json_t *root, const char *key) {
    return json_string_value(json_object_get(json_object_get(root, "__metadata__"), key));
}

static void the_file_is_safetensors(void **state) {
    (void)state;
    nudge_net *net = small_net();
    save(net, "model.nudge");
    size_t count;
    unsigned char *bytes = get_file("model.nudge", &count);
    json_t *root = check_safetensors(bytes, count);
    const unsigned char *data = bytes + 8 + header_length(bytes);
    assert_memory_equal(
        data, "\0\0\0\x80\x01\0\0\0\xff\xff\x7f\x80\xff\xff\x7f\x7f\xcd\xcc\xcc\x3d\0\0\x80\xbf", 24);
    assert_int_equal(json_array_size(json_object_get(json_object_get(root, "layers.1.weight"), "shape")), 2);
    assert_int_equal(json_array_size(json_object_get(json_object_get(root, "layers.2.bias"), "shape")), 1);
    assert_string_equal(metadata_text(root, "format"), "nudge");
    assert_string_equal(metadata_text(root, "format_version"), "1");
    assert_string_equal(metadata_text(root, "nudge_version"), nudge_version());
    assert_string_equal(metadata_text(root, "network"), nudge_net_text(net));
    assert_string_equal(metadata_text(root, "inputs"), "3");
    assert_string_equal(metadata_text(root, "preprocessing"), "shift -0x1p-1, scale 0x1.010102p-8");
    assert_string_equal(metadata_text(root, "labels"), "[\"a \\\"quoted\\\" one, \\\\\",\"Größe 零\"]");
    assert_string_equal(metadata_text(root, "note.cost"), "cross-entropy");
    json_decref(root);
    free(bytes);
    nudge_net_free(net);
}

static void digests_are_of_the_bytes_in_the_file(void **state) {
    (void)state;
    nudge_net *net = small_net();
    save(net, "model.nudge");
    size_t count;
    unsigned char *bytes = get_file("model.nudge", &count), *data = bytes + 8 + header_length(bytes);
    json_t *root = check_safetensors(bytes, count);
    char hex[65], own[65];
    hex_of(hex, data, count - (size_t)(data - bytes));
    nudge_net_digest(net, own);
    assert_string_equal(own, hex);
    assert_string_equal(metadata_text(root, "parameters_digest"), hex);
    const char *stated = metadata_text(root, "file_digest");
    char *place = memmem(bytes, count, stated, 64);
    memset(place, '0', 64);
    hex_of(hex, bytes, count);
    assert_string_equal(stated, hex);
    json_decref(root);
    free(bytes);
    nudge_net_free(net);
}

/* printf '\0\0\0\0\0\0\200\77\0\0\0\300\0\0\0\0' | sha256sum */
static void a_digest_is_known(void **state) {
    (void)state;
    nudge_net *net = net_of(3, "1");
    char hex[65];
    assert_int_equal(nudge_net_set_weights(net, 1, (const float[]){0, 1, -2}, 3, NULL), NUDGE_OK);
    nudge_net_digest(net, hex);
    assert_string_equal(hex, "af6e256478472996db59073ba31344741cc0e23778c81f9976c437b6969d5978");
    nudge_net_free(net);
}

static void preprocessing_is_exact(void **state) {
    (void)state;
    static const struct {
        uint32_t shift, scale;
        const char *text;
    } cases[] = {
        {0x00000000, 0x3F800000, "shift 0x0p+0, scale 0x1p+0"},
        {0x80000000, 0x00000001, "shift -0x0p+0, scale 0x1p-149"},
        {0x7F7FFFFF, 0x807FFFFF, "shift 0x1.fffffep+127, scale -0x1.fffffcp-127"},
        {0x42FE0000, 0x00800000, "shift 0x1.fcp+6, scale 0x1p-126"},
        {0x3DCCCCCD, 0x00400000, "shift 0x1.99999ap-4, scale 0x1p-127"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nudge_net *net = net_of(1, "1");
        size_t count;
        assert_int_equal(
            nudge_net_set_preprocessing(net, float_of(cases[i].shift), float_of(cases[i].scale), NULL),
            NUDGE_OK);
        save(net, "model.nudge");
        unsigned char *bytes = get_file("model.nudge", &count);
        json_t *root = check_safetensors(bytes, count);
        assert_string_equal(metadata_text(root, "preprocessing"), cases[i].text);
        json_decref(root);
        free(bytes);
        nudge_net *back = loaded("model.nudge");
        nudge_preprocessing p = nudge_net_preprocessing(back);
        assert_memory_equal(&p.shift, &cases[i].shift, 4);
        assert_memory_equal(&p.scale, &cases[i].scale, 4);
        nudge_net_free(net);
        nudge_net_free(back);
    }
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
    nudge_net *net = small_net();
    save(net, "whole");
    size_t count;
    unsigned char *bytes = get_file("whole", &count);
    for (size_t length = 0; length < count; length++) {
        put_file("x", bytes, length);
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

static void every_flipped_bit_is_refused(void **state) {
    (void)state;
    nudge_net *net = small_net();
    save(net, "whole");
    size_t count, by_digest = 0;
    unsigned char *bytes = get_file("whole", &count);
    for (size_t bit = 0; bit < 8 * count; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        put_file("x", bytes, count);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        nudge_net *none = NULL;
        nudge_error error = {0};
        expect_error(nudge_net_load(context, "x", &none, &error), NUDGE_BAD_INPUT, &error, "x: ", NULL);
        assert_null(none);
        by_digest += strstr(error.message, "damaged, changed or cut short") != NULL;
    }
    /* all but those in the length in front and in file_digest's own name and digits */
    assert_true(by_digest > 8 * (count - 8 - strlen("\"file_digest\":\"\"") - 64));
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
    nudge_net *net = small_net();
    save(net, "whole");
    nudge_net_free(net);
}

static void an_edit_that_changes_nothing_is_accepted(void **state) {
    (void)state;
    save_whole();
    put_edited(NULL, 0, NULL, 0);
    expect_same_files("whole", "x");
    put_edited(&(struct edit){"\"inputs\":\"3\"", "\"inputs\":\"3\",\"added_by_a_later_nudge\":\"é\""}, 1,
               NULL, 0);
    nudge_net *net = loaded("x"), *whole = loaded("whole");
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
        {"2 sigmoid", "3 sigmoid", "tensor layers.1.weight: expected the network's shape [3,3]"},
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
        {"\"note.cost\"", "\"note.Cost\"", "note \"Cost\""},
        {"\"note.cost\"", "\"note.\"", "note \"\""},
        {"\"note.cost\":\"cross-entropy\"", "\"note.cost\":\"a\\nb\"", "note \"cost\""},
        {"\"note.cost\":\"cross-entropy\"", "\"note.cost\":[]", "__metadata__ \"note.cost\" is not text"},
        {"\"nudge_version\":\"", "\"nudge\\u0001version\":7,\"v\":\"",
         "__metadata__ \"nudge?version\" is not text"},
        {"\"parameters_digest\":\"", "\"parameters_digest\":\"0",
         "parameters_digest has 65 characters, expected 64"},
        {"\"parameters_digest\":", "\"parameters\":", "no text \"parameters_digest\""},
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
        {"\"note.cost\"", "\"file_digest\":\"", "is not JSON"},
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
    put_edited(NULL, 0, data, 56);
    expect_refused("x", NUDGE_BAD_INPUT, "the SHA-256 of its parameters begins with",
                   "its parameters_digest with");
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
    json_t *root = check_safetensors(bytes, size);
    for (size_t i = 0; i < 4; i++) {
        unsigned char data[56];
        char hex[65];
        memcpy(data, bytes + size - 56, 56);
        memcpy(data + cases[i].byte, cases[i].bits, 4);
        hex_of(hex, data, 56);
        put_edited(&(struct edit){metadata_text(root, "parameters_digest"), hex}, 1, data, 56);
        expect_refused("x", NUDGE_BAD_INPUT, cases[i].fact, "finite");
    }
    json_decref(root);
    free(bytes);
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
    strcpy(to, "\"note.cost\"");
    expect_edit_refused("\"note.cost\"", many, "has more than 1000 notes");
}

/* Sizes that the file does not have are refused before memory is asked for them. */
static void memory_is_asked_for_what_is_there(void **state) {
    (void)state;
    save_whole();
    accounts.peak_bytes = accounts.live_bytes;
    size_t before = accounts.live_bytes;
    expect_edit_refused("2 sigmoid", "16777216 sigmoid", "shape [16777216,3]");
    expect_edit_refused("\"inputs\":\"3\"", "\"inputs\":\"16777216\"", "shape [2,16777216]");
    assert_true(accounts.peak_bytes < before + 16384);
    put_file("x", "\xff\xff\xff\0\0\0\0\0", 8);
    expect_refused("x", NUDGE_BAD_INPUT, "header of 16777215", NULL);
    assert_true(accounts.peak_bytes < before + 16384);
}

/* -- what jansson takes -- */

static struct { size_t first, live, peak; /* the first block is the guard's question */ } json_memory;

static void *json_allocate(size_t bytes) {
    size_t *block = malloc(bytes + 16);
    if (!block) return NULL;
    block[0] = bytes;
    if (json_memory.first == 0) {
        json_memory.first = bytes;
        return block + 2;
    }
    json_memory.live += bytes + 16; /* and what malloc itself adds */
    if (json_memory.live > json_memory.peak) json_memory.peak = json_memory.live;
    return block + 2;
}

static void json_release(void *memory) {
    if (!memory) return;
    size_t *block = (size_t *)memory - 2;
    if (json_memory.live) json_memory.live -= block[0] + 16;
    free(block);
}

/* head, then the item `count` times, then tail: the guard's question covers what jansson takes for it. %d: a
 * number. */
static void expect_covered(const char *head, const char *item, int count, const char *tail) {
    char *text = malloc(strlen(head) + (strlen(item) + 12) * (size_t)count + strlen(tail) + 1),
         *to = stpcpy(text, head);
    nudge_error error = {0};
    json_t *root = NULL;
    for (int i = 0; i < count; i++) to += sprintf(to, item, i);
    strcpy(to, tail);
    memset(&json_memory, 0, sizeof json_memory);
    json_set_alloc_funcs(json_allocate, json_release);
    if (json_guard_read(&root, text, strlen(text), SIZE_MAX, "text", 0, &error))
        fail_msg("%s", error.message);
    if (json_memory.peak > json_memory.first)
        fail_msg("%s%s...: %zu bytes, expected at most %zu", head, item, json_memory.peak, json_memory.first);
    json_decref(root);
    json_set_alloc_funcs(malloc, free);
    free(text);
}

static void what_jansson_takes_is_covered(void **state) {
    (void)state;
    for (int count = 1; count < 70000; count = count * 3 + 1) {
        expect_covered("[[]", ",[]", count, "]");
        expect_covered("[{}", ",{}", count, "]");
        expect_covered("[1", ",1", count, "]");
        expect_covered("[1", ",1e1", count, "]");
        expect_covered("[\"\"", ",\"\"", count, "]");
        expect_covered("{\"\":{}", ",\"%d\":{}", count, "}");
        expect_covered("{\"\":[0]", ",\"%d\":[0]", count, "}");
        expect_covered("{\"\":[0]", ",\"%d\":{\"\":{}}", count, "}");
        expect_covered("[\"", "x", count, "\"]");
        expect_covered("{\"", "x", count, "\":0}");
        expect_covered("[\"", "\\u00e9", count, "\"]");
        expect_covered("[0.", "0", count, "]");
    }
}

/* -- saving -- */

static void expect_save_refused(const nudge_net *net, const char *path, nudge_status expected,
                                const char *fact) {
    nudge_error error = {0};
    size_t before = count_entries(".");
    expect_error(nudge_net_save(net, path, &error), expected, &error, path, fact, NULL);
    assert_int_equal(count_entries("."), before);
}

static void what_cannot_be_saved_is_refused(void **state) {
    (void)state;
    nudge_net *net = small_net();
    const float nan[6] = {1, 2, 3, 4, float_of(0x7FC00000), 6}, fine[6] = {0};
    assert_int_equal(nudge_net_set_weights(net, 1, nan, 6, NULL), NUDGE_OK);
    expect_save_refused(net, "x", NUDGE_BAD_ARGUMENT,
                        "layer 1: weight [1][1] is nan, expected a finite number");
    assert_int_equal(nudge_net_set_weights(net, 1, fine, 6, NULL), NUDGE_OK);
    static const char *const bad[] = {"\xff",
                                      "\xc3",
                                      "a\xc0\x80",
                                      "\xe0\x80\x80",
                                      "\xed\xa0\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf0\x80\x80\x80",
                                      "\xc3x",
                                      "\xe2\x82"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *labels[] = {"fine", bad[i]};
        assert_int_equal(nudge_net_set_labels(net, labels, 2, NULL), NUDGE_OK);
        expect_save_refused(net, "x", NUDGE_BAD_ARGUMENT, "label 1 is not UTF-8");
    }
    const char *labels[] = {"\xf0\x9f\x90\x98", "\xed\x9f\xbf\xef\xbf\xbd\xf4\x8f\xbf\xbf"};
    assert_int_equal(nudge_net_set_labels(net, labels, 2, NULL), NUDGE_OK);
    save(net, "x");
    nudge_net_free(loaded("x"));
    assert_int_equal(nudge_net_set_note(net, "data", "\xff", NULL), NUDGE_OK);
    expect_save_refused(net, "x", NUDGE_BAD_ARGUMENT, "note \"data\" is not UTF-8");
    assert_int_equal(nudge_net_set_note(net, "data", "x", NULL), NUDGE_OK);
    expect_save_refused(net, "none/x", NUDGE_IO, "no such file or folder");
    expect_save_refused(net, ".", NUDGE_IO, "is a folder");
    expect_save_refused(net, "/dev/full", NUDGE_IO, "no space left");
    for (int i = 0; i < 1000; i++) {
        char key[16];
        snprintf(key, sizeof key, "n%d", i);
        assert_int_equal(nudge_net_set_note(net, key, "x", NULL), NUDGE_OK);
    }
    expect_save_refused(net, "x", NUDGE_BAD_ARGUMENT, "1003 notes, expected at most 1000");
    nudge_net_free(net);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_net_comes_back_to_the_bit),
        TEST(nets_of_all_shapes_come_back),
        TEST(the_same_net_gives_the_same_bytes),
        TEST(the_file_is_safetensors),
        TEST(digests_are_of_the_bytes_in_the_file),
        TEST(a_digest_is_known),
        TEST(preprocessing_is_exact),
        TEST(every_truncation_is_refused),
        TEST(every_flipped_bit_is_refused),
        TEST(what_is_no_model_is_refused),
        TEST(an_edit_that_changes_nothing_is_accepted),
        TEST(wrong_metadata_are_refused),
        TEST(wrong_tensors_are_refused),
        TEST(wrong_amounts_of_data_are_refused),
        TEST(numbers_that_are_not_finite_are_refused),
        TEST(depth_and_number_have_limits),
        TEST(memory_is_asked_for_what_is_there),
        TEST(what_jansson_takes_is_covered),
        TEST(what_cannot_be_saved_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
