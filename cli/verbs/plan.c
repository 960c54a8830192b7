/* See plan.h. */
#include "cli/verbs/plan.h"

#include "cli/open/from.h"
#include "cli/open/setup.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"

#include <string.h>

void plan_line(FILE *text, const char *name, const char *words) {
    print_cell(text, text_word(name), -10);
    print_wrapped(text, words, 10, 10);
}

/* "numbers: age, fare; categories: sex (2), deck (8); ignored: alive" */
static void print_columns(FILE *stream, const struct opened *opened) {
    static const struct {
        const char *name;
        nudge_column_role role;
        nudge_column_kind kind;
    } groups[] = {{"numbers", NUDGE_COLUMN_FEATURE, NUDGE_COLUMN_NUMBER},
                  {"categories", NUDGE_COLUMN_FEATURE, NUDGE_COLUMN_CATEGORY},
                  {"ignored", NUDGE_COLUMN_IGNORED, NUDGE_COLUMN_NUMBER}};
    enum { MOST_NAMES = 40 };
    char text[2048];
    size_t used = 0;
    nudge_column column = NUDGE_COLUMN;
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        size_t count = 0;
        for (size_t c = 0; nudge_net_columns(opened->net, c, &column) && used + 80 < sizeof text; c++) {
            bool ignored = groups[g].role == NUDGE_COLUMN_IGNORED;
            if (column.role != groups[g].role || (!ignored && column.kind != groups[g].kind)) continue;
            if (count++ >= MOST_NAMES) continue;
            int length =
                snprintf(text + used, sizeof text - used, "%s%s%s",
                         count > 1 ? text_word(", ")
                         : used    ? text_word("; ")
                                   : "",
                         count > 1 ? "" : text_word(groups[g].name), count > 1 ? "" : text_word(": "));
            used += (size_t)length;
            length = snprintf(text + used, sizeof text - used, "%s", safe_short(column.name, 40).text);
            used += (size_t)length;
            if (column.category_count && used + 24 < sizeof text)
                used += (size_t)snprintf(text + used, sizeof text - used, " (%zu)", column.category_count);
        }
        if (count > MOST_NAMES && used + 40 < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, text_word(" and %zu more"),
                                     count - MOST_NAMES);
    }
    if (used) plan_line(stream, "columns", text);
}

void plan_columns(FILE *text, const struct opened *opened) {
    print_columns(text, opened);
    for (size_t i = 0; nudge_data_remark(opened->data, i); i++)
        plan_line(text, "", nudge_data_remark(opened->data, i));
}

void plan_from(FILE *text, const struct opened *opened, const struct options *options) {
    char words[2048];
    if (!opened->from) return;
    from_words(opened, options, words, sizeof words);
    plan_line(text, "from", words);
}

struct plan_row plan_row(const nudge_data *data) {
    struct plan_row row;
    size_t height, width, features = nudge_data_features(data), targets = nudge_data_targets(data);
    char inputs[64];
    if (nudge_data_image(data, &height, &width))
        snprintf(inputs, sizeof inputs, text_word("%zux%zu pixels"), height, width);
    else
        snprintf(inputs, sizeof inputs, features == 1 ? text_word("%zu feature") : text_word("%zu features"),
                 features);
    bool classes = nudge_data_classes(data) > 0;
    snprintf(row.text, sizeof row.text,
             classes        ? targets == 1 ? text_word("%s, %zu class%s") : text_word("%s, %zu classes%s")
                    : targets == 1 ? text_word("%s, %zu target%s")
                            : text_word("%s, %zu targets%s"),
             inputs, targets,
             nudge_data_in_memory(data, NUDGE_PART_TRAIN) ? "" : text_word(", read from the file as needed"));
    return row;
}

void plan_data(FILE *text, const struct opened *opened) {
    const nudge_data *data = opened->data;
    size_t validation = nudge_data_rows(data, NUDGE_PART_VALIDATION),
           test = nudge_data_rows(data, NUDGE_PART_TEST);
    char name[64], more[2][72] = {"", ""}, words[448];
    data_short_name(data, name, sizeof name);
    if (validation)
        snprintf(more[0], sizeof more[0], text_word(", %s validation"), number_count(validation).text);
    if (test) snprintf(more[1], sizeof more[1], text_word(", %s test"), number_count(test).text);
    snprintf(words, sizeof words, text_word("%s: %s training%s%s rows of %s"), name,
             number_count(nudge_data_rows(data, NUDGE_PART_TRAIN)).text, more[0], more[1],
             plan_row(data).text);
    plan_line(text, "data", words);
}

/* "inputs standard (4), as they are (3), constant (1); target standard": how columns reach the network. */
static void plan_scaling(FILE *text, const struct opened *opened) {
    enum { KINDS = NUDGE_SCALE_PIXEL + 2, CONSTANT = KINDS - 1 };
    size_t counts[KINDS] = {0}, inputs = nudge_net_inputs(opened->net), kinds = 0;
    nudge_transform t = NUDGE_TRANSFORM;
    char words[256];
    format_text(words, sizeof words, "%s", text_word("inputs"));
    if (data_is_builtin(opened->data)) return;
    for (size_t i = 0; nudge_net_input_transform(opened->net, i, &t); i++)
        counts[t.factor == 0 ? CONSTANT : t.scale]++;
    for (size_t k = 0; k < KINDS; k++) {
        size_t used = strlen(words);
        const char *name = k == CONSTANT            ? text_word("constant in all training rows")
                           : k == NUDGE_SCALE_NONE  ? text_word("as they are")
                           : k == NUDGE_SCALE_PIXEL ? "x / 255"
                                                    : nudge_scale_name((nudge_scale)k);
        if (counts[k] == 0) continue;
        snprintf(words + used, sizeof words - used, counts[k] < inputs ? "%s %s (%zu)" : "%s %s",
                 kinds++ ? text_word(",") : "", name, counts[k]);
    }
    if (nudge_net_target_transform(opened->net, 0, &t))
        snprintf(words + strlen(words), sizeof words - strlen(words),
                 nudge_net_outputs(opened->net) == 1 ? text_word("; target %s") : text_word("; targets %s"),
                 nudge_scale_name(t.scale));
    if (kinds) plan_line(text, "scaling", words);
}

void plan_training(FILE *text, const struct opened *opened, const nudge_train_options *training, bool chosen,
                   bool verbose) {
    const nudge_net *net = opened->net;
    const nudge_context *context = opened->context;
    char summary[320], words[512];
    unsigned threads = nudge_context_threads(context);
    plan_scaling(text, opened);
    fprintf(text, text_word("network   %zu -> "), nudge_net_inputs(net));
    print_wrapped(text, nudge_net_text(net), 18, 10);
    snprintf(words, sizeof words, text_word("%s of %s parameters"),
             nudge_cost_name(nudge_net_cost(net, NULL)), number_count(nudge_net_parameters(net)).text);
    plan_line(text, "cost", words);
    snprintf(words, sizeof words,
             training->epochs == 1 ? text_word("%s, %s%zu epoch, seed %llu")
                                   : text_word("%s, %s%zu epochs, seed %llu"),
             setup_summary(training, true, summary, sizeof summary),
             training->patience ? text_word("at most ") : "", training->epochs,
             (unsigned long long)training->seed);
    plan_line(text, "training", words);
    if (training->patience && chosen)
        plan_line(text, "",
                  text_word("stops when the validation rows are answered no better for so many epochs, and "
                            "keeps the best "
                            "(--epochs N: trains so long, on all rows)"));
    const char *kernel = nudge_context_bf16_kernel(context);
    snprintf(words, sizeof words,
             threads == 1 ? text_word("%s, %s%s%s, level %s, up to %u thread")
                          : text_word("%s, %s%s%s, level %s, up to %u threads"),
             nudge_context_engine(context), nudge_context_precision(context), kernel ? text_word(" by ") : "",
             kernel ? kernel : "", nudge_context_cpu_level(context), threads);
    if (verbose) plan_line(text, "engine", words);
}
