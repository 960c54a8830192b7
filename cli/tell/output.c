/* See output.h. The file is the library's (nudge_file_create), the stream the C library's: fopencookie joins them. */
#define _GNU_SOURCE /* fopencookie */
#include "cli/tell/output.h"

#include "cli/signals.h"
#include "cli/tell/say.h"

#include <fcntl.h>
#include <unistd.h>

/* Returns 0 after a failure, which makes it the stream's error; output_commit tells the first one. */
static ssize_t write_cookie(void *cookie, const char *bytes, size_t count) {
    struct output *output = cookie;
    if (output->error.code || nudge_file_write(output->file, bytes, count, &output->error)) return 0;
    return (ssize_t)count;
}

/* /dev/stdout or /dev/tty may be one. */
static bool is_terminal(const char *path) {
    int descriptor = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    bool is = descriptor >= 0 && isatty(descriptor);
    if (descriptor >= 0) close(descriptor);
    return is;
}

int output_open(struct output *output, const char *path) {
    *output = (struct output){.stream = stdout, .path = path, .terminal = !path && isatty(STDOUT_FILENO)};
    if (!path) return EXIT_DONE;
    output->stream = NULL;
    signals_hold();
    nudge_status status = nudge_file_create(NULL, path, &output->file, &output->error);
    if (!status) signals_guard(nudge_file_part(output->file));
    signals_release();
    if (status) return say_error(&output->error, SAY_RUNNING);
    output->terminal = !nudge_file_part(output->file) && is_terminal(path);
    output->stream = fopencookie(output, "w", (cookie_io_functions_t){.write = write_cookie});
    if (output->stream) return EXIT_DONE;
    output_abandon(output);
    return say_failure("%s: not enough memory: for a stream", path);
}

int output_commit(struct output *output) {
    if (!output->path) return EXIT_DONE;
    fclose(output->stream); /* what it still holds goes through write_cookie */
    output->stream = NULL;
    if (output->error.code) {
        output_abandon(output);
        return say_error(&output->error, SAY_RUNNING);
    }
    nudge_error error;
    signals_hold();
    signals_forget(nudge_file_part(output->file));
    nudge_status status = nudge_file_commit(output->file, &error);
    output->file = NULL;
    signals_release();
    return status ? say_error(&error, SAY_RUNNING) : EXIT_DONE;
}

void output_abandon(struct output *output) {
    if (!output->path) return;
    if (output->stream) fclose(output->stream);
    output->stream = NULL;
    signals_hold();
    if (output->file) signals_forget(nudge_file_part(output->file));
    nudge_file_abandon(output->file);
    output->file = NULL;
    signals_release();
}
