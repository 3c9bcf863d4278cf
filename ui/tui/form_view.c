/* A dialog that is a form. */
#include "ui/tui/form_view.h"

#include <stdlib.h>

void
form_view_size(struct view *v, int *rows, int *cols)
{
	form_size(&((struct form_view *)v)->form, rows, cols);
}

void
form_view_draw(struct view *v)
{
	struct form_view *w = (struct form_view *)v;

	form_draw(&w->form, v, w->title, w->verb);
}

bool
form_view_key(struct view *v, enum act act, const struct term_event *e)
{
	struct form_view *w = (struct form_view *)v;
	enum form_answer answer = form_key(&w->form, v, act, e);

	if (answer == FORM_LEFT)
		app_pop(v->app, v);
	else if (answer == FORM_DONE)
		w->enter(w);
	return true;
}

bool
form_view_typing(struct view *v)
{
	(void)v;
	return true;
}

void
form_view_paste(struct view *v, int key)
{
	form_paste(&((struct form_view *)v)->form, key);
}

/* The time that the work takes is shown. */
void
form_view_tick(struct view *v)
{
	if (((struct form_view *)v)->form.working)
		app_fast(v->app, 1000);
}

void
form_view_close(struct view *v)
{
	form_free(&((struct form_view *)v)->form);
	free(v);
}

void
form_view_open(
    struct app *a, const struct form_view *model, const struct form_line *lines, size_t n)
{
	struct form_view *w = calloc(1, sizeof *w);

	if (w)
		*w = *model;
	if (!w || form_set(&w->form, lines, n) != RC_OK) {
		free(w);
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	app_push(a, &w->view);
}
