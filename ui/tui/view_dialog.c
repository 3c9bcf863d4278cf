/*
 * Small dialogs: choose one line, answer with one line of text, say yes or no.
 *
 * 1. The answer is given after the dialog has closed, so that its function may open the
 *    next.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/text.h"
#include "ui/tui/lineedit.h"
#include "ui/tui/view.h"
#include "ui/tui/wrap.h"

#define ASK_COLS 60
#define ASK_ROWS 6 /* of a question at most */

struct view_choose {
	struct view view;
	char *title;
	char **items;
	size_t n, at;
	choose_fn *chosen;
	void *arg;
};

struct view_ask {
	struct view view;
	char *title, *prompt;
	struct lineedit *line;
	ask_fn *answer;
	confirm_fn *yes; /* a question that is answered by y or n */
	void *arg;
};

static int
width_of(const char *s)
{
	return text_width(s, strlen(s));
}

static void
choose_size(struct view *v, int *rows, int *cols)
{
	struct view_choose *c = (struct view_choose *)v;
	int width = width_of(c->title) + 6;
	size_t i;

	for (i = 0; i < c->n; i++)
		if (width_of(c->items[i]) + 6 > width)
			width = width_of(c->items[i]) + 6;
	*rows = (int)c->n + 2;
	*cols = width;
}

static void
choose_draw(struct view *v)
{
	struct view_choose *c = (struct view_choose *)v;
	struct pane *p = v->pane;
	size_t i, height = pane_rows(p) > 2 ? (size_t)pane_rows(p) - 2 : 1;
	size_t top = c->at >= height ? c->at - height + 1 : 0;

	pane_frame(p, c->title);
	for (i = top; i < c->n && i < top + height; i++) {
		bool at = i == c->at;

		pane_putf(p, 1 + (int)(i - top), 1, pane_cols(p) - 2,
		    at ? STYLE_SELECTED : STYLE_TEXT, "%s%s", at ? "> " : "  ",
		    c->items[i]);
		if (at && term_plain())
			pane_cursor(p, 1 + (int)(i - top), 1);
	}
}

static void
choose_move(struct view_choose *c, int64_t by)
{
	int64_t to = (int64_t)c->at + by;

	if (to >= (int64_t)c->n)
		to = (int64_t)c->n - 1;
	c->at = to < 0 ? 0 : (size_t)to;
}

static bool
choose_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_choose *c = (struct view_choose *)v;
	choose_fn *chosen = c->chosen;
	void *arg = c->arg;
	size_t at = c->at;

	if (act == ACT_UP || act == ACT_DOWN) {
		choose_move(c, act == ACT_UP ? -1 : 1);
	} else if (act == ACT_FIRST || act == ACT_LAST) {
		choose_move(c, act == ACT_FIRST ? -(int64_t)c->n : (int64_t)c->n);
	} else if (act == ACT_OPEN && c->n > 0) {
		app_pop(v->app, v);
		chosen(arg, at);
	} else if (act == ACT_BACK) {
		app_pop(v->app, v);
	} else if (e->key == K_WHEEL_UP || e->key == K_WHEEL_DOWN) {
		choose_move(c, e->key == K_WHEEL_UP ? -1 : 1);
	} else {
		return false;
	}
	return true;
}

static void
choose_close(struct view *v)
{
	struct view_choose *c = (struct view_choose *)v;
	size_t i;

	for (i = 0; c->items && i < c->n; i++)
		free(c->items[i]);
	free(c->items);
	free(c->title);
	free(c);
}

static const struct binding choose_keys[] = {{'j', ACT_DOWN, NULL, "next"},
    {K_DOWN, ACT_DOWN, NULL, NULL}, {'k', ACT_UP, NULL, "before"},
    {K_UP, ACT_UP, NULL, NULL}, {K_GG, ACT_FIRST, NULL, "first"},
    {K_HOME, ACT_FIRST, NULL, NULL}, {'G', ACT_LAST, NULL, "last"},
    {K_END, ACT_LAST, NULL, NULL}, {K_ENTER, ACT_OPEN, NULL, "take it"},
    {K_ESC, ACT_BACK, NULL, "close"}, {'q', ACT_BACK, NULL, NULL},
    {0, ACT_NONE, NULL, NULL}};

static const struct view_ops choose_ops = {.title = "Choose",
    .keys = choose_keys,
    .dialog = true,
    .size = choose_size,
    .draw = choose_draw,
    .key = choose_key,
    .close = choose_close};

void
view_choose_open(struct app *a, const char *title, const char *const *items, size_t n,
    size_t at, choose_fn *chosen, void *arg)
{
	struct view_choose *c = calloc(1, sizeof *c);
	size_t i;

	if (!c)
		return;
	c->title = strdup(title);
	c->items = calloc(n + 1, sizeof *c->items);
	for (i = 0; c->items && i < n && (c->items[i] = strdup(items[i])) != NULL; i++)
		c->n++;
	if (!c->title || c->n < n) {
		choose_close(&c->view);
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	c->view.ops = &choose_ops;
	c->at = at < n ? at : 0;
	c->chosen = chosen;
	c->arg = arg;
	app_push(a, &c->view);
}

static void
ask_size(struct view *v, int *rows, int *cols)
{
	struct view_ask *k = (struct view_ask *)v;

	const int most = *cols, width = width_of(k->prompt) + 6;

	*cols = width < ASK_COLS ? ASK_COLS : width < most ? width : most;
	*rows = k->yes ? 3 + wrap_put(NULL, 0, 0, *cols - 4, ASK_ROWS, STYLE_TEXT, k->prompt)
		       : 5;
}

static void
ask_draw(struct view *v)
{
	struct view_ask *k = (struct view_ask *)v;
	struct pane *p = v->pane;

	pane_frame(p, k->title);
	if (k->yes) {
		wrap_put(p, 1, 2, pane_cols(p) - 4, pane_rows(p) - 3, STYLE_TEXT, k->prompt);
		pane_put(p, pane_rows(p) - 2, 2, pane_cols(p) - 3, STYLE_DIM,
		    "y: yes   n, Esc: no");
		return;
	}
	pane_put(p, 1, 2, pane_cols(p) - 3, STYLE_TEXT, k->prompt);
	lineedit_draw(k->line, p, 2, 2, pane_cols(p) - 4, true);
	pane_put(p, 3, 2, pane_cols(p) - 3, STYLE_DIM, "Enter: go on   Esc: leave it");
}

static void
answer(struct view_ask *k)
{
	ask_fn *fn = k->answer;
	void *arg = k->arg;
	char text[ASK_MAX];

	if (lineedit_len(k->line) >= sizeof text) { /* cut, it would say something else */
		app_say(k->view.app, STYLE_BAD, "too long: at most %d bytes", ASK_MAX - 1);
		return;
	}
	snprintf(text, sizeof text, "%s", lineedit_text(k->line));
	app_pop(k->view.app, &k->view);
	fn(arg, text);
	secret_wipe(text, sizeof text);
}

static bool
ask_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_ask *k = (struct view_ask *)v;
	confirm_fn *yes = k->yes;
	void *arg = k->arg;

	if (act == ACT_BACK || (yes && (e->key == 'n' || e->key == 'q'))) {
		app_pop(v->app, v);
	} else if (yes && e->key == 'y') {
		app_pop(v->app, v);
		yes(arg);
	} else if (!yes && act == ACT_OPEN) {
		answer(k);
	} else {
		return !yes && lineedit_key(k->line, e->key);
	}
	return true;
}

static bool
ask_typing(struct view *v)
{
	(void)v;
	return true;
}

static void
ask_paste(struct view *v, int key)
{
	struct view_ask *k = (struct view_ask *)v;

	if (!k->yes && key >= 32)
		lineedit_key(k->line, key);
}

static void
ask_close(struct view *v)
{
	struct view_ask *k = (struct view_ask *)v;

	lineedit_free(k->line);
	free(k->title);
	free(k->prompt);
	free(k);
}

static const struct binding ask_keys[] = {{K_ENTER, ACT_OPEN, NULL, "go on"},
    {K_ESC, ACT_BACK, NULL, "leave it"}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops ask_ops = {.title = "Question",
    .keys = ask_keys,
    .dialog = true,
    .size = ask_size,
    .draw = ask_draw,
    .key = ask_key,
    .typing = ask_typing,
    .paste = ask_paste,
    .close = ask_close};

static void
ask_open(struct app *a, const char *title, const char *prompt, ask_fn *fn,
    confirm_fn *yes, void *arg)
{
	struct view_ask *k = calloc(1, sizeof *k);

	if (!k)
		return;
	k->title = strdup(title);
	k->prompt = strdup(prompt);
	if (!k->title || !k->prompt || lineedit_new(&k->line) != RC_OK) {
		ask_close(&k->view);
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	k->view.ops = &ask_ops;
	k->answer = fn;
	k->yes = yes;
	k->arg = arg;
	app_push(a, &k->view);
}

void
view_ask_open(struct app *a, const char *title, const char *prompt, ask_fn *fn, void *arg)
{
	ask_open(a, title, prompt, fn, NULL, arg);
}

void
view_confirm_open(struct app *a, const char *question, confirm_fn *yes, void *arg)
{
	ask_open(a, "Sure?", question, NULL, yes, arg);
}
