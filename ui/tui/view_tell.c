/* A dialog that says one thing. */
#include <stdio.h>
#include <stdlib.h>

#include "ui/tui/view.h"
#include "ui/tui/wrap.h"

#define COLS	 70
#define ROWS_MAX 12

struct view_tell {
	struct view view;
	const char *title;
	char text[ERR_LEN];
};

static void
tell_size(struct view *v, int *rows, int *cols)
{
	const struct view_tell *t = (const struct view_tell *)v;
	int most = *cols < COLS ? *cols : COLS;

	*cols = most;
	*rows = 4 + wrap_put(NULL, 0, 0, most - 6, ROWS_MAX, STYLE_TEXT, t->text);
}

static void
tell_draw(struct view *v)
{
	const struct view_tell *t = (const struct view_tell *)v;
	struct pane *p = v->pane;

	pane_frame(p, t->title);
	pane_put(p, 1, 2, 1, STYLE_BAD, "!");
	wrap_put(p, 1, 4, pane_cols(p) - 6, pane_rows(p) - 3, STYLE_TEXT, t->text);
	pane_put(p, pane_rows(p) - 2, 2, pane_cols(p) - 4, STYLE_DIM, "q, Enter: close");
	if (term_plain())
		pane_cursor(p, 1, 2);
}

bool
view_shown_key(struct view *v, enum act act, const struct term_event *e)
{
	(void)e;
	if (act != ACT_BACK)
		return false;
	app_pop(v->app, v);
	return true;
}

void
view_shown_close(struct view *v)
{
	free(v);
}

const struct binding view_shown_keys[] = {{'q', ACT_BACK, NULL, "close"},
    {K_ENTER, ACT_BACK, NULL, NULL}, {K_ESC, ACT_BACK, NULL, NULL},
    {0, ACT_NONE, NULL, NULL}};

static const struct view_ops tell_ops = {.title = "Message",
    .keys = view_shown_keys,
    .dialog = true,
    .size = tell_size,
    .draw = tell_draw,
    .key = view_shown_key,
    .close = view_shown_close};

void
view_tell_open(struct app *a, const char *title, const char *text)
{
	struct view_tell *t = calloc(1, sizeof *t);

	if (!t)
		return;
	t->view.ops = &tell_ops;
	t->title = title;
	snprintf(t->text, sizeof t->text, "%s", text);
	app_push(a, &t->view);
}
