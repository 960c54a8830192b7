/* nudge data show: rows as people see them: images as text, tables as numbers; with a model, also what it
 * makes of them. */
#include "cli/data/data.h"
#include "cli/open/answers.h"
#include "cli/tell/numbers.h"
#include "cli/tell/pictures.h"
#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"
#include "cli/verbs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct show {
    struct options options;
    size_t index, count;
    struct opened opened;
    struct answers answers;
    float *features, *targets; /* of one row */
};

/* -- captions -- */

/* The class's name, or its number; "?" of a row without one. */
static struct label class_of(const nudge_data *data, int32_t label) {
    struct label text = {"?"};
    const char *name = label >= 0 ? nudge_data_label_name(data, (size_t)label) : NULL;
    if (name)
        format_text(text.text, sizeof text.text, "%s", safe_short(name, 40).text);
    else if (label >= 0)
        format_text(text.text, sizeof text.text, "%d", (int)label);
    return text;
}

static void print_truth(const struct show *show, size_t row) {
    const nudge_data *data = show->opened.data;
    printf(text_word("%s %zu: "), text_word(part_name(show->opened.part)), row);
    if (nudge_data_classes(data)) {
        fputs(class_of(data, nudge_data_label(data, show->opened.part, row)).text, stdout);
        return;
    }
    for (size_t j = 0; j < nudge_data_targets(data); j++)
        printf("%s%.6g", j ? ", " : "", (double)show->targets[j]);
}

static void print_answer(const struct show *show, size_t row) {
    const struct answers *answers = &show->answers;
    if (answers->classes) {
        struct answer answer = answer_of(answers, 0);
        int32_t truth = nudge_data_label(show->opened.data, show->opened.part, row);
        bool wrong = truth >= 0 && truth != (int32_t)answer.class_index;
        printf(wrong ? text_word(", read as %s instead") : text_word(", read as %s"),
               net_class_name(answers->net, answer.class_index).text);
        printf(answers->shares ? text_word(", %s sure") : text_word(", output %s"),
               answer_figure(answers, answer.confidence, 1).text);
        return;
    }
    printf("%s", text_word(", answered"));
    for (size_t j = 0; j < answers->count; j++) printf("%s %.6g", j ? "," : "", (double)answers->outputs[j]);
}

/* A bar a class, as long as its output is large. */
static void print_share(const struct show *show, size_t class_index, bool utf8) {
    enum { CELLS = 20 };
    double share = answer_share(&show->answers, 0, class_index);
    double clamped = share > 0 ? (share < 1 ? share : 1) : 0;
    size_t cells = (size_t)(clamped * CELLS + 0.5);
    print_cell(stdout, net_class_name(show->answers.net, class_index).text, 8);
    fputs("  ", stdout);
    for (size_t i = 0; i < CELLS; i++) fputs(i < cells ? (utf8 ? "━" : "#") : " ", stdout);
    printf(" %9s", answer_figure(&show->answers, share, 1).text);
}

/* -- images -- */

static int load_row(struct show *show, size_t row) {
    nudge_error error;
    if (nudge_data_row(show->opened.data, show->opened.part, row, show->features, show->targets, &error))
        return say_error(&error, SAY_READING);
    return show->options.model ? answers_take(&show->answers, show->opened.data, show->opened.part, row, 1)
                               : EXIT_DONE;
}

/* One image, and beside it what the network makes of it. */
static int show_answered(struct show *show, size_t row, enum shades shades) {
    struct picture picture;
    bool utf8 = shades != SHADES_ASCII;
    size_t columns = terminal_columns(stdout), bars = 45;
    size_t classes = show->answers.classes;
    if (!pictures_take(&picture, show->opened.data, show->features,
                       columns > bars + 28 ? columns - bars : 28))
        return say_failure("not enough memory: for an image");
    size_t lines = picture_lines(&picture), top = lines > classes ? (lines - classes) / 2 : 0;
    print_truth(show, row);
    print_answer(show, row);
    putchar('\n');
    for (size_t line = 0; line < lines || line < classes; line++) {
        printf("%*s", PICTURES_MARGIN, "");
        if (line < lines)
            picture_line(&picture, line, shades, stdout);
        else
            printf("%*s", (int)picture.width, "");
        if (line >= top && line - top < classes) print_share(show, line - top, utf8);
        putchar('\n');
    }
    picture_free(&picture);
    return EXIT_DONE;
}

static void caption(const struct show *show, size_t row, struct captioned *picture) {
    int32_t label = nudge_data_label(show->opened.data, show->opened.part, row);
    const char *part = text_word(part_name(show->opened.part));
    if (label >= 0)
        format_text(picture->caption, sizeof picture->caption, text_word("%s %zu: %s"), part, row,
                    class_of(show->opened.data, label).text);
    else
        format_text(picture->caption, sizeof picture->caption, text_word("%s %zu"), part, row);
}

/* As many images side by side as there is room for. */
static int show_abreast(struct show *show, size_t row, size_t count, enum shades shades) {
    struct captioned pictures[PICTURES_MOST];
    size_t columns = pictures_columns(1);
    for (size_t made = 0; made < count; made++) {
        int status = load_row(show, row + made);
        if (!status && !pictures_take(&pictures[made].picture, show->opened.data, show->features, columns))
            status = say_failure("not enough memory: for an image");
        if (status) {
            while (made > 0) picture_free(&pictures[--made].picture);
            return status;
        }
        caption(show, row + made, &pictures[made]);
    }
    pictures_print(pictures, count, shades);
    return EXIT_DONE;
}

static int show_images(struct show *show) {
    size_t width, end = show->index + show->count;
    enum shades shades = shades_for(stdout);
    nudge_data_image(show->opened.data, NULL, &width);
    size_t abreast = pictures_abreast(width);
    int status = EXIT_DONE;
    for (size_t row = show->index; !status && row < end;) {
        size_t count = show->options.model ? 1 : end - row < abreast ? end - row : abreast;
        if (show->options.model) {
            status = load_row(show, row);
            if (!status) status = show_answered(show, row, shades);
        } else {
            status = show_abreast(show, row, count, shades);
        }
        row += count;
        if (row < end) putchar('\n');
    }
    return status;
}

/* -- tables -- */

/* A column of the row, as the table has it. */
static void print_column(const struct show *show, const nudge_column *column) {
    const float *values = show->features + column->first;
    fputs("  ", stdout);
    print_cell(stdout, column->name, -24);
    fputs("  ", stdout);
    if (column->kind == NUDGE_COLUMN_NUMBER) {
        if (isnan(values[0]))
            puts(text_word("missing"));
        else
            printf("%.6g\n", (double)values[0]);
        return;
    }
    for (size_t k = 0; k < column->category_count; k++)
        if (values[k] > 0) {
            puts(safe_short(column->categories[k], 48).text);
            return;
        }
    puts(text_word("(none that training rows have)"));
}

/* Names and values, a line each; numbers alone where there are no names. */
static void print_values(const struct show *show) {
    enum { NUMBERS_A_LINE = 6 };
    const nudge_data *data = show->opened.data;
    nudge_column column = NUDGE_COLUMN;
    bool named = nudge_data_columns(data, 0, &column);
    if (named) putchar('\n');
    for (size_t c = 0; nudge_data_columns(data, c, &column); c++)
        if (column.role == NUDGE_COLUMN_FEATURE) print_column(show, &column);
    if (named) return;
    for (size_t i = 0; i < nudge_data_features(data); i++)
        printf("%s%12.6g", i % NUMBERS_A_LINE ? " " : "\n ", (double)show->features[i]);
    putchar('\n');
}

static int show_table(struct show *show) {
    for (size_t row = show->index; row < show->index + show->count; row++) {
        int status = load_row(show, row);
        if (status) return status;
        print_truth(show, row);
        if (show->options.model) print_answer(show, row);
        print_values(show);
    }
    return EXIT_DONE;
}

/* -- all of it -- */

static int check_rows(struct show *show) {
    size_t rows = nudge_data_rows(show->opened.data, show->opened.part);
    if (show->index >= rows)
        return say_usage("--index: found %zu, expected 0 to %zu: the %s part of %s has %zu rows", show->index,
                         rows - 1, part_name(show->opened.part), nudge_data_name(show->opened.data), rows);
    if (show->count > rows - show->index) show->count = rows - show->index;
    return EXIT_DONE;
}

static int show_opened(void *state) {
    struct show *show = state;
    const nudge_data *data = show->opened.data;
    int status = check_rows(show);
    if (!status && show->options.model) status = answers_begin(&show->answers, &show->opened);
    if (status) return status;
    show->features = calloc(nudge_data_features(data), sizeof(float));
    show->targets = calloc(nudge_data_targets(data), sizeof(float));
    if (!show->features || !show->targets) return say_failure("not enough memory: for a row");
    return nudge_data_image(data, NULL, NULL) ? show_images(show) : show_table(show);
}

static void free_show(void *state) {
    struct show *show = state;
    answers_end(&show->answers);
    free(show->features);
    free(show->targets);
}

enum { KEY_INDEX = 0x100, KEY_COUNT, KEY_MODEL };

static error_t parse_show(int key, char *arg, struct argp_state *state) {
    struct show *show = state->input;
    switch (key) {
    case KEY_INDEX: return option_size(&show->options, "--index", arg, 0, &show->index);
    case KEY_COUNT: return option_size(&show->options, "--count", arg, 1, &show->count);
    case KEY_MODEL: show->options.model = arg; return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct verb_frame frame = {&verb_data_show, {"DATA"}, NEEDS_DATA | NEEDS_PART, NULL,
                                        show_opened,     free_show};

static int run_show(int argc, char **argv) {
    struct show show = {.options = options_none(), .count = 1};
    show.options.data.unlabelled = true; /* rows can be looked at without */
    return verb_run(&frame, &show, &show.opened, argc, argv);
}

static const struct argp_option table[] = {
    {"index", KEY_INDEX, "I", 0, "which row; rows count from 0; default 0", 0},
    {"count", KEY_COUNT, "N", 0, "how many rows from there; default 1", 0},
    {"model", KEY_MODEL, "FILE", 0, "also show what this saved network makes of them", 0},
    {0},
};

static const struct argp own = {table, parse_show, NULL, NULL, NULL, NULL, NULL};

static const struct argp_child children[] = {
    {&own, 0, "Rows", 0},
    {&options_language, 0, NULL, 0},
    {&options_part, 0, NULL, 0},
    {&options_only_data, 0, NULL, 0},
    {&options_tables, 0, "Tables and image files", 0},
    {&options_help, 0, "Help", 0},
    {0},
};

static const struct argp argp = {NULL, options_common, NULL, NULL, children, NULL, NULL};

const struct verb verb_data_show = {
    .name = "data show",
    .operands = "DATA [--index I] [options]",
    .summary = "show rows: images as text, tables as numbers",
    .details = "Shows rows of the test part of DATA: images as text, with their class; tables as numbers. "
               "With --model, also "
               "what a saved network makes of them.",
    .examples = "nudge data show digits --index 7 --count 4\nnudge data show digits --model digits.nudge",
    .argp = &argp,
    .run = run_show,
};
