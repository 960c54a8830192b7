/* See findings.h. */
#include "cli/tell/findings.h"

#include "cli/tell/json.h"
#include "cli/tell/terminal.h"

void findings_make(struct findings *findings, nudge_context *context, const nudge_net *net,
                   const nudge_data *data, const nudge_train_options *training,
                   const nudge_train_result *result, bool diverged) {
    for (size_t i = 0; i < FINDINGS_MOST; i++) findings->list[i] = (nudge_finding)NUDGE_FINDING;
    findings->count = 0;
    if (nudge_data_rows(data, NUDGE_PART_TRAIN) == 0) return;
    if (nudge_diagnose(context, net, data, training, result, diverged, findings->list, FINDINGS_MOST,
                       &findings->count, NULL))
        findings->count = 0;
}

void finding_print(const nudge_finding *finding, FILE *file) {
    char text[sizeof finding->sentence + sizeof finding->advice + 16];
    snprintf(text, sizeof text, "%s. Try: %s", finding->sentence, finding->advice);
    fprintf(file, "%-10s", "finding");
    print_wrapped(file, text, 10, 10);
}

void findings_print(const struct findings *findings, FILE *file, size_t most) {
    for (size_t i = 0; i < findings->count && i < most; i++) finding_print(&findings->list[i], file);
}

json_t *finding_json(const nudge_finding *finding) {
    json_t *object = json_object();
    json_add(object, "name", json_text(finding->name));
    json_add(object, "figure", json_figure(finding->figure));
    json_add(object, "sentence", json_text(finding->sentence));
    json_add(object, "advice", json_text(finding->advice));
    return object;
}

json_t *findings_json(const struct findings *findings) {
    json_t *list = json_array();
    for (size_t i = 0; i < findings->count; i++) json_append(list, finding_json(&findings->list[i]));
    return list;
}
