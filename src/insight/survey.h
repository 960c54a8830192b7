/* What a survey of a data set has seen: shared by survey.c, which makes it, survey_walk.c, which walks the rows,
 * and survey_findings.c, which says what is wrong. Invariant: sizes depend on columns, categories and classes, and never on rows. */
#ifndef NUDGE_INSIGHT_SURVEY_H
#define NUDGE_INSIGHT_SURVEY_H

#include "data/data.h"

enum {
    SURVEY_TARGETS = 4,     /* of more columns of targets only so many are compared with the features */
    SURVEY_PAIRS = 64,      /* columns that may be the same, and are compared */
    SURVEY_LEAST_ROWS = 20, /* with fewer rows much is chance */
    SURVEY_OUTLIER = 20,    /* standard deviations from the mean; or */
    SURVEY_FAR = 100        /* distances of the quartiles from the median */
};

/* The numbers of one input, or of one column of targets. */
struct survey_series {
    uint64_t count; /* that are there */
    uint64_t huge, tiny, outliers;
    double first, low, high;
    double sum, squares; /* of x - first: nothing is lost where the mean is large and the spread is not */
    double bins_per_unit, near_low, near_high; /* behind the first walk; outliers lie beyond `near` */
    double median;
    bool by_quartiles; /* `near` was chosen by them */
    uint64_t bins[NUDGE_SURVEY_BINS];
};

/* An input beside a target, rows that have both; less the first value of each. */
struct survey_pairing {
    double count, x, y, xx, yy, xy;
};

/* A column of a table; or an input, or a column of targets, or the classes, where there is no table. */
struct survey_column {
    const struct column *column; /* NULL: of no table */
    nudge_column_role role;
    nudge_column_kind kind;
    size_t first, inputs;
    bool flag, kept;
    size_t series; /* of numbers */
    uint64_t rows, missing;
    uint64_t hash;      /* of the bits of all rows' numbers */
    uint64_t code_hash; /* of all rows' codes, see below; of numbers as long as there is room for them */
    size_t distinct;    /* values or categories that were met */
    uint32_t
        *codes; /* [slots] or [category_count], values numbered in the order in which they came, from 1 */
    /* of numbers: those met so far, by open addressing */
    float *values;               /* [slots], NaN: free */
    float *sample;               /* [sample.room] of rows evenly over all; NULL: none */
    bool more;                   /* than there is room for */
    bool whole, rising, falling; /* so far; in each part */
    bool begun;                  /* `previous` is of this part */
    float previous;
    uint32_t *seen; /* NULL, or a bit for each whole number from low to high */
    bool repeated;  /* one was met twice */
    /* of categories */
    size_t category_count;
    uint64_t *counts; /* [category_count] */
    /* of both: the class of the rows with this value ([slots] or [category_count]), -1: none yet; NULL: not asked */
    int32_t *owners;
    bool decides; /* so far no value has rows of two classes */
};

/* Two columns that are the same by their hashes; whether they are is seen when they are compared. */
struct survey_pair {
    size_t a, b;
    bool in_other_words, differs;
};

/* Rows of which all numbers are kept: every `step`th. */
struct survey_sample {
    size_t room, count, step;
    uint64_t rows; /* that came */
};

/* Hashes of the training rows. Where there are too many a fraction 1 / every is kept, chosen by the hash itself: the
 * same rows of the test part are looked up. */
struct survey_rows {
    uint64_t *hashes; /* [slots], 0: free */
    size_t slots, used;
    uint64_t every, asked, shared; /* test rows looked up, and found */
};

struct nudge_survey {
    nudge_allocator allocator;
    bool pixels, table;
    size_t features, classes, target_columns, paired;
    uint64_t part_rows[DATA_PARTS];
    const nudge_data *data;            /* while it is walked, and for the names of classes */
    struct survey_series *series;      /* [features + target_columns] */
    struct survey_pairing *pairings;   /* [features][paired] */
    struct survey_column *columns;     /* [column_count] */
    size_t column_count, number_count; /* number_count: of them with room for different values */
    size_t slots;                      /* of each */
    uint64_t *class_rows;              /* [DATA_PARTS][classes] */
    uint64_t odd_labels, large_labels; /* no multiples of 256; 256 and more */
    struct survey_pair pairs[SURVEY_PAIRS];
    size_t pair_count;
    struct survey_rows rows;
    struct survey_sample sample;
    nudge_finding *findings;
    size_t finding_count, finding_room;
    size_t bytes; /* of the block that all arrays are in */
    void *memory;
};

double survey_mean(const struct survey_series *series);
double survey_deviation(const struct survey_series *series);
double survey_correlation(const struct survey_pairing *pairing);
/* Every row has the same, and none is missing. */
bool survey_constant(const struct nudge_survey *survey, const struct survey_column *column);

/* Bytes of column->seen. */
size_t survey_seen_bytes(const struct nudge_survey *survey, const struct survey_column *column);

/* Reads all rows twice. */
nudge_status survey_walk(struct nudge_survey *survey, nudge_error *error);
/* Fills survey->findings. */
nudge_status survey_find(struct nudge_survey *survey, nudge_error *error);

#endif
