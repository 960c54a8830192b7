/* See training_text.h. One entry a field, "training.batch_size":"4","training.schedule":"constant", by the list of fields in
 * learn/fields.c: a field that is new there is written and read here without a word more. */
#include "model/training_text.h"

#include "base/status.h"
#include "base/text.h"
#include "learn/fields.h"
#include "learn/step.h"

struct key {
    char text[64];
};
static struct key key_of(const struct training_field *field) {
    struct key key;
    text_append(key.text, sizeof key.text, 0, "training.%s", field->key);
    return key;
}

bool training_put(json_t *metadata, const nudge_train_options *options) {
    bool fits = true;
    struct training_field field;
    for (size_t i = 0; fits && training_field_at(i, &field); i++)
        fits = header_put_text(metadata, key_of(&field).text, training_field_text(&field, options).text);
    return fits;
}

nudge_status training_take(const struct header_net *parse, nudge_train_options *options) {
    nudge_train_options read = NUDGE_TRAIN_OPTIONS;
    struct training_field field;
    for (size_t i = 0; training_field_at(i, &field); i++) {
        struct key key = key_of(&field);
        if (field.late && !json_object_get(parse->metadata, key.text)) continue;
        const char *text = header_net_text(parse, key.text);
        if (!text) return NUDGE_BAD_INPUT;
        if (!training_field_parse(&field, text, &read)) return header_net_bad(parse, key.text, text);
    }
    return step_options(options, &read, parse->error);
}
