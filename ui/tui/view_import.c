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

#include "ui/tui/import_jobs.h"
#include "ui/tui/undo_stack.h"
#include "ui/tui/view_import.h"

static void
looked(struct view_import *w, struct import_job *j)
{
	const bool same = w->read_file && strcmp(w->read_file, j->ask.path) == 0 &&
			  strcmp(w->read_mapping, w->mapping) == 0;

	import_take_columns(w, j->report.columns, j->report.column_n, same);
	j->report.columns = NULL;
	free(w->read_file);
	w->read_file = strdup(j->ask.path);
	import_names_free(w->names, w->name_n);
	w->names = j->names;
	w->name_n = j->name_n;
	j->names = NULL;
	j->name_n = 0;
	if (w->mapping[0] && !same)
		w->duplicates = j->opts.duplicates;
	w->read_as = w->encoding;
	snprintf(w->read_mapping, sizeof w->read_mapping, "%s", w->mapping);
	import_set_form(w, &j->report);
	w->page = PAGE_COLUMNS;
	w->lines.cursor = 0;
	import_put_columns(w);
}

static void
reported(struct view_import *w, struct import_job *j, enum import_page page)
{
	free(w->text);
	w->text = j->text;
	j->text = NULL;
	w->page = page;
	import_put_report(w, &j->report);
}

static void
imported(struct view_import *w, struct import_job *j)
{
	app_take_fields(w->view.app, j->fields, j->field_n);
	j->fields = NULL;
	w->run = j->report.run;
	reported(w, j, PAGE_DONE);
	app_did_import(w->view.app, w->run);
	app_changed(w->view.app);
	app_say(w->view.app, STYLE_GOOD, "imported; u undoes it");
}

static void
undone(struct view_import *w, const struct import_job *j)
{
	struct app *a = w->view.app;

	app_undid_import(a, w->run);
	app_changed(a);
	app_say(a, STYLE_GOOD, "undone: %" PRId64 " removed, %" PRId64 " put back",
	    j->undone.removed, j->undone.put_back);
	app_pop(a, &w->view);
}

static void
keep_anew(void *arg)
{
	struct view_import *w = arg;

	w->replace_kept = true;
	import_keep(w);
	w->replace_kept = false;
}

/* What was asked for was not read: the columns shown stay those that the dry run reads. */
static void
unasked(struct view_import *w)
{
	const bool shown = w->page == PAGE_COLUMNS;

	snprintf(w->mapping, sizeof w->mapping, "%s", shown ? w->read_mapping : "");
	if (shown)
		w->encoding = w->read_as;
}

static void
failed(struct view_import *w, const struct import_job *j)
{
	if (j->ask.task == IMPORT_KEEP && j->slow.job.rc == RC_EXISTS) {
		view_confirm_open(w->view.app, "There is a mapping of that name. Replace it?",
		    keep_anew, w);
		return;
	}
	if (j->ask.task == IMPORT_LOOK)
		unasked(w);
	if (j->ask.task == IMPORT_RUN && j->slow.job.rc == RC_CANCELLED)
		app_say(w->view.app, STYLE_WARN, "the import was cancelled: nothing was changed");
	else
		app_failed_aloud(w->view.app, "Import", &j->slow.job);
}

static void
told(void *owner, struct import_job *j)
{
	struct view_import *w = owner;

	app_work_end(w->view.app);
	if (j->slow.job.rc != RC_OK)
		failed(w, j); /* in a dialog: nobody types while it runs */
	w->running = false;
	if (j->slow.job.rc != RC_OK)
		return;
	switch (j->ask.task) {
	case IMPORT_LOOK:
		looked(w, j);
		break;
	case IMPORT_TRY:
		reported(w, j, PAGE_RESULT);
		break;
	case IMPORT_RUN:
		imported(w, j);
		break;
	case IMPORT_KEEP:
		app_say(w->view.app, STYLE_GOOD, "the mapping is kept as %s", w->keep);
		break;
	case IMPORT_UNDO:
		undone(w, j);
	}
}

static void
begin(struct view_import *w, enum import_task task)
{
	const bool look = task == IMPORT_LOOK;
	const struct import_ask ask = {.task = task,
	    .path = lineedit_text(w->file),
	    .columns = look ? NULL : w->columns,
	    .n = look ? 0 : w->n,
	    .encoding = w->encoding,
	    .duplicates = w->duplicates,
	    .mapping = w->mapping[0] ? w->mapping : NULL,
	    .rejects = w->rejects[0] ? w->rejects : NULL,
	    .reason = w->reason[0] ? w->reason : NULL,
	    .replace = task == IMPORT_KEEP ? w->replace_kept : w->replace,
	    .keep = w->keep,
	    .text = w->text,
	    .run = w->run};

	w->running = import_job_post(w->view.app, w, &ask, told);
	if (look && !w->running)
		unasked(w);
}

void
import_look_again(struct view_import *w)
{
	begin(w, IMPORT_LOOK);
}

void
import_keep(struct view_import *w)
{
	begin(w, IMPORT_KEEP);
}

void
import_start(struct view_import *w)
{
	begin(w, IMPORT_RUN);
}

static bool
has_protected(const struct view_import *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->columns[i].field[0] && w->columns[i].cls != CLASS_OPEN)
			return true;
	return false;
}

/* A reason is given anew for each import that needs one. */
static void
import_or_ask(struct view_import *w)
{
	w->reason[0] = '\0';
	if (w->rejects[0] && has_protected(w))
		import_ask_reason(w);
	else
		import_start(w);
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
	import_put_columns(w);
}

static void
change(struct view_import *w, enum act act)
{
	struct import_column *c = import_current(w);

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
		import_choose_field(w);
	else if (c->field[0])
		c->field[0] = '\0';
	else
		import_take_in(w, c);
	if (act == ACT_TOGGLE)
		import_put_columns(w);
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
	import_put_columns(w);
}

static bool
act_on_columns(struct view_import *w, enum act act)
{
	switch (act) {
	case ACT_TRY:
		begin(w, IMPORT_TRY);
		return true;
	case ACT_ENCODING:
		import_choose_encoding(w);
		return true;
	case ACT_MAPPING:
		import_choose_mapping(w);
		return true;
	case ACT_REJECTS:
		import_ask_rejects(w);
		return true;
	case ACT_OPEN:
	case ACT_TOGGLE:
	case ACT_TYPE:
	case ACT_CLASS:
	case ACT_RULE:
		change(w, act);
		return true;
	default:
		return false;
	}
}

static bool
act_on_file(struct view_import *w, enum act act)
{
	if (act == ACT_ENCODING)
		import_choose_encoding(w);
	else if (act == ACT_OPEN && lineedit_len(w->file) > 0)
		begin(w, IMPORT_LOOK);
	else
		return false;
	return true;
}

static bool
act_on_report(struct view_import *w, enum act act)
{
	if (act == ACT_MAPPING && w->text)
		import_ask_name(w);
	else if (w->page == PAGE_RESULT && act == ACT_IMPORT)
		import_or_ask(w);
	else if (w->page == PAGE_DONE && act == ACT_RULE)
		view_confirm_open(
		    w->view.app, "Remove what this import added, for good?", undo_yes, w);
	else
		return false;
	return true;
}

static bool
act_on(struct view_import *w, enum act act)
{
	if (w->page == PAGE_FILE)
		return act_on_file(w, act);
	return w->page == PAGE_COLUMNS ? act_on_columns(w, act) : act_on_report(w, act);
}

static bool
import_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_import *w = (struct view_import *)v;
	int height = pane_rows(v->pane) - import_top(w);

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
	import_take_columns(w, NULL, 0, false);
	free(w->found);
	free(w->read_file);
	free(w->text);
	import_names_free(w->names, w->name_n);
	lines_clear(&w->lines);
	lineedit_free(w->file);
	free(w);
}

static const struct binding import_keys[] = {{'j', ACT_DOWN, NULL, "next line"},
    {K_DOWN, ACT_DOWN, NULL, NULL}, {'k', ACT_UP, NULL, "line before"},
    {K_UP, ACT_UP, NULL, NULL}, {K_PAGE_DOWN, ACT_PAGE_DOWN, NULL, "page down"},
    {K_PAGE_UP, ACT_PAGE_UP, NULL, "page up"},
    {K_ENTER, ACT_OPEN, NULL, "look at the file; choose a column's field"},
    {' ', ACT_TOGGLE, NULL, "leave the column out, or take it in again"},
    {'t', ACT_TYPE, NULL, "another type for the new field"},
    {'c', ACT_CLASS, NULL, "another class for the new field"},
    {'u', ACT_RULE, NULL, "what becomes of duplicates; after the import: undo it"},
    {'e', ACT_ENCODING, NULL, "the file's encoding"}, {'\t', ACT_ENCODING, NULL, NULL},
    {'m', ACT_MAPPING, NULL, "use a kept mapping; after the dry run: keep this one"},
    {'r', ACT_REJECTS, NULL, "a file for the rows that are rejected"},
    {'d', ACT_TRY, NULL, "dry run"}, {'i', ACT_IMPORT, NULL, "import, after the dry run"},
    {K_ESC, ACT_BACK, NULL, "back"}, {0, ACT_NONE, NULL, NULL}};

/* What it has made it shows by name. */
static void
import_fields(struct view *v)
{
	(void)v;
}

static const struct view_ops import_ops = {.title = "Import",
    .keys = import_keys,
    .draw = import_draw,
    .key = import_key,
    .typing = import_typing,
    .paste = import_paste,
    .fields = import_fields,
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
