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
#include "store/export_int.h"

#include <stdlib.h>
#include <string.h>

#include "store/audit.h"
#include "store/file.h"
#include "store/progress.h"
#include "store/search_int.h"

struct exporter {
	struct vault *v;
	const struct export_opts *opts;
	struct export_report *report;
	struct err *err;
	struct treated *columns;
	struct file *file;
	struct sink *sink;
	struct progress_clock clock;
	uint64_t all;
};

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
	for (i = 0; rc == RC_OK && i < treated_count(x->columns); i++) {
		if (treated_how(x->columns, i) != TREAT_REVEAL)
			continue;
		e.field = treated_name(x->columns, i);
		x->report->revealed++;
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
	size_t n = treated_count(x->columns), i;
	const char **names = calloc(n, sizeof *names), **labels;
	enum rc rc = RC_NOMEM;

	labels = calloc(n, sizeof *labels);
	if (names && labels)
		rc = sink_new(&x->opts->sink, write_out, x, &x->sink);
	for (i = 0; rc == RC_OK && i < n; i++) {
		names[i] = treated_name(x->columns, i);
		labels[i] = treated_label(x->columns, i);
	}
	if (rc == RC_OK)
		rc = sink_begin(x->sink, names, labels, n);
	free(names);
	free(labels);
	return rc;
}

static enum rc
write_row(void *arg, const struct record *r)
{
	struct exporter *x = arg;
	const struct sink_value *values;
	enum rc rc = treated_row(x->columns, r, &values);

	if (rc == RC_OK)
		rc = sink_row(x->sink, values);
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
		rc = search_walk(x->v, &x->opts->search, treated_raw(x->columns), write_row,
		    x, serr);
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
		rc = treated_new(x->v, x->opts, &x->columns, x->err);
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

	memset(report, 0, sizeof *report);
	memset(&x, 0, sizeof x);
	x.v = v;
	x.opts = opts;
	x.report = report;
	x.err = vault_err_start(v);
	rc = run(&x, serr);
	sink_free(x.sink);
	file_free(x.file);
	treated_free(x.columns);
	return rc == RC_OK ? rc : err_default(x.err, rc);
}
