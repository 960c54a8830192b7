/* nudge surface --journal: walkers that walked before, as their journals tell. */
#include "cli/plot/plot.h"
#include "cli/surface/surface.h"
#include "cli/tell/files.h"
#include "cli/tell/numbers.h"
#include "cli/tell/words.h"

#include <math.h>
#include <nudge_insight.h>
#include <stdlib.h>
#include <string.h>

/* -- what was asked for -- */

static int check_journals(const struct surface *surface) {
    const struct options *options = &surface->options;
    const char *other = surface->walker_text ? "--walkers"
                        : options->net || options->hidden || options->activation || options->output
                            ? "--hidden or --net"
                        : options->init_given                    ? "--init"
                        : options->epochs != COUNT_NOT_GIVEN     ? "--epochs"
                        : options->batch_size != COUNT_NOT_GIVEN ? "--batch-size"
                        : !isnan(options->learning_rate)         ? "--lr"
                                                                 : NULL;
    return other ? say_usage("--journal and %s contradict each other: a journal's training has been made",
                             other)
                 : EXIT_DONE;
}

static int check_alike(const struct surface *surface, const nudge_net *net, const char *path) {
    const nudge_net *first = surface->opened.net;
    if (nudge_net_inputs(net) == nudge_net_inputs(first) &&
        strcmp(nudge_net_text(net), nudge_net_text(first)) == 0)
        return EXIT_DONE;
    return say_usage("%s: its network is %zu -> %s, expected %zu -> %s as in %s", path, nudge_net_inputs(net),
                     safe_short(nudge_net_text(net), 80).text, nudge_net_inputs(first),
                     safe_short(nudge_net_text(first), 80).text, surface->journals[0]);
}

/* -- a walk -- */

/* Snapshots ever further apart, as the first steps are the largest, and the last one. */
static int take_snapshots(struct surface *surface, struct walker *walker, const nudge_journal *journal) {
    nudge_journal_summary summary = NUDGE_JOURNAL_SUMMARY;
    nudge_error error;
    double next = 0;
    if (nudge_journal_describe(journal, &summary, &error)) return say_error(&error, SAY_READING);
    double growth = surface_growth(summary.snapshots);
    for (size_t i = 0; i < summary.snapshots; i++) {
        size_t step;
        if ((double)i < next && i + 1 < summary.snapshots) continue;
        float *snapshot = malloc(surface->parameters * sizeof *snapshot);
        if (!snapshot) return say_failure("not enough memory: for the path of %s", walker->name);
        walker->snapshots[walker->count] = snapshot;
        if (nudge_journal_snapshot(journal, i, &step, snapshot, surface->parameters, &error))
            return free(snapshot), say_error(&error, SAY_READING);
        walker->steps[walker->count++] = (double)step;
        next = fmax((double)(i + 1), floor((double)i * growth));
    }
    walker->step = summary.steps;
    printf(text_word("%-9s %s steps, %zu of %zu snapshots\n"), walker->name, number_count(summary.steps).text,
           walker->count, summary.snapshots);
    return EXIT_DONE;
}

static int take_walker(struct surface *surface, size_t i) {
    nudge_journal *journal = NULL;
    nudge_error error;
    struct walker *walker = &surface->walkers[i];
    int status = files_read(surface->journals[i]);
    if (status) return status;
    if (nudge_journal_load(surface->opened.context, surface->journals[i], &journal, &error))
        return say_error(&error, SAY_READING);
    *walker = (struct walker){.shown = plot_file_name(surface->journals[i])};
    walker->name = walker->called = walker->said = walker->shown.text;
    surface->walker_count = i + 1;
    status = check_alike(surface, nudge_journal_net(journal), surface->journals[i]);
    if (!status) status = take_snapshots(surface, walker, journal);
    nudge_journal_free(journal);
    return status;
}

/* -- all of them -- */

int surface_open_journals(struct surface *surface) {
    nudge_error error;
    nudge_train_options *training = &surface->training;
    int status = check_journals(surface);
    if (status) return status;
    const char *path = surface->journals[0];
    if (!nudge_journal_is(surface->opened.context, path)) {
        nudge_journal *none = NULL; /* says what it is instead */
        return nudge_journal_load(surface->opened.context, path, &none, &error)
                   ? say_error(&error, SAY_READING)
                   : say_usage("%s: is no journal", path);
    }
    status = open_net(&surface->opened, path);
    if (status) return status;
    *training = (nudge_train_options)NUDGE_TRAIN_OPTIONS;
    if (nudge_journal_training(surface->opened.journal, training, &error))
        return say_error(&error, SAY_READING);
    status = open_cost(&surface->opened, &surface->options);
    if (status) return status;
    size_t inputs = nudge_net_inputs(surface->opened.net),
           features = nudge_data_features(surface->opened.data);
    if (inputs != features)
        return say_usage("the network of %s has %zu inputs, but the rows of %s have %zu features", path,
                         inputs, nudge_data_name(surface->opened.data), features);
    return EXIT_DONE;
}

int surface_take_journals(struct surface *surface) {
    int status = EXIT_DONE;
    for (size_t i = 0; !status && i < surface->journal_count; i++) status = take_walker(surface, i);
    return status;
}
