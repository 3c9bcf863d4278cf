/*
 * Drawing of the editor.
 *
 * 1. A masked field that was not touched shows its masked form; of a changed one the review
 *    shows neither the old value nor the new.
 */
#include <string.h>

#include "store/text.h"
#include "ui/tui/view_edit.h"

static int
label_width(const struct pane *p)
{
	return pane_cols(p) < 60 ? 12 : 20;
}

static void
draw_field(struct view_edit *e, size_t i, int row)
{
	struct pane *p = e->view.pane;
	const struct field *f = edit_field_at(e, i);
	int left = label_width(p) + 4, width = pane_cols(p) - left - 1;
	bool at = i == e->cursor;

	pane_put(p, row, 0, 2, at ? STYLE_SELECTED : STYLE_TEXT, at ? "> " : "");
	pane_put(p, row, 2, label_width(p), at ? STYLE_SELECTED : STYLE_DIM, f->label);
	if (e->f[i].why)
		pane_put(p, row, left - 2, 1, STYLE_BAD, "!");
	else if (f->required)
		pane_put(p, row, left - 2, 1, STYLE_STRONG, "*");
	else if (edit_is_changed(e, i))
		pane_put(p, row, left - 2, 1, STYLE_GOOD, "+");
	if (edit_is_veiled(e, i)) {
		pane_put(p, row, left, width, STYLE_MASKED, edit_cell_at(e, i)->text);
		if (at)
			pane_cursor(p, row, left);
	} else {
		lineedit_draw(e->f[i].line, p, row, left, width, at);
	}
}

static void
draw_change(struct view_edit *e, size_t i, int row)
{
	struct pane *p = e->view.pane;
	const struct cell *c = edit_cell_at(e, i);
	const struct lineedit *line = e->f[i].line;
	int at, left = label_width(p) + 3;

	pane_put(p, row, 2, label_width(p), STYLE_DIM, edit_field_at(e, i)->label);
	at = left;
	if (c && c->len > 0) {
		int old = text_width(c->text, c->len), half = (pane_cols(p) - left) / 2;

		at += pane_putn(
		    p, row, at, old > half ? half : old, STYLE_BAD, c->text, c->len);
		at += pane_put(p, row, at, 0, STYLE_DIM, " -> ");
	}
	if (lineedit_len(line) == 0)
		pane_put(p, row, at, 0, STYLE_DIM, "(empty)");
	else if (edit_field_at(e, i)->cls != CLASS_OPEN)
		pane_put(p, row, at, 0, STYLE_GOOD, "(a new value)");
	else
		pane_putn(
		    p, row, at, 0, STYLE_GOOD, lineedit_text(line), lineedit_len(line));
}

static void
draw_review(struct view_edit *e)
{
	struct pane *p = e->view.pane;
	int row = EDIT_HEAD_ROWS;
	size_t i;

	pane_put(p, 0, 1, pane_cols(p) - 2, STYLE_STRONG,
	    e->saving ? "saving" : "These fields change. Enter saves, Esc goes back");
	if (e->outdated) /* its labels are other fields' by now */
		return;
	for (i = 0; i < e->n && row < pane_rows(p); i++)
		if (edit_is_changed(e, i))
			draw_change(e, i, row++);
}

void
edit_draw(struct view *v)
{
	static const char *const kept[] = {[DRAFT_NONE] = "",
	    [DRAFT_POSTED] = "   keeping the draft",
	    [DRAFT_KEPT] = "   draft kept",
	    [DRAFT_FAILED] = "   draft NOT kept"};
	struct view_edit *e = (struct view_edit *)v;
	struct pane *p = v->pane;
	size_t i,
	    height = pane_rows(p) > EDIT_HEAD_ROWS ? (size_t)(pane_rows(p) - EDIT_HEAD_ROWS) : 1;

	if (e->id != 0 && !e->record)
		return;
	if (e->reviewing) {
		draw_review(e);
		return;
	}
	edit_settle(e);
	if (e->cursor < e->top)
		e->top = e->cursor;
	if (e->cursor >= e->top + height)
		e->top = e->cursor - height + 1;
	if (e->id)
		pane_putf(p, 0, 1, 0, STYLE_STRONG, "Edit record %lld", (long long)e->id);
	else
		pane_put(p, 0, 1, 0, STYLE_STRONG, "New record");
	pane_putf(p, 0, 22, 0, STYLE_DIM, "* required   ^S saves   Esc leaves%s",
	    e->kept && !e->typed ? kept[app_draft_state(v->app)] : "");
	for (i = e->top; i < e->n && i < e->top + height; i++)
		draw_field(e, i, EDIT_HEAD_ROWS + (int)(i - e->top));
}
