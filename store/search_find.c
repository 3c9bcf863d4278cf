/*
 * One search: compiled, told to the audit where it must be, and made into statements.
 *
 * 1. A look-up in sealed fields is in the audit, durably, before it runs.
 * 2. SQL text holds column names made from field ids, and nothing that was typed.
 * 3. Hits of full text in the order of ids come straight from its index, unranked; in any
 *    other order they are a set that the sorted rows are looked up in.
 * 4. By rank (BM25) each hit is weighed before the first is known. Equal ones stand in the
 *    order of ids, so (rank, id) is a key like any other.
 * 5. A page in any order but that of ids is found as ids first: where rows are sorted, it is
 *    not whole records that are.
 */
#include "store/search_kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/audit_int.h"
#include "store/query.h"
#include "store/record_int.h"
#include "store/record_walk.h"
#include "store/sealed.h"

#define SQL_MAX (32 * 1024)

/* By an index; the row itself need not be read. */
#define NOT_IN_TRASH " NOT IN (SELECT id FROM record WHERE deleted_at IS NOT NULL)"

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
	if (fields[sort].cls == CLASS_MASKED && f->v->browse)
		return err_set(f->err, RC_DENIED,
		    "%s is masked, and its order would tell its values: slot %d may browse only, "
		    "sort by another column or unlock with a full slot",
		    fields[sort].name, f->v->slot);
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

enum rc
finder_compile(struct vault *v, const char *text, bool live, struct search_sql **out,
    struct search_error *err)
{
	struct search_error local = { 0, 0, "" };
	struct query *q;
	enum rc rc;

	*out = NULL;
	if (err)
		*err = local;
	else
		err = &local;
	rc = query_parse(text, &q, err);
	if (rc == RC_OK)
		rc = search_compile(v, q, live, out, err);
	if (rc == RC_INPUT)
		err_set(&v->err, rc, "the query is not understood: %s", err->text);
	query_free(q);
	return rc;
}

/* Whether the audit has it already: pages, counts and a list drawn again are one search. */
static bool
is_told(const struct vault *v, const struct search_sql *sql)
{
	return sql->asked_n == 0 ||
	    (sql->asked_n == v->asked_n &&
		memcmp(sql->asked, v->asked, sql->asked_n * sizeof *sql->asked) == 0);
}

static const char *
field_name(const struct vault *v, int id)
{
	size_t n, i;
	const struct field *fields = field_list(v, &n);

	for (i = 0; i < n; i++)
		if (fields[i].id == id)
			return fields[i].name;
	return NULL;
}

/* Write to the audit which sealed fields are going to be asked; it is durable afterwards. */
static enum rc
tell(struct vault *v, const struct search_sql *sql)
{
	struct audit_entry e = { .event = AUDIT_SEARCHED_SEALED, .count = -1 };
	bool own;
	size_t i;
	enum rc rc = vault_join(v, &own);

	if (rc != RC_OK)
		return rc;
	for (i = 0; rc == RC_OK && i < sql->asked_n; i++) {
		e.field = field_name(v, sql->asked[i].field_id);
		rc = audit_append_at(v, &e, vault_now());
	}
	rc = vault_leave(v, own, rc);
	if (rc != RC_OK)
		return rc;
	memcpy(v->asked, sql->asked, sizeof v->asked);
	v->asked_n = sql->asked_n;
	v->asked_in_tx = !own;
	return RC_OK;
}

/* The query, inside a read transaction; sealed fields are in the audit before that begins. */
static enum rc
compile_told(struct finder *f, struct search_error *err)
{
	struct vault *v = f->v;
	enum rc rc = finder_compile(v, f->s->query, f->s->live, &f->sql, err);

	if (rc != RC_OK || is_told(v, f->sql))
		return rc;
	vault_read_end(v);
	rc = tell(v, f->sql);
	search_sql_free(f->sql);
	f->sql = NULL;
	if (rc == RC_OK)
		rc = vault_read_begin(v);
	if (rc == RC_OK)
		rc = finder_compile(v, f->s->query, f->s->live, &f->sql, err);
	if (rc == RC_OK && !is_told(v, f->sql))
		rc = err_set(f->err, RC_BUSY,
		    "the fields were changed while they were searched: search again");
	return rc;
}

enum rc
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
	rc = compile_told(f, err);
	if (!f->sql)
		return rc == RC_OK ? RC_INTERNAL : rc;
	fields = field_list(v, &n);
	if (rc == RC_OK && s->ids && s->query && s->query[0])
		rc = err_set(f->err, RC_INPUT, "records are named by their ids or by a query");
	if (rc == RC_OK && s->ids)
		rc = search_choose(f->sql, s->ids, s->id_n);
	return rc == RC_OK ? set_sort(f, fields, n) : rc;
}

void
finder_end(struct finder *f)
{
	kept_hits_back(f);
	search_sql_free(f->sql);
	sqlite3_finalize(f->value);
	rows_free(f->rows);
	broad_drop(f);
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
		if (s->binds[i].kind == BIND_TEXT)
			code = sqlite3_bind_text(st, at, s->binds[i].text, -1, SQLITE_STATIC);
		else if (s->binds[i].kind == BIND_BLIND)
			code = sqlite3_bind_blob(
			    st, at, s->binds[i].blind, SEALED_BLIND_LEN, SQLITE_STATIC);
		else
			code = sqlite3_bind_int64(st, at, s->binds[i].number);
	}
	return code == SQLITE_OK ? RC_OK : sql_code(f->v, code, "the search failed");
}

static void
put_columns(const struct finder *f, struct sql_text *t)
{
	if (f->want)
		record_walk_columns(f->v, f->want, f->raw, t);
	else
		record_columns(f->v, t);
}

/* The hits with their ranks, as the beginning of a statement. */
static void
put_weighed(struct sql_text *t)
{
	sql_add(t,
	    "WITH hit AS MATERIALIZED (SELECT rowid AS id, rank AS score FROM record_fts"
	    " WHERE record_fts MATCH ?%d) ", BIND_MATCH);
}

/* The ids of a page in their order; whole records only then, in the same. */
static void
put_staged(const struct finder *f, struct sql_text *t, enum part part, bool inside,
    int64_t limit)
{
	const char *dir = f->down ? "DESC" : "ASC";

	if (f->by_rank)
		put_weighed(t);
	sql_add(t, "%s page AS MATERIALIZED (SELECT r.id AS id, %s AS score",
	    f->by_rank ? "," : "WITH", f->sort);
	put_source(f, t);
	put_key(f, t, part, inside);
	put_order(f, t, part);
	sql_add(t, " LIMIT %lld) SELECT ", (long long)limit);
	put_columns(f, t);
	sql_add(t,
	    " FROM page CROSS JOIN record r ON r.id = page.id ORDER BY page.score %s,"
	    " page.id %s", dir, dir);
}

static void
put_plain(const struct finder *f, struct sql_text *t, enum part part, bool inside,
    int64_t limit)
{
	sql_add(t, "SELECT ");
	put_columns(f, t);
	put_source(f, t);
	put_key(f, t, part, inside);
	put_order(f, t, part);
	sql_add(t, " LIMIT %lld", (long long)limit);
}

static enum rc
prepare(const struct finder *f, struct sql_text *t, enum part part, bool inside,
    sqlite3_stmt **out)
{
	enum rc rc = sql_prepare(f->v, sql_end(t), out);

	if (rc != RC_OK)
		return rc;
	rc = bind(f, *out);
	if (rc == RC_OK && inside)
		sqlite3_bind_int64(*out, BIND_ANCHOR, f->anchor);
	if (rc == RC_OK && inside && part == PART_FILLED)
		sqlite3_bind_value(*out, BIND_VALUE, sqlite3_column_value(f->value, 0));
	return rc;
}

enum rc
finder_prepare(const struct finder *f, enum part part, bool inside, int64_t limit,
    sqlite3_stmt **out)
{
	char buf[SQL_MAX];
	struct sql_text t;

	sql_text_init(&t, buf, sizeof buf);
	if (f->by_rank || (!f->by_id && limit >= 0))
		put_staged(f, &t, part, inside, limit);
	else
		put_plain(f, &t, part, inside, limit);
	return prepare(f, &t, part, inside, out);
}

enum rc
finder_prepare_ids(const struct finder *f, bool all, sqlite3_stmt **out)
{
	struct finder up = *f;
	char buf[SQL_MAX];
	struct sql_text t;

	up.down = false;
	sql_text_init(&t, buf, sizeof buf);
	if (!all && f->by_rank)
		put_weighed(&t);
	sql_add(&t, "SELECT r.id");
	if (all)
		sql_add(&t, " FROM record r WHERE r.id" NOT_IN_TRASH);
	else
		put_source(&up, &t);
	put_order(&up, &t, PART_ALL);
	return prepare(&up, &t, PART_ALL, false, out);
}

enum rc
finder_prepare_order(const struct finder *f, enum part part, bool inside, sqlite3_stmt **out)
{
	char buf[256];
	struct sql_text t;

	sql_text_init(&t, buf, sizeof buf);
	sql_add(&t, "SELECT r.id FROM record r WHERE 1");
	put_key(f, &t, part, inside);
	put_order(f, &t, part);
	return prepare(f, &t, part, inside, out);
}

enum rc
finder_prepare_one(const struct finder *f, bool trash, sqlite3_stmt **out)
{
	char buf[SQL_MAX];
	struct sql_text t;

	sql_text_init(&t, buf, sizeof buf);
	sql_add(&t, "SELECT ");
	record_columns(f->v, &t);
	sql_add(&t, " FROM record r WHERE r.id = ?%d%s", BIND_ANCHOR,
	    trash ? "" : " AND r.deleted_at IS NULL");
	return sql_prepare(f->v, sql_end(&t), out);
}

enum rc
finder_read_one(struct finder *f, sqlite3_stmt *one, int64_t id)
{
	enum rc rc;

	sqlite3_bind_int64(one, BIND_ANCHOR, id);
	rc = sql_step(f->v, one);
	if (rc == RC_OK)
		rc = record_read(f->v, one, false, &f->rows->at[f->rows->n]);
	if (rc == RC_OK)
		f->rows->n++;
	sqlite3_reset(one);
	return rc;
}

/* Whether hits are all that words find but for the trash, which is rather read once. */
static enum rc
words_alone(const struct finder *f, bool *yes)
{
	int64_t n = 0;
	enum rc rc;

	*yes = false;
	if (!f->sql->only_match)
		return RC_OK;
	rc = sql_int(f->v,
	    "SELECT count(*) FROM (SELECT 1 FROM record WHERE deleted_at IS NOT NULL LIMIT 2001)",
	    &n);
	*yes = n <= 2000;
	return rc;
}

enum rc
finder_count(struct finder *f, int64_t cap, sqlite3_stmt **out)
{
	char buf[SQL_MAX];
	struct sql_text t;
	bool alone;
	enum rc rc;

	f->by_id = true; /* the order does not matter: full text may stream */
	f->by_rank = false;
	rc = words_alone(f, &alone);
	if (rc != RC_OK)
		return rc;
	sql_text_init(&t, buf, sizeof buf);
	sql_add(&t, "SELECT count(*) FROM (SELECT 1");
	if (alone)
		sql_add(&t, " FROM record_fts WHERE record_fts MATCH ?%d AND rowid" NOT_IN_TRASH,
		    BIND_MATCH);
	else
		put_source(f, &t);
	sql_add(&t, " LIMIT %lld)", cap > 0 ? (long long)cap : -1LL);
	rc = sql_prepare(f->v, sql_end(&t), out);
	return rc == RC_OK ? bind(f, *out) : rc;
}
