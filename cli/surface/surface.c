/* nudge surface: walkers that go down from one start, on the cost surface that they really walk on. This
 * file: the verb and the walks. */
#include "cli/surface/surface.h"

#include "cli/open/setup.h"
#include "cli/open/verb_run.h"
#include "cli/signals.h"
#include "cli/tell/numbers.h"
#include "cli/tell/output.h"
#include "cli/tell/progress.h"
#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"
#include "cli/verbs.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

/* -- the walkers -- */

static const struct kind {
    const char *name, *called, *said;
    nudge_optimizer optimizer;
    double momentum;
    bool careful;
} kinds[] = {
    {"full", "careful", "careful (full batch)", NUDGE_OPTIMIZER_SGD, 0, true},
    {"sgd", "drunk", "drunk (mini-batch)", NUDGE_OPTIMIZER_SGD, 0, false},
    {"momentum", "momentum", "momentum 0.9 (mini-batch)", NUDGE_OPTIMIZER_SGD, 0.9, false},
    {"adam", "adam", "Adam (mini-batch)", NUDGE_OPTIMIZER_ADAM, 0, false},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* "full,sgd": names separated by commas, each once. */
static int choose_walkers(struct surface *surface) {
    const char *rest = surface->walker_text ? surface->walker_text : "full,sgd";
    while (*rest) {
        size_t length = strcspn(rest, ","), kind = 0;
        while (kind < KINDS &&
               (strlen(kinds[kind].name) != length || strncmp(rest, kinds[kind].name, length) != 0))
            kind++;
        if (kind == KINDS)
            return say_usage(
                "--walkers: found \"%.*s\", expected some of full, sgd, momentum and adam, with commas",
                (int)length, rest);
        for (size_t i = 0; i < surface->walker_count; i++)
            if (surface->walkers[i].kind == kind)
                return say_usage("--walkers: %s stands there twice", kinds[kind].name);
        surface->walkers[surface->walker_count++] = (struct walker){.kind = kind,
                                                                    .name = kinds[kind].name,
                                                                    .called = kinds[kind].called,
                                                                    .said = kinds[kind].said,
                                                                    .careful = kinds[kind].careful};
        rest += length + (rest[length] != 0);
    }
    return surface->walker_count ? EXIT_DONE
                                 : say_usage("--walkers: found nothing, expected full, sgd or others");
}

/* -- a walk -- */

static void keep_snapshot(struct walker *walker) {
    size_t parameters = nudge_net_parameters(walker->net);
    float *snapshot = malloc(parameters * sizeof *snapshot);
    if (!snapshot || nudge_net_get_parameters(walker->net, snapshot, parameters, NULL)) {
        free(snapshot);
        walker->short_of_memory = true;
        return;
    }
    walker->snapshots[walker->count] = snapshot;
    walker->steps[walker->count++] = (double)walker->step;
}

static bool on_step(void *user, const nudge_progress *now) {
    struct walker *walker = user;
    walker->step++;
    bool last = now->epoch == now->epochs && now->step == now->steps;
    if (last || walker->step >= walker->next) {
        keep_snapshot(walker);
        walker->next = (size_t)((double)walker->step * walker->growth);
        if (walker->next <= walker->step) walker->next = walker->step + 1;
    }
    return !walker->short_of_memory && signals_caught() == 0;
}

static bool on_epoch(void *user, const nudge_progress *now) {
    struct walker *walker = user;
    walker->epochs[walker->epoch_count++] = now->seconds;
    return signals_caught() == 0;
}

static void print_called(const struct walker *walker) {
    enum { COLUMNS = 9 };
    const char *called = text_word(walker->called);
    size_t columns = safe_columns(called);
    printf("%s%*s", called, columns < COLUMNS ? (int)(COLUMNS - columns) : 0, "");
}

static void print_walk(const struct walker *walker, size_t rows) {
    size_t batch = walker->batch_size ? walker->batch_size : rows;
    print_called(walker);
    printf(batch == 1 ? text_word(" %s steps of %s row (%s), %s ms each\n")
                      : text_word(" %s steps of %s rows (%s), %s ms each\n"),
           number_count(walker->step).text, number_count(batch).text,
           text_word(batch >= rows ? "the full batch" : "a mini-batch"),
           number_short(1000 * walker->each, 3).text);
}

/* By which factor from one snapshot's step to the next, so that SNAPSHOTS of them suffice: below 1 / (growth
 * - 1) every step is one. Found by trying. */
double surface_growth(size_t steps) {
    double growth = 1;
    for (size_t taken = SNAPSHOTS + 1; taken > SNAPSHOTS; growth += 0.002) {
        size_t step = 1;
        for (taken = 1; step < steps && taken <= SNAPSHOTS; taken++) {
            size_t next = (size_t)((double)step * (growth + 0.002));
            step = next > step ? next : step + 1;
        }
    }
    return growth;
}

/* Costs are as in prediction: they need running statistics that are those of a training. */
static void take_state(nudge_net *to, const nudge_net *from) {
    nudge_tensor tensor = NUDGE_TENSOR;
    for (size_t i = 0; nudge_net_tensor(from, i, &tensor); i++) {
        float *numbers = tensor.role == NUDGE_ROLE_STATE ? malloc(tensor.count * sizeof *numbers) : NULL;
        if (numbers && !nudge_net_get_tensor(from, i, numbers, tensor.count, NULL))
            nudge_net_set_tensor(to, i, numbers, tensor.count, NULL);
        free(numbers);
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void take_speed(struct walker *walker) {
    if (walker->step == 0 || walker->epoch_count == 0) return;
    qsort(walker->epochs, walker->epoch_count, sizeof *walker->epochs, ascending);
    double steps = (double)walker->step / (double)walker->epoch_count; /* of an epoch */
    walker->each = walker->epochs[walker->epoch_count / 2] / steps;
}

/* Trains a copy of the start. */
static int walk(struct surface *surface, struct walker *walker) {
    const struct kind *kind = &kinds[walker->kind];
    nudge_train_options training = surface->training;
    nudge_error error;
    nudge_net *net = NULL;
    size_t rows = nudge_data_rows(surface->opened.data, NUDGE_PART_TRAIN);
    training.optimizer = kind->optimizer;
    training.momentum = kind->momentum;
    training.batch_size = kind->careful ? 0 : surface->training.batch_size;
    if (kind->optimizer == NUDGE_OPTIMIZER_ADAM && isnan(surface->options.learning_rate))
        training.learning_rate = 0;
    training.evaluate_test = false;
    training.on_step = on_step;
    training.on_epoch = on_epoch;
    training.user = walker;
    size_t batch = training.batch_size ? training.batch_size : rows;
    walker->batch_size = batch;
    /* snapshots lie ever further apart, as the first steps are the largest */
    walker->next = 1;
    walker->growth = surface_growth((rows + batch - 1) / batch * training.epochs);
    if (nudge_net_clone(surface->opened.context, surface->opened.net, &net, &error))
        return say_error(&error, SAY_RUNNING);
    walker->net = net;
    keep_snapshot(walker);
    walker->epochs = calloc(training.epochs + 1, sizeof *walker->epochs);
    walker->short_of_memory = walker->short_of_memory || !walker->epochs;
    nudge_status status = NUDGE_OK;
    if (!walker->short_of_memory)
        status = nudge_train(surface->opened.context, net, surface->opened.data, &training, NULL, &error);
    take_speed(walker);
    if (!status && walker == surface->walkers) take_state(surface->opened.net, net);
    nudge_net_free(net);
    walker->net = NULL;
    if (status) return say_error(&error, SAY_RUNNING);
    if (walker->short_of_memory) return say_failure("not enough memory: for the path of %s", walker->name);
    if (signals_caught())
        return say_failure("stopped while %s was walking: nothing is written", walker->name);
    print_walk(walker, rows);
    return EXIT_DONE;
}

/* -- all of it -- */

static int check_surface(void *state) {
    struct surface *surface = state;
    const struct options *options = &surface->options;
    if (options->theme_given && !options->file) return say_usage("--theme is for -o FILE");
    if (!surface->journal_count &&
        (options->optimizer_given || !isnan(*optimizer_given(options, "momentum"))))
        return say_usage("--optimizer and --momentum are not for surface: --walkers says who walks how");
    if (options->test_at_end) return say_usage("--test-at-end is not for surface: walkers are not tested");
    int status = options->file ? picture_file_check(options->file) : EXIT_DONE;
    if (!status && surface->data_file) status = surface_check_data_file(surface->data_file);
    return status || surface->journal_count ? status : choose_walkers(surface);
}

/* A mini-batch of all rows would make everybody careful: of few rows a quarter, unless --batch-size says otherwise. */
static void choose_batch(struct surface *surface) {
    size_t rows = nudge_data_rows(surface->opened.data, NUDGE_PART_TRAIN),
           *batch = &surface->training.batch_size;
    if (*batch > 0 && *batch < rows) return;
    if (surface->options.batch_size == COUNT_NOT_GIVEN)
        *batch = rows >= 4 ? rows / 4 : 1;
    else
        fprintf(stderr, "nudge: --batch-size takes all %zu rows: every walker takes the full batch\n", rows);
}

static int open_start(struct surface *surface) {
    const struct options *options = &surface->options;
    struct options walked = *options;
    walked.optimizer_given = true; /* by --walkers; the rate is gradient descent's */
    int status = setup_net(&surface->opened, options);
    if (!status) status = setup_training(&surface->opened, &walked, &surface->training);
    if (!status) status = setup_meet(&surface->opened, &surface->options, &surface->training);
    if (options->epochs == COUNT_NOT_GIVEN) surface->training.epochs = 30;
    if (!status) choose_batch(surface);
    return status;
}

/* Points lie close where few multiplications suffice: narrow valleys need them. */
static size_t choose_side(const struct surface *surface) {
    const double quick = 1e9;
    size_t fine = 151;
    double work = (double)surface->parameters * (double)surface->rows * (double)(fine * fine);
    return work < quick ? fine : 51;
}

static int prepare_surface(struct surface *surface) {
    int status = surface->journal_count ? surface_open_journals(surface) : open_start(surface);
    if (!status) status = surface_check_plane(surface);
    if (status) return status;
    surface->parameters = nudge_net_parameters(surface->opened.net);
    size_t rows = nudge_data_rows(surface->opened.data, NUDGE_PART_TRAIN);
    if (surface->rows == 0) surface->rows = 10000;
    if (surface->rows > rows) surface->rows = rows;
    if (surface->side == 0) surface->side = choose_side(surface);
    return EXIT_DONE;
}

static void print_start(const struct surface *surface) {
    char name[64];
    data_short_name(surface->opened.data, name, sizeof name);
    printf(text_word("data      %s, %s training rows\n"), name,
           number_count(nudge_data_rows(surface->opened.data, NUDGE_PART_TRAIN)).text);
    printf(text_word("network   %zu -> "), nudge_net_inputs(surface->opened.net));
    print_wrapped(stdout, nudge_net_text(surface->opened.net), 18, 10);
    const char *mode = net_mode(surface->opened.net);
    if (mode) printf(text_word("costs     %s\n"), text_word(mode));
    if (surface->journal_count == 0)
        printf(
            text_word(
                "start     seed %llu, %s cost, learning rate %s, %zu passes over the rows for each walker\n"),
            (unsigned long long)surface->options.seed,
            nudge_cost_name(nudge_net_cost(surface->opened.net, NULL)),
            number_exact(surface->training.learning_rate).text, surface->training.epochs);
    fflush(stdout);
}

bool surface_sooner(const struct surface *surface, size_t w, struct sooner *sooner) {
    const struct walker *walker = &surface->walkers[w], *careful = NULL;
    for (size_t i = 0; i < surface->walker_count; i++)
        if (surface->walkers[i].careful) careful = &surface->walkers[i];
    if (!careful || careful == walker || careful->step == 0 || walker->step == 0) return false;
    double target = careful->costs[careful->count - 1], time = (double)careful->step * careful->each;
    for (size_t s = 1; s < walker->count; s++)
        if (walker->costs[s] <= target) {
            *sooner = (struct sooner){walker->steps[s], time / (walker->steps[s] * walker->each)};
            return isfinite(sooner->times) && sooner->times > 0;
        }
    return false;
}

/* "1.4", "38", "1,640". */
struct number_text surface_times(const struct sooner *sooner) {
    double times = sooner->times >= 1 ? sooner->times : 1 / sooner->times;
    return times < 10 ? number_short(times, 2) : number_count((uint64_t)(times + 0.5));
}

/* By the clock: at the walkers' usual speeds, as a single step's time is mostly chance. */
static void print_sooner(const struct surface *surface, size_t w) {
    struct sooner sooner;
    if (!surface_sooner(surface, w, &sooner)) return;
    char after[48];
    format_text(after, sizeof after, sooner.steps == 1 ? text_word("%s step") : text_word("%s steps"),
                number_count((uint64_t)sooner.steps).text);
    printf(sooner.times >= 1
               ? text_word("          reached the careful one's final cost after %s, %s times sooner\n")
               : text_word("          reached the careful one's final cost after %s, %s times later\n"),
           after, surface_times(&sooner).text);
}

static void print_end(const struct surface *surface) {
    for (size_t i = 0; i < surface->walker_count; i++) {
        const struct walker *walker = &surface->walkers[i];
        print_called(walker);
        printf(text_word(" cost %s, from %s\n"), number_cost(walker->costs[walker->count - 1]).text,
               number_cost(walker->costs[0]).text);
        print_sooner(surface, i);
    }
    printf(text_word("plane     %s\n"), surface->plane_said);
    printf(text_word("surface   %zu x %zu points over %s rows in %s; %zu of them again in double precision:\n"
                     "          off by %.1e at most\n"),
           surface->side, surface->side, number_count(surface->rows).text,
           number_seconds(surface->seconds).text, surface->result.checked, surface->result.error);
}

static int surface_opened(void *state) {
    struct surface *surface = state;
    int status = prepare_surface(surface);
    if (status) return status;
    signals_catch();
    print_start(surface);
    if (surface->journal_count) status = surface_take_journals(surface);
    for (size_t i = 0; !status && i < surface->walker_count && !surface->journal_count; i++)
        status = walk(surface, &surface->walkers[i]);
    if (!status) status = surface_plane(surface);
    if (!status) status = surface_compute(surface);
    if (!status) print_end(surface);
    if (!status && surface->data_file) status = surface_write_data(surface);
    if (!status && surface->options.file) status = surface_draw(surface);
    return status;
}

static void free_surface(void *state) {
    struct surface *surface = state;
    for (size_t i = 0; i < surface->walker_count; i++) {
        struct walker *walker = &surface->walkers[i];
        for (size_t s = 0; s < walker->count; s++) free(walker->snapshots[s]);
        free(walker->epochs);
    }
    free(surface->origin);
    free(surface->across);
    free(surface->up);
    free(surface->costs);
}

enum { KEY_WALKERS = 0x100, KEY_JOURNAL, KEY_PLANE, KEY_SIDE, KEY_ROWS, KEY_DATA, KEY_THEME };

static error_t parse_surface(int key, char *arg, struct argp_state *state) {
    struct surface *surface = state->input;
    struct options *options = state->input;
    uint64_t side = 0;
    error_t failed;
    switch (key) {
    case 'o': options->file = arg; return 0;
    case KEY_WALKERS: surface->walker_text = arg; return 0;
    case KEY_JOURNAL:
        if (surface->journal_count == WALKERS)
            return option_error(options, "--journal: more than %d", WALKERS);
        surface->journals[surface->journal_count++] = arg;
        return 0;
    case KEY_PLANE: surface->plane_text = arg; return 0;
    case KEY_SIDE:
        failed = option_count(options, "--side", arg, 2, 1001, &side);
        if (!failed) surface->side = (size_t)side;
        return failed;
    case KEY_ROWS: return option_size(options, "--rows", arg, 1, &surface->rows);
    case KEY_DATA: surface->data_file = arg; return 0;
    case KEY_THEME: return option_theme(options, arg, &surface->theme);
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct verb_frame frame = {&verb_surface, {"DATA"},       NEEDS_DATA,
                                        check_surface, surface_opened, free_surface};

static int run_surface(int argc, char **argv) {
    struct surface surface = {.options = options_none(), .plane_text = "pca", .result = NUDGE_SURFACE_RESULT};
    return verb_run(&frame, &surface, &surface.opened, argc, argv);
}

static const struct argp_option table[] = {
    {"walkers", KEY_WALKERS, "NAMES", 0,
     "who walks, with commas: full (the careful one: full batch), sgd (the drunk: mini-batches), momentum, "
     "adam; default full,sgd",
     0},
    {"journal", KEY_JOURNAL, "FILE", 0,
     "instead of walkers a training that nudge train --journal has kept; up to four times", 0},
    {"plane", KEY_PLANE, "PLANE", 0,
     "pca: where the paths lie best; random: two directions through the first walker's end; or two "
     "parameters, as "
     "1,0,0:1,0 for w(1)[0][0] and b(1)[0]; default pca",
     0},
    {"side", KEY_SIDE, "N", 0, "N times N points; default 51, or 151 where that is quick", 0},
    {"rows", KEY_ROWS, "N", 0,
     "the cost of the first N training rows; default 10000, or all if there are fewer", 0},
    {"output-file", 'o', "FILE", 0, "draw it: .svg, .png or .pdf", 0},
    {"theme", KEY_THEME, "NAME", 0, OPTION_THEME_HELP, 0},
    {"data", KEY_DATA, "FILE", 0, "write the numbers: .csv has the surface and the paths, .npy the surface",
     0},
    {0},
};
static const struct argp own = {table, parse_surface, NULL, NULL, NULL, NULL, NULL};

static const struct argp_child children[] = {
    {&own, 0, "Surface", 0},
    {&options_language, 0, NULL, 0},
    {&options_network, 0, "Network", 0},
    {&options_cost, 0, NULL, 0},
    {&options_training, 0, "Walks", 0},
    {&options_data, 0, "Data", 0},
    {&options_tables, 0, "Tables and image files", 0},
    {&options_computing, 0, "Computing", 0},
    {&options_help, 0, "Help", 0},
    {0},
};
static const struct argp argp = {NULL, options_common, NULL, NULL, children, NULL, NULL};

const struct verb verb_surface = {
    .name = "surface",
    .operands = "DATA [options] [-o FILE] [--data FILE]",
    .summary = "the cost surface, and the paths of walkers down it",
    .details =
        "Trains several walkers from the same start, by default the careful one, who takes all rows for each "
        "step, "
        "and the drunk, who takes a mini-batch, and shows their paths on the cost surface that they walk on: "
        "a "
        "plane through parameter space, of which every point is the cost of the network that stands there.\n"
        "Unless --epochs says otherwise, everybody walks for 30 passes over the rows; where the rows are no "
        "more "
        "than a mini-batch, it is a quarter of them.",
    .examples = "nudge surface xor --hidden 4 --activation tanh --batch-size 1 -o xor.svg\n"
                "nudge surface digits --hidden 16,16 --walkers full,sgd,adam -o digits.svg\n"
                "nudge surface digits --journal sgd.journal --journal adam.journal -o two.svg\n"
                "nudge surface chain --net \"1 sigmoid\" --plane 1,0,0:1,0 -o chain.svg",
    .argp = &argp,
    .run = run_surface,
};
