/*
 * Records out of the vault.
 *
 *   export_run -> check -> target_open -> audit -> write_rows -> target_finish -> keep_template
 *
 * 1. Everything that can be refused is refused before the audit event is written; the
 *    event is committed before the first byte leaves.
 * 2. A masked field leaves in the clear only when its column says reveal, and each such
 *    column has an audit event of its own.
 * 3. What held a value is wiped.
 */
#include "store/export_target.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store/audit.h"
#include "store/export_template.h"
#include "store/progress.h"
#include "store/search_int.h"

struct exporter {
	struct vault *v;
	const struct export_opts *opts;
	struct export_report *report;
	struct err *err;
	struct treated *columns;
	struct export_facts *facts;
	struct export_target *target;
	struct sink *sink;
	struct progress_clock clock;
	uint64_t all;
};

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
new_sink(struct exporter *x, const char *const *names, const char *const *labels, size_t n)
{
	const struct export_facts *f = x->facts;
	const struct sink_fact facts[] = { { "Vault", f->vault },
		{ "Query", *f->query ? f->query : f->source }, { "Records", f->count },
		{ "Columns", f->told }, { "Reason", f->reason }, { "Exported", f->time },
		{ "By", f->actor } };
	const struct sink_heading heading = { f->vault, f->notice, facts,
		sizeof facts / sizeof *facts };
	struct sink_opts opts = x->opts->sink;
	enum rc rc;

	opts.heading = &heading;
	rc = sink_new(&opts, export_target_write, x->target, &x->sink);
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
		rc = search_walk(x->v, &x->opts->search, treated_want(x->columns),
		    treated_raw(x->columns), write_row, x, serr);
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

/* When the file is there: that of an export which failed would be in the next one's way. */
static enum rc
keep_template(struct exporter *x)
{
	enum rc rc = x->opts->keep_as
	    ? export_template_save(x->v, x->opts->keep_as, x->opts) : RC_OK;
	struct err why = *x->err;

	return rc == RC_OK ? rc
	    : err_set(x->err, rc,
		  "the records are written, but the template is not kept: %s", why.text);
}

static enum rc
run(struct exporter *x, struct search_error *serr)
{
	int64_t count;
	enum rc rc;

	rc = export_check_asked(x->opts, x->err);
	if (rc == RC_OK && x->opts->keep_as)
		rc = export_template_check(x->v, x->opts->keep_as, x->opts);
	if (rc == RC_OK)
		rc = treated_new(x->v, x->opts, &x->columns, x->err);
	if (rc == RC_OK)
		rc = export_count(x->v, x->opts, &count, serr);
	if (rc != RC_OK)
		return rc;
	x->all = (uint64_t)count;
	rc = export_facts_new(x->v, x->opts, x->columns, x->all, &x->facts);
	if (rc == RC_OK)
		rc = export_target_open(x->v, x->opts, &x->target, x->err);
	if (rc == RC_OK)
		rc = audit(x);
	if (rc == RC_OK)
		rc = write_rows(x, serr);
	if (rc == RC_OK)
		rc = export_target_finish(x->target, x->facts, x->columns, x->report);
	return rc == RC_OK ? keep_template(x) : rc;
}

enum rc
export_ready(struct vault *v, const struct export_opts *opts)
{
	struct err *err = vault_err_start(v);
	struct export_target *t = NULL;
	enum rc rc = export_check_asked(opts, err);

	if (rc == RC_OK)
		rc = export_target_open(v, opts, &t, err);
	export_target_free(t);
	return rc == RC_OK ? rc : err_default(err, rc);
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
	export_target_free(x.target);
	export_facts_free(x.facts);
	treated_free(x.columns);
	return rc == RC_OK ? rc : err_default(x.err, rc);
}
