/* nudge predict: a saved network's answers, one line a row. Invariant: rows are answered a portion at a time;
 * memory does not grow with their number. */
#include "cli/open/answers.h"
#include "cli/open/rows.h"
#include "cli/tell/files.h"
#include "cli/tell/json.h"
#include "cli/tell/output.h"
#include "cli/tell/safe.h"
#include "cli/verbs.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

struct predict {
    struct options options;
    size_t index, first; /* COUNT_NOT_GIVEN: all rows */
    struct opened opened;
    struct answers answers;
    struct output output;
    nudge_part part;
    size_t next_row, end_row; /* of the part; standard input has no end_row */
};

/* -- lines -- */

/* The class's label, or its number, behind `before`: as it is, but a terminal gets it fit to be shown. What
 * would break the line apart stands in quotes, quotes inside it doubled (RFC 4180). */
static void put_class(const struct predict *predict, const char *before, size_t class_index) {
    FILE *stream = predict->output.stream;
    const char *label = nudge_net_label(predict->answers.net, class_index);
    struct label shown = net_class_name(predict->answers.net, class_index);
    if (!label || predict->output.terminal) label = shown.text;
    bool quoted = strpbrk(label, ",\"\r\n");
    fprintf(stream, ",%s%s", quoted ? "\"" : "", before);
    for (const char *c = label; *c; c++) {
        if (*c == '"') putc('"', stream);
        putc(*c, stream);
    }
    if (quoted) putc('"', stream);
}

/* Text in a field of its own: in quotes where it must be (RFC 4180). */
static void put_text(FILE *stream, const char *text) {
    bool quoted = strpbrk(text, ",\"\r\n");
    if (quoted) putc('"', stream);
    for (const char *c = text; *c; c++) {
        if (*c == '"') putc('"', stream);
        putc(*c, stream);
    }
    if (quoted) putc('"', stream);
}

/* The row's name, where the data have names; else its number. */
static void put_row(const struct predict *predict, size_t row) {
    const nudge_data *data = predict->opened.data;
    const char *id = data ? nudge_data_id(data, predict->part, row) : NULL;
    if (id)
        put_text(predict->output.stream, predict->output.terminal ? safe(id).text : id);
    else
        fprintf(predict->output.stream, "%zu", row);
}

static void put_target(const struct predict *predict, size_t j) {
    struct label name = target_name(predict->answers.net, j);
    FILE *stream = predict->output.stream;
    putc(',', stream);
    if (*name.text)
        put_text(stream, name.text);
    else
        fprintf(stream, "y_%zu", j);
}

/* row,answer,confidence,p_0,p_1,...  or  row,y_0,y_1,... */
static void print_header(const struct predict *predict) {
    const struct answers *answers = &predict->answers;
    FILE *stream = predict->output.stream;
    fputs(answers->classes ? "row,answer,confidence" : "row", stream);
    for (size_t c = 0; c < answers->classes; c++) put_class(predict, "p_", c);
    for (size_t j = 0; !answers->classes && j < answers->count; j++) put_target(predict, j);
    putc('\n', stream);
}

static void print_row(const struct predict *predict, size_t r) {
    const struct answers *answers = &predict->answers;
    FILE *stream = predict->output.stream;
    put_row(predict, predict->next_row + r);
    if (answers->classes) {
        struct answer answer = answer_of(answers, r);
        put_class(predict, "", answer.class_index);
        fprintf(stream, ",%.9g", answer.confidence);
        for (size_t c = 0; c < answers->classes; c++) fprintf(stream, ",%.9g", answer_share(answers, r, c));
    } else {
        for (size_t j = 0; j < answers->count; j++)
            fprintf(stream, ",%.9g", (double)answers->outputs[r * answers->count + j]);
    }
    putc('\n', stream);
}

static int print_predict_json(const struct predict *predict, size_t r) {
    const struct answers *answers = &predict->answers;
    json_t *line = json_object(), *outputs = json_array();
    json_add(line, "row", json_count(predict->next_row + r));
    const nudge_data *data = predict->opened.data;
    const char *id = data ? nudge_data_id(data, predict->part, predict->next_row + r) : NULL;
    if (id) json_add(line, "id", json_text(id));
    if (answers->classes) {
        struct answer answer = answer_of(answers, r);
        json_add(line, "answer", json_class(answers->net, answer.class_index));
        json_add(line, "confidence", json_figure(answer.confidence));
    }
    for (size_t j = 0; j < answers->count; j++)
        json_append(outputs, json_figure(answers->outputs[r * answers->count + j]));
    json_add(line, "outputs", outputs);
    return json_line(line, predict->output.stream, JSON_DIGITS);
}

/* Once the output cannot be written any more there is no use in going on: output_commit and say_end tell it. */
static int print_rows(struct predict *predict, size_t rows) {
    int status = EXIT_DONE;
    for (size_t r = 0; !status && r < rows; r++) {
        if (predict->options.json)
            status = print_predict_json(predict, r);
        else
            print_row(predict, r);
    }
    predict->next_row += rows;
    return status;
}

/* -- rows from standard input -- */

static int predict_stream(struct predict *predict) {
    static struct rows rows;
    struct answers *answers = &predict->answers;
    rows_begin(&rows, STDIN_FILENO, "standard input", answers->inputs);
    for (;;) {
        size_t count;
        int status = rows_read(&rows, answers->features, answers->capacity, &count);
        if (!status) status = answers_predict(answers, count, "standard input:", predict->next_row);
        if (status || count == 0) return status;
        status = print_rows(predict, count);
        if (status || fflush(predict->output.stream) != 0) return status;
    }
}

/* -- rows of a data set -- */

static int choose_rows(struct predict *predict) {
    const nudge_data *data = predict->opened.data;
    int status = open_part(&predict->opened, &predict->options, &predict->part);
    if (status) return status;
    size_t rows = nudge_data_rows(data, predict->part), index = predict->index;
    predict->end_row = predict->first < rows ? predict->first : rows;
    if (index == COUNT_NOT_GIVEN) return EXIT_DONE;
    if (index >= rows)
        return say_usage("--index: found %zu, expected 0 to %zu: the %s part of %s has %zu rows", index,
                         rows - 1, part_name(predict->part), nudge_data_name(data), rows);
    predict->next_row = index;
    predict->end_row = index + 1;
    return EXIT_DONE;
}

static int predict_data(struct predict *predict) {
    struct answers *answers = &predict->answers;
    int status = EXIT_DONE;
    while (!status && predict->next_row < predict->end_row) {
        size_t left = predict->end_row - predict->next_row;
        size_t rows = left < answers->capacity ? left : answers->capacity;
        status = answers_take(answers, predict->opened.data, predict->part, predict->next_row, rows);
        if (!status) status = print_rows(predict, rows);
        if (ferror(predict->output.stream)) return status;
    }
    return status;
}

/* -- all of it -- */

static int check_predict(const struct predict *predict, bool stream) {
    const struct options *options = &predict->options;
    bool picks = predict->index != COUNT_NOT_GIVEN || predict->first != COUNT_NOT_GIVEN;
    if (predict->index != COUNT_NOT_GIVEN && predict->first != COUNT_NOT_GIVEN)
        return say_usage("--index and --first contradict each other");
    if (stream && (picks || options->part_given || !isnan(options->val_split) || options->split_seed_given ||
                   options->data_seed_given || options->context.data_memory))
        return say_usage(
            "--index, --first, --part, --val-split, --seed, --data-seed and --memory are for a data set, not "
            "for standard input");
    return EXIT_DONE;
}

static int run_output(struct predict *predict, bool stream) {
    int status = stream ? EXIT_DONE : choose_rows(predict);
    if (!status) status = answers_begin(&predict->answers, &predict->opened);
    if (!status) status = output_open(&predict->output, predict->options.file);
    if (status) return status;
    if (!predict->options.json) print_header(predict);
    status = stream ? predict_stream(predict) : predict_data(predict);
    if (!status) return output_commit(&predict->output);
    output_abandon(&predict->output);
    return status;
}

static int predict_opened(struct predict *predict) {
    const struct options *options = &predict->options;
    bool input = strcmp(options->operands[1], "-") == 0;
    nudge_column column = NUDGE_COLUMN;
    if (options->file) files_leave_standard_output();
    int status = input ? files_read("-") : EXIT_DONE;
    if (!status && options->file) status = files_write(options->file);
    if (!status) status = open_context(&predict->opened, options);
    predict->opened.replays = !input;
    if (!status) status = open_net(&predict->opened, options->operands[0]);
    if (status) return status;
    /* A network that knows columns reads a table with their names, others rows of numbers. */
    bool stream = input && !nudge_net_columns(predict->opened.net, 0, &column);
    status = check_predict(predict, stream);
    if (!status && !stream) status = open_data(&predict->opened, options, options->operands[1]);
    if (!status) status = run_output(predict, stream);
    return status;
}

enum { KEY_INDEX = 0x100, KEY_FIRST };

static error_t parse_predict(int key, char *arg, struct argp_state *state) {
    struct predict *predict = state->input;
    switch (key) {
    case 'o': predict->options.file = arg; return 0;
    case KEY_INDEX: return option_size(&predict->options, "--index", arg, 0, &predict->index);
    case KEY_FIRST: return option_size(&predict->options, "--first", arg, 1, &predict->first);
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int run_predict(int argc, char **argv) {
    struct predict predict = {.options = options_none(), .index = COUNT_NOT_GIVEN, .first = COUNT_NOT_GIVEN};
    predict.options.operand_names[0] = "MODEL";
    predict.options.operand_names[1] = "DATA (or - for standard input)";
    predict.options.least_operands = predict.options.most_operands = 2;
    predict.options.data.unlabelled = true;
    int status = options_parse(&predict.options, &verb_predict, argc, argv);
    if (status < 0) status = predict_opened(&predict);
    answers_end(&predict.answers);
    open_close(&predict.opened);
    options_free(&predict.options);
    return status;
}

static const struct argp_option table[] = {
    {"output-file", 'o', "FILE", 0, "write to this file, which appears when it is complete", 0},
    {0},
};

static const struct argp_option rows_table[] = {
    {"index", KEY_INDEX, "I", 0, "row I alone; rows count from 0", 0},
    {"first", KEY_FIRST, "N", 0, "the first N rows", 0},
    {0},
};

static const struct argp own = {table, parse_predict, NULL, NULL, NULL, NULL, NULL};
static const struct argp own_rows = {rows_table, parse_predict, NULL, NULL, NULL, NULL, NULL};

static const struct argp_child children[] = {
    {&own, 0, "Result", 0},
    {&options_json, 0, NULL, 0},
    {&own_rows, 0, "Data", 0},
    {&options_part, 0, NULL, 0},
    {&options_data, 0, NULL, 0},
    {&options_split_seed, 0, NULL, 0},
    {&options_tables, 0, "Tables and image files", 0},
    {&options_computing, 0, "Computing", 0},
    {&options_help, 0, "Help", 0},
    {0},
};

static const struct argp argp = {NULL, options_common, NULL, NULL, children, NULL, NULL};

const struct verb verb_predict = {
    .name = "predict",
    .operands = "MODEL DATA|- [options] [-o FILE]",
    .summary = "answer rows with a saved network",
    .details =
        "Writes the network's answers as CSV with a header: for classes the answer, how sure the "
        "network is, and "
        "every class's output; for numbers the outputs. DATA gives its test part; - is "
        "standard input: for a network that learnt from a table a table with its columns, by their names; "
        "else rows "
        "of numbers, one row a line, apart by blanks, tabs or commas, which are answered as they come.",
    .examples = "nudge predict digits.nudge digits -o answers.csv\necho 0 1 | nudge predict xor.nudge -",
    .argp = &argp,
    .run = run_predict,
};
