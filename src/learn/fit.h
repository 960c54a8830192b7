/* Fitting a net's transforms on training rows: see nudge_net_fit. */
#ifndef NUDGE_LEARN_FIT_H
#define NUDGE_LEARN_FIT_H

#include "data/data.h"
#include "net/net.h"

/* nudge_net_fit as the data want it, for a net whose inputs have no transforms yet; data without training rows leave it
 * without. */
nudge_status fit_if_new(nudge_net *net, const nudge_data *data, nudge_error *error);

#endif
