/* See transform_text.h. The digits are nudge's own work: what printf's %a writes differs between C libraries, and the
 * same net must give the same bytes. */
#define _GNU_SOURCE /* stpcpy */
#include "model/transform_text.h"

#include "base/show.h"
#include "base/status.h"
#include "base/text.h"

#include <float.h>
#include <stdint.h>
#include <string.h>

enum {
    FRACTION_BITS = 23,
    EXPONENT_BIAS = 127,
    SMALLEST_EXPONENT = -126,
    ENTRY_ROOM = 192 /* bytes of one transform */
};

/* -- printing -- */

/* 0x1.FFFFFFp±E of a finite number, without trailing zeros: 0x1p+0 is 1, 0x1.8p+1 is 3, 0x1.99999ap-4 the f32 next to 0.1.
 * Exact, where decimal digits need care. Returns the end. */
static char *print_hex(char *to, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t fraction = bits & ((UINT32_C(1) << FRACTION_BITS) - 1);
    int exponent = (int)(bits >> FRACTION_BITS & 0xFF) - EXPONENT_BIAS;
    if (bits >> 31) *to++ = '-';
    if (exponent < SMALLEST_EXPONENT && fraction == 0) return stpcpy(to, "0x0p+0");
    if (exponent < SMALLEST_EXPONENT) { /* subnormal: shift until the leading 1 stands before the point */
        exponent = SMALLEST_EXPONENT;
        while (!(fraction >> FRACTION_BITS)) {
            fraction <<= 1;
            exponent--;
        }
        fraction &= (UINT32_C(1) << FRACTION_BITS) - 1;
    }
    to = stpcpy(to, "0x1");
    if (fraction) *to++ = '.';
    for (uint32_t rest = fraction << 1; rest; rest = rest << 4 & 0xFFFFFF)
        *to++ = "0123456789abcdef"[rest >> 20];
    *to++ = 'p';
    *to++ = exponent < 0 ? '-' : '+';
    return stpcpy(to, text_number(exponent < 0 ? -exponent : exponent, 4).text);
}

static bool put_text(json_t *metadata, const char *key, const char *text) {
    return json_object_set_new(metadata, key, json_string(text)) == 0;
}

static bool is_known(float x) {
    return x - x == 0;
}

/* "standard, shift A, factor B, fill C, from D to E" with ", log" where it is one. */
static char *print_entry(char *to, const struct transform *t, size_t i) {
    to = stpcpy(to, nudge_scale_name((nudge_scale)t->scale[i]));
    if (t->log[i]) to = stpcpy(to, ", log");
    to = print_hex(stpcpy(to, ", shift "), t->shift[i]);
    to = print_hex(stpcpy(to, ", factor "), t->factor[i]);
    if (t->misses) to = print_hex(stpcpy(to, ", fill "), t->fill[i]);
    if (!is_known(t->low[i]) || !is_known(t->high[i])) return to;
    return print_hex(stpcpy(print_hex(stpcpy(to, ", from "), t->low[i]), " to "), t->high[i]);
}

static bool put_each(json_t *metadata, const char *key, const struct transform *t,
                     const nudge_allocator *allocator) {
    size_t room = t->count * ENTRY_ROOM + 1;
    char *text = memory_get(allocator, room), *to = text;
    if (!text) return false;
    for (size_t i = 0; i < t->count; i++) to = print_entry(i ? stpcpy(to, "; ") : to, t, i);
    bool fits = put_text(metadata, key, text);
    memory_release(allocator, text, room);
    return fits;
}

/* How inputs that are all alike were scaled, as their two numbers tell. */
static nudge_scale alike_scale(float shift, float factor) {
    if (shift != 0) return NUDGE_SCALE_STANDARD;
    return factor == 1               ? NUDGE_SCALE_NONE
           : factor == 1.0f / 255.0f ? NUDGE_SCALE_PIXEL
                                     : NUDGE_SCALE_STANDARD;
}

/* One text says all of them; what it cannot say is told one by one. */
static bool is_one_text(const struct transform *t) {
    bool one = t->alike && t->factor[0] != 0, known = is_known(t->low[0]) && is_known(t->high[0]);
    for (size_t i = 0; one && i < t->count; i++)
        one = t->scale[i] == (uint8_t)alike_scale(t->shift[0], t->factor[0]) && t->fill[i] == 0 &&
              (known ? t->low[i] == t->low[0] && t->high[i] == t->high[0]
                     : !is_known(t->low[i]) && !is_known(t->high[i]));
    return one;
}

static bool put_alike(json_t *metadata, const struct transform *t) {
    char text[ENTRY_ROOM];
    print_hex(stpcpy(print_hex(stpcpy(text, "shift "), t->shift[0]), ", scale "), t->factor[0]);
    bool fits = put_text(metadata, "preprocessing", text);
    if (!fits || !is_known(t->low[0]) || !is_known(t->high[0])) return fits;
    print_hex(stpcpy(print_hex(text, t->low[0]), " to "), t->high[0]);
    return put_text(metadata, "input_range", text);
}

/* -- columns -- */

static const char *const roles[] = {"feature", "target", "id", "weight", "split", "ignored"};
static const char *const kinds[] = {"number", "category"};
static const char *const missings[] = {"auto", "refuse", "mean", "median", "zero", "drop"};
#define WORDS(list) (list), sizeof(list) / sizeof *(list)

static json_t *json_column(const struct column *column) {
    json_t *object = json_object(), *categories = json_array();
    bool fits = object && categories && put_text(object, "name", column->name) &&
                put_text(object, "role", roles[column->role]) &&
                put_text(object, "kind", kinds[column->kind]);
    for (size_t i = 0; fits && i < column->category_count; i++)
        fits = json_array_append_new(categories, json_string(column->categories[i])) == 0;
    if (fits && column->flag) fits = json_object_set_new(object, "flag", json_true()) == 0;
    if (fits && column->category_count) fits = json_object_set(object, "categories", categories) == 0;
    json_decref(categories);
    if (fits) return object;
    json_decref(object);
    return NULL;
}

static bool put_columns(json_t *metadata, const struct columns *columns) {
    json_t *list = json_array();
    bool fits = list != NULL;
    for (size_t c = 0; fits && c < columns->count; c++) {
        json_t *column = json_column(&columns->items[c]);
        fits = column && json_array_append_new(list, column) == 0;
    }
    size_t length = fits ? json_dumpb(list, NULL, 0, JSON_COMPACT) : 0;
    char *text = length ? memory_get(&columns->allocator, length) : NULL;
    fits = text && json_dumpb(list, text, length, JSON_COMPACT) == length &&
           json_object_set_new(metadata, "columns", json_stringn(text, length)) == 0 &&
           put_text(metadata, "missing", missings[columns->missing]);
    memory_release(&columns->allocator, text, length);
    json_decref(list);
    return fits;
}

bool transforms_put(json_t *metadata, const nudge_net *net) {
    const struct transform *inputs = &net->inputs_transform, *targets = &net->targets_transform;
    const nudge_allocator *allocator = &net->context->allocator;
    bool fits = true;
    if (inputs->count && is_one_text(inputs))
        fits = put_alike(metadata, inputs);
    else if (inputs->count)
        fits = put_each(metadata, "input_transforms", inputs, allocator);
    if (fits && targets->count) fits = put_each(metadata, "target_transforms", targets, allocator);
    return fits && net->columns ? put_columns(metadata, net->columns) : fits;
}

/* -- parsing -- */

/* The word, then a number that is an f32; NULL when it is not there. */
static const char *parse_part(const char *text, const char *word, float *value) {
    if (!text || strncmp(text, word, strlen(word))) return NULL;
    double number;
    const char *end = text_parse_number(text + strlen(word), &number);
    if (!end || !(number >= -(double)FLT_MAX && number <= (double)FLT_MAX)) return NULL;
    *value = (float)number;
    return (double)*value == number ? end : NULL;
}

static const char *parse_word(const char *text, const char *word) {
    return strncmp(text, word, strlen(word)) ? NULL : text + strlen(word);
}

static const char *parse_scale(const char *text, uint8_t *scale) {
    const char *name;
    for (nudge_scale s = NUDGE_SCALE_AUTO; (name = nudge_scale_name(s)); s++)
        if (parse_word(text, name) && text[strlen(name)] == ',') {
            *scale = (uint8_t)s;
            return text + strlen(name);
        }
    return NULL;
}

/* One entry; returns its end, NULL when it is none. */
static const char *parse_entry(const char *text, struct transform *t, size_t i) {
    text = parse_scale(text, &t->scale[i]);
    const char *log = text ? parse_word(text, ", log") : NULL;
    t->log[i] = log != NULL;
    text = parse_part(log ? log : text, ", shift ", &t->shift[i]);
    text = parse_part(text, ", factor ", &t->factor[i]);
    if (text && parse_word(text, ", fill ")) {
        text = parse_part(text, ", fill ", &t->fill[i]);
        t->misses = true;
    }
    if (text && parse_word(text, ", from "))
        text = parse_part(parse_part(text, ", from ", &t->low[i]), " to ", &t->high[i]);
    return text;
}

/* Text of the metadata: NULL and NUDGE_OK where there is none. */
static nudge_status find_text(const json_t *metadata, const char *key, const char **text,
                              nudge_error *error) {
    const json_t *value = json_object_get(metadata, key);
    *text = json_string_value(value);
    if (value && !*text)
        return error_set(error, NUDGE_BAD_INPUT, "the header has no text \"%s\" in its __metadata__", key);
    return NUDGE_OK;
}

static nudge_status take_each(struct transform *t, const nudge_allocator *allocator, size_t count,
                              const json_t *metadata, const char *key, bool of_targets, nudge_error *error) {
    const char *text;
    nudge_status status = find_text(metadata, key, &text, error);
    if (status || !text) return status;
    status = transform_make(t, allocator, count, error);
    for (size_t i = 0; !status && i < count; i++) {
        const char *begin = text, *end = i + 1 < count ? "; " : "";
        text = parse_entry(text, t, i);
        bool right =
            text && strncmp(text, end, i + 1 < count ? 2 : 1) == 0 && !(of_targets && t->factor[i] == 0);
        if (!right)
            return error_set(error, NUDGE_BAD_INPUT,
                             "%s, number %zu of %zu: \"%.40s\", expected \"SCALE, shift X, factor X\" with "
                             "hexadecimal numbers of f32%s",
                             key, i + 1, count, shown(begin).text, of_targets ? ", the factor not 0" : "");
        text += strlen(end);
    }
    if (!status) transform_settle(t);
    return status;
}

static nudge_status take_alike(nudge_net *net, const json_t *metadata, nudge_error *error) {
    const char *text, *range;
    nudge_status status = find_text(metadata, "preprocessing", &text, error);
    if (!status) status = find_text(metadata, "input_range", &range, error);
    if (status || !text) return status;
    nudge_transform alike = NUDGE_TRANSFORM;
    const char *end = parse_part(parse_part(text, "shift ", &alike.shift), ", scale ", &alike.factor);
    if (!end || *end)
        return error_set(
            error, NUDGE_BAD_INPUT,
            "preprocessing \"%s\", expected \"shift X, scale X\" with hexadecimal numbers of f32",
            shown(text).text);
    if (alike.factor == 0)
        return error_set(error, NUDGE_BAD_INPUT,
                         "preprocessing: shift %s, scale 0, expected a scale that is not 0",
                         text_number(alike.shift, 9).text);
    end = range ? parse_part(parse_part(range, "", &alike.low), " to ", &alike.high) : "";
    if (!end || *end)
        return error_set(error, NUDGE_BAD_INPUT,
                         "input_range \"%s\", expected \"X to X\" with hexadecimal numbers",
                         shown(range).text);
    alike.scale = alike_scale(alike.shift, alike.factor);
    return nudge_net_set_input_transform(net, NUDGE_EVERY, &alike, error);
}

/* -- columns -- */

static nudge_status take_word(const json_t *object, const char *key, const char *const *words, size_t count,
                              unsigned *found, nudge_error *error) {
    const char *text = json_string_value(json_object_get(object, key));
    for (size_t i = 0; text && i < count; i++)
        if (strcmp(words[i], text) == 0) {
            *found = (unsigned)i;
            return NUDGE_OK;
        }
    return error_set(error, NUDGE_BAD_INPUT, "columns: %s \"%s\" is none that there is", key,
                     shown(text ? text : "").text);
}

static nudge_status take_categories(struct columns *columns, size_t c, const json_t *list,
                                    nudge_error *error) {
    size_t count = json_array_size(list), bytes = count * sizeof(char *);
    const char **names = memory_get(&columns->allocator, bytes);
    if (!names) return error_no_memory(error, bytes, "categories");
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; !status && i < count; i++) {
        names[i] = json_string_value(json_array_get(list, i));
        bool feature = columns->items[c].role == NUDGE_COLUMN_FEATURE;
        if (!names[i] || (feature && i > 0 && strcmp(names[i - 1], names[i]) >= 0))
            status = error_set(error, NUDGE_BAD_INPUT,
                               "columns: category %zu of \"%s\" is not a text behind the last", i,
                               shown(columns->items[c].name).text);
    }
    if (!status) status = columns_categories(columns, c, names, count, error);
    memory_release(&columns->allocator, names, bytes);
    return status;
}

static nudge_status take_column(struct columns *columns, size_t c, const json_t *object, nudge_error *error) {
    struct column *column = &columns->items[c];
    const char *name = json_string_value(json_object_get(object, "name"));
    const json_t *categories = json_object_get(object, "categories");
    unsigned role = 0, kind = 0;
    if (!name) return error_set(error, NUDGE_BAD_INPUT, "columns: number %zu has no name", c + 1);
    nudge_status status = columns_name(columns, c, name, strlen(name), error);
    if (!status) status = take_word(object, "role", WORDS(roles), &role, error);
    if (!status) status = take_word(object, "kind", WORDS(kinds), &kind, error);
    column->role = (nudge_column_role)role;
    column->kind = (nudge_column_kind)kind;
    column->flag = json_is_true(json_object_get(object, "flag"));
    return !status && categories ? take_categories(columns, c, categories, error) : status;
}

/* As many numbers as outputs, or one of as many classes as the network tells apart. */
static nudge_status check_target_columns(const nudge_net *net, nudge_error *error) {
    size_t numbers = 0, categories = 0, classes = net->outputs == 1 ? 2 : net->outputs, named = 0;
    for (size_t c = 0; c < net->columns->count; c++) {
        const struct column *column = &net->columns->items[c];
        if (column->role != NUDGE_COLUMN_TARGET) continue;
        numbers += column->kind == NUDGE_COLUMN_NUMBER;
        categories += column->kind == NUDGE_COLUMN_CATEGORY;
        named = column->category_count;
    }
    if (categories == 0 && numbers == net->outputs) return NUDGE_OK;
    if (categories == 1 && numbers == 0 && named == classes) return NUDGE_OK;
    return error_set(
        error, NUDGE_BAD_INPUT,
        "columns: targets of %zu numbers and %zu classes, expected what the network's %zu outputs answer",
        numbers, categories ? named : 0, net->outputs);
}

static nudge_status make_columns(nudge_net *net, const json_t *list, const json_t *metadata,
                                 nudge_error *error) {
    size_t count = json_array_size(list);
    unsigned missing = 0;
    if (count == 0) return error_set(error, NUDGE_BAD_INPUT, "columns: expected a JSON list of columns");
    nudge_status status = columns_make(&net->context->allocator, count, &net->columns, error);
    for (size_t c = 0; !status && c < count; c++)
        status = take_column(net->columns, c, json_array_get(list, c), error);
    if (!status) status = take_word(metadata, "missing", WORDS(missings), &missing, error);
    if (status) return status;
    net->columns->missing = (nudge_missing)missing;
    columns_number(net->columns);
    if (net->columns->inputs != net->inputs)
        return error_set(error, NUDGE_BAD_INPUT, "columns: they make %zu inputs, expected the network's %zu",
                         net->columns->inputs, net->inputs);
    return check_target_columns(net, error);
}

static nudge_status take_columns(nudge_net *net, const json_t *metadata, nudge_error *error) {
    enum { MOST_MARKS = 1 << 22 };
    const char *text;
    nudge_status status = find_text(metadata, "columns", &text, error);
    if (status || !text) return status;
    struct json_memory memory = {NULL, NULL, 0, 0, NULL};
    json_t *list = NULL;
    status = json_memory_read(&memory, &net->context->allocator, &list, text, strlen(text), MOST_MARKS,
                              "columns", 0, error);
    if (!status) status = make_columns(net, list, metadata, error);
    json_memory_end(&memory);
    return status;
}

nudge_status transforms_take(nudge_net *net, const json_t *metadata, nudge_error *error) {
    const nudge_allocator *allocator = &net->context->allocator;
    nudge_status status = take_alike(net, metadata, error);
    if (!status && !net->inputs_transform.count)
        status = take_each(&net->inputs_transform, allocator, net->inputs, metadata, "input_transforms",
                           false, error);
    if (!status)
        status = take_each(&net->targets_transform, allocator, net->outputs, metadata, "target_transforms",
                           true, error);
    return status ? status : take_columns(net, metadata, error);
}
