/* The command: finds the verb in one table and runs it. Invariant: nothing in cli/ is written but to standard
 * output, standard error and the file that -o names. */
#include "cli/options/options.h"
#include "cli/options/suggest.h"
#include "cli/signals.h"
#include "cli/tell/say.h"
#include "cli/verbs.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* In the order of the help, one line each. */
/* clang-format off */
const struct verb *const verbs[] = {
    &verb_train,
    &verb_cv,
    &verb_eval,
    &verb_predict,
    &verb_explain,
    &verb_check,
    &verb_surface,
    &verb_plot,
    &verb_plot_curves,
    &verb_plot_reads,
    &verb_plot_mistakes,
    &verb_plot_confusion,
    &verb_plot_weights,
    &verb_plot_network,
    &verb_plot_activations,
    &verb_plot_gradients,
    &verb_plot_boundary,
    &verb_inspect,
    &verb_data,
    &verb_data_info,
    &verb_data_show,
    &verb_data_make,
    &verb_data_convert,
    &verb_help,
    &verb_version,
    NULL,
};
/* clang-format on */

/* -- finding a verb -- */

/* How many of the words make up the verb's name; 0 when they do not. */
static int words_taken(const struct verb *verb, int count, char **words) {
    const char *name = verb->name;
    for (int i = 0; i < count; i++) {
        size_t length = strlen(words[i]);
        if (strncmp(name, words[i], length) != 0) return 0;
        if (name[length] == 0) return i + 1;
        if (name[length] != ' ') return 0;
        name += length + 1;
    }
    return 0;
}

static int unknown_verb(const char *word) {
    struct suggestion suggestion = suggestion_for(word);
    for (size_t i = 0; verbs[i]; i++) suggestion_consider(&suggestion, verbs[i]->name);
    const char *nearest = suggestion_made(&suggestion);
    if (nearest) return say_usage("unknown verb \"%s\": did you mean %s?", word, nearest);
    return say_usage("unknown verb \"%s\"; nudge --help lists the verbs", word);
}

const struct verb *verb_find(int count, char **words, int *taken) {
    const struct verb *found = NULL;
    *taken = 0;
    for (size_t i = 0; verbs[i]; i++) {
        int words_of_name = words_taken(verbs[i], count, words);
        if (words_of_name <= *taken) continue;
        found = verbs[i];
        *taken = words_of_name;
    }
    if (!found) unknown_verb(words[0]);
    return found;
}

/* -- version -- */

static int run_version(int argc, char **argv) {
    if (argc > 1) return say_usage("found \"%s\" after %s, expected nothing there", argv[1], argv[0]);
    printf("nudge %s\n", nudge_version());
    return EXIT_DONE;
}

const struct verb verb_version = {
    .name = "version",
    .operands = "",
    .summary = "say which version this is",
    .details = "Says which version this is.",
    .run = run_version,
};

/* -- the process -- */

/* Where a standard stream is closed, its number must not fall to a file that is opened later. Opened the
 * wrong way round, so that using the stream goes on being an error. */
static void keep_standard_streams(void) {
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0 &&
            open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) != stream)
            _exit(EXIT_FAILED);
}

static int run_main(int argc, char **argv) {
    if (argc < 2) {
        help_all();
        return say_usage("a verb is missing");
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return verb_help.run(argc - 1, argv + 1);
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
        return run_version(argc - 1, argv + 1);
    int taken;
    const struct verb *verb = verb_find(argc - 1, argv + 1, &taken);
    return verb ? verb->run(argc - taken, argv + taken) : EXIT_USAGE;
}

int main(int argc, char **argv) {
    keep_standard_streams();
    signals_begin();
    signal(SIGPIPE, SIG_IGN); /* what -o asked for is still written: say_end */
    signal(SIGXFSZ, SIG_IGN); /* a file that would become too large is an error like any other */
    setlocale(LC_CTYPE, "");  /* for what the terminal can show; numbers stay as they are in "C" */
    argp_err_exit_status = EXIT_USAGE;
    options_prepare();
    return say_end(run_main(argc, argv));
}
