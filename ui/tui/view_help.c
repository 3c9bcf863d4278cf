/*
 * The help overlay: the keymap of the view in which it was opened, then the global one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/op.h"
#include "ui/tui/cursor.h"
#include "ui/tui/view.h"

#define KEYS_WIDTH 22
#define LINES_MAX  96

struct help_line {
	char keys[64];
	const char *help;
};

struct view_help {
	struct view view;
	const char *of;
	struct help_line lines[LINES_MAX];
	size_t n, top;
	bool words; /* a table comes before the keys */
};

/* Rows without a help text are further keys of the row before. */
static void
add_table(struct view_help *h, const struct binding *b)
{
	for (; b->key && h->n < LINES_MAX; b++) {
		char name[16];
		size_t len;

		if (b->help || h->n == 0)
			h->lines[h->n++].help = b->help ? b->help : "";
		keymap_key_name(b->key, name, sizeof name);
		len = strlen(h->lines[h->n - 1].keys);
		snprintf(h->lines[h->n - 1].keys + len, sizeof h->lines->keys - len,
		    "%s%s", len ? "  " : "", name);
	}
}

static void
add_words(struct view_help *h, const struct op_word *w)
{
	for (; w && w->word && h->n < LINES_MAX; w++) {
		snprintf(h->lines[h->n].keys, sizeof h->lines->keys, "%s", w->word);
		h->lines[h->n++].help = w->means;
	}
}

static void
help_size(struct view *v, int *rows, int *cols)
{
	*rows = (int)((struct view_help *)v)->n + 2;
	*cols = 78;
}

static size_t
help_height(const struct view *v)
{
	return pane_rows(v->pane) > 2 ? (size_t)pane_rows(v->pane) - 2 : 1;
}

static void
help_draw(struct view *v)
{
	struct view_help *h = (struct view_help *)v;
	struct pane *p = v->pane;
	size_t i, height = help_height(v);
	int keys = pane_cols(p) < 60 ? 14 : KEYS_WIDTH;
	char title[64];

	snprintf(title, sizeof title, "%s: %s", h->words ? "What can be typed" : "Keys",
	    h->of);
	pane_frame(p, title);
	if (h->top + height > h->n)
		h->top = h->n > height ? h->n - height : 0;
	for (i = 0; i < height && h->top + i < h->n; i++) {
		const struct help_line *line = &h->lines[h->top + i];

		pane_put(p, 1 + (int)i, 2, keys, STYLE_KEY, line->keys);
		pane_put(p, 1 + (int)i, 3 + keys, pane_cols(p) - keys - 4, STYLE_TEXT,
		    line->help);
	}
	if (h->n > height)
		pane_put(p, pane_rows(p) - 1, 2, 0, STYLE_DIM, " j k scroll, q closes ");
	if (term_plain())
		pane_cursor(p, 1, 1);
}

static bool
help_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_help *h = (struct view_help *)v;

	if (act != ACT_BACK)
		return cursor_key(act, e, h->n, help_height(v), &h->top);
	app_pop(v->app, v);
	return true;
}

static void
help_close(struct view *v)
{
	free(v);
}

static const struct binding help_keys[] = {{'j', ACT_DOWN, NULL, "scroll down"},
    {K_DOWN, ACT_DOWN, NULL, NULL}, {'k', ACT_UP, NULL, "scroll up"},
    {K_UP, ACT_UP, NULL, NULL}, {K_PAGE_DOWN, ACT_PAGE_DOWN, NULL, "page down"},
    {' ', ACT_PAGE_DOWN, NULL, NULL}, {K_PAGE_UP, ACT_PAGE_UP, NULL, "page up"},
    {'q', ACT_BACK, NULL, "close"}, {K_ESC, ACT_BACK, NULL, NULL},
    {K_ENTER, ACT_BACK, NULL, NULL}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops help_ops = {.title = "Help",
    .keys = help_keys,
    .dialog = true,
    .size = help_size,
    .draw = help_draw,
    .key = help_key,
    .close = help_close};

void
view_help_open(struct app *a, struct view *of)
{
	struct view_help *h = calloc(1, sizeof *h);

	if (!h)
		return;
	h->view.ops = &help_ops;
	h->of = of->ops->title;
	if (of->ops->words)
		add_words(h, of->ops->words(of));
	h->words = h->n > 0;
	add_table(h, of->ops->keys);
	add_table(h, keymap_global);
	app_push(a, &h->view);
}
