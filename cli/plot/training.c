/* See training.h. */
#include "cli/plot/training.h"

#include "cli/signals.h"
#include "cli/tell/files.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool name_file(char *path, size_t room, const char *folder, const char *name) {
    size_t length = strlen(folder);
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    return snprintf(path, room, "%s%s%s.svg", folder, slash, name) < (int)room;
}

/* -- which pictures suit the data -- */

struct kind {
    const char *name;
    plot_body *body;
    bool images, classes, plane;
};

static const struct kind kinds[] = {
    {"reads", plot_reads, true, true, false},
    {"mistakes", plot_mistakes, true, true, false},
    {"confusion", plot_confusion, false, true, false},
    {"weights", plot_weights, false, false, false},
    {"activations", plot_activations, false, false, false},
    {"boundary", plot_boundary, false, true, true},
};

/* -- before and meanwhile -- */

int plot_training_check(const char *folder) {
    struct stat there;
    char path[PATH_MAX];
    if (folder[0] == 0 || !name_file(path, sizeof path, folder, "activations"))
        return say_usage("--plot: expected a folder's name");
    bool is_there = stat(folder, &there) == 0;
    if (is_there && !S_ISDIR(there.st_mode))
        return say_usage("%s: is no folder, expected the name of a folder", folder);
    int status = files_write_folder(folder);
    if (status) return status;
    signals_hold(); /* a folder is made, and removed: it is made when there is something to go into it */
    if (!is_there && mkdir(folder, 0777) != 0)
        status = say_usage("%s: cannot be made: %s", folder, strerror(errno));
    if (!status && name_file(path, sizeof path, folder, "curves")) status = picture_file_check(path);
    for (size_t i = 0; !status && i < sizeof kinds / sizeof *kinds; i++)
        if (name_file(path, sizeof path, folder, kinds[i].name)) status = picture_file_check(path);
    if (!is_there) rmdir(folder);
    signals_release();
    return status;
}

void plot_training_epoch(struct plot_history *history, const nudge_progress *now) {
    struct plot_figures figures = {
        .epoch = (double)now->epoch,
        .cost = {now->train_cost, now->validation_cost, now->test_cost},
        .accuracy = {100 * now->train_accuracy, 100 * now->validation_accuracy, 100 * now->test_accuracy}};
    plot_history_add(history, &figures); /* without memory the curve is shorter */
}

static bool suits(const struct kind *kind, const nudge_data *data) {
    if (kind->images && !nudge_data_image(data, NULL, NULL)) return false;
    if (kind->classes && nudge_data_classes(data) == 0) return false;
    return !kind->plane || nudge_data_features(data) == 2;
}

/* -- all of them -- */

int plot_training(const char *folder, const struct opened *opened, const char *model,
                  struct plot_history *history, FILE *told) {
    char path[PATH_MAX];
    struct plot plot = {.options = options_none(),
                        .count = COUNT_NOT_GIVEN,
                        .layer = COUNT_NOT_GIVEN,
                        .opened = *opened,
                        .told = told};
    const char *name = model ? model : "this network";
    plot.options.file = path;
    plot.options.operands[0] = name;
    plot.options.operand_count = 2;
    plot.options.quiet = true;
    plot.part = nudge_data_rows(opened->data, NUDGE_PART_TEST) ? NUDGE_PART_TEST : NUDGE_PART_TRAIN;
    history->path = name;
    int status = EXIT_DONE;
    signals_hold();
    bool made = mkdir(folder, 0777) == 0;
    if (made)
        signals_guard(folder); /* until the first picture is in it */
    else if (errno != EEXIST)
        status = say_failure("%s: cannot be made: %s", folder, strerror(errno));
    signals_release();
    if (status) return status;
    if (history->count > 0 && name_file(path, sizeof path, folder, "curves"))
        status = plot_histories(&plot, history, 1);
    for (size_t i = 0; !status && i < sizeof kinds / sizeof *kinds; i++)
        if (suits(&kinds[i], opened->data) && name_file(path, sizeof path, folder, kinds[i].name))
            status = kinds[i].body(&plot);
    signals_hold();
    signals_forget(folder);
    if (made && status) rmdir(folder); /* one that is empty */
    signals_release();
    return status;
}
