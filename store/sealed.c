/*
 * Sealed values: table sealed, and what is wrapped for other tables.
 *
 * 1. Of a value the table holds the hint that everybody sees (its masked form), the sealed
 *    bytes, and for an exact look-up a keyed hash. Nothing else of it is anywhere.
 * 2. Who can't open values can't write any: a browse slot is refused before a statement runs.
 */
#include "store/sealed_int.h"

#include <stdlib.h>
#include <string.h>

#include "store/record_int.h"
#include "store/unlocked.h"

#define UUID_LEN  16
#define HINT_ROOM 64 /* beyond the value's own length */

struct sealed_writer {
	struct vault *v;
	sqlite3_stmt *put, *remove;
	uint8_t *bytes; /* room for a sealed value, and behind it for its hint */
	size_t cap;
};

bool
sealed_has_blind(enum field_type type)
{
	switch (type) {
	case TYPE_DATE:
	case TYPE_NUMBER:
	case TYPE_MONEY:
	case TYPE_COUNTRY:
	case TYPE_NOTE:
		return false; /* too few values, or nothing that anybody looks up */
	default:
		return true;
	}
}

enum rc
sealed_writer_new(struct vault *v, struct sealed_writer **out)
{
	struct sealed_writer *w = calloc(1, sizeof *w);
	enum rc rc;

	*out = NULL;
	if (!w)
		return err_default(&v->err, RC_NOMEM);
	w->v = v;
	rc = sql_prepare(v, "INSERT INTO sealed(record_id, field_id, hint, blind, value, invalid)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET hint = ?3, blind = ?4,"
	    " value = ?5, invalid = ?6", &w->put);
	if (rc == RC_OK)
		rc = sql_prepare(v, "DELETE FROM sealed WHERE record_id = ?1 AND field_id = ?2",
		    &w->remove);
	if (rc == RC_OK)
		*out = w;
	else
		sealed_writer_free(w);
	return rc;
}

void
sealed_writer_free(struct sealed_writer *w)
{
	if (!w)
		return;
	sqlite3_finalize(w->put);
	sqlite3_finalize(w->remove);
	free(w->bytes);
	free(w);
}

static enum rc
make_room(struct sealed_writer *w, size_t len)
{
	size_t cap = 2 * len + SEALED_OVERHEAD + HINT_ROOM;
	uint8_t *fresh;

	if (cap <= w->cap)
		return RC_OK;
	fresh = realloc(w->bytes, cap);
	if (!fresh)
		return err_default(&w->v->err, RC_NOMEM);
	w->bytes = fresh;
	w->cap = cap;
	return RC_OK;
}

static enum rc
put(struct sealed_writer *w, int64_t record_id, const uint8_t *uuid, const struct field *f,
    const char *text, size_t len)
{
	const struct sealed_place place = { uuid, (uint32_t)f->id, f->type };
	const size_t n = len + SEALED_OVERHEAD;
	uint8_t blind[SEALED_BLIND_LEN];
	const bool has_blind = sealed_has_blind(f->type);
	char *hint = (char *)w->bytes + n;
	bool invalid;
	enum rc rc;

	rc = err_default(&w->v->err, record_check_value(f->type, text, len, &invalid));
	if (rc == RC_OK)
		rc = sealed_close(w->v, &place, text, len, w->bytes);
	if (rc == RC_OK && has_blind)
		rc = sealed_blind(w->v, f, text, len, blind);
	if (rc != RC_OK)
		return rc;
	type_mask(f->type, text, len, hint, w->cap - n);
	rc = sql_bind(w->v, w->put, "iizbbi", record_id, (int64_t)f->id, hint,
	    has_blind ? blind : NULL, sizeof blind, w->bytes, n, (int64_t)invalid);
	return rc == RC_OK ? sql_done(w->v, w->put) : rc;
}

enum rc
sealed_writer_put(struct sealed_writer *w, int64_t record_id, const uint8_t uuid[UUID_LEN],
    const struct field *f, const char *text, size_t len)
{
	enum rc rc = keyring_need_full(
	    unlocked_keyring(w->v->unlocked), "write a sealed value", &w->v->err);

	if (rc == RC_OK && (!text || len == 0)) {
		rc = sql_bind(w->v, w->remove, "ii", record_id, (int64_t)f->id);
		return rc == RC_OK ? sql_done(w->v, w->remove) : rc;
	}
	if (rc == RC_OK)
		rc = make_room(w, len);
	return rc == RC_OK ? put(w, record_id, uuid, f, text, len) : rc;
}

/* Bytes at ${place}, opened into a secret of their own. */
static enum rc
open_secret(struct vault *v, const struct sealed_place *place, const uint8_t *in, size_t n,
    struct secret **out)
{
	enum rc rc;

	*out = NULL;
	rc = err_default(&v->err, secret_new(n > SEALED_OVERHEAD ? n - SEALED_OVERHEAD : 1, out));
	if (rc == RC_OK)
		rc = sealed_open(v, place, in, n, secret_bytes(*out));
	if (rc == RC_OK) {
		secret_set_len(*out, n - SEALED_OVERHEAD);
		return RC_OK;
	}
	secret_free(*out);
	*out = NULL;
	return rc;
}

static enum rc
read_value(struct vault *v, sqlite3_stmt *st, const struct field *f, struct secret **out)
{
	struct sealed_place place = { sqlite3_column_blob(st, 0), (uint32_t)f->id, f->type };

	if (sqlite3_column_bytes(st, 0) != UUID_LEN)
		return err_set(&v->err, RC_DAMAGED, "a record has no uuid");
	return open_secret(v, &place, sqlite3_column_blob(st, 1),
	    (size_t)sqlite3_column_bytes(st, 1), out);
}

enum rc
sealed_value(struct vault *v, int64_t record_id, const struct field *f, struct secret **out)
{
	sqlite3_stmt *st = NULL;
	enum rc rc = keyring_need_full(
	    unlocked_keyring(v->unlocked), "open a sealed value", &v->err);

	*out = NULL;
	if (rc == RC_OK)
		rc = sql_prepare(v, "SELECT r.uuid, s.value FROM sealed s JOIN record r"
		    " ON r.id = s.record_id WHERE s.record_id = ?1 AND s.field_id = ?2", &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "ii", record_id, (int64_t)f->id);
	if (rc == RC_OK)
		rc = sql_step(v, st);
	if (rc == RC_OK)
		rc = read_value(v, st, f, out);
	sqlite3_finalize(st);
	return rc;
}

enum rc
sealed_wrap(struct vault *v, const uint8_t uuid[UUID_LEN], uint32_t field_id, const void *p,
    size_t n, uint8_t **out, size_t *out_n)
{
	const struct sealed_place place = { uuid, field_id, 0 };
	uint8_t *bytes = malloc(n + SEALED_OVERHEAD);
	enum rc rc = bytes ? RC_OK : err_default(&v->err, RC_NOMEM);

	*out = NULL;
	*out_n = 0;
	if (rc == RC_OK)
		rc = sealed_close(v, &place, p, n, bytes);
	if (rc != RC_OK) {
		free(bytes);
		return rc;
	}
	*out = bytes;
	*out_n = n + SEALED_OVERHEAD;
	return RC_OK;
}

enum rc
sealed_unwrap(struct vault *v, const uint8_t uuid[UUID_LEN], uint32_t field_id,
    const uint8_t *p, size_t n, struct secret **out)
{
	const struct sealed_place place = { uuid, field_id, 0 };

	return open_secret(v, &place, p, n, out);
}

bool
sealed_old(struct vault *v, const uint8_t *p, size_t n)
{
	const uint32_t epoch = sealed_epoch(p, n);

	return epoch && epoch != keyring_field_epoch(unlocked_keyring(v->unlocked), NULL);
}
