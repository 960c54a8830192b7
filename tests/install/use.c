/* A user's program: learns xor with the installed library and prints the library's version. Exits 1 when
 * anything in it fails. */
#include <nudge.h>

#include <stdio.h>
#include <string.h>

static int learn(nudge_error *error) {
    nudge_context *context = NULL;
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    options.epochs = 3;
    int failed =
        nudge_context_create(NULL, &context, error) || nudge_data_generate(context, "xor", 1, &data, error) ||
        nudge_net_create(context, nudge_data_features(data), "4 tanh, 2 softmax", 1, &net, error) ||
        nudge_train(context, net, data, &options, &result, error) || nudge_net_save(net, "use.nudge", error);
    nudge_net_free(net);
    nudge_data_free(data);
    nudge_context_free(context);
    return failed;
}

int main(void) {
    nudge_error error = {0};
    if (strcmp(nudge_version(), NUDGE_VERSION) != 0 || learn(&error)) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    puts(nudge_version());
    return 0;
}
