/* What the import wizard shows: columns, counts and cases, how the file is read. */
#include <inttypes.h>
#include <stdio.h>

#include "ui/tui/view_import.h"

#define TALL 14 /* rows from which there is room for one more line above the lines */

static const char *const duplicate_words[] = {"are passed over", "are updated", "are added"};

static void
put_column(struct view_import *w, size_t i)
{
	const struct import_column *c = &w->columns[i];
	char kind[32] = "", field[FIELD_NAME_MAX + 4] = "(left out)";

	if (c->field[0]) {
		snprintf(field, sizeof field, "%s%s", c->made ? "+ " : "", c->field);
		snprintf(kind, sizeof kind, "%s %s", type_name(c->type), class_name(c->cls));
	}
	lines_add(&w->lines, c->field[0] ? STYLE_TEXT : STYLE_DIM, (int)i,
	    "%-16.16s %-17.17s %-15.15s %s%s%s", c->header, field, kind,
	    c->forbidden ? "must not be stored" : c->first[0], c->first[1][0] ? ", " : "",
	    c->first[1]);
}

void
import_put_columns(struct view_import *w)
{
	size_t i;

	lines_clear(&w->lines);
	for (i = 0; i < w->n; i++)
		put_column(w, i);
}

static void
put_case(struct lines *l, const struct import_case *c)
{
	char id[32] = "";

	if (c->id)
		snprintf(id, sizeof id, "  record %" PRId64, c->id);
	lines_add(l, STYLE_DIM, LINE_NONE, "  row %" PRIu64 ", line %" PRIu64 "%s%s%s%s%s",
	    c->row, c->line, id, c->column[0] ? "  " : "", c->column, c->why[0] ? ": " : "",
	    c->why);
}

/* Counts, then the first of each kind. */
void
import_put_report(struct view_import *w, const struct import_report *r)
{
	static const char *const words[IMPORT_KINDS] = {"new", "the same", "updated",
	    "duplicate", "rejected", "cells kept, not valid (!)"};
	struct lines *l = &w->lines;
	size_t i;
	int kind;

	lines_clear(l);
	l->cursor = 0;
	for (kind = 0; kind < IMPORT_KINDS; kind++)
		lines_add(l, r->count[kind] && kind >= IMPORT_REJECTED ? STYLE_WARN : STYLE_TEXT,
		    LINE_NONE, "%10" PRIu64 " %s", r->count[kind], words[kind]);
	if (r->card_cells)
		lines_add(l, STYLE_WARN, LINE_NONE,
		    "%10" PRIu64 " open cells with a card number, first in row %" PRIu64
		    ", %s", r->card_cells, r->first_card.row, r->first_card.column);
	for (kind = 0; kind < IMPORT_KINDS; kind++) {
		if (r->count[kind])
			lines_add(l, STYLE_STRONG, LINE_NONE, "first %s", words[kind]);
		for (i = 0; i < IMPORT_FIRST && i < r->count[kind]; i++)
			put_case(l, &r->first[kind][i]);
	}
}

void
import_set_form(struct view_import *w, const struct import_report *r)
{
	const char *mark = r->bom ? " by its mark" : "";
	char one[2] = {r->delimiter, '\0'};

	if (r->format == IMPORT_JSONL)
		snprintf(w->form, sizeof w->form, "JSON lines, %s%s",
		    import_encoding_name(r->encoding), mark);
	else
		snprintf(w->form, sizeof w->form, "CSV, delimiter %s, %s, %s%s",
		    r->delimiter == '\t' ? "tab" : one, r->quoted ? "quoted" : "no quotes",
		    import_encoding_name(r->encoding), mark);
}

int
import_top(const struct view_import *w)
{
	return w->page != PAGE_FILE && pane_rows(w->view.pane) >= TALL ? 4 : 3;
}

static void
draw_file(const struct view_import *w, struct pane *p)
{
	int cols = pane_cols(p);

	pane_putf(p, 3, 0, cols, STYLE_TEXT, "Encoding: %s",
	    w->encoding == IMPORT_DETECT ? "by the file's mark, else utf-8"
					 : import_encoding_name(w->encoding));
	pane_put(p, 4, 0, cols, STYLE_DIM,
	    "CSV or JSON lines; delimiter, quotes and header are detected and shown.");
}

void
import_draw(struct view *v)
{
	static const char *const hints[] = {
	    [PAGE_FILE] = "Enter: look at it  Tab: encoding  Esc: leave",
	    [PAGE_COLUMNS] = ("d: dry run  Enter: field  Space: leave out  t: type  "
			     "c: class  u: duplicates"),
	    [PAGE_RESULT] = "Dry run, nothing is written.  i: import  m: keep mapping  Esc: back",
	    [PAGE_DONE] = "Imported.  u: undo all of it  m: keep mapping  Esc: close"};
	struct view_import *w = (struct view_import *)v;
	struct pane *p = v->pane;
	int cols = pane_cols(p);

	pane_erase(p);
	pane_put(p, 0, 0, 6, STYLE_STRONG, "File");
	lineedit_draw(w->file, p, 0, 6, cols - 7, w->page == PAGE_FILE && !w->running);
	pane_put(p, 1, 0, cols, STYLE_DIM, w->running ? "working; ^G cancels" : hints[w->page]);
	if (w->page == PAGE_FILE) {
		draw_file(w, p);
		return;
	}
	pane_putf(p, 2, 0, cols, STYLE_DIM, "%s; duplicates %s", w->form,
	    duplicate_words[w->duplicates]);
	if (import_top(w) > 3)
		pane_putf(p, 3, 0, cols, STYLE_DIM, "%smapping: %s  %srejects: %s",
		    w->page == PAGE_COLUMNS ? "e: encoding  m: " : "",
		    w->mapping[0] ? w->mapping : "none", w->page == PAGE_COLUMNS ? "r: " : "",
		    w->rejects[0] ? w->rejects : "none");
	lines_draw(&w->lines, p, import_top(w));
}
