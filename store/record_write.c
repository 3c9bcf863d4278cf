/* Rows of table record in bulk: statements that are prepared once. */

#include <stdlib.h>
#include <string.h>

#include "keyring/crypto.h"
#include "store/record_int.h"
#include "store/schema.h"

#define SQL_MAX  (64 * 1024) /* FIELD_MAX columns fit */
#define UUID_LEN 16

struct record_writer {
	struct vault *v;
	const struct field *fields;
	size_t n;
	sqlite3_stmt *insert;
	sqlite3_stmt *update; /* for the fields in edited */
	int *edited;
	size_t edited_n;
	char sql[SQL_MAX];
};

static enum rc
prepare_insert(struct record_writer *w)
{
	struct sql_text t;
	size_t i;

	sql_text_init(&t, w->sql, SQL_MAX);
	sql_add(&t, "INSERT INTO record(uuid, version, created_at, updated_at, actor");
	for (i = 0; i < w->n; i++)
		sql_add(&t, ", f_%d", w->fields[i].id);
	sql_add(&t, ") VALUES(?1, 1, ?2, ?2, ?3");
	for (i = 0; i < w->n; i++)
		sql_add(&t, ", ?%d", (int)i + 4);
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

enum rc
record_writer_add(struct record_writer *w, const struct record_value *cells, int64_t *id)
{
	uint8_t uuid[UUID_LEN];
	int code = SQLITE_OK;
	enum rc rc;
	size_t i;

	rc = err_default(&w->v->err, uuid_new(uuid));
	if (rc == RC_OK)
		rc = sql_bind(w->v, w->insert, "biz", uuid, sizeof uuid, vault_now(),
		    vault_actor());
	for (i = 0; code == SQLITE_OK && i < w->n; i++)
		code = bind_text(w->insert, (int)i + 4, cells[i].text, cells[i].len);
	if (rc == RC_OK && code != SQLITE_OK)
		rc = sql_code(w->v, code, "a record can't be written");
	if (rc == RC_OK)
		rc = sql_done(w->v, w->insert);
	if (rc == RC_OK)
		*id = sqlite3_last_insert_rowid(w->v->db);
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

static enum rc
prepare_update(struct record_writer *w, const struct change *ch, size_t n)
{
	struct sql_text t;
	size_t i;

	if (n > w->n)
		return err_set(&w->v->err, RC_INPUT, "a field is named twice");
	sqlite3_finalize(w->update);
	w->update = NULL;
	sql_text_init(&t, w->sql, SQL_MAX);
	sql_add(&t, "UPDATE record SET version = version + 1, updated_at = ?2, actor = ?3");
	for (i = 0; i < n; i++) {
		w->edited[i] = ch[i].index;
		sql_add(&t, ", f_%d = ?%d", w->fields[ch[i].index].id, (int)i + 4);
	}
	sql_add(&t, " WHERE id = ?1");
	w->edited_n = n;
	return sql_prepare(w->v, sql_end(&t), &w->update);
}

enum rc
record_writer_edit(
    struct record_writer *w, int64_t id, const struct change *ch, size_t n)
{
	int code = SQLITE_OK;
	enum rc rc = RC_OK;
	size_t i;

	if (!same_fields(w, ch, n))
		rc = prepare_update(w, ch, n);
	if (rc == RC_OK)
		rc = sql_bind(w->v, w->update, "iiz", id, vault_now(), vault_actor());
	for (i = 0; rc == RC_OK && code == SQLITE_OK && i < n; i++)
		code = bind_text(w->update, (int)i + 4, ch[i].text, ch[i].len);
	if (code != SQLITE_OK)
		rc = sql_code(w->v, code, "a record can't be changed");
	if (rc == RC_OK)
		rc = sql_done(w->v, w->update);
	if (rc == RC_OK && sqlite3_changes(w->v->db) == 0)
		rc = RC_NOTFOUND;
	return rc;
}
