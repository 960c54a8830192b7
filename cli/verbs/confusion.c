/* See confusion.h. */
#include "cli/verbs/confusion.h"

#include "cli/open/open.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"

/* -- figures of a class -- */

/* Counts of one class c: asked (truth c), answered (answer c) and both. */
struct score {
    uint64_t asked, answered, right;
};

static uint64_t cell(const struct confusion *confusion, size_t truth, size_t answer) {
    return confusion->counts[truth * confusion->classes + answer];
}

static struct score score_of(const struct confusion *confusion, size_t c) {
    struct score score = {0, 0, cell(confusion, c, c)};
    for (size_t other = 0; other < confusion->classes; other++) {
        score.asked += cell(confusion, c, other);
        score.answered += cell(confusion, other, c);
    }
    return score;
}

static double share(uint64_t part, uint64_t whole) {
    return whole ? (double)part / (double)whole : NOT_GIVEN;
}

static double recall(struct score score) {
    return share(score.right, score.asked);
}

static double precision(struct score score) {
    return share(score.right, score.answered);
}

/* The harmonic mean of recall and precision. */
static double f1(struct score score) {
    return share(2 * score.right, score.asked + score.answered);
}

uint64_t confusion_right(const struct confusion *confusion) {
    uint64_t right = 0;
    for (size_t c = 0; c < confusion->classes; c++) right += cell(confusion, c, c);
    return right;
}

/* -- for people -- */

enum { LABEL_COLUMNS = 12 };

static size_t label_columns(const struct confusion *confusion) {
    size_t widest = 5;
    for (size_t c = 0; c < confusion->classes; c++) {
        size_t length = safe_columns(net_class_name(confusion->net, c).text);
        if (length > widest) widest = length;
    }
    return widest < LABEL_COLUMNS ? widest : LABEL_COLUMNS;
}

/* Wide enough for every count and, as far as they are short, every label. */
static size_t cell_columns(const struct confusion *confusion) {
    size_t widest = 3;
    for (size_t c = 0; c < confusion->classes; c++) {
        size_t label = safe_columns(net_class_name(confusion->net, c).text);
        if (label < 8 && label > widest) widest = label;
        for (size_t other = 0; other < confusion->classes; other++) {
            char count[24];
            size_t length =
                (size_t)snprintf(count, sizeof count, "%llu", (unsigned long long)cell(confusion, c, other));
            if (length > widest) widest = length;
        }
    }
    return widest + 2;
}

/* A row a true class, a column an answer. */
static void print_table(const struct confusion *confusion, size_t labels, size_t cells) {
    const nudge_net *net = confusion->net;
    printf("\n%*s  %s\n", (int)labels, "", text_word("answered"));
    print_cell(stdout, text_word("true"), -(int)labels);
    for (size_t c = 0; c < confusion->classes; c++) {
        fputs("  ", stdout);
        print_cell(stdout, net_class_name(net, c).text, (int)cells - 2);
    }
    putchar('\n');
    for (size_t c = 0; c < confusion->classes; c++) {
        print_cell(stdout, net_class_name(net, c).text, -(int)labels);
        for (size_t other = 0; other < confusion->classes; other++) {
            uint64_t count = cell(confusion, c, other);
            if (count)
                printf("%*llu", (int)cells, (unsigned long long)count);
            else
                printf("%*s", (int)cells, ".");
        }
        putchar('\n');
    }
}

/* Where there are too many classes for a table: the most frequent confusions. */
static void print_worst(const struct confusion *confusion) {
    enum { WORST = 10 };
    uint64_t limit = UINT64_MAX;
    size_t printed = 0;
    printf(text_word("\nmost often confused\n"));
    while (printed < WORST) {
        uint64_t next = 0;
        for (size_t i = 0; i < confusion->classes * confusion->classes; i++) {
            uint64_t count = confusion->counts[i];
            if (i / confusion->classes != i % confusion->classes && count < limit && count > next)
                next = count;
        }
        if (next == 0) return;
        for (size_t i = 0; i < confusion->classes * confusion->classes && printed < WORST; i++) {
            size_t truth = i / confusion->classes, answer = i % confusion->classes;
            if (truth == answer || confusion->counts[i] != next) continue;
            printf(text_word("  %s answered as %s: %s times\n"), net_class_name(confusion->net, truth).text,
                   net_class_name(confusion->net, answer).text, number_count(next).text);
            printed++;
        }
        limit = next;
    }
}

static void print_classes(const struct confusion *confusion, size_t labels) {
    putchar('\n');
    print_cell(stdout, text_word("class"), -(int)labels);
    print_cell(stdout, text_word("rows"), 10);
    print_cell(stdout, text_word("recall"), 11);
    print_cell(stdout, text_word("precision"), 11);
    printf("%11s\n", "F1");
    for (size_t c = 0; c < confusion->classes; c++) {
        struct score score = score_of(confusion, c);
        print_cell(stdout, net_class_name(confusion->net, c).text, -(int)labels);
        printf("%10s%11s%11s%11s\n", number_count(score.asked).text, number_percent(recall(score), 2).text,
               number_percent(precision(score), 2).text, number_percent(f1(score), 2).text);
    }
}

void confusion_print(const struct confusion *confusion) {
    size_t labels = label_columns(confusion), cells = cell_columns(confusion);
    if (labels + cells * confusion->classes <= terminal_columns(stdout))
        print_table(confusion, labels, cells);
    else
        print_worst(confusion);
    print_classes(confusion, labels);
}

/* -- for programs -- */

json_t *confusion_json(const struct confusion *confusion) {
    json_t *rows = json_array();
    for (size_t c = 0; c < confusion->classes; c++) {
        json_t *row = json_array();
        for (size_t other = 0; other < confusion->classes; other++)
            json_append(row, json_count(cell(confusion, c, other)));
        json_append(rows, row);
    }
    return rows;
}

json_t *confusion_json_classes(const struct confusion *confusion) {
    json_t *rows = json_array();
    for (size_t c = 0; c < confusion->classes; c++) {
        struct score score = score_of(confusion, c);
        json_t *row = json_object();
        json_add(row, "label", json_class(confusion->net, c));
        json_add(row, "rows", json_count(score.asked));
        json_add(row, "recall", json_figure(recall(score)));
        json_add(row, "precision", json_figure(precision(score)));
        json_add(row, "f1", json_figure(f1(score)));
        json_append(rows, row);
    }
    return rows;
}

struct metric_key metric_key(nudge_metric metric) {
    struct metric_key key;
    snprintf(key.text, sizeof key.text, "%s", nudge_metric_name(metric, NULL));
    for (char *c = key.text; *c; c++)
        if (*c == '-') *c = '_';
    return key;
}
