/* The stroke models of the ten digits. Invariant: a stroke has at least two points and ends with a LIFT, and
 * weights are those of American handwriting as MNIST shows it, judged by eye.
 *
 * Each point reads {x, y, x, y, kind}: the first hand's place, then the second hand's. */
#include "data/digits_strokes.h"

#include <stddef.h>

enum { CORNER = DIGITS_CORNER, ANGLE = DIGITS_ANGLE, LIFT = DIGITS_LIFT };

/* -- 0 -- */

/* An oval from the top, anticlockwise. First hand: narrow, its ends apart; second: a circle, its ends overlapping. */
static const struct digits_point zero_oval[] = {
    {36, 2, 55, 0, 0},   {16, 14, 22, 10, 0}, {3, 50, 2, 48, 0},   {12, 86, 20, 90, 0}, {32, 99, 50, 100, 0},
    {54, 88, 82, 88, 0}, {64, 52, 98, 50, 0}, {56, 16, 82, 12, 0}, {44, 3, 50, 0, 0},   {42, 2, 30, 6, LIFT},
};
/* Begun at the upper right, leaning: a pointed top, a heavy bottom. */
static const struct digits_point zero_pear[] = {
    {66, 0, 58, 2, 0},   {40, 18, 30, 22, 0}, {10, 58, 4, 62, 0},  {6, 88, 14, 94, 0},   {28, 100, 46, 99, 0},
    {58, 82, 82, 80, 0}, {74, 44, 86, 50, 0}, {74, 12, 70, 18, 0}, {62, 2, 48, 4, LIFT},
};
/* Left open at the top: the second end stays away from the first, outside or inside. */
static const struct digits_point zero_open[] = {
    {40, 4, 24, 0, 0},   {14, 20, 6, 24, 0},    {2, 54, 2, 62, 0},
    {14, 90, 18, 94, 0}, {42, 100, 46, 100, 0}, {72, 84, 74, 84, 0},
    {82, 48, 84, 48, 0}, {68, 12, 74, 16, 0},   {50, 10, 52, 2, LIFT},
};
/* Closed with a small curl: the end runs through the beginning. */
static const struct digits_point zero_curl[] = {
    {34, 10, 44, 16, 0},  {16, 22, 22, 18, 0}, {3, 54, 2, 54, 0},      {16, 90, 20, 94, 0},
    {42, 100, 50, 99, 0}, {70, 84, 84, 80, 0}, {76, 46, 92, 44, 0},    {62, 12, 74, 8, 0},
    {40, 2, 50, 4, 0},    {26, 8, 32, 18, 0},  {34, 18, 40, 32, LIFT},
};
/* The pen runs on down into the oval: half a slash, nearly a whole one in the second hand. */
static const struct digits_point zero_inside[] = {
    {52, 4, 66, 0, 0},   {24, 10, 24, 8, 0},  {3, 50, 2, 50, 0},      {18, 92, 20, 94, 0},
    {46, 99, 50, 99, 0}, {74, 80, 84, 80, 0}, {80, 46, 90, 44, 0},    {66, 10, 74, 8, 0},
    {50, 4, 56, 6, 0},   {40, 26, 42, 34, 0}, {32, 48, 24, 70, LIFT},
};
/* Low and broad, box-like in the second hand. */
static const struct digits_point zero_broad[] = {
    {60, 2, 40, 2, 0},   {22, 12, 10, 6, 0},   {2, 50, 2, 50, 0},  {14, 88, 10, 94, 0},  {54, 99, 52, 98, 0},
    {92, 86, 94, 92, 0}, {112, 48, 98, 50, 0}, {98, 14, 92, 8, 0}, {58, 1, 44, 3, LIFT},
};

/* -- 1 -- */

/* A plain line; the second hand's leans far. */
static const struct digits_point one_plain[] = {
    {18, 0, 52, 0, 0},
    {21, 34, 36, 34, 0},
    {21, 66, 18, 68, 0},
    {18, 100, 0, 100, LIFT},
};
/* A plain line bent the other way, with a slight hook at the foot in the second hand. */
static const struct digits_point one_bent[] = {
    {20, 0, 26, 0, 0}, {18, 34, 19, 32, 0}, {18, 66, 16, 70, 0}, {20, 92, 18, 94, 0}, {22, 100, 26, 99, LIFT},
};
/* With a flag. */
static const struct digits_point one_flag[] = {
    {10, 16, 0, 26, 0},  {18, 8, 16, 14, 0},       {28, 0, 32, 0, CORNER},
    {28, 48, 32, 50, 0}, {28, 100, 32, 100, LIFT},
};
/* With a flag and a base line. */
static const struct digits_point one_base[] = {
    {12, 18, 6, 24, 0},     {22, 8, 20, 14, 0}, {34, 0, 36, 0, CORNER}, {34, 50, 36, 48, 0},
    {34, 98, 36, 97, LIFT}, {6, 98, 0, 97, 0},  {34, 98, 40, 97, 0},    {62, 97, 78, 97, LIFT},
};

/* -- 2 -- */

/* Round top, straight to the lower left, sharp turn, straight base. */
static const struct digits_point two_straight[] = {
    {4, 22, 6, 20, 0},      {20, 4, 24, 4, 0},   {44, 2, 56, 0, 0},
    {58, 20, 76, 18, 0},    {50, 46, 62, 46, 0}, {28, 74, 34, 74, 0},
    {4, 98, 2, 96, CORNER}, {34, 96, 44, 94, 0}, {66, 97, 98, 96, LIFT},
};
/* Round top, loop at the lower left, base swinging out. */
static const struct digits_point two_loop[] = {
    {6, 20, 4, 24, 0},   {22, 3, 22, 4, 0},   {48, 2, 50, 0, 0},   {60, 22, 74, 16, 0},
    {48, 52, 66, 44, 0}, {26, 84, 46, 76, 0}, {8, 97, 20, 97, 0},  {4, 88, 1, 90, 0},
    {18, 80, 6, 70, 0},  {44, 90, 28, 64, 0}, {74, 97, 58, 82, 0}, {84, 92, 96, 94, LIFT},
};
/* A small head on a big loop, the base a long stroke to the right. */
static const struct digits_point two_bigloop[] = {
    {14, 10, 4, 26, 0},  {32, 0, 24, 6, 0},   {52, 8, 56, 2, 0},   {52, 32, 80, 20, 0},
    {36, 64, 68, 54, 0}, {16, 90, 46, 84, 0}, {4, 94, 16, 96, 0},  {0, 80, 0, 84, 0},
    {16, 66, 14, 62, 0}, {40, 78, 46, 64, 0}, {62, 94, 84, 84, 0}, {84, 94, 116, 88, LIFT},
};
/* As a Z: flat top with a corner. */
static const struct digits_point two_zed[] = {
    {4, 12, 0, 10, 0},   {24, 3, 30, 3, 0},      {54, 5, 66, 5, CORNER}, {52, 24, 58, 26, 0},
    {30, 60, 34, 62, 0}, {4, 95, 4, 96, CORNER}, {34, 93, 40, 96, 0},    {66, 95, 86, 92, LIFT},
};
/* The turn at the lower left retraces itself: a fat blunt foot instead of a loop. */
static const struct digits_point two_retrace[] = {
    {8, 24, 2, 26, 0},   {16, 6, 14, 6, 0},   {42, 0, 46, 1, 0},      {64, 14, 66, 20, 0},
    {58, 44, 58, 48, 0}, {30, 78, 30, 76, 0}, {6, 94, 2, 90, 0},      {4, 96, 6, 96, 0},
    {30, 88, 34, 86, 0}, {60, 92, 66, 96, 0}, {86, 96, 96, 94, LIFT},
};
/* Begun with a curl inside the top. */
static const struct digits_point two_curl[] = {
    {24, 26, 30, 30, 0}, {8, 30, 8, 28, 0},      {6, 14, 12, 10, 0},  {32, 0, 44, 0, 0},
    {58, 10, 78, 14, 0}, {58, 38, 72, 42, 0},    {34, 72, 40, 76, 0}, {6, 97, 4, 94, CORNER},
    {38, 94, 46, 92, 0}, {74, 96, 96, 98, LIFT},
};
/* A swan: high narrow neck, wide low base. */
static const struct digits_point two_swan[] = {
    {18, 18, 30, 12, 0}, {34, 2, 48, 0, 0}, {56, 8, 72, 12, 0},  {58, 34, 70, 36, 0}, {40, 66, 44, 66, 0},
    {8, 90, 6, 88, 0},   {2, 86, 4, 80, 0}, {22, 82, 24, 80, 0}, {56, 92, 66, 90, 0}, {94, 96, 118, 90, LIFT},
};

/* -- 3 -- */

/* Two round bows meeting in a point. */
static const struct digits_point three_round[] = {
    {6, 14, 8, 18, 0},   {24, 2, 28, 2, 0},        {48, 4, 58, 4, 0},    {56, 20, 68, 22, 0},
    {42, 38, 52, 40, 0}, {22, 45, 30, 47, CORNER}, {48, 52, 58, 52, 0},  {62, 70, 76, 72, 0},
    {50, 92, 60, 94, 0}, {24, 99, 28, 99, 0},      {2, 90, 2, 86, LIFT},
};
/* Flat top, corner, lower bow. */
static const struct digits_point three_flat[] = {
    {4, 6, 8, 4, 0},          {30, 3, 36, 4, 0},    {58, 4, 66, 3, CORNER}, {42, 22, 48, 22, 0},
    {24, 40, 28, 40, CORNER}, {52, 46, 60, 46, 0},  {64, 68, 76, 70, 0},    {48, 92, 58, 94, 0},
    {22, 98, 26, 98, 0},      {2, 90, 0, 86, LIFT},
};
/* A small loop between the bows. */
static const struct digits_point three_loop[] = {
    {8, 12, 6, 16, 0},   {28, 1, 28, 1, 0},   {54, 6, 58, 6, 0},   {60, 24, 64, 26, 0},
    {42, 44, 44, 46, 0}, {26, 50, 22, 50, 0}, {26, 43, 24, 40, 0}, {44, 46, 46, 46, 0},
    {64, 60, 68, 62, 0}, {66, 82, 66, 86, 0}, {42, 98, 40, 99, 0}, {8, 94, 0, 88, LIFT},
};
/* A wave: the bows run into each other without a point. */
static const struct digits_point three_wave[] = {
    {6, 12, 4, 8, 0},    {26, 2, 30, 0, 0},   {50, 8, 62, 8, 0},   {52, 26, 64, 26, 0},  {40, 42, 50, 42, 0},
    {44, 50, 52, 50, 0}, {60, 66, 72, 66, 0}, {56, 88, 66, 88, 0}, {30, 99, 36, 100, 0}, {4, 94, 0, 92, LIFT},
};
/* Small upper bow, large lower one with a long tail to the left. */
static const struct digits_point three_tail[] = {
    {20, 8, 26, 10, 0},       {38, 1, 46, 0, 0},    {58, 8, 70, 6, 0},   {56, 24, 68, 22, 0},
    {36, 38, 44, 36, CORNER}, {60, 46, 74, 44, 0},  {68, 68, 84, 66, 0}, {52, 90, 66, 90, 0},
    {24, 97, 32, 99, 0},      {2, 94, 2, 96, LIFT},
};

/* -- 4 -- */

/* Open: left stroke down and across, then the stem, taller than the left stroke in the first hand. */
static const struct digits_point four_open[] = {
    {14, 12, 10, 2, 0},  {10, 30, 4, 26, 0},     {4, 54, 4, 48, CORNER},
    {28, 56, 34, 51, 0}, {54, 52, 68, 47, LIFT}, {54, 0, 68, 0, 0},
    {50, 34, 65, 36, 0}, {46, 66, 62, 68, 0},    {42, 100, 58, 100, LIFT},
};
/* Open, the left side a cup that runs up into the stem. */
static const struct digits_point four_cup[] = {
    {8, 4, 8, 0, 0},     {2, 26, 4, 24, 0},        {6, 48, 14, 44, 0}, {26, 54, 38, 50, 0},
    {48, 44, 64, 42, 0}, {58, 30, 76, 32, LIFT},   {58, 2, 80, 2, 0},  {56, 34, 76, 36, 0},
    {53, 68, 72, 68, 0}, {52, 100, 66, 100, LIFT},
};
/* Closed: a triangle at the head of the stem. */
static const struct digits_point four_closed[] = {
    {50, 2, 56, 0, 0},   {28, 30, 28, 28, 0},    {4, 60, 0, 60, ANGLE},
    {34, 60, 40, 60, 0}, {70, 58, 88, 59, LIFT}, {50, 2, 58, 0, 0},
    {50, 34, 60, 34, 0}, {49, 66, 60, 66, 0},    {48, 100, 60, 100, LIFT},
};
/* Open with the bar running far across a stem that begins lower than the left stroke. */
static const struct digits_point four_crossed[] = {
    {38, 0, 30, 0, 0},   {20, 28, 14, 30, 0},    {2, 58, 2, 62, ANGLE},
    {36, 56, 40, 58, 0}, {82, 50, 92, 52, LIFT}, {56, 22, 56, 28, 0},
    {52, 46, 54, 52, 0}, {48, 72, 50, 76, 0},    {44, 100, 46, 100, LIFT},
};
/* In one stroke, like a y: the cup, up, and back down the stem. */
static const struct digits_point four_single[] = {
    {10, 2, 6, 6, 0},    {6, 28, 2, 28, 0},   {14, 48, 12, 46, 0},
    {34, 50, 36, 48, 0}, {54, 32, 58, 30, 0}, {64, 2, 72, 0, CORNER},
    {60, 34, 66, 36, 0}, {54, 68, 60, 68, 0}, {50, 100, 56, 100, LIFT},
};
/* In one stroke from the top of the stem: round the left, and the bar back through a stem drawn last, its head a
 * loop. */
static const struct digits_point four_loop[] = {
    {48, 6, 62, 4, 0},   {26, 28, 28, 28, 0},      {2, 56, 0, 54, ANGLE},  {16, 58, 18, 56, 0},
    {40, 50, 48, 46, 0}, {56, 26, 68, 20, 0},      {58, 6, 72, 2, CORNER}, {54, 36, 64, 38, 0},
    {50, 68, 58, 70, 0}, {46, 100, 52, 100, LIFT},
};
/* Wide and low, with a short stem that ends soon below the bar. */
static const struct digits_point four_low[] = {
    {16, 6, 20, 0, 0},   {8, 34, 8, 34, 0},      {2, 66, 4, 68, CORNER},
    {36, 68, 46, 68, 0}, {74, 62, 96, 62, LIFT}, {70, 0, 90, 4, 0},
    {66, 36, 84, 38, 0}, {60, 70, 78, 72, 0},    {56, 100, 72, 100, LIFT},
};

/* -- 5 -- */

/* Body first, then the hat joined to its head. */
static const struct digits_point five_hat[] = {
    {18, 4, 22, 4, 0},    {14, 22, 18, 22, 0}, {10, 42, 12, 42, CORNER}, {30, 37, 38, 36, 0},
    {52, 48, 66, 48, 0},  {54, 72, 68, 72, 0}, {36, 94, 46, 95, 0},      {16, 98, 18, 98, 0},
    {0, 88, 0, 88, LIFT}, {18, 5, 20, 5, 0},   {38, 4, 52, 4, 0},        {60, 2, 88, 0, LIFT},
};
/* In one stroke from the right end of the hat. */
static const struct digits_point five_single[] = {
    {62, 2, 84, 0, 0},        {40, 4, 52, 3, 0},   {20, 6, 26, 5, CORNER}, {16, 22, 21, 22, 0},
    {12, 42, 16, 40, CORNER}, {34, 38, 40, 36, 0}, {54, 50, 64, 48, 0},    {54, 74, 66, 74, 0},
    {36, 95, 44, 96, 0},      {16, 98, 18, 99, 0}, {0, 90, 0, 90, LIFT},
};
/* Like an S: no corners left. */
static const struct digits_point five_ess[] = {
    {60, 4, 78, 6, 0},   {40, 2, 52, 0, 0},   {20, 12, 26, 10, 0}, {14, 30, 22, 28, 0}, {30, 44, 40, 42, 0},
    {48, 58, 62, 56, 0}, {50, 80, 64, 78, 0}, {32, 97, 44, 96, 0}, {14, 98, 18, 99, 0}, {0, 88, 0, 90, LIFT},
};
/* The hat floats: higher than the body or to its right. */
static const struct digits_point five_detached[] = {
    {20, 10, 24, 12, 0},  {16, 26, 18, 26, 0}, {14, 42, 12, 42, CORNER}, {34, 40, 38, 40, 0},
    {54, 54, 62, 54, 0},  {52, 78, 60, 78, 0}, {32, 96, 38, 97, 0},      {14, 98, 16, 98, 0},
    {0, 90, 0, 90, LIFT}, {26, 4, 36, 4, 0},   {48, 2, 64, 2, 0},        {70, 0, 96, 0, LIFT},
};
/* Leaning far: a short neck, a long flat hat, a shallow belly that trails off to the left. */
static const struct digits_point five_wide[] = {
    {34, 6, 46, 8, 0},   {28, 22, 36, 24, 0}, {20, 40, 26, 42, CORNER}, {40, 40, 50, 42, 0},
    {56, 54, 68, 56, 0}, {50, 76, 60, 78, 0}, {28, 94, 34, 96, 0},      {0, 98, 0, 96, LIFT},
    {34, 6, 46, 8, 0},   {62, 4, 84, 4, 0},   {92, 0, 124, 0, LIFT},
};
/* A large round belly that nearly closes. */
static const struct digits_point five_belly[] = {
    {60, 2, 66, 2, 0},       {40, 2, 44, 2, 0},   {20, 6, 20, 4, CORNER}, {14, 26, 12, 24, 0},
    {12, 44, 8, 42, CORNER}, {34, 34, 36, 34, 0}, {58, 46, 70, 48, 0},    {62, 74, 74, 74, 0},
    {42, 98, 46, 98, 0},     {14, 96, 14, 96, 0}, {4, 82, 2, 78, LIFT},
};

/* -- 6 -- */

/* Curved back, belly closing on it. */
static const struct digits_point six_curved[] = {
    {46, 0, 62, 2, 0},   {24, 18, 34, 14, 0}, {8, 46, 8, 46, 0},   {4, 76, 4, 74, 0},   {16, 96, 20, 97, 0},
    {38, 97, 54, 96, 0}, {52, 80, 74, 78, 0}, {44, 60, 62, 58, 0}, {24, 62, 34, 60, 0}, {8, 78, 10, 78, LIFT},
};
/* Straight back, slim belly low down. */
static const struct digits_point six_straight[] = {
    {30, 0, 24, 0, 0},   {18, 28, 14, 30, 0}, {8, 58, 4, 62, 0},   {6, 84, 6, 86, 0},     {20, 99, 24, 99, 0},
    {40, 90, 52, 88, 0}, {44, 72, 56, 68, 0}, {30, 62, 36, 60, 0}, {10, 76, 8, 78, LIFT},
};
/* The top bends over like a G; high, wide belly. */
static const struct digits_point six_hooked[] = {
    {64, 10, 86, 16, 0}, {46, 0, 62, 2, 0},   {20, 14, 26, 14, 0},  {4, 48, 4, 50, 0},
    {6, 82, 10, 84, 0},  {32, 99, 42, 99, 0}, {60, 86, 80, 84, 0},  {62, 62, 82, 60, 0},
    {42, 50, 56, 50, 0}, {16, 60, 22, 62, 0}, {6, 76, 8, 76, LIFT},
};
/* The belly does not reach the back, or curls inside itself. */
static const struct digits_point six_open[] = {
    {42, 0, 54, 0, 0},    {18, 22, 22, 22, 0},    {4, 56, 2, 56, 0},   {8, 88, 10, 88, 0},
    {30, 100, 40, 99, 0}, {54, 88, 74, 84, 0},    {58, 68, 76, 62, 0}, {42, 58, 56, 54, 0},
    {26, 70, 32, 66, 0},  {22, 84, 34, 78, LIFT},
};
/* Low and broad: a short leaning back, a big belly to its right. */
static const struct digits_point six_broad[] = {
    {32, 0, 30, 0, 0},   {14, 26, 10, 28, 0},    {2, 62, 2, 66, 0},    {14, 92, 22, 94, 0},
    {44, 99, 66, 99, 0}, {76, 84, 104, 82, 0},   {76, 58, 100, 56, 0}, {52, 48, 66, 50, 0},
    {26, 66, 32, 68, 0}, {14, 88, 18, 88, LIFT},
};

/* -- 7 -- */

/* Flat top, corner, leg. */
static const struct digits_point seven_plain[] = {
    {0, 8, 0, 6, 0},     {26, 6, 36, 5, 0},   {52, 4, 74, 3, CORNER},
    {42, 34, 58, 34, 0}, {30, 68, 42, 68, 0}, {22, 100, 32, 100, LIFT},
};
/* The same with a bar across the leg. */
static const struct digits_point seven_crossed[] = {
    {0, 6, 0, 8, 0},     {28, 4, 36, 6, 0},   {58, 4, 72, 2, CORNER},
    {48, 34, 56, 36, 0}, {34, 68, 40, 70, 0}, {26, 100, 30, 100, LIFT},
    {16, 52, 12, 54, 0}, {40, 51, 46, 50, 0}, {66, 48, 82, 48, LIFT},
};
/* With a serif at the beginning. */
static const struct digits_point seven_serif[] = {
    {2, 26, 0, 20, 0},      {4, 14, 4, 10, 0},   {8, 5, 10, 3, CORNER}, {32, 6, 42, 6, 0},
    {58, 3, 78, 4, CORNER}, {46, 36, 64, 32, 0}, {34, 68, 48, 66, 0},   {28, 100, 38, 100, LIFT},
};
/* A short leg under a broad roof that hooks down at its left. */
static const struct digits_point seven_hooked[] = {
    {0, 34, 4, 44, 0}, {4, 12, 4, 20, 0},   {14, 4, 20, 4, 0},   {40, 4, 50, 2, 0},
    {64, 6, 82, 6, 0}, {62, 24, 80, 28, 0}, {46, 60, 62, 62, 0}, {34, 100, 48, 100, LIFT},
};
/* The top swings: up, down and up to the corner. */
static const struct digits_point seven_wave[] = {
    {0, 22, 2, 26, 0},      {10, 6, 14, 4, 0},   {28, 6, 36, 8, 0},   {46, 10, 58, 10, 0},
    {62, 2, 78, 0, CORNER}, {48, 30, 60, 32, 0}, {34, 64, 42, 66, 0}, {22, 100, 26, 100, LIFT},
};
/* Rounded: the top runs into the leg without a corner. */
static const struct digits_point seven_round[] = {
    {0, 10, 2, 14, 0},   {22, 2, 24, 4, 0},   {46, 2, 54, 2, 0},        {54, 18, 66, 18, 0},
    {46, 46, 58, 46, 0}, {38, 74, 48, 74, 0}, {34, 100, 42, 100, LIFT},
};
/* Steep narrow roof sloping down to the left; the leg bends. */
static const struct digits_point seven_roof[] = {
    {0, 22, 4, 16, 0},   {20, 14, 30, 12, 0}, {44, 2, 62, 0, CORNER},
    {38, 32, 50, 30, 0}, {34, 64, 40, 62, 0}, {34, 100, 34, 100, LIFT},
};

/* -- 8 -- */

/* An S from the upper right and back up through the middle; closed at the top. */
static const struct digits_point eight_single[] = {
    {50, 10, 64, 12, 0}, {30, 1, 42, 0, 0},   {10, 12, 14, 12, 0}, {12, 30, 18, 32, 0},  {30, 46, 42, 48, 0},
    {48, 64, 68, 66, 0}, {48, 88, 66, 88, 0}, {26, 99, 38, 99, 0}, {6, 88, 8, 88, 0},    {8, 68, 12, 70, 0},
    {28, 48, 40, 49, 0}, {48, 30, 66, 30, 0}, {52, 14, 68, 14, 0}, {44, 5, 58, 5, LIFT},
};
/* The same, but begun with an arm that stays open: the ends part at the upper right. */
static const struct digits_point eight_open[] = {
    {58, 14, 80, 14, 0},    {42, 2, 56, 0, 0},   {18, 6, 22, 6, 0},   {12, 24, 18, 24, 0},
    {26, 42, 40, 42, 0},    {44, 62, 58, 62, 0}, {42, 88, 52, 90, 0}, {20, 99, 24, 100, 0},
    {2, 86, 2, 86, 0},      {10, 66, 16, 66, 0}, {36, 46, 52, 46, 0}, {58, 26, 80, 30, 0},
    {68, 12, 92, 18, LIFT},
};
/* Two loops, one upon the other. */
static const struct digits_point eight_two[] = {
    {34, 2, 38, 0, 0},   {14, 10, 12, 12, 0},    {12, 32, 14, 34, 0},   {32, 46, 38, 46, 0},
    {54, 34, 64, 34, 0}, {54, 12, 64, 12, 0},    {32, 1, 36, 0, LIFT},  {32, 46, 38, 46, 0},
    {8, 58, 6, 60, 0},   {6, 86, 4, 88, 0},      {32, 100, 40, 100, 0}, {60, 88, 76, 86, 0},
    {58, 60, 72, 60, 0}, {34, 46, 40, 46, LIFT},
};
/* Begun in the middle: up around the upper loop, down around the lower. */
static const struct digits_point eight_middle[] = {
    {32, 48, 36, 50, 0},   {10, 30, 8, 32, 0},  {16, 6, 16, 6, 0},   {40, 2, 50, 0, 0},
    {54, 18, 68, 18, 0},   {38, 42, 46, 44, 0}, {14, 66, 12, 64, 0}, {6, 88, 6, 88, 0},
    {28, 100, 34, 100, 0}, {52, 88, 64, 86, 0}, {50, 66, 60, 66, 0}, {34, 50, 38, 50, LIFT},
};
/* Tall and slim, loops nearly closed to lines. */
static const struct digits_point eight_slim[] = {
    {40, 6, 48, 8, 0},   {28, 0, 32, 0, 0},   {16, 14, 18, 12, 0},  {18, 34, 20, 32, 0}, {28, 52, 30, 50, 0},
    {36, 76, 42, 72, 0}, {30, 97, 34, 97, 0}, {14, 98, 14, 98, 0},  {6, 84, 4, 82, 0},   {16, 62, 18, 62, 0},
    {34, 38, 38, 38, 0}, {44, 16, 50, 18, 0}, {40, 4, 44, 4, LIFT},
};
/* A big head with an arm at its right over a small narrow foot. */
static const struct digits_point eight_head[] = {
    {66, 8, 84, 8, 0},   {44, 2, 54, 2, 0},   {16, 8, 18, 8, 0},     {6, 28, 8, 28, 0},   {22, 50, 30, 48, 0},
    {42, 70, 48, 66, 0}, {42, 92, 46, 92, 0}, {26, 100, 28, 100, 0}, {12, 90, 14, 88, 0}, {20, 68, 26, 66, 0},
    {44, 44, 56, 44, 0}, {62, 22, 78, 22, 0}, {62, 8, 78, 6, LIFT},
};
/* Straight down stroke through the middle from the upper right, like an ampersand: small head, wide foot. */
static const struct digits_point eight_crossing[] = {
    {62, 8, 72, 4, 0},   {40, 4, 46, 2, 0},   {20, 14, 22, 14, 0}, {26, 34, 30, 34, 0},
    {44, 56, 52, 54, 0}, {54, 80, 62, 78, 0}, {34, 98, 38, 98, 0}, {8, 94, 6, 92, 0},
    {8, 76, 8, 74, 0},   {34, 52, 38, 52, 0}, {56, 26, 66, 26, 0}, {66, 4, 78, 6, LIFT},
};

/* -- 9 -- */

/* A loop, closed at the upper right, then a straight tail. */
static const struct digits_point nine_straight[] = {
    {44, 8, 58, 10, 0},  {28, 2, 36, 0, 0},        {8, 14, 8, 12, 0},        {6, 36, 6, 34, 0},
    {22, 48, 28, 47, 0}, {40, 36, 50, 36, 0},      {48, 12, 62, 10, CORNER}, {46, 40, 62, 40, 0},
    {44, 70, 60, 70, 0}, {40, 100, 58, 100, LIFT},
};
/* Curved tail, ending to the left. */
static const struct digits_point nine_curved[] = {
    {52, 12, 62, 14, 0}, {34, 1, 42, 0, 0},   {12, 14, 14, 12, 0},      {8, 34, 10, 36, 0},
    {26, 46, 32, 48, 0}, {46, 34, 56, 36, 0}, {56, 12, 66, 14, CORNER}, {56, 46, 68, 46, 0},
    {46, 82, 58, 82, 0}, {26, 99, 32, 99, 0}, {8, 94, 2, 90, LIFT},
};
/* Leaning: the loop runs smoothly into a tail that slants to the lower left. */
static const struct digits_point nine_slanted[] = {
    {54, 8, 66, 10, 0},  {32, 2, 40, 2, 0},        {8, 20, 8, 20, 0},   {8, 40, 12, 42, 0},
    {28, 44, 38, 44, 0}, {50, 26, 62, 26, 0},      {58, 14, 70, 12, 0}, {50, 38, 58, 40, 0},
    {38, 70, 42, 70, 0}, {28, 100, 28, 100, LIFT},
};
/* A loop of its own, then the stem as a second stroke. */
static const struct digits_point nine_stem[] = {
    {50, 6, 60, 8, 0},   {30, 1, 36, 2, 0},   {8, 12, 8, 16, 0},        {6, 34, 8, 40, 0},
    {24, 46, 32, 50, 0}, {46, 38, 56, 38, 0}, {56, 18, 66, 18, LIFT},   {58, 0, 68, 4, 0},
    {56, 34, 66, 36, 0}, {52, 66, 62, 68, 0}, {48, 100, 56, 100, LIFT},
};
/* The loop stays open at the top: like a 4 with a round shoulder. */
static const struct digits_point nine_open[] = {
    {40, 0, 50, 4, 0},   {16, 8, 20, 10, 0},       {4, 28, 4, 30, 0},       {16, 44, 20, 44, 0},
    {40, 40, 48, 38, 0}, {58, 20, 70, 18, 0},      {60, 10, 74, 6, CORNER}, {58, 40, 70, 40, 0},
    {54, 70, 64, 70, 0}, {50, 100, 60, 100, LIFT},
};
/* A large head and a short tail. */
static const struct digits_point nine_head[] = {
    {66, 12, 78, 16, 0}, {40, 0, 50, 0, 0},        {10, 16, 10, 18, 0},      {6, 46, 10, 48, 0},
    {32, 60, 40, 58, 0}, {60, 44, 70, 40, 0},      {68, 14, 80, 16, CORNER}, {68, 46, 78, 46, 0},
    {64, 74, 72, 74, 0}, {60, 100, 66, 100, LIFT},
};

#define FORM(digit, weight, points)                                                                          \
    { digit, weight, sizeof points / sizeof points[0], points }

const struct digits_form digits_forms[] = {
    FORM(0, 42, zero_oval),     FORM(0, 28, zero_pear),    FORM(0, 10, zero_open),
    FORM(0, 9, zero_curl),      FORM(0, 6, zero_broad),    FORM(0, 5, zero_inside),
    FORM(1, 66, one_plain),     FORM(1, 24, one_bent),     FORM(1, 6, one_flag),
    FORM(1, 4, one_base),       FORM(2, 22, two_straight), FORM(2, 22, two_loop),
    FORM(2, 20, two_bigloop),   FORM(2, 10, two_zed),      FORM(2, 12, two_retrace),
    FORM(2, 8, two_curl),       FORM(2, 6, two_swan),      FORM(3, 46, three_round),
    FORM(3, 12, three_flat),    FORM(3, 18, three_loop),   FORM(3, 10, three_wave),
    FORM(3, 14, three_tail),    FORM(4, 42, four_open),    FORM(4, 18, four_cup),
    FORM(4, 8, four_closed),    FORM(4, 7, four_crossed),  FORM(4, 9, four_single),
    FORM(4, 2, four_loop),      FORM(4, 14, four_low),     FORM(5, 30, five_hat),
    FORM(5, 16, five_single),   FORM(5, 10, five_ess),     FORM(5, 12, five_detached),
    FORM(5, 20, five_wide),     FORM(5, 12, five_belly),   FORM(6, 28, six_curved),
    FORM(6, 32, six_straight),  FORM(6, 6, six_hooked),    FORM(6, 20, six_open),
    FORM(6, 14, six_broad),     FORM(7, 32, seven_plain),  FORM(7, 8, seven_crossed),
    FORM(7, 16, seven_serif),   FORM(7, 10, seven_wave),   FORM(7, 12, seven_hooked),
    FORM(7, 18, seven_round),   FORM(7, 4, seven_roof),    FORM(8, 22, eight_single),
    FORM(8, 16, eight_open),    FORM(8, 8, eight_two),     FORM(8, 9, eight_middle),
    FORM(8, 12, eight_slim),    FORM(8, 26, eight_head),   FORM(8, 7, eight_crossing),
    FORM(9, 32, nine_straight), FORM(9, 8, nine_curved),   FORM(9, 26, nine_slanted),
    FORM(9, 13, nine_stem),     FORM(9, 9, nine_open),     FORM(9, 12, nine_head),
};
const unsigned digits_form_count = sizeof digits_forms / sizeof digits_forms[0];

const struct digits_form *digits_form_choose(struct random_stream *stream) {
    uint32_t digit = random_below(stream, 10);
    const struct digits_form *form = digits_forms;
    while (form->digit != digit) form++;
    const struct digits_form *end = digits_forms + digits_form_count;
    uint32_t total = 0;
    for (const struct digits_form *f = form; f < end && f->digit == digit; f++) total += f->weight;
    uint32_t ticket = random_below(stream, total);
    for (; ticket >= form->weight; form++) ticket -= form->weight;
    return form;
}
