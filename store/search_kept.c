/*
 * The order of a search's hits, kept from page to page.
 *
 *     none -- a page was dear --> noted -- a page of the same search --> made
 *      ^------- any change of the vault's contents, another dear search ---|
 *
 * 1. A page that must look at very many rows (a column without an index to sort by, a
 *    condition that few records meet) costs as much at its thousandth as at its first. So
 *    the second page has all ids sorted once, and further ones are read by id.
 * 2. An order is of one state of the contents: of this connection's count of changes, without
 *    those of the audit, and of SQLite's sign that another connection has committed. Inside
 *    a write transaction, which may be rolled back, it is neither made nor used.
 * 3. It is 4 bytes a hit, KEPT_MOST of them at most. The sort is SQLite's: what does not fit
 *    in its cache goes to a temporary file, which the VFS seals.
 * 4. It holds no value, but the order of values tells of them: it is wiped, as is the query.
 */
#include "store/search_kept.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/record_int.h"
#include "store/sealed.h"
#include "store/search.h"

#define DEAR      50000 /* instructions of SQLite for one page, some milliseconds, and for each row */
#define DEAR_ROW  500
#define KEPT_MOST (UINT32_C(1) << 25)
#define ROOM      4096

struct kept_order {
	struct search_sql *sql;
	int sort;
	int64_t changes, commits; /* the state of the contents */
	bool made, too_many; /* its ids are here; it can't be made */
	uint32_t *ids; /* as in ascending order */
	size_t n, room;
	size_t last; /* where the last page was: the next is near */
};

static void
drop_ids(struct kept_order *k)
{
	if (k->ids)
		secret_wipe(k->ids, k->room * sizeof *k->ids);
	free(k->ids);
	k->ids = NULL;
	k->n = k->room = 0;
}

void
kept_free(struct kept_order *k)
{
	if (!k)
		return;
	drop_ids(k);
	search_sql_free(k->sql);
	free(k);
}

static void
forget(struct vault *v)
{
	kept_free(v->kept_order);
	v->kept_order = NULL;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool
same_bind(const struct search_bind *a, const struct search_bind *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == BIND_TEXT)
		return same_text(a->text, b->text);
	if (a->kind == BIND_BLIND)
		return memcmp(a->blind, b->blind, SEALED_BLIND_LEN) == 0;
	return a->number == b->number;
}

static bool
same_sql(const struct search_sql *a, const struct search_sql *b)
{
	size_t i;

	if (!same_text(a->match, b->match) || strcmp(a->where, b->where) != 0 ||
	    a->bind_n != b->bind_n)
		return false;
	for (i = 0; i < a->bind_n; i++)
		if (!same_bind(&a->binds[i], &b->binds[i]))
			return false;
	return true;
}

/* Inside the page's read transaction: the state that its snapshot is of. */
static enum rc
read_state(struct vault *v, int64_t *changes, int64_t *commits)
{
	*changes = sqlite3_total_changes64(v->db) - v->audit_changes;
	return sql_int(v, "PRAGMA data_version", commits);
}

/* Drop an order that is of another state. */
static enum rc
settle(struct finder *f)
{
	struct kept_order *k = f->v->kept_order;
	int64_t changes, commits;
	enum rc rc = RC_OK;

	if (k)
		rc = read_state(f->v, &changes, &commits);
	if (k && (rc != RC_OK || k->changes != changes || k->commits != commits))
		forget(f->v);
	return rc;
}

static bool
is_for(const struct finder *f, const struct kept_order *k)
{
	return k && k->sort == f->s->sort && same_sql(k->sql, f->sql);
}

static enum rc
add(struct kept_order *k, uint32_t id)
{
	size_t room = k->room ? 2 * k->room : ROOM;
	uint32_t *more;

	if (k->n == k->room) {
		more = malloc(room * sizeof *more);
		if (!more)
			return RC_NOMEM;
		if (k->n > 0)
			memcpy(more, k->ids, k->n * sizeof *more);
		if (k->n > 0)
			secret_wipe(k->ids, k->n * sizeof *more);
		free(k->ids);
		k->ids = more;
		k->room = room;
	}
	k->ids[k->n++] = id;
	return RC_OK;
}

/* All ids of the hits, unless they are too many, or too great. */
static enum rc
make(struct finder *f, struct kept_order *k)
{
	sqlite3_stmt *st = NULL;
	int64_t id;
	enum rc rc = finder_prepare_ids(f, &st);

	while (rc == RC_OK && (rc = sql_step(f->v, st)) == RC_OK) {
		id = sqlite3_column_int64(st, 0);
		if (id < 0 || id > UINT32_MAX || k->n == KEPT_MOST)
			rc = RC_LIMIT;
		else
			rc = add(k, (uint32_t)id);
	}
	sqlite3_finalize(st);
	k->made = rc == RC_NOTFOUND;
	k->too_many = rc == RC_LIMIT;
	return k->made || k->too_many ? RC_OK : err_default(f->err, rc);
}

/* The place of the anchor, looked for around the last one; k->n: it is not there. */
static size_t
find(const struct kept_order *k, int64_t id)
{
	size_t up = k->last, down = k->last;

	while (up < k->n || down > 0) {
		if (up < k->n && k->ids[up++] == id)
			return up - 1;
		if (down > 0 && k->ids[--down] == id)
			return down;
	}
	return k->n;
}

/* Record ${id} to the page. */
static enum rc
read_one(struct finder *f, sqlite3_stmt *one, int64_t id)
{
	enum rc rc;

	sqlite3_bind_int64(one, BIND_ANCHOR, id);
	rc = sql_step(f->v, one);
	if (rc == RC_OK)
		rc = record_read(f->v, one, false, &f->rows->at[f->rows->n]);
	if (rc == RC_OK)
		f->rows->n++;
	sqlite3_reset(one);
	return rc == RC_NOTFOUND ? err_set(f->err, RC_DAMAGED,
	    "record %lld was found and is not there: run strongroom verify", (long long)id)
				 : rc;
}

/* From place ${at} on, in the direction of the reading. */
static enum rc
read_from(struct finder *f, struct kept_order *k, size_t at)
{
	sqlite3_stmt *one = NULL;
	enum rc rc = finder_prepare_one(f, &one);

	k->last = at < k->n ? at : 0;
	while (rc == RC_OK && f->rows->n < f->limit && at < k->n) {
		rc = read_one(f, one, k->ids[at]);
		at = f->down ? at - 1 : at + 1; /* before the first: beyond all */
	}
	sqlite3_finalize(one);
	return rc;
}

static enum rc
read_kept(struct finder *f, struct kept_order *k, enum search_from from, bool *done)
{
	size_t at;

	if (from == FROM_FIRST || from == FROM_LAST) {
		*done = true;
		return read_from(f, k, f->down ? k->n - 1 : 0);
	}
	at = find(k, f->anchor);
	*done = at < k->n;
	if (!*done)
		return RC_OK;
	if (!f->with_anchor)
		at = f->down ? at - 1 : at + 1;
	return read_from(f, k, at);
}

enum rc
kept_read(struct finder *f, enum search_from from, bool *done)
{
	struct kept_order *k;
	enum rc rc;

	*done = false;
	if (sqlite3_txn_state(f->v->db, "main") == SQLITE_TXN_WRITE)
		return RC_OK;
	rc = settle(f);
	k = f->v->kept_order;
	if (rc != RC_OK || !is_for(f, k) || k->too_many)
		return rc;
	if (!k->made)
		rc = make(f, k);
	if (rc == RC_OK && k->made)
		return read_kept(f, k, from, done);
	drop_ids(k);
	return rc;
}

void
kept_cost(struct finder *f, sqlite3_stmt *st)
{
	if (st)
		f->cost += sqlite3_stmt_status(st, SQLITE_STMTSTATUS_VM_STEP, 0);
}

void
kept_note(struct finder *f)
{
	struct kept_order *k;

	if (f->cost < DEAR + DEAR_ROW * (int64_t)f->rows->n || sqlite3_txn_state(f->v->db, "main") == SQLITE_TXN_WRITE ||
	    is_for(f, f->v->kept_order))
		return;
	k = calloc(1, sizeof *k);
	if (!k || read_state(f->v, &k->changes, &k->commits) != RC_OK) {
		free(k);
		return;
	}
	k->sql = f->sql;
	f->sql = NULL;
	k->sort = f->s->sort;
	forget(f->v);
	f->v->kept_order = k;
}
