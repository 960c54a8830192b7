/* Initial weights. */
#ifndef NUDGE_NET_INIT_H
#define NUDGE_NET_INIT_H

#include "net/net.h"

nudge_status init_check(nudge_init init, double a, nudge_error *error);

/* Draws the dense op's weights and biases into the block. `activation`, which follows it, decides for
 * NUDGE_INIT_DEFAULT. The number at [output o][input i] depends on (seed, layer, o, i) alone, not on how
 * weights are stored. */
void init_layer(nudge_init init, double a, uint64_t seed, const struct net_op *dense,
                const struct op *activation, float *block);

#endif
