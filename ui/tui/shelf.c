/* The rows of a report on records: how they are drawn, moved through and marked. */
#include "ui/tui/shelf.h"

#include <stdlib.h>

#define WHEEL 3

void
shelf_free(struct shelf *s)
{
	if (s->rows)
		secret_wipe(s->rows, s->n * sizeof *s->rows);
	free(s->rows);
	*s = (struct shelf){0};
}

void
shelf_draw(struct shelf *s, struct pane *p, int row, shelf_put_fn *put, void *arg)
{
	size_t i;

	s->height = pane_rows(p) > row ? (size_t)(pane_rows(p) - row) : 1;
	if (s->cursor >= s->n)
		s->cursor = s->n ? s->n - 1 : 0;
	if (s->cursor < s->top)
		s->top = s->cursor;
	if (s->cursor >= s->top + s->height)
		s->top = s->cursor - s->height + 1;
	for (i = 0; i < s->height && s->top + i < s->n; i++) {
		const struct shelf_row *at = &s->rows[s->top + i];
		const bool here = s->top + i == s->cursor;
		const int line = row + (int)i;

		pane_put(p, line, 0, 2, here ? STYLE_SELECTED : STYLE_TEXT,
		    at->marked ? (here ? ">*" : " *") : (here ? "> " : ""));
		put(arg, at, line, 2, here);
		if (here && term_plain())
			pane_cursor(p, line, 0);
	}
}

static void
move(struct shelf *s, int64_t by)
{
	int64_t to = (int64_t)s->cursor + by;

	if (to >= (int64_t)s->n)
		to = (int64_t)s->n - 1;
	s->cursor = to < 0 ? 0 : (size_t)to;
}

bool
shelf_key(struct shelf *s, enum act act, const struct term_event *e)
{
	const int64_t page = s->height > 1 ? (int64_t)s->height - 1 : 1;

	if (act == ACT_UP || act == ACT_DOWN)
		move(s, act == ACT_UP ? -1 : 1);
	else if (act == ACT_PAGE_UP || act == ACT_PAGE_DOWN)
		move(s, act == ACT_PAGE_UP ? -page : page);
	else if (act == ACT_FIRST || act == ACT_LAST)
		move(s, act == ACT_FIRST ? -(int64_t)s->n : (int64_t)s->n);
	else if (e->key == K_WHEEL_UP || e->key == K_WHEEL_DOWN)
		move(s, e->key == K_WHEEL_UP ? -WHEEL : WHEEL);
	else if (act == ACT_TOGGLE && s->cursor < s->n) {
		s->rows[s->cursor].marked = !s->rows[s->cursor].marked;
		move(s, 1);
	} else {
		return false;
	}
	return true;
}

const struct shelf_row *
shelf_current(const struct shelf *s)
{
	return s->cursor < s->n ? &s->rows[s->cursor] : NULL;
}

size_t
shelf_marked(const struct shelf *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->n; i++)
		n += s->rows[i].marked;
	return n;
}

int64_t *
shelf_ids(const struct shelf *s, size_t *n)
{
	const struct shelf_row *at = shelf_current(s);
	int64_t *ids = at ? calloc(s->n, sizeof *ids) : NULL;
	size_t i;

	*n = 0;
	if (!ids)
		return NULL;
	for (i = 0; i < s->n; i++)
		if (s->rows[i].marked)
			ids[(*n)++] = s->rows[i].id;
	if (*n == 0)
		ids[(*n)++] = at->id;
	return ids;
}
