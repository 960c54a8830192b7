/* The landscape that gradient descent goes down, as a picture of characters: the plane on which the path of a training
 * lies best, the cost over it, and the path; then a plane of two random directions around the end.
 *
 *     cc 12_surface.c $(pkg-config --cflags --libs nudge) -lm -o surface && ./surface */
#include <nudge.h>
#include <nudge_insight.h>

#include <math.h>
#include <stdio.h>

enum { COLUMNS = 61, LINES = 21, POINTS = 61, PARAMETERS = 8 * 2 + 8 + 8 + 1 };

struct plane {
    float origin[PARAMETERS], across[PARAMETERS], up[PARAMETERS];
    double x[POINTS], y[POINTS]; /* where the path's points lie on it */
};

/* Trains, and takes the parameters after every epoch from the journal. */
static nudge_status walk(nudge_context *context, const nudge_data *data, nudge_net *net,
                         float points[POINTS][PARAMETERS], nudge_error *error) {
    nudge_journal *journal = NULL;
    nudge_journal_options keeping = NUDGE_JOURNAL_OPTIONS;
    nudge_train_options options = NUDGE_TRAIN_OPTIONS;
    keeping.every_epochs = 1;
    options.epochs = POINTS - 1;
    nudge_status status = nudge_journal_create(context, &keeping, &journal, error);
    options.journal = journal;
    if (!status) status = nudge_train(context, net, data, &options, NULL, error);
    for (size_t i = 0; i < POINTS && !status; i++)
        status = nudge_journal_snapshot(journal, i, NULL, points[i], PARAMETERS, error);
    nudge_journal_free(journal);
    return status;
}

/* The plane of the path, and each point's place on it: the directions have length 1. */
static nudge_status lay_plane(nudge_context *context, float points[POINTS][PARAMETERS], struct plane *plane,
                              nudge_error *error) {
    const float *paths[POINTS];
    double explained[2];
    for (size_t i = 0; i < POINTS; i++) paths[i] = points[i];
    nudge_status status = nudge_plane_pca(context, paths, POINTS, PARAMETERS, plane->origin, plane->across,
                                          plane->up, explained, error);
    if (status) return status;
    for (size_t i = 0; i < POINTS; i++)
        for (size_t p = 0; p < PARAMETERS; p++) {
            double off = (double)points[i][p] - (double)plane->origin[p];
            plane->x[i] += off * (double)plane->across[p];
            plane->y[i] += off * (double)plane->up[p];
        }
    printf("%.0f %% of the path's spread lies on the plane\n", 100 * (explained[0] + explained[1]));
    return NUDGE_OK;
}

/* Characters from low to high, by the logarithm of the cost. */
static char shade(double cost, double low, double high) {
    static const char shades[] = " .:-=+*#%@";
    return shades[(size_t)(9.99 * log(cost / low) / log(high / low * 1.0001))];
}

/* The cost over a part of the plane, `path` points of which are marked: o, and X at the end. */
static nudge_status print_surface(nudge_context *context, const nudge_net *net, const nudge_data *data,
                                  const struct plane *plane, double reach, size_t path, double *lowest,
                                  nudge_error *error) {
    static double costs[LINES * COLUMNS];
    static char picture[LINES * COLUMNS];
    double high = 0;
    nudge_surface_options options = NUDGE_SURFACE_OPTIONS;
    nudge_surface_result result = NUDGE_SURFACE_RESULT;
    options.rows = 200;
    options.origin = plane->origin;
    options.across = plane->across;
    options.up = plane->up;
    options.count = PARAMETERS;
    options.columns = COLUMNS;
    options.lines = LINES;
    options.x_low = options.y_low = -reach;
    options.x_high = options.y_high = reach;
    result.costs = costs;
    nudge_status status = nudge_surface(context, net, data, NUDGE_PART_TRAIN, &options, &result, error);
    if (status) return status;
    *lowest = INFINITY;
    for (size_t i = 0; i < LINES * COLUMNS; i++) {
        *lowest = fmin(*lowest, costs[i]);
        high = fmax(high, costs[i]);
    }
    for (size_t i = 0; i < LINES * COLUMNS; i++) picture[i] = shade(costs[i], *lowest, high);
    for (size_t i = 0; i < path; i++) {
        double column = (plane->x[i] / reach + 1) / 2 * (COLUMNS - 1),
               line = (plane->y[i] / reach + 1) / 2 * (LINES - 1);
        if (column >= 0 && column < COLUMNS && line >= 0 && line < LINES)
            picture[(size_t)line * COLUMNS + (size_t)column] = i + 1 < path ? 'o' : 'X';
    }
    for (size_t line = LINES; line-- > 0;)
        printf("  %.*s\n", COLUMNS, picture + line * COLUMNS); /* the first line lies at y_low */
    printf("  cost from %.3f to %.3f; %zu points computed twice are off by %.0e at most\n", *lowest, high,
           result.checked, result.error);
    return NUDGE_OK;
}

int main(void) {
    static float points[POINTS][PARAMETERS];
    static struct plane path, random;
    nudge_error error = {0};
    nudge_context *context = NULL;
    nudge_data *data = NULL;
    nudge_net *net = NULL;
    double reach = 0, lowest = 0;
    nudge_evaluation end = NUDGE_EVALUATION, middle = NUDGE_EVALUATION;

    nudge_status status = nudge_context_create(NULL, &context, &error);
    if (!status) status = nudge_data_generate(context, "moons", 1, &data, &error);
    if (!status) status = nudge_net_create(context, 2, "8 tanh, 1 sigmoid", 1, &net, &error);
    if (!status) status = walk(context, data, net, points, &error);
    if (!status) status = nudge_evaluate(context, net, data, NUDGE_PART_TRAIN, &end, &error);
    if (!status) status = lay_plane(context, points, &path, &error);
    for (size_t i = 0; i < POINTS; i++) reach = fmax(reach, 1.2 * fmax(fabs(path.x[i]), fabs(path.y[i])));
    if (!status) status = print_surface(context, net, data, &path, reach, POINTS, &lowest, &error);

    /* Around the end: the net's own parameters are the origin. */
    if (!status) status = nudge_net_get_parameters(net, random.origin, PARAMETERS, &error);
    if (!status) status = nudge_plane_random(net, 1, random.across, random.up, PARAMETERS, &error);
    if (!status) printf("around the end of the path, in two random directions\n");
    if (!status) status = print_surface(context, net, data, &random, 1, 1, &lowest, &error);

    /* The middle of the path as a network: the mean of all its points is no better than its end. */
    if (!status) status = nudge_net_set_parameters(net, path.origin, PARAMETERS, &error);
    if (!status) status = nudge_evaluate(context, net, data, NUDGE_PART_TRAIN, &middle, &error);
    if (!status) printf("cost at the path's end %.4f, in its middle %.4f\n", end.cost, middle.cost);
    if (status) fprintf(stderr, "%s\n", error.message);
    nudge_net_free(net);
    nudge_data_free(data);
    nudge_context_free(context);
    return status || !(end.cost < middle.cost);
}
