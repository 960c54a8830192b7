/* See transform.h. */
#include "net/transform.h"

#include "base/names.h"
#include "base/status.h"
#include "base/struct_size.h"
#include "base/text.h"
#include "net/net.h"

#include <string.h>

enum { ARRAYS = 5, PORTION = 256 /* u8 that become floats at once */ };

static size_t transform_bytes(size_t count) {
    return count * (ARRAYS * sizeof(float) + 2);
}

static void carve_transform(struct transform *t, float *block, size_t count) {
    *t = (struct transform){.count = count,
                            .shift = block,
                            .factor = block + count,
                            .fill = block + 2 * count,
                            .low = block + 3 * count,
                            .high = block + 4 * count,
                            .log = (uint8_t *)(block + 5 * count),
                            .scale = (uint8_t *)(block + 5 * count) + count};
}

nudge_status transform_make(struct transform *t, const nudge_allocator *allocator, size_t count,
                            nudge_error *error) {
    float *block = memory_get_zeroed(allocator, transform_bytes(count));
    if (!block) return error_no_memory(error, transform_bytes(count), "the columns' transforms");
    carve_transform(t, block, count);
    for (size_t i = 0; i < count; i++) {
        t->factor[i] = 1;
        t->low[i] = t->high[i] = __builtin_nanf("");
        t->scale[i] = NUDGE_SCALE_NONE;
    }
    transform_settle(t);
    return NUDGE_OK;
}

void transform_release(struct transform *t, const nudge_allocator *allocator) {
    memory_release(allocator, t->shift, transform_bytes(t->count));
    *t = (struct transform){0};
}

nudge_status transform_copy(struct transform *to, const struct transform *from,
                            const nudge_allocator *allocator, nudge_error *error) {
    *to = (struct transform){0};
    if (from->count == 0) return NUDGE_OK;
    nudge_status status = transform_make(to, allocator, from->count, error);
    if (status) return status;
    memcpy(to->shift, from->shift, transform_bytes(from->count));
    to->misses = from->misses;
    transform_settle(to);
    return NUDGE_OK;
}

bool transform_same(const struct transform *a, const struct transform *b) {
    if (a->count != b->count || a->misses != b->misses) return false;
    size_t bytes = a->count * sizeof(float);
    return a->count == 0 ||
           (memcmp(a->shift, b->shift, bytes) == 0 && memcmp(a->factor, b->factor, bytes) == 0 &&
            memcmp(a->log, b->log, a->count) == 0 && (!a->misses || memcmp(a->fill, b->fill, bytes) == 0));
}

void transform_settle(struct transform *t) {
    t->alike = !t->misses;
    t->logs = false;
    for (size_t i = 0; i < t->count; i++) {
        t->alike &= t->shift[i] == t->shift[0] && t->factor[i] == t->factor[0];
        t->logs |= t->log[i];
    }
    t->alike &= !t->logs;
}

void transform_apply(const struct transform *t, const struct engine_verbs *verbs, void *out, nudge_type type,
                     const void *in, size_t first, size_t count) {
    float shift = t->count ? t->shift[0] : 0;
    float factor = t->count ? t->factor[0] : type == NUDGE_TYPE_U8 ? 1.0f / 255.0f : 1;
    if ((t->count == 0 || t->alike) && type == NUDGE_TYPE_U8) {
        verbs->convert_u8(out, in, count, shift, factor);
        return;
    }
    if (t->count == 0 || t->alike) {
        verbs->convert_f32(out, in, count, shift, factor);
        return;
    }
    float numbers[PORTION];
    for (size_t done = 0; done < count; done += PORTION) {
        size_t now = count - done < PORTION ? count - done : PORTION, at = first + done;
        const float *from = (const float *)in + done;
        for (size_t i = 0; type == NUDGE_TYPE_U8 && i < now; i++)
            numbers[i] = ((const uint8_t *)in)[done + i];
        if (type == NUDGE_TYPE_U8) from = numbers;
        verbs->convert_columns((unsigned char *)out + done * verbs->element_size, from, now, t->shift + at,
                               t->factor + at, t->fill + at, t->logs ? t->log + at : NULL);
    }
}

void transform_undo(const struct transform *t, float *row) {
    for (size_t i = 0; i < t->count; i++) row[i] = row[i] / t->factor[i] + t->shift[i];
}

/* -- for the host -- */

static const struct {
    const char *name;
} scales[] = {
    [NUDGE_SCALE_AUTO] = {"auto"},   [NUDGE_SCALE_NONE] = {"none"},     [NUDGE_SCALE_STANDARD] = {"standard"},
    [NUDGE_SCALE_RANGE] = {"range"}, [NUDGE_SCALE_ROBUST] = {"robust"}, [NUDGE_SCALE_LOG] = {"log1p"},
    [NUDGE_SCALE_PIXEL] = {"pixel"},
};
enum { SCALES = sizeof scales / sizeof *scales };

const char *nudge_scale_name(nudge_scale scale) {
    return (unsigned)scale < SCALES ? scales[scale].name : NULL;
}

nudge_status nudge_scale_from_name(const char *name, nudge_scale *scale, nudge_error *error) {
    if (missing(error, name, scale)) return NUDGE_BAD_ARGUMENT;
    size_t row;
    nudge_status status = names_find(&row, NAMES_OF(scales, SCALES), name, "scale", error);
    if (!status) *scale = (nudge_scale)row;
    return status;
}

static bool transform_get(const struct transform *t, size_t i, nudge_transform *transform) {
    if (!transform || i >= t->count) return false;
    nudge_transform filled = {sizeof filled,  (nudge_scale)t->scale[i],
                              t->shift[i],    t->factor[i],
                              t->log[i] != 0, t->fill[i],
                              t->low[i],      t->high[i]};
    return options_give(transform, &filled, sizeof filled);
}

bool nudge_net_input_transform(const nudge_net *net, size_t input, nudge_transform *transform) {
    return transform_get(&net->inputs_transform, input, transform);
}
bool nudge_net_target_transform(const nudge_net *net, size_t output, nudge_transform *transform) {
    return transform_get(&net->targets_transform, output, transform);
}

/* x - x is 0 for finite x alone */
static bool is_finite(float x) {
    return x - x == 0;
}

/* Column i, or all of them. */
static nudge_status transform_set(struct transform *t, const nudge_allocator *allocator, size_t count,
                                  size_t i, const nudge_transform *given, const char *what,
                                  nudge_error *error) {
    nudge_transform taken = NUDGE_TRANSFORM;
    if (!options_take(&taken, sizeof taken, given))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "transform: struct_size is not set; begin with NUDGE_TRANSFORM");
    if (i >= count && i != NUDGE_EVERY)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s %zu, expected 0 to %zu", what, i, count - 1);
    if (!is_finite(taken.shift) || !is_finite(taken.factor) || !is_finite(taken.fill) || taken.factor == 0 ||
        (unsigned)taken.scale >= SCALES)
        return error_set(
            error, NUDGE_BAD_ARGUMENT,
            "transform of %s: shift %s, factor %s, fill %s, expected finite numbers, factor not 0", what,
            text_number(taken.shift, 9).text, text_number(taken.factor, 9).text,
            text_number(taken.fill, 9).text);
    nudge_status status = t->count ? NUDGE_OK : transform_make(t, allocator, count, error);
    if (status) return status;
    for (size_t k = i == NUDGE_EVERY ? 0 : i; k < (i == NUDGE_EVERY ? count : i + 1); k++) {
        t->shift[k] = taken.shift;
        t->factor[k] = taken.factor;
        t->fill[k] = taken.fill;
        t->log[k] = taken.log;
        t->low[k] = taken.low;
        t->high[k] = taken.high;
        t->scale[k] = (uint8_t)taken.scale;
    }
    transform_settle(t);
    return NUDGE_OK;
}

nudge_status nudge_net_set_input_transform(nudge_net *net, size_t input, const nudge_transform *transform,
                                           nudge_error *error) {
    if (missing(error, net, transform)) return NUDGE_BAD_ARGUMENT;
    return transform_set(&net->inputs_transform, &net->context->allocator, net->inputs, input, transform,
                         "input", error);
}

nudge_status nudge_net_set_target_transform(nudge_net *net, size_t output, const nudge_transform *transform,
                                            nudge_error *error) {
    if (missing(error, net, transform)) return NUDGE_BAD_ARGUMENT;
    return transform_set(&net->targets_transform, &net->context->allocator, net->outputs, output, transform,
                         "output", error);
}
