/* A net's transforms and columns as texts of a model file, exact both ways: numbers are C's hexadecimal floating-point
 * numbers. Inputs that are all alike have one text,
 *     "preprocessing": "shift 0x0p+0, scale 0x1.010102p-8"        (x - shift) scale
 *     "input_range": "0x0p+0 to 0x1.fep+7"                        where it is known
 * others one for each, "; " between them:
 *     "standard, shift 0x1.cp+4, scale 0x1.2p-3, fill 0x1.cp+4, from 0x1p+0 to 0x1.4p+6; ..."
 * and so have a regression's outputs. Columns are a JSON list. */
#ifndef NUDGE_MODEL_TRANSFORM_TEXT_H
#define NUDGE_MODEL_TRANSFORM_TEXT_H

#include "model/json_memory.h"
#include "net/net.h"

/* Adds what the net has to a header's metadata; between json_memory_begin and _end. False: no memory. */
bool transforms_put(json_t *metadata, const nudge_net *net);

/* Gives the net what a header's metadata say. Errors: NUDGE_BAD_INPUT. */
nudge_status transforms_take(nudge_net *net, const json_t *metadata, nudge_error *error);

#endif
