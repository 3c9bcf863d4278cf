/*
 * The orders of records that are kept from page to page.
 *
 *     none -- a page was dear --> noted -- the next such page --> made
 *      ^------- any change of the contents, another dear search ---|
 *
 * 1. A page that must look at very many rows (a column without an index to sort by, a
 *    condition that few records meet) costs as much at its thousandth as at its first. So
 *    the second page has all ids sorted once, and further ones are read by id.
 * 2. There are two: of all records by a column, which the hits of words are met in as well
 *    (search_broad.c), and of the hits of one search.
 * 3. They are of one state of the contents: of this connection's count of changes, without
 *    those of the audit, and of SQLite's sign that another connection has committed. Inside
 *    a write transaction, which may be rolled back, none is made or used.
 * 4. An order is 4 bytes a record, KEPT_MOST of them at most. The sort is SQLite's: what does
 *    not fit in its cache goes to a temporary file, which the VFS seals.
 * 5. It holds no value, but the order of values tells of them: it is wiped, as is the query.
 */
#include "store/search_kept.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/record_int.h"
#include "store/sealed.h"

#define DEAR      50000 /* instructions of SQLite for one page, some milliseconds, */
#define DEAR_ROW  100   /* and for each of its rows */
#define KEPT_MOST (UINT32_C(1) << 25)
#define ROOM      4096

struct order {
	bool noted, made;
	bool too_many; /* it can't be made */
	struct search_sql *sql; /* of its search; NULL: of all records */
	int sort;
	uint32_t *ids; /* upwards */
	size_t n, room;
	size_t last; /* where the last page was: the next is near */
};

struct kept_orders {
	int64_t changes, commits; /* the state of the contents */
	struct order all, dear;
	char *match; /* the words whose hits are noted here, while no page is read by them */
	uint8_t *hits;
	int64_t hits_end, hit_n;
};

static void
drop_ids(struct order *o)
{
	if (o->ids)
		secret_wipe(o->ids, o->room * sizeof *o->ids);
	free(o->ids);
	o->ids = NULL;
	o->n = o->room = o->last = 0;
}

static void
forget(struct order *o)
{
	drop_ids(o);
	search_sql_free(o->sql);
	*o = (struct order){ .sql = NULL };
}

static void
forget_hits(struct kept_orders *k)
{
	if (k->match)
		secret_wipe(k->match, strlen(k->match));
	if (k->hits)
		secret_wipe(k->hits, (size_t)k->hits_end / 8 + 1);
	free(k->match);
	free(k->hits);
	k->match = NULL;
	k->hits = NULL;
}

void
kept_free(struct kept_orders *k)
{
	if (!k)
		return;
	forget(&k->all);
	forget(&k->dear);
	forget_hits(k);
	free(k);
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

static enum rc
orders_new(struct vault *v, int64_t changes, int64_t commits)
{
	v->orders = calloc(1, sizeof *v->orders);
	if (!v->orders)
		return err_default(&v->err, RC_NOMEM);
	v->orders->changes = changes;
	v->orders->commits = commits;
	return RC_OK;
}

enum rc
kept_begin(struct finder *f)
{
	struct vault *v = f->v;
	int64_t changes = sqlite3_total_changes64(v->db) - v->audit_changes, commits;
	enum rc rc;

	if (sqlite3_txn_state(v->db, "main") == SQLITE_TXN_WRITE)
		return RC_OK;
	rc = sql_int(v, "PRAGMA data_version", &commits);
	if (rc != RC_OK)
		return rc;
	if (v->orders && (v->orders->changes != changes || v->orders->commits != commits)) {
		kept_free(v->orders);
		v->orders = NULL;
	}
	if (!v->orders)
		rc = orders_new(v, changes, commits);
	f->orders = v->orders;
	return rc;
}

/* Whether the search finds all that is not in the trash. */
static bool
is_all(const struct finder *f)
{
	return !f->sql->match && f->sql->bind_n == 0 &&
	       strcmp(f->sql->where, " AND r.deleted_at IS NULL") == 0;
}

static bool
is_for(const struct finder *f, const struct order *o)
{
	return o->noted && o->sort == f->s->sort && (!o->sql || same_sql(o->sql, f->sql));
}

static enum rc
add(struct order *o, uint32_t id)
{
	size_t room = o->room ? 2 * o->room : ROOM;
	uint32_t *more;

	if (o->n == o->room) {
		more = malloc(room * sizeof *more);
		if (!more)
			return RC_NOMEM;
		if (o->n > 0)
			memcpy(more, o->ids, o->n * sizeof *more);
		if (o->n > 0)
			secret_wipe(o->ids, o->n * sizeof *more);
		free(o->ids);
		o->ids = more;
		o->room = room;
	}
	o->ids[o->n++] = id;
	return RC_OK;
}

/* All ids of an order, unless they are too many, or too great. */
static enum rc
make(struct finder *f, struct order *o)
{
	sqlite3_stmt *st = NULL;
	int64_t id;
	enum rc rc = finder_prepare_ids(f, !o->sql, &st);

	while (rc == RC_OK && (rc = sql_step(f->v, st)) == RC_OK) {
		id = sqlite3_column_int64(st, 0);
		if (id < 0 || id > UINT32_MAX || o->n == KEPT_MOST)
			rc = RC_LIMIT;
		else
			rc = add(o, (uint32_t)id);
	}
	sqlite3_finalize(st);
	o->made = rc == RC_NOTFOUND;
	o->too_many = rc == RC_LIMIT;
	if (!o->made)
		drop_ids(o);
	return o->made || o->too_many ? RC_OK : err_default(f->err, rc);
}

/* The place of the anchor, looked for around the last one; o->n: it is not there. */
static size_t
find(const struct order *o, int64_t id)
{
	size_t up = o->last, down = up;

	while (up < o->n || down > 0) {
		if (up < o->n && o->ids[up++] == id)
			return up - 1;
		if (down > 0 && o->ids[--down] == id)
			return down;
	}
	return o->n;
}

/* Record ${id} to the page. */
static enum rc
read_one(struct finder *f, sqlite3_stmt *one, int64_t id)
{
	enum rc rc = finder_read_one(f, one, id);

	return rc == RC_NOTFOUND ? err_set(f->err, RC_DAMAGED,
	    "record %lld was found and is not there: run strongroom verify", (long long)id)
				 : rc;
}

/* From place ${at} on, in the direction of the reading; with f->hits those alone. */
static enum rc
read_from(struct finder *f, struct order *o, size_t at)
{
	sqlite3_stmt *one = NULL;
	enum rc rc = finder_prepare_one(f, true, &one);

	o->last = at < o->n ? at : 0;
	while (rc == RC_OK && f->rows->n < f->limit && at < o->n) {
		if (!f->hits || broad_has(f, o->ids[at]))
			rc = read_one(f, one, o->ids[at]);
		at = f->down ? at - 1 : at + 1; /* before the first: beyond all */
	}
	sqlite3_finalize(one);
	return rc;
}

static enum rc
read_order(struct finder *f, struct order *o, enum search_from from, bool *done)
{
	enum rc rc = o->made || o->too_many ? RC_OK : make(f, o);
	size_t at;

	*done = false;
	if (rc != RC_OK || !o->made)
		return rc;
	if (from == FROM_FIRST || from == FROM_LAST) {
		*done = true;
		return read_from(f, o, f->down ? o->n - 1 : 0);
	}
	at = find(o, f->anchor);
	*done = at < o->n;
	if (*done && !f->with_anchor)
		at = f->down ? at - 1 : at + 1;
	return *done ? read_from(f, o, at) : RC_OK;
}

enum rc
kept_read(struct finder *f, enum search_from from, bool *done)
{
	struct kept_orders *k = f->orders;

	*done = false;
	if (k && is_all(f) && is_for(f, &k->all))
		return read_order(f, &k->all, from, done);
	if (k && is_for(f, &k->dear))
		return read_order(f, &k->dear, from, done);
	return RC_OK;
}

enum rc
kept_read_hits(struct finder *f, enum search_from from, bool *done)
{
	*done = false;
	if (!f->orders || !is_for(f, &f->orders->all))
		return RC_OK;
	return read_order(f, &f->orders->all, from, done);
}

bool
kept_has_all(const struct finder *f)
{
	return f->orders && is_for(f, &f->orders->all) && f->orders->all.made;
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
	bool all = is_all(f) || f->hits;
	struct order *o;

	if (!f->orders || f->cost < DEAR + DEAR_ROW * (int64_t)f->rows->n)
		return;
	o = all ? &f->orders->all : &f->orders->dear;
	if (is_for(f, o))
		return;
	forget(o);
	o->noted = true;
	o->sort = f->s->sort;
	if (!all) {
		o->sql = f->sql;
		f->sql = NULL;
	}
}

bool
kept_hits(struct finder *f)
{
	struct kept_orders *k = f->orders;

	if (!k || !k->hits || strcmp(k->match, f->sql->match) != 0)
		return false;
	f->hits = k->hits;
	f->hits_end = k->hits_end;
	f->hit_n = k->hit_n;
	k->hits = NULL;
	return true;
}

enum rc
kept_words(struct finder *f)
{
	struct kept_orders *k = f->orders;

	if (!k)
		return RC_OK;
	forget_hits(k);
	k->match = strdup(f->sql->match);
	return k->match ? RC_OK : err_default(f->err, RC_NOMEM);
}

void
kept_hits_back(struct finder *f)
{
	struct kept_orders *k = f->orders;

	if (!k || !f->hits || !f->sql || !k->match || strcmp(k->match, f->sql->match) != 0)
		return;
	k->hits = f->hits;
	k->hits_end = f->hits_end;
	k->hit_n = f->hit_n;
	f->hits = NULL;
}
