/*
 * The export dialog: what, as what, how each column is treated, where to, and why.
 *
 * 1. Nothing is written before the word EXPORT and a reason were typed: the file is plain
 *    text. Anything not understood is an error of the store, and nothing is written.
 * 2. The first record is shown as it will be written. A masked value that would be written
 *    in the clear is announced, never revealed here.
 * 3. It runs on the second worker; ^G cancels it and leaves no file.
 */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "ui/tui/view_export.h"

size_t
export_chosen(const struct view_export *x, struct export_column *out)
{
	size_t i, n = 0;

	for (i = 0; i < x->n; i++)
		if (x->columns[i].treat != TREAT_DROP)
			out[n++] = x->columns[i];
	return n;
}

bool
export_has(const struct view_export *x, int index)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		if (x->columns[i].index == index)
			return true;
	return false;
}

void
export_add_column(struct view_export *x, int index, enum export_treatment treat)
{
	x->columns[x->n++] = (struct export_column){index, treat};
}

void
export_forget_first(struct view_export *x)
{
	size_t i;

	for (i = 0; i < x->n; i++) {
		if (x->first[i])
			secret_wipe(x->first[i], strlen(x->first[i]));
		free(x->first[i]);
		x->first[i] = NULL;
	}
}

void
export_forget_names(struct view_export *x)
{
	size_t i;

	for (i = 0; i < x->name_n; i++)
		free(x->names[i]);
	free(x->names);
	x->names = NULL;
	x->name_n = 0;
}

static bool
any_column(const struct view_export *x)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		if (x->columns[i].treat != TREAT_DROP)
			return true;
	return false;
}

/* A file that is named as one format and written as another would mislead its readers. */
static bool
is_named_otherwise(const struct view_export *x)
{
	const char *dot = strrchr(lineedit_text(x->file), '.');
	enum sink_format named;

	return dot && sink_format_parse(dot + 1, &named) && named != x->format;
}

static void
try_start(struct view_export *x)
{
	struct app *a = x->view.app;

	if (lineedit_len(x->file) == 0) {
		x->cursor = ROW_FILE;
		app_say(a, STYLE_BAD, "name the file to be written");
	} else if (is_named_otherwise(x)) {
		x->cursor = ROW_FORMAT;
		app_say(a, STYLE_BAD, "the file's name ends as another format than %s: change one",
		    sink_format_name(x->format));
	} else if (!any_column(x)) {
		x->cursor = ROW_COLUMNS;
		app_say(a, STYLE_BAD, "every column is dropped: choose one at least");
	} else if (lineedit_len(x->reason) == 0) {
		x->cursor = ROW_REASON;
		app_say(a, STYLE_BAD, "a reason is needed; it goes into the audit");
	} else if (strcmp(lineedit_text(x->word), EXPORT_WORD) != 0) {
		x->cursor = ROW_WORD;
		app_say(a, STYLE_BAD,
		    "the file is not encrypted: type the word %s to write it", EXPORT_WORD);
	} else {
		export_start(x);
	}
}

static enum export_treatment
after(enum export_treatment t, bool open)
{
	switch (t) {
	case TREAT_DROP:
		return TREAT_DEFAULT;
	case TREAT_DEFAULT:
	case TREAT_AS_IS:
		return open ? TREAT_MASK : TREAT_LAST4;
	case TREAT_MASK:
		return TREAT_LAST4;
	case TREAT_LAST4:
		return TREAT_HASH;
	case TREAT_HASH:
		return open ? TREAT_DROP : TREAT_REVEAL;
	default:
		return TREAT_DROP;
	}
}

static void
next_treatment(struct view_export *x, size_t i)
{
	size_t n;
	const struct field *f = app_fields(x->view.app, &n);
	struct export_column *c = &x->columns[i];

	if (c->index == SORT_ID)
		c->treat = c->treat == TREAT_DROP ? TREAT_DEFAULT : TREAT_DROP;
	else if ((size_t)c->index < n)
		c->treat = after(c->treat, f[c->index].cls == CLASS_OPEN);
	export_replan(x);
}

static void
next_source(struct view_export *x)
{
	do
		x->source = x->source == SOURCE_ALL ? SOURCE_MARKED : x->source + 1;
	while ((x->source == SOURCE_MARKED && !x->marks) ||
	       (x->source == SOURCE_HITS && !x->query[0]));
}

static void
toggle(struct view_export *x)
{
	if (x->cursor == ROW_SOURCE) {
		next_source(x);
		export_replan(x);
	} else if (x->cursor == ROW_TEMPLATE) {
		export_choose_template(x);
	} else if (x->cursor == ROW_FORMAT) {
		x->format = x->format == SINK_HTML ? SINK_CSV : x->format + 1;
	} else if (x->cursor == ROW_REPLACE) {
		x->replace = !x->replace;
	} else if (x->cursor >= ROW_COLUMNS) {
		next_treatment(x, x->cursor - ROW_COLUMNS);
	}
}

struct lineedit *
export_edited(const struct view_export *x)
{
	switch (x->cursor) {
	case ROW_KEEP:
		return x->keep;
	case ROW_FILE:
		return x->file;
	case ROW_REASON:
		return x->reason;
	case ROW_WORD:
		return x->word;
	default:
		return NULL;
	}
}

static void
move(struct view_export *x, int64_t by)
{
	int64_t total = ROW_COLUMNS + (int64_t)x->n, to = (int64_t)x->cursor + by;

	x->cursor = to < 0 ? (size_t)(total - 1) : to >= total ? 0 : (size_t)to;
}

static bool
export_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_export *x = (struct view_export *)v;
	struct lineedit *line = export_edited(x);
	int row = e->row - pane_y(v->pane) - 1;

	if (act == ACT_BACK)
		app_pop(v->app, v);
	else if (x->starting)
		return true;
	else if (act == ACT_OPEN)
		try_start(x);
	else if (act == ACT_NEXT || act == ACT_PREVIOUS)
		move(x, act == ACT_NEXT ? 1 : -1);
	else if (e->key == K_CLICK && row >= 0 && (size_t)row < export_height(x) &&
		 x->top + (size_t)row < ROW_COLUMNS + x->n)
		x->cursor = x->top + (size_t)row;
	else if (line)
		return lineedit_key(line, e->key);
	else if (act == ACT_TOGGLE || act == ACT_RIGHT)
		toggle(x);
	else
		return false;
	return true;
}

static bool
export_typing(struct view *v)
{
	return export_edited((struct view_export *)v) != NULL;
}

static void
export_paste(struct view *v, int key)
{
	struct view_export *x = (struct view_export *)v;
	struct lineedit *line = x->starting ? NULL : export_edited(x);

	if (line && key >= 32)
		lineedit_key(line, key);
}

static void
export_close(struct view *v)
{
	struct view_export *x = (struct view_export *)v;

	if (x->first)
		export_forget_first(x);
	export_forget_names(x);
	free(x->first);
	free(x->columns);
	free(x->marks);
	lineedit_free(x->keep);
	lineedit_free(x->file);
	lineedit_free(x->reason);
	lineedit_free(x->word);
	secret_wipe(x->query, sizeof x->query);
	free(x);
}

static const struct binding export_keys[] = {{'\t', ACT_NEXT, NULL, "next line"},
    {K_DOWN, ACT_NEXT, NULL, NULL}, {K_BACKTAB, ACT_PREVIOUS, NULL, "line before"},
    {K_UP, ACT_PREVIOUS, NULL, NULL}, {' ', ACT_TOGGLE, NULL, "change it"},
    {K_RIGHT, ACT_RIGHT, NULL, NULL}, {K_ENTER, ACT_OPEN, NULL, "write the file"},
    {K_ESC, ACT_BACK, NULL, "leave"}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops export_ops = {.title = "Export",
    .keys = export_keys,
    .dialog = true,
    .size = export_size,
    .draw = export_draw,
    .key = export_key,
    .typing = export_typing,
    .paste = export_paste,
    .close = export_close};

/* Which records, in which order: the marked ones where there are some. */
static bool
take_source(struct view_export *x, const struct export_from *from)
{
	snprintf(x->query, sizeof x->query, "%s", from->query);
	x->source = x->query[0] ? SOURCE_HITS : SOURCE_ALL;
	x->sort = from->sort;
	x->descending = from->descending;
	if (from->mark_n == 0)
		return true;
	x->marks = calloc(from->mark_n, sizeof *x->marks);
	if (!x->marks)
		return false;
	memcpy(x->marks, from->marks, from->mark_n * sizeof *x->marks);
	x->mark_n = from->mark_n;
	x->source = SOURCE_MARKED;
	return true;
}

/* What the list shows, then the other fields and the id, dropped. */
static void
take_columns(struct view_export *x, const struct export_from *from, size_t fields)
{
	size_t i;
	int at;

	for (i = 0; i < from->column_n; i++) {
		at = from->columns[i];
		if (at >= 0 && (size_t)at < fields && !export_has(x, at))
			export_add_column(x, at, TREAT_DEFAULT);
	}
	for (i = 0; i < fields; i++)
		if (!export_has(x, (int)i))
			export_add_column(x, (int)i, TREAT_DROP);
	export_add_column(x, SORT_ID, TREAT_DROP);
}

void
view_export_open(struct app *a, const struct export_from *from)
{
	struct view_export *x = calloc(1, sizeof *x);
	size_t n;

	if (!x)
		return;
	app_fields(a, &n);
	x->view.ops = &export_ops;
	x->columns = calloc(n + 1, sizeof *x->columns);
	x->first = calloc(n + 1, sizeof *x->first);
	if (!x->columns || !x->first || !take_source(x, from) ||
	    lineedit_new(&x->file) != RC_OK || lineedit_new(&x->reason) != RC_OK ||
	    lineedit_new(&x->word) != RC_OK || lineedit_new(&x->keep) != RC_OK) {
		export_close(&x->view);
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	take_columns(x, from, n);
	x->format = SINK_CSV;
	x->cursor = ROW_FILE;
	if (app_push(a, &x->view))
		export_replan(x);
}
