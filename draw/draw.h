/* Pictures of what nudge computes, as SVG, PDF or PNG. A library of the command: it knows nudge.h and cairo, nothing of
 * files; what is written goes to a function of the caller's. */
#ifndef NUDGE_DRAW_DRAW_H
#define NUDGE_DRAW_DRAW_H

#include <nudge.h>

enum { DRAW_SERIES = 8 }; /* colours that curves have in turn */

enum draw_kind { DRAW_SVG, DRAW_PDF, DRAW_PNG };
enum draw_theme { DRAW_LIGHT, DRAW_DARK };

typedef struct draw_page draw_page;

/* NULL: no memory. */
draw_page *draw_begin(enum draw_theme theme);
/* Takes `count` bytes; false: it cannot. */
typedef bool draw_writer(void *user, const unsigned char *bytes, size_t count);
/* Hands over the whole picture; NULL when that went well, else what is wrong. The page can be written again. */
const char *draw_write(draw_page *page, enum draw_kind kind, draw_writer *write, void *user);
void draw_end(draw_page *page);

/* -- nudge explain -- */

struct draw_bar {
    char name[64];
    double value;
};

struct draw_explanation {
    const char *title, *subtitle;
    /* the input: an image (height > 0), else the strongest as bars */
    size_t height, width;
    const double *input, *wishes, *reasons; /* [height * width]; wishes: -∂C_0/∂a; reasons: a ∂z/∂a */
    const char *reasons_title;
    /* outputs */
    size_t outputs;
    const char *const *names;
    const double *activations, *targets, *output_wishes; /* output_wishes: -δ */
    /* lists of signed numbers, strongest first */
    struct draw_list {
        const char *title, *unit;
        const struct draw_bar *bars;
        size_t count;
    } lists[4];
    size_t list_count;
};

void draw_explanation(draw_page *page, const struct draw_explanation *explanation);

#endif
