/* See fields.h. */
#include "learn/fields.h"

#include "base/text.h"
#include "learn/optimizer.h"

#include <string.h>

static const char *optimizer_name(int value) {
    return nudge_optimizer_name((nudge_optimizer)value);
}
static const char *schedule_name(int value) {
    return nudge_schedule_name((nudge_schedule)value);
}
static const char *metric_name(int value) {
    return nudge_metric_name((nudge_metric)value, NULL);
}

#define FIELD(type, member) .key = #member, .kind = type, .place = offsetof(nudge_train_options, member)
#define NAMED(member) FIELD(FIELD_NAME, member), .name = member##_name

static const struct training_field fields[] = {
    {NAMED(optimizer)},
    {FIELD(FIELD_NUMBER, learning_rate)},
    {NAMED(schedule)},
    {FIELD(FIELD_NUMBER, decay)},
    {FIELD(FIELD_SIZE, decay_epochs)},
    {FIELD(FIELD_SIZE, batch_size)},
    {FIELD(FIELD_SIZE, epochs)},
    {FIELD(FIELD_SEED, seed)},
    {FIELD(FIELD_TRUTH, shuffle)},
    {FIELD(FIELD_SIZE, patience)},
    {FIELD(FIELD_TRUTH, evaluate_test)},
    {NAMED(metric), .late = true},
    {FIELD(FIELD_NUMBER, warmup)},
    {FIELD(FIELD_NUMBER, l1), .late = true},
    {FIELD(FIELD_NUMBER, l2), .late = true},
    {FIELD(FIELD_NUMBER, weight_decay), .late = true},
};
enum { FIELDS = sizeof fields / sizeof *fields };

/* Whether another before parameter p of optimizer o is the same option. */
static bool is_repeated(size_t o, size_t p) {
    size_t place = optimizers[o].parameters[p].place;
    for (size_t other = 0; other < o; other++)
        for (size_t i = 0; i < optimizers[other].parameter_count; i++)
            if (optimizers[other].parameters[i].place == place) return true;
    return false;
}

bool training_field_at(size_t i, struct training_field *field) {
    if (i < FIELDS) {
        *field = fields[i];
        return true;
    }
    i -= FIELDS;
    for (size_t o = 0; o < optimizer_count; o++)
        for (size_t p = 0; p < optimizers[o].parameter_count; p++) {
            const struct optimizer_parameter *parameter = &optimizers[o].parameters[p];
            if (is_repeated(o, p) || i-- > 0) continue;
            *field = (struct training_field){
                .key = parameter->name, .kind = FIELD_NUMBER, .place = parameter->place};
            return true;
        }
    return false;
}

_Static_assert(sizeof(nudge_cost) == sizeof(int) && sizeof(nudge_optimizer) == sizeof(int) &&
                   sizeof(nudge_schedule) == sizeof(int) && sizeof(nudge_metric) == sizeof(int),
               "a named option is read and written as an int");

struct field_text training_field_text(const struct training_field *field,
                                      const nudge_train_options *options) {
    const unsigned char *member = (const unsigned char *)options + field->place;
    struct field_text text;
    double number;
    size_t size;
    uint64_t seed;
    bool truth;
    int value;
    const char *from = "";
    switch (field->kind) {
    case FIELD_SIZE:
        memcpy(&size, member, sizeof size);
        text_append(text.text, sizeof text.text, 0, "%zu", size);
        return text;
    case FIELD_SEED:
        memcpy(&seed, member, sizeof seed);
        text_append(text.text, sizeof text.text, 0, "%llu", (unsigned long long)seed);
        return text;
    case FIELD_NUMBER:
        memcpy(&number, member, sizeof number);
        text_append(text.text, sizeof text.text, 0, "%s", text_double(number).text);
        return text;
    case FIELD_TRUTH:
        memcpy(&truth, member, sizeof truth);
        from = truth ? "true" : "false";
        break;
    case FIELD_NAME:
        memcpy(&value, member, sizeof value);
        from = field->name(value);
        break;
    }
    text_append(text.text, sizeof text.text, 0, "%s", from);
    return text;
}

bool training_fields_differ(const nudge_train_options *a, const nudge_train_options *b,
                            struct training_field *field) {
    for (size_t i = 0; training_field_at(i, field); i++)
        if (field->place != offsetof(nudge_train_options, epochs) &&
            strcmp(training_field_text(field, a).text, training_field_text(field, b).text))
            return true;
    return false;
}

static bool find_name(const struct training_field *field, const char *text, int *value) {
    const char *name;
    for (*value = 0; (name = field->name(*value)); (*value)++)
        if (strcmp(name, text) == 0) return true;
    return false;
}

bool training_field_parse(const struct training_field *field, const char *text,
                          nudge_train_options *options) {
    unsigned char *member = (unsigned char *)options + field->place;
    const char *end;
    uint64_t count = 0;
    double number;
    bool truth;
    int value;
    switch (field->kind) {
    case FIELD_SIZE:
    case FIELD_SEED:
        end = text_parse_count(text, field->kind == FIELD_SIZE ? SIZE_MAX : UINT64_MAX, &count);
        if (!end || *end) return false;
        if (field->kind == FIELD_SIZE)
            memcpy(member, &(size_t){(size_t)count}, sizeof(size_t));
        else
            memcpy(member, &count, sizeof count);
        return true;
    case FIELD_NUMBER:
        end = text_parse_number(text, &number);
        if (!end || *end || number - number != 0) return false;
        memcpy(member, &number, sizeof number);
        return true;
    case FIELD_TRUTH:
        truth = strcmp(text, "true") == 0;
        memcpy(member, &truth, sizeof truth);
        return truth || strcmp(text, "false") == 0;
    case FIELD_NAME: break;
    }
    if (!find_name(field, text, &value)) return false;
    memcpy(member, &value, sizeof value);
    return true;
}
