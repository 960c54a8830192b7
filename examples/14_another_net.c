/* Going on from what is learnt already: the layers that another program wrote are read, get the activations and units
 * that the file does not say, and a network for a new task takes over its first layer.
 *
 *     cc 14_another_net.c $(pkg-config --cflags --libs nudge) -lm -o another-net && ./another-net */
#include <nudge.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What PyTorch's save_file writes for nn.Sequential(nn.Linear(1, 4), nn.ReLU(), nn.Linear(4, 1)): the length of a header,
 * the header, the numbers (little-endian, as on most machines). It knows how far a car goes until it stands, and was
 * trained with speeds as (v - 75) / 25 and distances as (s - 50) / 40. */
static nudge_status write_other(nudge_context *context, const char *path, nudge_error *error) {
    static const char header[] = "{\"0.weight\":{\"dtype\":\"F32\",\"shape\":[4,1],\"data_offsets\":[0,16]},"
                                 "\"0.bias\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[16,32]},"
                                 "\"2.weight\":{\"dtype\":\"F32\",\"shape\":[1,4],\"data_offsets\":[32,48]},"
                                 "\"2.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[48,52]}}";
    const float numbers[13] = {
        1,      1,     1,     1,     /* 0.weight */
        3,      1.4f,  -0.2f, -1.4f, /* 0.bias: bends at 0, 40, 80 and 110 km/h */
        0.3f,   0.25f, 0.22f, 0.22f, /* 2.weight */
        -1.25f,                      /* 2.bias */
    };
    const uint64_t length = sizeof header - 1;
    nudge_file *file = NULL;
    nudge_status status = nudge_file_create(context, path, &file, error);
    if (!status) status = nudge_file_write(file, &length, sizeof length, error);
    if (!status) status = nudge_file_write(file, header, sizeof header - 1, error);
    if (!status) status = nudge_file_write(file, numbers, sizeof numbers, error);
    if (!status) return nudge_file_commit(file, error); /* frees it, in every case */
    nudge_file_abandon(file);
    return status;
}

/* The file's layers are linear: here they get their activations, and the units of what comes in and goes out. */
static nudge_status dress(nudge_context *context, const nudge_net *linear, nudge_net **net,
                          nudge_error *error) {
    nudge_transform speed = NUDGE_TRANSFORM, distance = NUDGE_TRANSFORM;
    speed.scale = distance.scale = NUDGE_SCALE_STANDARD;
    speed.shift = 75;
    speed.factor = 1 / 25.f;
    distance.shift = 50;
    distance.factor = 1 / 40.f;
    printf("the file has \"%s\"\n", nudge_net_text(linear));
    nudge_status status = nudge_net_create(context, 1, "4 relu, 1", 1, net, error);
    if (!status) status = nudge_net_take(*net, linear, NUDGE_EVERY, NULL, error);
    if (!status) status = nudge_net_set_input_transform(*net, 0, &speed, error);
    if (!status) status = nudge_net_set_target_transform(*net, 0, &distance, error);
    return status;
}

static nudge_status predict(nudge_context *context, const nudge_net *net, float distances[4],
                            nudge_error *error) {
    const float speeds[4] = {30, 50, 100, 120};
    nudge_predictor *predictor = NULL;
    nudge_status status = nudge_predictor_create(context, net, 4, NULL, 0, &predictor, error);
    if (!status) status = nudge_predict(predictor, speeds, 4, distances, error);
    for (int i = 0; i < 4 && !status; i++)
        printf("  %3g km/h: %5.1f m\n", (double)speeds[i], (double)distances[i]);
    nudge_predictor_free(predictor);
    return status;
}

/* A wet road: few measurements, but what a speed means to a car is known. Distance v/3.6 + (v/10)². */
static nudge_status learn_wet(nudge_context *context, const nudge_net *dry, nudge_net **wet,
                              nudge_error *error) {
    static const char *const fates[] = {
        "taken",        "taken by label",   "has another shape", "has other outputs",
        "is not there", "was not asked for"};
    float speeds[13], distances[13];
    nudge_taken taken[2];
    nudge_data *data = NULL;
    nudge_transform speed = NUDGE_TRANSFORM, distance = NUDGE_TRANSFORM;
    nudge_rows rows = NUDGE_ROWS;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    nudge_train_result result = NUDGE_TRAIN_RESULT;
    for (int i = 0; i < 13; i++) {
        speeds[i] = 20 + 10 * (float)i;
        distances[i] = speeds[i] / 3.6f + speeds[i] * speeds[i] / 100;
    }
    rows.rows = 13;
    rows.features = 1;
    rows.values = speeds;
    rows.targets = distances;
    rows.target_columns = 1;
    options.optimizer = NUDGE_OPTIMIZER_ADAM;
    options.learning_rate = 0.01;
    options.batch_size = 0; /* all rows at every step */
    options.epochs = 1000;
    nudge_status status = nudge_data_create(context, &rows, NULL, &data, error);
    if (!status) status = nudge_net_create(context, 1, "4 relu, 1", 1, wet, error);
    if (!status) status = nudge_net_fit(*wet, data, NUDGE_SCALE_AUTO, NUDGE_SCALE_AUTO, error);
    if (!status) status = nudge_net_take(*wet, dry, 1, taken, error); /* the first layer alone */
    for (size_t l = 1; l <= 2 && !status; l++) printf("  layer %zu %s\n", l, fates[taken[l - 1]]);
    if (!status) status = nudge_train(context, *wet, data, &options, &result, error);
    if (!status && nudge_net_input_transform(*wet, 0, &speed) &&
        nudge_net_target_transform(*wet, 0, &distance))
        printf("  cost %.5f; speeds are still seen as (v - %g) / %g, distances as (s - %.0f) / %.0f\n",
               result.train_cost, (double)speed.shift, 1 / (double)speed.factor, (double)distance.shift,
               1 / (double)distance.factor);
    nudge_data_free(data);
    return status;
}

/* Told what somebody may want to know although nothing failed. */
static void print_remark(void *user, const char *sentence) {
    (void)user;
    printf("remark: %s\n", sentence);
}

int main(void) {
    const char *path = "stopping.safetensors";
    float dry_road[4] = {0}, wet_road[4] = {0};
    nudge_error error = {0};
    nudge_context_options telling = NUDGE_CONTEXT_OPTIONS;
    telling.on_remark = print_remark;
    nudge_context *context = NULL;
    nudge_net *linear = NULL, *dry = NULL, *wet = NULL;

    nudge_status status = nudge_context_create(&telling, &context, &error);
    if (!status) status = write_other(context, path, &error);
    bool is_other =
        !status && nudge_import_is(context, path); /* else it is a model of nudge's: nudge_net_load */
    if (!status)
        status = is_other ? nudge_net_import(context, path, NULL, &linear, &error)
                          : nudge_net_load(context, path, &linear, &error);
    if (!status) status = dress(context, linear, &dry, &error);
    if (!status) printf("on a dry road a car stands after\n");
    if (!status) status = predict(context, dry, dry_road, &error);
    if (!status) printf("for a wet one\n");
    if (!status) status = learn_wet(context, dry, &wet, &error);
    if (!status) status = predict(context, wet, wet_road, &error);
    if (status) fprintf(stderr, "%s\n", error.message);
    nudge_net_free(wet);
    nudge_net_free(dry);
    nudge_net_free(linear);
    nudge_context_free(context);
    /* Rules of thumb: dry v/3.6 + v²/200, wet v/3.6 + v²/100. */
    return status || !is_other || fabsf(dry_road[2] - 78) > 3 || fabsf(wet_road[2] - 128) > 5;
}
