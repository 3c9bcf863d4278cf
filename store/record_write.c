/*
 * Rows of table record in bulk: statements that are prepared once.
 *
 * 1. A value of a sealed field goes to table sealed only; the row has no column for it.
 * 2. record.invalid is how many cells of the record do not parse as their type, whoever wrote
 *    them: an edit takes off what the old values counted and adds what the new ones do.
 * 3. A browse slot is refused before anything of the record is written.
 */

#include <stdlib.h>
#include <string.h>

#include "keyring/crypto.h"
#include "store/record_int.h"
#include "store/schema.h"
#include "store/sealed_int.h"
#include "store/unlocked.h"

#define SQL_MAX  (64 * 1024) /* FIELD_MAX columns fit */
#define UUID_LEN 16

struct record_writer {
	struct vault *v;
	const struct field *fields;
	size_t n;
	sqlite3_stmt *insert;
	sqlite3_stmt *update; /* for the fields in edited */
	sqlite3_stmt *uuid;
	struct sealed_writer *sealed;
	int *edited;
	size_t edited_n;
	char sql[SQL_MAX];
};

static enum rc
prepare_insert(struct record_writer *w)
{
	struct sql_text t;
	int param = 5;
	size_t i;

	sql_text_init(&t, w->sql, SQL_MAX);
	sql_add(&t, "INSERT INTO record(uuid, version, created_at, updated_at, actor, invalid");
	for (i = 0; i < w->n; i++)
		if (w->fields[i].cls != CLASS_SEALED)
			sql_add(&t, ", f_%d", w->fields[i].id);
	sql_add(&t, ") VALUES(?1, 1, ?2, ?2, ?3, ?4");
	for (i = 0; i < w->n; i++)
		if (w->fields[i].cls != CLASS_SEALED)
			sql_add(&t, ", ?%d", param++);
	sql_add(&t, ")");
	return sql_prepare(w->v, sql_end(&t), &w->insert);
}

enum rc
record_writer_new(struct vault *v, struct record_writer **out)
{
	struct record_writer *w;
	enum rc rc;

	*out = NULL;
	rc = schema_settle(v);
	if (rc != RC_OK)
		return rc;
	w = calloc(1, sizeof *w);
	if (!w)
		return err_default(&v->err, RC_NOMEM);
	w->v = v;
	w->fields = field_list(v, &w->n);
	w->edited = calloc(w->n + 1, sizeof *w->edited);
	rc = w->edited ? prepare_insert(w) : err_default(&v->err, RC_NOMEM);
	if (rc == RC_OK)
		rc = sealed_writer_new(v, &w->sealed);
	if (rc != RC_OK) {
		record_writer_free(w);
		return rc;
	}
	*out = w;
	return RC_OK;
}

void
record_writer_free(struct record_writer *w)
{
	if (!w)
		return;
	sqlite3_finalize(w->insert);
	sqlite3_finalize(w->update);
	sqlite3_finalize(w->uuid);
	sealed_writer_free(w->sealed);
	free(w->edited);
	free(w);
}

/* Version 4 (RFC 9562). */
static enum rc
uuid_new(uint8_t uuid[UUID_LEN])
{
	enum rc rc = random_bytes(uuid, UUID_LEN);

	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	return rc;
}

/* An empty value is NULL. The text lives until the statement is reset. */
static int
bind_text(sqlite3_stmt *st, int at, const char *text, size_t len)
{
	if (!text || len == 0)
		return sqlite3_bind_null(st, at);
	return sqlite3_bind_text64(st, at, text, len, SQLITE_STATIC, SQLITE_UTF8);
}

/* A value for a sealed field is refused on a browse slot; an empty one for a new record not. */
static enum rc
may_seal(struct record_writer *w)
{
	return keyring_need_full(
	    unlocked_keyring(w->v->unlocked), "write a sealed value", &w->v->err);
}

/* What can be known before the row is written: whether it may be, and its invalid cells. */
static enum rc
look_at(struct record_writer *w, const struct record_value *cells, int64_t *invalid)
{
	enum rc rc = RC_OK;
	bool bad;
	size_t i;

	*invalid = 0;
	for (i = 0; rc == RC_OK && i < w->n; i++) {
		if (cells[i].len == 0)
			continue;
		if (w->fields[i].cls == CLASS_SEALED)
			rc = may_seal(w);
		if (rc == RC_OK)
			rc = err_default(&w->v->err, record_check_value(w->fields[i].type,
			    cells[i].text, cells[i].len, &bad));
		*invalid += rc == RC_OK && bad;
	}
	return rc;
}

static enum rc
insert_row(struct record_writer *w, const uint8_t *uuid, const struct record_value *cells,
    int64_t invalid)
{
	int code = SQLITE_OK, param = 5;
	enum rc rc;
	size_t i;

	rc = sql_bind(w->v, w->insert, "bizi", uuid, (size_t)UUID_LEN, vault_now(),
	    vault_actor(), invalid);
	for (i = 0; rc == RC_OK && code == SQLITE_OK && i < w->n; i++)
		if (w->fields[i].cls != CLASS_SEALED)
			code = bind_text(w->insert, param++, cells[i].text, cells[i].len);
	if (rc == RC_OK && code != SQLITE_OK)
		rc = sql_code(w->v, code, "a record can't be written");
	return rc == RC_OK ? sql_done(w->v, w->insert) : rc;
}

enum rc
record_writer_add(struct record_writer *w, const struct record_value *cells, int64_t *id)
{
	uint8_t uuid[UUID_LEN];
	int64_t invalid, made;
	enum rc rc;
	size_t i;

	rc = look_at(w, cells, &invalid);
	if (rc == RC_OK)
		rc = err_default(&w->v->err, uuid_new(uuid));
	if (rc == RC_OK)
		rc = insert_row(w, uuid, cells, invalid);
	if (rc == RC_OK)
		rc = sql_new_id(w->v, &made);
	for (i = 0; rc == RC_OK && i < w->n; i++)
		if (w->fields[i].cls == CLASS_SEALED && cells[i].len > 0)
			rc = sealed_writer_put(w->sealed, made, uuid, &w->fields[i], cells[i].text,
			    cells[i].len);
	if (rc == RC_OK)
		*id = made;
	return rc;
}

static bool
same_fields(const struct record_writer *w, const struct change *ch, size_t n)
{
	size_t i;

	if (!w->update || w->edited_n != n)
		return false;
	for (i = 0; i < n; i++)
		if (w->edited[i] != ch[i].index)
			return false;
	return true;
}

/* " - what the old value of the field counted as". */
static void
put_count(struct sql_text *t, const struct field *f)
{
	if (f->cls == CLASS_SEALED)
		sql_add(t, " - ifnull((SELECT invalid FROM sealed WHERE record_id = ?1"
			   " AND field_id = %d), 0)", f->id);
	else
		sql_add(t, " - is_invalid(%d, f_%d)", (int)f->type, f->id);
}

static enum rc
prepare_update(struct record_writer *w, const struct change *ch, size_t n)
{
	struct sql_text t;
	int param = 5;
	size_t i;

	if (n > w->n)
		return err_set(&w->v->err, RC_INPUT, "a field is named twice");
	sqlite3_finalize(w->update);
	w->update = NULL;
	sql_text_init(&t, w->sql, SQL_MAX);
	sql_add(&t, "UPDATE record SET version = version + 1, updated_at = ?2, actor = ?3,"
		    " invalid = invalid + ?4");
	for (i = 0; i < n; i++)
		put_count(&t, &w->fields[ch[i].index]);
	for (i = 0; i < n; i++) {
		w->edited[i] = ch[i].index;
		if (w->fields[ch[i].index].cls != CLASS_SEALED)
			sql_add(&t, ", f_%d = ?%d", w->fields[ch[i].index].id, param++);
	}
	sql_add(&t, " WHERE id = ?1");
	w->edited_n = n;
	return sql_prepare(w->v, sql_end(&t), &w->update);
}

/* The same as look_at, for an edit: to empty a sealed field takes a full slot too. */
static enum rc
look_at_edit(struct record_writer *w, const struct change *ch, size_t n, int64_t *invalid)
{
	enum rc rc = RC_OK;
	bool bad;
	size_t i;

	*invalid = 0;
	for (i = 0; rc == RC_OK && i < n; i++) {
		const struct field *f = &w->fields[ch[i].index];

		if (f->cls == CLASS_SEALED)
			rc = may_seal(w);
		if (rc == RC_OK)
			rc = err_default(&w->v->err, record_check_value(f->type,
			    ch[i].text ? ch[i].text : "", ch[i].len, &bad));
		*invalid += rc == RC_OK && bad;
	}
	return rc;
}

static enum rc
update_row(struct record_writer *w, int64_t id, const struct change *ch, size_t n,
    int64_t invalid)
{
	int code = SQLITE_OK, param = 5;
	enum rc rc;
	size_t i;

	rc = sql_bind(w->v, w->update, "iizi", id, vault_now(), vault_actor(), invalid);
	for (i = 0; rc == RC_OK && code == SQLITE_OK && i < n; i++)
		if (w->fields[ch[i].index].cls != CLASS_SEALED)
			code = bind_text(w->update, param++, ch[i].text, ch[i].len);
	if (code != SQLITE_OK)
		rc = sql_code(w->v, code, "a record can't be changed");
	if (rc == RC_OK)
		rc = sql_done(w->v, w->update);
	if (rc == RC_OK && sqlite3_changes(w->v->db) == 0)
		rc = RC_NOTFOUND;
	return rc;
}

static enum rc
find_uuid(struct record_writer *w, int64_t id, uint8_t uuid[UUID_LEN])
{
	enum rc rc = RC_OK;

	if (!w->uuid)
		rc = sql_prepare(w->v, "SELECT uuid FROM record WHERE id = ?1", &w->uuid);
	if (rc == RC_OK)
		rc = sql_bind(w->v, w->uuid, "i", id);
	if (rc == RC_OK)
		rc = sql_step(w->v, w->uuid);
	if (rc == RC_OK && sqlite3_column_bytes(w->uuid, 0) != UUID_LEN)
		rc = err_set(&w->v->err, RC_DAMAGED, "record %lld has no uuid", (long long)id);
	if (rc == RC_OK)
		memcpy(uuid, sqlite3_column_blob(w->uuid, 0), UUID_LEN);
	if (w->uuid)
		sqlite3_reset(w->uuid);
	return rc;
}

static enum rc
seal_edited(struct record_writer *w, int64_t id, const struct change *ch, size_t n)
{
	uint8_t uuid[UUID_LEN];
	bool known = false;
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < n; i++) {
		const struct field *f = &w->fields[ch[i].index];

		if (f->cls != CLASS_SEALED)
			continue;
		if (!known)
			rc = find_uuid(w, id, uuid);
		known = true;
		if (rc == RC_OK)
			rc = sealed_writer_put(w->sealed, id, uuid, f, ch[i].text, ch[i].len);
	}
	return rc;
}

enum rc
record_writer_edit(
    struct record_writer *w, int64_t id, const struct change *ch, size_t n)
{
	int64_t invalid = 0;
	enum rc rc = look_at_edit(w, ch, n, &invalid);

	if (rc == RC_OK && !same_fields(w, ch, n))
		rc = prepare_update(w, ch, n);
	if (rc == RC_OK)
		rc = update_row(w, id, ch, n, invalid);
	return rc == RC_OK ? seal_edited(w, id, ch, n) : rc;
}
