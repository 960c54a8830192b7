/* make-model FILE INPUTS NETWORK VALUE [LABEL...]: a model file whose parameters are all VALUE, with these
 * labels: what no training would make, for tests of the command. */
#include <nudge.h>

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    nudge_error error = {0};
    nudge_context *context = NULL;
    nudge_net *net = NULL;
    if (argc < 5) return 2;
    if (nudge_context_create(NULL, &context, &error) ||
        nudge_net_create(context, strtoul(argv[2], NULL, 10), argv[3], 1, &net, &error))
        return fprintf(stderr, "%s\n", error.message), 1;
    size_t count = nudge_net_parameters(net);
    float *parameters = malloc(count * sizeof *parameters);
    if (!parameters) return 1;
    for (size_t i = 0; i < count; i++) parameters[i] = strtof(argv[4], NULL);
    nudge_status status = nudge_net_set_parameters(net, parameters, count, &error);
    if (!status)
        status = nudge_net_set_labels(net, (const char *const *)argv + 5, (size_t)argc - 5, &error);
    if (!status) status = nudge_net_save(net, argv[1], &error);
    if (status) fprintf(stderr, "%s\n", error.message);
    free(parameters);
    nudge_net_free(net);
    nudge_context_free(context);
    return status != NUDGE_OK;
}
