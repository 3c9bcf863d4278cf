/* The rows of a report on records: how they are drawn, moved through and marked. */
#include "ui/tui/shelf.h"

#include <stdlib.h>

#include "ui/tui/cursor.h"
#include "ui/tui/view_erase.h"

void
shelf_free(struct shelf *s)
{
	if (s->rows)
		secret_wipe(s->rows, s->n * sizeof *s->rows);
	free(s->rows);
	*s = (struct shelf){.changing = s->changing};
}

/* ${s}->n: it is not there. */
static size_t
place_of(const struct shelf *s, int64_t id)
{
	size_t i = 0;

	while (i < s->n && s->rows[i].id != id)
		i++;
	return i;
}

void
shelf_take(struct shelf *s, struct shelf *fresh)
{
	struct shelf old = *s;
	const struct shelf_row *at = shelf_current(&old);
	size_t i, to;

	*s = *fresh;
	*fresh = (struct shelf){0};
	s->changing = old.changing;
	s->cursor = old.cursor;
	s->top = old.top;
	s->height = old.height;
	for (i = 0; i < old.n; i++) {
		if (!old.rows[i].marked && &old.rows[i] != at)
			continue;
		to = place_of(s, old.rows[i].id);
		if (to == s->n)
			continue;
		s->rows[to].marked = old.rows[i].marked;
		if (&old.rows[i] == at)
			s->cursor = to;
	}
	shelf_free(&old);
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

bool
shelf_key(struct shelf *s, enum act act, const struct term_event *e)
{
	if (act != ACT_TOGGLE)
		return cursor_key(act, e, s->n, s->height, &s->cursor);
	if (s->cursor < s->n)
		s->rows[s->cursor].marked = !s->rows[s->cursor].marked;
	return cursor_key(ACT_DOWN, e, s->n, s->height, &s->cursor);
}

void
shelf_click(struct shelf *s, int line)
{
	if (line >= 0 && (size_t)line + s->top < s->n)
		s->cursor = (size_t)line + s->top;
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

void
shelf_leave(const struct shelf *s, struct view *v)
{
	if (s->changing)
		app_say(v->app, STYLE_WARN, "the change is still running; ^G cancels it");
	else
		app_pop(v->app, v);
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

void
shelf_erase(const struct shelf *s, struct app *a)
{
	size_t n;
	int64_t *ids = shelf_ids(s, &n);

	if (ids)
		view_erase_open(a, ids, n, NULL, NULL);
	free(ids);
}

void
shelf_close(struct shelf *s, struct app *a)
{
	if (s->changing)
		app_work_end(a);
	shelf_free(s);
}
