/* See say.h. Invariant: every sentence is one line, begins with "nudge: " and goes to standard error. */
#include "cli/tell/say.h"

#include "cli/tell/progress.h"
#include "cli/tell/safe.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(const char *format, va_list arguments) {
    progress_clear();
    fflush(stdout); /* what was printed before stands before, where both are one terminal */
    char sentence[8192], shown[8192];
    format_text_list(sentence, sizeof sentence, format, arguments);
    nudge_text_show(sentence, shown, sizeof shown);
    fprintf(stderr, "nudge: %s\n", shown);
}

int say_usage(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    return EXIT_USAGE;
}

int say_failure(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    return EXIT_FAILED;
}

void say_remark(void *user, const char *sentence) {
    static char last[1024]; /* what is made anew from a context remarks the same again */
    const bool *quiet = user;
    if (*quiet || strcmp(last, sentence) == 0) return;
    snprintf(last, sizeof last, "%s", sentence);
    say_usage("%s", sentence);
}

int say_unreadable(const char *path, int number) {
    bool ours = number == EMFILE || number == ENFILE;
    if (number == ENOMEM) return say_failure("not enough memory: to open %s", path);
    return ours ? say_failure("%s: cannot be opened: %s", path, strerror(number))
                : say_usage("%s: cannot be opened: %s", path, strerror(number));
}

static int status_exit(nudge_status status, enum say_phase phase) {
    switch (status) {
    case NUDGE_OK: return EXIT_DONE;
    case NUDGE_BAD_ARGUMENT:
    case NUDGE_BAD_INPUT:
    case NUDGE_UNSUPPORTED:
    case NUDGE_IO: return phase == SAY_READING ? EXIT_USAGE : EXIT_FAILED;
    case NUDGE_NO_MEMORY:
    case NUDGE_DIVERGED: break;
    }
    return EXIT_FAILED;
}

int say_error(const nudge_error *error, enum say_phase phase) {
    int status = status_exit(error->code, phase);
    return status == EXIT_USAGE ? say_usage("%s", error->message) : say_failure("%s", error->message);
}

/* Whether standard output is a pipe from which nobody reads any more. */
static bool reader_has_gone(void) {
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR);
}

static bool lost;

int say_lost(const char *what) {
    if (!lost) say_failure("not enough memory: for %s", what);
    lost = true;
    return EXIT_FAILED;
}

int say_end(int status) {
    if (lost && status == EXIT_DONE) status = EXIT_FAILED;
    errno = 0;
    bool failed = fflush(stdout) != 0;
    if (!failed && !ferror(stdout)) return status;
    if (status == EXIT_DONE && reader_has_gone()) {
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
    const char *why = failed && errno ? strerror(errno) : "an earlier write failed";
    int failure = say_failure("standard output: cannot be written: %s", why);
    return status == EXIT_DONE ? failure : status;
}
