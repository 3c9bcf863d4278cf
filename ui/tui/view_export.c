/*
 * The export dialog: what, as what, how each column is treated, where to, and why.
 *
 * 1. Nothing is written before the word EXPORT and a reason were typed: the file is plain
 *    text. Anything not understood is an error of the store, and nothing is written.
 * 2. The first row is shown as it will be written. A masked value that would be written
 *    in the clear is announced, never revealed here.
 * 3. It runs on the second worker; ^G cancels it and leaves no file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/export.h"
#include "store/text.h"
#include "ui/tui/lineedit.h"
#include "ui/tui/view.h"

#define WORD	  "EXPORT"
#define LABEL_COL 2
#define VALUE_COL 16
#define QUERY_MAX 1024
#define SAMPLE	  512

enum { ROW_SOURCE, ROW_FORMAT, ROW_FILE, ROW_REPLACE, ROW_REASON, ROW_WORD, ROW_COLUMNS };

struct view_export {
	struct view view;
	char query[QUERY_MAX];
	bool all, replace;
	int sort;
	bool descending;
	enum sink_format format;
	struct export_column
	    *columns;		 /* all fields of the list, then the others dropped */
	char (*samples)[SAMPLE]; /* of the first row, as the cells show them */
	size_t n, cursor, top;
	struct lineedit *file, *reason, *word;
};

struct export_job {
	struct slow_job slow;
	char query[QUERY_MAX];
	char *path, *reason;
	struct export_column *columns;
	struct export_opts opts;
	struct export_report report;
	struct search_error serr;
};

static void
export_job_run(struct job *j, struct vault *v)
{
	struct export_job *x = (struct export_job *)j;

	j->rc = export_run(v, &x->opts, &x->report, &x->serr);
	if (j->rc != RC_OK && v)
		err_set(
		    &j->err, j->rc, "%s", x->serr.text[0] ? x->serr.text : vault_err(v));
}

static void
export_job_done(struct job *j)
{
	struct app *a = j->owner;
	struct export_job *x = (struct export_job *)j;

	app_work_end(a);
	if (j->rc != RC_OK)
		app_failed(a, j);
	else
		app_say(a, STYLE_GOOD, "%llu record%s written to %s%s",
		    (unsigned long long)x->report.rows, x->report.rows == 1 ? "" : "s",
		    x->path,
		    x->report.guarded
			? "; cells that look like formulas have an apostrophe"
			: "");
}

static void
export_job_free(struct job *j)
{
	struct export_job *x = (struct export_job *)j;

	secret_wipe(x->query, sizeof x->query);
	free(x->path);
	free(x->reason);
	free(x->columns);
	free(x);
}

static const struct job_ops export_job_ops = {
    export_job_run, export_job_done, export_job_free};

static size_t
chosen_columns(const struct view_export *x, struct export_column *out)
{
	size_t i, n = 0;

	for (i = 0; i < x->n; i++)
		if (x->columns[i].treat != TREAT_DROP)
			out[n++] = x->columns[i];
	return n;
}

static void
fill_job(struct view_export *x, struct export_job *j)
{
	struct app *a = x->view.app;

	j->slow.job.ops = &export_job_ops;
	j->slow.job.owner = a;
	j->slow.work = app_work(a);
	snprintf(j->query, sizeof j->query, "%s", x->all ? "" : x->query);
	j->opts.search = (struct search){
	    .query = j->query, .sort = x->sort, .descending = x->descending};
	j->opts.columns = j->columns;
	j->opts.column_n = chosen_columns(x, j->columns);
	j->opts.sink.format = x->format;
	j->opts.sink.utf8 = true;
	j->opts.path = j->path;
	j->opts.fd = -1;
	j->opts.force = x->replace;
	j->opts.plaintext = true;
	j->opts.manifest = true;
	j->opts.reason = j->reason;
	j->opts.progress = (struct progress){app_step, j};
}

static void
start(struct view_export *x)
{
	struct app *a = x->view.app;
	struct export_job *j = calloc(1, sizeof *j);

	if (j) {
		j->path = strdup(lineedit_text(x->file));
		j->reason = strdup(lineedit_text(x->reason));
		j->columns = calloc(x->n + 1, sizeof *j->columns);
	}
	if (!j || !j->path || !j->reason || !j->columns) {
		app_say(a, STYLE_BAD, "out of memory");
	} else if (app_work_begin(a, "export")) {
		fill_job(x, j);
		worker_post(app_back(a), &j->slow.job);
		app_pop(a, &x->view);
		return;
	}
	if (j)
		export_job_free(&j->slow.job);
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

static void
try_start(struct view_export *x)
{
	struct app *a = x->view.app;

	if (lineedit_len(x->file) == 0) {
		x->cursor = ROW_FILE;
		app_say(a, STYLE_BAD, "name the file to be written");
	} else if (!any_column(x)) {
		x->cursor = ROW_COLUMNS;
		app_say(a, STYLE_BAD, "every column is dropped: choose one at least");
	} else if (lineedit_len(x->reason) == 0) {
		x->cursor = ROW_REASON;
		app_say(a, STYLE_BAD, "a reason is needed; it goes into the audit");
	} else if (strcmp(lineedit_text(x->word), WORD) != 0) {
		x->cursor = ROW_WORD;
		app_say(a, STYLE_BAD,
		    "the file is not encrypted: type the word %s to write it", WORD);
	} else {
		start(x);
	}
}

static const char *
treat_name(enum export_treatment t, const struct field *f)
{
	switch (t) {
	case TREAT_AS_IS:
		return "as it is";
	case TREAT_MASK:
		return "masked";
	case TREAT_LAST4:
		return "last 4";
	case TREAT_DROP:
		return "dropped";
	case TREAT_REVEAL:
		return "IN THE CLEAR";
	default:
		return f->cls == CLASS_OPEN ? "as it is" : "masked";
	}
}

/* What ${text} becomes; for what the dialog doesn't know, a word in brackets. */
static void
sample(const struct field *f, enum export_treatment t, const char *text, char *out,
    size_t cap)
{
	size_t len = strlen(text);

	if (f->cls != CLASS_OPEN && t == TREAT_REVEAL)
		snprintf(out, cap, "(the value itself)");
	else if (t == TREAT_DROP || len == 0)
		out[0] = '\0';
	else if (f->cls == CLASS_OPEN && t == TREAT_MASK)
		type_mask(f->type, text, len, out, cap);
	else if (t == TREAT_LAST4 && f->cls == CLASS_OPEN)
		snprintf(out, cap, "(the last four of it)");
	else
		snprintf(out, cap, "%s", text);
}

static void
draw_line(struct view_export *x, int row, size_t which, const char *label)
{
	bool at = x->cursor == which;

	pane_put(
	    x->view.pane, row, 1, VALUE_COL - 2, at ? STYLE_SELECTED : STYLE_DIM, "");
	pane_put(x->view.pane, row, 1, 1, at ? STYLE_SELECTED : STYLE_DIM, at ? ">" : "");
	pane_put(x->view.pane, row, LABEL_COL + 1, VALUE_COL - LABEL_COL - 3,
	    at ? STYLE_SELECTED : STYLE_DIM, label);
	if (at && (which < ROW_FILE || which == ROW_REPLACE || which >= ROW_COLUMNS))
		pane_cursor(x->view.pane, row, 1);
}

static void
draw_column(struct view_export *x, size_t i, int row)
{
	struct pane *p = x->view.pane;
	size_t n;
	const struct field *f = &app_fields(x->view.app, &n)[x->columns[i].index];
	enum export_treatment t = x->columns[i].treat;
	char text[SAMPLE];

	draw_line(x, row, ROW_COLUMNS + i, "");
	pane_put(p, row, LABEL_COL + 1, 18,
	    x->cursor == ROW_COLUMNS + i ? STYLE_SELECTED : STYLE_DIM, f->label);
	pane_put(p, row, 22, 12, t == TREAT_REVEAL ? STYLE_WARN : STYLE_TEXT,
	    treat_name(t, f));
	sample(f, t, x->samples[i], text, sizeof text);
	pane_put(p, row, 36, pane_cols(p) - 37, STYLE_DIM, text);
	secret_wipe(text, sizeof text);
}

static void
draw_value(struct view_export *x, size_t which, int row)
{
	static const char *const labels[] = {
	    "Source", "Format", "File", "Replace", "Reason", ("Type " WORD)};
	struct pane *p = x->view.pane;
	struct lineedit *lines[] = {
	    [ROW_FILE] = x->file, [ROW_REASON] = x->reason, [ROW_WORD] = x->word};
	int width = pane_cols(p) - VALUE_COL - 2;

	draw_line(x, row, which, labels[which]);
	if (which == ROW_SOURCE)
		pane_putf(p, row, VALUE_COL, width, STYLE_TEXT, "%s%s",
		    x->all ? "all records" : "the hits of /", x->all ? "" : x->query);
	else if (which == ROW_FORMAT)
		pane_put(
		    p, row, VALUE_COL, width, STYLE_TEXT, sink_format_name(x->format));
	else if (which == ROW_REPLACE)
		pane_put(p, row, VALUE_COL, width, STYLE_TEXT,
		    x->replace ? "yes: a file of this name is replaced" : "no");
	else
		lineedit_draw(lines[which], p, row, VALUE_COL, width, x->cursor == which);
}

static void
export_size(struct view *v, int *rows, int *cols)
{
	*rows = (int)((struct view_export *)v)->n + ROW_COLUMNS + 4;
	*cols = 86;
}

static void
export_draw(struct view *v)
{
	struct view_export *x = (struct view_export *)v;
	struct pane *p = v->pane;
	size_t i, total = ROW_COLUMNS + x->n;
	size_t height = pane_rows(p) > 3 ? (size_t)pane_rows(p) - 3 : 1;

	pane_frame(p, "Export");
	if (x->cursor < x->top)
		x->top = x->cursor;
	if (x->cursor >= x->top + height)
		x->top = x->cursor - height + 1;
	for (i = x->top; i < total && i < x->top + height; i++) {
		int row = 1 + (int)(i - x->top);

		if (i < ROW_COLUMNS)
			draw_value(x, i, row);
		else
			draw_column(x, i - ROW_COLUMNS, row);
	}
	pane_put(p, pane_rows(p) - 2, 2, pane_cols(p) - 3, STYLE_DIM,
	    "Tab: next  Space: change  Enter: write the file  Esc: leave");
}

static void
next_treatment(struct view_export *x, size_t i)
{
	size_t n;
	const struct field *f = &app_fields(x->view.app, &n)[x->columns[i].index];
	enum export_treatment *t = &x->columns[i].treat;

	switch (*t) {
	case TREAT_DROP:
		*t = TREAT_DEFAULT;
		break;
	case TREAT_DEFAULT:
		*t = f->cls == CLASS_OPEN ? TREAT_MASK : TREAT_LAST4;
		break;
	case TREAT_MASK:
		*t = TREAT_LAST4;
		break;
	case TREAT_LAST4:
		*t = f->cls == CLASS_OPEN ? TREAT_DROP : TREAT_REVEAL;
		break;
	default:
		*t = TREAT_DROP;
	}
}

static void
toggle(struct view_export *x)
{
	if (x->cursor == ROW_SOURCE)
		x->all = !x->all || !x->query[0];
	else if (x->cursor == ROW_FORMAT)
		x->format = x->format == SINK_HTML ? SINK_CSV : x->format + 1;
	else if (x->cursor == ROW_REPLACE)
		x->replace = !x->replace;
	else if (x->cursor >= ROW_COLUMNS)
		next_treatment(x, x->cursor - ROW_COLUMNS);
}

static struct lineedit *
edited(struct view_export *x)
{
	switch (x->cursor) {
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
	struct lineedit *line = edited(x);
	int row = e->row - pane_y(v->pane) - 1;

	if (act == ACT_BACK)
		app_pop(v->app, v);
	else if (act == ACT_OPEN)
		try_start(x);
	else if (act == ACT_NEXT || act == ACT_PREVIOUS)
		move(x, act == ACT_NEXT ? 1 : -1);
	else if (e->key == K_CLICK && row >= 0 && row < pane_rows(v->pane) - 3 &&
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
	return edited((struct view_export *)v) != NULL;
}

static void
export_paste(struct view *v, int key)
{
	struct lineedit *line = edited((struct view_export *)v);

	if (line && key >= 32)
		lineedit_key(line, key);
}

static void
export_close(struct view *v)
{
	struct view_export *x = (struct view_export *)v;

	if (x->samples)
		secret_wipe(x->samples, x->n * sizeof *x->samples);
	free(x->samples);
	free(x->columns);
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

static bool
is_listed(const int *columns, size_t n, int index)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (columns[i] == index)
			return true;
	return false;
}

static void
add_column(
    struct view_export *x, int index, enum export_treatment t, const struct record *first)
{
	x->columns[x->n] = (struct export_column){index, t};
	if (first && (size_t)index < first->n)
		snprintf(x->samples[x->n], SAMPLE, "%.*s", SAMPLE - 1,
		    first->cells[index].text);
	x->n++;
}

void
view_export_open(struct app *a, const char *query, int sort, bool descending,
    const int *columns, size_t column_n, const struct record *first)
{
	struct view_export *x = calloc(1, sizeof *x);
	size_t i, n;

	if (!x)
		return;
	app_fields(a, &n);
	x->view.ops = &export_ops;
	x->columns = calloc(n + 1, sizeof *x->columns);
	x->samples = calloc(n + 1, sizeof *x->samples);
	if (!x->columns || !x->samples || lineedit_new(&x->file) != RC_OK ||
	    lineedit_new(&x->reason) != RC_OK || lineedit_new(&x->word) != RC_OK) {
		export_close(&x->view);
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	snprintf(x->query, sizeof x->query, "%s", query);
	x->all = !query[0];
	x->sort = sort;
	x->descending = descending;
	x->format = SINK_CSV;
	for (i = 0; i < column_n; i++)
		add_column(x, columns[i], TREAT_DEFAULT, first);
	for (i = 0; i < n; i++)
		if (!is_listed(columns, column_n, (int)i))
			add_column(x, (int)i, TREAT_DROP, first);
	x->cursor = ROW_FILE;
	app_push(a, &x->view);
}
