/*
 * Pages of many hits in the order of a column that has an index.
 *
 * 1. Full text gives its hits in the order of ids, fast; to sort them, each record would have
 *    to be read. So they are noted, a bit for each id, and the ids of the column's index are
 *    gone through from the anchor on until enough of them are hits.
 * 2. Where hits stand far apart in that order it ends after STEPS_PER_HIT rows for each hit:
 *    what is sorted then has cost less than that.
 */
#include <stdlib.h>

#include "keyring/secret.h"
#include "store/record_int.h"
#include "store/schema.h"
#include "store/search_kept.h"

#define HITS_LEAST    2000 /* fewer are sorted in no time */
#define ID_MOST       (INT64_C(1) << 28)
#define STEPS_PER_HIT 2

static bool
is_for(const struct finder *f)
{
	size_t n;
	const struct field *fields = field_list(f->v, &n);

	return f->sql->only_match && f->s->sort >= 0 &&
	       (schema_has_index(&fields[f->s->sort]) || kept_has_all(f));
}

/* A bit for each id that there is; none where there are few ids, or they are too great. */
static enum rc
make_room(struct finder *f)
{
	sqlite3_stmt *st = NULL;
	enum rc rc = sql_prepare(f->v, "SELECT max(id) FROM record", &st);

	if (rc == RC_OK)
		rc = sql_step(f->v, st);
	if (rc == RC_OK)
		f->hits_end = sqlite3_column_int64(st, 0) + 1;
	sqlite3_finalize(st);
	if (rc != RC_OK || f->hits_end < HITS_LEAST || f->hits_end > ID_MOST)
		return rc;
	f->hits = calloc(1, (size_t)f->hits_end / 8 + 1);
	return f->hits ? RC_OK : err_default(f->err, RC_NOMEM);
}

static enum rc
note_hits(struct finder *f)
{
	sqlite3_stmt *st = NULL;
	int64_t id;
	enum rc rc = sql_prepare(
	    f->v, "SELECT rowid FROM record_fts WHERE record_fts MATCH ?1", &st);

	if (rc == RC_OK)
		rc = sql_bind(f->v, st, "z", f->sql->match);
	while (rc == RC_OK && (rc = sql_step(f->v, st)) == RC_OK) {
		id = sqlite3_column_int64(st, 0);
		if (id < 0 || id >= f->hits_end)
			continue;
		f->hits[id / 8] |= (uint8_t)(1 << id % 8);
		f->hit_n++;
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
broad_begin(struct finder *f)
{
	enum rc rc;

	if (!is_for(f) || kept_hits(f))
		return RC_OK;
	rc = make_room(f);
	if (rc == RC_OK && f->hits)
		rc = note_hits(f);
	if (rc != RC_OK || f->hit_n < HITS_LEAST)
		broad_drop(f);
	return rc == RC_OK && f->hits ? kept_words(f) : rc;
}

void
broad_drop(struct finder *f)
{
	if (f->hits)
		secret_wipe(f->hits, (size_t)f->hits_end / 8 + 1);
	free(f->hits);
	f->hits = NULL;
}

static enum rc
go_through(struct finder *f, sqlite3_stmt *order, sqlite3_stmt *one, bool *done)
{
	int64_t left = STEPS_PER_HIT * f->hit_n, id;
	enum rc rc = RC_OK;

	while (f->rows->n < f->limit && left-- > 0 && (rc = sql_step(f->v, order)) == RC_OK) {
		id = sqlite3_column_int64(order, 0);
		if (broad_has(f, id))
			rc = finder_read_one(f, one, id);
		if (rc == RC_NOTFOUND) /* it is in the trash */
			rc = RC_OK;
		if (rc != RC_OK)
			return rc;
	}
	*done = rc == RC_NOTFOUND || f->rows->n == f->limit;
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
broad_read(struct finder *f, enum part part, bool inside, bool *done)
{
	const size_t before = f->rows->n;
	sqlite3_stmt *order = NULL, *one = NULL;
	enum rc rc = finder_prepare_order(f, part, inside, &order);

	*done = false;
	if (rc == RC_OK)
		rc = finder_prepare_one(f, false, &one);
	if (rc == RC_OK)
		rc = go_through(f, order, one, done);
	kept_cost(f, order);
	sqlite3_finalize(order);
	sqlite3_finalize(one);
	while (rc == RC_OK && !*done && f->rows->n > before)
		record_free(f->rows->at[--f->rows->n]);
	return rc;
}
