/* See verb_run.h. */
#include "cli/open/verb_run.h"

#include "cli/signals.h"

static int open_needed(struct opened *opened, const struct options *options) {
    unsigned needs = opened->needs | (options->model ? NEEDS_MODEL : 0);
    bool behind_model = needs & NEEDS_MODEL && !options->model;
    const char *model = options->model ? options->model : options->operands[0],
               *data = options->operands[behind_model ? options->operand_count - 1 : 0];
    int status = needs ? open_context(opened, options) : EXIT_DONE;
    /* Data that come behind a journal can replay it: then any step of it will do. */
    if (needs & NEEDS_DATA) opened->replays = true;
    if (!status && needs & NEEDS_MODEL) status = open_net(opened, model);
    if (!status && needs & NEEDS_COST) status = open_cost(opened, options);
    if (!status && needs & NEEDS_DATA) status = open_data(opened, options, data);
    if (!status && needs & NEEDS_PART) status = open_part(opened, options, &opened->part);
    return status;
}

int verb_run_parsed(const struct verb_frame *frame, void *state, struct opened *opened, int parsed) {
    int status = parsed < 0 ? EXIT_DONE : parsed;
    opened->needs = frame->needs;
    if (parsed < 0 && frame->check) status = frame->check(state);
    if (parsed < 0 && !status) status = open_needed(opened, state);
    if (parsed < 0 && !status) status = frame->body(state);
    if (frame->release) frame->release(state);
    open_close(opened);
    options_free(state);
    if (signals_caught()) {
        say_end(status);
        signals_end();
    }
    return status;
}

int verb_run(const struct verb_frame *frame, void *state, struct opened *opened, int argc, char **argv) {
    struct options *options = state;
    for (size_t i = 0; i < 2 && frame->words[i]; i++) {
        options->operand_names[i] = frame->words[i];
        options->least_operands = options->most_operands = i + 1;
    }
    return verb_run_parsed(frame, state, opened, options_parse(options, frame->verb, argc, argv));
}
