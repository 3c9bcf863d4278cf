#ifndef UI_TUI_COPY_H
#define UI_TUI_COPY_H

/* The y of the views: a value onto the clipboard, and off it again. */

#include "ui/tui/app.h"

struct copied { /* what lies there, as far as this program knows */
	int64_t id;
	int index;
	int64_t until; /* app_now; 0: nothing */
};

/**
 * copy_field(a, id, index): a field of a record; if it lies there already, take it off.
 * Where copying is off, tell how it is switched on.
 * copy_left(a, id, index): milliseconds that it still lies there; 0: it does not.
 * copy_clear(a): take off what lies there, without a word. copy_tick(a): if it is time.
 */
void copy_field(struct app *a, int64_t id, int index);
int64_t copy_left(const struct app *a, int64_t id, int index);
void copy_clear(struct app *a);
void copy_tick(struct app *a);

#endif
