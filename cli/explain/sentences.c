/* nudge explain: two or three sentences before all tables: what was read and whether it is right, what the answer rests on,
 * and the smallest change that would make it another, which is measured. */
#include "cli/explain/explain.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"
#include "cli/tell/terminal.h"
#include "cli/tell/words.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED = 3, ROOM = 1024 };

/* A sentence as it grows, of clauses that stand in this order in every language. */
struct sentence {
    char text[ROOM];
    size_t used;
};

static void add(struct sentence *sentence, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct sentence *sentence, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    format_text_list(sentence->text + sentence->used, ROOM - sentence->used, text_word(format), arguments);
    va_end(arguments);
    sentence->used += strlen(sentence->text + sentence->used);
}

static void print(const struct sentence *sentence) {
    print_wrapped(stdout, sentence->text, 0, 0);
}

static bool is_read(const struct explain *explain) {
    return nudge_data_image(explain->opened.data, NULL, NULL);
}

static struct label class_name(const struct explain *explain, size_t class_index) {
    return net_class_name(explain->opened.net, class_index);
}

/* -- what was read -- */

static void add_row(const struct explain *explain, struct sentence *sentence) {
    char part[32];
    format_text(part, sizeof part, "%s", text_word(part_name(explain->part)));
    if (islower((unsigned char)part[0])) part[0] = (char)toupper((unsigned char)part[0]);
    add(sentence, "%s row %zu", part, explain->index);
}

/* How strong the answer is, and what it is held against. */
static void add_outputs(const struct explain *explain, struct sentence *sentence, bool right) {
    const double *a = explain->layers[explain->last].a;
    size_t shown = explain->shown, against = explain->against;
    bool shares = net_shares_one(explain->opened.net);
    if (against == COUNT_NOT_GIVEN) {
        double share = explain->answer_class || !shares ? a[0] : 1 - a[0];
        add(sentence, shares ? "%s sure" : "its output is %s", explain_output_text(explain, share).text);
        return;
    }
    struct number_text of_shown = explain_output_text(explain, a[shown]),
                       of_against = explain_output_text(explain, a[against]);
    struct label other = class_name(explain, against);
    if (shares)
        add(sentence, "%s sure", of_shown.text);
    else
        add(sentence, "output %s is %s", class_name(explain, shown).text, of_shown.text);
    if (right)
        add(sentence, shares ? "; next comes %s with %s" : "; next comes output %s with %s", other.text,
            of_against.text);
    else if (shares)
        add(sentence, ", and %s for %s", of_against.text, other.text);
    else
        add(sentence, ", output %s is %s", other.text, of_against.text);
}

static void add_class(const struct explain *explain, struct sentence *sentence) {
    bool right = explain->label == (int32_t)explain->answer_class;
    add(sentence, is_read(explain) ? " is %s; the network reads %s, " : " is %s; the network answers %s, ",
        class_name(explain, (size_t)explain->label).text, class_name(explain, explain->answer_class).text);
    add(sentence, right ? "which is right: " : "which is wrong: ");
    add_outputs(explain, sentence, right);
    add(sentence, ".");
}

static void add_numbers(const struct explain *explain, struct sentence *sentence) {
    const struct explain_layer *last = &explain->layers[explain->last];
    for (size_t j = 0; j < last->neurons && j < NAMED; j++) {
        double answer = explain_in_units(explain, j, last->a[j]),
               target = explain_in_units(explain, j, explain->targets[j]);
        struct explain_name name = explain_target_name(explain, j);
        add(sentence, j ? ";" : ":");
        if (name.text[0]) add(sentence, " %s", name.text);
        add(sentence,
            answer > target ? " answered %s, right is %s: %s too high"
                            : " answered %s, right is %s: %s too low",
            number_short(answer, 4).text, number_short(target, 4).text,
            number_short(fabs(answer - target), 4).text);
    }
    if (last->neurons > NAMED) add(sentence, "; and %zu more", last->neurons - NAMED);
    add(sentence, ".");
}

static struct sentence head(const struct explain *explain) {
    struct sentence sentence = {.used = 0};
    add_row(explain, &sentence);
    if (explain->label >= 0)
        add_class(explain, &sentence);
    else
        add_numbers(explain, &sentence);
    return sentence;
}

void explain_print_head(const struct explain *explain) {
    struct sentence sentence = head(explain);
    print(&sentence);
}

/* -- what it rests on -- */

static const char *between(size_t i, size_t count) {
    return i == 0 ? " " : i + 1 < count ? ", " : " and ";
}

static void add_inputs(const struct explain *explain, struct sentence *sentence, const size_t *chosen,
                       size_t count) {
    nudge_column column = NUDGE_COLUMN;
    if (!nudge_net_columns(explain->opened.net, 0, &column)) add(sentence, count == 1 ? " input" : " inputs");
    for (size_t i = 0; i < count; i++)
        add(sentence, "%s%s", text_word(between(i, count)), explain_neuron(explain, 0, chosen[i]).text);
}

/* Where the last layer is linear the parts are of the answer itself, in its units. */
static void add_parts(const struct explain *explain, struct sentence *sentence, const size_t *chosen,
                      size_t count) {
    nudge_transform t = NUDGE_TRANSFORM;
    if (strcmp(explain->layers[explain->last].activation, "identity") == 0)
        nudge_net_target_transform(explain->opened.net, explain->shown, &t);
    nudge_column column = NUDGE_COLUMN;
    if (!nudge_net_columns(explain->opened.net, 0, &column)) add(sentence, count == 1 ? " input" : " inputs");
    for (size_t i = 0; i < count; i++) {
        double part = explain->shares[chosen[i]] / (double)t.factor;
        add(sentence, "%s%s (%s%s)", text_word(between(i, count)), explain_neuron(explain, 0, chosen[i]).text,
            part > 0 ? "+" : "", number_short(part, 3).text);
    }
}

static struct sentence reason(const struct explain *explain) {
    struct sentence sentence = {.used = 0};
    size_t chosen[NAMED], inputs = explain->layers[0].neurons;
    if (explain->label < 0) {
        size_t count = explain_largest(explain->shares, inputs, NAMED < inputs ? NAMED : inputs, chosen);
        bool several = explain->layers[explain->last].neurons > 1;
        struct explain_name name = explain_target_name(explain, explain->shown);
        if (several)
            add(&sentence, "The answer of %s rests most on", name.text);
        else
            add(&sentence, "The answer rests most on");
        add_parts(explain, &sentence, chosen, count);
        add(&sentence, ".");
        return sentence;
    }
    size_t count = explain_choose_rows(explain->shares, inputs, 1, NAMED, chosen);
    bool several = explain->against != COUNT_NOT_GIVEN || explain->layers[explain->last].neurons > 1;
    struct label answer = class_name(explain, several ? explain->shown : explain->answer_class);
    if (count == 0)
        add(&sentence, "No input argues for %s: the answer comes from the biases", answer.text);
    else if (explain->against == COUNT_NOT_GIVEN)
        add(&sentence, "What argues most for %s:", answer.text);
    else
        add(&sentence, "What argues most for %s rather than %s:", answer.text,
            class_name(explain, explain->against).text);
    if (count) add_inputs(explain, &sentence, chosen, count);
    add(&sentence, ".");
    return sentence;
}

/* -- what would change it -- */

/* How --erase knows an input: by its column's name, else by its number. */
static struct explain_name word_for(const struct explain *explain, size_t input) {
    struct explain_name word;
    nudge_column column = NUDGE_COLUMN;
    format_text(word.text, sizeof word.text, "%zu", input);
    for (size_t c = 0; nudge_net_columns(explain->opened.net, c, &column); c++)
        if (column.role == NUDGE_COLUMN_FEATURE && input >= column.first &&
            input - column.first < column.inputs)
            format_text(word.text, sizeof word.text, "%s", safe_short(column.name, 40).text);
    return word;
}

static void add_erased(const struct explain *explain, struct sentence *sentence,
                       const struct explain_flip *flip) {
    enum { WRITTEN = 8 };
    struct label answer = class_name(explain, explain->answer_class);
    bool right = explain->label == (int32_t)explain->answer_class;
    if (!flip->found) {
        add(sentence, "Erasing the %zu inputs that argue most for %s", flip->count, answer.text);
        if (right)
            add(sentence, " leaves the answer as it is.");
        else
            add(sentence, " does not make it %s.", class_name(explain, (size_t)explain->label).text);
        return;
    }
    if (flip->count <= NAMED)
        add(sentence, flip->count == 1   ? "Without the first of them"
                      : flip->count == 2 ? "Without the first two of them"
                                         : "Without these three");
    else
        add(sentence, "Without the %zu inputs that argue most for %s", flip->count, answer.text);
    add(sentence, is_read(explain) ? " the network reads %s (" : " the network answers %s (",
        class_name(explain, flip->answer).text);
    add(sentence, net_shares_one(explain->opened.net) ? "%s sure" : "output %s",
        explain_output_text(explain, flip->output).text);
    for (size_t i = 0; flip->count <= WRITTEN && i < flip->count; i++) {
        if (i == 0) add(sentence, "; --erase ");
        add(sentence, "%s%s", i ? "," : "",
            word_for(explain, flip->erased[i]).text); /* to be typed as it is */
    }
    add(sentence, ").");
}

/* "age = 40 instead of 62" */
static void add_set(const struct explain *explain, struct sentence *sentence, const struct explain_set *set) {
    float before = explain->features[set->input];
    nudge_column column = NUDGE_COLUMN;
    struct explain_name name = explain_neuron(explain, 0, set->input);
    for (size_t c = 0; nudge_net_columns(explain->opened.net, c, &column); c++)
        if (column.role == NUDGE_COLUMN_FEATURE && column.kind == NUDGE_COLUMN_CATEGORY &&
            set->input - column.first < column.inputs && set->input >= column.first) {
            size_t had = 0;
            while (had < column.inputs && !(explain->features[column.first + had] > 0)) had++;
            add(sentence, "%s", name.text);
            if (had < column.category_count)
                add(sentence, " instead of %s", safe_short(column.categories[had], 40).text);
            return;
        }
    bool named = nudge_net_columns(explain->opened.net, 0, &column);
    add(sentence, named ? "%s = %s" : "input %s = %s", name.text,
        number_short(explain_shown(explain, set->value), 6).text);
    add(sentence, " instead of %s",
        isnan(before) ? text_word("missing") : number_short(explain_shown(explain, before), 6).text);
}

static void add_sets(const struct explain *explain, struct sentence *sentence,
                     const struct explain_flip *flip) {
    add(sentence, "With");
    for (size_t i = 0; i < flip->set_count; i++) {
        add(sentence, "%s", text_word(between(i, flip->set_count)));
        add_set(explain, sentence, &flip->sets[i]);
    }
}

static void add_move(const struct explain *explain, struct sentence *sentence,
                     const struct explain_flip *flip) {
    bool right = explain->label == (int32_t)explain->answer_class;
    if (!flip->found) {
        add(sentence,
            "Neither a column alone, moved within what training saw, nor the three that do most, by "
            "a deviation each,");
        if (right)
            add(sentence, " changes the answer.");
        else
            add(sentence, " makes it %s.", class_name(explain, (size_t)explain->label).text);
        return;
    }
    add_sets(explain, sentence, flip);
    add(sentence, " it answers %s", class_name(explain, flip->answer).text);
    double share = explain->others->count == 1 && !flip->answer && net_shares_one(explain->opened.net)
                       ? 1 - flip->output
                       : flip->output;
    add(sentence, net_shares_one(explain->opened.net) ? " (%s sure)." : " (output %s).",
        explain_output_text(explain, share).text);
}

static void add_nearest(const struct explain *explain, struct sentence *sentence,
                        const struct explain_flip *flip) {
    if (!flip->found) {
        add(sentence, "No column alone, moved by one deviation, brings it nearer to what is right.");
        return;
    }
    add_sets(explain, sentence, flip);
    add(sentence, " it answers %s: of all columns moved by one deviation the nearest to what is right.",
        number_short(flip->output, 4).text);
}

static struct sentence remedy(const struct explain *explain, const struct explain_flip *flip) {
    struct sentence sentence = {.used = 0};
    if (explain->label >= 0 && flip->erases)
        add_erased(explain, &sentence, flip);
    else if (explain->label >= 0)
        add_move(explain, &sentence, flip);
    else if (!flip->erases)
        add_nearest(explain, &sentence, flip);
    return sentence;
}

int explain_print_sentences(const struct explain *explain) {
    struct explain_flip flip;
    int status = explain_find_flip(explain, &flip);
    if (status) return status;
    struct sentence why = reason(explain), how = remedy(explain, &flip);
    explain_print_head(explain);
    print(&why);
    if (how.text[0]) print(&how);
    return EXIT_DONE;
}
