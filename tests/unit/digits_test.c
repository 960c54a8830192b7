/* The built-in handwriting: builtin/digits.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "builtin/digits.h"
#include "builtin/digits_strokes.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE = 2000 };

static uint64_t fnv1a(uint64_t hash, const void *bytes, size_t size) {
    const uint8_t *byte = bytes;
    for (size_t i = 0; i < size; i++) hash = (hash ^ byte[i]) * 0x100000001b3u;
    return hash;
}
static const uint64_t fnv1a_start = 0xcbf29ce484222325u;

/* The first 200 training images with seed 1, each followed by its label. Another number here means that all
 * figures measured on `digits` are to be measured again; another number on one machine only, that it computes
 * other bits. */
static void the_first_images_have_these_bits(void **state) {
    (void)state;
    uint64_t hash = fnv1a_start;
    for (uint32_t i = 0; i < 200; i++) {
        uint8_t image[DIGITS_PIXELS];
        uint8_t label = (uint8_t)digits_draw(image, 1, 0, i);
        hash = fnv1a(hash, image, sizeof image);
        hash = fnv1a(hash, &label, 1);
    }
    assert_int_equal(hash, 0x1c78eb3ef0f44e3du);
}

static void an_image_depends_on_nothing_else(void **state) {
    (void)state;
    uint8_t first[DIGITS_PIXELS], again[DIGITS_PIXELS], between[DIGITS_PIXELS];
    memset(first, 1, sizeof first);
    memset(again, 2, sizeof again);
    int label = digits_draw(first, 7, 1, 4000000000u);
    digits_draw(between, 8, 0, 3);
    assert_int_equal(digits_draw(again, 7, 1, 4000000000u), label);
    assert_memory_equal(first, again, sizeof first);
}

/* Ten equal classes: each within five standard deviations of a tenth. */
static void labels_are_uniform(void **state) {
    (void)state;
    size_t counts[DIGITS_CLASSES] = {0};
    for (uint32_t i = 0; i < SAMPLE; i++) {
        uint8_t image[DIGITS_PIXELS];
        int label = digits_draw(image, 3, 0, i);
        assert_in_range(label, 0, DIGITS_CLASSES - 1);
        counts[label]++;
    }
    double deviation = sqrt(SAMPLE * 0.1 * 0.9);
    for (int digit = 0; digit < DIGITS_CLASSES; digit++)
        assert_true(fabs((double)counts[digit] - SAMPLE * 0.1) < 5 * deviation);
}

/* MNIST has the centre of mass in the pixel right of and below the middle: at 14 when pixels count from 0,
 * half a pixel more or less from rounding; grey levels are rounded after the centre is found, which adds a
 * little. A few images, of a 7 mostly, would be cut by the frame if they were moved so far: they stay up to a
 * pixel off. */
static void the_centre_of_mass_is_where_mnist_has_it(void **state) {
    (void)state;
    int off_centre = 0;
    for (uint32_t i = 0; i < SAMPLE; i++) {
        uint8_t image[DIGITS_PIXELS];
        digits_draw(image, 4, 0, i);
        double mass = 0, x = 0, y = 0;
        for (int pixel = 0; pixel < DIGITS_PIXELS; pixel++) {
            mass += image[pixel];
            x += image[pixel] * (pixel % DIGITS_SIDE);
            y += image[pixel] * (pixel / DIGITS_SIDE);
        }
        double off_x = fabs(x / mass - 14), off_y = fabs(y / mass - 14);
        assert_true(off_x < 1 && off_y < 1);
        off_centre += off_x > 0.52 || off_y > 0.52;
    }
    assert_in_range(off_centre, 0, SAMPLE / 400);
}

/* First and last line with ink, of the rows (step 28, across 1) or the columns (step 1, across 28). */
static int ink_extent(const uint8_t image[DIGITS_PIXELS], int step, int across) {
    int first = DIGITS_SIDE, last = -1;
    for (int line = 0; line < DIGITS_SIDE; line++) {
        for (int i = 0; i < DIGITS_SIDE; i++) {
            if (image[line * step + i * across] < 32) continue;
            first = line < first ? line : first;
            last = line;
        }
    }
    return last - first + 1;
}

/* The longer side of the ink is the box's 20 pixels; what a soft edge or a light hand may lack is two. */
static void the_ink_fills_a_box_of_twenty(void **state) {
    (void)state;
    for (uint32_t i = 0; i < SAMPLE; i++) {
        uint8_t image[DIGITS_PIXELS];
        digits_draw(image, 5, 0, i);
        int height = ink_extent(image, DIGITS_SIDE, 1), width = ink_extent(image, 1, DIGITS_SIDE);
        int longer = height > width ? height : width;
        assert_in_range(longer, 18, 20);
    }
}

static void grey_levels_reach_from_paper_to_full_ink(void **state) {
    (void)state;
    size_t levels[256] = {0};
    for (uint32_t i = 0; i < SAMPLE; i++) {
        uint8_t image[DIGITS_PIXELS];
        digits_draw(image, 6, 0, i);
        size_t paper = 0, full = 0;
        for (int pixel = 0; pixel < DIGITS_PIXELS; pixel++) {
            levels[image[pixel]]++;
            paper += image[pixel] == 0;
            full += image[pixel] == 255;
        }
        assert_true(paper > DIGITS_PIXELS / 3);
        assert_true(full > 0);
    }
    for (int level = 0; level < 256; level++) assert_true(levels[level] > 0);
}

static int compare_u64(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* No image occurs twice, be it within a part or in both: the test part measures what was not trained on. */
static void no_two_images_are_equal(void **state) {
    (void)state;
    static uint64_t hashes[2 * SAMPLE];
    for (uint32_t i = 0; i < 2 * SAMPLE; i++) {
        uint8_t image[DIGITS_PIXELS];
        digits_draw(image, 1, i % 2, i / 2);
        hashes[i] = fnv1a(fnv1a_start, image, sizeof image);
    }
    qsort(hashes, 2 * SAMPLE, sizeof hashes[0], compare_u64);
    for (size_t i = 1; i < 2 * SAMPLE; i++) assert_int_not_equal(hashes[i - 1], hashes[i]);
}

/* Every form is drawn, and as often as its weight among the forms of its digit says. */
static void every_form_occurs_by_its_weight(void **state) {
    (void)state;
    enum { DRAWS = 100000, FORMS_MOST = 128 };
    static size_t counts[FORMS_MOST];
    assert_true(digits_form_count <= FORMS_MOST);
    for (uint32_t i = 0; i < DRAWS; i++) {
        struct random_stream stream = random_stream_make(1, RANDOM_GENERATE, 0, 0, i);
        counts[digits_form_choose(&stream) - digits_forms]++;
    }
    for (unsigned form = 0; form < digits_form_count; form++) {
        double total = 0;
        for (unsigned other = 0; other < digits_form_count; other++)
            if (digits_forms[other].digit == digits_forms[form].digit) total += digits_forms[other].weight;
        double share = 0.1 * digits_forms[form].weight / total;
        assert_true(counts[form] > 0);
        assert_true(fabs((double)counts[form] - DRAWS * share) < 5 * sqrt(DRAWS * share));
    }
}

/* What digits.c relies on when it follows the tables. */
static void the_tables_are_well_formed(void **state) {
    (void)state;
    for (unsigned i = 0; i < digits_form_count; i++) {
        const struct digits_form *form = &digits_forms[i];
        assert_true(i == 0 ? form->digit == 0 : form->digit - digits_forms[i - 1].digit <= 1);
        assert_true(form->digit < DIGITS_CLASSES && form->weight > 0 && form->count <= DIGITS_FORM_POINTS);
        assert_int_equal(form->points[form->count - 1].kind, DIGITS_LIFT);
        for (unsigned p = 0; p < form->count; p++) {
            bool alone = p == 0 || form->points[p - 1].kind == DIGITS_LIFT;
            assert_false(alone && form->points[p].kind == DIGITS_LIFT);
        }
    }
    assert_int_equal(digits_forms[digits_form_count - 1].digit, DIGITS_CLASSES - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_images_have_these_bits),
        cmocka_unit_test(an_image_depends_on_nothing_else),
        cmocka_unit_test(labels_are_uniform),
        cmocka_unit_test(the_centre_of_mass_is_where_mnist_has_it),
        cmocka_unit_test(the_ink_fills_a_box_of_twenty),
        cmocka_unit_test(grey_levels_reach_from_paper_to_full_ink),
        cmocka_unit_test(no_two_images_are_equal),
        cmocka_unit_test(every_form_occurs_by_its_weight),
        cmocka_unit_test(the_tables_are_well_formed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
