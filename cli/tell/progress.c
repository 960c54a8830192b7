/* See progress.h. Invariant: a live line is narrower than the terminal, so that it never wraps. */
#include "cli/tell/progress.h"

#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

static const double REDRAW_SECONDS = 0.1;

enum { MOST_PIECES = 8, PIECE_ROOM = 40, BAR_LEAST = 4, BAR_MOST = 24, USUAL_COLUMNS = 73 };

/* A line is made of pieces; where it is too long, the least important leave first. */
struct line {
    struct piece {
        char text[PIECE_ROOM];
        int importance;
    } pieces[MOST_PIECES];
    size_t count;
};

static void add(struct line *line, int importance, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void add(struct line *line, int importance, const char *format, ...) {
    struct piece *piece = &line->pieces[line->count++];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(piece->text, sizeof piece->text, text_word(format), arguments);
    va_end(arguments);
    piece->importance = importance;
}

/* Pieces stand two blanks apart. */
static size_t line_columns(const struct line *line) {
    size_t columns = 0;
    for (size_t i = 0; i < line->count; i++) columns += safe_columns(line->pieces[i].text) + (i ? 2 : 0);
    return columns;
}

static void fit(struct line *line, size_t columns) {
    while (line->count > 1 && line_columns(line) > columns) {
        size_t least = 0;
        for (size_t i = 1; i < line->count; i++)
            if (line->pieces[i].importance <= line->pieces[least].importance) least = i;
        line->count--;
        memmove(&line->pieces[least], &line->pieces[least + 1], (line->count - least) * sizeof *line->pieces);
    }
}

/* -- what is shown -- */

static void add_epoch(struct line *line, const nudge_progress *now) {
    char total[24];
    int width = snprintf(total, sizeof total, "%zu", now->epochs);
    add(line, 10, "epoch %*zu/%s", width, now->epoch, total);
}

/* Accuracy, or for regression the cost, of a part. */
static void add_part(struct line *line, int importance, const char *name, double cost, double accuracy,
                     int decimals) {
    if (isnan(cost)) return;
    struct number_text number = isnan(accuracy) ? number_cost(cost) : number_percent(accuracy, decimals);
    add(line, importance, "%s %s", text_word(name), number.text);
}

static void add_figures(struct line *line, const nudge_progress *train, const nudge_progress *parts,
                        int decimals) {
    add(line, 9, "cost %s", number_cost(train->train_cost).text);
    if (!isnan(train->train_accuracy))
        add(line, 5, "train %s", number_percent(train->train_accuracy, decimals).text);
    add_part(line, 7, "val", parts->validation_cost, parts->validation_accuracy, decimals);
    add_part(line, 6, "test", parts->test_cost, parts->test_accuracy, decimals);
}

/* At the beginning of an epoch a few rows say little: the epoch before still stands for them. */
static bool is_too_early(const struct progress *progress, const nudge_progress *now) {
    return progress->last_epoch.epoch > 0 && now->step * 10 < now->steps;
}

/* -- the live line -- */

/* Where the live line is on the screen; NULL: there is none. */
static FILE *live_stream;

void progress_clear(void) {
    if (!live_stream) return;
    fputs("\r\033[K", live_stream);
    fflush(live_stream);
    live_stream = NULL;
}

static void draw_bar(const struct progress *progress, double share, size_t cells) {
    const char *done = progress->utf8 ? "━" : "#", *half = progress->utf8 ? "╸" : "-",
               *rest = progress->utf8 ? "─" : ".";
    size_t halves = (size_t)(share * 2 * (double)cells + 0.5);
    for (size_t i = 0; i < cells; i++)
        fputs(2 * i + 2 <= halves ? done : 2 * i + 1 == halves ? half : rest, progress->stream);
}

/* The bar's width depends on the terminal alone, so that the line does not jump. */
static size_t bar_cells(size_t columns) {
    size_t room = columns > USUAL_COLUMNS + BAR_LEAST ? columns - USUAL_COLUMNS : BAR_LEAST;
    return room < BAR_MOST ? room : BAR_MOST;
}

/* The first piece, the bar, the others; nothing where the terminal is narrower than the shortest. */
static void draw_line(struct progress *progress, struct line *line, double share) {
    /* What the line may fill: the cursor stands behind it, and a Ctrl-C is shown as ^C. */
    size_t columns = terminal_columns(progress->stream);
    columns = columns > 3 ? columns - 3 : 0;
    fit(line, columns);
    size_t used = line_columns(line), cells = bar_cells(columns);
    if (used > columns) return;
    fprintf(progress->stream, "\r%s", line->pieces[0].text);
    if (used + 2 + cells <= columns) {
        fputs("  ", progress->stream);
        draw_bar(progress, share, cells);
    }
    for (size_t i = 1; i < line->count; i++) fprintf(progress->stream, "  %s", line->pieces[i].text);
    fputs("\033[K", progress->stream);
    fflush(progress->stream);
    live_stream = progress->stream;
}

static void add_left(struct line *line, const struct progress *progress, double share) {
    double spent = progress->drawn - progress->begun;
    if (share > 0 && spent > 0.5) add(line, 8, "%s left", number_clock(spent * (1 - share) / share).text);
}

static void draw_progress(struct progress *progress, const nudge_progress *now) {
    struct line line = {.count = 0};
    double epochs = (double)(now->epoch - 1) + (double)now->step / (double)now->steps,
           share = epochs / (double)now->epochs;
    add_epoch(&line, now);
    const nudge_progress *parts = &progress->last_epoch;
    add_figures(&line, is_too_early(progress, now) ? parts : now, parts, 1);
    double rows = progress->rows + (double)now->rows, seconds = progress->seconds + now->seconds;
    if (seconds > 0) add(&line, 4, "%s", number_rate(rows / seconds).text);
    add_left(&line, progress, share);
    draw_line(progress, &line, share);
}

/* -- lines that stay -- */

static void print_epoch(struct progress *progress, const nudge_progress *now) {
    struct line line = {.count = 0};
    add_epoch(&line, now);
    add_figures(&line, now, now, 2);
    if (now->seconds > 0) add(&line, 4, "%s", number_rate((double)now->rows / now->seconds).text);
    add(&line, 4, "%s", number_seconds(now->seconds).text);
    progress_clear();
    for (size_t i = 0; i < line.count; i++)
        fprintf(progress->stream, "%s%s", i ? "  " : "", line.pieces[i].text);
    putc('\n', progress->stream);
    fflush(progress->stream);
}

/* -- the training's course -- */

double progress_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void progress_begin(struct progress *progress, FILE *stream, bool verbose) {
    double none = NAN;
    *progress = (struct progress){
        .stream = stream,
        .live = stream && terminal_is(stream),
        .utf8 = terminal_utf8(),
        .begun = progress_clock(),
        .last_epoch = {.validation_cost = none, .test_cost = none},
    };
    progress->each_epoch = stream && (verbose || !progress->live);
    progress->all_epochs = verbose;
    progress->printed = progress->begun;
    progress->drawn = progress->begun;
}

/* Whether it is time to draw again. */
static bool is_due(struct progress *progress) {
    double time = progress_clock();
    if (!progress->live || time - progress->drawn < REDRAW_SECONDS) return false;
    progress->drawn = time;
    return true;
}

void progress_step(struct progress *progress, const nudge_progress *now) {
    if (is_due(progress)) draw_progress(progress, now);
}

void progress_share(struct progress *progress, const char *words, double share) {
    struct line line = {.count = 0};
    if (!is_due(progress)) return;
    add(&line, 10, "%s", words);
    add(&line, 7, "%s", number_percent(share, 0).text);
    add_left(&line, progress, share);
    draw_line(progress, &line, share);
}

/* Of many short epochs about fifty lines stay, and one every few seconds; -v keeps all. */
static bool is_worth_a_line(struct progress *progress, const nudge_progress *now) {
    enum { MOST_LINES = 50, SECONDS = 5 };
    size_t every = (now->epochs + MOST_LINES - 1) / MOST_LINES;
    double time = progress_clock();
    bool due = progress->all_epochs || now->epoch == 1 || now->epoch == now->epochs ||
               now->epoch % every == 0 || time - progress->printed >= SECONDS;
    if (due) progress->printed = time;
    return due;
}

void progress_epoch(struct progress *progress, const nudge_progress *now) {
    progress->last_epoch = *now;
    progress->rows += (double)now->rows;
    progress->seconds += now->seconds;
    if (progress->each_epoch && is_worth_a_line(progress, now)) print_epoch(progress, now);
}

void progress_end(struct progress *progress) {
    if (progress->live) progress_clear();
}
