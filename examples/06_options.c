/* A training that is asked for in words, as a program's settings are: everything that has a name is found by it, the
 * numbers of an optimizer too, and a wrong word is answered with the right ones. `./options help` lists them all.
 *
 *     cc 06_options.c $(pkg-config --cflags --libs nudge) -o options && ./options optimizer=adam beta1=0.8 */
#include <nudge.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settings {
    char net[256];
    nudge_init init;
    nudge_cost cost;
    nudge_scale scale;
    nudge_train_options training;
};

static nudge_status refuse(nudge_error *error, const char *what, const char *found) {
    char shown[100]; /* it is from outside: fit for a terminal, and of a length that fits */
    nudge_text_show(found, shown, sizeof shown);
    error->code = NUDGE_BAD_ARGUMENT;
    snprintf(error->message, sizeof error->message, "%s: %s", what, shown);
    return NUDGE_BAD_ARGUMENT;
}

/* A number of the optimizer's own, such as momentum or beta1: nudge says where in the options it has its place. */
static nudge_status set_number(nudge_train_options *options, const char *key, const char *value,
                               nudge_error *error) {
    nudge_optimizer_parameter parameter = NUDGE_OPTIMIZER_PARAMETER;
    char *end = NULL;
    double number = strtod(value, &end);
    if (end == value || *end) return refuse(error, "not a number", value);
    if (strcmp(key, "learning_rate") == 0) return options->learning_rate = number, NUDGE_OK;
    if (strcmp(key, "epochs") == 0 && number >= 1 && number < 1e6)
        return options->epochs = (size_t)number, NUDGE_OK;
    for (size_t i = 0; nudge_optimizer_parameter_at(options->optimizer, i, &parameter); i++)
        if (strcmp(key, parameter.name) == 0) {
            char range[80];
            snprintf(range, sizeof range, "%s is from %g to %s%g", key, parameter.least,
                     parameter.below ? "below " : "", parameter.most);
            if (!(number >= parameter.least && number <= parameter.most) ||
                (parameter.below && number == parameter.most))
                return refuse(error, range, value);
            memcpy((char *)options + parameter.place, &number, sizeof number);
            return NUDGE_OK;
        }
    return refuse(error, "no such setting (of this optimizer)", key);
}

/* One setting, "KEY=VALUE". */
static nudge_status set(struct settings *settings, const char *setting, nudge_error *error) {
    char key[32];
    const char *value = strchr(setting, '=');
    if (!value || (size_t)(value - setting) >= sizeof key) return refuse(error, "not KEY=VALUE", setting);
    memcpy(key, setting, (size_t)(value - setting));
    key[value++ - setting] = 0;
    if (strcmp(key, "init") == 0) return nudge_init_from_name(value, &settings->init, error);
    if (strcmp(key, "cost") == 0) return nudge_cost_from_name(value, &settings->cost, error);
    if (strcmp(key, "scale") == 0) return nudge_scale_from_name(value, &settings->scale, error);
    if (strcmp(key, "optimizer") == 0)
        return nudge_optimizer_from_name(value, &settings->training.optimizer, error);
    if (strcmp(key, "schedule") == 0)
        return nudge_schedule_from_name(value, &settings->training.schedule, error);
    if (strcmp(key, "metric") == 0) return nudge_metric_from_name(value, &settings->training.metric, error);
    if (strcmp(key, "net") != 0) return set_number(&settings->training, key, value, error);
    snprintf(settings->net, sizeof settings->net, "%s", value); /* nudge_net_create looks at it */
    return NUDGE_OK;
}

/* What there is, by the library's own tables: a later one lists more. */
static void print_names(void) {
    const char *name, *text;
    nudge_optimizer_parameter parameter = NUDGE_OPTIMIZER_PARAMETER;
    printf("data\n");
    for (size_t i = 0; (name = nudge_data_builtin(i, &text)); i++) printf("  %-22s %s\n", name, text);
    printf("net\n");
    for (size_t i = 0; (name = nudge_op_name(i, &text)); i++) printf("  %-22s %s\n", name, text);
    printf("init\n");
    for (int i = 0; (name = nudge_init_name((nudge_init)i)); i++) printf("  %s\n", name);
    printf("cost\n");
    for (int i = 0; (name = nudge_cost_name((nudge_cost)i)); i++) printf("  %s\n", name);
    printf("scale\n");
    for (int i = 0; (name = nudge_scale_name((nudge_scale)i)); i++) printf("  %s\n", name);
    printf("schedule\n");
    for (int i = 0; (name = nudge_schedule_name((nudge_schedule)i)); i++) printf("  %s\n", name);
    printf("metric\n");
    for (int i = 0; (name = nudge_metric_name((nudge_metric)i, &text)); i++)
        printf("  %-22s %s; %s is better\n", name, text,
               nudge_metric_higher_is_better((nudge_metric)i) ? "higher" : "lower");
    printf("optimizer\n");
    for (int i = 0; (name = nudge_optimizer_name((nudge_optimizer)i)); i++) {
        printf("  %-22s learning_rate=%g", name, nudge_optimizer_learning_rate((nudge_optimizer)i));
        for (size_t p = 0; nudge_optimizer_parameter_at((nudge_optimizer)i, p, &parameter); p++)
            printf(" %s=%g", parameter.name, parameter.usual);
        printf("\n");
    }
}

static nudge_status train(nudge_context *context, const struct settings *settings, double *metric,
                          nudge_error *error) {
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    nudge_status status = nudge_data_generate(context, "moons", 1, &data, error);
    if (!status) status = nudge_data_split(data, 0.2, 1, error); /* for patience, which watches the metric */
    if (!status) status = nudge_net_create(context, 2, settings->net, 1, &net, error);
    if (!status) status = nudge_net_initialise(net, settings->init, 1, 1, error);
    if (!status) status = nudge_net_set_cost(net, settings->cost, 1, error);
    if (!status) status = nudge_net_fit(net, data, settings->scale, NUDGE_SCALE_AUTO, error);
    if (!status) status = nudge_train(context, net, data, &settings->training, &result, error);
    if (!status) {
        printf("moons, %s, %s: %s %.4f after %zu epochs\n", nudge_net_text(net),
               nudge_cost_name(nudge_net_cost(net, NULL)), nudge_metric_name(settings->training.metric, NULL),
               result.test_metric, result.epochs);
        *metric = result.test_metric;
    }
    nudge_net_free(net);
    nudge_data_free(data);
    return status;
}

int main(int count, char **words) {
    static char usual[][32] = {"net=16 tanh, 1 sigmoid", "init=xavier-uniform", "scale=standard",
                               "optimizer=adam",         "learning_rate=0.01",  "beta1=0.8",
                               "schedule=exponential",   "metric=auc",          "epochs=60"};
    nudge_error error = {0}, refusal = {0};
    nudge_context *context = NULL;
    struct settings settings = {.net = "8 tanh, 1 sigmoid", .training = NUDGE_TRAIN_OPTIONS};
    settings.training.patience = 20;
    settings.training.decay = 0.97;
    double metric = 0;

    if (nudge_version_number() < NUDGE_VERSION_NUMBER) /* an older library than the header */
        return fprintf(stderr, "needs nudge " NUDGE_VERSION ", this is %s\n", nudge_version()), 1;
    if (count > 1 && strcmp(words[1], "help") == 0) return print_names(), 0;
    nudge_status status = nudge_context_create(NULL, &context, &error);
    if (!status)
        printf("nudge %s: engine %s, CPU level %s, %s%s%s, up to %u threads\n", nudge_version(),
               nudge_context_engine(context), nudge_context_cpu_level(context),
               nudge_context_precision(context), nudge_context_bf16_kernel(context) ? " by " : "",
               nudge_context_bf16_kernel(context) ? nudge_context_bf16_kernel(context) : "",
               nudge_context_threads(context));
    for (int i = 1; i < count && !status; i++) status = set(&settings, words[i], &error);
    for (size_t i = 0; count < 2 && i < sizeof usual / sizeof *usual && !status; i++)
        status = set(&settings, usual[i], &error);
    if (!status) status = train(context, &settings, &metric, &error);

    /* A wrong word changes nothing, and the sentence says which there are. */
    if (!status && set(&settings, "optimizer=adma", &refusal))
        printf("%s: %s\n", nudge_status_name(refusal.code), refusal.message);
    if (status) fprintf(stderr, "%s: %s\n", nudge_status_name(status), error.message);
    nudge_context_free(context);
    return status || refusal.code != NUDGE_BAD_ARGUMENT || (count < 2 && metric < 0.98);
}
