/*
 * Records that are probably the same person, group by group: alike in some fields. They are
 * opened, compared side by side, put in the trash or erased.
 *
 * 1. Which fields are compared stands in the title; where they are masked or sealed, that it
 *    was done is in the audit before (duplicates_find).
 * 2. The rows are those of the fields in the title, or none.
 * 3. They are compared anew after this session's own changes only: else two sessions would
 *    wake each other with what the audit is told, without end.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/tui/shelf.h"
#include "ui/tui/undo_stack.h"
#include "ui/tui/view_erase.h"

#define HEAD	   2 /* lines above the rows */
#define GROUP_COLS 7
#define ID_COLS	   11
#define TITLE_MAX  300

struct view_alike {
	struct view view;
	struct shelf shelf;
	int fields[DUPLICATES_FIELDS_MAX];
	size_t field_n;
	bool there, loading;
	uint64_t generation;
};

static void
loaded(void *owner, struct shelf_job *j)
{
	struct view_alike *w = owner;

	w->loading = false;
	if (j->slow.job.rc != RC_OK) {
		app_failed(w->view.app, &j->slow.job);
		return;
	}
	shelf_take(&w->shelf, &j->shelf);
	w->there = true;
}

static void
load(struct view_alike *w)
{
	struct shelf_job *j = shelf_job_new(w, SHELF_LOAD, SHELF_ALIKE, loaded);

	if (!j)
		return;
	memcpy(j->fields, w->fields, sizeof j->fields);
	j->field_n = w->field_n;
	w->loading = true;
	w->generation = app_own_changes(w->view.app);
	shelf_job_post(w->view.app, j);
}

static void
fields_chosen(void *arg, const int *fields, size_t n)
{
	struct view_alike *w = arg;

	if (n > DUPLICATES_FIELDS_MAX) {
		app_say(w->view.app, STYLE_BAD, "at most %d fields are compared",
		    DUPLICATES_FIELDS_MAX);
		return;
	}
	memcpy(w->fields, fields, n * sizeof *fields);
	w->field_n = n;
	w->there = false;
	worker_forget(app_front(w->view.app), w);
	shelf_free(&w->shelf);
	load(w);
}

static void
changed(void *owner, struct shelf_job *j)
{
	struct view_alike *w = owner;

	shelf_undoable(&w->shelf, w->view.app, j);
}

static void
trash(struct view_alike *w)
{
	size_t n;
	int64_t *ids = shelf_ids(&w->shelf, &n);
	struct shelf_job *j =
	    ids ? shelf_job_new(w, SHELF_DO_TRASH, SHELF_ALIKE, changed) : NULL;

	if (!j) {
		free(ids);
		app_say(w->view.app, STYLE_BAD, "out of memory");
		return;
	}
	j->ids = ids;
	j->id_n = n;
	shelf_change(&w->shelf, w->view.app, j);
}

/* With the next record of its group, or the one before when it is the last. */
static void
compare(struct view_alike *w, const struct shelf_row *at)
{
	const struct shelf_row *rows = w->shelf.rows;
	const size_t i = w->shelf.cursor;

	if (i + 1 < w->shelf.n && rows[i + 1].group == at->group)
		view_compare_open(w->view.app, at->id, rows[i + 1].id);
	else if (i > 0 && rows[i - 1].group == at->group)
		view_compare_open(w->view.app, rows[i - 1].id, at->id);
}

static bool
row_act(struct view_alike *w, enum act act)
{
	const struct shelf_row *at = shelf_current(&w->shelf);
	struct app *a = w->view.app;

	if (act != ACT_OPEN && act != ACT_COMPARE && act != ACT_TRASH && act != ACT_ERASE)
		return false;
	if (!at)
		app_say(a, STYLE_TEXT, "there is no record here");
	else if (act == ACT_OPEN)
		view_record_open(a, at->id);
	else if (act == ACT_COMPARE)
		compare(w, at);
	else if (act == ACT_TRASH)
		trash(w);
	else
		shelf_erase(&w->shelf, a);
	return true;
}

static bool
alike_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_alike *w = (struct view_alike *)v;

	if (act == ACT_BACK)
		shelf_leave(&w->shelf, v);
	else if (act == ACT_UNDO || act == ACT_REDO)
		app_undo(v->app, act == ACT_REDO);
	else if (act == ACT_COLUMNS)
		view_columns_open(v->app, "Alike in", w->fields, w->field_n, fields_chosen, w);
	else if (e->key == K_CLICK)
		shelf_click(&w->shelf, e->row - pane_y(v->pane) - HEAD);
	else
		return row_act(w, act) || shelf_key(&w->shelf, act, e);
	return true;
}

static void
put_row(void *arg, const struct shelf_row *r, int line, int col, bool at)
{
	struct view_alike *w = arg;
	struct pane *p = w->view.pane;
	const enum style style = at ? STYLE_SELECTED : STYLE_TEXT;
	const bool first = r == w->shelf.rows || r[-1].group != r->group;

	if (first || at)
		pane_putf(p, line, col, GROUP_COLS, at ? style : STYLE_STRONG, "%d", r->group);
	else
		pane_put(p, line, col, GROUP_COLS, STYLE_DIM, ".");
	col += GROUP_COLS;
	pane_putf(p, line, col, ID_COLS, style, "%" PRId64, r->id);
	col += ID_COLS;
	pane_put(p, line, col, pane_cols(p) - col, style, r->who);
}

static void
draw_title(struct view_alike *w)
{
	const struct field *fields;
	char names[TITLE_MAX] = "";
	size_t n, i, used = 0;

	fields = app_fields(w->view.app, &n);
	for (i = 0; i < w->field_n && used + 1 < sizeof names; i++)
		if ((size_t)w->fields[i] < n)
			used += (size_t)snprintf(names + used, sizeof names - used, "%s%s",
			    i ? " and " : "", fields[w->fields[i]].label);
	pane_putf(w->view.pane, 0, 1, 0, STYLE_STRONG, "Alike in %s%s",
	    w->field_n ? names : "which fields? f chooses them",
	    w->loading ? " (they are being compared; ^G stops it)" : "");
}

static void
alike_draw(struct view *v)
{
	struct view_alike *w = (struct view_alike *)v;
	struct pane *p = v->pane;

	draw_title(w);
	pane_put(p, 1, 2, GROUP_COLS, STYLE_STRONG, "GROUP");
	pane_put(p, 1, 2 + GROUP_COLS, ID_COLS, STYLE_STRONG, "ID");
	pane_put(p, 1, 2 + GROUP_COLS + ID_COLS, 0, STYLE_STRONG, "RECORD");
	if (w->there && w->shelf.n == 0)
		pane_put(p, HEAD + 1, 2, 0, STYLE_DIM,
		    w->shelf.more
			? "A group is too large to be shown: f, and further fields."
			: "No two records are alike in that. f compares other fields.");
	shelf_draw(&w->shelf, p, HEAD, put_row, w);
}

static void
alike_status(struct view *v, char *out, size_t cap)
{
	struct view_alike *w = (struct view_alike *)v;
	const struct shelf *s = &w->shelf;
	const size_t marked = shelf_marked(s);
	const int groups = s->n ? s->rows[s->n - 1].group : 0;

	if (!w->there)
		snprintf(out, cap, "%s", w->loading ? "comparing" : "");
	else if (marked > 0)
		snprintf(out, cap, "%zu marked of %zu", marked, s->n);
	else
		snprintf(out, cap, "%zu records in %s%d group%s", s->n,
		    s->more ? "over " : "", groups, groups == 1 ? "" : "s");
}

static void
alike_tick(struct view *v)
{
	struct view_alike *w = (struct view_alike *)v;

	if (!w->loading && w->there && w->generation != app_own_changes(v->app))
		load(w);
}

static void
alike_close(struct view *v)
{
	struct view_alike *w = (struct view_alike *)v;

	shelf_close(&w->shelf, v->app);
	free(w);
}

static const struct binding alike_keys[] = {SHELF_MOVES,
    {'c', ACT_COMPARE, NULL, "compare it with the next of its group"},
    {K_F0 + 3, ACT_COMPARE, "Compare", NULL},
    {'f', ACT_COLUMNS, NULL, "which fields are compared"},
    {K_F0 + 4, ACT_COLUMNS, "Fields", NULL}, {'d', ACT_TRASH, NULL, "put it in the trash"},
    {K_F0 + 8, ACT_TRASH, "Trash", NULL}, {'D', ACT_ERASE, NULL, "erase it for good"},
    {'u', ACT_UNDO, NULL, "undo the last change"}, SHELF_LEAVES};

static const struct view_ops alike_ops = {.title = "Duplicates",
    .keys = alike_keys,
    .draw = alike_draw,
    .key = alike_key,
    .tick = alike_tick,
    .status = alike_status,
    .close = alike_close};

/* The field that the command line compares unless it is told others. */
static int
first_field(struct app *a)
{
	size_t n, i;
	const struct field *fields = app_fields(a, &n);

	for (i = 0; i < n; i++)
		if (strcmp(fields[i].name, "email") == 0)
			return (int)i;
	for (i = 0; i < n; i++)
		if (fields[i].type == TYPE_EMAIL)
			return (int)i;
	return -1;
}

void
view_alike_open(struct app *a)
{
	struct view_alike *w = calloc(1, sizeof *w);

	if (!w) {
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	w->view.ops = &alike_ops;
	w->fields[0] = first_field(a);
	w->field_n = w->fields[0] >= 0;
	if (!app_push(a, &w->view))
		return;
	if (w->field_n > 0)
		load(w);
	else
		view_columns_open(a, "Alike in", w->fields, 0, fields_chosen, w);
}
