/*
 * One row of an import: checked, normalised, compared with what is there, written.
 *
 * 1. A row is rejected before anything of it is written: inside the transaction no
 *    statement may fail (vfs.md, trap 6).
 * 2. A value that is not valid for its type is kept as it stands, and counted.
 * 3. Magnetic-stripe data ends the whole import, wherever it stands.
 * 4. A reject names row, line, column and reason, never a value.
 */
#include "store/import_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/sensitive.h"

static const char *
column_name(const struct import *im, size_t column)
{
	const struct column *c = &im->columns[column - 1];

	return *c->field.name ? c->field.name : c->header;
}

/* Count it, and keep the first of its kind for the report. */
static void
note(struct import *im, enum import_kind kind, const struct csv_row *row, int64_t id,
    size_t column, const char *why)
{
	struct import_report *r = im->report;
	uint64_t at = r->count[kind]++;
	struct import_case *c;

	if (at >= IMPORT_FIRST)
		return;
	c = &r->first[kind][at];
	c->row = row->number;
	c->line = row->line;
	c->id = id;
	snprintf(c->column, sizeof c->column, "%.*s", FIELD_NAME_MAX,
	    column ? column_name(im, column) : "");
	snprintf(c->why, sizeof c->why, "%s", why);
}

static enum rc
reject(struct import *im, const struct csv_row *row, size_t column, const char *why)
{
	const char *name = column && column <= im->n ? column_name(im, column) : "";

	note(im, IMPORT_REJECTED, row, 0, *name ? column : 0, why);
	return im->rejects ? import_rejects_add(im->rejects, row, name, why) : RC_OK;
}

static enum rc
reject_fault(struct import *im, const struct csv_row *row)
{
	char why[128];

	snprintf(why, sizeof why, "%s", csv_fault_text(row->fault));
	if (row->fault == CSV_NOT_UTF8 && im->report->encoding == IMPORT_UTF8)
		snprintf(why, sizeof why, "not UTF-8, perhaps latin1 or cp1252");
	else if (row->fault == CSV_NOT_UTF8)
		snprintf(why, sizeof why, "not a character of %s",
		    import_encoding_name(im->report->encoding));
	return reject(im, row, row->fault_column, why);
}

/*
 * A card number that anybody could read is kept, for it may be what it looks like or not; it is
 * told. A value that is valid for a field of numbers, of addresses and the like is that.
 */
static void
look_for_card(struct import *im, const struct csv_row *row, size_t i, bool valid)
{
	struct import_report *r = im->report;
	const struct field *f = &im->columns[i].field;

	if (row->lens[i] < 13 || f->cls != CLASS_OPEN ||
	    (valid && f->type != TYPE_TEXT && f->type != TYPE_NOTE && f->type != TYPE_NAME) ||
	    !sensitive_card(row->fields[i], row->lens[i]) || r->card_cells++)
		return;
	r->first_card.row = row->number;
	r->first_card.line = row->line;
	snprintf(r->first_card.column, sizeof r->first_card.column, "%s", f->name);
}

/* Room for the normal forms of all cells of the row. */
static enum rc
make_room(struct import *im, const struct csv_row *row)
{
	size_t want = 0, i;
	char *fresh;

	for (i = 0; i < row->n; i++)
		want += row->lens[i] * 2 + 32;
	if (want <= im->text_cap)
		return RC_OK;
	fresh = malloc(want * 2);
	if (!fresh)
		return RC_NOMEM;
	if (im->text)
		secret_wipe(im->text, im->text_cap);
	free(im->text);
	im->text = fresh;
	im->text_cap = want * 2;
	return RC_OK;
}

static enum rc
normalise(struct import *im, const struct csv_row *row)
{
	char *to = im->text;
	const char *why;
	bool valid;
	size_t i;

	for (i = 0; i < im->n; i++) {
		const struct column *c = &im->columns[i];
		size_t cap = row->lens[i] * 2 + 32;

		im->cells[i].text = "";
		im->cells[i].len = 0;
		if (c->ignored)
			continue;
		if (sensitive_track(row->fields[i], row->lens[i]))
			return err_set(im->err, RC_INPUT,
			    "row %llu has a card's track in column \"%s\", which must "
			    "not be stored: leave the column out by mapping it to -",
			    (unsigned long long)row->number, c->header);
		if (row->lens[i] == 0)
			continue;
		valid = type_normalise(
		    c->field.type, row->fields[i], row->lens[i], to, cap, &why);
		if (!valid)
			note(im, IMPORT_INVALID, row, 0, i + 1, why);
		look_for_card(im, row, i, valid);
		im->cells[i].text = to;
		im->cells[i].len = strlen(to);
		to += im->cells[i].len + 1;
	}
	return RC_OK;
}

size_t
import_unnamed(const struct import *im, const struct csv_row *row)
{
	size_t i;

	for (i = 0; i < im->n && i < row->n; i++)
		if (im->columns[i].nameless && row->lens[i] > 0)
			return i + 1;
	return 0;
}

/* The first required field without a value, from 1; 0: none. */
static size_t
missing(const struct import *im)
{
	size_t i;

	for (i = 0; i < im->n; i++)
		if (!im->columns[i].ignored && im->columns[i].field.required &&
		    im->cells[i].len == 0)
			return i + 1;
	return 0;
}

static enum rc
add(struct import *im, int64_t *id)
{
	enum rc rc;
	size_t i;

	for (i = 0; i < im->n; i++) {
		struct record_value *to;

		if (im->columns[i].ignored)
			continue;
		to = &im->values[im->columns[i].index];
		to->text = im->cells[i].text;
		to->len = im->cells[i].len;
	}
	rc = record_writer_add(im->writer, im->values, id);
	if (rc == RC_OK && !im->first_id)
		im->first_id = *id;
	if (rc == RC_OK)
		im->last_id = *id;
	return rc;
}

/* Set what the file has a value for and the record another. */
static enum rc
update(struct import *im, int64_t id)
{
	struct record_change change = { .fields = im->changes, .field_n = im->changed };
	struct record_facts facts;
	enum rc rc = record_facts(im->v, id, &facts);

	return rc == RC_OK ? changer_apply(im->changer, &facts, &change, NULL) : rc;
}

/* A row whose key the record ${id} has. */
static enum rc
meet(struct import *im, const struct csv_row *row, int64_t id)
{
	enum rc rc = import_compare(im->compare, id);

	if (rc != RC_OK)
		return rc;
	if (im->changed == 0) {
		note(im, IMPORT_SAME, row, id, 0, "");
		return RC_OK;
	}
	if (im->opts->duplicates == DUP_SKIP) {
		note(im, IMPORT_DUPLICATE, row, id, 0, "");
		return RC_OK;
	}
	note(im, IMPORT_UPDATED, row, id, 0, "");
	return update(im, id);
}

static enum rc
write_row(struct import *im, const struct csv_row *row)
{
	int64_t id = 0;
	enum rc rc = RC_OK;

	if (im->keys)
		rc = import_keys_find(im->keys, im->cells, &id);
	if (rc != RC_OK)
		return rc;
	if (id)
		return meet(im, row, id);
	rc = add(im, &id);
	note(im, IMPORT_NEW, row, 0, 0, "");
	if (rc == RC_OK && im->keys)
		rc = import_keys_put(im->keys, im->cells, id);
	return rc;
}

enum rc
import_row(struct import *im, const struct csv_row *row)
{
	const uint64_t invalid = im->report->count[IMPORT_INVALID];
	const uint64_t cards = im->report->card_cells;
	char why[128];
	size_t column;
	enum rc rc;

	im->report->rows++;
	if (row->fault != CSV_FINE)
		return reject_fault(im, row);
	if (row->n != im->n) {
		snprintf(why, sizeof why, "%zu column%s where the header has %zu", row->n,
		    row->n == 1 ? "" : "s", im->n);
		return reject(im, row, 0, why);
	}
	column = import_unnamed(im, row);
	if (column)
		return reject(im, row, column,
		    "a value in a column without a name: name the column");
	rc = make_room(im, row);
	if (rc == RC_OK)
		rc = normalise(im, row);
	if (rc != RC_OK)
		return rc;
	column = missing(im);
	if (column) {
		im->report->count[IMPORT_INVALID] = invalid;
		im->report->card_cells = cards;
		return reject(im, row, column, "a required value is missing");
	}
	return write_row(im, row);
}
