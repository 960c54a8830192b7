/* nudge surface: the plane through parameter space, where the paths lie in it, and the surface over it. */
#include "cli/surface/surface.h"

#include "cli/signals.h"
#include "cli/tell/numbers.h"
#include "cli/tell/parameters.h"
#include "cli/tell/progress.h"
#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(void) {
    return say_failure("not enough memory: for the plane");
}

/* -- two parameters by name -- */

int surface_check_plane(struct surface *surface) {
    const char *text = surface->plane_text, *colon = strchr(text, ':');
    nudge_error error;
    if (strcmp(text, "pca") == 0 || strcmp(text, "random") == 0) return EXIT_DONE;
    if (!colon || !parameter_parse(text, (size_t)(colon - text), &surface->chosen[0]) ||
        !parameter_parse(colon + 1, strlen(colon + 1), &surface->chosen[1]))
        return say_usage("--plane: found \"%s\", expected pca, random or two parameters, as 1,0,0:1,0", text);
    for (size_t i = 0; i < 2; i++)
        if (nudge_net_parameter_index(surface->opened.net, &surface->chosen[i], &surface->places[i], &error))
            return say_usage("--plane %s: %s", text, error.message);
    format_text(surface->x_label, sizeof surface->x_label, "%s",
                parameter_name(surface->opened.net, &surface->chosen[0]).text);
    format_text(surface->y_label, sizeof surface->y_label, "%s",
                parameter_name(surface->opened.net, &surface->chosen[1]).text);
    if (surface->places[0] == surface->places[1])
        return say_usage("--plane: found %s twice, expected two parameters", surface->x_label);
    return EXIT_DONE;
}

/* The axes are the two parameters' own values; all others stay as at the end of the first walk. */
static int plane_of_two(struct surface *surface) {
    const struct walker *first = &surface->walkers[0];
    float *directions[] = {surface->across, surface->up};
    memcpy(surface->origin, first->snapshots[first->count - 1], surface->parameters * sizeof(float));
    for (size_t i = 0; i < 2; i++) {
        directions[i][surface->places[i]] = 1;
        surface->origin[surface->places[i]] = 0;
    }
    const char *rest = surface->parameters == 2 ? "all that the network has, so the paths lie in it"
                                                : "the others as at the end of the first walk";
    format_text(surface->plane_said, sizeof surface->plane_said, text_word("%s and %s; %s"), surface->x_label,
                surface->y_label, text_word(rest));
    format_text(surface->plane_drawn, sizeof surface->plane_drawn, word("%s and %s; %s"), surface->x_label,
                surface->y_label, word(rest));
    return EXIT_DONE;
}

/* -- the other planes -- */

static int plane_of_components(struct surface *surface) {
    const float *points[WALKERS * (SNAPSHOTS + 2)];
    size_t count = 0;
    double explained[2];
    nudge_error error;
    for (size_t i = 0; i < surface->walker_count; i++)
        for (size_t s = 0; s < surface->walkers[i].count; s++)
            points[count++] = surface->walkers[i].snapshots[s];
    if (count < 3)
        return say_usage("--plane pca: the paths have %zu points, and a plane needs 3: give more --epochs, "
                         "or --plane random",
                         count);
    if (nudge_plane_pca(surface->opened.context, points, count, surface->parameters, surface->origin,
                        surface->across, surface->up, explained, &error))
        return say_error(&error, SAY_RUNNING);
    if (explained[1] == 0)
        nudge_plane_random(surface->opened.net, 1, surface->up, surface->up, surface->parameters, NULL);
    format_text(surface->x_label, sizeof surface->x_label,
                word("first principal component (%s of the spread)"), number_percent(explained[0], 1).text);
    format_text(surface->y_label, sizeof surface->y_label, word("second (%s)"),
                number_percent(explained[1], 1).text);
    struct number_text both = number_percent(explained[0] + explained[1], 1);
    format_text(surface->plane_said, sizeof surface->plane_said,
                text_word("principal components: %s of the paths' spread"), both.text);
    format_text(surface->plane_drawn, sizeof surface->plane_drawn,
                word("principal components: %s of the paths' spread"), both.text);
    return EXIT_DONE;
}

static int plane_at_random(struct surface *surface) {
    const struct walker *first = &surface->walkers[0];
    nudge_net *end = NULL;
    nudge_error error;
    memcpy(surface->origin, first->snapshots[first->count - 1], surface->parameters * sizeof(float));
    if (nudge_net_clone(surface->opened.context, surface->opened.net, &end, &error) ||
        nudge_net_set_parameters(end, surface->origin, surface->parameters, &error)) {
        nudge_net_free(end);
        return say_error(&error, SAY_RUNNING);
    }
    nudge_plane_random(end, surface->options.seed, surface->across, surface->up, surface->parameters, NULL);
    nudge_net_free(end);
    format_text(surface->x_label, sizeof surface->x_label, "%s", word("first random direction"));
    format_text(surface->y_label, sizeof surface->y_label, "%s", word("second random direction"));
    const char *said = "random directions through the end of the first walk, filter-normalised";
    format_text(surface->plane_said, sizeof surface->plane_said, "%s", text_word(said));
    format_text(surface->plane_drawn, sizeof surface->plane_drawn, "%s", word(said));
    return EXIT_DONE;
}

/* -- places in it -- */

/* The point's foot in the plane: least squares, as the directions need not be orthogonal. */
static void project(const struct surface *surface, const float *point, double *x, double *y) {
    double aa = 0, au = 0, uu = 0, pa = 0, pu = 0;
    for (size_t i = 0; i < surface->parameters; i++) {
        double a = (double)surface->across[i], u = (double)surface->up[i];
        double p = (double)point[i] - (double)surface->origin[i];
        aa += a * a, au += a * u, uu += u * u, pa += p * a, pu += p * u;
    }
    double determinant = aa * uu - au * au;
    *x = determinant > 0 ? (pa * uu - pu * au) / determinant : 0;
    *y = determinant > 0 ? (pu * aa - pa * au) / determinant : 0;
}

static void take_in(double value, double *low, double *high) {
    if (value < *low) *low = value;
    if (value > *high) *high = value;
}

/* A quarter of their extent around the paths. */
static void leave_room(double *low, double *high) {
    double room = 0.25 * (*high - *low);
    if (!(room > 0)) room = 1;
    *low -= room;
    *high += room;
}

static void place_paths(struct surface *surface) {
    surface->x_low = surface->y_low = INFINITY;
    surface->x_high = surface->y_high = -INFINITY;
    for (size_t i = 0; i < surface->walker_count; i++) {
        struct walker *walker = &surface->walkers[i];
        for (size_t s = 0; s < walker->count; s++) {
            project(surface, walker->snapshots[s], &walker->x[s], &walker->y[s]);
            take_in(walker->x[s], &surface->x_low, &surface->x_high);
            take_in(walker->y[s], &surface->y_low, &surface->y_high);
        }
    }
    leave_room(&surface->x_low, &surface->x_high);
    leave_room(&surface->y_low, &surface->y_high);
    if (strcmp(surface->plane_text, "random") != 0) return;
    take_in(-1, &surface->x_low, &surface->x_high), take_in(1, &surface->x_low, &surface->x_high);
    take_in(-1, &surface->y_low, &surface->y_high), take_in(1, &surface->y_low, &surface->y_high);
}

int surface_plane(struct surface *surface) {
    surface->origin = calloc(surface->parameters, sizeof(float));
    surface->across = calloc(surface->parameters, sizeof(float));
    surface->up = calloc(surface->parameters, sizeof(float));
    if (!surface->origin || !surface->across || !surface->up) return no_memory();
    int status = strcmp(surface->plane_text, "pca") == 0      ? plane_of_components(surface)
                 : strcmp(surface->plane_text, "random") == 0 ? plane_at_random(surface)
                                                              : plane_of_two(surface);
    if (!status) place_paths(surface);
    return status;
}

/* -- costs -- */

/* C where a walker really was, in double precision. */
static int cost_of_paths(struct surface *surface) {
    nudge_net *net = NULL;
    nudge_error error;
    nudge_gradient_options options = NUDGE_GRADIENT_OPTIONS;
    nudge_status status = nudge_net_clone(surface->opened.context, surface->opened.net, &net, &error);
    options.rows = surface->rows;
    for (size_t i = 0; i < surface->walker_count; i++) {
        struct walker *walker = &surface->walkers[i];
        for (size_t s = 0; !status && s < walker->count && !signals_caught(); s++) {
            nudge_gradient_result result = NUDGE_GRADIENT_RESULT;
            status = nudge_net_set_parameters(net, walker->snapshots[s], surface->parameters, &error);
            if (!status)
                status = nudge_gradient(surface->opened.context, net, surface->opened.data, NUDGE_PART_TRAIN,
                                        &options, &result, &error);
            walker->costs[s] = result.cost;
        }
    }
    nudge_net_free(net);
    return status ? say_error(&error, SAY_RUNNING) : EXIT_DONE;
}

struct shown {
    double begun, drawn;
    bool live;
};

static bool show_points(void *user, size_t done, size_t all) {
    struct shown *shown = user;
    double now = progress_clock();
    if (shown->live && now - shown->drawn > 0.2) {
        double left = done ? (now - shown->begun) / (double)done * (double)(all - done) : 0;
        fprintf(stderr, "\rsurface   %s, %s left\033[K", number_percent((double)done / (double)all, 0).text,
                number_clock(left).text);
        fflush(stderr);
        shown->drawn = now;
    }
    return signals_caught() == 0;
}

int surface_compute(struct surface *surface) {
    nudge_surface_options options = NUDGE_SURFACE_OPTIONS;
    struct shown shown = {progress_clock(), progress_clock(), terminal_is(stderr)};
    nudge_error error;
    surface->costs = calloc(surface->side * surface->side, sizeof *surface->costs);
    if (!surface->costs) return no_memory();
    int status = cost_of_paths(surface);
    if (status) return status;
    options.rows = surface->rows;
    options.origin = surface->origin;
    options.across = surface->across;
    options.up = surface->up;
    options.count = surface->parameters;
    options.x_low = surface->x_low, options.x_high = surface->x_high;
    options.y_low = surface->y_low, options.y_high = surface->y_high;
    options.columns = options.lines = surface->side;
    options.on_points = show_points;
    options.user = &shown;
    surface->result.costs = surface->costs;
    shown.begun = progress_clock();
    nudge_status failed = nudge_surface(surface->opened.context, surface->opened.net, surface->opened.data,
                                        NUDGE_PART_TRAIN, &options, &surface->result, &error);
    if (shown.live) fputs("\r\033[K", stderr);
    if (failed) return say_error(&error, SAY_RUNNING);
    surface->seconds = progress_clock() - shown.begun;
    return surface->result.stopped || signals_caught() ? say_failure("stopped: nothing is written")
                                                       : EXIT_DONE;
}
