/*
 * One record: all fields, masked ones masked.
 *
 * 1. A revealed value lives in a struct secret, for REVEAL_MS at most; it goes on
 *    scrolling, on lock, when the terminal loses the focus and under another view.
 * 2. Each reveal is asked of the store, which writes to the audit first.
 * 3. When values are hidden, the screen is overwritten (term_wipe), and with it what
 *    curses keeps of its last output.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/text.h"
#include "ui/op_util.h"
#include "ui/tui/copy.h"
#include "ui/tui/jobs.h"
#include "ui/tui/lines.h"
#include "ui/tui/undo_stack.h"
#include "ui/tui/view.h"
#include "ui/tui/view_erase.h"

#define REVEAL_MS 10000
#define BAR_CELLS 10
#define HEAD_ROWS 3

struct view_record {
	struct view view;
	int64_t id;
	struct record *record;
	struct secret **shown; /* per field: the revealed value or NULL */
	size_t n;
	size_t cursor, top;
	int64_t until; /* of the reveal; 0: nothing is revealed */
	uint64_t generation;
};

static void
hide(struct view *v)
{
	struct view_record *r = (struct view_record *)v;
	bool any = false;
	size_t i;

	for (i = 0; i < r->n; i++) {
		any |= r->shown[i] != NULL;
		secret_free(r->shown[i]);
		r->shown[i] = NULL;
	}
	r->until = 0;
	if (!any)
		return;
	pane_erase(v->pane);
	term_wipe();
}

static void
got(struct record_job *j)
{
	struct view_record *r = j->job.owner;
	struct app *a = r->view.app;

	if (j->job.rc != RC_OK) {
		app_failed(a, &j->job);
		if (!r->record)
			app_pop(a, &r->view);
		return;
	}
	hide(&r->view);
	record_free(r->record);
	r->record = j->record;
	j->record = NULL;
	if (r->record->n < r->n)
		r->n = r->record->n;
}

static void
load(struct view_record *r)
{
	record_job_post(r->view.app, record_job_new(r, TASK_GET, r->id, got));
}

static void
revealed(struct record_job *j)
{
	struct view_record *r = j->job.owner;
	struct app *a = r->view.app;

	if (j->job.rc != RC_OK) {
		app_failed(a, &j->job);
		return;
	}
	if ((size_t)j->index >= r->n)
		return;
	secret_free(r->shown[j->index]);
	r->shown[j->index] = j->value;
	j->value = NULL;
	r->until = app_now(a) + REVEAL_MS;
	app_fast(a, REVEAL_MS + 200);
}

static void
reveal(struct view_record *r, size_t index, const char *reason)
{
	struct record_job *j = record_job_new(r, TASK_REVEAL, r->id, revealed);

	if (j) {
		j->index = (int)index;
		snprintf(j->reason, sizeof j->reason, "%s", reason);
	}
	record_job_post(r->view.app, j);
}

static void
reveal_all(void *arg, const char *reason)
{
	struct view_record *r = arg;
	size_t i;

	if (!reason[0]) {
		app_say(r->view.app, STYLE_WARN, "nothing revealed: a reason is needed");
		return;
	}
	for (i = 0; r->record && i < r->n; i++)
		if (r->record->cells[i].masked)
			reveal(r, i, reason);
}

static void
reveal_one(struct view_record *r)
{
	if (r->until)
		hide(&r->view);
	else if (r->record && r->cursor < r->n && r->record->cells[r->cursor].masked)
		reveal(r, r->cursor, "");
	else
		app_say(r->view.app, STYLE_TEXT, "this field is not masked");
}

static int
label_width(const struct pane *p)
{
	return pane_cols(p) < 60 ? 12 : 20;
}

/* Draw field ${i} from ${row} on; returns its lines. Rows past the pane are only counted.
 */
static int
draw_field(struct view_record *r, const struct field *f, size_t i, int row, bool draw)
{
	struct pane *p = r->view.pane;
	const struct cell *c = &r->record->cells[i];
	const struct secret *value = r->shown[i];
	const char *s = value ? (const char *)secret_view(value) : c->text;
	size_t len = value ? secret_len(value) : c->len, n;
	int left = label_width(p) + 3, width = pane_cols(p) - left - 1, lines = 0;
	bool at = i == r->cursor;
	enum style style = value	? STYLE_REVEALED
			   : c->invalid ? STYLE_WARN
			   : c->masked	? STYLE_MASKED
					: STYLE_TEXT;

	if (draw) {
		pane_put(p, row, 0, 2, at ? STYLE_SELECTED : STYLE_TEXT, at ? "> " : "");
		pane_put(
		    p, row, 2, label_width(p), at ? STYLE_SELECTED : STYLE_DIM, f->label);
		if (c->invalid && !value)
			pane_put(p, row, left - 1, 1, STYLE_WARN, "!");
		if (at && term_plain())
			pane_cursor(p, row, 0);
	}
	do {
		n = lines_fit(s, len, width);
		if (draw)
			pane_putn(p, row + lines, left, width, style, s, n);
		n += n < len && s[n] == '\n';
		s += n;
		len -= n;
		lines++;
	} while (len > 0 && n > 0);
	return lines;
}

/* Its tags, and until when it is kept. */
static void
draw_marks(struct view_record *r, int row)
{
	struct pane *p = r->view.pane;
	int at = 1;
	char when[OP_TIME_LEN];

	if (r->record->keep_until) {
		op_day(r->record->keep_until, when);
		at += pane_putf(p, row, at, 0,
		    r->record->keep_until > app_clock() ? STYLE_DIM : STYLE_WARN,
		    "%skeep until %s  ",
		    r->record->keep_until > app_clock() ? "" : "! past its date: ", when);
	}
	if (r->record->tags[0])
		pane_putf(p, row, at, 0, STYLE_STRONG, "tags: %s", r->record->tags);
}

static void
draw_head(struct view_record *r)
{
	struct pane *p = r->view.pane;
	int cells;
	int64_t left = r->until - app_now(r->view.app);
	char when[32], bar[2 * BAR_CELLS + 1];

	if (!r->record)
		return;
	app_time((uint64_t)r->record->updated_at, when, sizeof when);
	pane_putf(p, 0, 1, 0, STYLE_STRONG, "Record %lld", (long long)r->id);
	pane_putf(p, 0, 17, 0, STYLE_DIM, "changed %s, version %lld", when,
	    (long long)r->record->version);
	draw_marks(r, 1);
	if (r->record->deleted_at)
		pane_put(p, 2, 1, 0, STYLE_WARN, "! in the trash; u brings it back");
	if (!r->until || left <= 0)
		return;
	cells = (int)(left * BAR_CELLS / REVEAL_MS) + 1;
	snprintf(bar, sizeof bar, "%.*s%.*s", cells, "##########", BAR_CELLS - cells,
	    "----------");
	pane_putf(p, 2, 1, 0, STYLE_REVEALED, "revealed [%s] %d s", bar,
	    (int)(left / 1000) + 1);
}

/* The first field to be drawn, so that the cursor's is seen. */
static size_t
find_top(struct view_record *r, const struct field *fields, int height)
{
	size_t top = r->top, i;
	int lines;

	if (r->cursor < top)
		return r->cursor;
	for (; top < r->cursor; top++) {
		lines = 0;
		for (i = top; i <= r->cursor; i++)
			lines += draw_field(r, &fields[i], i, 0, false);
		if (lines <= height)
			break;
	}
	return top;
}

static void
record_draw(struct view *v)
{
	struct view_record *r = (struct view_record *)v;
	int row = HEAD_ROWS, rows = pane_rows(v->pane);
	size_t i, n, top;
	const struct field *fields = app_fields(v->app, &n);

	if (!r->record)
		return;
	top = find_top(r, fields, rows - HEAD_ROWS);
	if (top != r->top && r->until)
		hide(v);
	r->top = top;
	draw_head(r);
	for (i = top; i < r->n && i < n && row < rows; i++)
		row += draw_field(r, &fields[i], i, row, true);
}

static void
move(struct view_record *r, int64_t by)
{
	int64_t to = (int64_t)r->cursor + by;

	if (to >= (int64_t)r->n)
		to = (int64_t)r->n - 1;
	r->cursor = to < 0 ? 0 : (size_t)to;
}

static void
trash_done(struct record_job *j)
{
	struct view_record *r = j->job.owner;
	struct app *a = r->view.app;

	if (j->job.rc != RC_OK) {
		app_failed(a, &j->job);
		return;
	}
	app_say(a, STYLE_GOOD, "record %lld is %s", (long long)j->id,
	    j->task == TASK_TRASH ? "in the trash; u brings it back" : "back");
	app_changed(a);
}

static void
tagged(struct record_job *j)
{
	struct view_record *r = j->job.owner;

	if (j->job.rc != RC_OK) {
		app_failed(r->view.app, &j->job);
		return;
	}
	app_changed(r->view.app);
}

static void
tag(void *arg, const char *text)
{
	struct view_record *r = arg;
	struct record_job *j = record_job_new(r, TASK_TAG, r->id, tagged);

	if (j)
		snprintf(j->reason, sizeof j->reason, "%s", text);
	record_job_post(r->view.app, j);
}

static void
erased(void *arg)
{
	struct view_record *r = arg;

	app_pop(r->view.app, &r->view);
}

static bool
record_act(struct view_record *r, enum act act)
{
	struct app *a = r->view.app;

	if (!r->record && act != ACT_BACK) /* got() may still take the view away */
		return false;
	switch (act) {
	case ACT_REVEAL:
		reveal_one(r);
		return true;
	case ACT_REVEAL_ALL:
		view_ask_open(a, "Reveal all masked fields", "Reason, for the audit",
		    reveal_all, r);
		return true;
	case ACT_COPY:
		if (r->record && r->cursor < r->n)
			copy_field(a, r->id, (int)r->cursor);
		return true;
	case ACT_EDIT:
		view_edit_open(a, r->id);
		return true;
	case ACT_TRASH:
		record_job_post(a, record_job_new(r, TASK_TRASH, r->id, trash_done));
		return true;
	case ACT_UNDO:
	case ACT_REDO:
		if (act == ACT_REDO || !r->record || !r->record->deleted_at) {
			app_undo(a, act == ACT_REDO);
			return true;
		}
		record_job_post(a, record_job_new(r, TASK_RESTORE, r->id, trash_done));
		return true;
	case ACT_ERASE:
		view_erase_open(a, &r->id, 1, erased, r);
		return true;
	case ACT_HISTORY:
		view_history_open(a, r->id);
		return true;
	case ACT_TAG:
		view_ask_open(a, "Tags", "+vip puts one on, -vip takes it off", tag, r);
		return true;
	case ACT_AUDIT:
		view_audit_open(a);
		return true;
	case ACT_BACK:
		app_pop(a, &r->view);
		return true;
	default:
		return false;
	}
}

static void
click(struct view_record *r, const struct term_event *e)
{
	int row = HEAD_ROWS, at = e->row - pane_y(r->view.pane);
	size_t i, n;
	const struct field *fields = app_fields(r->view.app, &n);

	for (i = r->top; r->record && i < r->n && i < n && row <= at; i++) {
		row += draw_field(r, &fields[i], i, 0, false);
		if (at < row) {
			r->cursor = i;
			return;
		}
	}
}

static bool
record_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_record *r = (struct view_record *)v;
	int page = pane_rows(v->pane) - HEAD_ROWS;

	switch (act) {
	case ACT_UP:
		move(r, -1);
		return true;
	case ACT_DOWN:
		move(r, 1);
		return true;
	case ACT_PAGE_UP:
		move(r, -page);
		return true;
	case ACT_PAGE_DOWN:
		move(r, page);
		return true;
	case ACT_FIRST:
		move(r, -(int64_t)r->n);
		return true;
	case ACT_LAST:
		move(r, (int64_t)r->n);
		return true;
	default:
		break;
	}
	if (e->key == K_CLICK)
		click(r, e);
	else if (e->key == K_WHEEL_UP || e->key == K_WHEEL_DOWN)
		move(r, e->key == K_WHEEL_UP ? -1 : 1);
	return record_act(r, act);
}

static void
record_tick(struct view *v)
{
	struct view_record *r = (struct view_record *)v;

	if (r->until && app_now(v->app) >= r->until)
		hide(v);
	if (r->generation != app_generation(v->app)) {
		r->generation = app_generation(v->app);
		load(r);
	}
}

static void
record_status(struct view *v, char *out, size_t cap)
{
	struct view_record *r = (struct view_record *)v;
	size_t n, used;
	const struct field *f = app_fields(v->app, &n);
	int64_t left = copy_left(v->app, r->id, (int)r->cursor);

	if (!r->record || r->cursor >= r->n || r->cursor >= n)
		return;
	snprintf(out, cap, "%s, %s%s", type_name(f[r->cursor].type),
	    class_name(f[r->cursor].cls),
	    r->record->cells[r->cursor].invalid ? ", ! not valid as it stands" : "");
	used = strlen(out);
	if (left > 0)
		snprintf(out + used, cap - used, ", on the clipboard, %d s",
		    (int)(left / 1000) + 1);
}

static void
record_close(struct view *v)
{
	struct view_record *r = (struct view_record *)v;

	if (v->pane)
		hide(v);
	record_free(r->record);
	free(r->shown);
	free(r);
}

static const struct binding record_keys[] = {
    MOVE_KEYS("next field", "field before", "first field", "last field"),
    {'v', ACT_REVEAL, NULL, "reveal the field for 10 s, hide it again"},
    {K_F0 + 2, ACT_REVEAL, "Reveal", NULL},
    {'V', ACT_REVEAL_ALL, NULL, "reveal all, with a reason"},
    {K_F0 + 3, ACT_REVEAL_ALL, "All", NULL},
    {'y', ACT_COPY, NULL, "copy the field to the clipboard, take it off again"}, {'e', ACT_EDIT, NULL, "edit"},
    {K_F0 + 4, ACT_EDIT, "Edit", NULL}, {'d', ACT_TRASH, NULL, "put it in the trash"},
    {K_F0 + 8, ACT_TRASH, "Trash", NULL},
    {'D', ACT_ERASE, NULL, "erase it for good"},
    {'u', ACT_UNDO, NULL, "bring it back from the trash, or undo the last change"},
    {K_CTRL('r'), ACT_REDO, NULL, "redo"}, {'H', ACT_HISTORY, NULL, "its versions"},
    {K_F0 + 6, ACT_HISTORY, "History", NULL},
    {'t', ACT_TAG, NULL, "put tags on, take them off"},
    {'A', ACT_AUDIT, NULL, "audit"}, {'q', ACT_BACK, NULL, "back to the list"},
    {K_ESC, ACT_BACK, NULL, NULL}, {0, ACT_NONE, NULL, NULL}};

static bool
record_waits(struct view *v)
{
	return !((struct view_record *)v)->record;
}

static const struct view_ops record_ops = {.title = "Record",
    .keys = record_keys,
    .draw = record_draw,
    .key = record_key,
    .waits = record_waits,
    .tick = record_tick,
    .hide = hide,
    .status = record_status,
    .close = record_close};

void
view_record_open(struct app *a, int64_t id)
{
	struct view_record *r = calloc(1, sizeof *r);
	size_t n;

	app_fields(a, &n);
	if (r)
		r->shown = calloc(n + 1, sizeof *r->shown);
	if (!r || !r->shown) {
		free(r);
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	r->view.ops = &record_ops;
	r->id = id;
	r->n = n;
	r->generation = app_generation(a);
	if (app_push(a, &r->view))
		load(r);
}
