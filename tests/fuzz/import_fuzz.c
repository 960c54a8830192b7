/* Fuzzes the reader of foreign safetensors files: any bytes are read or refused, by names and by a map. What is read is
 * finite, and goes into a model file and back. */
#define _GNU_SOURCE
#include "fuzz/sealed.h"
#include "support/foreign.h"

#include <math.h>

#define T FOREIGN_TENSOR

static void expect_whole(const nudge_net *net) {
    char first[65], second[65];
    nudge_tensor tensor = NUDGE_TENSOR;
    nudge_net *back = NULL;
    size_t size = 0;
    for (size_t i = 0; nudge_net_tensor(net, i, &tensor); i++) {
        float *numbers = malloc(tensor.count * sizeof *numbers);
        require(numbers && !nudge_net_get_tensor(net, i, numbers, tensor.count, NULL),
                "tensors can be looked at");
        for (size_t k = 0; k < tensor.count; k++) require(isfinite(numbers[k]), "numbers are finite");
        free(numbers);
    }
    require(!nudge_net_save_memory(net, NULL, 0, &size, NULL), "there is a size");
    void *memory = malloc(size);
    require(memory && !nudge_net_save_memory(net, memory, size, &size, NULL), "what was read can be saved");
    require(!nudge_net_load_memory(the_context(), memory, size, &back, NULL), "and loaded");
    nudge_net_digest(net, first);
    nudge_net_digest(back, second);
    require(strcmp(first, second) == 0, "the parameters come back");
    nudge_net_free(back);
    free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static const char *const maps[] = {NULL, "a", "a,b", "0,1,3", "net.0,net.2"};
    char path[64];
    int descriptor = make_file(bytes, size, path);
    bool is = nudge_import_is(the_context(), path);
    for (size_t m = 0; m < sizeof maps / sizeof *maps; m++) {
        nudge_net *net = NULL;
        nudge_error error = {0};
        nudge_status status = nudge_net_import(the_context(), path, maps[m], &net, &error);
        require(error.code == status && !status == !error.message[0], "a failure has its sentence");
        require(!status == (net != NULL), "a failure gives no net");
        require(status == NUDGE_OK || status == NUDGE_BAD_INPUT, "what is wrong is the file");
        require(!net || is, "what can be read is recognised");
        if (net) expect_whole(net);
        nudge_net_free(net);
    }
    close(descriptor);
    return 0;
}

/* -- seeds -- */

size_t fuzz_seed(size_t i, uint8_t bytes[FUZZ_ROOM]) {
    static const char *const headers[] = {
        "{" T("0.weight", "F32", "2,3", 0, 24) "," T("0.bias", "F32", "2", 24, 32) "}",
        "{\"__metadata__\":{\"format\":\"pt\"}," T("net.0.weight", "F32", "2,2", 0, 16) "," T(
            "net.2.weight", "F32", "1,2", 16, 24) "," T("net.2.bias", "F32", "1", 24, 28) "}",
        "{" T("a.weight", "F32", "2,1", 0, 8) "," T("b.weight", "F64", "1,2", 8, 24) "," T("c", "I64", "1",
                                                                                           24, 32) "}",
        "{" T("0.weight", "F32", "2,1", 0, 8) "," T("1.weight", "F32", "2", 8, 16) "," T(
            "1.bias", "F32", "2", 16, 24) "," T("1.running_mean", "F32", "2", 24,
                                                32) "," T("1.running_var", "F32", "2", 32,
                                                          40) "," T("1.num_batches_tracked", "I64", "", 40,
                                                                    48) "," T("3.weight", "F32", "1,2", 48,
                                                                              56) "}",
        "{" T("0.weight", "F16", "2,2", 0, 8) "," T("0.bias", "BF16", "2", 8, 12) "}",
        "{\"__metadata__\":{\"format\":\"nudge\"}}",
        "{}",
    };
    float numbers[16];
    for (size_t k = 0; k < 16; k++) numbers[k] = (float)k / 4;
    if (i >= sizeof headers / sizeof *headers) return 0;
    return make_foreign(bytes, headers[i], numbers, sizeof numbers);
}
