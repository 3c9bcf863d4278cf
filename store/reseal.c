/*
 * What is sealed under older field epochs, sealed again under the active one.
 *
 *     cells (table sealed) -> old values in history, and drafts -> done
 *
 * 1. A writer seals under the epoch that was active when it took the vault's write lock, so
 *    that once none is left in one snapshot, none can come back.
 * 2. A value is opened before it is sealed again: what does not verify stops the rotation,
 *    and the older keys stay.
 * 3. The blind index is made again too: after new master keys it has another key.
 * 4. A cell of a field that is gone is passed over: nobody could open it.
 */

#include "store/reseal.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/delta.h"
#include "store/draft.h"
#include "store/progress.h"
#include "store/sealed_int.h"
#include "store/unlocked.h"

#define STEP_ROWS  1000
#define STEP_MS    40 /* that others wait for, then a step is over */
#define STEP_BYTES (4 * 1024 * 1024) /* of values, then a step is over */
#define UUID_LEN   16

struct types { /* of all fields, those in the making too */
	size_t n;
	struct {
		int id;
		enum field_type type;
	} at[];
};

struct step {
	struct vault *v;
	struct reseal *r;
	struct types *types;
	struct sealed_writer *writer;
	sqlite3_stmt *history; /* writes a row of history back */
	uint8_t *plain;        /* a value, wiped with the step */
	size_t cap, bytes, rows;
	int64_t began_ms;
};

static enum rc
read_types(struct vault *v, struct types **out)
{
	sqlite3_stmt *st;
	int64_t count;
	enum rc rc = sql_int(v, "SELECT count(*) FROM field", &count);

	*out = NULL;
	if (rc != RC_OK)
		return rc;
	*out = calloc(1, sizeof **out + (size_t)count * sizeof (*out)->at[0]);
	if (!*out)
		return err_default(&v->err, RC_NOMEM);
	rc = sql_prepare(v, "SELECT id, type FROM field", &st);
	while (rc == RC_OK && (*out)->n < (size_t)count && (rc = sql_step(v, st)) == RC_OK) {
		const char *type = (const char *)sqlite3_column_text(st, 1);

		(*out)->at[(*out)->n].id = sqlite3_column_int(st, 0);
		if (type && type_parse(type, &(*out)->at[(*out)->n].type))
			(*out)->n++;
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* The field of that id, as far as a value is bound to it; false: it is gone. */
static bool
find_field(const struct types *t, int64_t id, struct field *out)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->at[i].id == id) {
			memset(out, 0, sizeof *out);
			out->id = (int)id;
			out->type = t->at[i].type;
			out->cls = CLASS_SEALED;
			return true;
		}
	return false;
}

static enum rc
open_value(struct step *s, const struct sealed_place *place, const uint8_t *in, size_t n,
    int64_t record)
{
	uint8_t *fresh;
	enum rc rc;

	if (n > s->cap) {
		fresh = malloc(2 * n);
		if (!fresh)
			return err_default(&s->v->err, RC_NOMEM);
		if (s->plain)
			secret_wipe(s->plain, s->cap);
		free(s->plain);
		s->plain = fresh;
		s->cap = 2 * n;
	}
	s->bytes += n;
	rc = sealed_open(s->v, place, in, n, s->plain);
	if (rc == RC_TAMPER)
		err_set(&s->v->err, rc, "a sealed value of record %lld does not verify: it was "
		    "altered; the older keys are kept, strongroom verify tells more",
		    (long long)record);
	return rc;
}

static enum rc
renew_cell(struct step *s, sqlite3_stmt *st)
{
	const uint8_t *value = sqlite3_column_blob(st, 2);
	const size_t n = (size_t)sqlite3_column_bytes(st, 2);
	struct sealed_place place = { sqlite3_column_blob(st, 3), 0, 0 };
	struct field f;
	enum rc rc;

	s->r->record = sqlite3_column_int64(st, 0);
	s->r->part = sqlite3_column_int64(st, 1);
	if (!sealed_old(s->v, value, n) || sqlite3_column_bytes(st, 3) != UUID_LEN ||
	    !find_field(s->types, s->r->part, &f))
		return RC_OK;
	place.field = (uint32_t)f.id;
	place.type = f.type;
	rc = open_value(s, &place, value, n, s->r->record);
	if (rc == RC_OK)
		rc = sealed_writer_put(s->writer, s->r->record, place.uuid, &f,
		    (const char *)s->plain, n - SEALED_OVERHEAD);
	s->r->renewed += rc == RC_OK;
	return rc;
}

/* A sealed value is as long under any epoch: it is renewed where it stands. */
static enum rc
renew_item(struct step *s, const uint8_t *uuid, const struct delta_item *item,
    uint8_t *bytes, const uint8_t *copy, bool *changed)
{
	const struct sealed_place place = { uuid, (uint32_t)item->field, 0 };
	size_t n;
	const uint8_t *value = delta_sealed(item, &n);
	enum rc rc;

	if (!sealed_old(s->v, value, n))
		return RC_OK;
	rc = open_value(s, &place, value, n, s->r->record);
	if (rc == RC_OK)
		rc = sealed_close(s->v, &place, s->plain, n - SEALED_OVERHEAD,
		    bytes + (value - copy));
	*changed |= rc == RC_OK;
	s->r->renewed += rc == RC_OK;
	return rc;
}

static enum rc
renew_items(struct step *s, sqlite3_stmt *st, uint8_t *bytes, size_t n, bool *changed)
{
	const uint8_t *copy = sqlite3_column_blob(st, 2), *at;
	struct delta_item item;
	size_t left;
	enum rc rc = delta_begin(copy, n, &at, &left);

	while (rc == RC_OK && (rc = delta_next(&at, &left, &item)) == RC_OK)
		if (item.kind == DELTA_SEALED)
			rc = renew_item(s, sqlite3_column_blob(st, 3), &item, bytes, copy, changed);
	return rc == RC_NOTFOUND ? RC_OK : err_default(&s->v->err, rc);
}

static enum rc
renew_history(struct step *s, sqlite3_stmt *st)
{
	const size_t n = (size_t)sqlite3_column_bytes(st, 2);
	bool changed = false;
	uint8_t *bytes;
	enum rc rc;

	s->r->record = sqlite3_column_int64(st, 0);
	s->r->part = sqlite3_column_int64(st, 1);
	if (n == 0 || sqlite3_column_bytes(st, 3) != UUID_LEN)
		return RC_OK;
	bytes = malloc(n);
	if (!bytes)
		return err_default(&s->v->err, RC_NOMEM);
	memcpy(bytes, sqlite3_column_blob(st, 2), n);
	rc = renew_items(s, st, bytes, n, &changed);
	if (rc == RC_OK && changed)
		rc = sql_bind(s->v, s->history, "iib", s->r->record, s->r->part, bytes, n);
	if (rc == RC_OK && changed)
		rc = sql_done(s->v, s->history);
	secret_wipe(bytes, n);
	free(bytes);
	return rc;
}

static const char *const reads[] = {
	[RESEAL_CELLS] = "SELECT s.record_id, s.field_id, s.value, r.uuid FROM sealed s"
	    " LEFT JOIN record r ON r.id = s.record_id"
	    " WHERE (s.record_id, s.field_id) > (?1, ?2) ORDER BY s.record_id, s.field_id",
	[RESEAL_HISTORY] = "SELECT h.record_id, h.version, h.change, r.uuid FROM history h"
	    " LEFT JOIN record r ON r.id = h.record_id"
	    " WHERE (h.record_id, h.version) > (?1, ?2) ORDER BY h.record_id, h.version",
};

static enum rc
go_through(struct step *s)
{
	const bool cells = s->r->stage == RESEAL_CELLS;
	sqlite3_stmt *st;
	enum rc rc = sql_prepare(s->v, reads[s->r->stage], &st);

	if (rc == RC_OK)
		rc = sql_bind(s->v, st, "ii", s->r->record, s->r->part);
	while (rc == RC_OK && s->rows < STEP_ROWS && s->bytes < STEP_BYTES &&
	    (s->rows == 0 || progress_now() - s->began_ms < STEP_MS) &&
	    (rc = sql_step(s->v, st)) == RC_OK) {
		rc = cells ? renew_cell(s, st) : renew_history(s, st);
		s->rows++;
	}
	sqlite3_finalize(st);
	if (rc != RC_NOTFOUND)
		return rc;
	s->r->stage++;
	s->r->record = s->r->part = 0;
	return cells ? RC_OK : draft_reseal(s->v);
}

static enum rc
step_begin(struct step *s)
{
	enum rc rc = read_types(s->v, &s->types);

	if (rc == RC_OK)
		rc = sealed_writer_new(s->v, &s->writer);
	if (rc == RC_OK)
		rc = sql_prepare(s->v, "UPDATE history SET change = ?3"
		    " WHERE record_id = ?1 AND version = ?2", &s->history);
	return rc;
}

static void
step_end(struct step *s)
{
	sqlite3_finalize(s->history);
	sealed_writer_free(s->writer);
	free(s->types);
	if (s->plain)
		secret_wipe(s->plain, s->cap);
	free(s->plain);
}

static uint64_t
pages_written(struct vault *v)
{
	int now = 0, most;

	sqlite3_db_status(v->db, SQLITE_DBSTATUS_CACHE_WRITE, &now, &most, 0);
	return (uint64_t)now;
}

enum rc
reseal_step(struct vault *v, struct reseal *r)
{
	const uint64_t written = pages_written(v);
	struct reseal after = *r;
	struct step s = { .v = v, .r = &after };
	enum rc rc = vault_begin(v);

	s.began_ms = progress_now();
	if (rc != RC_OK)
		return rc;
	rc = step_begin(&s);
	if (rc == RC_OK)
		rc = go_through(&s);
	step_end(&s);
	rc = vault_leave(v, true, rc);
	after.pages += pages_written(v) - written;
	if (rc == RC_OK)
		*r = after;
	return rc;
}

static enum rc
count_items(struct vault *v, sqlite3_stmt *st, uint64_t *n)
{
	const uint8_t *at, *value;
	struct delta_item item;
	size_t left, len;
	enum rc rc = delta_begin(sqlite3_column_blob(st, 0),
	    (size_t)sqlite3_column_bytes(st, 0), &at, &left);

	while (rc == RC_OK && (rc = delta_next(&at, &left, &item)) == RC_OK) {
		value = delta_sealed(&item, &len);
		*n += item.kind == DELTA_SEALED && sealed_old(v, value, len);
	}
	return rc == RC_NOTFOUND ? RC_OK : err_default(&v->err, rc);
}

static enum rc
count_history(struct vault *v, uint64_t *n)
{
	sqlite3_stmt *st;
	enum rc rc = sql_prepare(v,
	    "SELECT h.change FROM history h JOIN record r ON r.id = h.record_id", &st);

	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK)
		rc = count_items(v, st, n);
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
count_cells(struct vault *v, uint64_t *n)
{
	const uint32_t active = keyring_field_epoch(unlocked_keyring(v->unlocked), NULL);
	sqlite3_stmt *st;
	enum rc rc = sql_prepare(v, "SELECT substr(s.value, 1, 33) FROM sealed s"
	    " JOIN record r ON r.id = s.record_id JOIN field f ON f.id = s.field_id", &st);

	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK) {
		const uint32_t epoch = sealed_epoch(
		    sqlite3_column_blob(st, 0), (size_t)sqlite3_column_bytes(st, 0));

		*n += epoch && epoch != active;
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
reseal_left(struct vault *v, uint64_t *n)
{
	enum rc rc = vault_read_begin(v);

	*n = 0;
	if (rc != RC_OK)
		return rc;
	rc = count_cells(v, n);
	if (rc == RC_OK)
		rc = count_history(v, n);
	if (rc == RC_OK)
		rc = draft_count_old(v, n);
	vault_read_end(v);
	return rc;
}
