/* nudge surface: the numbers and the picture that are written. */
#include "cli/surface/surface.h"
#include "cli/tell/files.h"
#include "cli/tell/numbers.h"
#include "cli/tell/output.h"
#include "cli/tell/safe.h"

#include <stdlib.h>
#include <string.h>

PICTURE_DRAWING(surface)

/* -- numbers -- */

static bool ends_in(const char *path, const char *ending) {
    size_t length = strlen(path), own = strlen(ending);
    return length > own && strcmp(path + length - own, ending) == 0;
}

int surface_check_data_file(const char *path) {
    if (!ends_in(path, ".csv") && !ends_in(path, ".npy"))
        return say_usage("%s: --data writes files that end in .csv or .npy", path);
    return files_write(path);
}

static void place_of(const struct surface *surface, size_t i, double *x, double *y) {
    double last = (double)(surface->side - 1);
    *x = surface->x_low + (surface->x_high - surface->x_low) * (double)(i % surface->side) / last;
    *y = surface->y_low + (surface->y_high - surface->y_low) * (double)(i / surface->side) / last;
}

/* A file's name as a field: without what a field may not have. */
static void write_name(const char *name, FILE *stream) {
    for (const char *c = name; *c; c++)
        putc(strchr(",\"", *c) || (unsigned char)*c < 0x20 ? '_' : *c, stream);
}

/* One row a point: of the surface, then of each path. */
static void write_csv(const struct surface *surface, FILE *stream) {
    fputs("what,step,x,y,cost\n", stream);
    for (size_t i = 0; i < surface->side * surface->side; i++) {
        double x, y;
        place_of(surface, i, &x, &y);
        fprintf(stream, "surface,,%.9g,%.9g,%.9g\n", x, y, surface->costs[i]);
    }
    for (size_t w = 0; w < surface->walker_count; w++) {
        const struct walker *walker = &surface->walkers[w];
        for (size_t s = 0; s < walker->count; s++) {
            write_name(walker->name, stream);
            fprintf(stream, ",%.0f,%.9g,%.9g,%.9g\n", walker->steps[s], walker->x[s], walker->y[s],
                    walker->costs[s]);
        }
    }
}

/* NumPy's format 1.0: the shape as text, padded so that the numbers begin at a multiple of 64; little-endian f64. */
static void write_npy(const struct surface *surface, FILE *stream) {
    char header[128];
    int length =
        snprintf(header, sizeof header, "{'descr': '<f8', 'fortran_order': False, 'shape': (%zu, %zu), }",
                 surface->side, surface->side);
    size_t padded = ((size_t)length + 1 + 10 + 63) / 64 * 64 - 10;
    unsigned char start[] = {
        0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)padded, (unsigned char)(padded >> 8)};
    fwrite(start, 1, sizeof start, stream);
    fprintf(stream, "%-*s\n", (int)padded - 1, header);
    for (size_t i = 0; i < surface->side * surface->side; i++) {
        uint64_t bits;
        memcpy(&bits, &surface->costs[i], sizeof bits);
        for (int shift = 0; shift < 64; shift += 8) putc((int)(bits >> shift & 255), stream);
    }
}

int surface_write_data(const struct surface *surface) {
    struct output output;
    int status = output_open(&output, surface->data_file);
    if (status) return status;
    if (ends_in(surface->data_file, ".npy"))
        write_npy(surface, output.stream);
    else
        write_csv(surface, output.stream);
    status = output_commit(&output);
    if (!status) printf("saved     %s\n", safe(surface->data_file).text);
    return status;
}

/* -- the picture -- */

int surface_draw(const struct surface *surface) {
    static const unsigned series[] = {7, 1, 3, 5};
    struct draw_path paths[WALKERS];
    struct draw_curve by_step[WALKERS], by_time[WALKERS];
    char title[400], subtitle[400], names[WALKERS][256], name[64];
    for (size_t w = 0; w < surface->walker_count; w++) {
        const struct walker *walker = &surface->walkers[w];
        double each = 1000 * walker->seconds[walker->count - 1] / (walker->step ? (double)walker->step : 1);
        if (surface->journal_count)
            format_text(names[w], sizeof *names, "%s: %s steps", safe_short(walker->said, 40).text,
                        number_count(walker->step).text);
        else
            format_text(names[w], sizeof *names, "%s: %s steps of %.3g ms", walker->said,
                        number_count(walker->step).text, each);
        paths[w] = (struct draw_path){names[w], series[w], walker->x, walker->y, walker->count};
        by_step[w] = (struct draw_curve){walker->name,  walker->steps, walker->costs,
                                         walker->count, series[w],     DRAW_SOLID};
        by_time[w] = (struct draw_curve){walker->name,  walker->seconds, walker->costs,
                                         walker->count, series[w],       DRAW_SOLID};
    }
    struct draw_chart charts[] = {
        {.title = "cost by step",
         .x_label = "step (logarithmic)",
         .y_label = "cost C",
         .x_log = true,
         .curves = by_step,
         .count = surface->walker_count},
        {.title = "cost by time",
         .x_label = "seconds of training (logarithmic)",
         .y_label = "cost C",
         .x_log = true,
         .curves = by_time,
         .count = surface->walker_count},
    };
    data_short_name(surface->opened.data, name, sizeof name);
    format_text(title, sizeof title, "The cost surface of %s, %zu → %s", name,
                nudge_net_inputs(surface->opened.net),
                safe_short(nudge_net_text(surface->opened.net), 60).text);
    format_text(subtitle, sizeof subtitle, "C over %s rows; plane: %s", number_count(surface->rows).text,
                surface->plane_said);
    struct draw_surface picture = {.title = title,
                                   .subtitle = subtitle,
                                   .x_label = surface->x_label,
                                   .y_label = surface->y_label,
                                   .columns = surface->side,
                                   .lines = surface->side,
                                   .costs = surface->costs,
                                   .x_low = surface->x_low,
                                   .x_high = surface->x_high,
                                   .y_low = surface->y_low,
                                   .y_high = surface->y_high,
                                   .paths = paths,
                                   .path_count = surface->walker_count,
                                   .charts = charts,
                                   .chart_count =
                                       surface->journal_count ? 1 : 2}; /* journals have no clock */
    int status = picture_file_write(surface->options.file, surface->theme, surface_picture, &picture);
    if (!status) printf("saved     %s\n", safe(surface->options.file).text);
    return status;
}
