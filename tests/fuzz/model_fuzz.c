/* Fuzzes the model loader: any bytes are loaded or refused. The digests of an input are set right before it
 * is loaded (sealed.h). What is loaded is saved and loaded again, and must be the same. */
#define _GNU_SOURCE
#include "alike.h"
#include "fuzz/sealed.h"
#include "net/net.h"

static void expect_round_trip(const nudge_net *net) {
    char name[64], first[65], second[65];
    nudge_net *back = NULL;
    make_name(name);
    require(nudge_net_save(net, name, NULL) == NUDGE_OK, "what was loaded can be saved");
    require(nudge_net_load(the_context(), name, &back, NULL) == NUDGE_OK, "what was saved can be loaded");
    unlink(name);
    nudge_net_digest(net, first);
    nudge_net_digest(back, second);
    require(strcmp(first, second) == 0, "the parameters come back");
    require(strcmp(nudge_net_text(net), nudge_net_text(back)) == 0, "the network comes back");
    nudge_net_free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char path[64];
    int descriptor = make_sealed_file(bytes, size, path);
    nudge_net *net = NULL;
    nudge_error error = {0};
    nudge_status status = nudge_net_load(the_context(), path, &net, &error);
    require(error.code == status && !status == !error.message[0], "a failure has its sentence");
    require(!status == (net != NULL), "a failure gives no net");
    if (net) expect_round_trip(net);
    nudge_net_free(net);
    close(descriptor);
    return 0;
}

/* -- seeds: files of small nets with more and more beside their parameters -- */

/* Every input its own, one of logarithms. */
static void put_transforms(nudge_net *net) {
    nudge_transform t = NUDGE_TRANSFORM;
    for (size_t k = 0; k < nudge_net_inputs(net); k++) {
        t.shift = (float)k;
        t.factor = 0.5f + (float)k;
        t.scale = k % 2 ? NUDGE_SCALE_LOG : NUDGE_SCALE_STANDARD;
        t.log = k % 2;
        t.low = -1;
        t.high = (float)k;
        require(!nudge_net_set_input_transform(net, k, &t, NULL), "an input takes a transform");
    }
    require(!nudge_net_set_target_transform(net, NUDGE_EVERY, &t, NULL), "outputs take a transform");
}

/* One column of categories, numbers behind it, and the target. */
static void put_columns(nudge_net *net) {
    struct columns *columns = NULL;
    size_t inputs = nudge_net_inputs(net),
           count = inputs; /* two inputs are one column's, and one column is the target */
    require(!columns_make(&net->context->allocator, count, &columns, NULL), "there are columns");
    for (size_t c = 0; c < count; c++) {
        char name[] = {(char)('a' + c), ' ', '"', 0};
        require(!columns_name(columns, c, name, 3, NULL), "a column takes a name");
    }
    columns->items[0].kind = NUDGE_COLUMN_CATEGORY;
    require(!columns_categories(columns, 0, (const char *[]){"no", "yes"}, 2, NULL), "it takes categories");
    columns->items[count - 1].role = NUDGE_COLUMN_TARGET;
    columns_number(columns);
    require(columns->inputs == inputs, "they are the net's inputs");
    columns->missing = NUDGE_MISSING_MEDIAN;
    net->columns = columns;
    net->inputs_transform.misses = true;
    transform_settle(&net->inputs_transform);
}

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    static const char *const texts[] = {"1", "2 sigmoid, 1", "3 leaky-relu 0.1, 2 softmax",
                                        "1 tanh, 1, 2 sigmoid"};
    static const char *const regularised[] = {"dropout 0.2, 2, batch-norm, relu, 1",
                                              "2, batch-norm 0.01 0.5, tanh, dropout, 2 softmax"};
    if (i >= 14) return 0;
    nudge_net *net = NULL;
    char name[64];
    make_name(name);
    require(
        !nudge_net_create(the_context(), i + 1, i < 12 ? texts[i % 4] : regularised[i - 12], i, &net, NULL),
        "there is a net");
    if (i > 1) require(!set_alike(net, (float)i, 1.0f / 255, NULL), "it takes preprocessing");
    if (i > 2)
        require(!nudge_net_set_labels(net, (const char *[]){"a", "\"b\""}, 2, NULL), "it takes labels");
    if (i >= 8) put_transforms(net);
    if (i >= 10) put_columns(net);
    if (i > 3) require(!nudge_net_set_note(net, "about", "quadratic", NULL), "it takes notes");
    require(!nudge_net_save(net, name, NULL), "it can be saved");
    nudge_net_free(net);
    return take_file(name, bytes);
}
