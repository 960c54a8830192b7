/* See image_set.h. All files are named and counted before any of them is decoded, and room for all their pixels is
 * taken at once. */
#include "read/image_set.h"

#include "base/file.h"
#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "read/image_fit.h"
#include "read/listing.h"
#include "read/memory_limit.h"

#include <string.h>

enum { FIRST_ROOM = 64, SPLIT_TEST = 1 /* the validation part is drawn from stream 0 of the same purpose */ };

struct picture {
    char *path;
    size_t class;
    nudge_part part;
};

struct image_set {
    const nudge_allocator *allocator;
    const char *folder;
    const nudge_data_options *options;
    struct listing classes;
    struct picture *pictures; /* [room], of which count are there */
    size_t count, room;
    struct image_form form;
    bool drawn; /* the test part */
    bool sized; /* all are made as large as the form says */
};

static size_t count_part(const struct image_set *set, nudge_part part) {
    size_t rows = 0;
    for (size_t i = 0; i < set->count; i++) rows += set->pictures[i].part == part;
    return rows;
}

/* -- names -- */

static bool ends_in(const char *name, const char *ending) {
    size_t length = strlen(name), last = strlen(ending);
    return length >= last && strcmp(name + length - last, ending) == 0;
}

/* What file managers and people leave beside images. */
static bool is_clutter(const char *name) {
    static const char *const names[] = {"Thumbs.db", "desktop.ini", ".DS_Store", "__MACOSX"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return strncmp(name, "._", 2) == 0 || ends_in(name, ".txt") || ends_in(name, ".md");
}

static bool find_part(const char *name, nudge_part *part) {
    static const struct {
        const char *name;
        nudge_part part;
    } names[] = {{"train", NUDGE_PART_TRAIN},
                 {"val", NUDGE_PART_VALIDATION},
                 {"valid", NUDGE_PART_VALIDATION},
                 {"validation", NUDGE_PART_VALIDATION},
                 {"test", NUDGE_PART_TEST}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i].name) == 0) {
            *part = names[i].part;
            return true;
        }
    return false;
}

static nudge_status refuse_entry(const char *path, const char *what, nudge_error *error) {
    return error_set(error, NUDGE_BAD_INPUT, "%s: %s", shown(path).text, what);
}

/* A name that stands for itself in sentences and in model files. */
static bool is_plain(const char *name) {
    bool plain = utf8_is(name);
    for (const char *c = name; *c; c++) plain &= (unsigned char)*c >= 0x20 && *c != 0x7F;
    return plain;
}

/* -- folders of folders -- */

typedef nudge_status entry_visitor(struct image_set *set, void *user, const char *path, const char *name,
                                   nudge_error *error);

/* Calls `visit` for every name in the folder that is not clutter, in order. */
static nudge_status visit_entries(struct image_set *set, const char *folder, entry_visitor *visit, void *user,
                                  nudge_error *error) {
    struct listing listing;
    nudge_status status = listing_read(&listing, set->allocator, folder, error);
    if (status) return status;
    for (size_t i = 0; !status && i < listing.count; i++) {
        const char *name = listing.names[i];
        if (is_clutter(name)) continue;
        char *path = file_path_join(set->allocator, folder, name);
        if (!path)
            status = error_no_memory(error, strlen(folder) + strlen(name) + 2, "a file's name");
        else if (name[0] == '.')
            status = refuse_entry(path, "is hidden, expected images in folders alone", error);
        else
            status = visit(set, user, path, name, error);
        memory_release_text(set->allocator, path);
    }
    listing_release(&listing, set->allocator);
    return status;
}

/* Adds the name of a folder to a listing. */
static nudge_status add_folder(struct image_set *set, void *user, const char *path, const char *name,
                               nudge_error *error) {
    if (!file_is_folder(path))
        return refuse_entry(path, "lies beside the folders, expected in the folder of its class", error);
    if (!is_plain(name))
        return refuse_entry(path, "its name is no UTF-8 or has control characters, expected a class's name",
                            error);
    return listing_add(user, set->allocator, name, error);
}

/* Whether the folders are parts: all have such names, and there is a training part. */
static bool are_parts(const struct listing *folders) {
    nudge_part part;
    size_t place;
    for (size_t i = 0; i < folders->count; i++)
        if (!find_part(folders->names[i], &part)) return false;
    return listing_find(folders, "train", &place);
}

/* -- gathering -- */

static nudge_status make_picture_room(struct image_set *set, nudge_error *error) {
    size_t room = set->room ? 2 * set->room : FIRST_ROOM;
    struct picture *longer = memory_get(set->allocator, room * sizeof *longer);
    if (!longer) return error_no_memory(error, room * sizeof *longer, "the files' names");
    for (size_t i = 0; i < set->count; i++) longer[i] = set->pictures[i];
    memory_release(set->allocator, set->pictures, set->room * sizeof *set->pictures);
    set->pictures = longer;
    set->room = room;
    return NUDGE_OK;
}

/* `user` is a struct picture with the class and the part. */
static nudge_status add_picture(struct image_set *set, void *user, const char *path, const char *name,
                                nudge_error *error) {
    (void)name;
    struct picture picture = *(const struct picture *)user;
    if (file_is_folder(path)) return refuse_entry(path, "is a folder, expected an image", error);
    nudge_status status = set->count == set->room ? make_picture_room(set, error) : NUDGE_OK;
    if (status) return status;
    picture.path = memory_copy_text(set->allocator, path);
    if (!picture.path) return error_no_memory(error, strlen(path) + 1, "a file's name");
    set->pictures[set->count++] = picture;
    return NUDGE_OK;
}

/* `user` is the part. */
static bool labels_of_net(const struct image_set *set) {
    return set->options->net && !set->options->new_targets;
}

static nudge_status add_class(struct image_set *set, void *user, const char *path, const char *name,
                              nudge_error *error) {
    struct picture picture = {.part = *(const nudge_part *)user};
    size_t before = set->count;
    if (!file_is_folder(path))
        return refuse_entry(path, "lies beside the folders, expected in the folder of its class", error);
    if (!listing_find(&set->classes, name, &picture.class))
        return error_set(error, NUDGE_BAD_INPUT, "%s: a class that %s does not know", shown(path).text,
                         labels_of_net(set) ? "the network" : "the training part");
    nudge_status status = visit_entries(set, path, add_picture, &picture, error);
    if (!status && set->count == before && picture.part == NUDGE_PART_TRAIN)
        status = refuse_entry(path, "has no images", error);
    return status;
}

/* The classes are the network's where it names them, else the folder's. */
static nudge_status find_classes(struct image_set *set, const char *folder, nudge_error *error) {
    const char *label;
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; !status && labels_of_net(set) && (label = nudge_net_label(set->options->net, i)); i++)
        status = listing_add(&set->classes, set->allocator, label, error);
    if (!status && set->classes.count == 0)
        status = visit_entries(set, folder, add_folder, &set->classes, error);
    if (!status && set->classes.count < 2)
        status = error_set(
            error, NUDGE_BAD_INPUT, "%s: has %s, expected a folder for each of two classes or more",
            shown(folder).text, set->classes.count ? "images of one class alone" : "no folders of images");
    return status;
}

static nudge_status gather_part(struct image_set *set, const char *folder, nudge_part part,
                                nudge_error *error) {
    nudge_status status = part == NUDGE_PART_TRAIN ? find_classes(set, folder, error) : NUDGE_OK;
    return status ? status : visit_entries(set, folder, add_class, &part, error);
}

/* The folders of a part, in the order of the names; the training part comes first, as it has the classes. */
static nudge_status gather_named(struct image_set *set, const struct listing *folders, nudge_part wanted,
                                 nudge_error *error) {
    nudge_status status = NUDGE_OK;
    const char *taken = NULL;
    for (size_t i = 0; !status && i < folders->count; i++) {
        nudge_part part = wanted;
        if (!find_part(folders->names[i], &part) || part != wanted) continue;
        if (taken)
            return error_set(error, NUDGE_BAD_INPUT, "%s: has both %s and %s, expected one of them",
                             shown(set->folder).text, taken, folders->names[i]);
        taken = folders->names[i];
        char *path = file_path_join(set->allocator, set->folder, taken);
        status = path ? gather_part(set, path, part, error)
                      : error_no_memory(error, strlen(set->folder) + strlen(taken) + 2, "a file's name");
        memory_release_text(set->allocator, path);
    }
    return status;
}

static nudge_status gather(struct image_set *set, nudge_error *error) {
    struct listing folders = {0};
    nudge_status status = visit_entries(set, set->folder, add_folder, &folders, error);
    bool parts = !status && are_parts(&folders);
    if (parts) status = gather_named(set, &folders, NUDGE_PART_TRAIN, error);
    if (parts && !status) status = gather_named(set, &folders, NUDGE_PART_VALIDATION, error);
    if (parts && !status) status = gather_named(set, &folders, NUDGE_PART_TEST, error);
    listing_release(&folders, set->allocator);
    return status || parts ? status : gather_part(set, set->folder, NUDGE_PART_TRAIN, error);
}

/* -- parts that are drawn: the one place where rows are divided -- */

/* Moves `chosen` of the `rows` pictures to the test part, drawn without replacement (see select_rows in data/data.c). */
static void draw_test(struct picture *pictures, size_t rows, size_t chosen, uint64_t seed) {
    struct random_stream stream =
        random_stream_make(seed, RANDOM_SPLIT, SPLIT_TEST, 0, (uint32_t)pictures->class);
    for (size_t i = 0; i < rows; i++)
        if (random_below(&stream, (uint32_t)(rows - i)) < chosen) {
            pictures[i].part = NUDGE_PART_TEST;
            chosen--;
        }
}

/* A share below 0 is a wish. */
static double test_share(const nudge_data_options *options) {
    return options->test_split < 0 ? -options->test_split : options->test_split;
}

/* Of each class, whose pictures stand side by side, the share goes to the test part; one stays at least. */
static nudge_status divide(struct image_set *set, nudge_error *error) {
    double share = test_share(set->options);
    size_t drawn = 0, rows = 0;
    bool parts = count_part(set, NUDGE_PART_TEST) > 0;
    if (share == 0 || (parts && set->options->test_split < 0)) return NUDGE_OK;
    if (parts)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s: has a test part already", shown(set->folder).text);
    for (size_t i = 0; i < set->count && set->pictures[i].part == NUDGE_PART_TRAIN; i += rows) {
        struct picture *first = &set->pictures[i];
        for (rows = 1; i + rows < set->count && first[rows].part == NUDGE_PART_TRAIN &&
                       first[rows].class == first->class;)
            rows++;
        size_t chosen = (size_t)((double)rows * share + 0.5);
        chosen = chosen < rows ? chosen : rows - 1;
        draw_test(first, rows, chosen, set->options->seed);
        drawn += chosen;
    }
    set->drawn = drawn > 0;
    if (drawn == 0 && set->options->test_split > 0)
        return error_set(error, NUDGE_BAD_INPUT, "%s: no class has images enough for a test part of %s",
                         shown(set->folder).text, text_number(share, 6).text);
    return NUDGE_OK;
}

/* -- what all images become -- */

static nudge_status check_image_options(const nudge_data_options *options, const char *folder,
                                        nudge_error *error) {
    struct shown_text name = shown(folder);
    double test = test_share(options);
    if (!(test >= 0 && options->validation_split >= 0 && test + options->validation_split < 1))
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "%s: shares %s for the test and %s for validation, expected less than 1 together",
                         name.text, text_number(test, 6).text,
                         text_number(options->validation_split, 6).text);
    if (options->test_file || options->validation_file)
        return error_set(error, NUDGE_BAD_ARGUMENT,
                         "%s: of images no file is a part: expected folders train/CLASS, test/CLASS and "
                         "val/CLASS, or shares that are drawn",
                         name.text);
    if (!options->height != !options->width)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s: images of %zux%zu, expected both sides or none",
                         name.text, options->height, options->width);
    if (options->height && options->height > IMAGE_MOST_PIXELS / options->width)
        return error_set(error, NUDGE_BAD_ARGUMENT, "%s: images of %zux%zu, expected at most %d pixels",
                         name.text, options->height, options->width, IMAGE_MOST_PIXELS);
    return NUDGE_OK;
}

static nudge_status find_form(struct image_set *set, nudge_error *error) {
    const nudge_data_options *options = set->options;
    set->form = (struct image_form){options->height, options->width, options->colour, options->invert};
    set->sized = options->height || image_side_of_net(options->net, options->colour, &set->form.height);
    if (set->sized && !options->height) set->form.width = set->form.height;
    if (set->sized) return NUDGE_OK;
    struct image image;
    nudge_status status = image_read(&image, set->allocator, set->pictures[0].path, error);
    if (status) return status;
    set->form.height = image.height;
    set->form.width = image.width;
    image_release(&image, set->allocator);
    return NUDGE_OK;
}

static nudge_status check_size(const struct image_set *set, const struct image *image, const char *path,
                               nudge_error *error) {
    const struct image_form *form = &set->form;
    if (set->sized || (image->height == form->height && image->width == form->width)) return NUDGE_OK;
    return error_set(error, NUDGE_BAD_INPUT,
                     "%s: an image of %zux%zu pixels, expected %zux%zu as the first one, %s; to make all "
                     "of one size, give it: --size %zux%zu",
                     shown(path).text, image->height, image->width, form->height, form->width,
                     shown(set->pictures[0].path).text, form->height, form->width);
}

/* -- the data -- */

static nudge_status check_room(const struct image_set *set, const nudge_context *context,
                               nudge_error *error) {
    size_t bytes, limit = context->data_memory ? context->data_memory : memory_limit() / 2;
    if (!size_multiply(&bytes, set->count, image_form_bytes(&set->form))) bytes = SIZE_MAX;
    if (bytes <= limit) return NUDGE_OK;
    return error_set(error, NUDGE_NO_MEMORY,
                     "%s: %zu images of %zux%zu take %zu bytes, data may take %zu: expected smaller ones "
                     "(--size 28x28, or the like)",
                     shown(set->folder).text, set->count, set->form.height, set->form.width, bytes, limit);
}

static nudge_status fill_row(const struct image_set *set, const struct picture *picture,
                             struct data_block *block, size_t row, nudge_error *error) {
    struct image image;
    nudge_status status = image_read(&image, set->allocator, picture->path, error);
    if (status) return status;
    status = check_size(set, &image, picture->path, error);
    if (!status) {
        image_fit(&image, &set->form, (uint8_t *)block->values + row * image_form_bytes(&set->form));
        block->labels[row] = (int32_t)picture->class;
    }
    image_release(&image, set->allocator);
    return status;
}

/* The pictures of a part become the rows first, first + 1, ... of the block. */
static nudge_status fill_part(const struct image_set *set, nudge_data *data, nudge_part part,
                              struct data_block *block, size_t first, nudge_error *error) {
    nudge_status status = NUDGE_OK;
    for (size_t i = 0; !status && i < set->count; i++) {
        if (set->pictures[i].part != part) continue;
        status = fill_row(set, &set->pictures[i], block, first++, error);
        if (!status) status = data_add_file(data, set->pictures[i].path, error);
    }
    return status;
}

static nudge_status name_classes(const struct image_set *set, nudge_data *data, nudge_error *error) {
    if (set->drawn) data->test_share = test_share(set->options);
    size_t bytes = set->classes.count * sizeof *data->class_names;
    data->class_names = memory_get_zeroed(set->allocator, bytes);
    if (!data->class_names) return error_no_memory(error, bytes, "the classes' names");
    for (size_t i = 0; i < set->classes.count; i++) {
        data->class_names[i] = memory_copy_text(set->allocator, set->classes.names[i]);
        if (!data->class_names[i])
            return error_no_memory(error, strlen(set->classes.names[i]) + 1, "a class's name");
    }
    return NUDGE_OK;
}

/* The rows of the training block from `train` on are the validation part. */
static nudge_status set_apart(nudge_data *data, size_t train, size_t validation, nudge_error *error) {
    const nudge_allocator *allocator = &data->context->allocator;
    if (validation == 0) return NUDGE_OK;
    uint32_t *kept = memory_get(allocator, train * sizeof *kept),
             *apart = memory_get(allocator, validation * sizeof *apart);
    if (!kept || !apart) {
        memory_release(allocator, kept, train * sizeof *kept);
        memory_release(allocator, apart, validation * sizeof *apart);
        return error_no_memory(error, (train + validation) * sizeof *kept, "the validation part");
    }
    for (size_t i = 0; i < train; i++) kept[i] = (uint32_t)i;
    for (size_t i = 0; i < validation; i++) apart[i] = (uint32_t)(train + i);
    data->parts[NUDGE_PART_TRAIN] = (struct data_part){&data->train, train, kept};
    data->parts[NUDGE_PART_VALIDATION] = (struct data_part){&data->train, validation, apart};
    return NUDGE_OK;
}

static nudge_status fill(const struct image_set *set, nudge_data *data, nudge_error *error) {
    size_t train = count_part(set, NUDGE_PART_TRAIN), validation = count_part(set, NUDGE_PART_VALIDATION);
    nudge_status status = name_classes(set, data, error);
    if (!status) status = fill_part(set, data, NUDGE_PART_TRAIN, &data->train, 0, error);
    if (!status) status = fill_part(set, data, NUDGE_PART_VALIDATION, &data->train, train, error);
    if (!status) status = fill_part(set, data, NUDGE_PART_TEST, &data->test, 0, error);
    if (!status) status = data_finish(data, error);
    if (!status) status = set_apart(data, train, validation, error);
    double share = set->options->validation_split;
    if (status || share == 0) return status;
    double fraction =
        share * (double)set->count / (double)train; /* of all rows, of which some may be test rows */
    return nudge_data_split(data, fraction < 1 ? fraction : share, set->options->seed, error);
}

static nudge_status make_data(const struct image_set *set, nudge_context *context, const char *name,
                              nudge_data **data, nudge_error *error) {
    nudge_status status = check_room(set, context, error);
    if (status) return status;
    bool grey = !set->form.colour; /* what is drawn has one channel */
    struct data_shape shape = {.type = NUDGE_TYPE_U8,
                               .features = image_form_bytes(&set->form),
                               .classes = set->classes.count,
                               .height = grey ? set->form.height : 0,
                               .width = grey ? set->form.width : 0};
    struct data_room test = {count_part(set, NUDGE_PART_TEST), false},
                     train = {set->count - test.rows, false};
    nudge_data *made;
    status = data_allocate(context, &shape, train, test, shown(name).text, &made, error);
    if (status) return status;
    status = fill(set, made, error);
    if (status) {
        nudge_data_free(made);
        return status;
    }
    *data = made;
    return NUDGE_OK;
}

nudge_status image_folder_open(nudge_context *context, const char *folder, const char *name,
                               const nudge_data_options *options, nudge_data **data, nudge_error *error) {
    struct image_set set = {.allocator = &context->allocator, .folder = folder, .options = options};
    nudge_status status = check_image_options(options, folder, error);
    if (!status) status = gather(&set, error);
    if (!status && set.count == 0) status = refuse_entry(folder, "has no images", error);
    if (!status) status = divide(&set, error);
    if (!status) status = find_form(&set, error);
    if (!status) status = make_data(&set, context, name, data, error);
    for (size_t i = 0; i < set.count; i++) memory_release_text(set.allocator, set.pictures[i].path);
    memory_release(set.allocator, set.pictures, set.room * sizeof *set.pictures);
    listing_release(&set.classes, set.allocator);
    return status;
}

/* -- is it one? -- */

enum { DEPTH = 2 };

static nudge_status look_for_image(bool *found, const nudge_allocator *allocator, const char *folder,
                                   unsigned depth) {
    struct listing listing;
    nudge_status status = listing_read(&listing, allocator, folder, NULL);
    if (status) return status == NUDGE_NO_MEMORY ? status : NUDGE_OK;
    for (size_t i = 0; !status && !*found && i < listing.count; i++) {
        if (listing.names[i][0] == '.' || is_clutter(listing.names[i])) continue;
        char *path = file_path_join(allocator, folder, listing.names[i]);
        if (!path) {
            status = NUDGE_NO_MEMORY;
        } else if (!file_is_folder(path)) {
            image_file_is(found, path, NULL);
        } else if (depth < DEPTH) {
            status = look_for_image(found, allocator, path, depth + 1);
        }
        memory_release_text(allocator, path);
    }
    listing_release(&listing, allocator);
    return status;
}

nudge_status image_folder_holds(bool *holds, const nudge_allocator *allocator, const char *folder,
                                nudge_error *error) {
    *holds = false;
    nudge_status status = look_for_image(holds, allocator, folder, 0);
    return status ? error_no_memory(error, strlen(folder) + 1, "a folder's names") : NUDGE_OK;
}
