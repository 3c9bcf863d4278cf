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

static enum rc
reject(struct import *im, const struct csv_row *row, size_t column, const char *why)
{
	struct import_report *r = im->report;
	const char *name = "";

	if (column > 0 && column <= im->n)
		name = *im->columns[column - 1].field.name
			   ? im->columns[column - 1].field.name
			   : im->columns[column - 1].header;
	r->rejected++;
	if (r->reject_n < IMPORT_REJECTS) {
		struct import_reject *j = &r->rejects[r->reject_n++];

		j->row = row->number;
		j->line = row->line;
		snprintf(j->column, sizeof j->column, "%.*s", FIELD_NAME_MAX, name);
		snprintf(j->why, sizeof j->why, "%s", why);
	}
	return im->rejects ? import_rejects_add(im->rejects, row, name, why) : RC_OK;
}

static enum rc
reject_fault(struct import *im, const struct csv_row *row)
{
	char why[128];

	snprintf(why, sizeof why, "%s", csv_fault_text(row->fault));
	if (row->fault == CSV_NOT_UTF8 && im->report->encoding != IMPORT_UTF8)
		snprintf(why, sizeof why, "not a character of %s",
		    import_encoding_name(im->report->encoding));
	return reject(im, row, row->fault_column, why);
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
	size_t i;

	for (i = 0; i < im->n; i++) {
		const struct column *c = &im->columns[i];
		size_t cap = row->lens[i] * 2 + 32;

		im->cells[i].text = "";
		im->cells[i].len = 0;
		if (c->ignored)
			continue;
		if (import_is_track(row->fields[i], row->lens[i]))
			return err_set(im->err, RC_INPUT,
			    "row %llu has a card's track in column \"%s\", which must "
			    "not be stored: leave the column out by mapping it to -",
			    (unsigned long long)row->number, c->header);
		if (row->lens[i] == 0)
			continue;
		if (!type_normalise(
			c->field.type, row->fields[i], row->lens[i], to, cap, NULL))
			im->report->invalid_cells++;
		im->cells[i].text = to;
		im->cells[i].len = strlen(to);
		to += im->cells[i].len + 1;
	}
	return RC_OK;
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
	size_t i;

	for (i = 0; i < im->n; i++) {
		struct record_value *to;

		if (im->columns[i].ignored)
			continue;
		to = &im->values[im->columns[i].index];
		to->text = im->cells[i].text;
		to->len = im->cells[i].len;
	}
	im->report->added++;
	return record_writer_add(im->writer, im->values, id);
}

/* Set what the file has a value for; the cells are packed in place. */
static enum rc
update(struct import *im, int64_t id)
{
	size_t i, n = 0;

	for (i = 0; i < im->n; i++) {
		if (im->columns[i].ignored || im->cells[i].len == 0)
			continue;
		im->cells[n] = im->cells[i];
		im->cells[n++].index = im->columns[i].index;
	}
	im->report->updated++;
	return record_writer_edit(im->writer, id, im->cells, n);
}

static enum rc
write_row(struct import *im)
{
	int64_t id = 0;
	enum rc rc = RC_OK;

	if (im->keys)
		rc = import_keys_find(im->keys, im->cells, &id);
	if (rc != RC_OK)
		return rc;
	if (id && im->opts->duplicates == DUP_SKIP) {
		im->report->duplicates++;
		return RC_OK;
	}
	if (id)
		return update(im, id);
	rc = add(im, &id);
	if (rc == RC_OK && im->keys)
		rc = import_keys_put(im->keys, im->cells, id);
	return rc;
}

enum rc
import_row(struct import *im, const struct csv_row *row)
{
	uint64_t invalid = im->report->invalid_cells;
	char why[128];
	size_t column;
	enum rc rc;

	im->report->rows++;
	if (row->fault != CSV_FINE)
		return reject_fault(im, row);
	if (row->n != im->n) {
		snprintf(why, sizeof why, "%zu columns where the header has %zu", row->n,
		    im->n);
		return reject(im, row, 0, why);
	}
	rc = make_room(im, row);
	if (rc == RC_OK)
		rc = normalise(im, row);
	if (rc != RC_OK)
		return rc;
	column = missing(im);
	if (column) {
		im->report->invalid_cells = invalid;
		return reject(im, row, column, "a required value is missing");
	}
	return write_row(im);
}
