/*
 * What an export would do, before it is asked for.
 *
 * 1. The first record is read masked: no protected value is in here, and no audit is due.
 */
#include "store/export_int.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"

static enum rc
fill_columns(struct export_plan *p, const struct treated *t)
{
	size_t i;

	p->columns = calloc(treated_count(t), sizeof *p->columns);
	if (!p->columns)
		return RC_NOMEM;
	p->n = treated_count(t);
	for (i = 0; i < p->n; i++) {
		const struct field *f = treated_field(t, i);
		struct export_plan_column *c = &p->columns[i];

		c->name = treated_name(t, i);
		c->label = treated_label(t, i);
		c->cls = f ? f->cls : CLASS_OPEN;
		c->treat = treated_how(t, i);
		p->revealed += c->treat == TREAT_REVEAL;
	}
	return RC_OK;
}

static enum rc
fill_first(struct export_plan *p, struct treated *t, const struct record *r)
{
	const struct sink_value *values;
	enum rc rc = treated_preview(t, r, &values);
	size_t i;

	for (i = 0; rc == RC_OK && i < p->n; i++) {
		p->columns[i].first =
		    strndup(values[i].text ? values[i].text : "", values[i].len);
		if (!p->columns[i].first)
			rc = RC_NOMEM;
	}
	return rc;
}

enum rc
export_count(struct vault *v, const struct export_opts *opts, int64_t *out,
    struct search_error *serr)
{
	enum rc rc = search_count(v, &opts->search, 0, out, serr);
	const int64_t named = (int64_t)opts->search.id_n;

	if (rc != RC_OK || !opts->search.ids || *out == named)
		return rc;
	return err_set(&v->err, RC_NOTFOUND,
	    "%lld of the %lld records that were chosen %s not there any more: nothing was "
	    "written",
	    (long long)(named - *out), (long long)named, named - *out == 1 ? "is" : "are");
}

static enum rc
fill(struct vault *v, const struct export_opts *opts, struct treated *t,
    struct export_plan *p, struct search_error *serr)
{
	struct rows *rows = NULL;
	int64_t count = 0;
	enum rc rc = fill_columns(p, t);

	if (rc == RC_OK)
		rc = export_count(v, opts, &count, serr);
	p->count = (uint64_t)count;
	if (rc == RC_OK)
		rc = search_page(v, &opts->search, FROM_FIRST, 0, 1, &rows, serr);
	if (rc == RC_OK && rows_count(rows) > 0)
		rc = fill_first(p, t, rows_at(rows, 0));
	rows_free(rows);
	return rc;
}

enum rc
export_plan(struct vault *v, const struct export_opts *opts, struct export_plan **out,
    struct search_error *serr)
{
	struct export_plan *p = calloc(1, sizeof *p);
	struct err *err = vault_err_start(v);
	struct treated *t = NULL;
	enum rc rc = p ? RC_OK : RC_NOMEM;

	*out = NULL;
	if (rc == RC_OK)
		rc = treated_new(v, opts, &t, err);
	if (rc == RC_OK)
		rc = fill(v, opts, t, p, serr);
	treated_free(t);
	if (rc != RC_OK) {
		export_plan_free(p);
		return err_default(err, rc);
	}
	*out = p;
	return RC_OK;
}

void
export_plan_free(struct export_plan *p)
{
	size_t i;

	for (i = 0; p && i < p->n; i++) {
		if (p->columns[i].first)
			secret_wipe(p->columns[i].first, strlen(p->columns[i].first));
		free(p->columns[i].first);
	}
	if (p)
		free(p->columns);
	free(p);
}
