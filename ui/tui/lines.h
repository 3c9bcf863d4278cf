#ifndef UI_TUI_LINES_H
#define UI_TUI_LINES_H

/* Lines of text that a view scrolls through; what they held is wiped when they go. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/tui/keymap.h"
#include "ui/tui/term.h"

#define LINE_NONE (-1)

struct line {
	enum style style;
	int tag; /* what it stands for; LINE_NONE: nothing */
	char *text; /* ours; NULL: it is a part of a value, */
	const char *part; /* this one, which is its owner's */
	size_t len;
};

struct lines { /* zero at the beginning */
	struct line *at;
	size_t n, cap, cursor, top;
};

/**
 * lines_add(l, style, tag, fmt, ...): one more; where there is no memory it is left out.
 * lines_clear(l): wipe and free them; the cursor stays where it was.
 */
void lines_add(struct lines *l, enum style style, int tag, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void lines_clear(struct lines *l);

/**
 * lines_add_text(l, style, text, len, width): a value of any length, broken at its line ends and
 * where ${width} columns are full; never inside a character. It is not copied: it stands
 * until lines_clear.
 */
void lines_add_text(
    struct lines *l, enum style style, const char *text, size_t len, int width);
/* Bytes of ${s} up to its line end that stand on one line; of one character at least. */
size_t lines_fit(const char *s, size_t len, int width);

/**
 * lines_draw(l, p, row): all of ${p} from ${row} on. lines_key(l, act, e, height): move; false:
 * it was no key that moves. lines_tag(l): of the line that the cursor is on.
 */
void lines_draw(struct lines *l, struct pane *p, int row);
bool lines_key(struct lines *l, enum act act, const struct term_event *e, size_t height);
int lines_tag(const struct lines *l);

#endif
