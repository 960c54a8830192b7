/* Whether rows lie where training saw rows: see nudge_net_out_of_range. */
#include "base/struct_size.h"
#include "net/net.h"

/* One range beyond the range. */
static bool is_far(float x, float low, float high) {
    float span = high - low;
    return x < low - span || x > high + span;
}

/* Pixels given as 0 to 1 to a net that saw 0 to 255: no value of so many comes near to what training saw. */
static bool is_tiny(const struct transform *t, const float *features, size_t count, float *largest) {
    enum { LEAST_VALUES = 64 };
    const float share = 1.0f / 50;
    *largest = 0;
    if (count < LEAST_VALUES || !(t->low[0] >= 0 && t->high[0] > 1) || t->logs) return false;
    for (size_t i = 1; i < t->count; i++) /* pixels are scaled alike, and have one range */
        if (t->shift[i] != t->shift[0] || t->factor[i] != t->factor[0] || t->low[i] != t->low[0] ||
            t->high[i] != t->high[0])
            return false;
    for (size_t i = 0; i < count; i++) {
        float x = features[i] < 0 ? -features[i] : features[i];
        *largest = x > *largest ? x : *largest;
    }
    return *largest > 0 && *largest <= t->high[0] * share;
}

bool nudge_net_out_of_range(const nudge_net *net, const float *features, size_t rows,
                            nudge_outlier *outlier) {
    const struct transform *t = &net->inputs_transform;
    nudge_outlier found = NUDGE_OUTLIER;
    if (t->count == 0 || !features || !outlier) return false;
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < net->inputs; i++) {
            float x = features[r * net->inputs + i];
            if (!is_far(x, t->low[i], t->high[i]))
                continue; /* NaN, or a range that is not known, is not far */
            found = (nudge_outlier){sizeof found, r, i, x, t->low[i], t->high[i], false};
            return options_give(outlier, &found, sizeof found);
        }
    float largest;
    if (!is_tiny(t, features, rows * net->inputs, &largest)) return false;
    found = (nudge_outlier){sizeof found, 0, 0, largest, t->low[0], t->high[0], true};
    return options_give(outlier, &found, sizeof found);
}
