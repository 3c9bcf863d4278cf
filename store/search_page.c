/*
 * Pages of records by key.
 *
 * 1. A page is found by the key (sort value, id) of its anchor, never by counting rows.
 *    The order is a chain of segments: records without a sort value, then those with one
 *    (the reverse when descending). Inside a segment a page is one seek; a page that ends
 *    in one segment goes on in the next. By rank there is but one segment.
 * 2. A page is read inside one read transaction: the anchor's key and its neighbours are
 *    of one state of the vault.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/record_int.h"
#include "store/search_kept.h"

size_t
rows_count(const struct rows *r)
{
	return r->n;
}

const struct record *
rows_at(const struct rows *r, size_t i)
{
	return r->at[i];
}

void
rows_free(struct rows *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < r->n; i++)
		record_free(r->at[i]);
	free(r);
}

/* Add rows of one part to the page until it is full. */
static enum rc
read_rows(struct finder *f, enum part part, bool inside)
{
	sqlite3_stmt *st = NULL;
	enum rc rc;

	rc = finder_prepare(f, part, inside, (int64_t)(f->limit - f->rows->n), &st);
	while (rc == RC_OK && (rc = sql_step(f->v, st)) == RC_OK) {
		rc = record_read(f->v, st, false, &f->rows->at[f->rows->n]);
		if (rc == RC_OK)
			f->rows->n++;
	}
	kept_cost(f, st);
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* Until it is full or the part ends, by the way that is the shorter one. */
static enum rc
read_part(struct finder *f, enum part part, bool inside)
{
	bool done = f->rows->n == f->limit;
	enum rc rc = RC_OK;

	if (!done && f->hits)
		rc = broad_read(f, part, inside, &done);
	return rc == RC_OK && !done ? read_rows(f, part, inside) : rc;
}

/* f->value: a statement that gives the anchor's sort value. */
static enum rc
prepare_anchor(struct finder *f)
{
	char sql[128];
	enum rc rc;

	if (f->by_rank)
		snprintf(sql, sizeof sql,
		    "SELECT rank FROM record_fts WHERE record_fts MATCH ?%d AND rowid = ?%d",
		    BIND_MATCH, BIND_ANCHOR);
	else
		snprintf(sql, sizeof sql, "SELECT %s FROM record r WHERE r.id = ?%d", f->sort,
		    BIND_ANCHOR);
	rc = sql_prepare(f->v, sql, &f->value);
	if (rc == RC_OK && f->by_rank)
		sqlite3_bind_text(f->value, BIND_MATCH, f->sql->match, -1, SQLITE_STATIC);
	if (rc == RC_OK)
		sqlite3_bind_int64(f->value, BIND_ANCHOR, f->anchor);
	return rc;
}

/* Read the anchor's sort value: f->value stands on it, or is NULL when it is empty. */
static enum rc
read_anchor(struct finder *f)
{
	enum rc rc;

	if (f->by_id)
		return RC_OK;
	rc = prepare_anchor(f);
	if (rc == RC_OK)
		rc = sql_step(f->v, f->value);
	if (rc != RC_OK && rc != RC_NOTFOUND)
		return rc;
	if (rc == RC_NOTFOUND || sqlite3_column_type(f->value, 0) == SQLITE_NULL) {
		sqlite3_finalize(f->value);
		f->value = NULL;
	}
	return RC_OK;
}

/* The rank of a record that is no hit any more can't be found again. */
static enum rc
read_ranked(struct finder *f, bool none)
{
	if (none || f->value)
		return read_part(f, PART_FILLED, !none);
	if (f->with_anchor)
		return read_part(f, PART_FILLED, false);
	return err_set(f->err, RC_BUSY,
	    "record %lld, where the page begins, was changed meanwhile: search again",
	    (long long)f->anchor);
}

/* From the anchor, or from the end when there is ${none}, through all parts. */
static enum rc
read_parts(struct finder *f, bool none)
{
	enum part first = f->down ? PART_FILLED : PART_EMPTY;
	enum part second = f->down ? PART_EMPTY : PART_FILLED;
	enum part own = f->value ? PART_FILLED : PART_EMPTY;
	enum rc rc = RC_OK;

	if (f->by_id)
		return read_part(f, PART_ALL, !none);
	if (f->by_rank)
		return read_ranked(f, none);
	if (none || own == first)
		rc = read_part(f, first, !none);
	if (rc == RC_OK)
		rc = read_part(f, second, !none && own == second);
	return rc;
}

static void
reverse(struct rows *r)
{
	struct record *swap;
	size_t i;

	for (i = 0; i < r->n / 2; i++) {
		swap = r->at[i];
		r->at[i] = r->at[r->n - 1 - i];
		r->at[r->n - 1 - i] = swap;
	}
}

/* By the keys of the order itself. */
static enum rc
read_by_key(struct finder *f, enum search_from from)
{
	bool none = from == FROM_FIRST || from == FROM_LAST, done = false;
	enum rc rc = none ? RC_OK : read_anchor(f);

	if (rc == RC_OK)
		rc = broad_begin(f);
	if (rc == RC_OK && f->hits)
		rc = kept_read_hits(f, from, &done);
	if (rc == RC_OK && !done)
		rc = read_parts(f, none);
	if (rc == RC_OK)
		kept_note(f);
	return rc;
}

static enum rc
read_page(struct finder *f, enum search_from from, int64_t anchor, int limit)
{
	bool back = from == FROM_LAST || from == BEFORE, done = false;
	enum rc rc;

	f->limit = limit > 0 ? (size_t)limit : 0;
	f->rows = calloc(1, sizeof *f->rows + f->limit * sizeof *f->rows->at);
	if (!f->rows)
		return RC_NOMEM;
	f->anchor = anchor;
	f->with_anchor = from == AROUND;
	f->down = f->s->descending != back;
	rc = kept_begin(f);
	if (rc == RC_OK)
		rc = kept_read(f, from, &done);
	if (rc == RC_OK && !done)
		rc = read_by_key(f, from);
	if (rc == RC_OK && back)
		reverse(f->rows);
	return rc;
}

enum rc
search_page(struct vault *v, const struct search *s, enum search_from from,
    int64_t anchor, int limit, struct rows **out, struct search_error *err)
{
	struct finder f;
	enum rc rc;

	*out = NULL;
	rc = finder_begin(&f, v, s, err);
	if (rc == RC_OK)
		rc = read_page(&f, from, anchor, limit);
	if (rc == RC_OK) {
		*out = f.rows;
		f.rows = NULL;
	}
	finder_end(&f);
	return rc == RC_OK ? rc : err_default(f.err, rc);
}
