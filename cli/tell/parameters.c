/* See parameters.h. */
#include "cli/tell/parameters.h"

#include "cli/tell/numbers.h"
#include "cli/tell/safe.h"

#include <stdio.h>
#include <string.h>

/* "2,3,7" of "w(2)[3][7]", "1,0" of "b(1)[0]"; anything else as it is. False where it does not fit. */
static bool plain_numbers(const char *text, size_t length, char *plain, size_t room) {
    struct parameter_text again;
    unsigned long long n[3] = {0, 0, 0};
    bool named = length > 0 && (text[0] == 'w' || text[0] == 'b');
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        if (used + 1 >= room) return false;
        if (!named || (text[i] >= '0' && text[i] <= '9'))
            plain[used++] = text[i];
        else if (text[i] == '[')
            plain[used++] = ',';
    }
    plain[used] = 0;
    if (!named) return true;
    /* Written back it must be the same: nothing too few, nothing too many. */
    if (sscanf(plain, "%llu,%llu,%llu", &n[0], &n[1], &n[2]) < 2) return false;
    if (text[0] == 'w')
        snprintf(again.text, sizeof again.text, "w(%llu)[%llu][%llu]", n[0], n[1], n[2]);
    else
        snprintf(again.text, sizeof again.text, "b(%llu)[%llu]", n[0], n[1]);
    return strlen(again.text) == length && strncmp(again.text, text, length) == 0;
}

bool parameter_parse(const char *given, size_t given_length, nudge_parameter *parameter) {
    uint64_t numbers[3] = {0, 0, 0};
    char text[80]; /* without names */
    if (!plain_numbers(given, given_length, text, sizeof text)) return false;
    size_t found = 0, at = 0, length = strlen(text);
    while (at <= length && found < 3) {
        char word[24];
        size_t end = at;
        while (end < length && text[end] != ',') end++;
        if (end - at >= sizeof word) return false;
        snprintf(word, sizeof word, "%.*s", (int)(end - at), text + at);
        if (!number_parse_count(word, &numbers[found]) || numbers[found] > UINT32_MAX) return false;
        found++;
        at = end + 1;
    }
    *parameter =
        (nudge_parameter){(size_t)numbers[0], (size_t)numbers[1], (size_t)numbers[2], found == 2 ? 1 : 0};
    return found >= 2 && at > length;
}

struct parameter_text parameter_tensor(const nudge_tensor *tensor) {
    struct parameter_text name;
    const char *letter = tensor->number == 0 ? "w" : tensor->number == 1 ? "b" : tensor->name;
    snprintf(name.text, sizeof name.text, "%s(%zu)", letter, tensor->layer);
    return name;
}

struct parameter_text parameter_name(const nudge_net *net, const nudge_parameter *parameter) {
    struct parameter_text name = {""};
    nudge_tensor tensor = NUDGE_TENSOR;
    for (size_t i = 0; parameter->tensor > 1 && nudge_net_tensor(net, i, &tensor); i++)
        if (tensor.layer == parameter->layer && tensor.number == parameter->tensor)
            format_text(name.text, sizeof name.text, "%s[%zu]", parameter_tensor(&tensor).text,
                        parameter->output);
    if (parameter->tensor == 1)
        snprintf(name.text, sizeof name.text, "b(%zu)[%zu]", parameter->layer, parameter->output);
    else if (parameter->tensor == 0)
        snprintf(name.text, sizeof name.text, "w(%zu)[%zu][%zu]", parameter->layer, parameter->output,
                 parameter->input);
    return name;
}
