/*
 * Drawing of the list.
 *
 * 1. Only what a record's cells hold is shown: the masked form of a masked field.
 * 2. The cursor's row is marked by a sign and by the style of its first columns only, so
 *    that moving it sends few bytes.
 */
#include <stdio.h>
#include <string.h>

#include "store/text.h"
#include "ui/tui/view_list.h"

#define ID_WIDTH      8
#define MARK_WIDTH    2
#define NARROW	      60  /* columns: below, one column */
#define PREVIEW_COLS  100 /* from this width on there is a preview */
#define PREVIEW_ROWS  4
#define PREVIEW_WIDTH 33
#define PREVIEW_LABEL 11

static int
type_width(const struct field *f)
{
	static const int widths[] = {[TYPE_TEXT] = 18,
	    [TYPE_NAME] = 14,
	    [TYPE_EMAIL] = 26,
	    [TYPE_PHONE] = 15,
	    [TYPE_DATE] = 10,
	    [TYPE_NUMBER] = 10,
	    [TYPE_MONEY] = 12,
	    [TYPE_COUNTRY] = 8,
	    [TYPE_POSTCODE] = 9,
	    [TYPE_URL] = 26,
	    [TYPE_SSN] = 11,
	    [TYPE_CARD] = 19,
	    [TYPE_IBAN] = 22,
	    [TYPE_NOTE] = 20};
	int width = widths[f->type], label = text_width(f->label, strlen(f->label)) + 2;

	return width > label ? width : label;
}

static const struct field *
column_field(struct view_list *l, size_t i)
{
	size_t n;
	const struct field *fields = app_fields(l->view.app, &n);
	int index = i < l->column_n ? l->columns[i] : -1;

	return index >= 0 && (size_t)index < n ? &fields[index] : NULL;
}

static bool
preview_shown(const struct pane *p)
{
	return pane_cols(p) >= PREVIEW_COLS && pane_rows(p) >= 16;
}

static const char *
sort_sign(const struct view_list *l, int index)
{
	if (l->sort != index)
		return "";
	return l->descending ? " v" : " ^";
}

static void
draw_query(struct view_list *l)
{
	struct pane *p = l->view.pane;
	int cols = pane_cols(p), room = cols - 1;
	char right[64] = "";

	if (l->count >= 0 && !l->wrong[0] && (l->query[0] || l->searching))
		snprintf(right, sizeof right, "%s%lld hit%s  %lld ms ",
		    l->count >= LIST_COUNT_CAP ? "over " : "",
		    (long long)(l->count >= LIST_COUNT_CAP ? l->count - 1 : l->count),
		    l->count == 1 ? "" : "s", (long long)l->ms);
	if (cols >= NARROW)
		room -= (int)strlen(right);
	pane_put(p, 0, 0, 1, STYLE_STRONG, "/");
	if (l->searching)
		lineedit_draw(l->line, p, 0, 1, room, true);
	else if (l->query[0])
		pane_put(p, 0, 1, room, STYLE_STRONG, l->query);
	else
		pane_put(p, 0, 1, room, STYLE_DIM, "all records; / searches");
	if (cols >= NARROW)
		pane_put(p, 0, cols - (int)strlen(right), 0, STYLE_DIM, right);
}

/* Under the place in the search line that is wrong; the column heads give way. */
static bool
draw_caret(struct view_list *l)
{
	const char *typed = lineedit_text(l->line);
	int at;

	if (!l->searching || !l->wrong[0] || l->wrong_at > strlen(typed))
		return false;
	at = 1 + text_width(typed, l->wrong_at);
	if (at >= pane_cols(l->view.pane))
		return false;
	pane_put(l->view.pane, 1, at, 1, STYLE_BAD, "^");
	return true;
}

static void
draw_heads(struct view_list *l)
{
	struct pane *p = l->view.pane;
	int at = MARK_WIDTH + ID_WIDTH + 1;
	size_t i;

	if (draw_caret(l))
		return;
	pane_putf(
	    p, 1, MARK_WIDTH, ID_WIDTH, STYLE_STRONG, "ID%s", sort_sign(l, SORT_ID));
	for (i = l->scroll; i < l->column_n && at < pane_cols(p); i++) {
		const struct field *f = column_field(l, i);

		if (!f)
			continue;
		pane_putf(p, 1, at, type_width(f), STYLE_STRONG, "%s%s", f->label,
		    sort_sign(l, l->columns[i]));
		at += type_width(f) + 1;
		if (pane_cols(p) < NARROW)
			break;
	}
}

int
list_header_column(struct view_list *l, int col)
{
	int at = MARK_WIDTH + ID_WIDTH + 1;
	size_t i;

	for (i = l->scroll; i < l->column_n && col >= at; i++) {
		const struct field *f = column_field(l, i);

		if (!f)
			continue;
		at += type_width(f) + 1;
		if (col < at)
			return l->columns[i];
	}
	return SORT_ID;
}

static enum style
cell_style(const struct cell *c, bool selected)
{
	if (selected)
		return STYLE_SELECTED;
	if (c->invalid)
		return STYLE_WARN;
	return c->masked ? STYLE_MASKED : STYLE_TEXT;
}

static int
draw_cell(struct pane *p, int row, int at, int width, const struct cell *c, bool selected)
{
	int signs = 0;

	if (c->invalid)
		signs = pane_put(p, row, at, 1, cell_style(c, selected), "!");
	return signs + pane_putn(p, row, at + signs, width - signs,
			   cell_style(c, selected), c->text, c->len);
}

/* The one column of a narrow screen: what there is, one after the other. */
static void
draw_narrow(struct view_list *l, int row, const struct record *r, bool selected)
{
	struct pane *p = l->view.pane;
	int at = MARK_WIDTH + ID_WIDTH + 1;
	size_t i;

	for (i = l->scroll; i < l->column_n && at < pane_cols(p); i++) {
		const struct cell *c;

		if ((size_t)l->columns[i] >= r->n)
			continue;
		c = &r->cells[l->columns[i]];
		if (c->len > 0)
			at += 1 + draw_cell(p, row, at,
				      text_width(c->text, c->len) + c->invalid, c,
				      selected && i == l->scroll);
	}
}

static void
draw_row(struct view_list *l, int row, const struct record *r, bool selected)
{
	struct pane *p = l->view.pane;
	int at = MARK_WIDTH + ID_WIDTH + 1;
	size_t i;

	pane_put(p, row, 0, MARK_WIDTH, selected ? STYLE_SELECTED : STYLE_TEXT,
	    selected && list_is_marked(l, r->id) ? ">*"
	    : selected				 ? "> "
	    : list_is_marked(l, r->id)		 ? "* "
	    : r->deleted_at			 ? "x "
						 : "  ");
	pane_putf(p, row, MARK_WIDTH, ID_WIDTH, selected ? STYLE_SELECTED : STYLE_DIM,
	    "%lld", (long long)r->id);
	if (selected)
		pane_put(p, row, at - 1, 1, STYLE_SELECTED, "");
	if (pane_cols(p) < NARROW) {
		draw_narrow(l, row, r, selected);
		return;
	}
	for (i = l->scroll; i < l->column_n && at < pane_cols(p); i++) {
		const struct field *f = column_field(l, i);

		if (!f || (size_t)l->columns[i] >= r->n)
			continue;
		draw_cell(p, row, at, type_width(f), &r->cells[l->columns[i]],
		    selected && i == l->scroll);
		at += type_width(f) + 1;
	}
}

/* Whether the list itself shows the field. */
static bool
is_in_row(struct view_list *l, int index)
{
	int at = MARK_WIDTH + ID_WIDTH + 1;
	size_t i;

	for (i = l->scroll; i < l->column_n; i++) {
		const struct field *f = column_field(l, i);

		at += f ? type_width(f) + 1 : 0;
		if (at > pane_cols(l->view.pane) + 1)
			return false;
		if (l->columns[i] == index)
			return true;
	}
	return false;
}

/* What the row has no room for, each field always in the same place: a move of the cursor
 * then sends the values only. */
static void
draw_preview(struct view_list *l, int row)
{
	struct pane *p = l->view.pane;
	const struct record *r = listmodel_current(l->model);
	int across = pane_cols(p) / PREVIEW_WIDTH, place = 0;
	size_t i, n;
	const struct field *fields = app_fields(l->view.app, &n);

	pane_put(p, row++, 0, 0, STYLE_DIM, "--preview, Enter opens--");
	for (i = 0; r && i < r->n && i < n; i++) {
		int at = 1 + place % across * PREVIEW_WIDTH, line = place / across;

		if (is_in_row(l, (int)i))
			continue;
		if (line >= PREVIEW_ROWS - 1)
			return;
		pane_put(p, row + line, at, PREVIEW_LABEL, STYLE_DIM, fields[i].label);
		draw_cell(p, row + line, at + PREVIEW_LABEL + 1,
		    PREVIEW_WIDTH - PREVIEW_LABEL - 3, &r->cells[i], false);
		place++;
	}
}

static void
draw_records(struct view_list *l, size_t height)
{
	size_t i, top = listmodel_top(l->model, height),
		  cursor = listmodel_cursor(l->model);

	for (i = 0; i < height; i++) {
		const struct record *r = listmodel_at(l->model, top + i);

		if (!r)
			break;
		draw_row(l, 2 + (int)i, r, top + i == cursor);
		if (top + i == cursor && term_plain() && !l->searching)
			pane_cursor(l->view.pane, 2 + (int)i, 0);
	}
	if (listmodel_size(l->model) == 0 && !l->pending)
		pane_put(l->view.pane, 3, MARK_WIDTH, 0, STYLE_DIM,
		    l->query[0] ? "no record matches" : "no records yet: a adds one");
}

void
list_draw(struct view *v)
{
	struct view_list *l = (struct view_list *)v;
	struct pane *p = v->pane;
	int height = pane_rows(p) - 2;

	draw_query(l);
	draw_heads(l);
	if (preview_shown(p)) {
		height -= PREVIEW_ROWS;
		draw_preview(l, pane_rows(p) - PREVIEW_ROWS);
	}
	l->height = height > 0 ? (size_t)height : 0;
	draw_records(l, l->height);
	list_pump(l);
}

/* That a key is due, behind what the status line says. */
static void
remind(struct view_list *l, char *out, size_t cap)
{
	uint64_t due = app_due(l->view.app);
	size_t used = strlen(out);
	char when[32];

	if (!due || l->wrong[0])
		return;
	app_time(due, when, sizeof when);
	snprintf(out + used, cap - used, "  ! key due %.10s: K", when);
}

/* Which row of how many, or what is wrong. */
static void
list_place(struct view_list *l, int64_t index, char *out, size_t cap)
{
	if (l->wrong[0])
		snprintf(out, cap, "! %s", l->wrong);
	else if (l->pending && l->fresh)
		snprintf(out, cap, "searching");
	else if (listmodel_size(l->model) == 0)
		snprintf(out, cap, "0 records");
	else if (index < 0 || l->count < 0)
		snprintf(out, cap, "row %lld", (long long)index + 1);
	else
		snprintf(out, cap, "row %lld of %s%lld", (long long)index + 1,
		    l->count >= LIST_COUNT_CAP ? "over " : "",
		    (long long)(l->count >= LIST_COUNT_CAP ? l->count - 1 : l->count));
}

void
list_status(struct view *v, char *out, size_t cap)
{
	struct view_list *l = (struct view_list *)v;
	int64_t index =
	    listmodel_index(l->model, l->count < LIST_COUNT_CAP ? l->count : -1);
	char many[100];
	size_t used;

	list_many_words(l, many, sizeof many);
	snprintf(out, cap, "%s", many);
	used = strlen(out);
	if (!l->acting)
		list_place(l, index, out + used, cap - used);
	remind(l, out, cap);
}
