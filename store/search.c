/*
 * Finding records: pages by key, counts, walks.
 *
 * 1. A page is found by the key (sort value, id) of its anchor, never by counting rows.
 *    The order is a chain of segments: records without a sort value, then those with one
 *    (the reverse when descending). Inside a segment a page is one seek; a page that ends
 *    in one segment goes on in the next.
 * 2. A page is read inside one read transaction: the anchor's key and its neighbours are
 *    of one state of the vault.
 * 3. Hits of full text in the order of ids come straight from its index, unranked; in any
 *    other order they are a set that the sorted rows are looked up in.
 * 4. By rank (BM25) each hit is weighed before the first is known. Equal ones stand in the
 *    order of ids, so (rank, id) is a key like any other.
 * 5. SQL text holds column names made from field ids, and nothing that was typed.
 */
#include "store/search_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/query.h"
#include "store/record_int.h"
#include "store/search_sql.h"
#include "store/sql.h"
#include "store/vault_int.h"

#define SQL_MAX (32 * 1024)

/* Parameters of every statement here; those of the query follow (SEARCH_BIND_FIRST). */
#define BIND_VALUE  1 /* sort value of the anchor */
#define BIND_ANCHOR 2 /* its id */
#define BIND_MATCH  3

struct rows {
	size_t n;
	struct record *at[];
};

enum part { PART_ALL, PART_EMPTY, PART_FILLED }; /* of the order: invariant 1 */

struct finder { /* one query, compiled, inside a read transaction */
	struct vault *v;
	const struct search *s;
	struct err *err;
	struct search_sql *sql;
	char sort[32]; /* the sort column */
	bool by_id, by_rank;
	bool down;     /* direction of reading now */
	bool with_anchor;
	int64_t anchor;
	sqlite3_stmt *value; /* stands on the anchor's sort value; NULL: there is none */
	struct rows *rows;
	size_t limit;
};

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

/* The sort column; "" for the order of ids. */
static enum rc
set_column(struct finder *f, const struct field *fields, size_t n)
{
	static const char *const own[] = { [-SORT_ID] = "", [-SORT_UPDATED] = "r.updated_at",
		[-SORT_CREATED] = "r.created_at", [-SORT_RANK] = "hit.score",
		[-SORT_DELETED] = "r.deleted_at", [-SORT_KEEP] = "r.keep_until" };
	int sort = f->s->sort;

	if (sort < 0 && (size_t)-sort < sizeof own / sizeof *own) {
		snprintf(f->sort, sizeof f->sort, "%s", own[-sort]);
		return RC_OK;
	}
	if (sort < 0 || (size_t)sort >= n)
		return err_set(f->err, RC_INPUT, "there is no such column to sort by");
	if (fields[sort].cls == CLASS_SEALED)
		return err_set(f->err, RC_INPUT,
		    "%s is sealed: it has no order, sort by another column",
		    fields[sort].name);
	snprintf(f->sort, sizeof f->sort, "r.f_%d", fields[sort].id);
	return RC_OK;
}

static enum rc
set_sort(struct finder *f, const struct field *fields, size_t n)
{
	enum rc rc = set_column(f, fields, n);

	f->by_rank = f->s->sort == SORT_RANK && f->sql->match;
	f->by_id = f->s->sort == SORT_ID || (f->s->sort == SORT_RANK && !f->by_rank);
	return rc;
}

static enum rc
compile(
    struct vault *v, const char *text, struct search_sql **out, struct search_error *err)
{
	struct search_error local = { 0, 0, "" };
	const struct field *fields;
	struct query *q;
	enum rc rc;
	size_t n;

	*out = NULL;
	if (err)
		*err = local;
	else
		err = &local;
	rc = query_parse(text, &q, err);
	if (rc == RC_OK) {
		fields = field_list(v, &n);
		rc = search_compile(q, fields, n, vault_now(), out, err);
		query_free(q);
	}
	if (rc == RC_INPUT)
		return err_set(&v->err, rc, "the query is not understood: %s", err->text);
	return rc;
}

enum rc
search_check(struct vault *v, const char *query, struct search_error *err)
{
	struct search_sql *sql;
	enum rc rc;

	vault_err_start(v);
	rc = compile(v, query, &sql, err);
	search_sql_free(sql);
	return rc;
}

/* Compile inside a read transaction; finder_end in every case. */
static enum rc
finder_begin(
    struct finder *f, struct vault *v, const struct search *s, struct search_error *err)
{
	const struct field *fields;
	enum rc rc;
	size_t n;

	memset(f, 0, sizeof *f);
	f->v = v;
	f->s = s;
	f->err = vault_err_start(v);
	f->down = s->descending;
	rc = vault_read_begin(v);
	if (rc != RC_OK) {
		f->v = NULL;
		return rc;
	}
	rc = compile(v, s->query, &f->sql, err);
	if (!f->sql)
		return rc == RC_OK ? RC_INTERNAL : rc;
	fields = field_list(v, &n);
	return set_sort(f, fields, n);
}

static void
finder_end(struct finder *f)
{
	search_sql_free(f->sql);
	sqlite3_finalize(f->value);
	rows_free(f->rows);
	if (f->v)
		vault_read_end(f->v);
}

/* FROM and WHERE. */
static void
put_source(const struct finder *f, struct sql_text *t)
{
	const struct search_sql *s = f->sql;

	if (f->by_rank)
		sql_add(t, " FROM hit CROSS JOIN record r ON r.id = hit.id WHERE 1");
	else if (s->match && f->by_id)
		sql_add(t,
		    " FROM record_fts CROSS JOIN record r ON r.id = record_fts.rowid"
		    " WHERE record_fts MATCH ?%d",
		    BIND_MATCH);
	else if (s->match)
		sql_add(t, " FROM record r WHERE r.id IN"
			   " (SELECT rowid FROM record_fts WHERE record_fts MATCH ?%d)",
		    BIND_MATCH);
	else
		sql_add(t, " FROM record r WHERE 1");
	sql_add(t, "%s", s->where);
}

/* The column to compare and sort ids by: full text answers only by its own. */
static const char *
id_column(const struct finder *f)
{
	return f->sql->match && f->by_id ? "record_fts.rowid" : "r.id";
}

static void
put_order(const struct finder *f, struct sql_text *t, enum part part)
{
	const char *dir = f->down ? "DESC" : "ASC";

	sql_add(t, " ORDER BY ");
	if (!f->by_id && part != PART_EMPTY)
		sql_add(t, "%s %s, ", f->sort, dir);
	sql_add(t, "%s %s", id_column(f), dir);
}

/* The condition that a part of the order begins at the anchor (${inside}), or none. */
static void
put_key(const struct finder *f, struct sql_text *t, enum part part, bool inside)
{
	const char *than = f->down ? "<" : ">", *or_equal = f->with_anchor ? "=" : "";

	if (!f->by_rank && part != PART_ALL)
		sql_add(t, " AND %s IS %s", f->sort,
		    part == PART_EMPTY ? "NULL" : "NOT NULL");
	if (!inside)
		return;
	if (part == PART_FILLED)
		sql_add(t, " AND %s %s= ?%d AND (%s %s ?%d OR r.id %s%s ?%d)", f->sort,
		    than, BIND_VALUE, f->sort, than, BIND_VALUE, than, or_equal,
		    BIND_ANCHOR);
	else
		sql_add(t, " AND %s %s%s ?%d", id_column(f), than, or_equal, BIND_ANCHOR);
}

static enum rc
bind(const struct finder *f, sqlite3_stmt *st)
{
	const struct search_sql *s = f->sql;
	int code = SQLITE_OK, at;
	size_t i;

	if (sqlite3_bind_parameter_count(st) >= BIND_MATCH && s->match)
		code = sqlite3_bind_text(st, BIND_MATCH, s->match, -1, SQLITE_STATIC);
	for (i = 0; code == SQLITE_OK && i < s->bind_n; i++) {
		at = (int)i + SEARCH_BIND_FIRST;
		code = s->binds[i].text
			   ? sqlite3_bind_text(st, at, s->binds[i].text, -1, SQLITE_STATIC)
			   : sqlite3_bind_int64(st, at, s->binds[i].number);
	}
	return code == SQLITE_OK ? RC_OK : sql_code(f->v, code, "the search failed");
}

/* The ids of a page, best first; whole records only then, in the same order. */
static void
put_ranked(const struct finder *f, struct sql_text *t, enum part part, bool inside,
    int64_t limit)
{
	const char *dir = f->down ? "DESC" : "ASC";

	sql_add(t,
	    "WITH hit AS MATERIALIZED (SELECT rowid AS id, rank AS score FROM record_fts"
	    " WHERE record_fts MATCH ?%d),"
	    " page AS MATERIALIZED (SELECT hit.id, hit.score", BIND_MATCH);
	put_source(f, t);
	put_key(f, t, part, inside);
	put_order(f, t, part);
	sql_add(t, " LIMIT %lld) SELECT ", (long long)limit);
	record_columns(f->v, t);
	sql_add(t,
	    " FROM page CROSS JOIN record r ON r.id = page.id ORDER BY page.score %s,"
	    " page.id %s", dir, dir);
}

static void
put_plain(const struct finder *f, struct sql_text *t, enum part part, bool inside,
    int64_t limit)
{
	sql_add(t, "SELECT ");
	record_columns(f->v, t);
	put_source(f, t);
	put_key(f, t, part, inside);
	put_order(f, t, part);
	sql_add(t, " LIMIT %lld", (long long)limit);
}

/* SELECT of whole records; the caller finalizes. */
static enum rc
prepare(const struct finder *f, enum part part, bool inside, int64_t limit,
    sqlite3_stmt **out)
{
	char buf[SQL_MAX];
	struct sql_text t;
	enum rc rc;

	sql_text_init(&t, buf, sizeof buf);
	if (f->by_rank)
		put_ranked(f, &t, part, inside, limit);
	else
		put_plain(f, &t, part, inside, limit);
	rc = sql_prepare(f->v, sql_end(&t), out);
	if (rc != RC_OK)
		return rc;
	rc = bind(f, *out);
	if (rc == RC_OK && inside)
		sqlite3_bind_int64(*out, BIND_ANCHOR, f->anchor);
	if (rc == RC_OK && inside && part == PART_FILLED)
		sqlite3_bind_value(*out, BIND_VALUE, sqlite3_column_value(f->value, 0));
	return rc;
}

/* Add the rows of one part to the page until it is full. */
static enum rc
read_part(struct finder *f, enum part part, bool inside)
{
	sqlite3_stmt *st = NULL;
	enum rc rc;

	if (f->rows->n == f->limit)
		return RC_OK;
	rc = prepare(f, part, inside, (int64_t)(f->limit - f->rows->n), &st);
	while (rc == RC_OK && (rc = sql_step(f->v, st)) == RC_OK) {
		rc = record_read(f->v, st, false, &f->rows->at[f->rows->n]);
		if (rc == RC_OK)
			f->rows->n++;
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
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

static enum rc
read_page(struct finder *f, enum search_from from, int64_t anchor, int limit)
{
	bool none = from == FROM_FIRST || from == FROM_LAST;
	bool back = from == FROM_LAST || from == BEFORE;
	enum rc rc = RC_OK;

	f->limit = limit > 0 ? (size_t)limit : 0;
	f->rows = calloc(1, sizeof *f->rows + f->limit * sizeof *f->rows->at);
	if (!f->rows)
		return RC_NOMEM;
	f->anchor = anchor;
	f->with_anchor = from == AROUND;
	f->down = f->s->descending != back;
	if (!none)
		rc = read_anchor(f);
	if (rc == RC_OK)
		rc = read_parts(f, none);
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

static enum rc
count(struct finder *f, int64_t cap, int64_t *out)
{
	sqlite3_stmt *st = NULL;
	char buf[SQL_MAX];
	struct sql_text t;
	enum rc rc;

	f->by_id = true; /* the order does not matter: full text may stream */
	f->by_rank = false;
	sql_text_init(&t, buf, sizeof buf);
	sql_add(&t, "SELECT count(*) FROM (SELECT 1");
	put_source(f, &t);
	sql_add(&t, " LIMIT %lld)", cap > 0 ? (long long)cap : -1LL);
	rc = sql_prepare(f->v, sql_end(&t), &st);
	if (rc == RC_OK)
		rc = bind(f, st);
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
walk(struct finder *f, int64_t limit, bool raw, search_each_fn *each, void *arg)
{
	sqlite3_stmt *st = NULL;
	struct record *r;
	enum rc rc;

	rc = prepare(f, PART_ALL, false, limit > 0 ? limit : -1, &st);
	while (rc == RC_OK && (rc = sql_step(f->v, st)) == RC_OK) {
		rc = record_read(f->v, st, raw, &r);
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

static enum rc
find_each(struct vault *v, const struct search *s, int64_t limit, bool raw,
    search_each_fn *each, void *arg, struct search_error *err)
{
	struct finder f;
	enum rc rc;

	rc = finder_begin(&f, v, s, err);
	if (rc == RC_OK)
		rc = walk(&f, limit, raw, each, arg);
	finder_end(&f);
	return rc == RC_OK ? rc : err_default(f.err, rc);
}

enum rc
search_each(struct vault *v, const struct search *s, int64_t limit, search_each_fn *each,
    void *arg, struct search_error *err)
{
	return find_each(v, s, limit, false, each, arg, err);
}

enum rc
search_walk(struct vault *v, const struct search *s, bool raw, search_each_fn *each,
    void *arg, struct search_error *err)
{
	return find_each(v, s, 0, raw, each, arg, err);
}
