/*
 * Records out of the vault.
 *
 *   export_run -> check -> open_target -> audit -> write_rows -> commit
 *
 * 1. Everything that can be refused is refused before the audit event is written; the
 *    event is committed before the first byte leaves.
 * 2. A masked field leaves in the clear only when its column says reveal, and each such
 *    column has an audit event of its own.
 * 3. The target is whole or not there (file.h); it is never a file of the vault.
 * 4. What held a value is wiped.
 */
#include "store/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "keyring/secret.h"
#include "store/audit.h"
#include "store/file.h"
#include "store/progress.h"
#include "store/search_int.h"
#include "store/text.h"
#include "store/unlocked.h"
#include "store/vault_int.h"

#define LAST_SHOWN 4

struct exporter {
	struct vault *v;
	const struct export_opts *opts;
	struct export_report *report;
	struct err *err;
	const struct field *fields;
	size_t field_n;
	struct export_column *columns;
	size_t n;
	bool raw; /* a column needs the values of masked fields */
	struct file *file;
	struct sink *sink;
	struct sink_value *values;
	char **scratch; /* one buffer a column, for what is not shown as it stands */
	size_t *scratch_cap;
	char id[24];
	struct progress_clock clock;
	uint64_t all;
};

static const struct {
	const char *name;
	enum export_treatment treat;
} treatments[] = {
	{ "default", TREAT_DEFAULT },
	{ "as-is", TREAT_AS_IS },
	{ "mask", TREAT_MASK },
	{ "last4", TREAT_LAST4 },
	{ "drop", TREAT_DROP },
	{ "reveal", TREAT_REVEAL },
};

bool
export_treatment_parse(const char *name, enum export_treatment *out)
{
	size_t i;

	for (i = 0; i < sizeof treatments / sizeof *treatments; i++) {
		if (strcmp(treatments[i].name, name) == 0) {
			*out = treatments[i].treat;
			return true;
		}
	}
	return false;
}

static enum rc
check_asked(const struct exporter *x)
{
	if (!x->opts->plaintext)
		return err_set(x->err, RC_DENIED,
		    "an export is readable by anyone who gets the file: ask for "
		    "plaintext explicitly");
	if (!x->opts->reason || !*x->opts->reason)
		return err_set(x->err, RC_DENIED,
		    "an export in plaintext needs a reason, which the audit keeps");
	return RC_OK;
}

/* One column, unless it is dropped. */
static enum rc
add_column(struct exporter *x, struct export_column c)
{
	const struct field *f;
	enum rc rc;

	if (c.treat == TREAT_DROP)
		return RC_OK;
	if (c.index == SORT_ID) {
		c.treat = TREAT_AS_IS;
		x->columns[x->n++] = c;
		return RC_OK;
	}
	if (c.index < 0 || (size_t)c.index >= x->field_n)
		return err_set(x->err, RC_INPUT, "there is no such column to export");
	f = &x->fields[c.index];
	if (c.treat == TREAT_AS_IS && f->cls != CLASS_OPEN)
		return err_set(x->err, RC_INPUT,
		    "%s is %s: to export it in the clear its treatment is reveal",
		    f->name, class_name(f->cls));
	if (c.treat == TREAT_DEFAULT)
		c.treat = f->cls == CLASS_OPEN ? TREAT_AS_IS : TREAT_MASK;
	if (c.treat == TREAT_REVEAL && f->cls == CLASS_OPEN)
		c.treat = TREAT_AS_IS;
	if (c.treat == TREAT_REVEAL)
		x->report->revealed++;
	if ((c.treat == TREAT_LAST4 || c.treat == TREAT_REVEAL) && f->cls != CLASS_OPEN) {
		rc = keyring_need_full(unlocked_keyring(x->v->unlocked),
		    "export masked values other than masked", x->err);
		if (rc != RC_OK)
			return rc;
		x->raw = true;
	}
	x->columns[x->n++] = c;
	return RC_OK;
}

static enum rc
choose_columns(struct exporter *x)
{
	size_t want = x->opts->columns ? x->opts->column_n : x->field_n, i;
	enum rc rc = RC_OK;

	x->columns = calloc(want + 1, sizeof *x->columns);
	x->values = calloc(want + 1, sizeof *x->values);
	x->scratch = calloc(want + 1, sizeof *x->scratch);
	x->scratch_cap = calloc(want + 1, sizeof *x->scratch_cap);
	if (!x->columns || !x->values || !x->scratch || !x->scratch_cap)
		return err_default(x->err, RC_NOMEM);
	for (i = 0; rc == RC_OK && i < want; i++) {
		struct export_column c = { (int)i, TREAT_DEFAULT };

		rc = add_column(x, x->opts->columns ? x->opts->columns[i] : c);
	}
	if (rc == RC_OK && x->n == 0)
		rc = err_set(x->err, RC_INPUT, "no column is left to export");
	return rc;
}

static enum rc
open_target(struct exporter *x)
{
	struct vault_info info;
	enum rc rc;

	if (strcmp(x->opts->path, "-") == 0)
		return RC_OK;
	rc = vault_info(x->v, &info);
	if (rc != RC_OK)
		return rc;
	if (file_is_part_of(x->opts->path, info.path))
		return err_set(x->err, RC_INPUT,
		    "%s belongs to the vault itself: export to another file",
		    x->opts->path);
	return file_new(x->opts->path, x->opts->force, &x->file, x->err);
}

/* The events, in one transaction, durable when this returns. */
static enum rc
audit(struct exporter *x)
{
	struct audit_entry e;
	enum rc rc;
	size_t i;

	rc = vault_begin(x->v);
	if (rc != RC_OK)
		return rc;
	memset(&e, 0, sizeof e);
	e.count = (int64_t)x->all;
	e.reason = x->opts->reason;
	e.event = AUDIT_EXPORTED;
	rc = audit_append(x->v, &e);
	e.event = AUDIT_REVEALED;
	for (i = 0; rc == RC_OK && i < x->n; i++) {
		if (x->columns[i].treat != TREAT_REVEAL)
			continue;
		e.field = x->fields[x->columns[i].index].name;
		rc = audit_append(x->v, &e);
	}
	if (rc == RC_OK)
		return vault_commit(x->v);
	vault_rollback(x->v);
	return rc;
}

static enum rc
write_out(void *arg, const void *bytes, size_t len)
{
	struct exporter *x = arg;

	x->report->bytes += len;
	if (x->file)
		return file_write(x->file, bytes, len, x->err);
	return file_write_fd(x->opts->fd, bytes, len, "the output", x->err);
}

static enum rc
begin_sink(struct exporter *x)
{
	const char **names = calloc(x->n, sizeof *names), **labels;
	enum rc rc = RC_NOMEM;
	size_t i;

	labels = calloc(x->n, sizeof *labels);
	if (names && labels)
		rc = sink_new(&x->opts->sink, write_out, x, &x->sink);
	for (i = 0; rc == RC_OK && i < x->n; i++) {
		const struct field *f = x->fields + x->columns[i].index;
		bool id = x->columns[i].index == SORT_ID;

		names[i] = id ? "id" : f->name;
		labels[i] = id ? "ID" : f->label;
	}
	if (rc == RC_OK)
		rc = sink_begin(x->sink, names, labels, x->n);
	free(names);
	free(labels);
	return rc;
}

/* A buffer of the column that holds ${want} bytes. */
static char *
scratch(struct exporter *x, size_t column, size_t want)
{
	char *fresh;

	if (x->scratch_cap[column] >= want)
		return x->scratch[column];
	fresh = malloc(want);
	if (!fresh)
		return NULL;
	if (x->scratch[column])
		secret_wipe(x->scratch[column], x->scratch_cap[column]);
	free(x->scratch[column]);
	x->scratch[column] = fresh;
	x->scratch_cap[column] = want;
	return fresh;
}

/* Four asterisks and the last four characters; of a short value asterisks alone. */
static size_t
last_four(const char *s, size_t len, char *out)
{
	size_t at = len, i;

	memcpy(out, "****", 4);
	for (i = 0; i < LAST_SHOWN && at > 0; i++)
		at = text_prev(s, at);
	if (at == 0)
		return 4;
	memcpy(out + 4, s + at, len - at);
	return 4 + len - at;
}

static enum rc
set_value(struct exporter *x, size_t column, const struct cell *cell)
{
	const struct export_column *c = &x->columns[column];
	const struct field *f = &x->fields[c->index];
	struct sink_value *out = &x->values[column];
	size_t cap = cell->len * 2 + 64;
	char *buf;

	out->text = cell->text;
	out->len = cell->len;
	out->masked = cell->masked;
	out->number = !cell->invalid && !cell->masked && cell->len &&
	    (f->type == TYPE_NUMBER || f->type == TYPE_MONEY);
	if (cell->len == 0 || cell->masked || c->treat == TREAT_AS_IS ||
	    c->treat == TREAT_REVEAL)
		return RC_OK;
	buf = scratch(x, column, cap);
	if (!buf)
		return RC_NOMEM;
	if (c->treat == TREAT_LAST4) {
		out->len = last_four(cell->text, cell->len, buf);
	} else {
		type_mask(f->type, cell->text, cell->len, buf, cap);
		out->len = strlen(buf);
	}
	out->text = buf;
	out->masked = true;
	out->number = false;
	return RC_OK;
}

static enum rc
write_row(void *arg, const struct record *r)
{
	struct exporter *x = arg;
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < x->n; i++) {
		if (x->columns[i].index != SORT_ID) {
			rc = set_value(x, i, &r->cells[x->columns[i].index]);
			continue;
		}
		x->values[i].len = (size_t)snprintf(
		    x->id, sizeof x->id, "%lld", (long long)r->id);
		x->values[i].text = x->id;
		x->values[i].number = true;
	}
	if (rc == RC_OK)
		rc = sink_row(x->sink, x->values);
	if (rc != RC_OK)
		return rc;
	x->report->rows++;
	if (progress_tick(&x->clock, &x->opts->progress, x->report->rows, x->all))
		return RC_CANCELLED;
	return RC_OK;
}

static enum rc
write_rows(struct exporter *x, struct search_error *serr)
{
	enum rc rc;

	rc = begin_sink(x);
	if (rc == RC_OK)
		rc = search_walk(x->v, &x->opts->search, x->raw, write_row, x, serr);
	if (rc == RC_OK)
		rc = sink_end(x->sink);
	if (rc == RC_OK && x->file)
		rc = file_commit(x->file, x->err);
	if (x->sink)
		x->report->guarded = sink_guarded(x->sink);
	return rc;
}

static enum rc
run(struct exporter *x, struct search_error *serr)
{
	int64_t count;
	enum rc rc;

	rc = check_asked(x);
	if (rc == RC_OK)
		rc = choose_columns(x);
	if (rc == RC_OK)
		rc = search_count(x->v, &x->opts->search, 0, &count, serr);
	if (rc != RC_OK)
		return rc;
	x->all = (uint64_t)count;
	rc = open_target(x);
	if (rc == RC_OK)
		rc = audit(x);
	return rc == RC_OK ? write_rows(x, serr) : rc;
}

enum rc
export_run(struct vault *v, const struct export_opts *opts, struct export_report *report,
    struct search_error *serr)
{
	struct exporter x;
	enum rc rc;
	size_t i;

	memset(report, 0, sizeof *report);
	memset(&x, 0, sizeof x);
	x.v = v;
	x.opts = opts;
	x.report = report;
	x.err = vault_err_start(v);
	x.fields = field_list(v, &x.field_n);
	rc = run(&x, serr);
	sink_free(x.sink);
	file_free(x.file);
	for (i = 0; i < x.n; i++) {
		if (x.scratch[i])
			secret_wipe(x.scratch[i], x.scratch_cap[i]);
		free(x.scratch[i]);
	}
	free(x.scratch);
	free(x.scratch_cap);
	free(x.values);
	free(x.columns);
	return rc == RC_OK ? rc : err_default(x.err, rc);
}
