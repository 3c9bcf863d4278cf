/*
 * What the user chose of the columns, and what is left of it when the file is read anew.
 *
 * 1. A choice stands by the place of its column, for another encoding gives it another
 *    header. With another number of columns the file is read as something else: no choice
 *    of before means anything.
 * 2. No two columns go to one field: a choice goes before what was found for another column.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "ui/tui/view_import.h"

struct import_column *
import_current(struct view_import *w)
{
	int tag = lines_tag(&w->lines);

	return w->page == PAGE_COLUMNS && tag != LINE_NONE ? &w->columns[tag] : NULL;
}

bool
import_is_used(const struct view_import *w, const char *field)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (strcmp(w->columns[i].field, field) == 0)
			return true;
	return false;
}

static bool
is_field(const struct view_import *w, const char *name)
{
	const struct field *fields;
	size_t i, n;

	fields = app_fields(w->view.app, &n);
	for (i = 0; i < n; i++)
		if (strcmp(fields[i].name, name) == 0)
			return true;
	return false;
}

void
import_set_new(struct view_import *w, struct import_column *c)
{
	char base[FIELD_NAME_MAX + 1], name[FIELD_NAME_MAX + 16];
	unsigned k;

	c->field[0] = '\0';
	field_name_from(c->header, base);
	snprintf(name, sizeof name, "%s", base);
	for (k = 2; is_field(w, name) || import_is_used(w, name); k++)
		snprintf(name, sizeof name, "%.*s_%u", FIELD_NAME_MAX - 6, base, k);
	snprintf(c->field, sizeof c->field, "%.*s", FIELD_NAME_MAX, name);
	if (!c->made && !c->type) {
		c->type = TYPE_TEXT;
		c->cls = CLASS_MASKED;
	}
	c->made = true;
}

/* Where a column goes, and as what. */
static void
set_goal(struct import_column *c, const struct import_column *as)
{
	memcpy(c->field, as->field, sizeof c->field);
	c->made = as->made;
	c->type = as->type;
	c->cls = as->cls;
}

void
import_take_in(struct view_import *w, struct import_column *c)
{
	const struct import_column *found = w->found ? &w->found[c - w->columns] : NULL;

	if (found && found->field[0] && !import_is_used(w, found->field))
		set_goal(c, found);
	else
		import_set_new(w, c);
}

/* Left out is left out, whatever type was looked at before. */
static bool
differs(const struct import_column *a, const struct import_column *b)
{
	return strcmp(a->field, b->field) != 0 ||
	       (a->field[0] && (a->made != b->made || a->type != b->type || a->cls != b->cls));
}

bool
import_has_choices(const struct view_import *w)
{
	size_t i;

	for (i = 0; w->found && i < w->n; i++)
		if (differs(&w->columns[i], &w->found[i]))
			return true;
	return false;
}

/* Another column that was found to go to the field of column ${at} is left out. */
static void
make_way(struct view_import *w, size_t at)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (i != at && strcmp(w->columns[i].field, w->columns[at].field) == 0)
			w->columns[i].field[0] = '\0';
}

static void
choose_again(struct view_import *w, size_t at, const struct import_column *was)
{
	struct import_column *c = &w->columns[at];

	if (c->forbidden)
		return;
	set_goal(c, was);
	if (c->made && c->field[0] && strcmp(c->header, was->header) != 0)
		import_set_new(w, c);
	else if (c->field[0])
		make_way(w, at);
}

static struct import_column *
copy(const struct import_column *columns, size_t n)
{
	struct import_column *to = calloc(n + 1, sizeof *to);

	for (; to && n > 0; n--)
		to[n - 1] = columns[n - 1];
	return to;
}

static void
drop(struct import_column *columns, size_t n)
{
	if (columns)
		secret_wipe(columns, n * sizeof *columns);
	free(columns);
}

void
import_take_columns(struct view_import *w, struct import_column *columns, size_t n, bool keep)
{
	struct import_column *was = w->columns, *found = w->found;
	size_t i, was_n = w->n;

	w->columns = columns;
	w->found = copy(columns, n);
	w->n = n;
	for (i = 0; keep && found && was_n == n && i < n; i++)
		if (differs(&was[i], &found[i]))
			choose_again(w, i, &was[i]);
	drop(was, was_n);
	drop(found, was_n);
}
