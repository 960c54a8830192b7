/* Data sets: features in memory, or too large for it and read from their source; labels and targets always in
 * memory. Invariant: a data set that exists is whole and valid: labels are in range, numbers are finite (NaN where a
 * number of a table's column is missing; label -1 and NaN where an unlabelled set has no target), all parts have the
 * same features and targets. What a source delivers later is checked again. */
#ifndef NUDGE_DATA_DATA_H
#define NUDGE_DATA_DATA_H

#include "base/context.h"
#include "data/columns.h"

enum { DATA_PARTS = 3, DATA_NAME_LENGTH = 256 };

/* Where the values of a block are that are not in memory. */
struct data_source {
    /* Values first .. first+count-1 of the block, row after row, in the set's type. Several threads may read
     * at once. */
    nudge_status (*read)(const struct data_source *source, size_t first, size_t count, void *values,
                         nudge_error *error);
    void (*close)(struct data_source *source);
};

/* One block of rows. The arrays and the source belong to it. */
struct data_block {
    size_t rows;
    void *values;                /* [rows][features] of the set's type; NULL: they are in the source */
    struct data_source *source;  /* NULL: they are in memory */
    int32_t *labels;             /* [rows]; NULL for regression */
    float *targets;              /* [rows][target_columns]; NULL for classification */
    float *weights;              /* [rows], from 0 on; NULL: all count the same */
    char *ids;                   /* the rows' names, each ended by a byte 0; NULL: they have none */
    size_t *id_places, id_bytes; /* where they begin in ids, [rows]; bytes of ids */
};

/* A part is a selection of a block's rows: rows[i] when `selection` is there, else row i. */
struct data_part {
    const struct data_block *block;
    size_t rows;
    uint32_t *selection;
};

struct nudge_data {
    nudge_context *context;
    const nudge_data *of; /* NULL, or the set whose blocks, columns and texts these are: data/fold.c */
    char name[DATA_NAME_LENGTH];
    nudge_type type;
    size_t features, classes, target_columns; /* classes 0: regression */
    size_t height, width;                     /* images, else 0 */
    nudge_scale scale;                        /* how its columns want to be scaled, where nobody says */
    struct data_block train, test;
    struct data_part parts[DATA_PARTS];
    char **files; /* whose rows these are */
    size_t file_count;
    struct columns *columns; /* of a table: what its columns are; else NULL */
    char **class_names;      /* [classes], where no column has them; NULL: none */
    bool generated;          /* a built-in set */
    bool unlabelled;         /* rows may lack their target */
    double test_share;       /* of rows that were drawn for the test part */
    char **remarks;
    size_t remark_count;
};

/* What rows look like; the numbers of a block are allocated to fit by data_allocate. */
struct data_shape {
    nudge_type type;
    size_t features, classes, target_columns, height, width;
};

/* How many rows a part has, 0: there is none; `in_source`: no room for their values, the caller sets the
 * block's source. */
struct data_room {
    size_t rows;
    bool in_source;
};

/* A set with room for uninitialised rows; fill data->train and data->test, then call data_finish, which
 * checks every row and makes the parts. Limits: rows < 2^32. On failure of data_finish the caller still frees
 * with nudge_data_free. */
nudge_status data_allocate(nudge_context *context, const struct data_shape *shape, struct data_room train,
                           struct data_room test, const char *name, nudge_data **data, nudge_error *error);
nudge_status data_finish(nudge_data *data, nudge_error *error);

/* Behind data_finish: rows of the training block with `validation` [train.rows] not 0 become the validation part. */
nudge_status data_select(nudge_data *data, const unsigned char *validation, nudge_error *error);

/* Keeps a file's path for nudge_data_file, a sentence for nudge_data_remark. */
nudge_status data_add_file(nudge_data *data, const char *path, nudge_error *error);
nudge_status data_add_remark(nudge_data *data, const char *sentence, nudge_error *error);

/* Bytes of a value of the type. */
size_t data_value_size(nudge_type type);

/* Refuses a fold, whose rows are spread over the block, for who takes a block whole. */
nudge_status data_check_whole(const nudge_data *data, nudge_error *error);

/* Values first .. first+count-1 of a block, row after row, in the set's type, from memory or the source.
 * Errors: the source's. */
nudge_status data_read(const nudge_data *data, const struct data_block *block, size_t first, size_t count,
                       void *values, nudge_error *error);

/* Shows all rows of a part, in the block's order: values [features] of the set's type. Errors: the source's. */
typedef void data_visit(void *user, const void *values);
nudge_status data_visit_rows(const nudge_data *data, nudge_part part, data_visit *visit, void *user,
                             nudge_error *error);

/* A set with missing numbers or targets cannot be written in `format` ("IDX"). Errors: NUDGE_BAD_ARGUMENT naming the first. */
nudge_status data_refuse_gaps(const nudge_data *data, const char *format, nudge_error *error);

/* The block's row that stands at `row` of the part. */
size_t data_part_row(const struct data_part *part, size_t row);

const char *data_part_name(nudge_part part); /* "train", "validation", "test" */

#endif
