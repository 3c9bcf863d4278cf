/*
 * The file of rejected rows: a CSV in UTF-8 with the columns that are imported and five of
 * its own, so that a row can be mended where it stands and the file imported again. It holds
 * customers' data in plaintext.
 *
 * 1. It is written only when asked for, with mode 0600, and whole or not at all. What the
 *    vault masks or seals goes into it only with a word for that and a reason, and not in a
 *    dry run, of which no audit tells.
 * 2. A row that can't be told in columns stands in reject_raw as it was; else that is empty,
 *    or of a row of an older rejects file what stood there: nobody else may have it.
 * 3. Nothing of a column that is left out, by the user or because it must never be stored,
 *    is copied. In a file that has such a column, no cell is copied of a row that can't be
 *    told in columns, and reject_raw is empty: its values may stand anywhere.
 * 4. No magnetic-stripe data is copied, from whatever column: not the cell, not the raw row.
 */
#include "store/import_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sensitive.h"
#include "store/sink.h"

static const char *const own[IMPORT_REJECT_COLUMNS] = { "reject_row", "reject_line",
	"reject_column", "reject_reason", "reject_raw" };

#define OWN IMPORT_REJECT_COLUMNS

struct import_rejects {
	const struct import *im;
	struct file *file;
	struct sink *sink;
	size_t n;           /* columns that are imported */
	size_t raw;         /* of an older rejects file: its reject_raw, from 1; 0: none */
	bool left_out;      /* there are others, besides nameless ones and those of an older file */
	bool forbidden;     /* one of all columns must never be stored */
	bool torn;          /* not all could be written */
	const char **names; /* and of this file */
	struct sink_value *values;
};

bool
import_rejects_column(const char *name)
{
	size_t i;

	for (i = 0; i < OWN; i++)
		if (strcmp(own[i], name) == 0)
			return true;
	return false;
}

/* Whether a line ends with ${want}, its quotes and the other halves of UTF-16 aside. */
static bool
ends_with(const char *line, size_t len, const char *want)
{
	size_t k = strlen(want);

	while (k && len) {
		char ch = line[--len];

		if (ch == '"' || ch == '\0' || ch == '\r')
			continue;
		if (ch != want[--k])
			return false;
	}
	return k == 0;
}

char
import_rejects_header(const char *line, size_t len)
{
	static const char delimiters[] = ",;\t|";
	char want[128], d;
	size_t i, k, n;

	for (i = 0; (d = delimiters[i]) != '\0'; i++) {
		for (k = n = 0; k < OWN; k++)
			n += (size_t)snprintf(want + n, sizeof want - n, "%c%s", d, own[k]);
		if (ends_with(line, len, want))
			return d;
	}
	return '\0';
}

static enum rc
write_out(void *arg, const void *bytes, size_t len)
{
	struct import_rejects *r = arg;
	enum rc rc = file_write(r->file, bytes, len, r->im->err);

	r->torn |= rc != RC_OK;
	return rc;
}

/* Rule 1. */
static enum rc
check_consent(const struct import *im)
{
	const struct import_opts *o = im->opts;
	size_t i;

	if (o->rejects_plaintext && (!o->reason || !*o->reason))
		return err_set(im->err, RC_DENIED,
		    "rejects in plaintext need a reason, which goes to the audit");
	if (o->rejects_plaintext && o->dry_run)
		return err_set(im->err, RC_DENIED,
		    "a dry run leaves nothing in the audit, where the reason of rejects in "
		    "plaintext must stand: leave the rejects out, or import");
	for (i = 0; i < im->n && !o->rejects_plaintext; i++)
		if (!im->columns[i].ignored && im->columns[i].field.cls != CLASS_OPEN)
			return err_set(im->err, RC_DENIED,
			    "%s is %s, and a rejects file would hold it in plaintext: allow "
			    "it with --rejects-plaintext and --reason TEXT, or import "
			    "without --rejects",
			    im->columns[i].field.name,
			    class_name(im->columns[i].field.cls));
	return RC_OK;
}

static enum rc
set_columns(struct import_rejects *r)
{
	const struct import *im = r->im;
	size_t i;

	r->names = calloc(im->n + OWN, sizeof *r->names);
	r->values = calloc(im->n + OWN, sizeof *r->values);
	if (!r->names || !r->values)
		return RC_NOMEM;
	for (i = 0; i < im->n; i++) {
		r->forbidden |= im->columns[i].forbidden;
		if (im->columns[i].ignored)
			r->left_out |= !im->columns[i].of_rejects && !im->columns[i].nameless;
		else
			r->names[r->n++] = im->columns[i].header;
		if (im->columns[i].of_rejects && strcmp(im->columns[i].header, own[OWN - 1]) == 0)
			r->raw = i + 1;
	}
	for (i = 0; i < OWN; i++)
		r->names[r->n + i] = own[i];
	return RC_OK;
}

static enum rc
begin(struct import_rejects *r)
{
	/* The file is for strongroom, not for a spreadsheet: no apostrophes. */
	const struct sink_opts sink = { .format = SINK_CSV, .raw = true };
	const struct import_opts *o = r->im->opts;
	enum rc rc;

	rc = set_columns(r);
	if (rc == RC_OK)
		rc = file_new(o->rejects, o->force, &r->file, r->im->err);
	if (rc == RC_OK) {
		file_keep_replaced(r->file);
		rc = sink_new(&sink, write_out, r, &r->sink);
	}
	return rc == RC_OK ? sink_begin(r->sink, r->names, r->names, r->n + OWN) : rc;
}

enum rc
import_rejects_new(const struct import *im, struct import_rejects **out)
{
	struct import_rejects *r;
	enum rc rc;

	*out = NULL;
	if (!im->opts->rejects)
		return RC_OK;
	rc = check_consent(im);
	if (rc != RC_OK)
		return rc;
	r = calloc(1, sizeof *r);
	if (!r)
		return RC_NOMEM;
	r->im = im;
	rc = begin(r);
	if (rc != RC_OK) {
		import_rejects_free(r);
		return rc;
	}
	*out = r;
	return RC_OK;
}

static struct sink_value
value(const char *text, size_t len)
{
	return (struct sink_value){ .text = text, .len = len };
}

static bool
row_has_track(const struct csv_row *row)
{
	size_t i;

	for (i = 0; i < row->n; i++)
		if (sensitive_track(row->fields[i], row->lens[i]))
			return true;
	return sensitive_track(row->raw, row->raw_len);
}

/* The cells of the row, where it has as many as there are columns. */
static void
put_cells(struct import_rejects *r, const struct csv_row *row, bool whole)
{
	const struct import *im = r->im;
	size_t i, k = 0;

	for (i = 0; i < im->n; i++) {
		if (im->columns[i].ignored)
			continue;
		if (whole && i < row->n && !sensitive_track(row->fields[i], row->lens[i]))
			r->values[k++] = value(row->fields[i], row->lens[i]);
		else
			r->values[k++] = value("", 0);
	}
}

/* Rules 2 to 4. */
static struct sink_value
raw_of(const struct import_rejects *r, const struct csv_row *row, bool whole)
{
	if (r->left_out || r->forbidden || row_has_track(row))
		return value("", 0);
	if (!whole || import_unnamed(r->im, row))
		return value(row->raw, row->raw_len);
	return r->raw && r->raw <= row->n ? value(row->fields[r->raw - 1], row->lens[r->raw - 1])
					  : value("", 0);
}

enum rc
import_rejects_add(struct import_rejects *r, const struct csv_row *row,
    const char *column, const char *why)
{
	bool whole = row->fault == CSV_FINE &&
	    (r->left_out ? row->n == r->im->n : row->n <= r->im->n);
	struct sink_value *own_values = r->values + r->n;
	char number[24], line[24];

	put_cells(r, row, whole);
	snprintf(number, sizeof number, "%" PRIu64, row->number);
	snprintf(line, sizeof line, "%" PRIu64, row->line);
	own_values[0] = value(number, strlen(number));
	own_values[1] = value(line, strlen(line));
	own_values[2] = value(column, strlen(column));
	own_values[3] = value(why, strlen(why));
	own_values[4] = raw_of(r, row, whole);
	return sink_row(r->sink, r->values);
}

enum rc
import_rejects_commit(struct import_rejects *r)
{
	enum rc rc = sink_end(r->sink);

	return rc == RC_OK ? file_commit(r->file, r->im->err) : rc;
}

void
import_rejects_withdraw(struct import_rejects *r)
{
	if (r)
		file_withdraw(r->file);
}

void
import_rejects_keep(struct import_rejects *r)
{
	struct err why;

	if (!r || r->torn || file_given(r->file))
		return;
	why = *r->im->err; /* what failed before is what is told */
	import_rejects_commit(r);
	*r->im->err = why;
}

void
import_rejects_free(struct import_rejects *r)
{
	if (!r)
		return;
	sink_free(r->sink);
	file_free(r->file);
	free(r->names);
	free(r->values);
	free(r);
}
