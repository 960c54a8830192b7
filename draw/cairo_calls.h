/* cairo, loaded when the first picture is drawn: a command that draws none starts without it. */
#ifndef NUDGE_DRAW_CAIRO_CALLS_H
#define NUDGE_DRAW_CAIRO_CALLS_H

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>

#define CAIRO_CALLS(CALL)                                                                                    \
    CALL(arc)                                                                                                \
    CALL(clip)                                                                                               \
    CALL(close_path)                                                                                         \
    CALL(create)                                                                                             \
    CALL(destroy)                                                                                            \
    CALL(fill)                                                                                               \
    CALL(font_options_create)                                                                                \
    CALL(font_options_destroy)                                                                               \
    CALL(font_options_set_hint_metrics) CALL(font_options_set_hint_style) CALL(get_scaled_font)              \
        CALL(get_source) CALL(glyph_free) CALL(image_surface_create) CALL(image_surface_get_data)            \
            CALL(image_surface_get_stride) CALL(line_to) CALL(move_to) CALL(new_sub_path) CALL(paint)        \
                CALL(pattern_set_filter) CALL(pdf_surface_create_for_stream) CALL(recording_surface_create)  \
                    CALL(recording_surface_ink_extents) CALL(rectangle) CALL(restore) CALL(rotate)           \
                        CALL(save) CALL(scale) CALL(scaled_font_text_to_glyphs) CALL(select_font_face)       \
                            CALL(set_antialias) CALL(set_dash) CALL(set_font_options) CALL(set_font_size)    \
                                CALL(set_line_cap) CALL(set_line_join) CALL(set_line_width)                  \
                                    CALL(set_source_rgb) CALL(set_source_rgba) CALL(set_source_surface)      \
                                        CALL(show_text) CALL(status) CALL(status_to_string) CALL(stroke)     \
                                            CALL(surface_destroy) CALL(surface_finish)                       \
                                                CALL(surface_mark_dirty) CALL(surface_status)                \
                                                    CALL(surface_write_to_png_stream)                        \
                                                        CALL(svg_surface_create_for_stream)                  \
                                                            CALL(svg_surface_set_document_unit)              \
                                                                CALL(text_extents) CALL(translate)
#define MEMBER(name) __typeof__(cairo_##name) *name;
struct cairo_calls {
    CAIRO_CALLS(MEMBER)
};
#undef MEMBER

extern struct cairo_calls lib;

/* Before any other call. False where cairo is not installed. */
bool cairo_load(void);

#endif
