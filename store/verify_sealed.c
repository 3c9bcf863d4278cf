/*
 * Every sealed value opened, where it stands and in history.
 *
 * 1. A value is sound when it opens in its place and what stands beside it in the clear, its
 *    hint and its blind index, is what would be made of it now: who can write the tables
 *    without the field keys can alter those.
 * 2. The blind index of a value under an older epoch is not looked at: while new master keys
 *    are taken up it still has the old key.
 * 3. Each plaintext lives in one buffer, which is wiped.
 */
#include "store/verify_sealed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/delta.h"
#include "store/sealed_int.h"
#include "store/unlocked.h"

#define UUID_LEN      16
#define ROWS_PER_LOOK 1024

struct kind { /* a row of table field: many values ask for it */
	int id;
	bool typed; /* its type is one */
	enum field_type type;
	char *name;
};

struct look {
	struct vault *v;
	struct sealed_verdict *out;
	int64_t from, to; /* records */
	struct kind *kinds;
	size_t kind_n, kind_last; /* the one that was asked for last */
	uint8_t *plain;
	size_t cap;
};

static enum rc
add_kind(struct look *l, sqlite3_stmt *st)
{
	const char *type = (const char *)sqlite3_column_text(st, 1);
	const char *name = (const char *)sqlite3_column_text(st, 2);
	struct kind k = { .id = sqlite3_column_int(st, 0) };
	struct kind *more = realloc(l->kinds, (l->kind_n + 1) * sizeof *more);

	if (!more)
		return err_default(&l->v->err, RC_NOMEM);
	l->kinds = more;
	k.typed = type && type_parse(type, &k.type);
	k.name = strdup(name ? name : "a field without a name");
	if (!k.name)
		return err_default(&l->v->err, RC_NOMEM);
	l->kinds[l->kind_n++] = k;
	return RC_OK;
}

static enum rc
read_kinds(struct look *l)
{
	sqlite3_stmt *st;
	enum rc rc = sql_prepare(l->v, "SELECT id, type, name FROM field", &st);

	while (rc == RC_OK && (rc = sql_step(l->v, st)) == RC_OK)
		rc = add_kind(l, st);
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* Of field ${id}; NULL: there is none. A record's fields follow each other in the table. */
static const struct kind *
kind_of(struct look *l, int id)
{
	size_t i;

	for (i = 0; i < l->kind_n; i++) {
		if (++l->kind_last >= l->kind_n)
			l->kind_last = 0;
		if (l->kinds[l->kind_last].id == id)
			return &l->kinds[l->kind_last];
	}
	return NULL;
}

static void
look_free(struct look *l)
{
	while (l->kind_n > 0)
		free(l->kinds[--l->kind_n].name);
	free(l->kinds);
	if (l->plain)
		secret_wipe(l->plain, l->cap);
	free(l->plain);
}

static enum rc
make_room(struct look *l, size_t n)
{
	if (n <= l->cap)
		return RC_OK;
	if (l->plain)
		secret_wipe(l->plain, l->cap);
	free(l->plain);
	l->cap = 0;
	l->plain = malloc(2 * n);
	if (!l->plain)
		return err_default(&l->v->err, RC_NOMEM);
	l->cap = 2 * n;
	return RC_OK;
}

static void
found(struct look *l, int64_t record, const char *field, const char *what)
{
	if (l->out->bad++ == 0)
		snprintf(l->out->first, sizeof l->out->first, "record %lld, %s: %s",
		    (long long)record, field ? field : "a field that is gone", what);
	l->v->err.text[0] = '\0';
}

/*
 * The value at ${place} to l->plain; ${blind} and ${made}: as sealed_open_blind, or NULL.
 * RC_NOTFOUND: it does not open, which was told.
 */
static enum rc
open_value(struct look *l, const struct sealed_place *place, const uint8_t *in, size_t n,
    int64_t record, const char *field, uint8_t *blind, bool *made)
{
	enum rc rc = make_room(l, 5 * n + 64); /* a hint fits behind it */

	if (rc == RC_OK)
		rc = blind ? sealed_open_blind(l->v, place, in, n, l->plain, blind, made)
			   : sealed_open(l->v, place, in, n, l->plain);
	l->out->values++;
	if (rc != RC_TAMPER && rc != RC_VERSION)
		return rc;
	found(l, record, field, "the value does not verify");
	return RC_NOTFOUND;
}

static bool
fits(const void *a, size_t an, const void *b, size_t bn)
{
	return an == bn && (an == 0 || memcmp(a, b, an) == 0);
}

enum { RECORD, FIELD, VALUE, UUID, HINT, BLIND };

/* The hint beside the value of ${len} bytes in l->plain, on the row of ${st}. */
static bool
hint_fits(struct look *l, sqlite3_stmt *st, enum field_type type, size_t len)
{
	char *hint = (char *)l->plain + len;

	type_mask(type, (char *)l->plain, len, hint, l->cap - len);
	/* open_value has made room. NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
	return fits(hint, strlen(hint), sqlite3_column_text(st, HINT),
	    (size_t)sqlite3_column_bytes(st, HINT));
}

static enum rc
check_cell(struct look *l, sqlite3_stmt *st)
{
	const int64_t record = sqlite3_column_int64(st, RECORD);
	const struct kind *k = kind_of(l, sqlite3_column_int(st, FIELD));
	const size_t n = (size_t)sqlite3_column_bytes(st, VALUE);
	struct sealed_place place = { .uuid = sqlite3_column_blob(st, UUID) };
	uint8_t blind[SEALED_BLIND_LEN];
	bool made = false;
	enum rc rc;

	if (!k || !k->typed || sqlite3_column_bytes(st, UUID) != UUID_LEN) {
		found(l, record, k ? k->name : NULL, "there is no such record or field");
		return RC_OK;
	}
	place.field = (uint32_t)k->id;
	place.type = k->type;
	rc = open_value(
	    l, &place, sqlite3_column_blob(st, VALUE), n, record, k->name, blind, &made);
	if (rc != RC_OK)
		return rc == RC_NOTFOUND ? RC_OK : rc;
	if (!hint_fits(l, st, k->type, n - SEALED_OVERHEAD))
		found(l, record, k->name, "the hint is not that of the value");
	if (made && !fits(blind, sizeof blind, sqlite3_column_blob(st, BLIND),
	                (size_t)sqlite3_column_bytes(st, BLIND)))
		found(l, record, k->name, "the blind index is not that of the value");
	return RC_OK;
}

static enum rc
check_history(struct look *l, sqlite3_stmt *st)
{
	const int64_t record = sqlite3_column_int64(st, RECORD);
	struct sealed_place place = { sqlite3_column_blob(st, 2), 0, 0 };
	const uint8_t *at, *value;
	struct delta_item item;
	size_t left, n;
	enum rc rc;

	if (sqlite3_column_bytes(st, 2) != UUID_LEN)
		return RC_OK;
	rc = delta_begin(sqlite3_column_blob(st, 1), (size_t)sqlite3_column_bytes(st, 1), &at,
	    &left);
	while (rc == RC_OK && (rc = delta_next(&at, &left, &item)) == RC_OK) {
		if (item.kind != DELTA_SEALED || item.len == 0)
			continue;
		value = delta_sealed(&item, &n);
		place.field = (uint32_t)item.field;
		rc = open_value(l, &place, value, n, record, "an old value", NULL, NULL);
		if (rc == RC_NOTFOUND)
			rc = RC_OK;
	}
	if (rc == RC_DAMAGED)
		found(l, record, "an old value", "its bytes are damaged");
	return rc == RC_NOTFOUND || rc == RC_DAMAGED ? RC_OK : rc;
}

/* Not sql_step, which looks at the kind of each cell: verify_cells has that to do. */
static enum rc
step(struct look *l, sqlite3_stmt *st)
{
	return sql_code(l->v, sqlite3_step(st), "the vault can't be read");
}

static enum rc
go_through(struct look *l, const char *sql, enum rc (*check)(struct look *, sqlite3_stmt *),
    bool (*stop)(void *arg), void *arg)
{
	sqlite3_stmt *st;
	unsigned rows = 0;
	enum rc rc = sql_prepare(l->v, sql, &st);

	if (rc == RC_OK)
		rc = sql_bind(l->v, st, "ii", l->from, l->to);
	while (rc == RC_OK && (rc = step(l, st)) == RC_OK) {
		rc = check(l, st);
		if (rc == RC_OK && ++rows % ROWS_PER_LOOK == 0 && stop(arg))
			rc = err_set(&l->v->err, RC_CANCELLED, "cancelled");
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

struct sealed_range
sealed_range(struct vault *v)
{
	struct sealed_range r = { 0, 0 };

	if (sql_int(v, "SELECT coalesce(min(id), 0) FROM record", &r.from) != RC_OK ||
	    sql_int(v, "SELECT coalesce(max(id), 0) FROM record", &r.to) != RC_OK) {
		v->err.text[0] = '\0';
		r.from = r.to = 0;
	}
	return r;
}

/* The first id of part ${part}. */
static int64_t
begin_of(struct sealed_range r, int part)
{
	/* A divided number: who can write the tables chooses the ids. */
	return r.from + (r.to / SEALED_PARTS - r.from / SEALED_PARTS) * part;
}

enum rc
verify_sealed(struct vault *v, struct sealed_range range, int part,
    bool (*stop)(void *arg), void *arg, struct sealed_verdict *out)
{
	/* A value may stand beside no record: the parts have no other ends than those between. */
	struct look l = { .v = v, .out = out,
		.from = part == 0 ? INT64_MIN : begin_of(range, part),
		.to = part == SEALED_PARTS - 1 ? INT64_MAX : begin_of(range, part + 1) - 1 };
	enum rc rc;

	memset(out, 0, sizeof *out);
	rc = keyring_need_full(unlocked_keyring(v->unlocked), "open a sealed value", NULL);
	if (rc != RC_OK)
		return rc;
	rc = read_kinds(&l);
	if (rc == RC_OK)
		rc = go_through(&l, "SELECT s.record_id, s.field_id, s.value, r.uuid, s.hint, s.blind"
		    " FROM sealed s LEFT JOIN record r ON r.id = s.record_id"
		    " WHERE s.record_id BETWEEN ?1 AND ?2", check_cell, stop, arg);
	if (rc == RC_OK)
		rc = go_through(&l, "SELECT h.record_id, h.change, r.uuid FROM history h"
		    " LEFT JOIN record r ON r.id = h.record_id WHERE h.record_id BETWEEN ?1 AND ?2",
		    check_history, stop, arg);
	look_free(&l);
	return rc;
}
