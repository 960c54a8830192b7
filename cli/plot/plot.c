/* nudge plot: the verb that lists its kinds, and what they have in common. */
#include "cli/plot/plot.h"

#include "cli/tell/numbers.h"
#include "cli/tell/words.h"
#include "cli/verbs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- options -- */

enum { KEY_THEME = 0x100, KEY_TEXT, KEY_INDEX, KEY_COUNT, KEY_LAYER };

static error_t parse_output(int key, char *arg, struct argp_state *state) {
    struct plot *plot = state->input;
    switch (key) {
    case 'o': plot->options.file = arg; return 0;
    case KEY_THEME: return option_theme(&plot->options, arg, &plot->theme);
    default: return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_text(int key, char *arg, struct argp_state *state) {
    struct plot *plot = state->input;
    (void)arg;
    if (key != KEY_TEXT) return ARGP_ERR_UNKNOWN;
    plot->text = true;
    return 0;
}

static error_t parse_rows(int key, char *arg, struct argp_state *state) {
    struct plot *plot = state->input;
    switch (key) {
    case KEY_INDEX:
        plot->index_given = true;
        return option_size(&plot->options, "--index", arg, 0, &plot->index);
    case KEY_COUNT: return option_size(&plot->options, "--count", arg, 1, &plot->count);
    default: return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_layer(int key, char *arg, struct argp_state *state) {
    struct plot *plot = state->input;
    return key == KEY_LAYER ? option_size(&plot->options, "--layer", arg, 1, &plot->layer) : ARGP_ERR_UNKNOWN;
}

static const struct argp_option output_table[] = {
    {"output-file", 'o', "FILE", 0, "where the picture is to be written: .svg, .png or .pdf", 0},
    {"theme", KEY_THEME, "NAME", 0, OPTION_THEME_HELP, 0},
    {0},
};
static const struct argp_option text_table[] = {
    {"text", KEY_TEXT, NULL, 0, "into the terminal, with blocks, instead of a file or beside it", 0},
    {0},
};
static const struct argp_option rows_table[] = {
    {"index", KEY_INDEX, "I", 0, "from which row of the part on; default 0", 0},
    {"count", KEY_COUNT, "N", 0, "how many", 0},
    {0},
};
static const struct argp_option layer_table[] = {
    {"layer", KEY_LAYER, "L", 0, "of which layer; default 1", 0},
    {0},
};
const struct argp options_plot = {output_table, parse_output, NULL, NULL, NULL, NULL, NULL};
const struct argp options_plot_text = {text_table, parse_text, NULL, NULL, NULL, NULL, NULL};
const struct argp options_plot_rows = {rows_table, parse_rows, NULL, NULL, NULL, NULL, NULL};
const struct argp options_plot_layer = {layer_table, parse_layer, NULL, NULL, NULL, NULL, NULL};

/* -- running a kind -- */

/* It stays apart from verb_run (cli/open/verb_run.h): what a kind opens, and whether DATA's options have an effect,
 * depends on how many words stand there. */

static void set_operands(struct options *options, enum plot_needs needs) {
    bool many = needs == PLOT_FILES || needs == PLOT_MODELS_AND_DATA;
    for (size_t i = 0; i < MOST_OPERANDS; i++)
        options->operand_names[i] = needs == PLOT_FILES ? "RUN" : "MODEL";
    if (needs != PLOT_FILES) options->operand_names[1] = "DATA";
    options->least_operands = needs == PLOT_MODEL_AND_DATA || needs == PLOT_MODELS_AND_DATA ? 2 : 1;
    options->most_operands = needs == PLOT_FILES   ? DRAW_SERIES
                             : many                ? MOST_OPERANDS
                             : needs == PLOT_MODEL ? 1
                                                   : 2;
}

static int check_output(const struct plot *plot, bool can_text) {
    if (plot->options.theme_given && !plot->options.file) return say_usage("--theme is for -o FILE");
    if (plot->options.file) return picture_file_check(plot->options.file);
    if (plot->text) return EXIT_DONE;
    return say_usage("-o FILE is missing: where the picture is to be written%s",
                     can_text ? "; or --text for the terminal" : "");
}

static int open_all(struct plot *plot, enum plot_needs needs) {
    struct options *options = &plot->options;
    bool with_data = options->operand_count > 1;
    if (needs == PLOT_FILES) return EXIT_DONE;
    const char *of_data = with_data                      ? NULL
                          : plot->index_given            ? "--index"
                          : options->part_given          ? "--part"
                          : options->data_seed_given     ? options->data_seed_given
                          : !isnan(options->val_split)   ? "--val-split"
                          : options->split_seed_given    ? "--seed"
                          : options->context.data_memory ? "--memory"
                                                         : NULL;
    if (of_data) return say_usage("%s is for DATA, which is not given", of_data);
    int status = open_context(&plot->opened, options);
    plot->opened.replays = with_data;
    if (!status) status = open_net(&plot->opened, options->operands[0]);
    if (!status && with_data)
        status = open_data(&plot->opened, options, options->operands[options->operand_count - 1]);
    if (!status && with_data) status = open_part(&plot->opened, options, &plot->part);
    if (status || !with_data) return status;
    size_t inputs = nudge_net_inputs(plot->opened.net), features = nudge_data_features(plot->opened.data);
    if (inputs != features)
        return say_usage("the network has %zu inputs, but the rows of %s have %zu features", inputs,
                         nudge_data_name(plot->opened.data), features);
    return EXIT_DONE;
}

int plot_run(const struct verb *verb, enum plot_needs needs, bool can_text, int argc, char **argv,
             plot_body *body) {
    struct plot plot = {
        .options = options_none(), .count = COUNT_NOT_GIVEN, .layer = COUNT_NOT_GIVEN, .told = stdout};
    set_operands(&plot.options, needs);
    int status = options_parse(&plot.options, verb, argc, argv);
    if (status < 0) {
        status = check_output(&plot, can_text);
        if (!status) status = open_all(&plot, needs);
        if (!status) status = body(&plot);
    }
    open_close(&plot.opened);
    options_free(&plot.options);
    return status;
}

int plot_write(const struct plot *plot, draw_picture *draw, const void *picture) {
    if (!plot->options.file) return EXIT_DONE;
    int status = picture_file_write(plot->options.file, plot->theme, draw, picture);
    if (!status && plot->told)
        fprintf(plot->told, text_word("saved     %s\n"), safe(plot->options.file).text);
    return status;
}

/* -- what kinds need -- */

struct safe_text plot_file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return safe_short(slash && slash[1] ? slash + 1 : path, 60);
}

const char **plot_class_names(const nudge_net *net, size_t classes) {
    struct label *labels;
    size_t pointers = (classes * sizeof(char *) + 15) / 16 * 16;
    const char **names = malloc(pointers + classes * sizeof *labels);
    if (!names) return NULL;
    labels = (struct label *)((char *)names + pointers);
    for (size_t c = 0; c < classes; c++) {
        labels[c] = net_class_name(net, c);
        names[c] = labels[c].text;
    }
    return names;
}

int plot_check_image(const struct plot *plot, size_t *height, size_t *width) {
    if (nudge_data_image(plot->opened.data, height, width)) return EXIT_DONE;
    return say_usage("%s: its rows are no images", nudge_data_name(plot->opened.data));
}

/* -- nudge plot -- */

static int list_kinds(int argc, char **argv) {
    struct options options = options_none();
    options.operand_names[0] = "KIND";
    options.most_operands = 1;
    int status = options_parse(&options, &verb_plot, argc, argv);
    if (status < 0 && options.operand_count) status = help_unknown_kind(&verb_plot, options.operands[0]);
    options_free(&options);
    if (status >= 0) return status;
    help_list(&verb_plot);
    puts("\nnudge plot KIND --help says more.");
    return EXIT_DONE;
}

static const struct argp_child list_children[] = {{&options_help, 0, "Help", 0}, {0}};
static const struct argp list_argp = {NULL, options_common, NULL, NULL, list_children, NULL, NULL};

const struct verb verb_plot = {
    .name = "plot",
    .operands = "KIND ...",
    .summary = "list the pictures there are",
    .details =
        "Lists the kinds of pictures: of how a training went, of what a network holds, and of what it makes "
        "of data. Colours mean the same in all of them: blue is positive, orange negative.",
    .argp = &list_argp,
    .run = list_kinds,
};
