/* One gallery, for pictures that have some below other things. Of draw/ alone. */
#ifndef NUDGE_DRAW_GALLERY_H
#define NUDGE_DRAW_GALLERY_H

#include "draw/page.h"

/* Draws a gallery whose title's baseline is at y; returns where it ends, a scale aside. */
double gallery_draw(struct draw_page *page, double y, const struct draw_gallery *gallery, double title_size);

#endif
