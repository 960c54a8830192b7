/* nudge plot: what its kinds have in common. A kind is one verb, "plot NAME", in a file of its own. */
#ifndef NUDGE_CLI_PLOT_PLOT_H
#define NUDGE_CLI_PLOT_PLOT_H

#include "cli/open/open.h"
#include "cli/plot/picture_file.h"
#include "cli/tell/safe.h"

struct plot {
    struct options options;
    enum draw_theme theme;
    bool text;                  /* --text: into the terminal; kinds that cannot refuse it */
    size_t index, count, layer; /* COUNT_NOT_GIVEN: not said */
    bool index_given;
    const char *show; /* plot network: what the edges are */
    struct opened opened;
    nudge_part part;
    FILE *told; /* where it is said what was written; NULL: nowhere */
};

/* The bodies of the kinds, for who has opened everything already: operands[0] names the model, the last one
 * the data. */
int plot_reads(struct plot *plot);
int plot_mistakes(struct plot *plot);
int plot_confusion(struct plot *plot);
int plot_weights(struct plot *plot);
int plot_activations(struct plot *plot);
int plot_boundary(struct plot *plot);

/* One training's figures, epoch by epoch. Start it with {.path = NAME}. */
enum plot_part { PLOT_TRAIN, PLOT_VALIDATION, PLOT_TEST, PLOT_PARTS };
struct plot_figures {
    double epoch, cost[PLOT_PARTS], accuracy[PLOT_PARTS]; /* NaN: none; accuracy in per cent */
};
struct plot_history {
    const char *path;
    size_t count, room;
    double *epochs, *cost[PLOT_PARTS], *accuracy[PLOT_PARTS];
};
bool plot_history_add(struct plot_history *run, const struct plot_figures *figures); /* false: no memory */
void plot_history_free(struct plot_history *run);
/* Up to DRAW_SERIES trainings on one picture. */
int plot_histories(struct plot *plot, struct plot_history *runs, size_t count);

/* The RUNs are journals: the mini-batches' cost, and gradients, step by step. */
int plot_journals(struct plot *plot);
/* One curve in the terminal; `unit` is what x counts. */
void plot_curve_text(const char *name, const char *unit, const double *x, const double *values,
                     size_t points);

/* What a kind opens before its body runs. */
enum plot_needs { PLOT_FILES, PLOT_MODEL, PLOT_MODEL_AND_DATA, PLOT_MODEL_MAYBE_DATA, PLOT_MODELS_AND_DATA };
typedef int plot_body(struct plot *plot);
int plot_run(const struct verb *verb, enum plot_needs needs, bool can_text, int argc, char **argv,
             plot_body *body);

/* Children: -o, --theme, --text; --index and --count; --layer. */
extern const struct argp options_plot, options_plot_text, options_plot_rows, options_plot_layer;

/* Writes the picture and says where. */
int plot_write(const struct plot *plot, draw_picture *draw, const void *picture);

/* "digits.nudge": without folders. */
struct safe_text plot_file_name(const char *path); /* without folders, short */
/* The classes' names, to be freed with one free(); NULL: no memory. */
const char **plot_class_names(const nudge_net *net, size_t classes);
/* Rows of a part whose features are an image; tells when they are not. */
int plot_check_image(const struct plot *plot, size_t *height, size_t *width);

#endif
