/* The oneDNN engine: see onednn.c. Without NUDGE_ONEDNN there is none in this build. */
#ifndef NUDGE_ENGINE_ONEDNN_H
#define NUDGE_ENGINE_ONEDNN_H

#include "engine/product.h"

#ifdef NUDGE_ONEDNN
/* Whether the library that is loaded is one that this engine can work with. */
bool onednn_available(void);
/* Whether this CPU multiplies in bf16 by instructions of its own. */
bool onednn_has_bf16(void);
extern const struct product_verbs onednn_products;
#endif

#endif
