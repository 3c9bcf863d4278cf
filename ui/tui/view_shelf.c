/*
 * The trash, with the day from which a purge takes each record; and what is due: records
 * whose keep-until date is past or near. In both a record is opened, kept for longer, put
 * in the trash or brought back, or erased.
 *
 * 1. What is done, is done to the marked rows, or to the one under the cursor when none
 *    is.
 * 2. Nothing is erased from here but by view_erase, which asks for a word; a purge asks
 *    too.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/keep.h"
#include "ui/op_util.h"
#include "ui/tui/shelf.h"
#include "ui/tui/undo_stack.h"
#include "ui/tui/view_erase.h"

#define DAY	 INT64_C(86400000000) /* microseconds */
#define NEAR_MAX 36500		      /* days */
#define HEAD	 2		      /* lines above the rows */
#define WIDE	 60		      /* columns, from which the dates stand beside it */
#define ID_COLS	 10
#define DAY_COLS 12

struct view_shelf {
	struct view view;
	enum shelf_list list;
	struct shelf shelf;
	int days;	/* that the trash keeps records */
	int ahead;	/* days from now until which a date is near */
	int64_t *asked; /* the records that a day is asked for */
	size_t asked_n;
	int64_t past; /* records that the purge was asked for */
	bool there, loading;
	uint64_t generation;
};

static void load(struct view_shelf *w);

static void
loaded(void *owner, struct shelf_job *j)
{
	struct view_shelf *w = owner;

	w->loading = false;
	if (j->slow.job.rc != RC_OK) {
		app_failed(w->view.app, &j->slow.job);
		if (!w->there)
			app_pop(w->view.app, &w->view);
		return;
	}
	shelf_take(&w->shelf, &j->shelf);
	w->days = j->days;
	w->there = true;
}

static void
load(struct view_shelf *w)
{
	struct shelf_job *j = shelf_job_new(w, SHELF_LOAD, w->list, loaded);

	if (!j)
		return;
	j->until = app_clock() + w->ahead * DAY;
	w->loading = true;
	w->generation = app_generation(w->view.app);
	shelf_job_post(w->view.app, j);
}

static void
changed(void *owner, struct shelf_job *j)
{
	struct view_shelf *w = owner;

	shelf_undoable(&w->shelf, w->view.app, j);
}

/* Takes ${ids} over. */
static void
change(struct view_shelf *w, enum shelf_task task, int64_t *ids, size_t n, int64_t until)
{
	struct shelf_job *j = ids ? shelf_job_new(w, task, w->list, changed) : NULL;

	if (!j) {
		free(ids);
		app_say(w->view.app, STYLE_BAD, "out of memory");
		return;
	}
	j->ids = ids;
	j->id_n = n;
	j->until = until;
	shelf_change(&w->shelf, w->view.app, j);
}

static void
purged(void *owner, struct shelf_job *j)
{
	struct view_shelf *w = owner;
	struct app *a = w->view.app;

	if (shelf_changed(&w->shelf, a, j))
		view_erase_told(a, &j->report);
	else
		app_failed_aloud(a, "Purge", &j->slow.job);
}

static void
purge(void *arg)
{
	struct view_shelf *w = arg;
	struct shelf_job *j = shelf_job_new(w, SHELF_DO_PURGE, w->list, purged);

	if (j)
		j->agreed = w->past;
	if (j)
		shelf_change(&w->shelf, w->view.app, j);
}

static void
purge_counted(void *owner, struct shelf_job *j)
{
	struct view_shelf *w = owner;
	struct app *a = w->view.app;
	char question[200];

	if (j->slow.job.rc != RC_OK) {
		app_failed(a, &j->slow.job);
	} else if (j->report.records == 0) {
		app_say(a, STYLE_TEXT, "nothing is past its purge date");
	} else if (app_may_ask(a, w->view.serial)) {
		w->past = j->report.records;
		snprintf(question, sizeof question,
		    "%" PRId64 " of the trash %s gone for good, with %s history. Purge?",
		    j->report.records, j->report.records == 1 ? "is" : "are",
		    j->report.records == 1 ? "its" : "their");
		view_confirm_open(a, question, purge, w);
	}
}

static void
extend(void *arg, const char *text)
{
	struct view_shelf *w = arg;
	int64_t until;

	if (!text[0])
		return;
	if (!keep_parse(text, strlen(text), &until)) {
		app_say(w->view.app, STYLE_BAD,
		    "that is no day: write it as 2031-12-31, or never");
		return;
	}
	change(w, SHELF_DO_KEEP, w->asked, w->asked_n, until);
	w->asked = NULL;
}

/* The rows may move while the day is typed. */
static void
ask_day(struct view_shelf *w)
{
	free(w->asked);
	w->asked = shelf_ids(&w->shelf, &w->asked_n);
	view_ask_open(
	    w->view.app, "Keep until", "A day as 2031-12-31, or never", extend, w);
}

static void
look_ahead(void *arg, const char *text)
{
	struct view_shelf *w = arg;
	char *end;
	const long days = strtol(text, &end, 10);

	if (!text[0])
		return;
	if (*end || days < 0 || days > NEAR_MAX) {
		app_say(
		    w->view.app, STYLE_BAD, "a number of days from 0 to %d", NEAR_MAX);
		return;
	}
	w->ahead = (int)days;
	load(w);
}

static void
trash_or_not(struct view_shelf *w, bool restore)
{
	const struct shelf_row *at = shelf_current(&w->shelf);
	int64_t *ids;
	size_t n;

	if (shelf_marked(&w->shelf) == 0 && at->trashed != restore) {
		app_say(w->view.app, STYLE_WARN,
		    restore ? "it is not in the trash" : "it is in the trash already");
		return;
	}
	ids = shelf_ids(&w->shelf, &n);
	change(w, restore ? SHELF_DO_RESTORE : SHELF_DO_TRASH, ids, n, 0);
}

/* What needs a row; false: another key. */
static bool
row_act(struct view_shelf *w, enum act act)
{
	const struct shelf_row *at = shelf_current(&w->shelf);
	struct app *a = w->view.app;

	if (act != ACT_OPEN && act != ACT_EDIT && act != ACT_TRASH &&
	    act != ACT_RESTORE && act != ACT_ERASE && act != ACT_KEEP)
		return false;
	if (!at)
		app_say(a, STYLE_TEXT, "there is no record here");
	else if (act == ACT_OPEN)
		view_record_open(a, at->id);
	else if (act == ACT_TRASH || act == ACT_RESTORE)
		trash_or_not(w, act == ACT_RESTORE);
	else if (act == ACT_ERASE)
		shelf_erase(&w->shelf, a);
	else
		ask_day(w);
	return true;
}

static bool
shelf_view_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_shelf *w = (struct view_shelf *)v;
	struct shelf_job *j;

	if (act == ACT_BACK) {
		shelf_leave(&w->shelf, v);
	} else if (!w->there) { /* it may still have to leave by itself */
		return false;
	} else if (act == ACT_UNDO || act == ACT_REDO) {
		app_undo(v->app, act == ACT_REDO);
	} else if (act == ACT_PURGE) {
		j = shelf_job_new(w, SHELF_COUNT_PURGE, w->list, purge_counted);
		if (j)
			shelf_job_post(v->app, j);
	} else if (act == ACT_FILTER) {
		view_ask_open(v->app, "What is near",
		    "Also what is due within this many days", look_ahead, w);
	} else if (e->key == K_CLICK) {
		shelf_click(&w->shelf, e->row - pane_y(v->pane) - HEAD);
	} else {
		return row_act(w, act) || shelf_key(&w->shelf, act, e);
	}
	return true;
}

static void
put_day(struct pane *p, int line, int col, int64_t at, enum style style)
{
	char day[OP_TIME_LEN];

	op_day(at, day);
	pane_put(p, line, col, DAY_COLS, style, at ? day : "--");
}

/* A date that is past has a sign beside its colour. */
static void
put_row(void *arg, const struct shelf_row *r, int line, int col, bool at)
{
	struct view_shelf *w = arg;
	struct pane *p = w->view.pane;
	const enum style style = at ? STYLE_SELECTED : STYLE_TEXT;
	const bool trash = w->list == SHELF_TRASH;
	const bool past = (trash ? r->purge_at : r->keep_until) <= app_clock();

	pane_putf(p, line, col, ID_COLS, style, "%" PRId64, r->id);
	col += ID_COLS;
	pane_put(p, line, col, 2, past ? STYLE_WARN : style, past ? "!" : "");
	put_day(p, line, col + 2, trash ? r->purge_at : r->keep_until,
	    past ? STYLE_WARN : style);
	col += 2 + DAY_COLS;
	if (pane_cols(p) >= WIDE && trash) {
		put_day(p, line, col, r->deleted_at, style);
		put_day(p, line, col + DAY_COLS, r->keep_until, style);
		col += 2 * DAY_COLS;
	} else if (pane_cols(p) >= WIDE) {
		pane_put(p, line, col, DAY_COLS, style, r->trashed ? "in trash" : "");
		col += DAY_COLS;
	}
	pane_put(p, line, col, pane_cols(p) - col, style, r->who);
}

static void
draw_heads(struct view_shelf *w, int line)
{
	struct pane *p = w->view.pane;
	int col = 2;

	pane_put(p, line, col, ID_COLS, STYLE_STRONG, "ID");
	col += ID_COLS + 2;
	pane_put(p, line, col, DAY_COLS, STYLE_STRONG,
	    w->list == SHELF_TRASH ? "PURGE FROM" : "KEEP UNTIL");
	col += DAY_COLS;
	if (pane_cols(p) >= WIDE && w->list == SHELF_TRASH) {
		pane_put(p, line, col, DAY_COLS, STYLE_STRONG, "TRASHED");
		pane_put(p, line, col + DAY_COLS, DAY_COLS, STYLE_STRONG, "KEEP UNTIL");
		col += 2 * DAY_COLS;
	} else if (pane_cols(p) >= WIDE) {
		col += DAY_COLS;
	}
	pane_put(p, line, col, pane_cols(p) - col, STYLE_STRONG, "RECORD");
}

static void
shelf_view_draw(struct view *v)
{
	struct view_shelf *w = (struct view_shelf *)v;
	struct pane *p = v->pane;

	if (w->list == SHELF_TRASH && w->there)
		pane_putf(p, 0, 1, 0, STYLE_STRONG,
		    "Trash: records may be purged after %d days; nothing goes by itself",
		    w->days);
	else if (w->list == SHELF_TRASH)
		pane_put(p, 0, 1, 0, STYLE_STRONG, "Trash");
	else if (w->ahead == 0)
		pane_put(
		    p, 0, 1, 0, STYLE_STRONG, "Due: past the day they are kept until");
	else
		pane_putf(p, 0, 1, 0, STYLE_STRONG, "Due today or within %d day%s",
		    w->ahead, w->ahead == 1 ? "" : "s");
	draw_heads(w, 1);
	if (w->there && w->shelf.n == 0)
		pane_put(p, HEAD + 1, 2, 0, STYLE_DIM,
		    w->list == SHELF_TRASH ? "The trash is empty."
					   : "Nothing is due. f looks further ahead.");
	shelf_draw(&w->shelf, p, HEAD, put_row, w);
}

static void
shelf_status(struct view *v, char *out, size_t cap)
{
	struct view_shelf *w = (struct view_shelf *)v;
	const size_t marked = shelf_marked(&w->shelf);

	if (!w->there)
		snprintf(out, cap, "loading");
	else if (marked > 0)
		snprintf(out, cap, "%zu marked of %s%zu", marked,
		    w->shelf.more ? "over " : "", w->shelf.n);
	else
		snprintf(out, cap, "row %zu of %s%zu",
		    w->shelf.n ? w->shelf.cursor + 1 : 0, w->shelf.more ? "over " : "",
		    w->shelf.n);
}

static void
shelf_tick(struct view *v)
{
	struct view_shelf *w = (struct view_shelf *)v;

	if (!w->loading && w->generation != app_generation(v->app))
		load(w);
}

static void
shelf_view_close(struct view *v)
{
	struct view_shelf *w = (struct view_shelf *)v;

	shelf_close(&w->shelf, v->app);
	free(w->asked);
	free(w);
}

static const struct binding trash_keys[] = {SHELF_MOVES,
    {'r', ACT_RESTORE, NULL, "bring it back"}, {K_F0 + 4, ACT_RESTORE, "Restore", NULL},
    {'m', ACT_KEEP, NULL, "keep it until another day"},
    {K_F0 + 6, ACT_KEEP, "Keep", NULL}, {'D', ACT_ERASE, NULL, "erase it for good, now"},
    {K_F0 + 8, ACT_ERASE, "Erase", NULL},
    {'p', ACT_PURGE, NULL, "purge: erase all that is past its day"},
    {K_F0 + 7, ACT_PURGE, "Purge", NULL}, {'u', ACT_UNDO, NULL, "undo the last change"},
    SHELF_LEAVES};

static const struct binding due_keys[] = {SHELF_MOVES,
    {'m', ACT_KEEP, NULL, "keep it until a later day"},
    {K_F0 + 6, ACT_KEEP, "Keep", NULL}, {'d', ACT_TRASH, NULL, "put it in the trash"},
    {K_F0 + 8, ACT_TRASH, "Trash", NULL}, {'r', ACT_RESTORE, NULL, "bring it back"},
    {'D', ACT_ERASE, NULL, "erase it for good"}, {K_F0 + 7, ACT_ERASE, "Erase", NULL},
    {'f', ACT_FILTER, NULL, "also what is due within some days"},
    {K_F0 + 4, ACT_FILTER, "Ahead", NULL}, {'u', ACT_UNDO, NULL, "undo the last change"},
    SHELF_LEAVES};

static const struct view_ops trash_view_ops = {.title = "Trash",
    .keys = trash_keys,
    .draw = shelf_view_draw,
    .key = shelf_view_key,
    .tick = shelf_tick,
    .status = shelf_status,
    .close = shelf_view_close};

static const struct view_ops due_view_ops = {.title = "Due",
    .keys = due_keys,
    .draw = shelf_view_draw,
    .key = shelf_view_key,
    .tick = shelf_tick,
    .status = shelf_status,
    .close = shelf_view_close};

static void
open_list(struct app *a, enum shelf_list list, const struct view_ops *ops)
{
	struct view_shelf *w = calloc(1, sizeof *w);

	if (!w) {
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	w->view.ops = ops;
	w->list = list;
	if (app_push(a, &w->view))
		load(w);
}

void
view_trash_open(struct app *a)
{
	open_list(a, SHELF_TRASH, &trash_view_ops);
}

void
view_due_open(struct app *a)
{
	open_list(a, SHELF_DUE, &due_view_ops);
}
