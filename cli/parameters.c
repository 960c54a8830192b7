/* See parameters.h. */
#include "cli/parameters.h"

#include "cli/numbers.h"

#include <stdio.h>

bool parameter_parse(const char *text, size_t length, nudge_parameter *parameter) {
    uint64_t numbers[3] = {0, 0, 0};
    size_t found = 0, at = 0;
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
    *parameter = (nudge_parameter){(size_t)numbers[0], (size_t)numbers[1], (size_t)numbers[2], found == 2};
    return found >= 2 && at > length;
}

struct parameter_text parameter_name(const nudge_parameter *parameter) {
    struct parameter_text name;
    if (parameter->bias)
        snprintf(name.text, sizeof name.text, "b(%zu)[%zu]", parameter->layer, parameter->output);
    else
        snprintf(name.text, sizeof name.text, "w(%zu)[%zu][%zu]", parameter->layer, parameter->output,
                 parameter->input);
    return name;
}
