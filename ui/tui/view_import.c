/*
 * The import wizard: the file, its columns, a dry run, the import and its undoing.
 *
 *     FILE -look-> COLUMNS -dry run-> RESULT -import-> DONE -undo-> (closes)
 *       ^------------'  ^----------------'
 *
 * 1. Nothing is written before a dry run has been shown.
 * 2. Values of the file are shown as the list would show them: masked by class.
 * 3. It works on the second worker: ^G cancels and leaves the vault as it was; so does
 *    leaving the wizard.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "ui/tui/import_jobs.h"
#include "ui/tui/lineedit.h"
#include "ui/tui/lines.h"

enum page { PAGE_FILE, PAGE_COLUMNS, PAGE_RESULT, PAGE_DONE };

struct view_import {
	struct view view;
	enum page page;
	bool running;
	struct lineedit *file;
	struct import_column *columns;
	size_t n;
	enum import_duplicates duplicates;
	char form[96];
	int64_t run;
	struct lines lines;
};

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

static void
put_columns(struct view_import *w)
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
static void
put_report(struct view_import *w, const struct import_report *r)
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
		    "%10" PRIu64 " cells of open text with a card number, first in row %" PRIu64
		    ", %s", r->card_cells, r->first_card.row, r->first_card.column);
	for (kind = 0; kind < IMPORT_KINDS; kind++) {
		if (r->count[kind])
			lines_add(l, STYLE_STRONG, LINE_NONE, "first %s", words[kind]);
		for (i = 0; i < IMPORT_FIRST && i < r->count[kind]; i++)
			put_case(l, &r->first[kind][i]);
	}
}

static void
set_form(struct view_import *w, const struct import_report *r)
{
	char one[2] = {r->delimiter, '\0'};

	if (r->format == IMPORT_JSONL)
		snprintf(w->form, sizeof w->form, "JSON lines, %s",
		    import_encoding_name(r->encoding));
	else
		snprintf(w->form, sizeof w->form, "CSV, delimiter %s, %s, %s",
		    r->delimiter == '\t' ? "tab" : one, r->quoted ? "quoted" : "no quotes",
		    import_encoding_name(r->encoding));
}

static void
looked(struct view_import *w, struct import_job *j)
{
	free(w->columns);
	w->columns = j->report.columns;
	w->n = j->report.column_n;
	j->report.columns = NULL;
	set_form(w, &j->report);
	w->page = PAGE_COLUMNS;
	w->lines.cursor = 0;
	put_columns(w);
}

static void
imported(struct view_import *w, struct import_job *j)
{
	app_take_fields(w->view.app, j->fields, j->field_n);
	j->fields = NULL;
	w->run = j->report.run;
	w->page = PAGE_DONE;
	put_report(w, &j->report);
	app_changed(w->view.app);
	app_say(w->view.app, STYLE_GOOD, "imported; u undoes it");
}

static void
undone(struct view_import *w, const struct import_job *j)
{
	struct app *a = w->view.app;

	app_changed(a);
	app_say(a, STYLE_GOOD, "undone: %" PRId64 " removed, %" PRId64 " put back",
	    j->undone.removed, j->undone.put_back);
	app_pop(a, &w->view);
}

static void
told(void *owner, struct import_job *j)
{
	struct view_import *w = owner;

	w->running = false;
	app_work_end(w->view.app);
	if (j->slow.job.rc != RC_OK) {
		app_failed_aloud(w->view.app, "Import", &j->slow.job);
		return;
	}
	switch (j->task) {
	case IMPORT_LOOK:
		looked(w, j);
		break;
	case IMPORT_TRY:
		w->page = PAGE_RESULT;
		put_report(w, &j->report);
		break;
	case IMPORT_RUN:
		imported(w, j);
		break;
	case IMPORT_UNDO:
		undone(w, j);
	}
}

static void
begin(struct view_import *w, enum import_task task)
{
	w->running = import_job_post(w->view.app, w, task, lineedit_text(w->file),
	    task == IMPORT_LOOK ? NULL : w->columns, task == IMPORT_LOOK ? 0 : w->n,
	    w->duplicates, w->run, told);
}

static void
import_draw(struct view *v)
{
	static const char *const hints[] = {[PAGE_FILE] = "Enter: look at it  Esc: leave",
	    [PAGE_COLUMNS] = ("d: dry run  Enter: field  Space: leave out  t: type  "
			     "c: class  u: duplicates"),
	    [PAGE_RESULT] = "Dry run, nothing is written.  i: import  Esc: back",
	    [PAGE_DONE] = "Imported.  u: undo all of it  Esc: close"};
	struct view_import *w = (struct view_import *)v;
	struct pane *p = v->pane;
	int cols = pane_cols(p);

	pane_erase(p);
	pane_put(p, 0, 0, 6, STYLE_STRONG, "File");
	lineedit_draw(w->file, p, 0, 6, cols - 7, w->page == PAGE_FILE && !w->running);
	pane_put(p, 1, 0, cols, STYLE_DIM, w->running ? "working; ^G cancels" : hints[w->page]);
	if (w->page == PAGE_FILE) {
		pane_put(p, 3, 0, cols, STYLE_DIM,
		    "CSV or JSON lines, in UTF-8, or UTF-16 with its mark.");
		return;
	}
	pane_putf(p, 2, 0, cols, STYLE_DIM, "%s; duplicates %s", w->form,
	    duplicate_words[w->duplicates]);
	lines_draw(&w->lines, p, 3);
}

static struct import_column *
current(struct view_import *w)
{
	int tag = lines_tag(&w->lines);

	return w->page == PAGE_COLUMNS && tag != LINE_NONE ? &w->columns[tag] : NULL;
}

static bool
is_used(const struct view_import *w, const char *field)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (strcmp(w->columns[i].field, field) == 0)
			return true;
	return false;
}

static void
set_new(struct import_column *c)
{
	field_name_from(c->header, c->field);
	c->made = true;
	if (!c->type) {
		c->type = TYPE_TEXT;
		c->cls = CLASS_MASKED;
	}
}

/* 0: leave out; 1: a new field; then the fields that there are. */
static void
field_chosen(void *arg, size_t at)
{
	struct view_import *w = arg;
	struct import_column *c = current(w);
	const struct field *fields;
	size_t n;

	fields = app_fields(w->view.app, &n);
	if (!c || at >= n + 2)
		return;
	if (at > 1 && strcmp(c->field, fields[at - 2].name) != 0 &&
	    is_used(w, fields[at - 2].name)) {
		app_say(w->view.app, STYLE_BAD, "another column goes to %s",
		    fields[at - 2].name);
		return;
	}
	c->field[0] = '\0';
	c->made = false;
	if (at == 1) {
		set_new(c);
	} else if (at > 1) {
		snprintf(c->field, sizeof c->field, "%s", fields[at - 2].name);
		c->type = fields[at - 2].type;
		c->cls = fields[at - 2].cls;
	}
	put_columns(w);
}

static void
choose_field(struct view_import *w)
{
	const struct field *fields;
	const char **items;
	size_t i, n;

	fields = app_fields(w->view.app, &n);
	items = calloc(n + 2, sizeof *items);
	if (!items)
		return;
	items[0] = "(leave it out)";
	items[1] = "(a new field)";
	for (i = 0; i < n; i++)
		items[i + 2] = fields[i].label;
	view_choose_open(w->view.app, "Field", items, n + 2, 0, field_chosen, w);
	free(items);
}

/* Type or class of a field to be made. */
static void
turn(struct view_import *w, struct import_column *c, bool type)
{
	if (!c->made || !c->field[0]) {
		app_say(w->view.app, STYLE_WARN, "only a new field's type and class are chosen");
		return;
	}
	if (type)
		c->type = c->type == TYPE_NOTE ? TYPE_TEXT : c->type + 1;
	else
		c->cls = c->cls == CLASS_SEALED ? CLASS_OPEN : c->cls + 1;
	put_columns(w);
}

static void
change(struct view_import *w, enum act act)
{
	struct import_column *c = current(w);

	if (act == ACT_RULE) {
		w->duplicates = w->duplicates == DUP_KEEP ? DUP_SKIP : w->duplicates + 1;
		return;
	}
	if (!c)
		return;
	if (c->forbidden)
		app_say(w->view.app, STYLE_WARN, "this column can only be left out");
	else if (act == ACT_TYPE || act == ACT_CLASS)
		turn(w, c, act == ACT_TYPE);
	else if (act == ACT_OPEN)
		choose_field(w);
	else if (c->field[0])
		c->field[0] = '\0';
	else
		set_new(c);
	if (act == ACT_TOGGLE)
		put_columns(w);
}

static void
undo_yes(void *arg)
{
	begin(arg, IMPORT_UNDO);
}

static void
back(struct view_import *w)
{
	if (w->page == PAGE_FILE || w->page == PAGE_DONE || w->running) {
		app_pop(w->view.app, &w->view);
		return;
	}
	w->page = w->page == PAGE_RESULT ? PAGE_COLUMNS : PAGE_FILE;
	w->lines.cursor = 0;
	put_columns(w);
}

static bool
act_on(struct view_import *w, enum act act)
{
	if (w->page == PAGE_FILE && act == ACT_OPEN && lineedit_len(w->file) > 0)
		begin(w, IMPORT_LOOK);
	else if (w->page == PAGE_COLUMNS && act == ACT_TRY)
		begin(w, IMPORT_TRY);
	else if (w->page == PAGE_RESULT && act == ACT_IMPORT)
		begin(w, IMPORT_RUN);
	else if (w->page == PAGE_DONE && act == ACT_RULE)
		view_confirm_open(
		    w->view.app, "Remove what this import added, for good?", undo_yes, w);
	else if (w->page == PAGE_COLUMNS && (act == ACT_OPEN || act == ACT_TOGGLE ||
		     act == ACT_TYPE || act == ACT_CLASS || act == ACT_RULE))
		change(w, act);
	else
		return false;
	return true;
}

static bool
import_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_import *w = (struct view_import *)v;
	int height = pane_rows(v->pane) - 3;

	if (act == ACT_BACK)
		back(w);
	else if (w->running)
		return false;
	else if (act_on(w, act))
		return true;
	else if (w->page == PAGE_FILE)
		return lineedit_key(w->file, e->key);
	else
		return lines_key(&w->lines, act, e, height > 0 ? (size_t)height : 1);
	return true;
}

static bool
import_typing(struct view *v)
{
	const struct view_import *w = (struct view_import *)v;

	return w->page == PAGE_FILE && !w->running;
}

static void
import_paste(struct view *v, int key)
{
	struct view_import *w = (struct view_import *)v;

	if (import_typing(v) && key >= 32)
		lineedit_key(w->file, key);
}

static void
import_close(struct view *v)
{
	struct view_import *w = (struct view_import *)v;

	if (w->running) {
		worker_forget(app_back(v->app), w);
		app_work_end(v->app);
	}
	if (w->columns)
		secret_wipe(w->columns, w->n * sizeof *w->columns);
	free(w->columns);
	lines_clear(&w->lines);
	lineedit_free(w->file);
	free(w);
}

static const struct binding import_keys[] = {{'j', ACT_DOWN, NULL, "next line"},
    {K_DOWN, ACT_DOWN, NULL, NULL}, {'k', ACT_UP, NULL, "line before"},
    {K_UP, ACT_UP, NULL, NULL}, {K_PAGE_DOWN, ACT_PAGE_DOWN, NULL, "page down"},
    {K_PAGE_UP, ACT_PAGE_UP, NULL, "page up"},
    {K_ENTER, ACT_OPEN, NULL, "look at the file; choose a column's field"},
    {' ', ACT_TOGGLE, NULL, "leave the column out, or take it as a new field"},
    {'t', ACT_TYPE, NULL, "another type for the new field"},
    {'c', ACT_CLASS, NULL, "another class for the new field"},
    {'u', ACT_RULE, NULL, "what becomes of duplicates; after the import: undo it"},
    {'d', ACT_TRY, NULL, "dry run"}, {'i', ACT_IMPORT, NULL, "import, after the dry run"},
    {K_ESC, ACT_BACK, NULL, "back"}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops import_ops = {.title = "Import",
    .keys = import_keys,
    .draw = import_draw,
    .key = import_key,
    .typing = import_typing,
    .paste = import_paste,
    .close = import_close};

void
view_import_open(struct app *a)
{
	struct view_import *w = calloc(1, sizeof *w);

	if (!w)
		return;
	w->view.ops = &import_ops;
	if (lineedit_new(&w->file) != RC_OK) {
		free(w);
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	app_push(a, &w->view);
}
