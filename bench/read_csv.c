/* How fast nudge reads a text table, from the file to the matrix of features. Run it beside pandas' read_csv, which stops
 * at its own columns:
 *
 *   python3 -c 'import random; s = [str(i) for i in range(256)]
 *   print(",".join("p%d" % i for i in range(784)) + ",label")
 *   for row in range(60000): print(",".join(s[b] for b in random.randbytes(785)))' >numbers.csv
 *   cmake --build --preset release --target read-csv
 *   build/release/bench/read-csv numbers.csv 5
 *   python3 -c 'import pandas, time; t = time.process_time(); pandas.read_csv("numbers.csv"); print(time.process_time() - t)'
 */
#define _POSIX_C_SOURCE 200809L
#include <nudge.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int read_once(nudge_context *context, const char *path, double megabytes) {
    nudge_error error = {0};
    nudge_data *data = NULL;
    nudge_data_options options = NUDGE_DATA_OPTIONS;
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
    if (nudge_data_open(context, path, &options, &data, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    wall = seconds(CLOCK_MONOTONIC) - wall;
    printf("%zu rows of %zu features: %.3f s (%.3f s of the CPU), %.0f MB/s (%.0f)\n",
           nudge_data_rows(data, NUDGE_PART_TRAIN), nudge_data_features(data), wall, cpu, megabytes / wall,
           megabytes / cpu);
    nudge_data_free(data);
    return 0;
}

int main(int count, char **words) {
    nudge_error error = {0};
    nudge_context *context = NULL;
    struct stat file;
    int times = count > 2 ? atoi(words[2]) : 3, failed = 0;
    if (count < 2 || stat(words[1], &file)) {
        fprintf(stderr, "usage: read-csv FILE [TIMES]\n");
        return 2;
    }
    if (nudge_context_create(NULL, &context, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    for (int i = 0; !failed && i < times; i++)
        failed = read_once(context, words[1], (double)file.st_size / 1e6);
    nudge_context_free(context);
    return failed;
}
