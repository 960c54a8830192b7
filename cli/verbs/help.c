/* The help of the command, and its manual page, from one source: the table of verbs and their options.
 * Invariant: no line of the help is longer than wrap_columns, but for a word that is. */
#include "cli/options/options.h"
#include "cli/options/suggest.h"
#include "cli/tell/say.h"
#include "cli/tell/terminal.h"
#include "cli/verbs.h"

#include <string.h>

enum { NAME_INDENT = 2, TEXT_INDENT = 26, NARROW = 60, NARROW_INDENT = 6 };

static const char about[] = "Training neural networks by backpropagation: one command, one file per model.";

static const char data_about[] = "DATA is a built-in set or a known one (nudge data lists them), a folder "
                                 "with IDX files as MNIST comes in "
                                 "(train-*, t10k-*, plain or .gz), or one IDX file of features beside its "
                                 "labels. What has a slash or an ending is a "
                                 "path.";

static const char recipe_about[] = "@FILE reads options from a recipe: one a line as it would be typed, the "
                                   "rest of the line being its value; # begins "
                                   "a comment. Of what is said twice, the later wins.";

static const char exit_about[] = "Exit status: 0 done, 1 it failed while running, 2 bad usage or bad input.";

/* -- text -- */

/* Calls `line` for every line of a text. */
static void each_line(const char *text, void (*line)(const char *text, size_t length)) {
    while (*text) {
        size_t length = strcspn(text, "\n");
        line(text, length);
        text += length + (text[length] == '\n');
    }
}

static void print_paragraph(const char *text, size_t length) {
    char paragraph[1024];
    snprintf(paragraph, sizeof paragraph, "%.*s", (int)length, text);
    putchar('\n');
    print_wrapped(stdout, paragraph, 0, 0);
}

/* An option with its aliases: how it is written, what it does. */
struct entry {
    char names[64];
    size_t used;
    const char *arg, *doc;
};

static void entry_add(struct entry *entry, const struct argp_option *option) {
    size_t room = sizeof entry->names - entry->used;
    char *at = entry->names + entry->used;
    bool letter = option->key > ' ' && option->key < 0x7F && !(option->flags & OPTION_ALIAS);
    int length = letter ? snprintf(at, room, "-%c, --%s", option->key, option->name)
                        : snprintf(at, room, "%s--%s", entry->used ? ", " : "", option->name);
    entry->used += (size_t)length;
}

/* Collects options with their aliases and hands each on when it is complete, as are the headers of groups. */
struct collector {
    struct entry entry;
    bool pending;
    void (*option)(const struct entry *entry);
    void (*header)(const char *text);
};

static void collector_flush(struct collector *collector) {
    if (collector->pending) collector->option(&collector->entry);
    collector->pending = false;
}

static void collect(void *user, const struct argp_option *option) {
    struct collector *collector = user;
    if (option->flags & OPTION_HIDDEN) return;
    if (!option->name) {
        collector_flush(collector);
        collector->header(option->doc);
        return;
    }
    if (!(option->flags & OPTION_ALIAS)) {
        collector_flush(collector);
        collector->entry = (struct entry){.arg = option->arg, .doc = option->doc};
        collector->pending = true;
    }
    entry_add(&collector->entry, option);
}

static void each_option(const struct argp *argp, void (*option)(const struct entry *),
                        void (*header)(const char *)) {
    struct collector collector = {.option = option, .header = header};
    if (argp) options_walk(argp, collect, &collector);
    collector_flush(&collector);
}

/* -- for the terminal -- */

static void print_header(const char *text) {
    printf("\n%s\n", text);
}

static void print_option(const struct entry *entry) {
    int length = printf("%*s%s%s%s", NAME_INDENT, "", entry->names, entry->arg ? " " : "",
                        entry->arg ? entry->arg : "");
    size_t column = (size_t)length, indent = wrap_columns(stdout) < NARROW ? NARROW_INDENT : TEXT_INDENT;
    if (column + 2 > indent)
        printf("\n%*s", (int)indent, "");
    else
        printf("%*s", (int)(indent - column), "");
    print_wrapped(stdout, entry->doc, indent, indent);
}

/* "plot" has "plot curves"; NULL: every verb. */
static bool is_of(const struct verb *verb, const struct verb *parent) {
    size_t length = parent ? strlen(parent->name) : 0;
    return !parent || (strncmp(verb->name, parent->name, length) == 0 && verb->name[length] == ' ');
}

void help_list(const struct verb *parent) {
    size_t widest = 0;
    for (size_t i = 0; verbs[i]; i++)
        if (is_of(verbs[i], parent)) {
            size_t length = strlen(verbs[i]->name);
            widest = length > widest ? length : widest;
        }
    for (size_t i = 0; verbs[i]; i++) {
        if (!is_of(verbs[i], parent)) continue;
        printf("%*s%-*s  ", NAME_INDENT, "", (int)widest, verbs[i]->name);
        print_wrapped(stdout, verbs[i]->summary, NAME_INDENT + widest + 2, NAME_INDENT + widest + 2);
    }
}

int help_unknown_kind(const struct verb *parent, const char *word) {
    struct suggestion suggestion = suggestion_for(word);
    size_t length = strlen(parent->name) + 1;
    for (size_t i = 0; verbs[i]; i++)
        if (is_of(verbs[i], parent)) suggestion_consider(&suggestion, verbs[i]->name + length);
    const char *nearest = suggestion_made(&suggestion);
    if (nearest) return say_usage("%s: unknown kind \"%s\": did you mean %s?", parent->name, word, nearest);
    return say_usage("%s: unknown kind \"%s\"; nudge %s --help lists the kinds", parent->name, word,
                     parent->name);
}

static void print_example(const char *text, size_t length) {
    printf("  %.*s\n", (int)length, text);
}

static bool has_kinds(const struct verb *verb) {
    for (size_t i = 0; verbs[i]; i++)
        if (is_of(verbs[i], verb)) return true;
    return false;
}

void help_verb(const struct verb *verb) {
    int column = printf("Usage: nudge %s ", verb->name);
    print_wrapped(stdout, verb->operands, (size_t)column, 4);
    each_line(verb->details, print_paragraph);
    if (has_kinds(verb)) {
        putchar('\n');
        help_list(verb);
    }
    each_option(verb->argp, print_option, print_header);
    if (!verb->examples) return;
    print_header("Examples");
    each_line(verb->examples, print_example);
}

void help_all(void) {
    printf("nudge %s\n", nudge_version());
    print_wrapped(stdout, about, 0, 0);
    printf("\nUsage: nudge VERB ...\n\n");
    help_list(NULL);
    putchar('\n');
    print_wrapped(stdout, data_about, 0, 0);
    putchar('\n');
    print_wrapped(stdout, recipe_about, 0, 0);
    putchar('\n');
    print_wrapped(stdout, exit_about, 0, 0);
    putchar('\n');
    print_wrapped(stdout, "nudge VERB --help says more, with examples. The first thing to try:", 0, 0);
    printf("\n  nudge train digits\n");
}

/* -- for man -- */

/* Text in which roff sees no requests and man keeps the hyphens that are to be typed. */
static void roff(const char *text, size_t length) {
    if (length && (text[0] == '.' || text[0] == '\'')) fputs("\\&", stdout);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\')
            fputs("\\e", stdout);
        else if (text[i] == '-')
            fputs("\\-", stdout);
        else
            putchar(text[i]);
    }
}

static void roff_line(const char *text) {
    roff(text, strlen(text));
    putchar('\n');
}

static void roff_paragraph(const char *text, size_t length) {
    puts(".PP");
    roff(text, length);
    putchar('\n');
}

static void roff_header(const char *text) {
    fputs(".PP\n.I ", stdout);
    roff_line(text);
}

static void roff_option(const struct entry *entry) {
    fputs(".TP\n\\fB", stdout);
    roff(entry->names, strlen(entry->names));
    fputs("\\fR", stdout);
    if (entry->arg) {
        fputs(" \\fI", stdout);
        roff(entry->arg, strlen(entry->arg));
        fputs("\\fR", stdout);
    }
    putchar('\n');
    roff_line(entry->doc);
}

static void roff_example(const char *text, size_t length) {
    roff(text, length);
    putchar('\n');
}

static void roff_verb(const struct verb *verb) {
    fputs(".SS nudge ", stdout);
    roff(verb->name, strlen(verb->name));
    putchar(' ');
    roff_line(verb->operands);
    each_line(verb->details, roff_paragraph);
    each_option(verb->argp, roff_option, roff_header);
    if (!verb->examples) return;
    puts(".PP\n.I Examples\n.PP\n.nf\n.RS 4");
    each_line(verb->examples, roff_example);
    puts(".RE\n.fi");
}

void help_man(void) {
    printf(".\\\" Made by: nudge help --man\n.TH NUDGE 1 \"\" \"nudge %s\" \"User Commands\"\n",
           nudge_version());
    puts(".nh\n.SH NAME\nnudge \\- train neural networks by backpropagation");
    puts(".SH SYNOPSIS\n.B nudge\n.I VERB\n.RI [ options ]");
    puts(".SH DESCRIPTION");
    roff_line(about);
    roff_paragraph(data_about, strlen(data_about));
    roff_paragraph(recipe_about, strlen(recipe_about));
    puts(".SH VERBS");
    for (size_t i = 0; verbs[i]; i++) roff_verb(verbs[i]);
    puts(".SH EXIT STATUS\n0 done, 1 it failed while running, 2 bad usage or bad input: then no output file "
         "was created "
         "or replaced.");
    puts(".SH ENVIRONMENT\n.TP\n.B NUDGE_DATA\nthe folder in which known data sets such as mnist are looked "
         "up\n.TP\n"
         ".B NO_COLOR\nwhen set, no colours\n.TP\n"
         ".B LC_ALL, LC_MESSAGES, LANG\nwhen the first of them that is set begins with zh, pictures are in "
         "Chinese");
}

/* -- nudge help -- */

static int run_help(int argc, char **argv) {
    int taken = argc > 1;
    bool man = argc > 1 && strcmp(argv[1], "--man") == 0;
    bool all = argc == 1 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0;
    const struct verb *verb = man || all ? NULL : verb_find(argc - 1, argv + 1, &taken);
    if (!man && !all && !verb) return EXIT_USAGE;
    if (argc > 1 + taken)
        return say_usage("found \"%s\" after %s, expected nothing there", argv[1 + taken], argv[taken]);
    if (man)
        help_man();
    else if (verb)
        help_verb(verb);
    else
        help_all();
    return EXIT_DONE;
}

const struct verb verb_help = {
    .name = "help",
    .operands = "[VERB]",
    .summary = "say how a verb is used",
    .details = "Says how a verb is used, or lists the verbs.",
    .run = run_help,
};
