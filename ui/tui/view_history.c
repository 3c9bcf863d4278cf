/*
 * The versions of a record: who changed what, when, and what it was before.
 *
 * 1. Old values of masked and sealed fields are masked; one that is revealed lives in a
 *    struct secret, for REVEAL_MS at most, and goes with the focus, the cursor and the lock.
 * 2. When it is hidden, the screen is overwritten (term_wipe), also where all of it was read.
 *    It is drawn from where it is: no other memory holds it.
 * 3. A line holds the beginning of an old value, cut between characters; all of it is asked for
 *    again, and wiped when it is left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/history.h"
#include "store/undo.h"
#include "store/text.h"
#include "ui/op_util.h"
#include "ui/tui/cursor.h"
#include "ui/tui/lines.h"
#include "ui/tui/undo_stack.h"
#include "ui/tui/view.h"

#define REVEAL_MS 10000
#define LINES_MAX 2000 /* of the newest versions */
#define TEXT_MAX  200  /* bytes of an old value, whole characters; Enter shows all of it */

struct old {
	int64_t version, at, time;
	enum history_what what;
	int index;
	size_t place; /* among the changes of its version: dropped fields have no index */
	bool masked, cut;
	char actor[48], text[TEXT_MAX];
};

struct view_history {
	struct view view;
	int64_t id;
	struct old *lines;
	size_t n, cursor, top, height;
	int64_t asked_version; /* of the line that a question is about: lines may move */
	int asked_index;
	size_t asked_place;
	struct secret *shown; /* of the line under the cursor */
	int64_t until;
	uint64_t generation;
	bool loaded;
	bool reading; /* all of one old value, */
	char *text;   /* which is this, */
	size_t text_len;
	struct lines whole; /* broken into lines */
	int cols;	    /* for this width; 0: they are to be made */
};

enum history_task { HISTORY_LOAD, HISTORY_READ, HISTORY_REVEAL, HISTORY_REVERT };

struct history_job {
	struct job job;
	enum history_task task;
	int64_t id, version, step;
	int index;
	size_t place;
	char reason[ASK_MAX];
	struct old *lines;
	size_t n;
	struct secret *value;
	char *text; /* HISTORY_READ: all of it, as it is shown */
	size_t text_len;
};

/* Bytes of the whole clusters of ${s} that go into ${cap}. */
static size_t
whole(const char *s, size_t len, size_t cap)
{
	size_t at = 0, n;

	while ((n = text_next(s + at, len - at)) > 0 && at + n <= cap)
		at += n;
	return at;
}

static void
keep_text(struct old *l, const char *text, size_t len)
{
	const size_t n = whole(text, len, sizeof l->text - 1);

	memcpy(l->text, text, n);
	l->text[n] = '\0';
	l->cut = n < len;
}

static bool
take(void *arg, const struct history_entry *e)
{
	struct history_job *j = arg;
	struct old *l;
	size_t i;

	for (i = 0; i < e->n && j->n < LINES_MAX; i++) {
		l = &j->lines[j->n++];
		l->version = e->version;
		l->at = e->at;
		l->time = e->items[i].time;
		l->what = e->items[i].what;
		l->index = e->items[i].index;
		l->place = i;
		l->masked = e->items[i].masked;
		snprintf(l->actor, sizeof l->actor, "%s", e->actor);
		keep_text(l, e->items[i].text, e->items[i].len);
	}
	return j->n < LINES_MAX;
}

static bool
take_whole(void *arg, const struct history_entry *e)
{
	struct history_job *j = arg;
	const struct history_item *item;

	if (e->version != j->version || j->place >= e->n)
		return false;
	item = &e->items[j->place];
	if (item->what != HISTORY_VALUE || item->index != j->index)
		return false;
	j->text = malloc(item->len + 1);
	if (j->text) {
		memcpy(j->text, item->text, item->len + 1);
		j->text_len = item->len;
	}
	return false;
}

static enum rc
run_task(struct history_job *j, struct vault *v)
{
	switch (j->task) {
	case HISTORY_READ:
		return history_list(v, j->id, j->version + 1, 1, take_whole, j);
	case HISTORY_LOAD:
		j->lines = calloc(LINES_MAX, sizeof *j->lines);
		return j->lines ? history_list(v, j->id, 0, 0, take, j) : RC_NOMEM;
	case HISTORY_REVEAL:
		return history_reveal(
		    v, j->id, j->version, j->index, j->reason, &j->value);
	case HISTORY_REVERT:
		return history_revert(v, j->id, j->version, NULL);
	}
	return RC_INTERNAL;
}

static void
history_run(struct job *job, struct vault *v)
{
	struct history_job *j = (struct history_job *)job;

	job->rc = v ? run_task(j, v) : RC_LOCKED;
	if (job->rc != RC_OK && v)
		err_set(&job->err, job->rc, "%s", vault_err(v));
	if (job->rc == RC_OK && j->task == HISTORY_REVERT)
		j->step = undo_last_step(v);
}

static void
read_end(struct view_history *h)
{
	lines_clear(&h->whole);
	h->whole.cursor = h->whole.top = 0;
	if (h->text)
		secret_wipe(h->text, h->text_len);
	free(h->text);
	h->text = NULL;
	h->reading = false;
	h->cols = 0;
}

static void
read_begin(struct view_history *h)
{
	read_end(h);
	h->reading = true;
}

static void
hide(struct view *v)
{
	struct view_history *h = (struct view_history *)v;

	read_end(h);
	if (!h->shown)
		return;
	secret_free(h->shown);
	h->shown = NULL;
	h->until = 0;
	pane_erase(v->pane);
	term_wipe();
}

/* The cursor may have gone on while it was asked for. */
static bool
is_of_the_cursor(const struct view_history *h, const struct history_job *j)
{
	const struct old *l = h->cursor < h->n ? &h->lines[h->cursor] : NULL;

	return l && l->version == j->version && l->index == j->index && l->place == j->place;
}

static void
got(struct view_history *h, struct history_job *j)
{
	struct app *a = h->view.app;

	hide(&h->view);
	switch (j->task) {
	case HISTORY_LOAD:
		if (h->lines)
			secret_wipe(h->lines, LINES_MAX * sizeof *h->lines);
		free(h->lines);
		h->lines = j->lines;
		h->n = j->n;
		h->loaded = true;
		j->lines = NULL;
		if (h->cursor >= h->n)
			h->cursor = h->n ? h->n - 1 : 0;
		break;
	case HISTORY_READ:
		if (!is_of_the_cursor(h, j))
			break;
		read_begin(h);
		h->text = j->text;
		h->text_len = j->text_len;
		j->text = NULL;
		h->reading = h->text != NULL;
		break;
	case HISTORY_REVEAL:
		if (is_of_the_cursor(h, j)) {
			h->shown = j->value;
			j->value = NULL;
			h->until = app_now(a) + REVEAL_MS;
			app_fast(a, REVEAL_MS + 200);
		}
		break;
	case HISTORY_REVERT:
		app_did(a, j->step);
		app_say(a, STYLE_GOOD, "record %lld is as it was at version %lld; u undoes it",
		    (long long)j->id, (long long)j->version);
		app_changed(a);
	}
}

static void
history_done(struct job *job)
{
	struct view_history *h = job->owner;

	if (job->rc == RC_OK) {
		got(h, (struct history_job *)job);
		return;
	}
	app_failed(h->view.app, job);
	if (!h->loaded)
		app_pop(h->view.app, &h->view);
}

static void
history_free(struct job *job)
{
	struct history_job *j = (struct history_job *)job;

	if (j->lines)
		secret_wipe(j->lines, LINES_MAX * sizeof *j->lines);
	free(j->lines);
	secret_free(j->value);
	if (j->text)
		secret_wipe(j->text, j->text_len);
	free(j->text);
	free(j);
}

static const struct job_ops history_ops = {history_run, history_done, history_free};

static void
post(struct view_history *h, enum history_task task, const char *reason)
{
	struct history_job *j = calloc(1, sizeof *j);

	if (!j) {
		app_say(h->view.app, STYLE_BAD, "out of memory");
		return;
	}
	j->job.ops = &history_ops;
	j->job.owner = h;
	j->task = task;
	j->id = h->id;
	j->version = h->asked_version;
	j->index = h->asked_index;
	j->place = h->asked_place;
	snprintf(j->reason, sizeof j->reason, "%s", reason);
	worker_post(app_front(h->view.app), &j->job);
}

static void
describe(struct view_history *h, const struct old *l, char *out, size_t cap)
{
	size_t n;
	const struct field *f = app_fields(h->view.app, &n);
	char day[OP_TIME_LEN];

	switch (l->what) {
	case HISTORY_VALUE:
		snprintf(out, cap, "%s was:",
		    l->index >= 0 && (size_t)l->index < n ? f[l->index].label
							  : "(dropped field)");
		break;
	case HISTORY_TAGGED:
		snprintf(out, cap, "tagged");
		break;
	case HISTORY_UNTAGGED:
		snprintf(out, cap, "tag taken off");
		break;
	case HISTORY_TRASHED:
		snprintf(out, cap, "moved to the trash");
		break;
	case HISTORY_RESTORED:
		snprintf(out, cap, "brought back");
		break;
	case HISTORY_KEEP:
		op_day(l->time, day);
		snprintf(out, cap, "keep until was: %s", l->time ? day : "never");
		break;
	case HISTORY_ADDED:
		snprintf(out, cap, "added");
	}
}

static void
draw_line(struct view_history *h, size_t i, int row)
{
	struct pane *p = h->view.pane;
	const struct old *l = &h->lines[i];
	bool at = i == h->cursor, first = i == 0 || l[-1].version != l->version;
	char when[32], what[FIELD_LABEL_MAX + 40];
	int col;

	app_time((uint64_t)l->at, when, sizeof when);
	describe(h, l, what, sizeof what);
	pane_put(p, row, 0, 2, at ? STYLE_SELECTED : STYLE_TEXT, at ? "> " : "");
	if (first)
		pane_putf(p, row, 2, 6, STYLE_STRONG, "%lld", (long long)l->version);
	if (first && pane_cols(p) >= 60) {
		pane_put(p, row, 8, 17, STYLE_DIM, when);
		pane_put(p, row, 25, 10, STYLE_DIM, l->actor);
	}
	col = pane_cols(p) >= 60 ? 36 : 8;
	col += pane_putf(p, row, col, 0, STYLE_TEXT, "%s ", what);
	if (at && h->shown)
		pane_putn(p, row, col, pane_cols(p) - col, STYLE_REVEALED,
		    (const char *)secret_view(h->shown), secret_len(h->shown));
	else if (l->what == HISTORY_VALUE && !l->text[0])
		pane_put(p, row, col, pane_cols(p) - col, STYLE_DIM, "(empty)");
	else
		pane_putf(p, row, col, pane_cols(p) - col,
		    l->masked ? STYLE_MASKED : STYLE_TEXT, "%s%s", l->text,
		    l->cut ? " ... (Enter: all of it)" : "");
	if (at && term_plain())
		pane_cursor(p, row, 0);
}

static void
draw_whole(struct view_history *h)
{
	struct pane *p = h->view.pane;
	const char *s = h->shown ? (const char *)secret_view(h->shown) : h->text;
	const size_t len = h->shown ? secret_len(h->shown) : h->text_len;
	char what[FIELD_LABEL_MAX + 40];

	if (h->cursor >= h->n || !s)
		return;
	if (h->cols != pane_cols(p)) {
		lines_clear(&h->whole);
		lines_add_text(&h->whole, h->shown ? STYLE_REVEALED : STYLE_TEXT, s, len,
		    pane_cols(p) - 3);
		h->cols = pane_cols(p);
	}
	describe(h, &h->lines[h->cursor], what, sizeof what);
	pane_putf(p, 0, 1, 0, STYLE_STRONG, "Record %lld before version %lld, %s",
	    (long long)h->id, (long long)h->lines[h->cursor].version, what);
	lines_draw(&h->whole, p, 1);
}

static void
history_draw(struct view *v)
{
	struct view_history *h = (struct view_history *)v;
	size_t i;

	if (h->reading) {
		draw_whole(h);
		return;
	}
	h->height = pane_rows(v->pane) > 1 ? (size_t)pane_rows(v->pane) - 1 : 1;
	if (h->cursor < h->top)
		h->top = h->cursor;
	if (h->cursor >= h->top + h->height)
		h->top = h->cursor - h->height + 1;
	pane_putf(v->pane, 0, 1, 0, STYLE_STRONG, "History of record %lld",
	    (long long)h->id);
	for (i = 0; i < h->height && h->top + i < h->n; i++)
		draw_line(h, h->top + i, 1 + (int)i);
	if (h->loaded && h->n == 0)
		pane_put(v->pane, 2, 2, 0, STYLE_DIM, "never changed since it was imported");
}

static void
reveal(void *arg, const char *reason)
{
	struct view_history *h = arg;

	if (!reason[0])
		app_say(h->view.app, STYLE_WARN, "nothing revealed: a reason is needed");
	else
		post(h, HISTORY_REVEAL, reason);
}

static void
revert(void *arg)
{
	post(arg, HISTORY_REVERT, "");
}

static void
reveal_act(struct view_history *h, const struct old *l)
{
	if (h->shown)
		hide(&h->view);
	else if (l && l->what == HISTORY_VALUE && l->masked && l->index >= 0)
		view_ask_open(h->view.app, "Reveal what it was", "Reason, for the audit",
		    reveal, h);
	else
		app_say(h->view.app, STYLE_TEXT, "nothing is masked here");
}

static void
read_act(struct view_history *h, const struct old *l)
{
	if (!l || l->what != HISTORY_VALUE)
		app_say(h->view.app, STYLE_TEXT, "there is no old value on this line");
	else if (h->shown)
		read_begin(h);
	else
		post(h, HISTORY_READ, "");
}

/* While one value is read. */
static bool
read_key(struct view_history *h, enum act act, const struct term_event *e)
{
	if ((act == ACT_BACK || act == ACT_REVEAL) && h->shown)
		hide(&h->view);
	else if (act == ACT_BACK || act == ACT_OPEN)
		read_end(h);
	else
		return lines_key(&h->whole, act, e, (size_t)pane_rows(h->view.pane));
	return true;
}

static bool
history_act(struct view_history *h, enum act act)
{
	struct app *a = h->view.app;
	const struct old *l = h->cursor < h->n ? &h->lines[h->cursor] : NULL;
	char question[80];

	if (l) {
		h->asked_version = l->version;
		h->asked_index = l->index;
		h->asked_place = l->place;
	}
	switch (act) {
	case ACT_OPEN:
		read_act(h, l);
		return true;
	case ACT_REVEAL:
		reveal_act(h, l);
		return true;
	case ACT_RESTORE:
		if (!l)
			return true;
		snprintf(question, sizeof question, "Make the record what it was at version %lld?",
		    (long long)l->version);
		view_confirm_open(a, question, revert, h);
		return true;
	case ACT_UNDO:
	case ACT_REDO:
		app_undo(a, act == ACT_REDO);
		return true;
	case ACT_BACK:
		app_pop(a, &h->view);
		return true;
	default:
		return false;
	}
}

static bool
history_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_history *h = (struct view_history *)v;

	if (h->reading)
		return read_key(h, act, e);
	if (!cursor_key(act, e, h->n, h->height, &h->cursor))
		return history_act(h, act);
	hide(v);
	return true;
}

static void
history_tick(struct view *v)
{
	struct view_history *h = (struct view_history *)v;

	if (h->until && app_now(v->app) >= h->until)
		hide(v);
	if (h->generation != app_generation(v->app)) {
		h->generation = app_generation(v->app);
		post(h, HISTORY_LOAD, "");
	}
}

static void
history_status(struct view *v, char *out, size_t cap)
{
	struct view_history *h = (struct view_history *)v;

	if (h->shown)
		snprintf(out, cap, "revealed for %d s",
		    (int)((h->until - app_now(v->app)) / 1000) + 1);
	else if (h->n)
		snprintf(out, cap, "change %zu of %s%zu", h->cursor + 1,
		    h->n == LINES_MAX ? "over " : "", h->n);
}

static void
history_close(struct view *v)
{
	struct view_history *h = (struct view_history *)v;

	if (v->pane)
		hide(v);
	read_end(h);
	if (h->lines)
		secret_wipe(h->lines, LINES_MAX * sizeof *h->lines);
	free(h->lines);
	free(h);
}

static const struct binding history_keys[] = {
    MOVE_KEYS("older", "newer", "newest", "oldest"),
    {K_ENTER, ACT_OPEN, NULL, "all of an old value; once more: back"},
    {'v', ACT_REVEAL, NULL, "reveal what it was, with a reason; hide it again"},
    {K_F0 + 2, ACT_REVEAL, "Reveal", NULL},
    {'R', ACT_RESTORE, NULL, "make the record what it was at this version"},
    {K_F0 + 4, ACT_RESTORE, "Revert", NULL}, {'u', ACT_UNDO, NULL, "undo"},
    {K_CTRL('r'), ACT_REDO, NULL, "redo"}, {'q', ACT_BACK, NULL, "back"},
    {K_ESC, ACT_BACK, NULL, NULL}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops history_view_ops = {.title = "History",
    .keys = history_keys,
    .draw = history_draw,
    .key = history_key,
    .tick = history_tick,
    .hide = hide,
    .status = history_status,
    .close = history_close};

void
view_history_open(struct app *a, int64_t id)
{
	struct view_history *h = calloc(1, sizeof *h);

	if (!h) {
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	h->view.ops = &history_view_ops;
	h->id = id;
	h->generation = app_generation(a);
	if (app_push(a, &h->view))
		post(h, HISTORY_LOAD, "");
}
