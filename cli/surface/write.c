/* nudge surface: the numbers and the picture that are written. */
#include "cli/surface/surface.h"
#include "cli/tell/files.h"
#include "cli/tell/numbers.h"
#include "cli/tell/output.h"
#include "cli/tell/safe.h"
#include "cli/tell/words.h"

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

/* A file's name as a field: without what a field may not have. */
static void write_name(const char *name, FILE *stream) {
    for (const char *c = name; *c; c++)
        putc(strchr(",\"", *c) || (unsigned char)*c < 0x20 ? '_' : *c, stream);
}

/* One row a point: of the surface, then of each path. */
static void write_csv(const struct surface *surface, FILE *stream) {
    double last = (double)(surface->side - 1);
    fputs("what,step,x,y,cost\n", stream);
    for (size_t i = 0; i < surface->side * surface->side; i++) {
        double x = surface->x_low + (surface->x_high - surface->x_low) * (double)(i % surface->side) / last,
               y = surface->y_low + (surface->y_high - surface->y_low) * (double)(i / surface->side) / last;
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
    if (!status) printf(text_word("saved     %s\n"), safe(surface->data_file).text);
    return status;
}

/* -- the picture -- */

static const unsigned series[WALKERS] = {7, 1, 3, 5}; /* their colours */

/* A curve a walker, over its steps or over time. */
static void take_curves(const struct surface *surface, struct draw_curve *curves,
                        double (*times)[SNAPSHOTS + 2]) {
    for (size_t w = 0; w < surface->walker_count; w++) {
        const struct walker *walker = &surface->walkers[w];
        curves[w] = (struct draw_curve){surface->journal_count ? walker->said : word(walker->said),
                                        walker->steps,
                                        walker->costs,
                                        walker->count,
                                        series[w],
                                        DRAW_SOLID};
        if (!times) continue;
        for (size_t s = 0; s < walker->count; s++) times[w][s] = walker->steps[s] * walker->each;
        curves[w].x = times[w];
    }
}

/* Who first comes as low as the careful one's end, and how much sooner; "": nobody. */
static void say_sooner(const struct surface *surface, char *text, size_t room) {
    struct sooner sooner;
    text[0] = 0;
    for (size_t w = 0; w < surface->walker_count && !text[0]; w++)
        if (surface_sooner(surface, w, &sooner))
            format_text(text, room,
                        sooner.times >= 1 ? word("%s: reached the careful one's final cost %s times sooner")
                                          : word("%s: reached the careful one's final cost %s times later"),
                        word(surface->walkers[w].called), surface_times(&sooner).text);
}

static void name_paths(const struct surface *surface, struct draw_path *paths, char (*names)[256]) {
    for (size_t w = 0; w < surface->walker_count; w++) {
        const struct walker *walker = &surface->walkers[w];
        if (surface->journal_count)
            format_text(names[w], sizeof *names, word("%s: %s steps"), safe_short(walker->said, 40).text,
                        number_count(walker->step).text);
        else
            format_text(names[w], sizeof *names, word("%s: %s steps of %s ms"), word(walker->said),
                        number_count(walker->step).text, number_short(1000 * walker->each, 3).text);
        paths[w] = (struct draw_path){names[w], series[w], walker->x, walker->y, walker->count};
    }
}

int surface_draw(const struct surface *surface) {
    struct draw_path paths[WALKERS];
    struct draw_curve by_step[WALKERS], by_time[WALKERS];
    double times[WALKERS][SNAPSHOTS + 2];
    char title[400], subtitle[400], names[WALKERS][256], name[64], sooner[160];
    name_paths(surface, paths, names);
    take_curves(surface, by_step, NULL);
    take_curves(surface, by_time, times);
    say_sooner(surface, sooner, sizeof sooner);
    struct draw_chart charts[] = {
        {.title = word("cost by step"),
         .x_label = word("step (logarithmic)"),
         .y_label = word("cost C"),
         .x_log = true,
         .curves = by_step,
         .count = surface->walker_count},
        {.title = word("cost by time"),
         .x_label = word("seconds, at each walker's usual speed (logarithmic)"),
         .y_label = word("cost C"),
         .x_log = true,
         .curves = by_time,
         .note = sooner[0] ? sooner : NULL,
         .count = surface->walker_count},
    };
    data_short_name(surface->opened.data, name, sizeof name);
    format_text(title, sizeof title, word("The cost surface of %s, %zu → %s"), name,
                nudge_net_inputs(surface->opened.net),
                safe_short(nudge_net_text(surface->opened.net), 60).text);
    format_text(subtitle, sizeof subtitle, word("C over %s rows; plane: %s"),
                number_count(surface->rows).text, surface->plane_drawn);
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
    if (!status) printf(text_word("saved     %s\n"), safe(surface->options.file).text);
    return status;
}
