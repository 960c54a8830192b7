/* Kinks: places where a derivative jumps (relu's 0, the absolute cost's a = y). Between two points on
 * different sides of one, a difference of costs says nothing about the derivative. */
#ifndef NUDGE_INSIGHT_KINKS_H
#define NUDGE_INSIGHT_KINKS_H

#include "learn/cost.h"

/* After a forward of an f64 plan: which side of every kink the first `rows` rows are on, as one number. */
uint64_t kink_pattern(const struct plan *plan, const struct chosen_cost *chosen, size_t rows);

#endif
