/* Pictures of what nudge computes, as SVG, PDF or PNG. A library of the command: it knows nudge.h and cairo, nothing of
 * files; what is written goes to a function of the caller's. */
#ifndef NUDGE_DRAW_DRAW_H
#define NUDGE_DRAW_DRAW_H

#include <nudge.h>

enum { DRAW_SERIES = 8 }; /* colours that curves have in turn */

enum draw_kind { DRAW_SVG, DRAW_PDF, DRAW_PNG };
enum draw_theme { DRAW_LIGHT, DRAW_DARK };

typedef struct draw_page draw_page;

/* Draws one of the pictures below. Called twice: to see how large it is, and for good. */
typedef void draw_picture(draw_page *page, const void *picture);
/* Takes `count` bytes; false: it cannot. */
typedef bool draw_writer(void *user, const unsigned char *bytes, size_t count);
/* A label in the reader's language; one that it does not know stays English. */
typedef const char *draw_words(const char *english);

struct draw_look {
    enum draw_kind kind;
    enum draw_theme theme;
    draw_words *words; /* for the labels that draw/ adds itself; NULL: English */
    bool *boxes; /* set where Chinese characters were drawn as boxes, as no font has them; may be NULL */
};

/* Hands the finished picture to `write`. NULL when that went well, else what is wrong. */
const char *draw_write(const struct draw_look *look, draw_picture *draw, const void *picture,
                       draw_writer *write, void *user);
/* Whether a font is installed that has Chinese characters. */
bool draw_has_chinese(void);

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
    bool wishes_left_out; /* that no pixel can follow, as black cannot get darker: they are 0 */
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

/* -- charts -- */

enum draw_style { DRAW_SOLID, DRAW_DASHED, DRAW_DOTTED, DRAW_POINTS, DRAW_BARS };

struct draw_curve {
    const char *name;    /* for the legend; NULL: not there */
    const double *x, *y; /* NaN: a gap. Bars: x has one number more, their edges */
    size_t count;
    unsigned series; /* its colour, 0 .. */
    enum draw_style style;
};

struct draw_chart {
    const char *title, *x_label, *y_label;
    bool x_log, y_log;
    bool x_whole, y_whole; /* ticks are whole numbers */
    const char *note;      /* a line below; NULL: none */
    const char *mark;      /* a dashed line up from mark_x, so called; NULL: none */
    double mark_x;
    const struct draw_curve *curves;
    size_t count;
};

struct draw_charts {
    const char *title, *subtitle; /* subtitle may be NULL */
    const struct draw_chart *charts;
    size_t count; /* two abreast */
};

void draw_charts(draw_page *page, const struct draw_charts *charts);

/* -- galleries -- */

struct draw_tile {
    const double *values; /* [height * width] */
    double most;          /* what has full strength, where the gallery has none */
    char caption[160];
    char note[48];        /* a second line, smaller; may be empty */
    const double *shares; /* [classes]; of the classes */
    size_t truth;
};

struct draw_gallery {
    const char *title, *subtitle; /* subtitle may be NULL */
    size_t height, width;         /* of every image */
    bool is_signed;               /* positive and negative in two colours, else greys */
    double most;                  /* one scale for all; 0: each its own */
    const char *scale;            /* what the scale is of */
    double tile;                  /* width of an image on the page; 0: 96 */
    size_t classes;               /* 0: no shares */
    const char *const *names;
    bool truth_in_green;
    bool counted;               /* rows and columns have their numbers beside: a matrix */
    const char *const *columns; /* [width]: or names below; NULL: none */
    const struct draw_tile *tiles;
    size_t count;
};

void draw_gallery(draw_page *page, const struct draw_gallery *gallery);

/* -- nudge explain of one parameter -- */

struct draw_parameter {
    const char *title, *subtitle;
    /* the tree: what moves what, from the parameter to the cost, and by which factors */
    struct draw_link {
        char from[80], value[64];   /* "w(2)[3][4]", "0.502" */
        char factor[48], times[64]; /* of the arrow to the next: "∂z/∂w = a", "0.567"; of the last empty */
    } links[4];
    size_t link_count;
    const char *product; /* "∂C₀/∂w = -0.136" */
    const struct draw_chart *charts;
    size_t chart_count;
    const struct draw_gallery *galleries; /* of examples, one below the other */
    size_t gallery_count;
};

void draw_parameter(draw_page *page, const struct draw_parameter *parameter);

/* -- confusion -- */

struct draw_confusion {
    const char *title, *subtitle;
    size_t classes;
    const char *const *names;
    const uint64_t *counts; /* [true class][answered class] */
};

void draw_confusion(draw_page *page, const struct draw_confusion *confusion);

/* -- networks -- */

/* A layer of the picture. Of a wide one the brightest neurons are drawn, or those with the strongest edges. */
struct draw_neurons {
    size_t neurons;
    const char *caption, *note; /* above; note, smaller, may be NULL */
    const double *brightness;   /* [neurons], -1 .. 1; NULL: no filling */
    const double *weights;      /* [neurons][neurons of the layer before]; NULL for the first */
    const char *const *names; /* NULL: numbers, or of an image so many columns wide (not 0) row and column */
    size_t image_width;
};

struct draw_network {
    const char *title, *subtitle, *scale;
    const struct draw_neurons *layers;
    size_t count;
};

void draw_network(draw_page *page, const struct draw_network *network);

/* -- the plane of two features -- */

struct draw_plane {
    const char *caption;
    size_t side; /* the answers are [side][side], the first row at the top */
    const unsigned *classes;
    const double *sureness; /* 0 .. 1 */
};

struct draw_planes {
    const char *title, *subtitle, *x_label, *y_label;
    const struct draw_plane *planes;
    size_t count;
    double x_low, x_high, y_low, y_high;
    const double *points; /* [point_count][2] */
    const unsigned *point_classes;
    size_t point_count;
    size_t classes;
    const char *const *names;
};

void draw_planes(draw_page *page, const struct draw_planes *planes);

/* -- cost surfaces -- */

/* A walker's path in the plane: [count] each. */
struct draw_path {
    const char *name;
    unsigned series;
    const double *x, *y;
    size_t count;
};

struct draw_surface {
    const char *title, *subtitle, *x_label, *y_label;
    size_t columns, lines;
    const double *costs; /* [lines][columns], the first line at y_low */
    double x_low, x_high, y_low, y_high;
    const struct draw_path *paths;
    size_t path_count;
    const struct draw_chart *charts; /* below: two at most */
    size_t chart_count;
};

void draw_surface(draw_page *page, const struct draw_surface *surface);

#endif
