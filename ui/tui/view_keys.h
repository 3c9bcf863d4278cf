#ifndef UI_TUI_VIEW_KEYS_H
#define UI_TUI_VIEW_KEYS_H

/* What the keys screen's files share: keys in view_keys.c, drawing in keys_draw.c. */

#include "ui/tui/keys_jobs.h"
#include "ui/tui/view.h"

struct view_keys {
	struct view view;
	struct keys keys;
	struct rotate_status status;
	bool loaded, counted; /* keys, status are there */
	bool rotating;	      /* at the last tick */
	size_t cursor;	      /* slots first, then epochs */
	size_t top, height;   /* lines, with the heads among them */
	uint64_t generation;
};

/**
 * keys_slot_at(w): the slot under the cursor; NULL: it stands on an epoch.
 * keys_line_of(w, cursor), keys_cursor_of(w, line): between the cursor and lines of the
 * list; the latter -1 for a line that is a head.
 */
const struct key_slot *keys_slot_at(const struct view_keys *w);
size_t keys_line_of(const struct view_keys *w, size_t cursor);
int keys_cursor_of(const struct view_keys *w, size_t line);

void keys_draw(struct view *v);
void keys_status(struct view *v, char *out, size_t cap);

#endif
