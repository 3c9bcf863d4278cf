/*
 * The export dialog on the screen: rows, the columns with the first record as it will be
 * written, and what the audit will keep.
 */
#include <stdio.h>
#include <string.h>

#include "ui/tui/view_export.h"

#define LABEL_COL  2
#define VALUE_COL  16
#define TREAT_COL  22
#define FIRST_COL  36
#define FOOT_LINES 3
#define SMALL      14 /* rows: there the audit's line gives way */

static const struct field *
field_of(const struct view_export *x, size_t i)
{
	size_t n;
	const struct field *f = app_fields(x->view.app, &n);
	int index = x->columns[i].index;

	return index >= 0 && (size_t)index < n ? &f[index] : NULL;
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
	case TREAT_HASH:
		return "keyed hash";
	case TREAT_DROP:
		return "dropped";
	case TREAT_REVEAL:
		return "IN THE CLEAR";
	default:
		return !f || f->cls == CLASS_OPEN ? "as it is" : "masked";
	}
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
	if (at && !export_edited(x))
		pane_cursor(x->view.pane, row, 1);
}

static void
draw_column(struct view_export *x, size_t i, int row)
{
	struct pane *p = x->view.pane;
	const struct field *f = field_of(x, i);
	enum export_treatment t = x->columns[i].treat;

	draw_line(x, row, ROW_COLUMNS + i, "");
	pane_put(p, row, LABEL_COL + 1, 18,
	    x->cursor == ROW_COLUMNS + i ? STYLE_SELECTED : STYLE_DIM,
	    f ? f->label : "ID");
	pane_put(p, row, TREAT_COL, 12, t == TREAT_REVEAL ? STYLE_WARN : STYLE_TEXT,
	    treat_name(t, f));
	if (x->first[i])
		pane_put(p, row, FIRST_COL, pane_cols(p) - FIRST_COL - 1, STYLE_DIM,
		    x->first[i]);
}

static void
draw_source(struct view_export *x, int row, int width)
{
	char count[40] = "";

	if (x->count >= 0)
		snprintf(count, sizeof count, " (%lld record%s)", (long long)x->count,
		    x->count == 1 ? "" : "s");
	if (x->source == SOURCE_MARKED)
		pane_putf(x->view.pane, row, VALUE_COL, width, STYLE_TEXT,
		    "the marked records%s", count);
	else if (x->source == SOURCE_ALL)
		pane_putf(x->view.pane, row, VALUE_COL, width, STYLE_TEXT, "all records%s",
		    count);
	else
		pane_putf(x->view.pane, row, VALUE_COL, width, STYLE_TEXT,
		    "the hits of /%s%s", x->query, count);
}

static void
draw_value(struct view_export *x, size_t which, int row)
{
	static const char *const labels[] = {"Source", "Template", "Keep as", "Format", "File",
	    "Replace", "Reason", ("Type " EXPORT_WORD)};
	struct pane *p = x->view.pane;
	struct lineedit *lines[ROW_COLUMNS] = {[ROW_FILE] = x->file,
	    [ROW_REASON] = x->reason, [ROW_WORD] = x->word, [ROW_KEEP] = x->keep};
	int width = pane_cols(p) - VALUE_COL - 2;

	draw_line(x, row, which, labels[which]);
	if (lines[which])
		lineedit_draw(lines[which], p, row, VALUE_COL, width, x->cursor == which);
	else if (which == ROW_SOURCE)
		draw_source(x, row, width);
	else if (which == ROW_TEMPLATE)
		pane_put(p, row, VALUE_COL, width, STYLE_TEXT,
		    x->template[0] ? x->template : "none");
	else if (which == ROW_FORMAT)
		pane_put(
		    p, row, VALUE_COL, width, STYLE_TEXT, sink_format_name(x->format));
	else
		pane_put(p, row, VALUE_COL, width, STYLE_TEXT,
		    x->replace ? "yes: a file of this name is replaced" : "no");
}

/* "The audit will keep: exported, 30, mailing; revealed Card", or why it can't be. */
static void
draw_audit(struct view_export *x, int row)
{
	struct pane *p = x->view.pane;
	char text[400], count[24] = "...";
	size_t i, used;

	if (x->plan_wrong.text[0]) {
		pane_put(p, row, 2, pane_cols(p) - 3, STYLE_BAD, x->plan_wrong.text);
		return;
	}
	if (x->count >= 0)
		snprintf(count, sizeof count, "%lld", (long long)x->count);
	snprintf(text, sizeof text, "The audit will keep: exported, %s, %.80s", count,
	    lineedit_len(x->reason) ? lineedit_text(x->reason) : "the reason");
	for (i = 0; i < x->n; i++) {
		used = strlen(text);
		if (x->columns[i].treat == TREAT_REVEAL && field_of(x, i))
			snprintf(text + used, sizeof text - used, "; revealed %.40s",
			    field_of(x, i)->name);
	}
	pane_put(p, row, 2, pane_cols(p) - 3, STYLE_TEXT, text);
}

void
export_size(struct view *v, int *rows, int *cols)
{
	*rows = (int)((struct view_export *)v)->n + ROW_COLUMNS + FOOT_LINES + 2;
	*cols = 86;
}

size_t
export_height(const struct view_export *x)
{
	int rows = pane_rows(x->view.pane), room = rows - FOOT_LINES - (rows >= SMALL);

	return room > 0 ? (size_t)room : 1;
}

void
export_draw(struct view *v)
{
	struct view_export *x = (struct view_export *)v;
	struct pane *p = v->pane;
	size_t i, total = ROW_COLUMNS + x->n;
	size_t height = export_height(x);

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
	if (pane_rows(p) >= SMALL)
		draw_audit(x, pane_rows(p) - 3);
	pane_put(p, pane_rows(p) - 2, 2, pane_cols(p) - 3, STYLE_DIM,
	    "Tab: next  Space: change  Enter: write the file  Esc: leave");
}
