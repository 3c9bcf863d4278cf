/* Lines of text that a view scrolls through. */
#include "ui/tui/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"

static bool
grow(struct lines *l)
{
	struct line *more;

	if (l->n < l->cap)
		return true;
	more = realloc(l->at, (l->cap * 2 + 32) * sizeof *more);
	if (!more)
		return false;
	l->at = more;
	l->cap = l->cap * 2 + 32;
	return true;
}

void
lines_add(struct lines *l, enum style style, int tag, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		return;
	if (!grow(l)) {
		secret_wipe(text, (size_t)len);
		free(text);
		return;
	}
	l->at[l->n++] = (struct line){style, tag, text};
}

void
lines_clear(struct lines *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		secret_wipe(l->at[i].text, strlen(l->at[i].text));
		free(l->at[i].text);
	}
	free(l->at);
	l->at = NULL;
	l->n = l->cap = 0;
}

void
lines_draw(struct lines *l, struct pane *p, int row)
{
	const size_t height = pane_rows(p) > row ? (size_t)(pane_rows(p) - row) : 1;
	size_t i;

	if (l->cursor >= l->n)
		l->cursor = l->n ? l->n - 1 : 0;
	if (l->cursor < l->top)
		l->top = l->cursor;
	if (l->cursor >= l->top + height)
		l->top = l->cursor - height + 1;
	for (i = 0; i < height && l->top + i < l->n; i++) {
		const struct line *at = &l->at[l->top + i];
		const bool here = l->top + i == l->cursor;

		pane_put(p, row + (int)i, 0, 2, here ? STYLE_SELECTED : at->style,
		    here ? "> " : "");
		pane_put(p, row + (int)i, 2, pane_cols(p) - 2,
		    here && at->tag != LINE_NONE ? STYLE_SELECTED : at->style, at->text);
		if (here && term_plain())
			pane_cursor(p, row + (int)i, 0);
	}
}

static void
move(struct lines *l, int64_t by)
{
	int64_t to = (int64_t)l->cursor + by;

	if (to >= (int64_t)l->n)
		to = (int64_t)l->n - 1;
	l->cursor = to < 0 ? 0 : (size_t)to;
}

bool
lines_key(struct lines *l, enum act act, const struct term_event *e, size_t height)
{
	const int64_t page = (int64_t)height, all = (int64_t)l->n;

	if (act == ACT_UP || act == ACT_DOWN)
		move(l, act == ACT_UP ? -1 : 1);
	else if (act == ACT_PAGE_UP || act == ACT_PAGE_DOWN)
		move(l, act == ACT_PAGE_UP ? -page : page);
	else if (act == ACT_FIRST || act == ACT_LAST)
		move(l, act == ACT_FIRST ? -all : all);
	else if (e->key == K_WHEEL_UP || e->key == K_WHEEL_DOWN)
		move(l, e->key == K_WHEEL_UP ? -3 : 3);
	else
		return false;
	return true;
}

int
lines_tag(const struct lines *l)
{
	return l->cursor < l->n ? l->at[l->cursor].tag : LINE_NONE;
}
