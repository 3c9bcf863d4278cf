/*
 * What the import wizard asks for in dialogs: a column's field, the encoding, a mapping, the
 * file of rejects.
 *
 * A rejects file that would hold what the vault masks or seals is written for a reason only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/tui/view_import.h"

/* 0: leave out; 1: a new field; then the fields that there are. */
static void
field_chosen(void *arg, size_t at)
{
	struct view_import *w = arg;
	struct import_column *c = import_current(w);
	const struct field *fields;
	size_t n;

	fields = app_fields(w->view.app, &n);
	if (!c || at >= n + 2)
		return;
	if (at > 1 && strcmp(c->field, fields[at - 2].name) != 0 &&
	    import_is_used(w, fields[at - 2].name)) {
		app_say(w->view.app, STYLE_BAD, "another column goes to %s",
		    fields[at - 2].name);
		return;
	}
	c->field[0] = '\0';
	c->made = false;
	if (at == 1) {
		import_set_new(w, c);
	} else if (at > 1) {
		snprintf(c->field, sizeof c->field, "%s", fields[at - 2].name);
		c->type = fields[at - 2].type;
		c->cls = fields[at - 2].cls;
	}
	import_put_columns(w);
}

void
import_choose_field(struct view_import *w)
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

static void
encoding_chosen(void *arg, size_t at)
{
	struct view_import *w = arg;

	w->encoding = (enum import_encoding)at;
	if (w->page == PAGE_COLUMNS)
		import_look_again(w);
}

void
import_choose_encoding(struct view_import *w)
{
	const char *items[IMPORT_CP1252 + 1] = {"by the file's mark, else utf-8"};
	size_t i, n = sizeof items / sizeof *items;

	for (i = 1; i < n; i++)
		items[i] = import_encoding_name((enum import_encoding)i);
	view_choose_open(
	    w->view.app, "Encoding", items, n, (size_t)w->encoding, encoding_chosen, w);
}

static void
mapping_yes(void *arg)
{
	struct view_import *w = arg;

	if (w->next_mapping > w->name_n)
		return;
	snprintf(w->mapping, sizeof w->mapping, "%s",
	    w->next_mapping ? w->names[w->next_mapping - 1] : "");
	import_look_again(w);
}

/* 0: none. It says of all columns where they go. */
static void
mapping_chosen(void *arg, size_t at)
{
	struct view_import *w = arg;

	w->next_mapping = at;
	if (import_has_choices(w))
		view_confirm_open(w->view.app,
		    "What you chose for the columns is lost. Go on?", mapping_yes, w);
	else
		mapping_yes(w);
}

void
import_choose_mapping(struct view_import *w)
{
	const char **items;
	size_t i;

	if (w->name_n == 0) {
		app_say(w->view.app, STYLE_TEXT,
		    "the vault has no mappings: m after a dry run keeps one");
		return;
	}
	items = calloc(w->name_n + 1, sizeof *items);
	if (!items)
		return;
	items[0] = "(none: by names and values)";
	for (i = 0; i < w->name_n; i++)
		items[i + 1] = w->names[i];
	view_choose_open(w->view.app, "Mapping", items, w->name_n + 1, 0, mapping_chosen, w);
	free(items);
}

static void
replace_yes(void *arg)
{
	struct view_import *w = arg;

	w->replace = true;
}

/* What is there is replaced only if that was said; else the import refuses. */
static void
rejects_named(void *arg, const char *text)
{
	struct view_import *w = arg;

	snprintf(w->rejects, sizeof w->rejects, "%s", text);
	w->replace = false;
	if (text[0] && access(text, F_OK) == 0)
		view_confirm_open(
		    w->view.app, "That file exists. Replace it?", replace_yes, w);
}

void
import_ask_rejects(struct view_import *w)
{
	view_ask_open(w->view.app, "Rejected rows", "CSV file for them, empty for none",
	    rejects_named, w);
}

static void
reason_given(void *arg, const char *text)
{
	struct view_import *w = arg;

	if (!text[0]) {
		app_say(w->view.app, STYLE_WARN, "nothing was imported: no reason was given");
		return;
	}
	snprintf(w->reason, sizeof w->reason, "%s", text);
	import_start(w);
}

void
import_ask_reason(struct view_import *w)
{
	view_ask_open(w->view.app, "Rejects hold protected fields in plaintext",
	    "Reason, for the audit", reason_given, w);
}

static void
name_given(void *arg, const char *text)
{
	struct view_import *w = arg;

	if (!text[0])
		return;
	if (strlen(text) >= sizeof w->keep) {
		app_say(w->view.app, STYLE_BAD, "a mapping's name has %d bytes at most",
		    TEMPLATE_NAME_MAX);
		return;
	}
	snprintf(w->keep, sizeof w->keep, "%s", text);
	import_keep(w);
}

void
import_ask_name(struct view_import *w)
{
	view_ask_open(
	    w->view.app, "Keep the mapping in the vault", "Name", name_given, w);
}
