/* What a survey finds wrong with a data set: each kind is a function of what was seen and a row of the table below, the
 * gravest first. Invariant: nothing is found in a data set without faults; text from the data is fit to be shown. */
#include "insight/survey.h"

#include "base/memory.h"
#include "base/show.h"
#include "base/status.h"
#include "base/text.h"

#include <string.h>

enum { SENTENCE = 256, NAME = 48, MOST_OF_KIND = 8, LIST_ROOM = 120, RARE_CLASS = 10 };

/* The findings while they are made. */
struct finder {
    struct nudge_survey *survey;
    const char *kind;
    size_t of_kind, left; /* told, and not told, of this kind */
};

struct short_name {
    char text[NAME];
};

/* -- words -- */

/* The next finding of this kind; NULL: enough of them were told. */
static nudge_finding *begin_finding(struct finder *finder, double figure) {
    struct nudge_survey *survey = finder->survey;
    if (finder->of_kind == MOST_OF_KIND) {
        finder->left++;
        return NULL;
    }
    finder->of_kind++;
    nudge_finding *finding = &survey->findings[survey->finding_count++];
    *finding = (nudge_finding)NUDGE_FINDING;
    finding->name = finder->kind;
    finding->figure = figure;
    return finding;
}

#define SAY(finding, ...) text_append((finding)->sentence, SENTENCE, 0, __VA_ARGS__)
#define ADVISE(finding, ...) text_append((finding)->advice, SENTENCE, 0, __VA_ARGS__)

static struct text_number percent(double share) {
    return text_number(100 * share, 3);
}

static struct short_name short_text(const char *text) {
    struct short_name name;
    show_text(name.text, sizeof name.text, text, strlen(text));
    return name;
}

static struct short_name name_of(const struct nudge_survey *survey, const struct survey_column *column) {
    struct short_name name;
    if (column->column) return short_text(column->column->name);
    if (column->role == NUDGE_COLUMN_TARGET)
        text_append(name.text, sizeof name.text, 0, "target %zu", column->series - survey->features);
    else
        text_append(name.text, sizeof name.text, 0, "feature %zu", column->first);
    return name;
}

static struct short_name class_name(const struct nudge_survey *survey, size_t class_index) {
    const char *label = nudge_data_label_name(survey->data, class_index);
    struct short_name name;
    if (label) return short_text(label);
    text_append(name.text, sizeof name.text, 0, "%zu", class_index);
    return name;
}

/* The column as an option has it: its name, in quotes where a shell wants them; else its place, from 1. */
static struct short_name option_name(const struct nudge_survey *survey, const struct survey_column *column) {
    const char *name = column->column->name;
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.",
                      quoted[] = " -+()[]{}#&;:<>|?*~^%@=/'";
    struct short_name out;
    size_t length = strlen(name), bare = strspn(name, plain), i = 0;
    while (i < length && (strchr(plain, name[i]) || strchr(quoted, name[i]))) i++;
    if (length == 0 || i < length || length + 3 > sizeof out.text || name[0] == ' ' ||
        name[length - 1] == ' ')
        text_append(out.text, sizeof out.text, 0, "%zu", (size_t)(column - survey->columns) + 1);
    else
        text_append(out.text, sizeof out.text, 0, bare == length ? "%s" : "\"%s\"", name);
    return out;
}

/* A part of a sentence. */
struct phrase {
    char text[NAME + 32];
};

static struct phrase leave_out(const struct nudge_survey *survey, const struct survey_column *column) {
    struct phrase advice;
    if (survey->table)
        text_append(advice.text, sizeof advice.text, 0, "--ignore %s", option_name(survey, column).text);
    else
        text_append(advice.text, sizeof advice.text, 0, "leave %s out", name_of(survey, column).text);
    return advice;
}

static bool is_feature(const struct survey_column *column) {
    return column->kept && column->role == NUDGE_COLUMN_FEATURE;
}

static uint64_t training_rows_of(const struct nudge_survey *survey, size_t class_index) {
    return survey->class_rows[(size_t)NUDGE_PART_TRAIN * survey->classes + class_index];
}

/* -- bytes -- */

static bool labels_swapped(const struct nudge_survey *survey) {
    uint64_t rows = 0;
    for (size_t i = 0; i < survey->classes * DATA_PARTS; i++) rows += survey->class_rows[i];
    return !survey->table && rows >= SURVEY_LEAST_ROWS && survey->large_labels > 0 &&
           survey->odd_labels * 100 <= rows;
}

static void find_byte_order(struct finder *finder) {
    const struct nudge_survey *survey = finder->survey;
    uint64_t huge = 0, tiny = 0, count = 0;
    nudge_finding *finding;
    if (labels_swapped(survey) && (finding = begin_finding(finder, (double)survey->classes))) {
        SAY(finding,
            "almost all labels are multiples of 256, of %zu classes: so small numbers look in the other "
            "order of bytes",
            survey->classes);
        ADVISE(finding, "swap the bytes of each label; in IDX files the most significant comes first");
    }
    for (size_t i = 0; i < survey->features; i++) {
        huge += survey->series[i].huge;
        tiny += survey->series[i].tiny;
        count += survey->series[i].count;
    }
    if (survey->table || count < SURVEY_LEAST_ROWS || huge * 100 < count || tiny * 100 < count) return;
    if (!(finding = begin_finding(finder, (double)(huge + tiny) / (double)count))) return;
    SAY(finding,
        "%s %% of the features are beyond 1e30 and %s %% below 1e-30: so numbers look in the other order of "
        "bytes",
        percent((double)huge / (double)count).text, percent((double)tiny / (double)count).text);
    ADVISE(finding, "swap the bytes of each number; in IDX files the most significant comes first");
}

/* -- the answer among the features -- */

static const struct survey_column *target_column(const struct nudge_survey *survey, size_t target) {
    size_t c = 0;
    while (survey->columns[c].role != NUDGE_COLUMN_TARGET || target-- > 0) c++;
    return &survey->columns[c];
}

/* Each value has rows of one class only, and there are hardly more values than classes. */
static bool decides_class(const struct nudge_survey *survey, const struct survey_column *column) {
    size_t classes = 0, values = 0, room = column->category_count;
    int32_t low = INT32_MAX, high = -1;
    if (!column->decides || !column->owners) return false;
    for (size_t c = 0; c < survey->classes; c++) {
        uint64_t rows = 0;
        for (size_t p = 0; p < DATA_PARTS; p++) rows += survey->class_rows[p * survey->classes + c];
        classes += rows > 0;
    }
    if (column->kind == NUDGE_COLUMN_NUMBER) room = survey->slots;
    for (size_t i = 0; i < room; i++) {
        int32_t owner = column->owners[i];
        if (owner < 0) continue;
        values++;
        low = owner < low ? owner : low;
        high = owner > high ? owner : high;
    }
    uint64_t known = column->rows - column->missing;
    return low < high && values <= 2 * classes && known >= SURVEY_LEAST_ROWS && 2 * known >= column->rows;
}

/* The strongest correlation of one of the column's inputs with a target. */
static double strongest(const struct nudge_survey *survey, const struct survey_column *column, size_t *input,
                        size_t *target) {
    double most = 0;
    for (size_t i = column->first; i < column->first + column->inputs; i++)
        for (size_t t = 0; t < survey->paired; t++) {
            const struct survey_pairing *pairing = &survey->pairings[i * survey->paired + t];
            double r = survey_correlation(pairing);
            if (pairing->count < SURVEY_LEAST_ROWS || !(r * r > most * most)) continue;
            most = r;
            *input = i;
            *target = t;
        }
    return most;
}

static void find_leaks(struct finder *finder) {
    const struct nudge_survey *survey = finder->survey;
    for (size_t c = 0; c < survey->column_count; c++) {
        const struct survey_column *column = &survey->columns[c];
        size_t input = 0, target = 0;
        if (!is_feature(column) || survey->pixels) continue;
        bool decides = decides_class(survey, column);
        double r = decides ? 1 : strongest(survey, column, &input, &target);
        if (!(r > 0.999 || r < -0.999)) continue;
        nudge_finding *finding = begin_finding(finder, r);
        if (!finding) continue;
        struct short_name name = name_of(survey, column),
                          answer = name_of(survey, target_column(survey, target));
        bool flag = column->flag && !decides && input == column->first + column->inputs - 1;
        if (survey->classes && !survey->table) memcpy(answer.text, "the class", sizeof "the class");
        if (decides)
            SAY(finding, "%s alone says what %s is: each of its values has rows of one class only", name.text,
                answer.text);
        else
            SAY(finding, "%s%s%s alone says what %s is: their correlation is %s", flag ? "whether " : "",
                name.text, flag ? " is missing" : "", answer.text, text_number(r, 6).text);
        ADVISE(finding, "if it is not known before the answer is: %s", leave_out(survey, column).text);
    }
}

/* -- rows -- */

/* A single one may be chance. */
static void find_shared_rows(struct finder *finder) {
    const struct survey_rows *rows = &finder->survey->rows;
    if (finder->survey->part_rows[NUDGE_PART_TRAIN] < SURVEY_LEAST_ROWS || rows->shared < 2 ||
        rows->shared * 100 < rows->asked)
        return;
    double share = (double)rows->shared / (double)rows->asked;
    nudge_finding *finding = begin_finding(finder, share);
    if (!finding) return;
    SAY(finding,
        "%s%llu of %llu test rows (%s %%) have the same features as a training row: on them the test says "
        "nothing new",
        rows->every > 1 ? "about " : "", (unsigned long long)(rows->shared * rows->every),
        (unsigned long long)finder->survey->part_rows[NUDGE_PART_TEST], percent(share).text);
    ADVISE(finding, "take rows that are there twice out of the data before the parts are made");
}

static void find_rare_classes(struct finder *finder) {
    const struct nudge_survey *survey = finder->survey;
    size_t rare = 0, used = 0;
    uint64_t all = 0;
    char list[LIST_ROOM + NAME + 40] = "";
    bool cut = false;
    if (survey->part_rows[NUDGE_PART_TRAIN] < SURVEY_LEAST_ROWS || labels_swapped(survey)) return;
    for (size_t k = 0; k < survey->classes; k++) {
        uint64_t rows = training_rows_of(survey, k);
        all += rows;
        if (rows >= RARE_CLASS) continue;
        rare++;
        cut |= used >= LIST_ROOM;
        if (!cut)
            used = text_append(list, sizeof list, used, "%s%s (%llu)", used ? ", " : "",
                               class_name(survey, k).text, (unsigned long long)rows);
    }
    /* Rows without labels, to be predicted, say nothing of classes. */
    nudge_finding *finding = rare && all ? begin_finding(finder, (double)rare) : NULL;
    if (!finding) return;
    SAY(finding, "%zu of %zu classes %s fewer than %d training rows: %s%s", rare, survey->classes,
        rare == 1 ? "has" : "have", RARE_CLASS, list, cut ? ", .." : "");
    ADVISE(finding, "more rows of %s, or leave %s out: of so few nothing certain is learnt",
           rare == 1 ? "it" : "them", rare == 1 ? "it" : "them");
}

static void find_imbalance(struct finder *finder) {
    const struct nudge_survey *survey = finder->survey;
    uint64_t all = 0, most = 0;
    size_t largest = 0;
    for (size_t k = 0; k < survey->classes; k++) {
        uint64_t rows = training_rows_of(survey, k);
        all += rows;
        if (rows <= most) continue;
        most = rows;
        largest = k;
    }
    if (all < SURVEY_LEAST_ROWS || (double)most <= 0.9 * (double)all) return;
    double share = (double)most / (double)all;
    nudge_finding *finding = begin_finding(finder, share);
    if (!finding) return;
    SAY(finding, "%s %% of the training rows are of class %s: always to answer that is right as often",
        percent(share).text, class_name(survey, largest).text);
    ADVISE(finding, "judge by --metric balanced-accuracy or f1, not by accuracy; more rows of the others");
}

/* -- columns -- */

static void find_constants(struct finder *finder) {
    const struct nudge_survey *survey = finder->survey;
    size_t constant = 0, named = 0, said = 0, advised = 0;
    char names[LIST_ROOM + NAME] = "", options[LIST_ROOM + NAME] = "";
    for (size_t c = 0; c < survey->column_count; c++) {
        const struct survey_column *column = &survey->columns[c];
        if (!is_feature(column) || survey->pixels || column->rows < 2 || !survey_constant(survey, column))
            continue;
        constant++;
        if (said >= LIST_ROOM || advised >= LIST_ROOM) continue;
        named++;
        said = text_append(names, sizeof names, said, "%s%s", said ? ", " : "", name_of(survey, column).text);
        if (survey->table)
            advised = text_append(options, sizeof options, advised, "%s%s", advised ? "," : "",
                                  option_name(survey, column).text);
    }
    nudge_finding *finding = constant ? begin_finding(finder, (double)constant) : NULL;
    if (!finding) return;
    size_t used = SAY(finding, "%zu column%s the same value in every row: %s", constant,
                      constant == 1 ? " has" : "s have", names);
    if (named < constant) text_append(finding->sentence, SENTENCE, used, " and %zu more", constant - named);
    used = ADVISE(finding, "nothing is learnt from %s", constant == 1 ? "it" : "them");
    if (survey->table)
        text_append(finding->advice, SENTENCE, used, ": --ignore %s%s", options,
                    named < constant ? ",.." : "");
    else
        text_append(finding->advice, SENTENCE, used, ": leave %s out", constant == 1 ? "it" : "them");
}

static void find_duplicates(struct finder *finder) {
    const struct nudge_survey *survey = finder->survey;
    for (size_t p = 0; p < survey->pair_count; p++) {
        const struct survey_column *a = &survey->columns[survey->pairs[p].a],
                                   *b = &survey->columns[survey->pairs[p].b];
        nudge_finding *finding = survey->pairs[p].differs ? NULL : begin_finding(finder, (double)b->rows);
        bool words = survey->pairs[p].in_other_words;
        if (!finding) continue;
        SAY(finding, "%s %s %s in every row%s", name_of(survey, b).text,
            words ? "says the same as" : "is the same as", name_of(survey, a).text,
            words ? ", in other words" : "");
        ADVISE(finding, "one of them is enough: %s", leave_out(survey, b).text);
    }
}

/* How the column names rows; false: it does not. */
static bool names_rows(const struct nudge_survey *survey, const struct survey_column *column,
                       struct phrase *how) {
    const struct survey_series *series = &survey->series[column->series];
    const char *text = NULL;
    uint64_t known = column->rows - column->missing;
    if (!is_feature(column) || known < SURVEY_LEAST_ROWS) return false;
    if (column->kind == NUDGE_COLUMN_CATEGORY) {
        text_append(how->text, sizeof how->text, 0, "has %zu different values in %llu rows", column->distinct,
                    (unsigned long long)known);
        return 2 * column->distinct >= known;
    }
    if (!column->whole || series->low == series->high) return false;
    if (column->rising || column->falling)
        text = column->rising ? "is a whole number that grows from row to row"
                              : "is a whole number that falls from row to row";
    else if (column->seen && !column->repeated)
        text = "is a whole number, and no two rows have the same";
    if (text) text_append(how->text, sizeof how->text, 0, "%s", text);
    return text != NULL;
}

static void find_ids(struct finder *finder) {
    const struct nudge_survey *survey = finder->survey;
    struct phrase how;
    for (size_t c = 0; c < survey->column_count && !survey->pixels; c++) {
        const struct survey_column *column = &survey->columns[c];
        nudge_finding *finding = names_rows(survey, column, &how)
                                     ? begin_finding(finder, (double)(column->rows - column->missing))
                                     : NULL;
        if (!finding) continue;
        SAY(finding, "%s %s: it seems to be a name of the rows", name_of(survey, column).text, how.text);
        if (survey->table)
            ADVISE(finding, "nothing is learnt from a name: --id %s, or --ignore %s",
                   option_name(survey, column).text, option_name(survey, column).text);
        else
            ADVISE(finding, "nothing is learnt from a name: %s", leave_out(survey, column).text);
    }
}

static void find_outliers(struct finder *finder) {
    const struct nudge_survey *survey = finder->survey;
    for (size_t c = 0; c < survey->column_count && !survey->pixels; c++) {
        const struct survey_column *column = &survey->columns[c];
        if (!column->kept || column->kind != NUDGE_COLUMN_NUMBER || (!column->more && column->distinct <= 2))
            continue;
        const struct survey_series *series = &survey->series[column->series];
        nudge_finding *finding = series->outliers ? begin_finding(finder, (double)series->outliers) : NULL;
        if (!finding) continue;
        SAY(finding, "%s: %llu value%s further than %d %s %s: from %s to %s", name_of(survey, column).text,
            (unsigned long long)series->outliers, series->outliers == 1 ? " lies" : "s lie",
            series->by_quartiles ? SURVEY_FAR : SURVEY_OUTLIER,
            series->by_quartiles ? "times the distance of the quartiles from the median"
                                 : "standard deviations from the mean",
            text_number(series->by_quartiles ? series->median : survey_mean(series), 4).text,
            text_number(series->low, 4).text, text_number(series->high, 4).text);
        ADVISE(finding, "if they are no errors: %s",
               is_feature(column) ? "--scale robust, or --scale log1p for columns over many powers of ten"
                                  : "--cost huber or absolute, which mind them less");
    }
}

/* -- all of it -- */

static const struct {
    const char *name, *summary;
    void (*find)(struct finder *finder);
} kinds[] = {
    {"byte-order", "share of features that are huge or tiny; of labels, how many classes", find_byte_order},
    {"leak", "the correlation; 1 where each value has rows of one class only", find_leaks},
    {"shared-rows", "share of the test rows that are training rows, too", find_shared_rows},
    {"rare-classes", "classes with fewer than 10 training rows", find_rare_classes},
    {"imbalance", "share of the largest class", find_imbalance},
    {"constant", "columns with one value", find_constants},
    {"duplicate", "rows in which the columns are the same: all", find_duplicates},
    {"id", "rows that have a value", find_ids},
    {"outliers",
     "values further than 20 standard deviations from the mean, or 100 distances of the quartiles from the "
     "median",
     find_outliers},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

const char *nudge_survey_finding_name(size_t i, const char **summary) {
    if (i >= KINDS) return NULL;
    if (summary) *summary = kinds[i].summary;
    return kinds[i].name;
}

nudge_status survey_find(struct nudge_survey *survey, nudge_error *error) {
    survey->finding_room = (size_t)KINDS * (MOST_OF_KIND + 1);
    size_t bytes = survey->finding_room * sizeof *survey->findings;
    survey->findings = memory_get(&survey->allocator, bytes);
    if (!survey->findings) return error_no_memory(error, bytes, "a survey's findings");
    for (size_t k = 0; k < KINDS; k++) {
        struct finder finder = {.survey = survey, .kind = kinds[k].name};
        kinds[k].find(&finder);
        if (finder.left == 0) continue;
        size_t left = finder.left;
        finder.of_kind = 0;
        nudge_finding *finding = begin_finding(&finder, (double)left);
        SAY(finding, "%zu more column%s like that", left, left == 1 ? " is" : "s are");
        ADVISE(finding, "the same");
    }
    return NUDGE_OK;
}
