/* What is wrong with a network on its data, as nudge_diagnose finds it, for people and for programs. */
#ifndef NUDGE_CLI_TELL_FINDINGS_H
#define NUDGE_CLI_TELL_FINDINGS_H

#include <jansson.h>
#include <nudge.h>
#include <stdio.h>

enum { FINDINGS_MOST = 16, FINDINGS_SHOWN = 3 };

struct findings {
    nudge_finding list[FINDINGS_MOST];
    size_t count;
};

/* `training` and `result` may be NULL. Where the examination itself fails there are no findings. */
void findings_make(struct findings *findings, nudge_context *context, const nudge_net *net,
                   const nudge_data *data, const nudge_train_options *training,
                   const nudge_train_result *result, bool diverged);

/* At most `most` of them, each with what to try; nothing where there is none. */
void findings_print(const struct findings *findings, FILE *file, size_t most);
/* A single one, which may be a data set's (nudge_survey_finding). */
void finding_print(const nudge_finding *finding, FILE *file);
json_t *finding_json(const nudge_finding *finding);
json_t *findings_json(const struct findings *findings);

#endif
