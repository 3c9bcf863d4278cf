/*
 * Rows to records, and records to rows.
 *
 * 1. A record is one block of memory, which record_free wipes as a whole.
 * 2. The value of a masked field is in a record only where the caller asked for it (raw).
 */
#include <stdlib.h>
#include <string.h>

#include "keyring/crypto.h"
#include "keyring/secret.h"
#include "store/record_int.h"

#define SQL_MAX	  (64 * 1024) /* FIELD_MAX columns fit */
#define FIXED	  7	      /* columns of record_columns before the fields */
#define MASK_ROOM 64	      /* a mask may be longer than a short value */
#define SCRATCH	  1024	      /* on the stack, for most values */

struct block {
	size_t size; /* in all */
	struct record record;
};

static struct block *
block_of(struct record *r)
{
	return (struct block *)(void *)((char *)r - offsetof(struct block, record));
}

void
record_columns(const struct vault *v, struct sql_text *t)
{
	const struct field *f;
	size_t i, n;

	sql_add(t, "r.id, r.uuid, r.version, r.created_at, r.updated_at, "
		   "coalesce(r.deleted_at, 0), r.actor");
	f = field_list(v, &n);
	for (i = 0; i < n; i++)
		sql_add(t, ", r.f_%d", f[i].id);
}

static size_t
column_len(sqlite3_stmt *st, int column)
{
	sqlite3_column_text(st, column); /* first: it decides what the length is of */
	return (size_t)sqlite3_column_bytes(st, column);
}

static size_t
room_for(sqlite3_stmt *st, size_t n)
{
	size_t room = column_len(st, FIXED - 1) + 1, i;

	for (i = 0; i < n; i++)
		room += column_len(st, FIXED + (int)i) + MASK_ROOM + 1;
	return room;
}

/* These take any text, so that there is nothing to find out. */
static bool
takes_all(enum field_type t)
{
	return t == TYPE_TEXT || t == TYPE_NAME || t == TYPE_NOTE;
}

static bool
is_valid(enum field_type t, const char *text, size_t len)
{
	char scratch[SCRATCH], *out = scratch;
	size_t cap = 2 * len + 32;
	bool valid;

	if (len == 0 || takes_all(t))
		return true;
	if (cap > sizeof scratch)
		out = malloc(cap);
	if (!out)
		return true;
	valid = type_normalise(t, text, len, out, cap, NULL);
	secret_wipe(out, cap);
	if (out != scratch)
		free(out);
	return valid;
}

/* Make ${c} at ${at}; returns where the next text may stand. */
static char *
read_cell(sqlite3_stmt *st, int column, const struct field *f, bool raw, struct cell *c,
    char *at)
{
	const char *text = (const char *)sqlite3_column_text(st, column);
	size_t len = (size_t)sqlite3_column_bytes(st, column);

	if (!text)
		text = "";
	c->text = at;
	c->invalid = !is_valid(f->type, text, len);
	c->masked = f->cls != CLASS_OPEN && !raw && len > 0;
	if (c->masked) {
		type_mask(f->type, text, len, at, len + MASK_ROOM);
		len = strlen(at);
	} else {
		memcpy(at, text, len);
	}
	at[len] = '\0';
	c->len = len;
	return at + len + 1;
}

static char *
read_head(sqlite3_stmt *st, struct record *r, char *at)
{
	const void *uuid = sqlite3_column_blob(st, 1);
	size_t len = column_len(st, FIXED - 1);

	r->id = sqlite3_column_int64(st, 0);
	if (uuid && sqlite3_column_bytes(st, 1) == sizeof r->uuid)
		memcpy(r->uuid, uuid, sizeof r->uuid);
	r->version = sqlite3_column_int64(st, 2);
	r->created_at = sqlite3_column_int64(st, 3);
	r->updated_at = sqlite3_column_int64(st, 4);
	r->deleted_at = sqlite3_column_int64(st, 5);
	r->actor = at;
	if (len)
		memcpy(at, sqlite3_column_text(st, FIXED - 1), len);
	at[len] = '\0';
	return at + len + 1;
}

enum rc
record_read(struct vault *v, sqlite3_stmt *st, bool raw, struct record **out)
{
	const struct field *f;
	struct block *b;
	size_t n, i, size;
	char *at;

	*out = NULL;
	f = field_list(v, &n);
	if (sqlite3_column_count(st) < FIXED + (int)n)
		return err_set(
		    &v->err, RC_INTERNAL, "the fields changed while a record was read");
	size = sizeof *b + n * sizeof *b->record.cells + room_for(st, n);
	b = calloc(1, size);
	if (!b)
		return err_default(&v->err, RC_NOMEM);
	b->size = size;
	b->record.n = n;
	b->record.cells = (struct cell *)(void *)(b + 1);
	at = read_head(st, &b->record, (char *)(b->record.cells + n));
	for (i = 0; i < n; i++)
		at = read_cell(st, FIXED + (int)i, &f[i], raw, &b->record.cells[i], at);
	*out = &b->record;
	return RC_OK;
}

void
record_free(struct record *r)
{
	struct block *b;

	if (!r)
		return;
	b = block_of(r);
	secret_wipe(b, b->size);
	free(b);
}

struct record_writer {
	struct vault *v;
	sqlite3_stmt *insert;
	const struct field *fields;
	size_t n;
	char sql[SQL_MAX];
};

enum { AT_UUID = 1, AT_NOW, AT_ACTOR, AT_FIELDS };

enum rc
record_writer_new(struct vault *v, struct record_writer **out)
{
	struct record_writer *w = malloc(sizeof *w);
	struct sql_text t;
	enum rc rc;
	size_t i;

	*out = NULL;
	if (!w)
		return err_default(&v->err, RC_NOMEM);
	w->v = v;
	w->fields = field_list(v, &w->n);
	sql_text_init(&t, w->sql, sizeof w->sql);
	sql_add(&t, "INSERT INTO record(uuid, version, created_at, updated_at, actor");
	for (i = 0; i < w->n; i++)
		sql_add(&t, ", f_%d", w->fields[i].id);
	sql_add(&t, ") VALUES(?%d, 1, ?%d, ?%d, ?%d", AT_UUID, AT_NOW, AT_NOW, AT_ACTOR);
	for (i = 0; i < w->n; i++)
		sql_add(&t, ", ?%d", AT_FIELDS + (int)i);
	sql_add(&t, ")");
	rc = sql_prepare(v, sql_end(&t), &w->insert);
	if (rc != RC_OK) {
		free(w);
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
	free(w);
}

static enum rc
bind_value(
    struct record_writer *w, sqlite3_stmt *st, int at, const char *text, size_t len)
{
	int code = text && len ? sqlite3_bind_text64(
				     st, at, text, len, SQLITE_STATIC, SQLITE_UTF8)
			       : sqlite3_bind_null(st, at);

	return sql_code(w->v, code, "write a record");
}

/* A random UUID, version 4 (RFC 9562, section 5.4). */
static enum rc
new_uuid(uint8_t uuid[16])
{
	enum rc rc = random_bytes(uuid, 16);

	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	return rc;
}

enum rc
record_writer_add(struct record_writer *w, const struct record_value *cells, int64_t *id)
{
	uint8_t uuid[16];
	enum rc rc;
	size_t i;

	rc = err_default(&w->v->err, new_uuid(uuid));
	if (rc == RC_OK)
		rc = sql_bind(w->v, w->insert, "biz", uuid, sizeof uuid, vault_now(),
		    vault_actor());
	for (i = 0; rc == RC_OK && i < w->n; i++)
		rc = bind_value(
		    w, w->insert, AT_FIELDS + (int)i, cells[i].text, cells[i].len);
	if (rc == RC_OK)
		rc = sql_done(w->v, w->insert);
	if (rc == RC_OK && id)
		*id = sqlite3_last_insert_rowid(w->v->db);
	return rc;
}

static enum rc
prepare_edit(
    struct record_writer *w, const struct change *ch, size_t n, sqlite3_stmt **out)
{
	struct sql_text t;
	size_t i;

	sql_text_init(&t, w->sql, sizeof w->sql);
	sql_add(
	    &t, "UPDATE record SET version = version + 1, updated_at = ?2, actor = ?3");
	for (i = 0; i < n; i++)
		sql_add(
		    &t, ", f_%d = ?%d", w->fields[ch[i].index].id, AT_FIELDS + (int)i);
	sql_add(&t, " WHERE id = ?1");
	return sql_prepare(w->v, sql_end(&t), out);
}

enum rc
record_writer_edit(struct record_writer *w, int64_t id, const struct change *ch, size_t n)
{
	sqlite3_stmt *st;
	enum rc rc;
	size_t i;

	rc = prepare_edit(w, ch, n, &st);
	if (rc == RC_OK)
		rc = sql_bind(w->v, st, "iiz", id, vault_now(), vault_actor());
	for (i = 0; rc == RC_OK && i < n; i++)
		rc = bind_value(w, st, AT_FIELDS + (int)i, ch[i].text, ch[i].len);
	if (rc == RC_OK)
		rc = sql_done(w->v, st);
	sqlite3_finalize(st);
	if (rc == RC_OK && sqlite3_changes(w->v->db) == 0)
		rc = RC_NOTFOUND;
	return rc;
}
