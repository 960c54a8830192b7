/* Files that are whole or not there. A digit is written as an image file and read again from that; a second writing is
 * given up half-way, as on an error, and leaves the first as it was.
 *
 *     cc 15_files.c $(pkg-config --cflags --libs nudge) -o files && ./files */
#include <nudge.h>

#include <stdio.h>
#include <string.h>

enum { SIDE = 28, PIXELS = SIDE * SIDE };

/* Writes a PGM image. With `give_up` half of it is written, then nothing of it stays. */
static nudge_status write_image(nudge_context *context, const char *path, const float *pixels, bool give_up,
                                nudge_error *error) {
    static const char header[] = "P5 28 28 255\n";
    unsigned char bytes[PIXELS];
    nudge_file *file = NULL;
    for (size_t i = 0; i < PIXELS; i++) bytes[i] = (unsigned char)pixels[i];
    nudge_status status = nudge_file_create(context, path, &file, error);
    if (status) return status;
    printf("  %s is written beside, as %.20s..\n", nudge_file_target(file),
           nudge_file_part(file)); /* both NULL for a pipe or a device */
    status = nudge_file_write(file, header, sizeof header - 1, error);
    if (!status) status = nudge_file_write(file, bytes, give_up ? PIXELS / 2 : PIXELS, error);
    if (!status && !give_up)
        return nudge_file_commit(file, error); /* synced, renamed over `path`, and freed */
    nudge_file_abandon(file);
    return status;
}

static void print_image(const float *pixels) {
    for (size_t y = 2; y < SIDE - 2; y += 2) {
        printf("  ");
        for (size_t x = 0; x < SIDE; x++) putchar(" .:-=+*#%@"[(int)(pixels[y * SIDE + x] / 25.6f)]);
        printf("\n");
    }
}

/* Reads an image file of any size as the network saw its digits: 28 times 28, grey. */
static nudge_status read_image(nudge_context *context, nudge_predictor *predictor, const char *path,
                               size_t *digit, nudge_error *error) {
    float pixels[PIXELS], outputs[10];
    nudge_status status = nudge_image_read(context, path, NULL, SIDE, SIDE, pixels, error);
    if (!status) status = nudge_predict(predictor, pixels, 1, outputs, error);
    if (status) return status;
    *digit = nudge_answer(outputs, 10);
    printf("  %s is read as a %zu, %.0f %% sure\n", path, *digit, 100 * (double)outputs[*digit]);
    return NUDGE_OK;
}

/* A path as it may come from outside: told on one line, nothing in it reaches the terminal as a command. */
static nudge_status refuse_path(nudge_context *context, bool *refused, nudge_error *error) {
    const char *path = "no\033[2Jsuch\nfile\xff.pgm";
    char shown[80];
    float pixels[PIXELS];
    nudge_error refusal = {0};
    if (nudge_text_show(path, shown, sizeof shown) >= sizeof shown) /* the bytes of the whole */
        printf("  cut:");
    nudge_status status = nudge_image_read(context, path, NULL, SIDE, SIDE, pixels, &refusal);
    printf("  asked for %s\n  %s: %s\n", shown, nudge_status_name(status), refusal.message);
    *refused = status == NUDGE_IO || status == NUDGE_BAD_INPUT;
    if (!status) *error = refusal;
    return NUDGE_OK;
}

int main(void) {
    const char *path = "digit.pgm";
    float first[PIXELS], second[PIXELS];
    nudge_error error = {0};
    nudge_context *context = NULL;
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    nudge_predictor *predictor = NULL;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    size_t before = 0, after = 1;
    bool refused = false;
    options.epochs = 3;

    nudge_status status = nudge_context_create(NULL, &context, &error);
    if (!status) status = nudge_data_generate(context, "digits:4000/100", 1, &data, &error);
    if (!status) status = nudge_net_create(context, PIXELS, "32 relu, 10 softmax", 1, &net, &error);
    if (!status) status = nudge_train(context, net, data, &options, NULL, &error);
    if (!status) status = nudge_predictor_create(context, net, 1, NULL, 0, &predictor, &error);
    if (!status) status = nudge_data_row(data, NUDGE_PART_TEST, 0, first, NULL, &error);
    if (!status) status = nudge_data_row(data, NUDGE_PART_TEST, 1, second, NULL, &error);

    if (!status) print_image(first);
    if (!status) status = write_image(context, path, first, false, &error);
    if (!status) status = read_image(context, predictor, path, &before, &error);
    if (!status) printf("another one, given up half-way\n");
    if (!status) status = write_image(context, path, second, true, &error);
    if (!status) status = read_image(context, predictor, path, &after, &error);
    if (!status) printf("a file that is not there\n");
    if (!status) status = refuse_path(context, &refused, &error);
    if (status) fprintf(stderr, "%s\n", error.message);
    int32_t truth = data ? nudge_data_label(data, NUDGE_PART_TEST, 0) : -1;
    nudge_predictor_free(predictor);
    nudge_net_free(net);
    nudge_data_free(data);
    nudge_context_free(context);
    return status || before != after || (int32_t)before != truth || !refused;
}
