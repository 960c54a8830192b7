/* nudge surface: what its parts share. surface.c has the verb and the walks, surface_plane.c the plane and
 * the surface, surface_journal.c walks that were made before, surface_write.c what is written. */
#ifndef NUDGE_CLI_SURFACE_SURFACE_H
#define NUDGE_CLI_SURFACE_SURFACE_H

#include "cli/open/open.h"
#include "cli/plot/picture_file.h"
#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"

#include <nudge_insight.h>

enum { SNAPSHOTS = 100, WALKERS = 4 };

/* One walker and the points that it came by, the start first, the end last. */
struct walker {
    size_t kind;
    const char *name, *called; /* as --walkers has it, or the journal's file; in texts */
    const char *said;          /* in pictures, English */
    bool careful;
    struct safe_text shown;   /* where that file's name stands */
    size_t count, step, next; /* snapshots so far; steps made; the next snapshot's */
    double growth;
    float *snapshots[SNAPSHOTS + 2]; /* [parameters] each */
    double steps[SNAPSHOTS + 2], costs[SNAPSHOTS + 2];
    double x[SNAPSHOTS + 2], y[SNAPSHOTS + 2]; /* in the plane */
    double *epochs;                            /* seconds of each */
    size_t epoch_count;
    double
        each; /* seconds a step usually takes: of the median epoch, as some are interrupted by other programs */
    size_t batch_size;
    const nudge_net *net; /* while it walks */
    bool short_of_memory;
};

struct surface {
    struct options options;
    /* asked for */
    const char *walker_text, *plane_text, *data_file;
    const char *journals[WALKERS]; /* --journal: who walked before, instead of walkers */
    size_t journal_count;
    size_t side, rows;
    enum draw_theme theme;
    /* made */
    struct opened opened; /* the net is the start */
    nudge_train_options training;
    struct walker walkers[WALKERS];
    size_t walker_count, parameters;
    nudge_parameter chosen[2]; /* --plane: two of them, and their places in the vector of all */
    size_t places[2];
    float *origin, *across, *up;
    char x_label[112], y_label[112], plane_said[192], plane_drawn[192]; /* printed, and in the picture */
    double x_low, x_high, y_low, y_high;
    double *costs; /* [side][side] */
    nudge_surface_result result;
    double seconds; /* that the surface took */
};

/* By which factor the steps of a path's snapshots lie apart, so that SNAPSHOTS of them suffice for so many steps. */
double surface_growth(size_t steps);

/* --journal: the network and cost are those of the first journal; then every walker's path. */
int surface_open_journals(struct surface *surface);
int surface_take_journals(struct surface *surface);

/* From the walks to the plane, the points' places in it, and the surface. Tell what is wrong; return the exit
 * status. */
int surface_check_plane(struct surface *surface); /* before the walks: what --plane says */
int surface_plane(struct surface *surface);
int surface_compute(struct surface *surface);
/* --data FILE: .csv has everything, .npy the grid. */
int surface_check_data_file(const char *path);
int surface_write_data(const struct surface *surface);
int surface_draw(const struct surface *surface);
/* When walker w came as low as the careful one's end: after so many steps, so many times sooner (below 1: later). False:
 * it never did, or nobody is careful or both are the same. */
struct sooner {
    double steps, times;
};
bool surface_sooner(const struct surface *surface, size_t w, struct sooner *sooner);
struct number_text
surface_times(const struct sooner *sooner); /* by which factor, either way: "1.4", "1,640" */

#endif
