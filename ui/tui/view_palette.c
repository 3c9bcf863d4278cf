/*
 * The palette: a line for a command, and below it the screens, operations and saved views that
 * what is typed may become.
 *
 * 1. A line that begins with the name of an operation is run as it stands, unless it is the
 * name of a screen and no more. Else Enter takes the line that is marked: a view is shown, a
 * screen opened, an operation without arguments run, one that needs some is put into the line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ui/op.h"
#include "ui/tui/lineedit.h"
#include "ui/tui/view.h"

#define SHOWN	 8 /* matches */
#define NO_MATCH 9999
#define TEXT_MAX 512
#define NAME_TAB 16

static const struct screen {
	const char *name, *means;
	void (*open)(struct app *a);
} screens[] = {{"audit", "screen: who looked at what", view_audit_open},
    {"due", "screen: what is kept no longer, or soon", view_due_open},
    {"duplicates", "screen: records that are alike, to be compared", view_alike_open},
    {"import", "screen: the import wizard", view_import_open},
    {"keys", "screen: slots, epochs, rotation", view_keys_open},
    {"report", "screen: what stands out in the audit", view_report_open},
    {"statistics", "screen: fields, growth, use of keys", view_stats_open},
    {"trash", "screen: bring back, erase, purge", view_trash_open}};

#define SCREENS (sizeof screens / sizeof *screens)

struct entry {
	const struct op *op;	     /* or NULL */
	const struct screen *screen; /* or NULL; with neither, a view */
	const char *name;	     /* of the view: in views */
	int score;	     /* how far it is from what is typed */
};

struct view_palette {
	struct view view;
	struct lineedit *line;
	char **views;
	size_t view_n;
	struct entry *entries; /* the matches first, best first */
	size_t n, match_n, at;
	palette_fn *use;
	void *arg;
};

static const char *
entry_name(const struct entry *e)
{
	return e->op ? e->op->name : e->screen ? e->screen->name : e->name;
}

/* 0: it begins so; then: it has it, the further behind the worse; its letters in order.
 */
static int
score(const char *name, const char *typed)
{
	size_t len = strlen(typed), i;
	const char *at = name;

	for (i = 0; name[i]; i++)
		if (strncasecmp(name + i, typed, len) == 0)
			return (int)i;
	for (i = 0; i < len; i++) {
		while (*at && strncasecmp(at, typed + i, 1) != 0)
			at++;
		if (!*at++)
			return NO_MATCH;
	}
	return 100 + (int)(at - name);
}

/* Views first: they were named by who types. */
static int
kind(const struct entry *e)
{
	return e->op ? 2 : e->screen ? 1 : 0;
}

static int
by_score(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? -1 : 1;
	if (kind(x) != kind(y))
		return kind(x) - kind(y);
	return strcasecmp(entry_name(x), entry_name(y));
}

static void
match(struct view_palette *p)
{
	const char *typed = lineedit_text(p->line);
	size_t i;

	p->match_n = 0;
	p->at = 0;
	for (i = 0; i < p->n; i++) {
		p->entries[i].score = score(entry_name(&p->entries[i]), typed);
		p->match_n += p->entries[i].score < NO_MATCH;
	}
	qsort(p->entries, p->n, sizeof *p->entries, by_score);
}

static void
palette_size(struct view *v, int *rows, int *cols)
{
	(void)v;
	*rows = SHOWN + 4;
	*cols = 72;
}

static void
draw_entry(struct view_palette *p, int row, size_t i)
{
	const struct entry *e = &p->entries[i];
	struct pane *pane = p->view.pane;
	bool at = i == p->at;
	int width = pane_cols(pane) - 3;

	if (e->op)
		pane_putf(pane, row, 2, width, at ? STYLE_SELECTED : STYLE_TEXT,
		    "%s%-*s %s", at ? "> " : "  ", NAME_TAB, e->op->name, e->op->summary);
	else if (e->screen)
		pane_putf(pane, row, 2, width, at ? STYLE_SELECTED : STYLE_TEXT,
		    "%s%-*s %s", at ? "> " : "  ", NAME_TAB, e->screen->name,
		    e->screen->means);
	else
		pane_putf(pane, row, 2, width, at ? STYLE_SELECTED : STYLE_TEXT,
		    "%sview: %s", at ? "> " : "  ", e->name);
}

static void
palette_draw(struct view *v)
{
	struct view_palette *p = (struct view_palette *)v;
	size_t height = pane_rows(v->pane) > 5 ? (size_t)pane_rows(v->pane) - 4 : 1;
	size_t top = p->at >= height ? p->at - height + 1 : 0, i;

	pane_frame(v->pane, "Command or view");
	for (i = 0; i < height && top + i < p->match_n; i++)
		draw_entry(p, 2 + (int)i, top + i);
	pane_put(v->pane, pane_rows(v->pane) - 2, 2, pane_cols(v->pane) - 3, STYLE_DIM,
	    "Enter: go on   Up Down: choose   Tab: take the name   Esc: leave it");
	lineedit_draw(p->line, v->pane, 1, 2, pane_cols(v->pane) - 4, true);
}

/* Whether the line begins with an operation's name, and has what it needs. */
static bool
is_command(const char *text)
{
	char first[32] = "", second[32] = "";
	const struct op *op;
	int words, n = sscanf(text, "%31s %31s", first, second);

	op = n > 0 ? op_find(first, n > 1 ? second : NULL, &words) : NULL;
	return op && (n > words || op->args_min == 0);
}

static void
take_name(struct view_palette *p)
{
	char text[TEXT_MAX];

	if (p->at >= p->match_n || !p->entries[p->at].op)
		return;
	snprintf(text, sizeof text, "%s ", p->entries[p->at].op->name);
	lineedit_set(p->line, text, strlen(text));
	match(p);
}

static void
run(struct view_palette *p, const char *command)
{
	struct app *a = p->view.app;
	char text[TEXT_MAX];

	if (strlen(command) >= sizeof text) {
		app_say(a, STYLE_BAD, "too long: a command has at most %d bytes here",
		    TEXT_MAX - 1);
		return;
	}
	snprintf(text, sizeof text, "%s", command);
	app_pop(a, &p->view);
	view_command_run(a, text);
	secret_wipe(text, sizeof text);
}

static void
show(struct view_palette *p, const char *name)
{
	palette_fn *use = p->use;
	void *arg = p->arg;
	char copy[TEXT_MAX];

	snprintf(copy, sizeof copy, "%s", name);
	app_pop(p->view.app, &p->view);
	use(arg, copy);
}

static void
open_screen(struct view_palette *p, const struct screen *screen)
{
	struct app *a = p->view.app;

	app_pop(a, &p->view);
	screen->open(a);
}

static void
take(struct view_palette *p)
{
	const char *typed = lineedit_text(p->line);
	const struct entry *e = p->at < p->match_n ? &p->entries[p->at] : NULL;
	const bool named = e && e->screen && strcmp(e->screen->name, typed) == 0;

	if (!e || (p->at == 0 && !named && is_command(typed)))
		run(p, typed);
	else if (e->screen)
		open_screen(p, e->screen);
	else if (!e->op)
		show(p, e->name);
	else if (e->op->args_min > 0)
		take_name(p);
	else
		run(p, e->op->name);
}

static bool
palette_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_palette *p = (struct view_palette *)v;

	if (act == ACT_BACK) {
		app_pop(v->app, v);
	} else if (act == ACT_OPEN) {
		take(p);
	} else if (act == ACT_TOGGLE) {
		take_name(p);
	} else if (act == ACT_UP || e->key == K_WHEEL_UP) {
		p->at -= p->at > 0;
	} else if (act == ACT_DOWN || e->key == K_WHEEL_DOWN) {
		p->at += p->at + 1 < p->match_n;
	} else if (!lineedit_key(p->line, e->key)) {
		return false;
	} else if (lineedit_changed(p->line)) {
		match(p);
	}
	return true;
}

static bool
palette_typing(struct view *v)
{
	(void)v;
	return true;
}

static void
palette_paste(struct view *v, int key)
{
	struct view_palette *p = (struct view_palette *)v;

	if (key >= 32 && lineedit_key(p->line, key))
		match(p);
}

static void
palette_close(struct view *v)
{
	struct view_palette *p = (struct view_palette *)v;

	lineedit_free(p->line);
	while (p->view_n > 0)
		free(p->views[--p->view_n]);
	free(p->views);
	free(p->entries);
	free(p);
}

static const struct binding palette_keys[] = {{K_ENTER, ACT_OPEN, NULL, "run or show it"},
    {'\t', ACT_TOGGLE, NULL, "put the marked name into the line"},
    {K_UP, ACT_UP, NULL, "one up"}, {K_DOWN, ACT_DOWN, NULL, "one down"},
    {K_ESC, ACT_BACK, NULL, "leave it"}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops palette_ops = {.title = "Command or view",
    .keys = palette_keys,
    .dialog = true,
    .size = palette_size,
    .draw = palette_draw,
    .key = palette_key,
    .typing = palette_typing,
    .paste = palette_paste,
    .close = palette_close};

static bool
fill(struct view_palette *p, char *const *views, size_t n)
{
	size_t i, ops = 0;

	while (op_table[ops])
		ops++;
	p->entries = calloc(ops + n + SCREENS + 1, sizeof *p->entries);
	p->views = calloc(n + 1, sizeof *p->views);
	if (!p->entries || !p->views || lineedit_new(&p->line) != RC_OK)
		return false;
	for (i = 0; i < n; i++) {
		p->views[i] = strdup(views[i]);
		if (!p->views[i])
			return false;
		p->view_n++;
		p->entries[p->n++] = (struct entry){.name = p->views[i]};
	}
	for (i = 0; i < SCREENS; i++)
		p->entries[p->n++] = (struct entry){.screen = &screens[i]};
	for (i = 0; i < ops; i++)
		if (view_command_has(op_table[i]))
			p->entries[p->n++] = (struct entry){.op = op_table[i]};
	match(p);
	return true;
}

void
view_palette_open(struct app *a, char *const *views, size_t n, palette_fn *use, void *arg)
{
	struct view_palette *p = calloc(1, sizeof *p);

	if (!p || !fill(p, views, n)) {
		if (p)
			palette_close(&p->view);
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	p->view.ops = &palette_ops;
	p->use = use;
	p->arg = arg;
	app_push(a, &p->view);
}
