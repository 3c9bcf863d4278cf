/*
 * Files into records.
 *
 *   import_run -> open -> look (header, samples, columns, types) -> write -> finish
 *
 * 1. One transaction for new fields, rows, the run and the audit event, or one for each
 *    batch. Whatever fails, and a cancel, rolls it back; so does a dry run that went well.
 * 2. cache_spill is on only inside that transaction, where no statement is allowed to
 *    fail and go on (vfs.md, trap 6): memory stays bounded whatever the file's size.
 * 3. The rejects file gets its name after the last row and before the commit: an import
 *    that is committed has its rejects. When the commit fails, the name is taken off again,
 *    and a file that it replaced by force has it back. Once a batch is committed the file
 *    stays and is given its name also when a later batch fails: nobody else has the rows of
 *    that batch.
 */
#include "store/import_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/fulltext.h"
#include "store/schema.h"
#include "store/sql.h"
#include "store/text.h"
#include "store/vault_int.h"

static enum rc
refuse_required(const struct import *im, const char *field)
{
	char form[IMPORT_FORM_LEN];

	import_form(im, im->n, form);
	return err_set(im->err, RC_INPUT,
	    "nothing goes to %s, which every record must have; %s: choose a column for it "
	    "(--map COLUMN=%s)%s",
	    field, form, field,
	    im->csv && !im->opts->no_header
		? ", and say --no-header if the first row is a record"
		: "");
}

/* Each required field must have a column, or no row could be taken. */
static enum rc
check_required(const struct import *im, const struct field *fields, size_t n)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < im->n; k++)
			if (!im->columns[k].ignored && im->columns[k].index == (int)i)
				break;
		if (fields[i].required && k == im->n)
			return refuse_required(im, fields[i].name);
	}
	return RC_OK;
}

static enum rc
look_at_rows(struct import *im, const struct csv_row *first)
{
	struct sample *samples = calloc(im->n, sizeof *samples);
	enum rc rc;

	if (!samples)
		return RC_NOMEM;
	rc = import_hold(im, first, samples, &im->held);
	if (rc == RC_OK)
		rc = import_types(im, samples);
	free(samples);
	return rc;
}

/* Whether the first row that was read is one of the records. */
static bool
is_record(const struct import *im)
{
	return im->csv && im->opts->no_header;
}

static enum rc
read_header(struct import *im, struct csv_row *row)
{
	enum rc rc = RC_OK;

	if (im->jsonl)
		jsonl_header(im->jsonl, row);
	else
		rc = import_next(im, row);
	if (im->jsonl && row->n == 0)
		return err_set(im->err, RC_INPUT,
		    "no line of the first %d of %s is a JSON object: each must stand on a line of "
		    "its own, as jq -c '.[]' writes them of an array",
		    JSONL_LOOKED_AT, im->opts->name);
	if (rc == RC_NOTFOUND)
		return err_set(im->err, RC_INPUT, "%s is empty", im->opts->name);
	return rc;
}

static enum rc
look(struct import *im)
{
	struct csv_row row;
	enum rc rc;

	rc = read_header(im, &row);
	if (rc != RC_OK)
		return rc;
	im->fields = field_list(im->v, &im->field_n);
	rc = import_columns(&row, im, &im->columns);
	if (rc != RC_OK)
		return rc;
	im->n = row.n;
	if (!im->look)
		rc = check_required(im, im->fields, im->field_n);
	return rc == RC_OK ? look_at_rows(im, is_record(im) ? &row : NULL) : rc;
}

/* The first values of a column, as they may be shown. */
static void
show_values(const struct import *im, size_t column, struct import_column *out)
{
	const struct column *c = &im->columns[column];
	const struct csv_row *row;
	size_t i, shown = 0;

	for (i = 0; shown < IMPORT_SHOWN && (row = import_held_at(im->held, i)); i++) {
		if (row->fault != CSV_FINE || row->n != im->n)
			continue;
		if (c->field.cls == CLASS_OPEN)
			text_visible(row->fields[column], row->lens[column],
			    out->first[shown++], IMPORT_SHOWN_LEN);
		else
			type_mask(c->field.type, row->fields[column], row->lens[column],
			    out->first[shown++], IMPORT_SHOWN_LEN);
	}
}

static enum rc
report_columns(struct import *im)
{
	struct import_column *out = im->n ? calloc(im->n, sizeof *out) : NULL;
	size_t i;

	if (!out)
		return RC_NOMEM;
	im->report->columns = out;
	im->report->column_n = im->n;
	for (i = 0; i < im->n; i++) {
		const struct column *c = &im->columns[i];

		memcpy(out[i].header, c->header, sizeof out[i].header);
		out[i].forbidden = c->forbidden;
		out[i].nameless = c->nameless;
		if (im->look && !c->ignored)
			show_values(im, i, &out[i]);
		if (c->ignored)
			continue;
		memcpy(out[i].field, c->field.name, sizeof out[i].field);
		out[i].type = c->field.type;
		out[i].cls = c->field.cls;
		out[i].made = c->made;
	}
	return RC_OK;
}

static enum rc
make_fields(struct import *im)
{
	enum rc rc = field_same(im->v, im->fields, im->field_n);
	size_t i, n;

	for (i = 0; rc == RC_OK && i < im->n; i++) {
		struct column *c = &im->columns[i];

		if (!c->made || c->ignored)
			continue;
		rc = field_add(im->v, &c->field, &c->index);
		if (rc == RC_EXISTS) /* since the file was looked at */
			rc = err_set(im->err, RC_BUSY,
			    "the field %s was made by somebody else meanwhile: import again",
			    c->field.name);
		if (rc == RC_OK)
			c->field = field_list(im->v, &n)[c->index];
	}
	im->fields = field_list(im->v, &im->field_n);
	return rc;
}

static enum rc
tick(void *arg)
{
	struct import *im = arg;
	uint64_t done, all;

	import_source_progress(im->source, &done, &all);
	return progress_tick(&im->clock, &im->opts->progress, done, all) ? RC_CANCELLED
									  : RC_OK;
}

/* Wherever it was heard. */
static enum rc
cancelled(struct import *im)
{
	return err_set(im->err, RC_CANCELLED, "the import was cancelled: %s",
	    im->kept
		? "the batches before it stay, see import list"
		: "nothing was changed");
}

/* A failure after the first batch has left something. */
static enum rc
failed(struct import *im, enum rc rc)
{
	char why[ERR_LEN];

	if (rc == RC_CANCELLED)
		return cancelled(im);
	err_default(im->err, rc);
	if (!im->kept)
		return rc;
	snprintf(why, sizeof why, "%s", im->err->text);
	return err_set(
	    im->err, rc, "%s; the batches before it stay, see import list", why);
}

/* For the cells of a row, by column of the file and by field of the vault. */
static enum rc
make_room(struct import *im)
{
	size_t n;

	field_list(im->v, &n);
	im->cells = calloc(im->n, sizeof *im->cells);
	im->values = calloc(n, sizeof *im->values);
	im->changes = calloc(im->n, sizeof *im->changes);
	return im->cells && im->values && im->changes ? RC_OK : RC_NOMEM;
}

static enum rc
begin_batch(struct import *im)
{
	enum rc rc = import_run_begin(im);

	return rc == RC_OK ? fulltext_defer(im->v, &im->indexed) : rc;
}

/* A dry run leaves nothing that could be searched. */
static enum rc
end_batch(struct import *im, bool last)
{
	enum rc rc = RC_OK;

	if (!im->opts->dry_run)
		rc = fulltext_catch_up(im->v, im->indexed, tick, im);
	return rc == RC_OK ? import_run_end(im, last) : rc;
}

/* The batch is full: end its transaction and begin the next. */
static enum rc
next_batch(struct import *im)
{
	enum rc rc;

	if (!im->opts->batch || im->report->rows - im->rows_done < im->opts->batch ||
	    im->opts->dry_run || !im->own)
		return RC_OK;
	rc = end_batch(im, false);
	if (rc == RC_OK && im->keys)
		rc = import_keys_mark(im->keys);
	im->own = false;
	rc = vault_leave(im->v, true, rc);
	im->kept |= rc == RC_OK;
	if (rc == RC_OK)
		rc = vault_join(im->v, &im->own);
	if (rc == RC_OK)
		rc = field_same(im->v, im->fields, im->field_n);
	if (rc == RC_OK && im->keys)
		rc = import_keys_catch_up(im->keys);
	return rc == RC_OK ? begin_batch(im) : rc;
}

static enum rc
write_row(struct import *im, const struct csv_row *row)
{
	enum rc rc = import_row(im, row);

	if (rc == RC_OK)
		rc = tick(im);
	return rc == RC_OK ? next_batch(im) : rc;
}

static enum rc
write_rows(struct import *im)
{
	const struct csv_row *held;
	struct csv_row row;
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && (held = import_held_at(im->held, i)) != NULL; i++)
		rc = write_row(im, held);
	while (rc == RC_OK) {
		rc = import_next(im, &row);
		if (rc == RC_NOTFOUND)
			return RC_OK;
		if (rc == RC_OK)
			rc = write_row(im, &row);
	}
	return rc;
}

static enum rc
prepare(struct import *im)
{
	enum rc rc;

	rc = import_rejects_new(im, &im->rejects);
	if (rc == RC_OK)
		rc = make_fields(im);
	if (rc == RC_OK)
		rc = make_room(im);
	if (rc == RC_OK)
		rc = import_keys_new(im, &im->keys);
	if (rc == RC_OK)
		rc = schema_settle(im->v);
	if (rc == RC_OK)
		rc = record_writer_new(im->v, &im->writer);
	if (rc == RC_OK)
		rc = import_compare_new(im, &im->compare);
	return rc;
}

static enum rc
write_all(struct import *im)
{
	enum rc rc = prepare(im);

	if (rc == RC_OK)
		rc = begin_batch(im);
	if (rc == RC_OK)
		rc = write_rows(im);
	if (rc == RC_OK)
		rc = end_batch(im, true);
	if (rc == RC_OK && im->rejects)
		rc = import_rejects_commit(im->rejects);
	return rc;
}

/* Statements go before the transaction ends. */
static void
let_go(struct import *im)
{
	record_writer_free(im->writer);
	import_keys_release(im->keys);
	import_compare_free(im->compare);
	changer_free(im->changer);
	im->writer = NULL;
	im->compare = NULL;
	im->changer = NULL;
}

/* What the transactions consist of; a dry run that went well is rolled back. */
static enum rc
write_joined(struct import *im)
{
	enum rc rc;

	rc = vault_join(im->v, &im->own);
	if (rc != RC_OK)
		return rc;
	rc = write_all(im);
	let_go(im);
	if (rc != RC_OK || !im->opts->dry_run) {
		rc = vault_leave(im->v, im->own, rc);
		if (rc != RC_OK && im->kept)
			import_rejects_keep(im->rejects);
		else if (rc != RC_OK)
			import_rejects_withdraw(im->rejects);
		return rc;
	}
	vault_leave(im->v, im->own, RC_CANCELLED);
	im->report->run = 0;
	return RC_OK;
}

static enum rc
write_in_transaction(struct import *im)
{
	enum rc rc;

	if (im->v->in_tx && im->opts->dry_run)
		return err_set(
		    im->err, RC_INTERNAL, "a dry run can't be part of a transaction");
	if (im->v->in_tx)
		return write_joined(im);
	im->v->bulk = true;
	rc = write_joined(im);
	im->v->bulk = false;
	return rc;
}

static enum rc
run(struct import *im)
{
	enum rc rc;

	rc = im->look ? RC_OK : import_run_check(im);
	if (rc == RC_OK)
		rc = import_open(im);
	if (rc == RC_OK)
		rc = look(im);
	if (rc == RC_OK)
		rc = report_columns(im);
	return rc == RC_OK && !im->look ? write_in_transaction(im) : rc;
}

static enum rc
import(struct vault *v, const struct import_opts *opts, struct import_report *report,
    bool look)
{
	struct import im;
	enum rc rc;

	memset(report, 0, sizeof *report);
	memset(&im, 0, sizeof im);
	im.v = v;
	im.opts = opts;
	im.report = report;
	im.look = look;
	im.err = vault_err_start(v);
	rc = run(&im);
	if (rc != RC_OK)
		failed(&im, rc);
	report->quoted = im.csv && csv_quoted(im.csv);
	import_keys_free(im.keys);
	import_rejects_free(im.rejects);
	import_held_free(im.held);
	import_close(&im);
	if (im.text)
		secret_wipe(im.text, im.text_cap);
	free(im.text);
	free(im.cells);
	free(im.values);
	free(im.changes);
	free(im.columns);
	return rc;
}

enum rc
import_run(struct vault *v, const struct import_opts *opts, struct import_report *report)
{
	return import(v, opts, report, false);
}

enum rc
import_look(struct vault *v, const struct import_opts *opts, struct import_report *report)
{
	return import(v, opts, report, true);
}

void
import_report_free(struct import_report *report)
{
	if (report->columns)
		secret_wipe(report->columns, report->column_n * sizeof *report->columns);
	free(report->columns);
	memset(report, 0, sizeof *report);
}
