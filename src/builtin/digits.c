/* Draws one example of the set `digits`: a form is chosen, its points are perturbed, the pen's path is
 * flattened to short lines, distorted and scaled, inked with a soft-edged pen, and the picture is centred.
 *
 * Invariant: only f32 additions, multiplications, divisions, square roots and the functions of
 * base/elementary.h, in a fixed order, reach a pixel, and no expression draws two random numbers, whose order
 * C would leave open; so an example has the same bits everywhere. */
#include "builtin/digits.h"

#include "base/elementary.h"
#include "base/random.h"
#include "builtin/digits_strokes.h"

#include <stdbool.h>
#include <string.h>

enum {
    SPAN_PIECES = 6, /* straight pieces between two points of a stroke */
    PATH_POINTS = DIGITS_FORM_POINTS * SPAN_PIECES,
    WAVES = 3, /* of the elastic distortion */
    BOX = 20,  /* side of the square that the ink fills, in pixels */
};

/* In units of the digit's height until path_fit, then in pixels of the box. y points down. */
struct point {
    float x, y;
};

/* The form as one writer writes it: the plan's points, moved. */
struct skeleton {
    struct point at[DIGITS_FORM_POINTS];
    const struct digits_point *plan;
    unsigned count;
};

/* What the pen follows: lines from each point to the next, unless that one starts a stroke. */
struct path {
    struct point at[PATH_POINTS];
    bool starts[PATH_POINTS];
    unsigned count;
};

/* -- the skeleton --
 *
 * `haste` runs through all of this: how far a writer is from the copybook, about 1. */

static float between(float a, float b, float share) {
    return a + share * (b - a);
}

/* Lengthens (or shortens) a stroke at its end `tip`, in the direction that comes from `neighbour`. */
static void tip_extend(struct point *tip, struct point neighbour, float share) {
    tip->x += share * (tip->x - neighbour.x);
    tip->y += share * (tip->y - neighbour.y);
}

/* Both of N(0, deviation^2). */
static struct point point_random(float deviation, struct random_stream *stream) {
    struct point p;
    p.x = deviation * random_normal(stream);
    p.y = deviation * random_normal(stream);
    return p;
}

/* One stroke's points: between the two hands of the table, each off its place by itself, all off together,
 * and the ends drawn too long or too short. Returns where the next stroke begins. */
static unsigned stroke_perturb(struct skeleton *skeleton, unsigned first, float mix, float wobble,
                               struct random_stream *stream) {
    float stroke_mix = mix + 0.3f * random_normal(stream);
    struct point shift = point_random(0.5f * wobble, stream);
    unsigned last = first;
    for (;; last++) {
        const struct digits_point *plan = &skeleton->plan[last];
        struct point *p = &skeleton->at[last], error = point_random(wobble, stream);
        p->x = 0.01f * between(plan->x, plan->other_x, stroke_mix) + shift.x + error.x;
        p->y = 0.01f * between(plan->y, plan->other_y, stroke_mix) + shift.y + error.y;
        if (plan->kind == DIGITS_LIFT) break;
    }
    tip_extend(&skeleton->at[first], skeleton->at[first + 1], 0.12f * random_normal(stream));
    tip_extend(&skeleton->at[last], skeleton->at[last - 1], 0.12f * random_normal(stream));
    return last + 1;
}

static void skeleton_make(struct skeleton *skeleton, const struct digits_form *form, float haste,
                          struct random_stream *stream) {
    skeleton->plan = form->points;
    skeleton->count = form->count;
    float mix = random_between(stream, -0.25f, 1.25f);
    for (unsigned first = 0; first < form->count;)
        first = stroke_perturb(skeleton, first, mix, 0.018f * haste, stream);
}

/* -- from points to a path -- */

static float distance(struct point a, struct point b) {
    float dx = b.x - a.x, dy = b.y - a.y;
    return __builtin_sqrtf(dx * dx + dy * dy);
}

/* The curve's direction at point i, per unit of length: along the chord of its neighbours (Catmull and Rom
 * 1974, with chord lengths). Shorter where the writer stops: at 0 the curve is straight up to the point and
 * turns sharply. */
static struct point tangent(const struct skeleton *s, unsigned i, float sharpness) {
    bool first = i == 0 || s->plan[i - 1].kind == DIGITS_LIFT;
    bool last = s->plan[i].kind == DIGITS_LIFT;
    struct point a = s->at[first ? i : i - 1], b = s->at[last ? i : i + 1];
    float length = distance(a, s->at[i]) + distance(s->at[i], b) + 1e-6f;
    uint8_t kind = s->plan[i].kind;
    float share = kind == DIGITS_CORNER ? 1 - sharpness : kind == DIGITS_ANGLE ? 0 : 1;
    struct point result = {share * (b.x - a.x) / length, share * (b.y - a.y) / length};
    return result;
}

/* Appends the cubic from p to q with end directions d and e (Hermite form), without p itself. */
static void path_add_span(struct path *path, struct point p, struct point d, struct point q, struct point e) {
    float length = distance(p, q);
    for (int piece = 1; piece <= SPAN_PIECES; piece++) {
        float t = (float)piece / SPAN_PIECES;
        float toward = t * t * (3 - 2 * t);
        float leave = length * t * (1 - t) * (1 - t), arrive = length * t * t * (t - 1);
        struct point *r = &path->at[path->count];
        r->x = between(p.x, q.x, toward) + leave * d.x + arrive * e.x;
        r->y = between(p.y, q.y, toward) + leave * d.y + arrive * e.y;
        path->starts[path->count++] = false;
    }
}

static void path_flatten(struct path *path, const struct skeleton *skeleton, float sharpness) {
    path->count = 0;
    bool lifted = true;
    for (unsigned i = 0; i < skeleton->count; i++) {
        if (lifted) {
            path->at[path->count] = skeleton->at[i];
            path->starts[path->count++] = true;
        } else {
            path_add_span(path, skeleton->at[i - 1], tangent(skeleton, i - 1, sharpness), skeleton->at[i],
                          tangent(skeleton, i, sharpness));
        }
        lifted = skeleton->plan[i].kind == DIGITS_LIFT;
    }
}

/* -- distortion -- */

/* Habit: where the waist is, whether head or foot is wider, whether the whole is bowed. With v = 2y - 1 from
 * head to foot: y moves by waist (1 - v^2), x is scaled about the axis by 1 + taper v, and moves by bow
 * v^2. */
static void path_warp(struct path *path, float haste, struct random_stream *stream) {
    float waist = 0.06f * haste * random_normal(stream);
    float taper = 0.2f * haste * random_normal(stream);
    float bow = 0.06f * haste * random_normal(stream);
    for (unsigned i = 0; i < path->count; i++) {
        struct point *p = &path->at[i];
        float v = 2 * p->y - 1;
        p->x += taper * v * (p->x - 0.35f) + bow * v * v;
        p->y += waist * (1 - v * v);
    }
}

/* Elastic: a smooth displacement of the plane, the sum of a few waves of random direction, length and phase,
 * each moving points along a random vector. */
static void path_bend(struct path *path, float haste, struct random_stream *stream) {
    struct point turn[WAVES], push[WAVES];
    float phase[WAVES];
    for (int w = 0; w < WAVES; w++) {
        turn[w] = point_random(4, stream);
        push[w] = point_random(0.03f * haste, stream);
        phase[w] = random_between(stream, 0, 6.2831853f);
    }
    for (unsigned i = 0; i < path->count; i++) {
        struct point p = path->at[i], moved = p;
        for (int w = 0; w < WAVES; w++) {
            float wave = f32_sin(turn[w].x * p.x + turn[w].y * p.y + phase[w]);
            moved.x += push[w].x * wave;
            moved.y += push[w].y * wave;
        }
        path->at[i] = moved;
    }
}

/* Width against height, slant (upright to italic) and rotation of the whole. The rotation is written with two
 * sums, not with a difference above a sum: gcc 12's vectoriser makes fused multiply-adds of that pair in
 * spite of -ffp-contract=off. */
static void path_lean(struct path *path, struct random_stream *stream) {
    float aspect = f32_exp(0.2f * random_normal(stream));
    float slant = 0.12f + 0.24f * random_normal(stream);
    float angle = 0.09f * random_normal(stream);
    float c = f32_cos(angle), s = f32_sin(angle), minus_s = f32_sin(-angle);
    for (unsigned i = 0; i < path->count; i++) {
        struct point p = path->at[i];
        float x = aspect * p.x - slant * p.y, y = p.y;
        path->at[i].x = c * x + minus_s * y;
        path->at[i].y = s * x + c * y;
    }
}

struct pen {
    float radius;             /* to where the ink is half strong; of the digit's height, then in pixels */
    float edge;               /* how wide the soft edge is, in pixels */
    float swing, turn, phase; /* pressure: the radius swings by this share, this often, from there */
};

/* A pen for a digit that people write `size` times as high as the others. */
static struct pen pen_take(float size, struct random_stream *stream) {
    struct pen pen;
    float radius = 0.071f * f32_exp(0.28f * random_normal(stream));
    pen.radius = (radius < 0.034f ? 0.034f : radius > 0.15f ? 0.15f : radius) / size;
    pen.edge = random_between(stream, 1.0f, 1.6f);
    pen.swing = random_between(stream, 0, 0.25f);
    pen.turn = random_between(stream, 0.05f, 0.3f);
    pen.phase = random_between(stream, 0, 6.2831853f);
    return pen;
}

/* Scales the path and the pen from units of the digit's height to pixels: the ink fills the box, keeping its
 * aspect. */
static void path_fit(struct path *path, struct pen *pen) {
    struct point low = path->at[0], high = path->at[0];
    for (unsigned i = 1; i < path->count; i++) {
        struct point p = path->at[i];
        low.x = p.x < low.x ? p.x : low.x;
        low.y = p.y < low.y ? p.y : low.y;
        high.x = p.x > high.x ? p.x : high.x;
        high.y = p.y > high.y ? p.y : high.y;
    }
    float width = high.x - low.x, height = high.y - low.y;
    float scale = BOX / ((width > height ? width : height) + 2 * pen->radius);
    pen->radius *= scale;
    for (unsigned i = 0; i < path->count; i++) {
        struct point *p = &path->at[i];
        p->x = 0.5f * BOX + scale * (p->x - 0.5f * (low.x + high.x));
        p->y = 0.5f * BOX + scale * (p->y - 0.5f * (low.y + high.y));
    }
}

/* -- ink -- */

/* First and last+1 row (or column) of the box that ink between a and b, with that reach, can touch. */
struct range {
    int first, end;
};

static struct range range_between(float a, float b, float reach) {
    int first = (int)__builtin_floorf((a < b ? a : b) - reach);
    int end = (int)__builtin_floorf((a < b ? b : a) + reach) + 1;
    struct range range = {first < 0 ? 0 : first, end > BOX ? BOX : end};
    return range;
}

/* gap[BOX][BOX] is the least squared distance from a pixel's centre to a line of the path, in squared pen
 * radii. Here the line from a to b is added. */
static void gap_lower(float gap[BOX * BOX], struct point a, struct point b, float radius, float reach) {
    struct range rows = range_between(a.y, b.y, reach), columns = range_between(a.x, b.x, reach);
    float dx = b.x - a.x, dy = b.y - a.y;
    float per_length2 = 1 / (dx * dx + dy * dy + 1e-9f), per_radius2 = 1 / (radius * radius);
    for (int row = rows.first; row < rows.end; row++) {
        for (int column = columns.first; column < columns.end; column++) {
            float x = (float)column + 0.5f - a.x, y = (float)row + 0.5f - a.y;
            float t = (x * dx + y * dy) * per_length2;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            x -= t * dx;
            y -= t * dy;
            float d = (x * x + y * y) * per_radius2;
            float *least = &gap[row * BOX + column];
            *least = d < *least ? d : *least;
        }
    }
}

/* ink[BOX][BOX] in 0..1: full inside the pen's line, falling as an S across its edge. */
static void ink_draw(float ink[BOX * BOX], const struct path *path, const struct pen *pen) {
    float reach = pen->radius * (1 + pen->swing) + pen->edge;
    for (int i = 0; i < BOX * BOX; i++) ink[i] = 1e9f;
    float way = 0;
    for (unsigned i = 1; i < path->count; i++) {
        if (path->starts[i]) continue;
        way += distance(path->at[i - 1], path->at[i]);
        float pressure = 1 + pen->swing * f32_sin(pen->turn * way + pen->phase);
        gap_lower(ink, path->at[i - 1], path->at[i], pen->radius * pressure, reach);
    }
    for (int i = 0; i < BOX * BOX; i++) {
        float inside = (1 - __builtin_sqrtf(ink[i])) * pen->radius;
        float v = 0.5f + inside / pen->edge;
        v = v < 0 ? 0 : v > 1 ? 1 : v;
        ink[i] = v * v * (3 - 2 * v);
    }
}

/* -- the picture -- */

/* Where in the image the box begins, so that the centre of mass `sum / mass` comes to lie in the pixel right
 * of (or below) the middle: that is where MNIST has it. */
static int box_place(float sum, float mass) {
    int place = (int)__builtin_floorf(0.5f * DIGITS_SIDE + 1 - sum / mass);
    return place < 0 ? 0 : place > DIGITS_SIDE - BOX ? DIGITS_SIDE - BOX : place;
}

static void image_centre(uint8_t image[DIGITS_PIXELS], const float ink[BOX * BOX]) {
    float mass = 0, sum_x = 0, sum_y = 0, strongest = 0;
    for (int i = 0; i < BOX * BOX; i++) {
        mass += ink[i];
        sum_x += ink[i] * ((float)(i % BOX) + 0.5f);
        sum_y += ink[i] * ((float)(i / BOX) + 0.5f);
        strongest = ink[i] > strongest ? ink[i] : strongest;
    }
    int left = box_place(sum_x, mass), top = box_place(sum_y, mass);
    float scale = 255 / strongest;
    memset(image, 0, DIGITS_PIXELS);
    for (int row = 0; row < BOX; row++)
        for (int column = 0; column < BOX; column++)
            image[(top + row) * DIGITS_SIDE + left + column] =
                (uint8_t)(scale * ink[row * BOX + column] + 0.5f);
}

/* -- all together -- */

/* How high people write the digits, compared with each other: a pen draws a thicker line on a small 0 than on
 * a tall 9 when both are scaled to the same box. From the line widths in MNIST. */
static const float digit_size[DIGITS_CLASSES] = {0.88f, 0.92f, 1, 1.04f, 1.06f, 1.08f, 1.03f, 1, 1.1f, 1.1f};

static void form_draw(uint8_t image[DIGITS_PIXELS], const struct digits_form *form,
                      struct random_stream *stream) {
    struct skeleton skeleton;
    struct path path;
    float ink[BOX * BOX];
    float haste = random_between(stream, 0.3f, 1.5f);
    skeleton_make(&skeleton, form, haste, stream);
    float sharpness = random_uniform(stream);
    path_flatten(&path, &skeleton, sharpness);
    path_warp(&path, haste, stream);
    path_bend(&path, haste, stream);
    path_lean(&path, stream);
    struct pen pen = pen_take(digit_size[form->digit], stream);
    path_fit(&path, &pen);
    ink_draw(ink, &path, &pen);
    image_centre(image, ink);
}

int digits_draw(uint8_t image[DIGITS_PIXELS], uint64_t seed, uint32_t part, uint32_t index) {
    struct random_stream stream = random_stream_make(seed, RANDOM_GENERATE, part, 0, index);
    const struct digits_form *form = digits_form_choose(&stream);
    form_draw(image, form, &stream);
    return form->digit;
}
