/* All 2^32 inputs of every elementary function against the C library's in double. Prints, per function, the
 * largest error and where it is; exit status 1 if one exceeds 4 ULP, or a result is wrong in kind, or a
 * special value is not exact. Names as arguments choose functions. Two threads; the shares do not change what
 * is found. */
#include <pthread.h>
#include <stdio.h>

#include "elementary_cases.h"

enum { THREADS = 2 };

struct share {
    const struct elementary_case *function;
    uint64_t begin, end; /* bits of the inputs */
    struct elementary_report report;
};

static void *sweep(void *argument) {
    struct share *share = argument;
    for (uint64_t first = share->begin; first < share->end; first += ELEMENTARY_BLOCK)
        elementary_check(&share->report, share->function, (uint32_t)first, 1, ELEMENTARY_BLOCK);
    return NULL;
}

/* The report of all inputs; false when a thread cannot be made. */
static bool sweep_all(const struct elementary_case *function, struct elementary_report *report) {
    struct share shares[THREADS];
    pthread_t threads[THREADS];
    int made = 0;
    for (; made < THREADS; made++) {
        const uint64_t inputs = (1ull << 32) / THREADS;
        uint64_t begin = inputs * (uint64_t)made;
        shares[made] = (struct share){.function = function, .begin = begin, .end = begin + inputs};
        if (pthread_create(&threads[made], NULL, sweep, &shares[made])) break;
    }
    *report = (struct elementary_report){0};
    for (int i = 0; i < made; i++) {
        pthread_join(threads[i], NULL);
        const struct elementary_report *part = &shares[i].report;
        if (part->worst > report->worst) {
            report->worst = part->worst;
            report->worst_at = part->worst_at;
        }
        if (part->wrong && !report->wrong) report->wrong_at = part->wrong_at;
        report->wrong += part->wrong;
    }
    return made == THREADS;
}

static bool function_is_right(const struct elementary_case *function) {
    struct elementary_report report;
    if (!sweep_all(function, &report)) {
        fprintf(stderr, "elementary_sweep: no thread could be made\n");
        return false;
    }
    float x = f32_from_bits(report.worst_at);
    printf("%-8s  %.4f ULP at %-15a  %-15a for %a\n", function->name, report.worst, (double)x,
           (double)function->call(x), function->reference((double)x));
    if (report.wrong)
        printf("%-8s  wrong in kind for %llu inputs, the first %a\n", function->name,
               (unsigned long long)report.wrong, (double)f32_from_bits(report.wrong_at));
    fflush(stdout);
    return report.wrong == 0 && report.worst <= ELEMENTARY_LIMIT;
}

static bool specials_are_exact(void) {
    bool exact = true;
    for (size_t i = 0; i < ELEMENTARY_SPECIALS; i++) {
        const struct elementary_special *special = &elementary_specials[i];
        float y = elementary_special_result(special);
        if (elementary_bits(y) == elementary_bits(special->y)) continue;
        printf("%s(%a) = %a, expected %a\n", special->name, (double)special->x, (double)y,
               (double)special->y);
        exact = false;
    }
    return exact;
}

static bool is_chosen(const char *name, int count, char **names) {
    for (int i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return count == 0;
}

int main(int argc, char **argv) {
    bool right = specials_are_exact();
    for (size_t f = 0; f < ELEMENTARY_CASES; f++)
        if (is_chosen(elementary_cases[f].name, argc - 1, argv + 1))
            right = function_is_right(&elementary_cases[f]) && right;
    return right ? 0 : 1;
}
