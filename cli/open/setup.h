/* From options and data to a network and a training: what was not given is chosen by the kind of data. */
#ifndef NUDGE_CLI_OPEN_SETUP_H
#define NUDGE_CLI_OPEN_SETUP_H

#include "cli/open/open.h"

/* Makes opened->net, untrained, as the options and opened->data ask. Tells what is wrong; returns the exit
 * status. */
int setup_net(struct opened *opened, const struct options *options);

/* The output's activation, where nobody said what the whole network is: by option, cost and data. */
const char *setup_output(const struct options *options, const nudge_data *data);

/* How its weights are drawn; NUDGE_INIT_DEFAULT: as suits each layer's activation. */
nudge_init setup_init(const struct opened *opened, const struct options *options);

/* Draws validation rows where nobody said how long to train, and the data are many: then training stops by them. Notes
 * their share in `options`. Comes before setup_training. */
int setup_validation(const struct opened *opened, struct options *options);

/* The options of the training. */
int setup_training(const struct opened *opened, const struct options *options, nudge_train_options *training);

/* Lets the new network meet the data: tells when sizes or cost do not fit, fits its scaling as the options and
 * the data ask for, and gives it what the training goes on from. What training would refuse is refused here, before anything is printed. */
int setup_meet(struct opened *opened, const struct options *options, const nudge_train_options *training);

/* "sgd, learning rate 0.1, momentum 0.9, batch size 10, 30 epochs": what the result depends on beside
 * network, data and seed; `told`: in the language of text, else in English, as models keep it. Returns `text`. */
const char *setup_summary(const nudge_train_options *training, bool told, char *text, size_t room);

#endif
