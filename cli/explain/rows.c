/* nudge explain --all, --at: rows beside the example, as a table with their targets and answers, and their images. */
#include "cli/explain/explain.h"
#include "cli/tell/numbers.h"
#include "cli/tell/pictures.h"
#include "cli/tell/safe.h"
#include "cli/tell/table.h"

enum { CELLS = 4 };

static const int widths[] = {-8, -10, -10, 11, 12, 14, 12};

static struct number_text number(double value) {
    return number_short(value, 5);
}

/* The i-th row; its features, targets and outputs stand in `others` then. */
static int take(const struct explain *explain, const struct explain_rows *rows, size_t i,
                struct explain_row *row) {
    *row = (struct explain_row){.index = rows->index(rows->user, i)};
    int status = answers_take(explain->others, explain->opened.data, explain->part, row->index, 1);
    if (!status && !rows->take(rows->user, i, row)) status = EXIT_FAILED;
    return status;
}

static void print_row(const struct explain *explain, const struct explain_row *row) {
    const nudge_net *net = explain->opened.net;
    int32_t label = nudge_data_label(explain->opened.data, explain->part, row->index);
    char index[24], target[64], answer[64];
    format_text(index, sizeof index, "%zu", row->index);
    if (label >= 0) {
        size_t given = answer_of(explain->others, 0).class_index;
        format_text(target, sizeof target, "%s", safe_short(net_class_name(net, (size_t)label).text, 9).text);
        format_text(answer, sizeof answer, "%s", safe_short(net_class_name(net, given).text, 9).text);
    } else {
        format_text(target, sizeof target, "%s", number((double)explain->others->targets[0]).text);
        format_text(answer, sizeof answer, "%s", number((double)explain->others->outputs[0]).text);
    }
    TABLE_ROW(widths, index, target, answer, row->cells[0].text, row->cells[1].text, row->cells[2].text,
              row->cells[3].text);
}

/* As many as stand side by side. */
static int print_images(const struct explain *explain, const struct explain_rows *rows) {
    struct captioned pictures[PICTURES_MOST];
    size_t width, columns = pictures_columns(1), made = 0;
    int status = EXIT_DONE;
    if (!nudge_data_image(explain->opened.data, NULL, &width)) return status;
    size_t abreast = pictures_abreast(width);
    for (; made < rows->count && made < abreast; made++) {
        struct explain_row row;
        status = take(explain, rows, made, &row);
        if (!status &&
            !pictures_take(&pictures[made].picture, explain->opened.data, explain->others->features, columns))
            status = say_failure("not enough memory: for an image");
        if (status) break;
        format_text(pictures[made].caption, sizeof pictures[made].caption, "%s", row.caption);
    }
    if (status) {
        while (made > 0) picture_free(&pictures[--made].picture);
        return status;
    }
    if (made > 0) {
        putchar('\n');
        pictures_print(pictures, made, shades_for(stdout));
    }
    return EXIT_DONE;
}

int explain_print_rows(const struct explain *explain, const struct explain_rows *rows) {
    int status = EXIT_DONE;
    TABLE_HEAD(widths, "row", "target", "answer", rows->headings[0], rows->headings[1], rows->headings[2],
               rows->headings[3]);
    for (size_t i = 0; i < rows->count && !status; i++) {
        struct explain_row row;
        status = take(explain, rows, i, &row);
        if (!status) print_row(explain, &row);
    }
    return status ? status : print_images(explain, rows);
}
