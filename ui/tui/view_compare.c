/*
 * Two records side by side, field by field; on a narrow screen one value above the other. One
 * of them is chosen: keys are for that one.
 *
 * 1. Values are shown as the list shows them: nothing is revealed. Of two masked ones that
 *    look the same it is said that they may differ.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/tui/cursor.h"
#include "ui/tui/jobs.h"
#include "ui/tui/undo_stack.h"
#include "ui/tui/view.h"
#include "ui/tui/view_erase.h"

#define HEAD	2 /* lines above the fields */
#define WIDE	70
#define LABEL	18
#define MARGIN	4 /* the cursor's and the difference's sign, and blanks */

struct view_compare {
	struct view view;
	int64_t ids[2];
	struct record *records[2];
	size_t side; /* that the keys are for */
	size_t cursor, top, height;
	bool differing; /* only such fields are shown */
	uint64_t generation;
};

static void
got(struct record_job *j)
{
	struct view_compare *w = j->job.owner;
	const size_t side = j->id == w->ids[0] ? 0 : 1;

	if (j->job.rc != RC_OK) {
		app_failed(w->view.app, &j->job);
		return;
	}
	record_free(w->records[side]);
	w->records[side] = j->record;
	j->record = NULL;
}

static void
load(struct view_compare *w)
{
	size_t i;

	w->generation = app_generation(w->view.app);
	for (i = 0; i < 2; i++)
		record_job_post(
		    w->view.app, record_job_new(w, TASK_GET, w->ids[i], got));
}

static size_t
field_count(const struct view_compare *w)
{
	size_t n;

	app_fields(w->view.app, &n);
	if (!w->records[0] || !w->records[1])
		return 0;
	n = w->records[0]->n < n ? w->records[0]->n : n;
	return w->records[1]->n < n ? w->records[1]->n : n;
}

/* " ": the same; "*": they differ; "?": both are masked and look the same. */
static char
sign_of(const struct view_compare *w, size_t i)
{
	const struct cell *a = &w->records[0]->cells[i], *b = &w->records[1]->cells[i];

	if (a->len != b->len || memcmp(a->text, b->text, a->len) != 0)
		return '*';
	return a->masked && a->len > 0 ? '?' : ' ';
}

/* The field on line ${line} of those that are shown; the number of fields: none. */
static size_t
field_at(const struct view_compare *w, size_t line)
{
	const size_t n = field_count(w);
	size_t i;

	for (i = 0; i < n; i++)
		if (!w->differing || sign_of(w, i) != ' ')
			if (line-- == 0)
				return i;
	return n;
}

static size_t
shown_count(const struct view_compare *w)
{
	const size_t n = field_count(w);
	size_t i, shown = 0;

	for (i = 0; i < n; i++)
		shown += !w->differing || sign_of(w, i) != ' ';
	return shown;
}

static void
put_cell(struct view_compare *w, size_t side, size_t i, int row, int col, int width)
{
	const struct cell *c = &w->records[side]->cells[i];

	if (c->len == 0)
		pane_put(w->view.pane, row, col, width, STYLE_DIM, "--");
	else
		pane_putn(w->view.pane, row, col, width,
		    c->invalid	? STYLE_WARN
		    : c->masked ? STYLE_MASKED
				: STYLE_TEXT,
		    c->text, c->len);
}

static void
draw_field(struct view_compare *w, const struct field *f, size_t i, int row, bool at)
{
	struct pane *p = w->view.pane;
	const bool wide = pane_cols(p) >= WIDE;
	const char sign[2] = {sign_of(w, i), '\0'};
	const int half = (pane_cols(p) - MARGIN - LABEL) / 2;

	pane_put(p, row, 0, 2, at ? STYLE_SELECTED : STYLE_TEXT, at ? "> " : "");
	pane_put(p, row, 2, 2, STYLE_WARN, sign);
	pane_put(p, row, MARGIN, LABEL - 1, at ? STYLE_SELECTED : STYLE_DIM, f->label);
	if (wide) {
		put_cell(w, 0, i, row, MARGIN + LABEL, half - 1);
		put_cell(w, 1, i, row, MARGIN + LABEL + half, half - 1);
	} else {
		put_cell(w, 0, i, row, MARGIN + LABEL, pane_cols(p) - MARGIN - LABEL);
		put_cell(w, 1, i, row + 1, MARGIN + LABEL, pane_cols(p) - MARGIN - LABEL);
	}
	if (at && term_plain())
		pane_cursor(p, row, 0);
}

static void
draw_heads(struct view_compare *w)
{
	struct pane *p = w->view.pane;
	const bool wide = pane_cols(p) >= WIDE;
	const int half = wide ? (pane_cols(p) - MARGIN - LABEL) / 2
			      : (pane_cols(p) - MARGIN) / 2;
	int col = wide ? MARGIN + LABEL : MARGIN;
	size_t i;

	pane_put(p, 0, 1, 0, STYLE_STRONG,
	    w->differing ? "Compared: only what differs (*) or may (?)"
			 : "Compared: * differs, ? is masked and may");
	for (i = 0; i < 2; i++, col += half) {
		const struct record *r = w->records[i];

		pane_putf(p, 1, col, half - 1, i == w->side ? STYLE_SELECTED : STYLE_STRONG,
		    "%s record %" PRId64 "%s", i == w->side ? ">" : " ", w->ids[i],
		    r && r->deleted_at ? " (in the trash)" : "");
	}
}

static void
compare_draw(struct view *v)
{
	struct view_compare *w = (struct view_compare *)v;
	const int lines = pane_cols(v->pane) >= WIDE ? 1 : 2;
	const size_t n = field_count(w), shown = shown_count(w);
	const struct field *fields;
	size_t i, catalogue, at;

	fields = app_fields(v->app, &catalogue);
	w->height = pane_rows(v->pane) > HEAD + lines
			? (size_t)((pane_rows(v->pane) - HEAD) / lines)
			: 1;
	if (w->cursor >= shown)
		w->cursor = shown ? shown - 1 : 0;
	if (w->cursor < w->top)
		w->top = w->cursor;
	if (w->cursor >= w->top + w->height)
		w->top = w->cursor - w->height + 1;
	draw_heads(w);
	for (i = 0; i < w->height && (at = field_at(w, w->top + i)) < n; i++)
		draw_field(w, &fields[at], at, HEAD + (int)i * lines, w->top + i == w->cursor);
	if (n > 0 && shown == 0)
		pane_put(v->pane, HEAD + 1, MARGIN, 0, STYLE_DIM,
		    "They are the same in every field.");
}

static void
trash_done(struct record_job *j)
{
	struct view_compare *w = j->job.owner;
	struct app *a = w->view.app;

	if (j->job.rc != RC_OK) {
		app_failed(a, &j->job);
		return;
	}
	app_say(a, STYLE_GOOD, "record %" PRId64 " is in the trash; u takes it back", j->id);
	app_changed(a);
}

static void
erased(void *arg)
{
	struct view_compare *w = arg;

	app_pop(w->view.app, &w->view);
}

static bool
side_act(struct view_compare *w, enum act act)
{
	struct app *a = w->view.app;
	const int64_t id = w->ids[w->side];

	switch (act) {
	case ACT_OPEN:
		view_record_open(a, id);
		return true;
	case ACT_EDIT:
		view_edit_open(a, id);
		return true;
	case ACT_TRASH:
		record_job_post(a, record_job_new(w, TASK_TRASH, id, trash_done));
		return true;
	case ACT_ERASE:
		view_erase_open(a, &id, 1, erased, w);
		return true;
	case ACT_HISTORY:
		view_history_open(a, id);
		return true;
	default:
		return false;
	}
}

static bool
compare_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_compare *w = (struct view_compare *)v;

	if (act == ACT_BACK)
		app_pop(v->app, v);
	else if (act == ACT_LEFT || act == ACT_RIGHT)
		w->side = act == ACT_RIGHT;
	else if (act == ACT_TOGGLE)
		w->side = !w->side;
	else if (act == ACT_FILTER)
		w->differing = !w->differing;
	else if (act == ACT_UNDO || act == ACT_REDO)
		app_undo(v->app, act == ACT_REDO);
	else
		return side_act(w, act) ||
		       cursor_key(act, e, shown_count(w), w->height, &w->cursor);
	return true;
}

static void
compare_status(struct view *v, char *out, size_t cap)
{
	struct view_compare *w = (struct view_compare *)v;
	const size_t n = field_count(w);
	size_t i, differ = 0;

	for (i = 0; i < n; i++)
		differ += sign_of(w, i) == '*';
	snprintf(out, cap, "%zu of %zu fields differ", differ, n);
}

static void
compare_tick(struct view *v)
{
	struct view_compare *w = (struct view_compare *)v;

	if (w->generation != app_generation(v->app))
		load(w);
}

static void
compare_close(struct view *v)
{
	struct view_compare *w = (struct view_compare *)v;

	record_free(w->records[0]);
	record_free(w->records[1]);
	free(w);
}

static const struct binding compare_keys[] = {
    MOVE_KEYS("next field", "field before", "first field", "last field"),
    {'\t', ACT_TOGGLE, NULL, "the other record"},
    {'h', ACT_LEFT, NULL, "the left record"}, {K_LEFT, ACT_LEFT, NULL, NULL},
    {'l', ACT_RIGHT, NULL, "the right record"}, {K_RIGHT, ACT_RIGHT, NULL, NULL},
    {K_ENTER, ACT_OPEN, NULL, "open the chosen one"}, {'e', ACT_EDIT, NULL, "edit it"},
    {K_F0 + 4, ACT_EDIT, "Edit", NULL}, {'d', ACT_TRASH, NULL, "put it in the trash"},
    {K_F0 + 8, ACT_TRASH, "Trash", NULL}, {'D', ACT_ERASE, NULL, "erase it for good"},
    {'H', ACT_HISTORY, NULL, "its versions"},
    {'f', ACT_FILTER, NULL, "only what differs, or all"},
    {K_F0 + 2, ACT_FILTER, "Differing", NULL}, {'u', ACT_UNDO, NULL, "undo the last change"},
    {K_CTRL('r'), ACT_REDO, NULL, "redo"}, {'q', ACT_BACK, NULL, "back"},
    {K_ESC, ACT_BACK, NULL, NULL}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops compare_ops = {.title = "Compare",
    .keys = compare_keys,
    .draw = compare_draw,
    .key = compare_key,
    .tick = compare_tick,
    .status = compare_status,
    .close = compare_close};

void
view_compare_open(struct app *a, int64_t left, int64_t right)
{
	struct view_compare *w = calloc(1, sizeof *w);

	if (!w) {
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	w->view.ops = &compare_ops;
	w->ids[0] = left;
	w->ids[1] = right;
	if (app_push(a, &w->view))
		load(w);
}
