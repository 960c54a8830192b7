/* The stroke models of the ten digits. Invariant: a stroke has at least two points and ends with a LIFT, and
 * weights are about those of American handwriting as MNIST's training images show it.
 *
 * Each point reads {x, y, x, y, kind}: the first hand's place, then the second hand's. */
#include "builtin/digits_strokes.h"

#include <stddef.h>

enum { CORNER = DIGITS_CORNER, ANGLE = DIGITS_ANGLE, LIFT = DIGITS_LIFT };

/* -- 0 -- */

/* An oval from the top, anticlockwise. First hand: narrow, its ends apart; second: a circle, its ends
 * overlapping. */
static const struct digits_point zero_oval[] = {
    {39, 2, 58, 0, 0},   {18, 14, 24, 10, 0}, {3, 50, 2, 48, 0},   {10, 86, 18, 90, 0}, {29, 99, 47, 100, 0},
    {52, 88, 80, 88, 0}, {64, 52, 98, 50, 0}, {58, 16, 84, 12, 0}, {47, 3, 53, 0, 0},   {45, 2, 33, 6, LIFT},
};
/* Begun at the upper right, leaning: a pointed top, a heavy bottom. */
static const struct digits_point zero_pear[] = {
    {69, 0, 61, 2, 0},   {42, 18, 32, 22, 0}, {10, 58, 3, 62, 0},  {4, 88, 11, 94, 0},   {25, 100, 43, 99, 0},
    {56, 82, 80, 80, 0}, {74, 44, 86, 50, 0}, {76, 12, 72, 18, 0}, {65, 2, 51, 4, LIFT},
};
/* Left open at the top: the second end stays away from the first, outside or inside. */
static const struct digits_point zero_open[] = {
    {43, 4, 27, 0, 0},   {16, 20, 8, 24, 0},    {2, 54, 1, 62, 0},
    {12, 90, 15, 94, 0}, {39, 100, 43, 100, 0}, {70, 84, 72, 84, 0},
    {82, 48, 84, 48, 0}, {70, 12, 76, 16, 0},   {52, 10, 55, 2, LIFT},
};
/* Closed with a small curl: the end runs through the beginning. */
static const struct digits_point zero_curl[] = {
    {36, 10, 46, 16, 0},  {18, 22, 24, 18, 0}, {3, 54, 2, 54, 0},      {14, 90, 17, 94, 0},
    {39, 100, 47, 99, 0}, {68, 84, 82, 80, 0}, {76, 46, 92, 44, 0},    {64, 12, 77, 8, 0},
    {43, 2, 53, 4, 0},    {29, 8, 34, 18, 0},  {36, 18, 41, 32, LIFT},
};
/* The pen runs on down into the oval: half a slash, nearly a whole one in the second hand. */
static const struct digits_point zero_inside[] = {
    {55, 4, 69, 0, 0},   {26, 10, 27, 8, 0},  {3, 50, 2, 50, 0},      {15, 92, 17, 94, 0},
    {43, 99, 47, 99, 0}, {72, 80, 82, 80, 0}, {80, 46, 90, 44, 0},    {68, 10, 77, 8, 0},
    {53, 4, 59, 6, 0},   {41, 26, 43, 34, 0}, {32, 48, 23, 70, LIFT},
};
/* Low and broad, box-like in the second hand. */
static const struct digits_point zero_broad[] = {
    {63, 2, 43, 2, 0},   {24, 12, 13, 6, 0},   {2, 50, 2, 50, 0},   {12, 88, 7, 94, 0},   {51, 99, 49, 98, 0},
    {90, 86, 91, 92, 0}, {112, 48, 98, 50, 0}, {100, 14, 95, 8, 0}, {61, 1, 47, 3, LIFT},
};

/* -- 1 -- */

/* A plain line; the second hand's leans far. */
static const struct digits_point one_plain[] = {
    {18, 0, 46, 0, 0},
    {21, 34, 33, 34, 0},
    {21, 66, 18, 68, 0},
    {18, 100, 4, 100, LIFT},
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
    {9, 22, 11, 20, 0},     {25, 4, 29, 4, 0},   {44, 2, 56, 0, 0},
    {58, 20, 76, 18, 0},    {50, 46, 62, 46, 0}, {28, 74, 34, 74, 0},
    {4, 98, 2, 96, CORNER}, {34, 95, 44, 87, 0}, {66, 94, 98, 78, LIFT},
};
/* Round top, loop at the lower left, base swinging out. */
static const struct digits_point two_loop[] = {
    {11, 20, 9, 24, 0},  {27, 3, 27, 4, 0},   {48, 2, 50, 0, 0},   {60, 22, 74, 16, 0},
    {48, 52, 66, 44, 0}, {26, 84, 46, 76, 0}, {8, 97, 20, 97, 0},  {4, 88, 1, 90, 0},
    {18, 80, 6, 70, 0},  {44, 90, 28, 64, 0}, {74, 96, 58, 75, 0}, {84, 89, 96, 76, LIFT},
};
/* A small head on a big loop, the base a long stroke to the right. */
static const struct digits_point two_bigloop[] = {
    {19, 10, 9, 26, 0},  {37, 0, 29, 6, 0},   {52, 8, 56, 2, 0},   {52, 32, 80, 20, 0},
    {36, 64, 68, 54, 0}, {16, 90, 46, 84, 0}, {4, 94, 16, 96, 0},  {0, 80, 0, 84, 0},
    {16, 66, 14, 62, 0}, {40, 78, 46, 64, 0}, {62, 93, 84, 77, 0}, {84, 91, 116, 70, LIFT},
};
/* A great loop at the left, reaching up to the waist; the base falls away to the right. */
static const struct digits_point two_falling[] = {
    {13, 30, 7, 36, 0},  {23, 6, 25, 8, 0},   {46, 0, 56, 0, 0},   {66, 18, 82, 16, 0},
    {54, 50, 70, 46, 0}, {34, 76, 44, 76, 0}, {12, 86, 14, 88, 0}, {2, 74, 0, 72, 0},
    {20, 60, 26, 54, 0}, {48, 68, 62, 64, 0}, {64, 83, 86, 77, 0}, {74, 97, 100, 82, LIFT},
};
/* Nearly an L: a short hook for a head, a neck leaning back, a long base. */
static const struct digits_point two_ell[] = {
    {12, 22, 10, 14, 0},     {20, 6, 22, 2, 0},   {34, 4, 38, 0, 0},
    {38, 24, 40, 14, 0},     {30, 56, 32, 48, 0}, {12, 88, 16, 84, 0},
    {6, 96, 10, 96, CORNER}, {36, 92, 48, 94, 0}, {70, 88, 90, 90, LIFT},
};
/* As a Z: flat top with a corner. */
static const struct digits_point two_zed[] = {
    {9, 12, 5, 10, 0},   {29, 3, 35, 3, 0},      {54, 5, 66, 5, CORNER}, {52, 24, 58, 26, 0},
    {30, 60, 34, 62, 0}, {4, 95, 4, 96, CORNER}, {34, 92, 40, 89, 0},    {66, 92, 86, 74, LIFT},
};
/* The turn at the lower left retraces itself: a fat blunt foot instead of a loop. */
static const struct digits_point two_retrace[] = {
    {13, 24, 7, 26, 0},  {21, 6, 19, 6, 0},   {42, 0, 46, 1, 0},      {64, 14, 66, 20, 0},
    {58, 44, 58, 48, 0}, {30, 78, 30, 76, 0}, {6, 94, 2, 90, 0},      {4, 96, 6, 96, 0},
    {30, 88, 34, 86, 0}, {60, 91, 66, 89, 0}, {86, 93, 96, 76, LIFT},
};
/* Begun with a curl inside the top. */
static const struct digits_point two_curl[] = {
    {29, 26, 35, 30, 0}, {13, 30, 13, 28, 0},    {6, 14, 12, 10, 0},  {32, 0, 44, 0, 0},
    {58, 10, 78, 14, 0}, {58, 38, 72, 42, 0},    {34, 72, 40, 76, 0}, {6, 97, 4, 94, CORNER},
    {38, 93, 46, 85, 0}, {74, 93, 96, 80, LIFT},
};
/* A swan: high narrow neck, wide low base. */
static const struct digits_point two_swan[] = {
    {23, 18, 35, 12, 0}, {39, 2, 53, 0, 0}, {56, 8, 72, 12, 0},  {58, 34, 70, 36, 0}, {40, 66, 44, 66, 0},
    {8, 90, 6, 88, 0},   {2, 86, 4, 80, 0}, {22, 82, 24, 80, 0}, {56, 91, 66, 83, 0}, {94, 93, 118, 72, LIFT},
};

/* -- 3 -- */

/* Two round bows meeting in a point. */
static const struct digits_point three_round[] = {
    {8, 14, 10, 16, 0},  {25, 2, 29, 2, 0},        {47, 4, 56, 4, 0},    {54, 18, 65, 20, 0},
    {42, 36, 52, 38, 0}, {19, 44, 27, 46, CORNER}, {48, 50, 58, 50, 0},  {62, 74, 76, 76, 0},
    {50, 92, 60, 94, 0}, {20, 99, 24, 99, 0},      {2, 90, 2, 86, LIFT},
};
/* Flat top, corner, lower bow. */
static const struct digits_point three_flat[] = {
    {7, 6, 10, 4, 0},         {30, 3, 36, 4, 0},    {56, 4, 64, 3, CORNER}, {42, 20, 47, 20, 0},
    {21, 39, 25, 39, CORNER}, {52, 44, 60, 44, 0},  {64, 72, 76, 74, 0},    {48, 92, 58, 94, 0},
    {18, 98, 22, 98, 0},      {2, 90, 0, 86, LIFT},
};
/* A small loop between the bows. */
static const struct digits_point three_loop[] = {
    {10, 12, 8, 14, 0},  {29, 1, 29, 1, 0},   {53, 6, 56, 6, 0},   {58, 22, 62, 24, 0},
    {42, 42, 44, 44, 0}, {26, 48, 22, 48, 0}, {26, 41, 24, 38, 0}, {44, 44, 46, 44, 0},
    {64, 60, 68, 66, 0}, {66, 82, 66, 86, 0}, {38, 98, 36, 99, 0}, {8, 94, 0, 88, LIFT},
};
/* A wave: the bows run into each other without a point. */
static const struct digits_point three_wave[] = {
    {8, 12, 7, 8, 0},    {27, 2, 30, 0, 0},   {49, 8, 60, 8, 0},   {51, 24, 62, 24, 0},  {40, 40, 50, 40, 0},
    {44, 48, 52, 48, 0}, {60, 70, 72, 70, 0}, {56, 88, 66, 88, 0}, {26, 99, 32, 100, 0}, {4, 94, 0, 92, LIFT},
};
/* Drawn in haste, as a zigzag: a long slanted stroke back to the waist, bows almost straight. */
static const struct digits_point three_zigzag[] = {
    {5, 10, 3, 6, 0},    {29, 2, 34, 0, 0},        {54, 4, 75, 4, 0},
    {51, 18, 64, 16, 0}, {21, 41, 23, 45, CORNER}, {48, 44, 60, 48, 0},
    {64, 60, 84, 66, 0}, {46, 84, 58, 84, 0},      {18, 100, 16, 100, LIFT},
};
/* Small upper bow, large lower one with a long tail to the left. */
static const struct digits_point three_tail[] = {
    {21, 8, 27, 10, 0},       {38, 1, 45, 0, 0},    {56, 8, 67, 6, 0},   {54, 22, 65, 20, 0},
    {33, 37, 41, 35, CORNER}, {60, 44, 74, 42, 0},  {68, 72, 84, 70, 0}, {52, 90, 66, 90, 0},
    {20, 97, 28, 99, 0},      {2, 94, 2, 96, LIFT},
};

/* -- 4 -- */

/* Open: left stroke down and across, then the stem, taller than the left stroke in the first hand. */
static const struct digits_point four_open[] = {
    {20, 12, 16, 2, 0},  {14, 30, 9, 26, 0},     {4, 54, 7, 48, CORNER},
    {28, 56, 34, 51, 0}, {54, 52, 68, 47, LIFT}, {58, 0, 72, 0, 0},
    {51, 34, 66, 36, 0}, {45, 66, 61, 68, 0},    {38, 100, 54, 100, LIFT},
};
/* Open, the left side a cup that runs up into the stem. */
static const struct digits_point four_cup[] = {
    {14, 4, 14, 0, 0},   {7, 26, 9, 24, 0},        {9, 48, 17, 44, 0}, {26, 54, 38, 50, 0},
    {48, 44, 65, 42, 0}, {59, 30, 77, 32, LIFT},   {61, 2, 83, 2, 0},  {57, 34, 77, 36, 0},
    {52, 68, 71, 68, 0}, {48, 100, 62, 100, LIFT},
};
/* Closed: a triangle at the head of the stem. */
static const struct digits_point four_closed[] = {
    {53, 2, 60, 0, 0},   {34, 30, 35, 28, 0},    {3, 60, -1, 60, ANGLE},
    {33, 60, 39, 60, 0}, {69, 58, 87, 59, LIFT}, {53, 2, 62, 0, 0},
    {51, 34, 61, 34, 0}, {48, 66, 59, 66, 0},    {44, 100, 56, 100, LIFT},
};
/* Open with the bar running far across a stem that begins lower than the left stroke. */
static const struct digits_point four_crossed[] = {
    {42, 0, 38, 0, 0},   {25, 28, 18, 30, 0},    {1, 58, 1, 62, ANGLE},
    {36, 56, 39, 58, 0}, {82, 50, 92, 52, LIFT}, {58, 22, 58, 28, 0},
    {52, 46, 54, 52, 0}, {46, 72, 48, 76, 0},    {40, 100, 42, 100, LIFT},
};
/* In one stroke, like a y: the cup, up, and back down the stem. */
static const struct digits_point four_single[] = {
    {16, 2, 12, 6, 0},   {11, 28, 7, 28, 0},  {17, 48, 15, 46, 0},
    {34, 50, 36, 48, 0}, {55, 32, 59, 30, 0}, {67, 2, 76, 0, CORNER},
    {61, 34, 67, 36, 0}, {53, 68, 59, 68, 0}, {46, 100, 52, 100, LIFT},
};
/* In one stroke from the top of the stem: round the left, and the bar back through a stem drawn last, its
 * head a loop. */
static const struct digits_point four_loop[] = {
    {51, 6, 65, 4, 0},   {31, 28, 35, 28, 0},      {2, 56, 0, 54, ANGLE},  {15, 58, 18, 56, 0},
    {40, 50, 48, 46, 0}, {58, 26, 70, 20, 0},      {61, 6, 75, 2, CORNER}, {55, 36, 65, 38, 0},
    {49, 68, 57, 70, 0}, {42, 100, 48, 100, LIFT},
};
/* Wide and low, with a short stem that ends soon below the bar. */
static const struct digits_point four_low[] = {
    {22, 6, 26, 0, 0},   {12, 34, 12, 34, 0},    {1, 66, 3, 68, CORNER},
    {35, 68, 45, 68, 0}, {73, 62, 95, 62, LIFT}, {74, 0, 93, 4, 0},
    {67, 36, 85, 38, 0}, {59, 70, 76, 72, 0},    {52, 100, 68, 100, LIFT},
};

/* -- 5 -- */

/* Body first, then the hat joined to its head. */
static const struct digits_point five_hat[] = {
    {18, 4, 22, 4, 0},      {15, 22, 19, 22, 0}, {11, 42, 13, 42, CORNER}, {31, 37, 39, 36, 0},
    {52, 48, 66, 48, 0},    {58, 74, 72, 74, 0}, {36, 94, 48, 95, 0},      {23, 98, 25, 98, 0},
    {16, 88, 16, 88, LIFT}, {18, 5, 20, 5, 0},   {35, 4, 54, 4, 0},        {62, 2, 90, 0, LIFT},
};
/* In one stroke from the right end of the hat. */
static const struct digits_point five_single[] = {
    {64, 2, 86, 0, 0},        {37, 4, 54, 3, 0},   {20, 6, 26, 5, CORNER}, {17, 22, 22, 22, 0},
    {13, 42, 17, 40, CORNER}, {35, 38, 35, 36, 0}, {54, 50, 64, 48, 0},    {58, 76, 70, 76, 0},
    {36, 95, 46, 96, 0},      {23, 98, 25, 99, 0}, {16, 90, 16, 90, LIFT},
};
/* Like an S: no corners left. */
static const struct digits_point five_ess[] = {
    {62, 4, 80, 6, 0},   {37, 2, 54, 0, 0},      {21, 12, 27, 10, 0}, {15, 30, 23, 28, 0},
    {31, 44, 35, 42, 0}, {48, 58, 62, 56, 0},    {54, 82, 68, 80, 0}, {32, 97, 46, 96, 0},
    {21, 98, 25, 99, 0}, {16, 88, 16, 90, LIFT},
};
/* The hat floats: higher than the body or to its right. */
static const struct digits_point five_detached[] = {
    {21, 10, 25, 12, 0},    {17, 26, 19, 26, 0}, {15, 42, 13, 42, CORNER}, {35, 40, 39, 40, 0},
    {54, 54, 62, 54, 0},    {56, 80, 64, 80, 0}, {32, 96, 38, 97, 0},      {21, 98, 23, 98, 0},
    {16, 90, 16, 90, LIFT}, {26, 4, 33, 4, 0},   {50, 2, 66, 2, 0},        {72, 0, 98, 0, LIFT},
};
/* Leaning far: a short neck, a long flat hat, a shallow belly that trails off to the left. */
static const struct digits_point five_wide[] = {
    {31, 6, 43, 8, 0},   {29, 22, 37, 24, 0}, {21, 40, 27, 42, CORNER}, {35, 40, 50, 42, 0},
    {56, 54, 68, 56, 0}, {54, 78, 64, 80, 0}, {31, 94, 34, 96, 0},      {16, 98, 16, 96, LIFT},
    {31, 6, 43, 8, 0},   {64, 4, 86, 4, 0},   {94, 0, 124, 0, LIFT},
};
/* A large round belly that nearly closes. */
static const struct digits_point five_belly[] = {
    {62, 2, 68, 2, 0},       {37, 2, 46, 2, 0},   {20, 6, 20, 4, CORNER}, {15, 26, 13, 24, 0},
    {13, 44, 9, 42, CORNER}, {35, 34, 37, 34, 0}, {58, 46, 70, 48, 0},    {66, 76, 78, 76, 0},
    {44, 98, 48, 98, 0},     {21, 96, 21, 96, 0}, {20, 82, 5, 71, LIFT},
};

/* -- 6 -- */

/* Curved back, belly closing on it. */
static const struct digits_point six_curved[] = {
    {46, 0, 62, 2, 0},   {27, 18, 37, 14, 0},    {11, 46, 11, 46, 0}, {4, 76, 4, 74, 0},
    {16, 96, 20, 97, 0}, {38, 97, 54, 96, 0},    {52, 80, 74, 78, 0}, {46, 63, 64, 61, 0},
    {28, 71, 38, 69, 0}, {16, 85, 18, 85, LIFT},
};
/* Straight back, slim belly low down. */
static const struct digits_point six_straight[] = {
    {30, 0, 24, 0, 0},   {21, 28, 17, 30, 0}, {11, 58, 7, 62, 0},
    {6, 84, 6, 86, 0},   {20, 99, 24, 99, 0}, {40, 90, 52, 88, 0},
    {46, 74, 58, 74, 0}, {34, 71, 40, 69, 0}, {18, 83, 16, 85, LIFT},
};
/* The top bends over like a G; high, wide belly. */
static const struct digits_point six_hooked[] = {
    {64, 10, 86, 16, 0}, {49, 0, 65, 2, 0},   {23, 14, 29, 14, 0},    {4, 48, 4, 50, 0},
    {6, 82, 10, 84, 0},  {32, 99, 42, 99, 0}, {60, 86, 80, 84, 0},    {62, 63, 82, 61, 0},
    {44, 53, 58, 53, 0}, {20, 69, 26, 71, 0}, {14, 83, 16, 83, LIFT},
};
/* The belly does not reach the back, or curls inside itself. */
static const struct digits_point six_open[] = {
    {42, 0, 54, 0, 0},    {21, 22, 25, 22, 0},    {7, 56, 5, 56, 0},   {8, 88, 10, 88, 0},
    {30, 100, 40, 99, 0}, {54, 88, 74, 84, 0},    {58, 72, 76, 63, 0}, {44, 61, 58, 57, 0},
    {30, 79, 36, 75, 0},  {30, 91, 42, 85, LIFT},
};
/* The back leans to the left or stands upright, a wide cup follows, and its end curls into a loop inside. */
static const struct digits_point six_cup[] = {
    {22, 0, 2, 0, 0},    {13, 30, 5, 34, 0},     {7, 66, 7, 68, 0},   {14, 94, 22, 96, 0},
    {42, 98, 58, 98, 0}, {64, 80, 88, 78, 0},    {60, 58, 86, 54, 0}, {44, 52, 62, 44, 0},
    {32, 66, 44, 66, 0}, {36, 84, 46, 88, LIFT},
};
/* Low and broad: a short leaning back, a big belly to its right. */
static const struct digits_point six_broad[] = {
    {32, 0, 30, 0, 0},   {17, 26, 13, 28, 0},    {5, 62, 5, 66, 0},    {14, 92, 22, 94, 0},
    {44, 99, 66, 99, 0}, {76, 84, 104, 82, 0},   {76, 59, 100, 57, 0}, {54, 51, 68, 53, 0},
    {30, 75, 36, 77, 0}, {22, 95, 26, 95, LIFT},
};

/* -- 7 -- */

/* Flat top, corner, leg. */
static const struct digits_point seven_plain[] = {
    {0, 8, 0, 6, 0},     {26, 6, 36, 5, 0},   {52, 4, 74, 3, CORNER},
    {47, 34, 63, 34, 0}, {35, 68, 47, 68, 0}, {32, 100, 42, 100, LIFT},
};
/* The same with a bar across the leg. */
static const struct digits_point seven_crossed[] = {
    {0, 6, 0, 8, 0},     {28, 4, 36, 6, 0},   {58, 4, 72, 2, CORNER},
    {53, 34, 61, 36, 0}, {39, 68, 46, 70, 0}, {36, 100, 40, 100, LIFT},
    {23, 52, 8, 56, 0},  {43, 51, 49, 52, 0}, {65, 48, 95, 48, LIFT},
};
/* With a serif at the beginning. */
static const struct digits_point seven_serif[] = {
    {2, 26, 0, 20, 0},      {4, 14, 4, 10, 0},   {8, 5, 10, 3, CORNER}, {32, 6, 42, 6, 0},
    {58, 3, 78, 4, CORNER}, {51, 36, 68, 32, 0}, {39, 68, 53, 66, 0},   {38, 100, 48, 100, LIFT},
};
/* A short leg under a broad roof that hooks down at its left. */
static const struct digits_point seven_hooked[] = {
    {1, 34, 6, 44, 0}, {4, 12, 4, 20, 0},   {14, 4, 20, 4, 0},   {40, 4, 50, 2, 0},
    {64, 6, 82, 6, 0}, {62, 24, 84, 28, 0}, {50, 60, 66, 62, 0}, {44, 100, 58, 100, LIFT},
};
/* The top swings: up, down and up to the corner. */
static const struct digits_point seven_wave[] = {
    {0, 22, 2, 26, 0},      {10, 6, 14, 4, 0},   {28, 6, 36, 8, 0},   {46, 10, 58, 10, 0},
    {62, 2, 78, 0, CORNER}, {52, 30, 64, 32, 0}, {39, 64, 47, 66, 0}, {32, 100, 36, 100, LIFT},
};
/* Rounded: the top runs into the leg without a corner. */
static const struct digits_point seven_round[] = {
    {0, 10, 2, 14, 0},   {22, 2, 24, 4, 0},   {46, 2, 54, 2, 0},        {54, 18, 66, 18, 0},
    {48, 46, 60, 46, 0}, {44, 74, 54, 74, 0}, {44, 100, 52, 100, LIFT},
};
/* Steep narrow roof sloping down to the left; the leg bends. */
static const struct digits_point seven_roof[] = {
    {0, 22, 4, 16, 0},   {20, 14, 30, 12, 0}, {44, 2, 62, 0, CORNER},
    {42, 32, 54, 30, 0}, {39, 64, 44, 62, 0}, {44, 100, 44, 100, LIFT},
};

/* -- 8 -- */

/* An S from the upper right and back up through the middle; closed at the top. */
static const struct digits_point eight_single[] = {
    {50, 10, 64, 12, 0}, {30, 1, 42, 0, 0},   {10, 12, 14, 12, 0}, {12, 30, 18, 32, 0},  {30, 46, 42, 48, 0},
    {47, 64, 65, 66, 0}, {47, 88, 63, 88, 0}, {28, 99, 39, 99, 0}, {11, 88, 13, 88, 0},  {13, 68, 16, 70, 0},
    {28, 48, 40, 49, 0}, {48, 30, 66, 30, 0}, {52, 14, 68, 14, 0}, {44, 5, 58, 5, LIFT},
};
/* The same, but begun with an arm that stays open: the ends part at the upper right. */
static const struct digits_point eight_open[] = {
    {58, 14, 84, 12, 0},    {42, 2, 58, 0, 0},   {18, 6, 22, 6, 0},   {12, 24, 16, 26, 0},
    {26, 42, 38, 44, 0},    {44, 62, 52, 62, 0}, {42, 88, 47, 90, 0}, {23, 99, 25, 100, 0},
    {8, 86, 8, 86, 0},      {15, 66, 20, 66, 0}, {36, 46, 56, 44, 0}, {58, 26, 88, 24, 0},
    {68, 12, 112, 6, LIFT},
};
/* Both ends stick out at the top, apart: a ribbon laid over itself. */
static const struct digits_point eight_ribbon[] = {
    {66, 2, 88, 4, 0},   {40, 6, 50, 4, 0},   {12, 12, 12, 8, 0},  {10, 28, 6, 24, 0},
    {28, 46, 34, 42, 0}, {46, 66, 56, 64, 0}, {44, 90, 52, 90, 0}, {27, 100, 30, 100, 0},
    {13, 86, 13, 86, 0}, {23, 62, 27, 62, 0}, {42, 36, 54, 38, 0}, {60, 6, 84, 12, LIFT},
};
/* Two loops, one upon the other. */
static const struct digits_point eight_two[] = {
    {34, 2, 38, 0, 0},   {14, 10, 12, 12, 0},    {12, 32, 14, 34, 0},   {32, 46, 38, 46, 0},
    {54, 34, 64, 34, 0}, {54, 12, 64, 12, 0},    {32, 1, 36, 0, LIFT},  {32, 46, 38, 46, 0},
    {13, 58, 11, 60, 0}, {11, 86, 9, 88, 0},     {34, 100, 40, 100, 0}, {58, 88, 71, 86, 0},
    {56, 60, 68, 60, 0}, {34, 46, 40, 46, LIFT},
};
/* Begun in the middle: up around the upper loop, down around the lower. */
static const struct digits_point eight_middle[] = {
    {32, 48, 36, 50, 0},   {10, 30, 8, 32, 0},  {16, 6, 16, 6, 0},   {40, 2, 50, 0, 0},
    {54, 18, 68, 18, 0},   {38, 42, 46, 44, 0}, {18, 66, 16, 64, 0}, {11, 88, 11, 88, 0},
    {30, 100, 35, 100, 0}, {51, 88, 61, 86, 0}, {49, 66, 58, 66, 0}, {34, 50, 38, 50, LIFT},
};
/* Tall and slim, loops nearly closed to lines. */
static const struct digits_point eight_slim[] = {
    {40, 6, 48, 8, 0},   {28, 0, 32, 0, 0},   {16, 14, 18, 12, 0},  {18, 34, 20, 32, 0}, {28, 52, 30, 50, 0},
    {37, 76, 42, 72, 0}, {32, 97, 35, 97, 0}, {18, 98, 18, 98, 0},  {11, 84, 9, 82, 0},  {20, 62, 22, 62, 0},
    {34, 38, 38, 38, 0}, {44, 16, 50, 18, 0}, {40, 4, 44, 4, LIFT},
};
/* A big head with an arm at its right over a small narrow foot. */
static const struct digits_point eight_head[] = {
    {66, 8, 84, 8, 0},   {44, 2, 54, 2, 0},   {16, 8, 18, 8, 0},     {6, 28, 8, 28, 0},   {22, 50, 30, 48, 0},
    {42, 70, 47, 66, 0}, {42, 92, 46, 92, 0}, {28, 100, 30, 100, 0}, {16, 90, 18, 88, 0}, {23, 68, 28, 66, 0},
    {44, 44, 56, 44, 0}, {62, 22, 78, 22, 0}, {62, 8, 78, 6, LIFT},
};
/* Straight down stroke through the middle from the upper right, like an ampersand: small head, wide foot. */
static const struct digits_point eight_crossing[] = {
    {62, 8, 72, 4, 0},   {40, 4, 46, 2, 0},   {20, 14, 22, 14, 0}, {26, 34, 30, 34, 0},
    {44, 56, 52, 54, 0}, {52, 80, 59, 78, 0}, {35, 98, 39, 98, 0}, {13, 94, 11, 92, 0},
    {13, 76, 13, 74, 0}, {34, 52, 38, 52, 0}, {56, 26, 66, 26, 0}, {66, 4, 78, 6, LIFT},
};

/* -- 9 -- */

/* A loop, closed at the upper right, then a straight tail. */
static const struct digits_point nine_straight[] = {
    {44, 9, 58, 10, 0},  {25, 2, 36, 0, 0},        {9, 15, 9, 12, 0},        {7, 38, 7, 36, 0},
    {23, 50, 25, 49, 0}, {40, 38, 50, 38, 0},      {48, 12, 62, 10, CORNER}, {46, 43, 62, 43, 0},
    {44, 70, 60, 70, 0}, {40, 100, 58, 100, LIFT},
};
/* Curved tail, ending to the left. */
static const struct digits_point nine_curved[] = {
    {52, 12, 62, 15, 0}, {34, 1, 42, 0, 0},   {13, 15, 15, 12, 0},      {9, 36, 11, 38, 0},
    {23, 48, 32, 50, 0}, {46, 36, 56, 38, 0}, {56, 12, 66, 15, CORNER}, {56, 48, 68, 48, 0},
    {46, 82, 58, 82, 0}, {26, 99, 32, 99, 0}, {8, 94, 2, 90, LIFT},
};
/* Leaning: the loop runs smoothly into a tail that slants to the lower left. */
static const struct digits_point nine_slanted[] = {
    {54, 9, 66, 10, 0},  {32, 2, 40, 2, 0},        {9, 21, 9, 21, 0},   {9, 43, 13, 44, 0},
    {25, 46, 38, 46, 0}, {50, 27, 62, 27, 0},      {58, 15, 70, 12, 0}, {50, 40, 58, 43, 0},
    {38, 70, 42, 70, 0}, {28, 100, 28, 100, LIFT},
};
/* A loop of its own, then the stem as a second stroke. */
static const struct digits_point nine_stem[] = {
    {50, 7, 60, 9, 0},   {30, 1, 36, 2, 0},   {9, 12, 9, 17, 0},        {7, 36, 9, 43, 0},
    {25, 48, 32, 53, 0}, {46, 40, 56, 40, 0}, {56, 19, 66, 19, LIFT},   {58, 0, 68, 4, 0},
    {56, 36, 66, 38, 0}, {52, 66, 62, 68, 0}, {48, 100, 56, 100, LIFT},
};
/* The loop stays open at the top: like a 4 with a round shoulder. */
static const struct digits_point nine_open[] = {
    {40, 0, 50, 4, 0},   {17, 9, 21, 10, 0},       {5, 29, 5, 31, 0},       {17, 46, 21, 46, 0},
    {40, 43, 48, 40, 0}, {58, 21, 70, 19, 0},      {60, 10, 74, 7, CORNER}, {58, 43, 70, 43, 0},
    {54, 70, 64, 70, 0}, {50, 100, 60, 100, LIFT},
};
/* The head begins at the far right above the stem, like an S, and does not close. */
static const struct digits_point nine_hat[] = {
    {60, 2, 80, 0, 0},   {38, 2, 50, 6, 0},        {13, 15, 21, 19, 0},      {9, 36, 15, 40, 0},
    {25, 46, 36, 48, 0}, {50, 31, 60, 34, 0},      {58, 17, 68, 24, CORNER}, {54, 46, 60, 50, 0},
    {48, 70, 50, 74, 0}, {42, 100, 38, 100, LIFT},
};
/* Tall and slim: a small narrow loop on a long tail. */
static const struct digits_point nine_slim[] = {
    {36, 6, 48, 6, 0},   {24, 1, 32, 0, 0},        {10, 12, 14, 14, 0},      {8, 30, 10, 34, 0},
    {18, 42, 22, 48, 0}, {30, 30, 38, 36, 0},      {38, 10, 50, 10, CORNER}, {36, 38, 46, 40, 0},
    {32, 68, 40, 70, 0}, {28, 100, 34, 100, LIFT},
};
/* A large head and a short tail. */
static const struct digits_point nine_head[] = {
    {60, 12, 86, 21, 0}, {38, 0, 50, 0, 0},        {11, 17, 9, 21, 0},       {7, 48, 7, 57, 0},
    {30, 62, 38, 72, 0}, {54, 44, 76, 55, 0},      {62, 15, 88, 17, CORNER}, {62, 48, 88, 48, 0},
    {58, 74, 86, 74, 0}, {56, 100, 84, 100, LIFT},
};

#define FORM(digit, weight, points)                                                                          \
    { digit, weight, sizeof points / sizeof points[0], points }

const struct digits_form digits_forms[] = {
    FORM(0, 42, zero_oval),     FORM(0, 30, zero_pear),     FORM(0, 10, zero_open),
    FORM(0, 9, zero_curl),      FORM(0, 6, zero_broad),     FORM(0, 6, zero_inside),
    FORM(1, 66, one_plain),     FORM(1, 24, one_bent),      FORM(1, 6, one_flag),
    FORM(1, 4, one_base),       FORM(2, 15, two_straight),  FORM(2, 26, two_loop),
    FORM(2, 22, two_bigloop),   FORM(2, 16, two_falling),   FORM(2, 6, two_ell),
    FORM(2, 9, two_zed),        FORM(2, 8, two_retrace),    FORM(2, 6, two_curl),
    FORM(2, 5, two_swan),       FORM(3, 46, three_round),   FORM(3, 12, three_flat),
    FORM(3, 18, three_loop),    FORM(3, 10, three_wave),    FORM(3, 12, three_zigzag),
    FORM(3, 14, three_tail),    FORM(4, 50, four_open),     FORM(4, 18, four_cup),
    FORM(4, 8, four_closed),    FORM(4, 7, four_crossed),   FORM(4, 8, four_single),
    FORM(4, 2, four_loop),      FORM(4, 14, four_low),      FORM(5, 30, five_hat),
    FORM(5, 16, five_single),   FORM(5, 10, five_ess),      FORM(5, 12, five_detached),
    FORM(5, 20, five_wide),     FORM(5, 12, five_belly),    FORM(6, 28, six_curved),
    FORM(6, 30, six_straight),  FORM(6, 5, six_hooked),     FORM(6, 20, six_open),
    FORM(6, 16, six_cup),       FORM(6, 14, six_broad),     FORM(7, 36, seven_plain),
    FORM(7, 10, seven_crossed), FORM(7, 16, seven_serif),   FORM(7, 10, seven_wave),
    FORM(7, 12, seven_hooked),  FORM(7, 19, seven_round),   FORM(7, 4, seven_roof),
    FORM(8, 22, eight_single),  FORM(8, 16, eight_open),    FORM(8, 12, eight_ribbon),
    FORM(8, 8, eight_two),      FORM(8, 9, eight_middle),   FORM(8, 12, eight_slim),
    FORM(8, 26, eight_head),    FORM(8, 5, eight_crossing), FORM(9, 32, nine_straight),
    FORM(9, 8, nine_curved),    FORM(9, 26, nine_slanted),  FORM(9, 13, nine_stem),
    FORM(9, 15, nine_hat),      FORM(9, 12, nine_slim),     FORM(9, 9, nine_open),
    FORM(9, 12, nine_head),
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
