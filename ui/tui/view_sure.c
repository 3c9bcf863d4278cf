/*
 * The question of an operation that was typed after ":": y runs the line again, and it goes on
 * if what it asks then is the same, with the same number.
 *
 * 1. The line may hold what is masked elsewhere: it is wiped with the dialog.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ui/tui/view.h"
#include "ui/tui/wrap.h"

#define COLS	 70
#define ROWS_MAX 10
#define LINE_MAX 600

struct view_sure {
	struct view view;
	char question[ERR_LEN], line[LINE_MAX];
};

static void
sure_size(struct view *v, int *rows, int *cols)
{
	const struct view_sure *s = (const struct view_sure *)v;
	const int most = *cols < COLS ? *cols : COLS;

	*cols = most;
	*rows = 3 + wrap_put(NULL, 0, 0, most - 4, ROWS_MAX, STYLE_TEXT, s->question);
}

static void
sure_draw(struct view *v)
{
	const struct view_sure *s = (const struct view_sure *)v;
	struct pane *p = v->pane;

	pane_frame(p, "Sure?");
	wrap_put(p, 1, 2, pane_cols(p) - 4, pane_rows(p) - 3, STYLE_TEXT, s->question);
	pane_put(p, pane_rows(p) - 2, 2, pane_cols(p) - 3, STYLE_DIM, "y: yes   n, Esc: no");
	if (term_plain())
		pane_cursor(p, 1, 2);
}

static void
run(struct view_sure *s)
{
	struct app *a = s->view.app;
	char line[LINE_MAX], question[ERR_LEN];

	snprintf(line, sizeof line, "%s", s->line);
	snprintf(question, sizeof question, "%s", s->question);
	app_pop(a, &s->view);
	view_command_agreed(a, line, question);
	secret_wipe(line, sizeof line);
}

static bool
sure_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_sure *s = (struct view_sure *)v;

	if (act == ACT_BACK)
		app_pop(v->app, v);
	else if (act == ACT_SAVE)
		run(s);
	else
		return e->key == K_CLICK;
	return true;
}

static void
sure_close(struct view *v)
{
	secret_wipe(v, sizeof(struct view_sure));
	free(v);
}

static const struct binding sure_keys[] = {{'y', ACT_SAVE, NULL, "yes"},
    {'n', ACT_BACK, NULL, "no"}, {'q', ACT_BACK, NULL, NULL}, {K_ESC, ACT_BACK, NULL, NULL},
    {0, ACT_NONE, NULL, NULL}};

static const struct view_ops sure_ops = {.title = "Question",
    .keys = sure_keys,
    .dialog = true,
    .size = sure_size,
    .draw = sure_draw,
    .key = sure_key,
    .close = sure_close};

void
view_sure_open(struct app *a, const char *question, const char *line)
{
	struct view_sure *s = calloc(1, sizeof *s);

	if (!s) {
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	s->view.ops = &sure_ops;
	snprintf(s->question, sizeof s->question, "%s", question);
	snprintf(s->line, sizeof s->line, "%s", line);
	app_push(a, &s->view);
}
