/* A training that goes on from what another network has learnt (train --from): from opening it to what became of each of
 * its layers. All other layers are drawn as in any training. */
#ifndef NUDGE_CLI_OPEN_FROM_H
#define NUDGE_CLI_OPEN_FROM_H

#include "cli/open/open.h"

struct json_t;

/* Opens options->from as opened->from; or, `resumed` not NULL, takes this net for it: a training that is taken up again has
 * got from the model what it needs. Tells what is wrong; returns the exit status. Nothing happens where none is asked
 * for. */
int from_open(struct opened *opened, const struct options *options, const nudge_net *resumed);

/* The network's text where the options say nothing of its hidden layers: that of the model, with as many outputs as the
 * data want. The activation of its hidden layers, for others; false: none is known. */
int from_network(const struct opened *opened, const struct options *options, char *text, size_t room);
bool from_activation(const struct opened *opened, char *text, size_t room);

/* Where opened->net ends as the model does, and in numbers of the same kind: the model's cost, and its delta if it has one. */
bool from_cost(const struct opened *opened, double *delta, nudge_cost *cost);

/* How the new net's transforms are to be fitted, where nobody said. */
nudge_scale from_scale(const struct opened *opened, const struct options *options, bool pixels);
nudge_scale from_target_scale(const struct opened *opened, const struct options *options);

/* Gives opened->net, whose transforms are fitted, what fits of opened->from. */
int from_take(struct opened *opened, const struct options *options);

/* Whether any layer was drawn. */
bool from_draws(const struct opened *opened);

/* "digits.nudge: layers 1 to 2 kept, layer 3 drawn anew (10 outputs there, 4 here)"; writes into `words`. The same for
 * programs. For the new model's note: "digits.nudge DIGEST". */
void from_words(const struct opened *opened, const struct options *options, char *words, size_t room);
struct json_t *from_json(const struct opened *opened, const struct options *options);
void from_note(const struct opened *opened, const struct options *options, char *note, size_t room);

#endif
