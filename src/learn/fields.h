/* A training's options as texts: one row each, so that what is written, read, compared and told cannot differ. */
#ifndef NUDGE_LEARN_FIELDS_H
#define NUDGE_LEARN_FIELDS_H

#include <nudge.h>

enum field_kind { FIELD_SIZE, FIELD_SEED, FIELD_NUMBER, FIELD_TRUTH, FIELD_NAME };
struct training_field {
    const char *key;
    enum field_kind kind;
    size_t place;                   /* in nudge_train_options */
    const char *(*name)(int value); /* of FIELD_NAME: the i-th; NULL after the last */
    bool late;                      /* older files have none: it was as it is by default */
};
/* Field i = 0, 1, ..: the trainings' own, then every optimizer's parameters. */
bool training_field_at(size_t i, struct training_field *field);

struct field_text {
    char text[48];
};
struct field_text training_field_text(const struct training_field *field, const nudge_train_options *options);
/* Whether another option than the number of epochs differs: *field. */
bool training_fields_differ(const nudge_train_options *a, const nudge_train_options *b,
                            struct training_field *field);
/* False for what it cannot be. */
bool training_field_parse(const struct training_field *field, const char *text, nudge_train_options *options);

#endif
