/* See idx_names.h. Invariant: which file is chosen does not depend on the order in which the system lists a
 * folder. */
#include "read/idx_names.h"

#include "base/file.h"
#include "base/status.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

/* -- names -- */

/* Steps over one of the words if it stands at *at. */
static bool take_word(const char **at, const char *const *words) {
    for (; *words; words++)
        if (strncmp(*at, *words, strlen(*words)) == 0) {
            *at += strlen(*words);
            return true;
        }
    return false;
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static bool take_ending(const char **at) {
    const char *c = *at;
    if (strncmp(c, ".idx", 4) == 0 && (c[4] == 0 || c[4] == '.')) {
        *at = c + 4;
        return true;
    }
    if (!take_word(&c, WORDS("-idx", "_idx", ".idx")) || *c < '0' || *c > '9' || c[1] != '-') return false;
    c += 2;
    size_t letters = strspn(c, "abcdefghijklmnopqrstuvwxyz0123456789");
    if (letters == 0) return false;
    *at = c + letters;
    return true;
}

/* Whether the rest of a name is [ENDING] [.gz]. */
static bool is_rest(const char *at, bool *gzip) {
    take_ending(&at);
    *gzip = take_word(&at, WORDS(".gz"));
    return *at == 0;
}

bool idx_name_claims(const char *name) {
    for (const char *c = name; *c; c++) {
        const char *end = c;
        if (!take_ending(&end)) continue;
        take_word(&end, WORDS(".gz"));
        if (*end == 0) return true;
    }
    return false;
}

/* How a name may say its role, the plainest first: a folder's files are looked for in one form after the other. */
enum form { FORM_PLAIN, FORM_PREFIXED, FORM_WITHOUT_PART, FORMS };

/* The role that the rest of a name says, from its PART on, or from its ROLE. */
static enum idx_role role_from(const char *at, bool with_part, bool *gzip) {
    enum idx_role role = IDX_TRAIN_FEATURES;
    if (with_part) {
        if (take_word(&at, WORDS("t10k", "test")))
            role = IDX_TEST_FEATURES;
        else if (!take_word(&at, WORDS("train")))
            return IDX_ROLES;
        if (!take_word(&at, WORDS("-", "_"))) return IDX_ROLES;
    }
    if (take_word(&at, WORDS("labels", "targets")))
        role++;
    else if (!take_word(&at, WORDS("images", "features")))
        return IDX_ROLES;
    const char *ending = at; /* a file "images" alone may be anything */
    return (with_part || take_ending(&ending)) && is_rest(at, gzip) ? role : IDX_ROLES;
}

static enum idx_role role_of(const char *name, enum form form, bool *gzip) {
    if (form == FORM_PLAIN) return role_from(name, true, gzip);
    for (const char *at = name; *at; at++) {
        bool begins = at == name || strchr("-_.", at[-1]);
        enum idx_role role = begins ? role_from(at, form == FORM_PREFIXED, gzip) : IDX_ROLES;
        if (role < IDX_ROLES) return role;
    }
    return IDX_ROLES;
}

/* -- choosing among a folder's files -- */

/* Of the files found for one role, plain ones and .gz ones apart: the two that come first in the alphabet. */
struct choice {
    struct {
        char *first, *second;
    } kinds[2];
};

static void swap_if_before(char **a, char **b) {
    if (!*a || strcmp(*b, *a) < 0) {
        char *c = *a;
        *a = *b;
        *b = c;
    }
}

static nudge_status add_name(struct choice *choice, const nudge_allocator *allocator, const char *name,
                             bool gzip, nudge_error *error) {
    char *copy = memory_copy_text(allocator, name);
    if (!copy) return error_no_memory(error, strlen(name) + 1, "a file's name");
    swap_if_before(&choice->kinds[gzip].first, &copy);
    if (copy) swap_if_before(&choice->kinds[gzip].second, &copy);
    memory_release_text(allocator, copy);
    return NUDGE_OK;
}

static void release_names(struct choice *choice, const nudge_allocator *allocator) {
    for (size_t i = 0; i < 2; i++) {
        memory_release_text(allocator, choice->kinds[i].first);
        memory_release_text(allocator, choice->kinds[i].second);
    }
}

/* *path = the file that the names mean; untouched when there is none. */
static nudge_status decide(const struct choice *choice, char **path, const nudge_allocator *allocator,
                           const char *folder, nudge_error *error) {
    size_t kind = choice->kinds[0].first ? 0 : 1;
    const char *first = choice->kinds[kind].first, *second = choice->kinds[kind].second;
    if (!first) return NUDGE_OK;
    if (second)
        return error_set(error, NUDGE_BAD_INPUT, "%s: has both %s and %s, expected one of them",
                         shown(folder).text, shown(first).text, shown(second).text);
    *path = file_path_join(allocator, folder, first);
    return *path ? NUDGE_OK : error_no_memory(error, strlen(folder) + strlen(first) + 2, "a file's name");
}

/* Which of choices[] a name stands for, if any. */
typedef struct choice *sorter(struct choice *choices, const char *name, const void *wanted, bool *gzip);

static nudge_status scan(struct choice *choices, const nudge_allocator *allocator, const char *folder,
                         sorter *sort, const void *wanted, nudge_error *error) {
    DIR *listing = opendir(folder);
    if (!listing)
        return error_set(error, NUDGE_IO, "%s: cannot be listed: %s", shown(folder).text,
                         file_reason(errno).text);
    nudge_status status = NUDGE_OK;
    while (!status) {
        errno = 0;
        const struct dirent *entry = readdir(listing);
        if (!entry && errno)
            status = error_set(error, NUDGE_IO, "%s: cannot be listed: %s", shown(folder).text,
                               file_reason(errno).text);
        if (!entry) break;
        bool gzip;
        struct choice *choice = sort(choices, entry->d_name, wanted, &gzip);
        if (choice) status = add_name(choice, allocator, entry->d_name, gzip, error);
    }
    closedir(listing);
    return status;
}

void idx_files_release(struct idx_files *files, const nudge_allocator *allocator) {
    for (size_t i = 0; i < IDX_ROLES; i++) memory_release_text(allocator, files->paths[i]);
    *files = (struct idx_files){0};
}

/* -- a folder -- */

static struct choice *sort_by_role(struct choice *choices, const char *name, const void *wanted, bool *gzip) {
    enum idx_role role = role_of(name, *(const enum form *)wanted, gzip);
    return role < IDX_ROLES ? &choices[role] : NULL;
}

static bool has_none(const struct idx_files *files) {
    for (size_t i = 0; i < IDX_ROLES; i++)
        if (files->paths[i]) return false;
    return true;
}

nudge_status idx_files_in(struct idx_files *files, const nudge_allocator *allocator, const char *folder,
                          nudge_error *error) {
    nudge_status status = NUDGE_OK;
    *files = (struct idx_files){0};
    for (enum form form = FORM_PLAIN; !status && form < FORMS && has_none(files); form++) {
        struct choice choices[IDX_ROLES] = {0};
        status = scan(choices, allocator, folder, sort_by_role, &form, error);
        for (size_t i = 0; i < IDX_ROLES; i++) {
            if (!status) status = decide(&choices[i], &files->paths[i], allocator, folder, error);
            release_names(&choices[i], allocator);
        }
    }
    if (status) idx_files_release(files, allocator);
    return status;
}

static struct choice *sort_others(struct choice *choices, const char *name, const void *wanted, bool *gzip) {
    const char *const *names = wanted;
    enum idx_role role = role_of(name, FORM_PLAIN, gzip);
    bool other = role < IDX_ROLES && !(names[role] && strcmp(names[role], name) == 0);
    return other ? choices : NULL;
}

nudge_status idx_folder_refuse_others(const nudge_allocator *allocator, const char *folder,
                                      const char *const names[IDX_ROLES], nudge_error *error) {
    struct choice others = {0};
    nudge_status status = scan(&others, allocator, folder, sort_others, names, error);
    const char *other = others.kinds[0].first ? others.kinds[0].first : others.kinds[1].first;
    if (!status && other)
        status = error_set(
            error, NUDGE_BAD_INPUT,
            "%s: has %s, which would be read together with the new files; expected a folder without it",
            shown(folder).text, shown(other).text);
    release_names(&others, allocator);
    return status;
}

/* -- one file and its targets -- */

/* A name cut at its role: "emnist-" "images" "-idx3-ubyte.gz". */
struct cut_name {
    const char *name;
    size_t before;            /* how much comes before the role */
    const char *role, *other; /* "images", and what stands in its place in the targets' file: "labels" */
};

static const char *last_place(const char *name, const char *word) {
    const char *last = NULL;
    for (const char *c = strstr(name, word); c; c = strstr(c + 1, word)) last = c;
    return last;
}

static bool cut(struct cut_name *out, const char *name) {
    static const char *const words[2][2] = {{"images", "labels"}, {"features", "targets"}};
    for (size_t i = 0; i < 2; i++) {
        const char *place = last_place(name, words[i][0]);
        *out = (struct cut_name){name, place ? (size_t)(place - name) : 0, words[i][0], words[i][1]};
        if (place) return true;
    }
    return false;
}

static struct choice *sort_partner(struct choice *choices, const char *name, const void *wanted, bool *gzip) {
    const struct cut_name *cut_name = wanted;
    size_t before = cut_name->before, other = strlen(cut_name->other);
    if (strncmp(name, cut_name->name, before) || strncmp(name + before, cut_name->other, other)) return NULL;
    return is_rest(name + before + other, gzip) ? choices : NULL;
}

static nudge_status find_partner(struct idx_files *files, const nudge_allocator *allocator,
                                 const char *folder, const char *path, bool unlabelled, nudge_error *error) {
    struct cut_name cut_name;
    bool named = cut(&cut_name, file_path_name(path));
    if (!named && unlabelled) return NUDGE_OK;
    if (!named)
        return error_set(
            error, NUDGE_BAD_INPUT,
            "%s: expected \"images\" or \"features\" in the file's name: its labels are then in the file "
            "with \"labels\" or \"targets\" in its place",
            shown(path).text);
    struct choice choice = {0};
    nudge_status status = scan(&choice, allocator, folder, sort_partner, &cut_name, error);
    if (!status) status = decide(&choice, &files->paths[IDX_TRAIN_TARGETS], allocator, folder, error);
    if (!status && !files->paths[IDX_TRAIN_TARGETS] && !unlabelled)
        status = error_set(error, NUDGE_BAD_INPUT,
                           "%s: its %s are missing: expected a file beside it with \"%s\" in place of \"%s\"",
                           shown(path).text, cut_name.other, cut_name.other, cut_name.role);
    release_names(&choice, allocator);
    return status;
}

nudge_status idx_files_for(struct idx_files *files, const nudge_allocator *allocator, const char *path,
                           bool unlabelled, nudge_error *error) {
    *files = (struct idx_files){0};
    char *folder = file_path_folder(allocator, path);
    files->paths[IDX_TRAIN_FEATURES] = memory_copy_text(allocator, path);
    nudge_status status = folder && files->paths[IDX_TRAIN_FEATURES]
                              ? find_partner(files, allocator, folder, path, unlabelled, error)
                              : error_no_memory(error, strlen(path) + 1, "a file's name");
    memory_release_text(allocator, folder);
    if (status) idx_files_release(files, allocator);
    return status;
}
