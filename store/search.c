/*
 * Finding records: whether a query is understood, how many hits it has, walks over them.
 * Pages are in search_page.c.
 *
 * 1. A walk and a count see one state of the vault.
 */
#include "store/search_int.h"

#include "store/record_int.h"
#include "store/record_walk.h"
#include "store/search_find.h"

enum rc
search_check(struct vault *v, const char *query, struct search_error *err)
{
	struct search_sql *sql = NULL;
	enum rc rc;

	vault_err_start(v);
	rc = vault_read_begin(v);
	if (rc == RC_OK)
		rc = finder_compile(v, query, false, &sql, err);
	search_sql_free(sql);
	vault_read_end(v);
	return rc == RC_OK ? rc : err_default(&v->err, rc);
}

static enum rc
count(struct finder *f, int64_t cap, int64_t *out)
{
	sqlite3_stmt *st = NULL;
	enum rc rc = finder_count(f, cap, &st);

	if (rc == RC_OK)
		rc = sql_step(f->v, st);
	if (rc == RC_OK)
		*out = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return rc;
}

enum rc
search_count(struct vault *v, const struct search *s, int64_t cap, int64_t *out,
    struct search_error *err)
{
	struct finder f;
	enum rc rc;

	*out = 0;
	rc = finder_begin(&f, v, s, err);
	if (rc == RC_OK)
		rc = count(&f, cap, out);
	finder_end(&f);
	return rc == RC_OK ? rc : err_default(f.err, rc);
}

static enum rc
each_record(struct finder *f, int64_t limit, search_each_fn *each, void *arg)
{
	sqlite3_stmt *st = NULL;
	struct record *r;
	enum rc rc;

	rc = finder_prepare(f, PART_ALL, false, limit > 0 ? limit : -1, &st);
	while (rc == RC_OK && (rc = sql_step(f->v, st)) == RC_OK) {
		rc = record_read(f->v, st, false, &r);
		if (rc == RC_OK)
			rc = each(arg, r);
		else
			r = NULL;
		record_free(r);
		/* The caller's RC_NOTFOUND is not the end of the rows. */
		if (rc == RC_NOTFOUND) {
			sqlite3_finalize(st);
			return rc;
		}
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
search_each(struct vault *v, const struct search *s, int64_t limit, search_each_fn *each,
    void *arg, struct search_error *err)
{
	struct finder f;
	enum rc rc;

	rc = finder_begin(&f, v, s, err);
	if (rc == RC_OK)
		rc = each_record(&f, limit, each, arg);
	finder_end(&f);
	return rc == RC_OK ? rc : err_default(f.err, rc);
}

/* ${end}: the rows came to theirs, and the answer is not the caller's. */
static enum rc
walk_row(struct finder *f, sqlite3_stmt *st, struct record_walk *w, search_each_fn *each,
    void *arg, bool *end)
{
	const struct record *r;
	enum rc rc = sql_step(f->v, st);

	*end = rc == RC_NOTFOUND;
	if (rc == RC_OK)
		rc = record_walk_read(w, st, &r);
	return rc == RC_OK ? each(arg, r) : rc;
}

static enum rc
walk(struct finder *f, search_each_fn *each, void *arg)
{
	sqlite3_stmt *st = NULL;
	struct record_walk *w;
	bool end = false;
	enum rc rc;

	rc = record_walk_new(f->v, f->want, f->raw, &w);
	if (rc == RC_OK)
		rc = finder_prepare(f, PART_ALL, false, -1, &st);
	while (rc == RC_OK)
		rc = walk_row(f, st, w, each, arg, &end);
	sqlite3_finalize(st);
	record_walk_free(w);
	return end ? RC_OK : rc;
}

enum rc
search_walk(struct vault *v, const struct search *s, const uint8_t *want, bool raw,
    search_each_fn *each, void *arg, struct search_error *err)
{
	struct finder f;
	enum rc rc;

	rc = finder_begin(&f, v, s, err);
	f.want = want;
	f.raw = raw;
	if (rc == RC_OK)
		rc = walk(&f, each, arg);
	finder_end(&f);
	return rc == RC_OK ? rc : err_default(f.err, rc);
}
