/* nudge: training neural networks by backpropagation.
 *
 * This header is the manual. It goes from simple to expert:
 *
 *   1  a complete program          6  training in one call
 *   2  status and errors           7  prediction and evaluation
 *   3  the context                 8  model files
 *   4  data                        9  training step by step, and looking inside
 *   5  networks                   10  what is wrong: findings
 *                                 11  looking at data
 *
 * nudge_insight.h has what shows why: gradients checked, examples explained, the cost surface, the journal of a training.
 *
 * 1  A COMPLETE PROGRAM
 * ---------------------
 *     #include <nudge.h>
 *     #include <stdio.h>
 *
 *     int main(void) {
 *         nudge_error error = {0};
 *         nudge_context *context = NULL;
 *         nudge_data *data = NULL;
 *         nudge_net *net = NULL;
 *         nudge_train_options options = NUDGE_TRAIN_OPTIONS;
 *         nudge_train_result result = NUDGE_TRAIN_RESULT;
 *         options.epochs = 5;
 *
 *         if (nudge_context_create(NULL, &context, &error) ||
 *             nudge_data_generate(context, "digits", 1, &data, &error) ||
 *             nudge_net_create(context, nudge_data_features(data), "30 sigmoid, 10 softmax", 1,
 *                              &net, &error) ||
 *             nudge_train(context, net, data, &options, &result, &error) ||
 *             nudge_net_save(net, "digits.nudge", &error))
 *             fprintf(stderr, "%s\n", error.message);
 *         else
 *             printf("%.1f %% of the test digits are read\n", 100 * result.test_accuracy);
 *         nudge_net_free(net);
 *         nudge_data_free(data);
 *         nudge_context_free(context);
 *         return error.code != NUDGE_OK;
 *     }
 *
 * Conventions
 * - Layers are counted from 0, the input. Layer l >= 1 has weights w^(l) [outputs][inputs] and biases
 *   b^(l) [outputs]; it computes z = w a + b from the activations a of layer l-1, then a = σ(z).
 * - Matrices are row-major. Rows (examples), neurons and classes count from 0, epochs and steps from 1.
 * - Every object belongs to the caller, who frees it with its _free function (NULL is allowed). A context
 *   must outlive what was made from it; a net must outlive its trainers and predictors.
 * - Whatever walks through a network takes the context that computes as its first argument: its engine, threads and
 *   memory. It need not be the one that the net or the data were made from, which only lend memory.
 * - Functions that can fail return a nudge_status and, where `error` is not NULL, write a sentence into
 *   it. On failure outputs are left untouched and no file is created or replaced.
 * - Option structs are started from their macro (NUDGE_TRAIN_OPTIONS, ...): it sets every default and the
 *   struct's size, so that a program compiled against this header goes on working with a later library.
 * - Nothing is global. Different objects may be used from different threads at once; a `const nudge_net`
 *   and a `const nudge_data` may be shared by any number of them. A trainer, a predictor and the context
 *   they were made from belong to one thread at a time: threads that compute at once take a context each.
 *   Saving a net or writing data takes memory through the object's own context.
 * - Callers compute in the default floating-point environment: to nearest, denormal numbers kept.
 * - After fork() a child may use a context only if the parent had not computed with several threads yet.
 */
#ifndef NUDGE_H
#define NUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define NUDGE_API __attribute__((visibility("default")))
#else
#define NUDGE_API
#endif

#define NUDGE_VERSION "0.1.0"
#define NUDGE_VERSION_NUMBER 100 /* major * 10000 + minor * 100 + patch: to be compared in #if */

/* The version of the library in use, as "major.minor.patch" and as a number. */
NUDGE_API const char *nudge_version(void);
NUDGE_API unsigned nudge_version_number(void);

/* 2  STATUS AND ERRORS
 * -------------------- */

typedef enum nudge_status {
    NUDGE_OK = 0,
    NUDGE_BAD_ARGUMENT = 1, /* the caller's values do not fit: sizes, names, ranges */
    NUDGE_BAD_INPUT = 2,    /* a file or data set is not what it should be */
    NUDGE_NO_MEMORY = 3,
    NUDGE_IO = 4,          /* the system refused to read or write */
    NUDGE_DIVERGED = 5,    /* training reached a cost that is not finite */
    NUDGE_UNSUPPORTED = 6, /* this build or this CPU cannot do it */
} nudge_status;

/* "ok", "bad argument", "bad input", "no memory", "input/output", "diverged", "unsupported"; NULL after the last. */
NUDGE_API const char *nudge_status_name(nudge_status status);

/* Pointers must not be NULL but where it is said that they may be, and `error`, which always may. A function
 * that returns a status tells which one is (NUDGE_BAD_ARGUMENT) and has done nothing; nudge_..._free(NULL)
 * does nothing; the other functions expect an object. */

/* One sentence that says file, place, what was found and what was expected. Owned by the caller; start it
 * with {0}. Functions write to it only when they fail. */
typedef struct nudge_error {
    nudge_status code;
    char message[1024];
} nudge_error;

/* Text from outside (a label, a path, a network's text of a foreign file), fit for a terminal, a sentence or
 * a picture: one line of UTF-8 without control characters, which are shown as \n, \t, \r, \u001b, \u009b,
 * \u202e (the last kind turns the direction of what follows), as JSON has them, too; bytes that are no UTF-8
 * as \xff. What a sentence quotes went through this. Writes at most `room` bytes, the NUL among them, cut
 * between characters. Returns the bytes of the whole, without the NUL. */
NUDGE_API size_t nudge_text_show(const char *text, char *shown, size_t room);

/* 3  THE CONTEXT
 * --------------
 * Which engine computes, on how many threads, with whose memory. Everything is made from one. */

typedef struct nudge_context nudge_context;

typedef enum nudge_engine {
    NUDGE_ENGINE_AUTO = 0, /* the fastest there is */
    NUDGE_ENGINE_PORTABLE, /* any CPU; f32 gives the same bits everywhere */
    NUDGE_ENGINE_NATIVE,   /* CPUs with fused multiply-add (x86-64-v3, AArch64): where a product is added to a
                              sum, rounds once. f32 gives the same bits on all of them */
} nudge_engine;

/* The numbers that products multiply. Sums, parameters, gradients and optimizer state are f32 in both. */
typedef enum nudge_precision {
    NUDGE_PRECISION_F32 = 0,
    NUDGE_PRECISION_BF16, /* 8 significant bits, f32's range: engine native, CPUs with AVX512_BF16 or AMX. The same
                             bits on the same kind of CPU, with any number of threads */
} nudge_precision;

/* Which instructions an engine uses: results have the same bits at every level. */
typedef enum nudge_cpu_level {
    NUDGE_CPU_AUTO = 0,
    NUDGE_CPU_BASE, /* what every CPU of this architecture has (x86-64: SSE2) */
    NUDGE_CPU_V3,   /* x86-64-v3: AVX2 */
    NUDGE_CPU_V4,   /* x86-64-v4: AVX-512 */
} nudge_cpu_level;

/* Memory for all objects. `allocate` returns `bytes` bytes aligned to 64, or NULL; `release` gets what
 * `allocate` returned, with the same number of bytes. Both are called by one thread at a time per context. */
typedef struct nudge_allocator {
    void *(*allocate)(void *user, size_t bytes);
    void (*release)(void *user, void *memory, size_t bytes);
    void *user;
} nudge_allocator;

typedef struct nudge_context_options {
    size_t struct_size;
    nudge_engine engine;
    nudge_cpu_level cpu_level;
    unsigned threads;          /* 0: as many as pay for the work, at most one per CPU */
    nudge_allocator allocator; /* all zero: the C library's */
    nudge_precision precision;
    size_t data_memory; /* bytes that the features of one data set may take: what is larger stays in its file,
                           and its rows are read from there as they are needed (nudge_data_open). 0: half of
                           what the process may have */
    /* NULL, or told, in one sentence, what somebody may want to know although nothing failed: that a kernel for bf16
     * computes something else than it should on this machine, and is not used; that a journal ends where its training was
     * killed. */
    void (*on_remark)(void *user, const char *sentence);
    void *user;
    const char
        *bf16_kernel; /* NULL: the fastest that this machine has and that computes right; or "amx", "avx512",
                                or "tiles": AMX's work in plain C on any CPU, slow, for tests */
} nudge_context_options;

#define NUDGE_CONTEXT_OPTIONS                                                                                \
    { .struct_size = sizeof(nudge_context_options) }

/* Errors: NUDGE_UNSUPPORTED for an engine, precision or CPU level that this build or machine lacks. `options`
 * may be NULL: the defaults. */
NUDGE_API nudge_status nudge_context_create(const nudge_context_options *options, nudge_context **context,
                                            nudge_error *error);
NUDGE_API void nudge_context_free(nudge_context *context);

/* What was chosen: "portable" or "native"; "f32" or "bf16"; the level's name "base", "v3" or "v4"; threads at
 * most used. */
NUDGE_API const char *nudge_context_engine(const nudge_context *context);
NUDGE_API const char *nudge_context_precision(const nudge_context *context);
/* What multiplies in bf16: "amx", "avx512", "tiles"; NULL where the precision is f32. */
NUDGE_API const char *nudge_context_bf16_kernel(const nudge_context *context);
NUDGE_API const char *nudge_context_cpu_level(const nudge_context *context);
NUDGE_API unsigned nudge_context_threads(const nudge_context *context);

/* 4  DATA
 * -------
 * Rows of features, each with its target: a class (classification) or numbers (regression), in up to
 * three parts. u8 features (images) stay u8 in memory. */

typedef struct nudge_data nudge_data;
typedef struct nudge_net nudge_net;

typedef enum nudge_part { NUDGE_PART_TRAIN = 0, NUDGE_PART_VALIDATION, NUDGE_PART_TEST } nudge_part;
typedef enum nudge_type { NUDGE_TYPE_U8 = 0, NUDGE_TYPE_F32 } nudge_type;

/* Scaling: how the columns of the data reach the network. Fitted on training rows and kept in the net. */
typedef enum nudge_scale {
    NUDGE_SCALE_AUTO =
        0, /* pixels x/255 (values 0 to 255 of an image, or of 64 columns and more); columns of 0 and 1
                             as they are; everything else standard */
    NUDGE_SCALE_NONE,
    NUDGE_SCALE_STANDARD, /* (x - mean) / standard deviation */
    NUDGE_SCALE_RANGE,    /* (x - lowest) / (highest - lowest) */
    NUDGE_SCALE_ROBUST,   /* (x - median) / (upper quartile - lower quartile) */
    NUDGE_SCALE_LOG,      /* sign(x) ln(1 + |x|), then standard: for columns over many powers of ten */
    NUDGE_SCALE_PIXEL,    /* x / 255 */
} nudge_scale;

NUDGE_API const char *nudge_scale_name(nudge_scale scale); /* "auto", "none", ...; NULL after the last */
NUDGE_API nudge_status nudge_scale_from_name(const char *name, nudge_scale *scale, nudge_error *error);

/* Rows of the caller's: their features in memory, or read from the caller as they are needed. Either `labels` (with
 * `classes`) or `targets` (with `target_columns`). */
typedef struct nudge_rows {
    size_t struct_size;
    size_t rows;
    size_t features;
    nudge_type type;
    const void *values;    /* [rows][features] of `type`; f32 must be finite */
    const int32_t *labels; /* [rows], 0 <= label < classes; NULL for regression */
    size_t classes;
    const float *targets; /* [rows][target_columns], finite; NULL for classification */
    size_t target_columns;
    size_t height, width; /* images: features = height * width; else 0 */
    nudge_scale
        scale; /* how they are scaled where nobody says; NUDGE_SCALE_NONE: they are as they should be */
    const float
        *weights; /* [rows], 0 or more: how much each counts in the cost and in metrics; NULL: all the same */
    /* In place of `values`: fills in numbers first .. first+count-1 of [rows][features], which may begin and end within
     * a row, in any order and more than once, the same each time. Several threads may call at once. False: they cannot be
     * had, which ends what needed them with NUDGE_IO. The set reads ahead, through the windows of nudge_data_open. What `user`
     * points to must be there as long as the set. */
    bool (*read)(void *user, size_t first, size_t count, void *values);
    void *user;
} nudge_rows;

#define NUDGE_ROWS                                                                                           \
    { .struct_size = sizeof(nudge_rows), .type = NUDGE_TYPE_F32, .scale = NUDGE_SCALE_AUTO }

/* Copies the caller's rows, but those that are read, into a data set. `test` may be NULL.
 * Errors: NUDGE_BAD_INPUT for a label out of range or a value that is not finite, naming row and column. */
NUDGE_API nudge_status nudge_data_create(nudge_context *context, const nudge_rows *train,
                                         const nudge_rows *test, nudge_data **data, nudge_error *error);

/* A built-in set, generated from `seed`: "digits" (28x28 handwriting), "xor", "spiral", "moons", "circles",
 * "chain" (one input, one target); with sizes "digits:60000/10000" (train/test) or "spiral:500". */
NUDGE_API nudge_status nudge_data_generate(nudge_context *context, const char *name, uint64_t seed,
                                           nudge_data **data, nudge_error *error);

/* The built-in sets' names for i = 0, 1, ...; NULL after the last. `summary` (may be NULL) gets one line. */
NUDGE_API const char *nudge_data_builtin(size_t i, const char **summary);

/* What a column of a table is for. */
typedef enum nudge_column_role {
    NUDGE_COLUMN_FEATURE = 0,
    NUDGE_COLUMN_TARGET,
    NUDGE_COLUMN_ID,     /* names the row in what is told; nothing is learnt from it */
    NUDGE_COLUMN_WEIGHT, /* how much the row counts in the cost and in the figures */
    NUDGE_COLUMN_SPLIT,  /* which part the row belongs to */
    NUDGE_COLUMN_IGNORED,
} nudge_column_role;

typedef enum nudge_column_kind { NUDGE_COLUMN_NUMBER = 0, NUDGE_COLUMN_CATEGORY } nudge_column_kind;

/* What stands in for a number that is missing. */
typedef enum nudge_missing {
    NUDGE_MISSING_AUTO = 0, /* the mean, and one more input that says where it was missing */
    NUDGE_MISSING_REFUSE,
    NUDGE_MISSING_MEAN,   /* of the column's training rows */
    NUDGE_MISSING_MEDIAN, /* of the column's training rows */
    NUDGE_MISSING_ZERO,
    NUDGE_MISSING_DROP, /* the row is left out */
} nudge_missing;

/* How a data set is to be read. Lists of columns are names or places from 1, separated by commas; NULL: none. What is
 * said about columns is for tables. */
typedef struct nudge_data_options {
    size_t struct_size;
    uint64_t seed; /* of built-in sets, and of parts that are drawn */
    const nudge_net
        *net; /* NULL, or a net that has read such a table before: columns are found by their names, and
                               are what they were then */
    bool unlabelled;    /* targets may be missing, whole columns and single ones: for predictions */
    bool regression;    /* whole numbers as targets are numbers, and not classes */
    const char *target; /* NULL: a column that is called label, target, class or y; else the last */
    const char *ignore, *id, *weight;
    const char *categorical, *numeric; /* these columns are, whatever they look like */
    nudge_missing missing;
    bool missing_flag; /* one more input for each column with missing numbers, 1 where they are */
    size_t rare;       /* categories with fewer training rows than this become one; 0: none */
    const char *split; /* NULL, or a column of train, val, test, or 0, 1, 2 */
    /* A test_split below 0 is a wish: its share is drawn where there is no other test part, of 40 rows or more. */
    double test_split,
        validation_split; /* NULL files: shares of the rows, drawn by class where there are classes */
    const char *test_file, *validation_file;
    int header;              /* of CSV: 0 as it looks, 1 the first line has names, -1 it has none */
    size_t features;         /* of LIBSVM: how many there are; 0: as many as the largest index */
    const char *sql, *table; /* of SQLite: what to ask, or which table */
    size_t height, width;    /* of image files: made this large; 0: as the first */
    bool colour, invert;     /* of image files */
    const char *truth; /* of one image file: its class, by name or number; NULL: it is only to be predicted */
    const char
        *cache; /* where a table larger than memory is kept in binary form; NULL: the user's cache folder */
    bool no_cache;
    bool
        new_targets; /* with `net`: features are what they were, but targets are read as if there were no net: for a
                         training that goes on with other classes, or another target */
} nudge_data_options;

#define NUDGE_DATA_OPTIONS                                                                                   \
    { .struct_size = sizeof(nudge_data_options), .seed = 1 }

/* Any data set by its name: a bare word is built-in or known ("mnist": looked up in the folder $NUDGE_DATA,
 * then in the user's cache folder); a name with a slash or an ending is a path: a folder with IDX files
 * (train-*, t10k-* or test-*, plain or .gz) or one IDX file of features beside its labels ("images" in the
 * name becomes "labels"); a table: text (.csv, .tsv, .tab, .txt, .dat, .data, plain or .gz), LIBSVM (.libsvm, .svm,
 * .svmlight), ARFF (.arff), FANN's training data (.fann) or SQLite (.sqlite, .sqlite3, .db), where the ending says nothing told
 * by its content; a folder with train.csv and test.csv, or "-", a text table on standard input; a folder of image files (below); an .npz archive of NumPy
 * arrays with names like x and y, images and labels, x_train, y_train,
 * x_val, y_val, x_test and y_test (or one array of rows, and one of as many labels); a folder with .npy files of such
 * names, or one .npy file beside its labels ("x" in the name becomes "y"), or one whose last column is the target. Of
 * arrays, integers, one a row, are classes, and so are rows with a single 1, and floats called y, labels or target that
 * are whole and at most 50 different ones; other targets are numbers. `options` may be NULL: the defaults.
 * Of a set of IDX files larger than the context's data_memory the parts that do not fit stay in their files, which must
 * be plain, not .gz (NumPy's arrays must fit); they are kept open and read again and again. Rows of a table that does
 * not fit go into a file of nudge's, options->cache or one in the user's cache folder, which a remark names: it is used
 * again as long as the table and the options are the same, and made anew when they are not, or when it is damaged.
 * Results are the same bits; a file that shrinks
 * or cannot be read is NUDGE_BAD_INPUT or NUDGE_IO where its rows are needed. In memory are, for each row, 4
 * bytes for the class or for each target column, 4 more of a part that was split, 4 more while training, and
 * two windows of rows that are read ahead (16,384 rows each in training, 1024 in evaluation).
 * Errors: NUDGE_BAD_INPUT for files that are not what they should be, NUDGE_UNSUPPORTED for SQLite's where this nudge was
 * built without it, NUDGE_BAD_ARGUMENT for options that do not fit the file, NUDGE_IO, NUDGE_NO_MEMORY, also when
 * data_memory is less than the windows take. */
NUDGE_API nudge_status nudge_data_open(nudge_context *context, const char *name,
                                       const nudge_data_options *options, nudge_data **data,
                                       nudge_error *error);

/* Image files as data: a folder with a sub-folder for each class, CLASS/FILE, or with parts apart: train/CLASS/FILE,
 * beside it test/ and val/. Files are PNG, JPEG, PGM or PPM, told by their content; names that begin with "._" or end in
 * ".txt" or ".md", Thumbs.db, desktop.ini and .DS_Store are passed over, and any other file is refused. Classes and files
 * are in order of their names' bytes. Features are u8, grey (0.299 red + 0.587 green + 0.114 blue) unless
 * options->colour: then height * width * 3 of them, [y][x][red, green, blue], and the set is not an image to
 * nudge_data_image. What shines through is laid on white. options->invert makes x 255 - x. With options->height and
 * width all images are made that large (a side that becomes shorter is averaged, a longer one interpolated; proportions
 * are not kept); else all must be as large as the first. An orientation noted by a camera is not followed.
 * options->test_split is drawn class by class; with options->net the classes are the net's labels, where it has some.
 * All pixels are held in memory. Errors: NUDGE_UNSUPPORTED for PNG or JPEG where this nudge was built without libpng or
 * libjpeg, and for JPEG in CMYK or with arithmetic coding; NUDGE_BAD_INPUT for images that are damaged, cut short or
 * larger than 2^26 pixels. */

/* One image file as features [height * width] (with options->colour [height * width * 3]), 0 to 255, for a net that
 * learnt from such: made that large, grey and inverted as above. Of `options`, which may be NULL, colour and invert
 * count alone. On failure `pixels` are untouched. */
NUDGE_API nudge_status nudge_image_read(nudge_context *context, const char *path,
                                        const nudge_data_options *options, size_t height, size_t width,
                                        float *pixels, nudge_error *error);

/* Writes the parts as IDX files into `folder` (made when missing): train-images-idx3-ubyte, ...,
 * t10k-labels-idx1-ubyte. Existing files are replaced atomically. Errors: NUDGE_BAD_ARGUMENT for a table with missing
 * numbers, for which these files have no place; NUDGE_IO. */
NUDGE_API nudge_status nudge_data_write_idx(const nudge_data *data, const char *folder, nudge_error *error);
/* The names of those files, i = 0, 1, ...; false behind the last. */
NUDGE_API bool nudge_data_idx_name(const nudge_data *data, size_t i, char name[48]);

/* Writes the parts as one archive of NumPy arrays, which numpy.load and nudge_data_open read: x_train, y_train, x_test,
 * y_test, not compressed; u8 features as u1, others as f4, images with their height and width; classes as i4, other
 * targets as f4 with 2 dimensions. Validation rows are written with the training rows. An existing file is replaced
 * atomically. Errors: as above. */
NUDGE_API nudge_status nudge_data_write_npz(const nudge_data *data, const char *path, nudge_error *error);

/* Writes a part (NULL: all of them) as a text table, which nudge_data_open reads. The first line has the columns' names:
 * "label", where there are classes; the id; the features, by their names in the table that they are from, or pixel0, pixel1,
 * .. of images, x0, x1, .. else; the weight; targets that are numbers, "target" where they have no name; and of several
 * parts "split": train, val or test (nudge_data_options.split). Numbers have as many digits as it takes to read them back the
 * same, missing ones are empty, categories and classes are their texts, in quotes where RFC 4180 wants them. A name that is a
 * number gets "column" before it; "label" has the target's own name, and "split" is "nudge_split", where a feature is called
 * so. An existing file is replaced atomically. Errors: NUDGE_BAD_ARGUMENT for a part without rows, NUDGE_IO. */
NUDGE_API nudge_status nudge_data_write_csv(const nudge_data *data, const char *path, const nudge_part *part,
                                            nudge_error *error);

NUDGE_API void nudge_data_free(nudge_data *data);

/* Moves a random `fraction` of the training rows (0 < fraction < 1, at least one row) to the validation part.
 * The choice depends on `seed` and the number of rows alone. */
NUDGE_API nudge_status nudge_data_split(nudge_data *data, double fraction, uint64_t seed, nudge_error *error);

/* Fold `fold` = 0 .. folds-1 of the training and validation rows of `data`, drawn from `seed`: a set whose test part is
 * that fold and whose training part is all others, both in the rows' order; nudge_data_split takes a validation part
 * from the latter. Classes are spread evenly: of each, and of all rows, no fold has more than one row more than another.
 * The test part of `data` stays out. The rows are shared, not copied: `data` must outlive the fold, which belongs to
 * `context`, so that a thread can have its own; it cannot be written to files. Errors: NUDGE_BAD_ARGUMENT for less
 * than 2 folds, or more folds than rows. */
NUDGE_API nudge_status nudge_data_fold(nudge_context *context, const nudge_data *data, size_t folds,
                                       size_t fold, uint64_t seed, nudge_data **part, nudge_error *error);

NUDGE_API const char *nudge_data_name(const nudge_data *data);
/* The files that the set was read from, i = 0, 1, ...; NULL after the last. What is written to one of them
 * destroys it. */
NUDGE_API const char *nudge_data_file(const nudge_data *data, size_t i);
NUDGE_API size_t nudge_data_rows(const nudge_data *data, nudge_part part); /* 0: there is no such part */
NUDGE_API size_t nudge_data_features(const nudge_data *data);
NUDGE_API size_t nudge_data_classes(const nudge_data *data); /* 0 for regression */
NUDGE_API size_t nudge_data_targets(const nudge_data *data); /* classes, or columns of numbers */
NUDGE_API nudge_type nudge_data_type(const nudge_data *data);
/* False: the part's features are read from their file as they are needed (nudge_data_open). */
NUDGE_API bool nudge_data_in_memory(const nudge_data *data, nudge_part part);
/* Images: true, and the sizes (pointers may be NULL). */
NUDGE_API bool nudge_data_image(const nudge_data *data, size_t *height, size_t *width);

/* One row as it was given (not scaled): features[nudge_data_features()], NaN where a table's number is
 * missing, and targets[nudge_data_targets()], one-hot for classes; NaN, or all 0, where an unlabelled row has none.
 * Either may be NULL. When a file cannot be read (nudge_data_open), what `features` holds is not defined. */
NUDGE_API nudge_status nudge_data_row(const nudge_data *data, nudge_part part, size_t row, float *features,
                                      float *targets, nudge_error *error);
/* The row's class, or -1 for regression, a row that is not there, or one without a target. */
NUDGE_API int32_t nudge_data_label(const nudge_data *data, nudge_part part, size_t row);
/* Of a table: what the class is called; what names the row (nudge_data_options.id). NULL when there is none. */
NUDGE_API const char *nudge_data_label_name(const nudge_data *data, size_t label);
NUDGE_API const char *nudge_data_id(const nudge_data *data, nudge_part part, size_t row);
/* A column of a table. Texts belong to the data set, or the net, that was asked. */
typedef struct nudge_column {
    size_t struct_size;
    const char *name;
    nudge_column_role role;
    nudge_column_kind kind;
    size_t first, inputs;          /* of a feature: which inputs it became */
    bool flag;                     /* the last of them says where a number was missing */
    const char *const *categories; /* [category_count]; of a target: the classes */
    size_t category_count;
} nudge_column;

#define NUDGE_COLUMN                                                                                         \
    { .struct_size = sizeof(nudge_column) }

/* Column i = 0, 1, ..; false behind the last, and for data that are no table. */
NUDGE_API bool nudge_data_columns(const nudge_data *data, size_t i, nudge_column *column);

/* The share of the rows that was drawn for the test part (nudge_data_options.test_split); 0: none was. */
NUDGE_API double nudge_data_test_share(const nudge_data *data);
/* What was found while a table was read, and somebody may want to know: sentences, i = 0, 1, ...; NULL after the last. */
NUDGE_API const char *nudge_data_remark(const nudge_data *data, size_t i);

/* 5  NETWORKS
 * -----------
 * What a network is: a chain of layers with its parameters (f32), class labels and scaling. */

/* How initial weights are drawn; biases start at 0 except where said. Fan-in n, fan-out m of the layer. The default is
 * normal, by the layer's activation: He for relu, leaky-relu, elu, gelu, silu and softplus; LeCun for selu and lecun-tanh;
 * else Xavier. */
typedef enum nudge_init {
    NUDGE_INIT_DEFAULT = 0,
    NUDGE_INIT_XAVIER_NORMAL,   /* N(0, 2/(n+m)): Glorot and Bengio 2010 */
    NUDGE_INIT_XAVIER_UNIFORM,  /* U(-a, a), a = sqrt(6/(n+m)) */
    NUDGE_INIT_HE_NORMAL,       /* N(0, 2/n): He et al. 2015 */
    NUDGE_INIT_HE_UNIFORM,      /* U(-a, a), a = sqrt(6/n) */
    NUDGE_INIT_LECUN_NORMAL,    /* N(0, 1/n): LeCun et al. 1998 */
    NUDGE_INIT_LECUN_UNIFORM,   /* U(-a, a), a = sqrt(3/n) */
    NUDGE_INIT_STANDARD_NORMAL, /* N(0, 1), biases too: Nielsen 2015, chapter 1 */
    NUDGE_INIT_UNIFORM,         /* U(-a, a) with the given a, biases too */
    NUDGE_INIT_ZEROS,
} nudge_init;

NUDGE_API const char *nudge_init_name(nudge_init init); /* "xavier-normal", ...; NULL after the last */
NUDGE_API nudge_status nudge_init_from_name(const char *name, nudge_init *init, nudge_error *error);

/* The operations there are, i = 0, 1, ...: "dense", which every layer has, then the activations that a
 * network text can name: "identity", "sigmoid", ..., then "dropout" and "batch-norm"; NULL after the last. `formula` (may be NULL) gets its
 * formula. */
NUDGE_API const char *nudge_op_name(size_t i, const char **formula);

/* A network from its text: layers separated by commas, each "NEURONS [ACTIVATION [VALUE]]", as in
 * "30 sigmoid, 10 softmax" or "64 leaky-relu 0.01, 1". Without an activation the layer is linear (identity).
 * Other operations of a layer stand behind it, each once, and so may its activation:
 * "dropout 0.2, 512, batch-norm, relu, dropout 0.5, 10 softmax". dropout P leaves out outputs in training, before the
 * first number inputs; batch-norm [EPSILON [MOMENTUM]] normalises over the mini-batch (docs/regularisation.md).
 * Parameters are drawn with NUDGE_INIT_DEFAULT from `seed`.
 * Errors: NUDGE_BAD_ARGUMENT naming the word, its place in the text and what was expected. */
NUDGE_API nudge_status nudge_net_create(nudge_context *context, size_t inputs, const char *text,
                                        uint64_t seed, nudge_net **net, nudge_error *error);
/* Draws all parameters anew. `a` is for NUDGE_INIT_UNIFORM. */
NUDGE_API nudge_status nudge_net_initialise(nudge_net *net, nudge_init init, double a, uint64_t seed,
                                            nudge_error *error);
/* The copy belongs to `context`, which may be another thread's. */
NUDGE_API nudge_status nudge_net_clone(nudge_context *context, const nudge_net *net, nudge_net **copy,
                                       nudge_error *error);
NUDGE_API void nudge_net_free(nudge_net *net);

/* The text in its standard form; parses to the same network. Belongs to the net. */
NUDGE_API const char *nudge_net_text(const nudge_net *net);
NUDGE_API size_t nudge_net_inputs(const nudge_net *net);
NUDGE_API size_t nudge_net_outputs(const nudge_net *net);
NUDGE_API size_t nudge_net_parameters(const nudge_net *net); /* how many numbers are trained */
NUDGE_API size_t nudge_net_layers(const nudge_net *net);     /* L: layers are 1 .. L, the input not counted */

typedef struct nudge_layer {
    size_t struct_size;
    size_t inputs, outputs;
    const char *activation;  /* its name in the text */
    double activation_value; /* leaky-relu's slope, elu's alpha; else 0 */
} nudge_layer;

#define NUDGE_LAYER                                                                                          \
    { .struct_size = sizeof(nudge_layer) }

/* Describes layer `l`, 1 <= l <= nudge_net_layers(). False when there is no such layer. */
NUDGE_API bool nudge_net_layer(const nudge_net *net, size_t l, nudge_layer *layer);

/* What a tensor is for. Weights are what penalties and weight decay apply to; state is kept while training (running
 * means), but not trained. */
typedef enum nudge_role { NUDGE_ROLE_WEIGHT, NUDGE_ROLE_BIAS, NUDGE_ROLE_SCALE, NUDGE_ROLE_STATE } nudge_role;

/* One tensor of the net's ops: [outputs][inputs], or [outputs] when inputs is 0. */
typedef struct nudge_tensor {
    size_t struct_size;
    const char *name; /* "weight", "bias", "batch_norm.scale", ..: as in a model file, behind "layers.N." */
    nudge_role role;
    size_t layer,
        number; /* the layer's tensors count from 0: its weights, its biases, then what other ops have */
    size_t outputs, inputs;
    size_t count; /* numbers in it */
} nudge_tensor;

#define NUDGE_TENSOR                                                                                         \
    { .struct_size = sizeof(nudge_tensor) }

/* Tensor i = 0, 1, .. of the net, layer by layer. False when there is none. */
NUDGE_API bool nudge_net_tensor(const nudge_net *net, size_t i, nudge_tensor *tensor);

/* Copies the tensor's numbers out of or into the net. `count` is the array's length and must be right. */
NUDGE_API nudge_status nudge_net_get_tensor(const nudge_net *net, size_t i, float *numbers, size_t count,
                                            nudge_error *error);
NUDGE_API nudge_status nudge_net_set_tensor(nudge_net *net, size_t i, const float *numbers, size_t count,
                                            nudge_error *error);

/* Copies layer l's weights [outputs][inputs] or biases [outputs] out of or into the net. `count` is the
 * array's length and must be right. */
NUDGE_API nudge_status nudge_net_get_weights(const nudge_net *net, size_t l, float *weights, size_t count,
                                             nudge_error *error);
NUDGE_API nudge_status nudge_net_set_weights(nudge_net *net, size_t l, const float *weights, size_t count,
                                             nudge_error *error);
NUDGE_API nudge_status nudge_net_get_biases(const nudge_net *net, size_t l, float *biases, size_t count,
                                            nudge_error *error);
NUDGE_API nudge_status nudge_net_set_biases(nudge_net *net, size_t l, const float *biases, size_t count,
                                            nudge_error *error);

/* One parameter: number [output][input] of the layer's tensor 0, w^(layer); or [output] of tensor 1, b^(layer), or of
 * another (nudge_tensor.number), whatever `input`. Begin with {0}. */
typedef struct nudge_parameter {
    size_t layer, output, input;
    size_t tensor;
} nudge_parameter;

/* One parameter's number. */
NUDGE_API nudge_status nudge_net_get_parameter(const nudge_net *net, const nudge_parameter *parameter,
                                               float *number, nudge_error *error);
NUDGE_API nudge_status nudge_net_set_parameter(nudge_net *net, const nudge_parameter *parameter, float number,
                                               nudge_error *error);

/* All parameters as one vector, in canonical order: layer by layer, weight [outputs][inputs] then bias.
 * `count` is nudge_net_parameters(). */
NUDGE_API nudge_status nudge_net_get_parameters(const nudge_net *net, float *parameters, size_t count,
                                                nudge_error *error);
NUDGE_API nudge_status nudge_net_set_parameters(nudge_net *net, const float *parameters, size_t count,
                                                nudge_error *error);
/* A parameter's place in that vector, and back. */
NUDGE_API nudge_status nudge_net_parameter_index(const nudge_net *net, const nudge_parameter *parameter,
                                                 size_t *index, nudge_error *error);
NUDGE_API nudge_status nudge_net_parameter_at(const nudge_net *net, size_t index, nudge_parameter *parameter,
                                              nudge_error *error);

/* The cost of one example, summed over the outputs j; C is its mean over the examples. y is the target. */
typedef enum nudge_cost {
    NUDGE_COST_AUTO = 0,  /* by output: softmax cross-entropy, sigmoid binary-cross-entropy, else quadratic */
    NUDGE_COST_QUADRATIC, /* Σ_j (a_j - y_j)²: no factor ½, so ∂C/∂a_j = 2 (a_j - y_j) */
    NUDGE_COST_ABSOLUTE,  /* Σ_j |a_j - y_j| */
    NUDGE_COST_HUBER,     /* Σ_j ½r² for |r| <= d, else d(|r| - ½d), r = a_j - y_j: Huber 1964 */
    NUDGE_COST_BINARY_CROSS_ENTROPY, /* -Σ_j [y_j ln a_j + (1-y_j) ln(1-a_j)]; needs a sigmoid output */
    NUDGE_COST_CROSS_ENTROPY,        /* -Σ_j y_j ln a_j; needs a softmax output */
} nudge_cost;

NUDGE_API const char *nudge_cost_name(nudge_cost cost); /* "auto", "quadratic", ...; NULL after the last */
NUDGE_API nudge_status nudge_cost_from_name(const char *name, nudge_cost *cost, nudge_error *error);

/* The net's cost: what it is trained by, measured by (nudge_evaluate) and explained with. NUDGE_COST_AUTO until it is
 * set; kept in its file. `delta` is huber's d, 0 < d <= 1e9, and looked at for that cost alone. Errors:
 * NUDGE_BAD_ARGUMENT: another output is needed, or another d. */
NUDGE_API nudge_status nudge_net_set_cost(nudge_net *net, nudge_cost cost, double delta, nudge_error *error);
/* Which one it is, by the output where it was not set: never NUDGE_COST_AUTO. `delta` (may be NULL) gets huber's d, else 0. */
NUDGE_API nudge_cost nudge_net_cost(const nudge_net *net, double *delta);

/* One input: the network sees (g(x) - shift) factor, g(x) = x, or sign(x) ln(1 + |x|) when `log`. One output of a
 * regression: y is learnt as (y - shift) factor, and predictions are given back in y's own units; the cost C is that
 * of the scaled numbers. */
typedef struct nudge_transform {
    size_t struct_size;
    nudge_scale scale;   /* how it was chosen */
    float shift, factor; /* factor 0: the column had one value in all training rows, and says nothing */
    bool log;
    float fill;      /* what a missing x (NaN) counts as */
    float low, high; /* the training rows' lowest and highest x; NaN: not known */
} nudge_transform;

#define NUDGE_TRANSFORM                                                                                      \
    {                                                                                                        \
        .struct_size = sizeof(nudge_transform), .factor = 1, .low = __builtin_nanf(""),                      \
        .high = __builtin_nanf("")                                                                           \
    }

#define NUDGE_EVERY ((size_t)-1) /* all inputs, or all outputs */

/* False when there is no such input or output, or nothing was fitted yet. Without a fit u8 features are taken as
 * pixels, x/255, f32 features and targets as they are. */
NUDGE_API bool nudge_net_input_transform(const nudge_net *net, size_t input, nudge_transform *transform);
NUDGE_API bool nudge_net_target_transform(const nudge_net *net, size_t output, nudge_transform *transform);
NUDGE_API nudge_status nudge_net_set_input_transform(nudge_net *net, size_t input,
                                                     const nudge_transform *transform, nudge_error *error);
NUDGE_API nudge_status nudge_net_set_target_transform(nudge_net *net, size_t output,
                                                      const nudge_transform *transform, nudge_error *error);

/* Fits all transforms on the training rows of `data`: inputs by `scale` (columns that are categories stay 0 and 1),
 * targets of a regression by `targets`: auto is standard where the last layer is linear (identity), so that it can
 * reach them, else none. nudge_train does it, both auto, for a net that has none. Errors: NUDGE_BAD_INPUT or NUDGE_IO
 * when rows cannot be read, NUDGE_NO_MEMORY. */
NUDGE_API nudge_status nudge_net_fit(nudge_net *net, const nudge_data *data, nudge_scale scale,
                                     nudge_scale targets, nudge_error *error);

/* What became of a layer in nudge_net_take. */
typedef enum nudge_taken {
    NUDGE_TAKEN = 0,      /* its parameters are those of the other net's layer now */
    NUDGE_TAKEN_BY_LABEL, /* the same of the last layer, whose classes stand in another order there */
    NUDGE_TAKEN_NOT_SHAPE, /* left as it was: its tensors have other shapes there, or one alone is the last layer */
    NUDGE_TAKEN_NOT_OUTPUTS, /* the last layer: other classes, or targets; or one output, and the two classes exchanged */
    NUDGE_TAKEN_NOT_THERE, /* the other net has fewer layers */
    NUDGE_TAKEN_NOT_ASKED, /* behind `layers` */
} nudge_taken;

/* Goes on from what another net has learnt: each layer of `net` whose tensors have the shapes of the same layer in `from`
 * gets its parameters, and the running state of its ops; all other layers stay as they were drawn. Layers 1 .. `layers` are
 * looked at (NUDGE_EVERY: all). Activations may differ. Outputs of classes go by their labels, in whatever order
 * (nudge_net_set_labels comes first), numbers of tables by the names of their columns; where one net has none, by place. With
 * the first layer go the transforms of the inputs, with the last those of the targets, and labels where `net` has none, with
 * both the columns where `net` has none: so nudge_net_fit, when it is to fit what is not taken, comes before. `taken` (may be
 * NULL) [nudge_net_layers(net)] gets what became of layer l, at l - 1. `from` may be another context's. Errors:
 * NUDGE_BAD_ARGUMENT when no layer fits, NUDGE_NO_MEMORY; parameters and transforms are then as they were. */
NUDGE_API nudge_status nudge_net_take(nudge_net *net, const nudge_net *from, size_t layers,
                                      nudge_taken *taken, nudge_error *error);

/* A value that lies far outside of what training saw: more than the range of the training rows beyond it. The net still
 * answers, but what it says there it has learnt nowhere. `small`: all values together are tiny beside what training saw,
 * as pixels from 0 to 1 for a net that saw 0 to 255; `value` is the largest. */
typedef struct nudge_outlier {
    size_t struct_size;
    size_t row, input;
    float value, low, high; /* what it is; what the training rows had */
    bool small;
} nudge_outlier;

#define NUDGE_OUTLIER                                                                                        \
    { .struct_size = sizeof(nudge_outlier) }

/* The first such value of features[rows][nudge_net_inputs()]; false when there is none, or ranges are not known. */
NUDGE_API bool nudge_net_out_of_range(const nudge_net *net, const float *features, size_t rows,
                                      nudge_outlier *outlier);

/* The columns of the table that the net was fitted on, i = 0, 1, ..; false behind the last, and for a net that has seen
 * no table. */
NUDGE_API bool nudge_net_columns(const nudge_net *net, size_t i, nudge_column *column);

/* The classes' names, "0", "1", ... by default once trained on classes; NULL when there is none. */
NUDGE_API const char *nudge_net_label(const nudge_net *net, size_t class_index);
NUDGE_API nudge_status nudge_net_set_labels(nudge_net *net, const char *const *labels, size_t count,
                                            nudge_error *error);

/* Facts kept with the net and saved in its file: how it was trained and on what. Keys are lower-case words
 * joined by "_"; a value is text without control characters. NULL where the key is missing. */
NUDGE_API const char *nudge_net_note(const nudge_net *net, const char *key);
NUDGE_API nudge_status nudge_net_set_note(nudge_net *net, const char *key, const char *value,
                                          nudge_error *error);
/* The i-th note in order of keys; NULL after the last. */
NUDGE_API const char *nudge_net_note_at(const nudge_net *net, size_t i, const char **value);

/* 6  TRAINING IN ONE CALL
 * ----------------------- */

/* How well rows are answered, in one number. */
typedef enum nudge_metric {
    NUDGE_METRIC_COST = 0,
    NUDGE_METRIC_ACCURACY,
    NUDGE_METRIC_BALANCED_ACCURACY, /* the mean of the classes' recalls */
    NUDGE_METRIC_PRECISION,         /* the mean of the classes' precisions */
    NUDGE_METRIC_F1,                /* the mean of the classes' F1 */
    NUDGE_METRIC_LOG_LOSS,  /* the mean of -ln p(class), p at least 2^-23: softmax, or one sigmoid output */
    NUDGE_METRIC_AUC,       /* of two classes: the area under the ROC curve */
    NUDGE_METRIC_R_SQUARED, /* numbers: the mean of the targets' R² */
    NUDGE_METRIC_RMSE,      /* in the targets' units */
    NUDGE_METRIC_MAE,       /* in the targets' units */
    NUDGE_METRICS           /* how many there are */
} nudge_metric;

/* "cost", "accuracy", ...; NULL after the last. `summary` (may be NULL) gets one line. */
NUDGE_API const char *nudge_metric_name(nudge_metric metric, const char **summary);
NUDGE_API nudge_status nudge_metric_from_name(const char *name, nudge_metric *metric, nudge_error *error);
NUDGE_API bool nudge_metric_higher_is_better(nudge_metric metric);

typedef enum nudge_optimizer {
    NUDGE_OPTIMIZER_SGD = 0, /* w <- w - η g;  with momentum μ: v <- μ v - η g, w <- w + v (Polyak 1964) */
    NUDGE_OPTIMIZER_NESTEROV, /* v <- μ v - η g, w <- w + μ v - η g (Nesterov 1983; Sutskever et al. 2013) */
    NUDGE_OPTIMIZER_ADAM, /* m <- β1 m + (1-β1) g, v <- β2 v + (1-β2) g²; at step t, with m̂ = m / (1-β1^t)
                             and v̂ = v / (1-β2^t), w <- w - η m̂ / (√v̂ + ε) (Kingma and Ba 2015) */
} nudge_optimizer;

NUDGE_API const char *nudge_optimizer_name(nudge_optimizer optimizer); /* "sgd", ...; NULL after the last */
NUDGE_API nudge_status nudge_optimizer_from_name(const char *name, nudge_optimizer *optimizer,
                                                 nudge_error *error);
/* The learning rate for who gives none: sgd and nesterov 0.1, adam 0.001. */
NUDGE_API double nudge_optimizer_learning_rate(nudge_optimizer optimizer);

/* A number that an optimizer takes beside the learning rate. */
typedef struct nudge_optimizer_parameter {
    size_t struct_size;
    const char *name, *summary;
    double usual, least, most;
    bool below;   /* `most` itself is not allowed */
    size_t place; /* of the double in nudge_train_options, in bytes */
} nudge_optimizer_parameter;

#define NUDGE_OPTIMIZER_PARAMETER                                                                            \
    { .struct_size = sizeof(nudge_optimizer_parameter) }

/* Parameter i = 0, 1, .. of the optimizer. False when there is none. */
NUDGE_API bool nudge_optimizer_parameter_at(nudge_optimizer optimizer, size_t i,
                                            nudge_optimizer_parameter *parameter);

/* The learning rate at epoch e = 1 .. E, from η (learning_rate); cosine and one-cycle change it at every
 * step, s = 1 .. S in all. */
typedef enum nudge_schedule {
    NUDGE_SCHEDULE_CONSTANT = 0, /* η */
    NUDGE_SCHEDULE_STEP,         /* η decay^floor((e-1)/decay_epochs) */
    NUDGE_SCHEDULE_EXPONENTIAL,  /* η decay^(e-1) */
    NUDGE_SCHEDULE_COSINE, /* η (m + (1-m) ½(1 + cos(π (s-1)/S))), m = decay: Loshchilov and Hutter 2017 */
    NUDGE_SCHEDULE_ONE_CYCLE, /* η s/(W+1) in the first W = floor(warmup S) steps, then
                                 η (1 - (1-m) (s-1-W)/(S-W)), m = decay: up to η and down in straight lines,
                                 after Smith and Topin 2018 */
} nudge_schedule;

NUDGE_API const char *nudge_schedule_name(nudge_schedule schedule); /* "constant", ...; NULL after the last */
NUDGE_API nudge_status nudge_schedule_from_name(const char *name, nudge_schedule *schedule,
                                                nudge_error *error);

/* Where training stands. Figures that are not known are NaN. Accuracies are fractions 0 .. 1 of the rows
 * whose largest output (one output: a > ½) is their class; NaN for regression. */
typedef struct nudge_progress {
    size_t struct_size;   /* how much of it this library fills in */
    size_t epoch, epochs; /* 1 .. epochs */
    size_t step, steps;   /* within this epoch */
    size_t rows;          /* trained on in this epoch so far */
    double learning_rate;
    double train_cost, train_accuracy; /* running means over the epoch so far */
    double validation_cost, validation_accuracy;
    double test_cost, test_accuracy;
    double seconds;                        /* spent training in this epoch, evaluation not counted */
    double validation_metric, test_metric; /* options.metric */
    double penalty; /* l1 Σ|w| + ½ l2 Σw² of the weights as they are; not in any cost. NaN within an epoch */
} nudge_progress;

/* Called after every step or epoch. Returning false stops training after this step; the result is kept. */
typedef bool nudge_progress_callback(void *user, const nudge_progress *progress);

typedef struct nudge_journal nudge_journal; /* nudge_insight.h */
typedef struct nudge_checkpoint nudge_checkpoint;

typedef struct nudge_train_options {
    size_t struct_size;

    /* How a step is made. Numbers beside the learning rate are the optimizer's own: nudge_optimizer_parameter_at. */
    nudge_optimizer optimizer;
    double learning_rate; /* η > 0; 0: the optimizer's own, nudge_optimizer_learning_rate() */
    double momentum;      /* μ, 0 <= μ < 1; for sgd and nesterov */
    double beta1, beta2;  /* for adam: 0 <= β1, β2 < 1 */
    double epsilon;       /* for adam: ε, 1e-12 to 1 */

    /* How many, of how many rows each, in which order. */
    size_t epochs;
    size_t batch_size; /* examples a step; 0: all of them (full batch) */
    uint64_t seed;     /* of the order of the examples, and of dropout */
    bool shuffle;      /* a new order in every epoch */

    /* How the learning rate changes. */
    nudge_schedule schedule;
    double decay; /* factor 0 < decay <= 1; for cosine and one-cycle the share of η at the end, 0 allowed */
    size_t decay_epochs; /* for step */
    double warmup;       /* for one-cycle: the share of all steps that rise, 0 <= warmup < 1 */

    /* What keeps weights small. Of what has the role weight alone (no biases). l1 Σ|w| + ½ l2 Σw² is added to the cost that
     * is made smaller, but to no cost or gradient that is told: C stays C, and the penalty is told beside it. weight_decay
     * λ takes η λ w from every w at every step, apart from gradients (Loshchilov and Hutter 2019). All >= 0. */
    double l1, l2, weight_decay;

    /* NULL; "balanced": every class counts the same in the cost, however many rows it has; or "CLASS=NUMBER,...", others 1.
     * Noted in the net, as "class_weights". */
    const char *class_weight;

    /* What is measured meanwhile, and when it ends early. */
    size_t
        patience; /* stop after so many epochs without a better `metric` on the validation part and give back the
                            best parameters; 0: never. Needs a validation part: nudge_data_split */
    nudge_metric metric; /* what patience watches */
    bool evaluate_test;  /* after every epoch, where there is a test part; else once, after the last */

    /* Who is told. Each may be NULL. */
    nudge_progress_callback *on_step, *on_epoch;
    void *user;

    /* What is kept. Each may be NULL. */
    nudge_journal *journal;       /* of the training: nudge_insight.h */
    nudge_checkpoint *checkpoint; /* saved, and gone on with if it was loaded */

    /* NULL, or called at every step with the gradients of each layer as soon as they are complete, from the last layer to
     * the first, before they change anything: `gradients` are sums over the step's `rows` rows, `count` of them in the
     * library's own order, which is the same for the same network on every machine. What it leaves there is used: where
     * several machines train one network, the mean of their sums. It gets `user`, on the thread that called. */
    void (*reduce)(void *user, size_t layer, float *gradients, size_t count, size_t rows);

    /* For a trainer (section 9) that looks at the net as it predicts: nothing is dropped, batch-norm has its running
     * statistics, and there is no update. */
    bool prediction;
} nudge_train_options;

#define NUDGE_TRAIN_OPTIONS                                                                                  \
    {                                                                                                        \
        .struct_size = sizeof(nudge_train_options), .optimizer = NUDGE_OPTIMIZER_SGD, .beta1 = 0.9,          \
        .beta2 = 0.999, .epsilon = 1e-8, .epochs = 10, .batch_size = 10, .seed = 1, .shuffle = true,         \
        .schedule = NUDGE_SCHEDULE_CONSTANT, .decay = 0.5, .decay_epochs = 10, .warmup = 0.3,                \
        .metric = NUDGE_METRIC_COST, .evaluate_test = true                                                   \
    }

/* What serves a first training on data well, by their kind: images, tables of classes or of numbers, few rows or many,
 * truth tables, built-in sets (docs/command-line.md, "What is chosen"). The command takes it where nobody says, and
 * nudge_train where its options are NULL. */
typedef struct nudge_suggestion {
    size_t struct_size;
    char net[256];          /* the network's text: nudge_net_create */
    const char *hidden;     /* of it: the hidden layers' neurons, "128" or "16,16", */
    const char *activation; /* and their activation */
    nudge_init init;        /* nudge_net_initialise */
    bool pixels;            /* the features are: images, or a table of such numbers */
    double
        validation_split; /* 0; or the share of the training rows that is to be split off (nudge_data_split), so that
                                patience, which is then suggested, ends the training in time */
    nudge_train_options training;
} nudge_suggestion;

#define NUDGE_SUGGESTION                                                                                     \
    { .struct_size = sizeof(nudge_suggestion) }

/* Reads at most a hundred of the training rows, or, where they have no more than 16 features, all. */
NUDGE_API nudge_status nudge_suggest(const nudge_data *data, nudge_suggestion *suggestion,
                                     nudge_error *error);

/* A checkpoint: everything that a training needs to go on, in files beside the model's, so that neither a crash nor a cut of
 * power costs more than what was done since the last. Two generations take turns, PATH.checkpoint-1 and PATH.checkpoint-2,
 * each written durably. A training that goes on comes to the same bits as one that was never interrupted. */
typedef struct nudge_checkpoint_options {
    size_t struct_size;
    /* Saved after every so many steps, and when so long has passed since the last; 0: not by these. It is always saved at
     * the end, unless the training failed. */
    size_t every_steps;
    double every_seconds;
    /* UTF-8 that is kept with it, as how the training was asked for; NULL: none, or that which was loaded. */
    const char *note;
    /* NULL, or called after each time, between steps: error NULL: it is on the disk; else why it is not. The training goes
     * on in any case. */
    void (*on_saved)(void *user, const nudge_progress *progress, const nudge_error *error);
    void *user;
} nudge_checkpoint_options;

#define NUDGE_CHECKPOINT_OPTIONS                                                                             \
    { .struct_size = sizeof(nudge_checkpoint_options) }

/* For nudge_train_options.checkpoint, of one training. Nothing is written before the training's first checkpoint, which then replaces those
 * of an earlier one. Errors: NUDGE_BAD_ARGUMENT, NUDGE_NO_MEMORY. */
NUDGE_API nudge_status nudge_checkpoint_create(nudge_context *context, const char *path,
                                               const nudge_checkpoint_options *options,
                                               nudge_checkpoint **checkpoint, nudge_error *error);
/* The later of the two files, for a training that goes on with it: nudge_train with the same net (as it was made: its
 * parameters do not matter), data and options, of which only `epochs` may have grown. What differs is NUDGE_BAD_ARGUMENT,
 * with the difference. Errors: NUDGE_BAD_INPUT when there is none, or one of them is damaged, unless `allow_previous`: then
 * the other is taken. */
NUDGE_API nudge_status nudge_checkpoint_load(nudge_context *context, const char *path, bool allow_previous,
                                             const nudge_checkpoint_options *options,
                                             nudge_checkpoint **checkpoint, nudge_error *error);
NUDGE_API void nudge_checkpoint_free(nudge_checkpoint *checkpoint);
/* Of one that was loaded: the net as it was, its last epoch and step, and the note; NULL where there is none. */
NUDGE_API const nudge_net *nudge_checkpoint_net(const nudge_checkpoint *checkpoint);
NUDGE_API void nudge_checkpoint_place(const nudge_checkpoint *checkpoint, size_t *epoch, size_t *step);
NUDGE_API const char *nudge_checkpoint_note(const nudge_checkpoint *checkpoint);

typedef struct nudge_train_result {
    size_t struct_size;
    size_t epochs;      /* completed */
    size_t best_epoch;  /* whose parameters the net has now: the last's, with patience the best's, or those
                           of one that a callback cut short */
    bool stopped;       /* by a callback */
    bool stopped_early; /* by patience */
    double train_cost, train_accuracy;           /* running means over the last epoch */
    double validation_cost, validation_accuracy; /* of the parameters that the net has now */
    double test_cost, test_accuracy;             /* of the parameters that the net has now */
    double seconds;                              /* spent training, evaluation not counted */
    double samples_per_second;
    /* The training is done: its last epoch, or what ended it. Also told when nudge_train fails: then in measuring
     * what it came to; the net has its final parameters, and figures not known are NaN. */
    bool complete;
    double validation_metric, test_metric; /* options.metric, of the parameters that the net has now */
    double earlier_cost;                   /* train_cost of the epoch before the last; NaN: there was none */
    double penalty;                        /* of the parameters that the net has now */
} nudge_train_result;

#define NUDGE_TRAIN_RESULT                                                                                   \
    { .struct_size = sizeof(nudge_train_result) }

/* Trains `net` on the training part of `data` by mini-batch gradient descent. The same net, data, options and
 * seed give the same bits: with the portable engine anywhere, with native in f32 on every CPU that has it, on
 * any number of threads. `options` may be NULL: what nudge_suggest says of the data; `result` may be NULL.
 * Errors: NUDGE_BAD_ARGUMENT when sizes, cost or options do not fit; NUDGE_DIVERGED at the first cost that is
 * not finite, naming epoch, step and layer; NUDGE_BAD_INPUT or NUDGE_IO when rows of data that are not in
 * memory can no longer be read: the net then has the last parameters that were good, or, when only the evaluation at the
 * end failed, those that the training came to (result->complete). */
NUDGE_API nudge_status nudge_train(nudge_context *context, nudge_net *net, const nudge_data *data,
                                   const nudge_train_options *options, nudge_train_result *result,
                                   nudge_error *error);

/* 7  PREDICTION AND EVALUATION
 * ----------------------------
 * A predictor owns the memory that forward needs, and allocates nothing afterwards. */

typedef struct nudge_predictor nudge_predictor;

/* Bytes that a predictor for up to `rows` rows at once takes: memory for 256 rows is the most it asks for. */
NUDGE_API nudge_status nudge_predictor_memory(const nudge_context *context, const nudge_net *net, size_t rows,
                                              size_t *bytes, nudge_error *error);

/* `memory` (aligned to 64, `bytes` as told by nudge_predictor_memory) may be the caller's, or NULL: the
 * context's allocator. More rows than `rows` may be predicted in one call; they are taken in portions. */
NUDGE_API nudge_status nudge_predictor_create(nudge_context *context, const nudge_net *net, size_t rows,
                                              void *memory, size_t bytes, nudge_predictor **predictor,
                                              nudge_error *error);
NUDGE_API void nudge_predictor_free(nudge_predictor *predictor);

/* outputs[rows][nudge_net_outputs()] = activations of the last layer for features[rows][nudge_net_inputs()],
 * which are as in the data (they are scaled here, and a regression's outputs are
 * in the targets' own units). Outputs of features too large for the
 * net's sums are infinite or not a number: nudge_answer tells. */
NUDGE_API nudge_status nudge_predict(nudge_predictor *predictor, const float *features, size_t rows,
                                     float *outputs, nudge_error *error);

typedef struct nudge_evaluation {
    size_t struct_size;
    size_t rows;
    double cost;     /* mean over the rows */
    double accuracy; /* NaN for regression */
    /* in: NULL or the caller's [classes][classes], where the classes are the net's: nudge_net_outputs(), or 2 for
     * one output; out: counts [true class][answered class] */
    uint64_t *confusion;
    size_t unanswered;       /* rows with an output that is not finite: wrong, and not in `confusion` */
    size_t first_unanswered; /* the first such row of the part */
    double metrics[16];      /* by nudge_metric; NaN: not of this task, or not known */
    double *
        of_targets; /* in: NULL or the caller's [3][nudge_net_outputs()]; out: R², RMSE and MAE of each target */
} nudge_evaluation;

#define NUDGE_EVALUATION                                                                                     \
    { .struct_size = sizeof(nudge_evaluation) }

/* Cost (nudge_net_cost) and metrics of the net on a part. */
NUDGE_API nudge_status nudge_evaluate(nudge_context *context, const nudge_net *net, const nudge_data *data,
                                      nudge_part part, nudge_evaluation *evaluation, nudge_error *error);

/* The class a row of outputs means: the largest; with one output, 1 when it is above ½. A row with an output
 * that is not finite (sums that left the range of numbers) means none: NUDGE_NO_ANSWER. */
#define NUDGE_NO_ANSWER ((size_t)-1)
NUDGE_API size_t nudge_answer(const float *outputs, size_t count);

/* Cross-validation: how well a kind of network and training does on rows that it has not seen, measured on all rows. For
 * each fold (nudge_data_fold) a new net is drawn, its transforms are fitted on the fold's training rows alone
 * (nudge_net_fit), it is trained, and measured on the fold's test rows. (What a table's columns are, and which categories
 * they have, was found in all rows when it was read.) */
typedef struct nudge_cross_fold {
    size_t struct_size;  /* how much of it this library fills in */
    size_t repeat, fold; /* from 0 */
    size_t train_rows, validation_rows, test_rows;
    size_t epochs, best_epoch; /* as in nudge_train_result */
    double train_cost, seconds;
    bool diverged;      /* then the figures are NaN */
    double metrics[16]; /* of the fold's test rows, by nudge_metric; NaN: not of this task, or not known */
} nudge_cross_fold;

typedef struct nudge_cross_options {
    size_t struct_size;
    const char *net;   /* the network's text: nudge_net_create */
    nudge_init init;   /* NUDGE_INIT_DEFAULT, or as nudge_net_initialise is asked, */
    double init_range; /* with its a */
    nudge_cost cost;   /* of each net: nudge_net_set_cost, */
    double cost_delta; /* with its delta */
    const nudge_train_options
        *training; /* NULL: the defaults. Its seed, callbacks, evaluate_test, journal and checkpoint are not
                                            looked at */
    nudge_scale scale, target_scale; /* nudge_net_fit */
    size_t folds;                    /* 2 or more */
    size_t repeats;                  /* 1 or more: with new folds and weights */
    uint64_t seed;           /* of folds, weights, order and validation rows; the next repeat has seed + 1 */
    double validation_split; /* 0, or the share of a fold's training rows that becomes its validation part */
    /* NULL, or called when a fold has been measured, or has diverged. Folds end in any order. */
    bool (*on_fold)(void *user, const nudge_cross_fold *fold);
    /* NULL, or called now and then with the share that is done, 0 .. 1. */
    bool (*on_progress)(void *user, double share);
    void *user; /* Both are called by one thread at a time, not always the same. False stops: NUDGE_OK, with
                   result.stopped */
} nudge_cross_options;

#define NUDGE_CROSS_OPTIONS                                                                                  \
    {                                                                                                        \
        .struct_size = sizeof(nudge_cross_options), .init_range = 1, .cost_delta = 1, .folds = 10,           \
        .repeats = 1, .seed = 1                                                                              \
    }

typedef struct nudge_cross_result {
    size_t struct_size;
    size_t folds, diverged; /* that were measured; that were not, as their training diverged */
    bool stopped;           /* by a callback: figures are those of the folds measured until then */
    size_t rows;            /* tested in all, over all repeats */
    size_t unanswered;      /* of them: with an output that is not finite */
    /* By nudge_metric: over the folds whose figure is known, how many they are; mean; and standard deviation
     * sqrt(sum of (x - mean)^2 / (n - 1)). NaN: of no fold; deviation: of fewer than two. */
    size_t known[16];
    double mean[16], deviation[16];
    uint64_t *confusion; /* in: NULL or as in nudge_evaluation; out: counts over the test rows of all folds */
    double
        *each; /* in: NULL or the caller's [repeats][folds][16]; out: the metrics of each fold, NaN where it
                            was not measured */
} nudge_cross_result;

#define NUDGE_CROSS_RESULT                                                                                   \
    { .struct_size = sizeof(nudge_cross_result) }

/* Several folds are computed at once, each by one of the context's threads with a context of one thread of its own; the
 * results have the same bits on any number of threads. All memory is the context's, whose allocator is called by one
 * thread at a time, but by any of them, as is on_remark. Features that are not in memory are read by each fold that is
 * being computed, through windows of its own (nudge_data_open). Errors: NUDGE_DIVERGED, after all folds are done, when some have
 * diverged, naming the first: the result is filled in all the same; others as nudge_train's, naming the fold, which end
 * it at once. */
NUDGE_API nudge_status nudge_cross_validate(nudge_context *context, const nudge_data *data,
                                            const nudge_cross_options *options, nudge_cross_result *result,
                                            nudge_error *error);

/* 8  MODEL FILES
 * --------------
 * A model file is a valid safetensors file; docs/model-file.md describes it. */

/* Writes the net durably: beside the target, synced, renamed over it. The same net gives the same bytes. */
NUDGE_API nudge_status nudge_net_save(const nudge_net *net, const char *path, nudge_error *error);
/* Errors: NUDGE_BAD_INPUT for a file that is not a whole, untouched model. */
NUDGE_API nudge_status nudge_net_load(nudge_context *context, const char *path, nudge_net **net,
                                      nudge_error *error);
/* The same bytes to and from memory. *size: how many there are, also where `memory` is NULL, or NUDGE_BAD_ARGUMENT says that
 * there is too little `room`. */
NUDGE_API nudge_status nudge_net_save_memory(const nudge_net *net, void *memory, size_t room, size_t *size,
                                             nudge_error *error);
NUDGE_API nudge_status nudge_net_load_memory(nudge_context *context, const void *memory, size_t size,
                                             nudge_net **net, nudge_error *error);
/* The linear layers that another program trained, from the safetensors file that it wrote, such as PyTorch's
 * safetensors.torch.save_file(model.state_dict(), path). A layer is a tensor NAME.weight [outputs][inputs] and NAME.bias
 * [outputs], 0 where it is missing; NAME.weight [outputs], .bias, .running_mean and .running_var are a batch normalisation
 * of the layer before. `map` NULL: they are those of an nn.Sequential, "0.weight", "2.weight", .. or "net.0.weight", .., in
 * the order of their numbers, and there are no others; else the names one after the other, "fc1,bn1,fc2", and other tensors
 * are left out. F32; F64, F16 and BF16 become f32. What becomes f32, is missing or is left out is told by the context's
 * on_remark.
 * The file has neither activations nor scaling: *net is linear ("128, 10"), and for nudge_net_take, which gives its
 * parameters to a net that has both. Errors: NUDGE_BAD_INPUT naming file, tensor, what was found and expected;
 * NUDGE_BAD_ARGUMENT for a map with an empty name. */
NUDGE_API nudge_status nudge_net_import(nudge_context *context, const char *path, const char *map,
                                        nudge_net **net, nudge_error *error);
/* Whether the file is a safetensors file, and of none of nudge's formats. Nothing else of it is looked at. */
NUDGE_API bool nudge_import_is(nudge_context *context, const char *path);
/* SHA-256 over all parameters in canonical order (layer by layer, weight [outputs][inputs] then bias, f32
 * little-endian), in hexadecimal. */
NUDGE_API void nudge_net_digest(const nudge_net *net, char hex[65]);

/* Writing any file as nudge writes its own: whole, or not there. The bytes go into a file beside the target,
 * "NAME.<sixteen digits>.part" in its folder, which is synced and renamed over it at the end: whatever happens before, an
 * older file is untouched. What a killed process left of that is removed by the next that writes the target. A target that is a symbolic link is followed: the file it
 * points to is replaced, or made. An old file's mode is kept, and its owner where the system allows. A
 * character device (/dev/null) and a stream that is open already (/dev/stdout, /dev/fd/63: a pipe, or a
 * shell's >(...)) cannot be replaced: they are written straight. Folders, block devices, sockets and named
 * pipes, which would wait for a reader, are refused. `context` may be NULL: the C library's memory. Errors:
 * NUDGE_IO. */
typedef struct nudge_file nudge_file;

NUDGE_API nudge_status nudge_file_create(const nudge_context *context, const char *path, nudge_file **file,
                                         nudge_error *error);
NUDGE_API nudge_status nudge_file_write(nudge_file *file, const void *bytes, size_t count,
                                        nudge_error *error);
/* Syncs the file, renames it over the target, syncs the folder. Frees `file` in every case; on failure the
 * file beside is removed and the target is as it was, except that a failed sync of the folder comes after the
 * rename: the sentence says so. */
NUDGE_API nudge_status nudge_file_commit(nudge_file *file, nudge_error *error);
/* Removes the file beside; frees. NULL allowed. */
NUDGE_API void nudge_file_abandon(nudge_file *file);
/* The name of the file beside, NULL where there is none: a signal handler that ends the process may unlink it. */
NUDGE_API const char *nudge_file_part(const nudge_file *file);
/* The name of the file that will be replaced or made, links followed; NULL where none is. */
NUDGE_API const char *nudge_file_target(const nudge_file *file);

/* 9  TRAINING STEP BY STEP, AND LOOKING INSIDE
 * --------------------------------------------
 *     nudge_trainer_create(...);
 *     for each mini-batch:
 *         nudge_trainer_batch(trainer, x, y, rows, &error);  or nudge_trainer_rows(trainer, data, ...)
 *         nudge_trainer_forward(trainer, &cost, &error);     z = w a + b, a = σ(z), layer by layer; C
 *         nudge_trainer_backward(trainer, &error);           δ, ∂C/∂w and ∂C/∂b, from the last layer to the
 *         first
 *         nudge_trainer_read(trainer, NUDGE_WEIGHT_GRADIENT, 1, gradient, count, &error);     look
 *         nudge_trainer_update(trainer, &error);             w <- w - η ∂C/∂w
 * The parameters are changed by update alone, and at once. */

typedef struct nudge_trainer nudge_trainer;

/* Bytes that a trainer takes for mini-batches of up to options->batch_size rows (not 0 here). */
NUDGE_API nudge_status nudge_trainer_memory(const nudge_context *context, const nudge_net *net,
                                            const nudge_train_options *options, size_t *bytes,
                                            nudge_error *error);
/* Uses of the options: optimizer, learning_rate, momentum, beta1, beta2, epsilon, batch_size. `memory` as for
 * predictors. Allocates nothing when it is given. */
NUDGE_API nudge_status nudge_trainer_create(nudge_context *context, nudge_net *net,
                                            const nudge_train_options *options, void *memory, size_t bytes,
                                            nudge_trainer **trainer, nudge_error *error);
NUDGE_API void nudge_trainer_free(nudge_trainer *trainer);

/* The examples of the next step: features[rows][inputs] (as in the data), targets[rows][outputs].
 * Copied. */
NUDGE_API nudge_status nudge_trainer_batch(nudge_trainer *trainer, const float *features,
                                           const float *targets, size_t rows, nudge_error *error);
/* The same from a data set: the rows `indices[0 .. rows-1]` of a part. A net without transforms is fitted to the data first,
 * as nudge_train does it (nudge_net_fit): that reads all training rows, and takes memory. All count the same, whatever their weights: so
 * they do in checks, gradients, explanations and surfaces, too. */
NUDGE_API nudge_status nudge_trainer_rows(nudge_trainer *trainer, const nudge_data *data, nudge_part part,
                                          const size_t *indices, size_t rows, nudge_error *error);

/* The mean cost over the batch's rows; `cost` may be NULL. */
NUDGE_API nudge_status nudge_trainer_forward(nudge_trainer *trainer, double *cost, nudge_error *error);
/* Fills δ and the gradients, means over the batch. Needs a forward on this batch and these parameters. */
NUDGE_API nudge_status nudge_trainer_backward(nudge_trainer *trainer, nudge_error *error);
/* One step of the optimizer. Needs a backward. NUDGE_DIVERGED, and no step, when the cost is not finite. */
NUDGE_API nudge_status nudge_trainer_update(nudge_trainer *trainer, nudge_error *error);
NUDGE_API nudge_status nudge_trainer_set_learning_rate(nudge_trainer *trainer, double learning_rate,
                                                       nudge_error *error);

/* All that the trainer needs to go on later, in another process as well: the net's parameters and running state, the
 * optimizer's state, how many steps were made; not the batch, nor the learning rate. As bytes, like a net's:
 * nudge_net_save_memory. They go into a trainer of the same network, optimizer and momentum or not, as a whole or, when
 * they are not whole (NUDGE_BAD_INPUT) or of another (NUDGE_BAD_ARGUMENT), not at all; the next steps have the same bits. */
NUDGE_API nudge_status nudge_trainer_save_memory(const nudge_trainer *trainer, void *memory, size_t room,
                                                 size_t *size, nudge_error *error);
NUDGE_API nudge_status nudge_trainer_load_memory(nudge_trainer *trainer, const void *memory, size_t size,
                                                 nudge_error *error);

typedef enum nudge_quantity {
    NUDGE_ACTIVATION = 0,  /* a^(l) [rows][outputs]; l = 0 is the scaled input */
    NUDGE_WEIGHTED_SUM,    /* z^(l) [rows][outputs] */
    NUDGE_DELTA,           /* δ^(l) = ∂C_0/∂z^(l) of each example's own cost [rows][outputs] */
    NUDGE_WEIGHT_GRADIENT, /* ∂C/∂w^(l) [outputs][inputs], mean over the batch */
    NUDGE_BIAS_GRADIENT,   /* ∂C/∂b^(l) [outputs], mean over the batch */
    NUDGE_COST_EACH,       /* C_0 of each example [rows]; l is ignored */
    /* of explanations (nudge_insight.h) alone: */
    NUDGE_ACTIVATION_GRADIENT, /* ∂C_0/∂a^(l) [outputs], l from 0: the neurons' wishes with the sign turned */
    NUDGE_SLOPE,               /* σ'(z^(l)_j) = ∂a_j/∂z_j [outputs] */
    NUDGE_TARGET,              /* y [outputs]; l is ignored */
    NUDGE_COST_BY_OUTPUT,      /* what each output adds to C_0 [outputs]; l is ignored */
} nudge_quantity;

/* Copies what the last forward or backward computed: quantities up to NUDGE_COST_EACH. `count` is the array's
 * length and must be right; forward's quantities can be read after forward, the others after backward. */
NUDGE_API nudge_status nudge_trainer_read(const nudge_trainer *trainer, nudge_quantity quantity, size_t l,
                                          float *values, size_t count, nudge_error *error);

/* 10  WHAT IS WRONG: FINDINGS
 * ---------------------------
 * A training that ends well may still have come to nothing. Up to 1024 rows of the training part, and of the test part,
 * are walked forward and backward once, and numbers say what is wrong: answers no better than always the same one,
 * relu neurons that never answer, sigmoids that cannot move, gradients that get lost on their way, weights that are all
 * alike, outputs that cannot reach the targets, columns that are not scaled, classes without rows, a test part that is
 * answered much worse, a cost that still falls. */
typedef struct nudge_finding {
    size_t struct_size;
    const char *name;   /* "dead-relu", ..: one of nudge_finding_name() */
    double figure;      /* what it was found by, see its sentence */
    char sentence[256]; /* what is wrong */
    char advice[256];   /* what to try, with the command's option for it */
} nudge_finding;

#define NUDGE_FINDING                                                                                        \
    { .struct_size = sizeof(nudge_finding) }

/* The kinds there are, i = 0, 1, ..: the gravest first. NULL after the last. */
NUDGE_API const char *nudge_finding_name(size_t i);

/* Fills findings[0 .. *count-1], the gravest first; `room` is how many there is room for, each begun with NUDGE_FINDING. `training` (may be NULL): the
 * options that the net was trained with, `result` (may be NULL) what came of it. `diverged`: it ended with
 * NUDGE_DIVERGED. The net is not changed. */
NUDGE_API nudge_status nudge_diagnose(nudge_context *context, const nudge_net *net, const nudge_data *data,
                                      const nudge_train_options *training, const nudge_train_result *result,
                                      bool diverged, nudge_finding *findings, size_t room, size_t *count,
                                      nudge_error *error);

/* 11  LOOKING AT DATA
 * -------------------
 * What is in the columns of a data set, and what is wrong with it, before anything is trained. All rows of all parts
 * are read twice, in their order; memory is taken for columns, and at most 64 MiB for rows, however many there are.
 *
 *     nudge_survey_create(context, data, &survey, &error);
 *     for (size_t i = 0; nudge_survey_finding(survey, i, &finding); i++) puts(finding.sentence);
 *
 * The data must outlive the survey, and texts that it gives belong to them. */

typedef struct nudge_survey nudge_survey;

NUDGE_API nudge_status nudge_survey_create(nudge_context *context, const nudge_data *data,
                                           nudge_survey **survey, nudge_error *error);
NUDGE_API void nudge_survey_free(nudge_survey *survey);

enum { NUDGE_SURVEY_BINS = 16, NUDGE_SURVEY_DISTINCT = 1000 };

/* A column over all parts. Of a table those that it has; else each feature, then each column of numbers that are
 * targets, or one for the classes. */
typedef struct nudge_survey_column {
    size_t struct_size;
    const char *name; /* of a table's column; else NULL */
    nudge_column_role role;
    nudge_column_kind kind;
    size_t first, inputs;   /* of a feature: which inputs of the network it becomes */
    bool kept;              /* the data set has its values: a feature or a target. Else what follows is 0 */
    uint64_t rows, missing; /* missing: also those that became a table's category "missing" */
    bool constant;          /* every row has the same, and none is missing */
    /* Of the numbers that are there; NaN where there is none. The standard deviation divides by their count. */
    double low, high, mean, deviation;
    uint64_t bins[NUDGE_SURVEY_BINS]; /* from low to high, equally wide; the last has `high`, too */
    /* Different values. Of numbers they are counted up to NUDGE_SURVEY_DISTINCT, with more than 4096 columns up to
     * fewer; `more`: there are more. Of pixels they are not counted: 0, and `more`. */
    size_t distinct;
    bool more;
    /* Of categories, and of classes: */
    size_t category_count;
    const char *const *categories; /* [category_count], NULL: they have no names */
    const uint64_t *counts;        /* rows of each; belongs to the survey */
} nudge_survey_column;

#define NUDGE_SURVEY_COLUMN                                                                                  \
    { .struct_size = sizeof(nudge_survey_column) }

/* Column i = 0, 1, ..; false behind the last. */
NUDGE_API bool nudge_survey_columns(const nudge_survey *survey, size_t i, nudge_survey_column *column);
/* Rows of a part that are of a class; 0 for regression. */
NUDGE_API uint64_t nudge_survey_class_rows(const nudge_survey *survey, nudge_part part, size_t class_index);

/* What is wrong, i = 0, 1, .., the gravest first; false behind the last. Of a kind at most 8 are told one by one, and
 * the rest as one more; docs/command-line.md says when each is found. Pixels (images, and bytes of 64 columns and more)
 * are not judged one by one. Sentences are fit to be shown. */
NUDGE_API bool nudge_survey_finding(const nudge_survey *survey, size_t i, nudge_finding *finding);
/* The kinds there are, i = 0, 1, ..; `summary` (may be NULL) says what its figure is. NULL after the last. */
NUDGE_API const char *nudge_survey_finding_name(size_t i, const char **summary);

#ifdef __cplusplus
}
#endif
#endif
