/* See checkpoint.h. */
#include "cli/verbs/checkpoint.h"

#include "cli/tell/files.h"
#include "cli/tell/json.h"
#include "cli/tell/numbers.h"
#include "cli/tell/progress.h"
#include "cli/tell/safe.h"

#include <stdlib.h>
#include <string.h>

static const char NO_MEMORY[] = "not enough memory: for the checkpoint's command";

error_t checkpoint_every(struct options *options, struct checkpointing *checkpointing, const char *word) {
    static const struct {
        char unit;
        double seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}};
    const char name[] = "--checkpoint-every";
    size_t length = strlen(word);
    checkpointing->options.every_steps = 0;
    checkpointing->options.every_seconds = 0;
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        char number[32];
        double value;
        if (length < 2 || length > sizeof number || word[length - 1] != units[u].unit) continue;
        format_text(number, sizeof number, "%.*s", (int)length - 1, word);
        if (!number_parse(number, &value) || !(value > 0 && value <= 1e6)) break;
        checkpointing->options.every_seconds = value * units[u].seconds;
        return 0;
    }
    uint64_t steps;
    if (number_parse_count(word, &steps) && steps >= 1 && steps <= UINT32_MAX) {
        checkpointing->options.every_steps = (size_t)steps;
        return 0;
    }
    return option_error(options,
                        "%s: found \"%s\", expected a number of steps, or a time such as 30s, 5m or 2h", name,
                        safe_short(word, 60).text);
}

/* -- the words -- */

/* Whether argv[i] is of this command alone: about resuming, or what is shown. */
static bool is_of_this_alone(const struct checkpointing *checkpointing, int argc, char **argv, int i) {
    static const char *const shown[] = {"-q", "--quiet", "-v", "--verbose", "--json"};
    const char *resume = checkpointing->resume;
    for (size_t s = 0; s < sizeof shown / sizeof *shown; s++)
        if (strcmp(argv[i], shown[s]) == 0) return true;
    if (strncmp(argv[i], "--allow-p", strlen("--allow-p")) == 0) return true;
    if (!resume) return false;
    bool within = resume >= argv[i] && resume <= argv[i] + strlen(argv[i]);
    return within || (i + 1 < argc && argv[i + 1] == resume);
}

int checkpoint_ask(struct checkpointing *checkpointing, const char *data, int argc, char **argv) {
    json_t *object = json_object(), *words = json_array();
    size_t count = 0;
    json_add(object, "data", json_text(data));
    for (int i = 1; i < argc; i++) {
        if (argv[i] == data || is_of_this_alone(checkpointing, argc, argv, i)) continue;
        json_append(words, json_text(argv[i]));
        count++;
    }
    bool whole = json_array_size(words) == count && json_object_get(object, "data");
    json_add(object, "words", words);
    size_t length = whole ? json_dumpb(object, NULL, 0, JSON_COMPACT) : 0;
    char *text = length ? malloc(length + 1) : NULL;
    whole = text && json_dumpb(object, text, length, JSON_COMPACT) == length;
    json_decref(object);
    free(checkpointing->asked);
    checkpointing->asked = text;
    if (!whole) return say_failure("%s", NO_MEMORY);
    text[length] = 0;
    return EXIT_DONE;
}

/* Copies of the earlier words, the data first, then this command's. */
static int join_words(struct checkpointing *checkpointing, const json_t *asked, const char *data, int *argc,
                      char ***argv) {
    const json_t *list = json_object_get(asked, "words");
    size_t count = json_array_size(list), own = (size_t)*argc;
    char **words = calloc(count + own + 2, sizeof *words);
    if (!words) return say_failure("%s", NO_MEMORY);
    checkpointing->words = words;
    const char *first[] = {(*argv)[0], data ? NULL : json_string_value(json_object_get(asked, "data"))};
    bool whole = true;
    for (size_t i = 0; i < 2 + count; i++) {
        const char *word = i < 2 ? first[i] : json_string_value(json_array_get(list, i - 2));
        if (!word) continue;
        char *copy = words[checkpointing->word_count] = strdup(word);
        checkpointing->word_count += copy != NULL;
        whole &= copy != NULL;
    }
    *argc = (int)checkpointing->word_count;
    for (size_t i = 1; i < own; i++) words[(*argc)++] = (*argv)[i];
    *argv = words;
    return whole ? EXIT_DONE : say_failure("%s", NO_MEMORY);
}

static nudge_status load(struct checkpointing *checkpointing, nudge_context *context,
                         nudge_checkpoint **checkpoint, nudge_error *error) {
    return nudge_checkpoint_load(context, checkpointing->resume, checkpointing->allow_previous,
                                 &checkpointing->options, checkpoint, error);
}

static int tell_load_error(const nudge_error *error) {
    const char *hint = strstr(error->message, " (allow_previous)");
    if (!hint) return say_error(error, SAY_READING);
    return say_usage("%.*s: --allow-previous goes on from it", (int)(hint - error->message), error->message);
}

/* In a context of its own: which one it is to be, the words say. */
int checkpoint_command(struct checkpointing *checkpointing, const char *data, int *argc, char ***argv) {
    nudge_context_options options = NUDGE_CONTEXT_OPTIONS;
    nudge_context *context = NULL;
    nudge_checkpoint *checkpoint = NULL;
    nudge_error error;
    json_t *asked = NULL;
    int status;
    options.threads = 1;
    nudge_status loaded = nudge_context_create(&options, &context, &error);
    if (!loaded) loaded = load(checkpointing, context, &checkpoint, &error);
    const char *note = loaded ? NULL : nudge_checkpoint_note(checkpoint);
    if (loaded)
        status = tell_load_error(&error);
    else if (!note)
        status =
            data ? EXIT_DONE
                 : say_usage("%s: its checkpoint does not say how the training was asked for: DATA and all "
                             "options are needed",
                             checkpointing->resume);
    else if (!json_read(note, &asked))
        status = say_failure("%s", NO_MEMORY);
    else
        status = join_words(checkpointing, asked, data, argc, argv);
    if (asked) json_read_end();
    nudge_checkpoint_free(checkpoint);
    nudge_context_free(context);
    return status;
}

/* -- saving -- */

static void on_saved(void *user, const nudge_progress *now, const nudge_error *error) {
    struct checkpointing *checkpointing = user;
    if (error && !checkpointing->told) {
        progress_clear();
        say_failure("checkpoint not saved: %s; the training goes on", error->message);
    }
    checkpointing->told = error != NULL;
    if (error || !checkpointing->json) return;
    json_t *line = json_object();
    json_add(line, "event", json_text("checkpoint"));
    json_add(line, "epoch", json_count(now->epoch));
    json_add(line, "step", json_count(now->step));
    json_event(line);
}

/* Files that are written, as -o is. */
static int check_files(const char *model) {
    int status = EXIT_DONE;
    for (int g = 1; !status && g <= 2; g++) {
        char path[4096];
        if (snprintf(path, sizeof path, "%s.checkpoint-%d", model, g) >= (int)sizeof path)
            return say_usage("%s: its name is too long for a checkpoint", model);
        status = files_write(path);
    }
    return status;
}

int checkpoint_open(struct checkpointing *checkpointing, nudge_context *context, const char *model) {
    nudge_error error;
    nudge_checkpoint_options *options = &checkpointing->options;
    bool wanted = options->every_steps || options->every_seconds > 0;
    if (!checkpointing->resume && !wanted) return EXIT_DONE;
    if (!model) return say_usage("--checkpoint-every needs -o FILE: checkpoints stand beside it");
    options->note = checkpointing->asked;
    options->on_saved = on_saved;
    options->user = checkpointing;
    int status = check_files(checkpointing->resume ? checkpointing->resume : model);
    if (status) return status;
    if (checkpointing->resume)
        return load(checkpointing, context, &checkpointing->checkpoint, &error) ? tell_load_error(&error)
                                                                                : EXIT_DONE;
    return nudge_checkpoint_create(context, model, options, &checkpointing->checkpoint, &error)
               ? say_error(&error, SAY_RUNNING)
               : EXIT_DONE;
}

void checkpoint_close(struct checkpointing *checkpointing) {
    nudge_checkpoint_free(checkpointing->checkpoint);
    for (size_t i = 0; i < checkpointing->word_count; i++) free(checkpointing->words[i]);
    free(checkpointing->words);
    free(checkpointing->asked);
    *checkpointing = (struct checkpointing){0};
}
