/*
 * The columns chooser: which fields the list shows, in which order.
 *
 * 1. At least one column stays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/tui/view.h"

struct view_columns {
	struct view view;
	const char *title;
	int *order; /* all fields, the shown ones first as they came */
	bool *on;   /* per place in order */
	size_t n, at;
	columns_fn *chosen;
	void *arg;
};

static void
columns_size(struct view *v, int *rows, int *cols)
{
	*rows = (int)((struct view_columns *)v)->n + 3;
	*cols = 52;
}

static void
columns_draw(struct view *v)
{
	struct view_columns *c = (struct view_columns *)v;
	struct pane *p = v->pane;
	size_t i, fields_n, height = pane_rows(p) > 3 ? (size_t)pane_rows(p) - 3 : 1;
	size_t top = c->at >= height ? c->at - height + 1 : 0;
	const struct field *fields = app_fields(v->app, &fields_n);

	pane_frame(p, c->title);
	for (i = top; i < c->n && i < top + height; i++) {
		const struct field *f = &fields[c->order[i]];
		bool at = i == c->at;

		pane_putf(p, 1 + (int)(i - top), 1, pane_cols(p) - 2,
		    at ? STYLE_SELECTED : STYLE_TEXT, "%s[%c] %s (%s)", at ? "> " : "  ",
		    c->on[i] ? 'x' : ' ', f->label, class_name(f->cls));
		if (at && term_plain())
			pane_cursor(p, 1 + (int)(i - top), 1);
	}
	pane_put(p, pane_rows(p) - 2, 2, pane_cols(p) - 3, STYLE_DIM,
	    "Space: on/off  + -: move  Enter: take");
}

static void
swap(struct view_columns *c, size_t to)
{
	int order = c->order[c->at];
	bool on = c->on[c->at];

	c->order[c->at] = c->order[to];
	c->on[c->at] = c->on[to];
	c->order[to] = order;
	c->on[to] = on;
	c->at = to;
}

static void
take(struct view_columns *c)
{
	columns_fn *chosen = c->chosen;
	void *arg = c->arg;
	int *columns = calloc(c->n + 1, sizeof *columns);
	size_t i, n = 0;

	for (i = 0; columns && i < c->n; i++)
		if (c->on[i])
			columns[n++] = c->order[i];
	if (n == 0) {
		app_say(c->view.app, STYLE_WARN, "one column at least must be shown");
	} else {
		app_pop(c->view.app, &c->view);
		chosen(arg, columns, n);
	}
	free(columns);
}

static bool
columns_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_columns *c = (struct view_columns *)v;

	if (act == ACT_UP || e->key == K_WHEEL_UP)
		c->at -= c->at > 0;
	else if (act == ACT_DOWN || e->key == K_WHEEL_DOWN)
		c->at += c->at + 1 < c->n;
	else if (act == ACT_TOGGLE)
		c->on[c->at] = !c->on[c->at];
	else if (act == ACT_LEFT && c->at > 0)
		swap(c, c->at - 1);
	else if (act == ACT_RIGHT && c->at + 1 < c->n)
		swap(c, c->at + 1);
	else if (act == ACT_OPEN)
		take(c);
	else if (act == ACT_BACK)
		app_pop(v->app, v);
	else
		return false;
	return true;
}

static void
columns_close(struct view *v)
{
	struct view_columns *c = (struct view_columns *)v;

	free(c->order);
	free(c->on);
	free(c);
}

static const struct binding columns_keys[] = {{'j', ACT_DOWN, NULL, "next"},
    {K_DOWN, ACT_DOWN, NULL, NULL}, {'k', ACT_UP, NULL, "before"},
    {K_UP, ACT_UP, NULL, NULL}, {' ', ACT_TOGGLE, NULL, "show it or not"},
    {'-', ACT_LEFT, NULL, "move it to the left"}, {'h', ACT_LEFT, NULL, NULL},
    {'+', ACT_RIGHT, NULL, "move it to the right"}, {'l', ACT_RIGHT, NULL, NULL},
    {K_ENTER, ACT_OPEN, NULL, "take these columns"}, {K_ESC, ACT_BACK, NULL, "close"},
    {'q', ACT_BACK, NULL, NULL}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops columns_ops = {.title = "Columns",
    .keys = columns_keys,
    .dialog = true,
    .size = columns_size,
    .draw = columns_draw,
    .key = columns_key,
    .close = columns_close};

static void
fill(struct view_columns *c, const int *shown, size_t n)
{
	size_t i;
	bool *seen = calloc(c->n + 1, sizeof *seen);
	size_t at = 0;

	for (i = 0; i < n && at < c->n; i++) {
		if (seen)
			seen[shown[i]] = true;
		c->on[at] = true;
		c->order[at++] = shown[i];
	}
	for (i = 0; seen && i < c->n && at < c->n; i++)
		if (!seen[i])
			c->order[at++] = (int)i;
	c->n = at;
	free(seen);
}

void
view_columns_open(struct app *a, const char *title, const int *shown, size_t n,
    columns_fn *chosen, void *arg)
{
	struct view_columns *c = calloc(1, sizeof *c);

	if (!c)
		return;
	app_fields(a, &c->n);
	c->order = calloc(c->n + 1, sizeof *c->order);
	c->on = calloc(c->n + 1, sizeof *c->on);
	if (!c->order || !c->on) {
		columns_close(&c->view);
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	fill(c, shown, n);
	c->title = title;
	c->view.ops = &columns_ops;
	c->chosen = chosen;
	c->arg = arg;
	app_push(a, &c->view);
}
