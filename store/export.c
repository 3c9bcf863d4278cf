/*
 * Records out of the vault.
 *
 *   export_run -> check -> open_target -> audit -> write_rows -> finish
 *
 * 1. Everything that can be refused is refused before the audit event is written; the
 *    event is committed before the first byte leaves.
 * 2. A masked field leaves in the clear only when its column says reveal, and each such
 *    column has an audit event of its own.
 * 3. The target is whole or not there (file.h); it is never a file of the vault.
 * 4. When the file gets its name, the vault has its digest, and its manifest lies beside it.
 * 5. What held a value is wiped.
 */
#include "store/export_facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/crypto.h"
#include "store/audit.h"
#include "store/file.h"
#include "store/progress.h"
#include "store/search_int.h"
#include "store/text.h"

struct exporter {
	struct vault *v;
	const struct export_opts *opts;
	struct export_report *report;
	struct err *err;
	struct treated *columns;
	struct export_facts *facts;
	struct file *file, *manifest;
	char *manifest_path;
	struct sha256 *sum;
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
	if (!text_is_utf8(x->opts->reason, strlen(x->opts->reason)))
		return err_set(x->err, RC_INPUT, "the reason is not UTF-8: write it again");
	return RC_OK;
}

static enum rc
open_file(struct exporter *x, const char *path, struct file **out)
{
	if (file_is_part_of(path, x->v->path))
		return err_set(x->err, RC_INPUT,
		    "%s belongs to the vault itself: export to another file", path);
	return file_new(path, x->opts->force, out, x->err);
}

static enum rc
open_target(struct exporter *x)
{
	enum rc rc;

	if (strcmp(x->opts->path, "-") == 0)
		return RC_OK;
	rc = open_file(x, x->opts->path, &x->file);
	if (rc != RC_OK || !x->opts->manifest)
		return rc;
	if (asprintf(&x->manifest_path, "%s" EXPORT_MANIFEST_END, x->opts->path) < 0) {
		x->manifest_path = NULL;
		return RC_NOMEM;
	}
	return open_file(x, x->manifest_path, &x->manifest);
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

	enum rc rc = sha256_add(x->sum, bytes, len);

	if (rc != RC_OK)
		return rc;
	x->report->bytes += len;
	if (x->file)
		return file_write(x->file, bytes, len, x->err);
	return file_write_fd(x->opts->fd, bytes, len, "the output", x->err);
}

static enum rc
new_sink(struct exporter *x, const char *const *names, const char *const *labels, size_t n)
{
	const struct export_facts *f = x->facts;
	const struct sink_fact facts[] = { { "Vault", f->vault },
		{ "Query", *f->query ? f->query : "(all records)" }, { "Records", f->count },
		{ "Columns", f->told }, { "Reason", f->reason }, { "Exported", f->time },
		{ "By", f->actor } };
	const struct sink_heading heading = { f->vault, f->notice, facts,
		sizeof facts / sizeof *facts };
	struct sink_opts opts = x->opts->sink;
	enum rc rc;

	opts.heading = &heading;
	rc = sink_new(&opts, write_out, x, &x->sink);
	return rc == RC_OK ? sink_begin(x->sink, names, labels, n) : rc;
}

static enum rc
begin_sink(struct exporter *x)
{
	size_t n = treated_count(x->columns), i;
	const char **names = calloc(n, sizeof *names), **labels;
	enum rc rc = RC_NOMEM;

	labels = calloc(n, sizeof *labels);
	for (i = 0; names && labels && i < n; i++) {
		names[i] = treated_name(x->columns, i);
		labels[i] = treated_label(x->columns, i);
	}
	if (names && labels)
		rc = new_sink(x, names, labels, n);
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
	if (x->sink)
		x->report->guarded = sink_guarded(x->sink);
	if (rc == RC_OK && x->report->rows != x->all)
		rc = err_set(x->err, RC_BUSY,
		    "records were changed while the export began, and the audit says %" PRIu64
		    ": export again",
		    x->all);
	return rc;
}

/* The run's row, with the digest of all that was written. */
static enum rc
record_run(struct exporter *x)
{
	uint8_t sum[SHA256_LEN];
	enum rc rc = sha256_end(x->sum, sum);
	size_t i;

	for (i = 0; rc == RC_OK && i < sizeof sum; i++)
		sprintf(x->report->sha256 + 2 * i, "%02x", sum[i]);
	if (rc == RC_OK)
		rc = export_record_run(
		    x->v, x->facts, x->report->rows, sum, &x->report->run);
	return rc;
}

static enum rc
write_manifest(struct exporter *x)
{
	enum rc rc;
	char *text;

	rc = export_manifest(x->facts, x->columns, x->report, x->opts->path, &text);
	if (rc == RC_OK)
		rc = file_write(x->manifest, text, strlen(text), x->err);
	if (rc == RC_OK)
		rc = file_write(x->manifest, "\n", 1, x->err);
	free(text);
	return rc == RC_OK ? file_commit(x->manifest, x->err) : rc;
}

/* The bytes are durable first, so that little can fail after the manifest has its name. */
static enum rc
finish(struct exporter *x)
{
	enum rc rc = x->file ? file_settle(x->file, x->err) : RC_OK;

	if (rc == RC_OK)
		rc = record_run(x);
	if (rc == RC_OK && x->manifest)
		rc = write_manifest(x);
	if (rc == RC_OK && x->file)
		rc = file_commit(x->file, x->err);
	if (rc != RC_OK && x->manifest)
		file_withdraw(x->manifest);
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
	rc = export_facts_new(x->v, x->opts, x->columns, x->all, &x->facts);
	if (rc == RC_OK)
		rc = sha256_new(&x->sum);
	if (rc == RC_OK)
		rc = open_target(x);
	if (rc == RC_OK)
		rc = audit(x);
	if (rc == RC_OK)
		rc = write_rows(x, serr);
	return rc == RC_OK ? finish(x) : rc;
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
	file_free(x.manifest);
	free(x.manifest_path);
	sha256_free(x.sum);
	export_facts_free(x.facts);
	treated_free(x.columns);
	return rc == RC_OK ? rc : err_default(x.err, rc);
}
