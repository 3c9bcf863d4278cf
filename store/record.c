/*
 * One record: read masked, added, edited, trashed, restored, revealed.
 *
 * 1. All that can be refused is refused before the first write.
 * 2. Each change and its audit entry are one transaction.
 * 3. A masked value is read for the caller only after the entry that tells of it is
 * durable.
 */
#include "store/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/audit.h"
#include "store/record_int.h"

#define SQL_MAX (64 * 1024)

static enum rc
not_there(struct vault *v, int64_t id)
{
	return err_set(&v->err, RC_NOTFOUND, "there is no record %lld in %s",
	    (long long)id, v->path);
}

static enum rc
read_one(struct vault *v, int64_t id, struct record **out)
{
	char *sql = malloc(SQL_MAX);
	sqlite3_stmt *st = NULL;
	struct sql_text t;
	enum rc rc;

	if (!sql)
		return err_default(&v->err, RC_NOMEM);
	sql_text_init(&t, sql, SQL_MAX);
	sql_add(&t, "SELECT ");
	record_columns(v, &t);
	sql_add(&t, " FROM record r WHERE r.id = ?1");
	rc = sql_prepare(v, sql_end(&t), &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", id);
	if (rc == RC_OK)
		rc = sql_step(v, st);
	if (rc == RC_OK)
		rc = record_read(v, st, false, out);
	sqlite3_finalize(st);
	free(sql);
	return rc == RC_NOTFOUND ? not_there(v, id) : rc;
}

enum rc
record_get(struct vault *v, int64_t id, struct record **out)
{
	enum rc rc;

	*out = NULL;
	vault_err_start(v);
	rc = vault_read_begin(v);
	if (rc != RC_OK)
		return rc;
	rc = read_one(v, id, out);
	vault_read_end(v);
	return rc;
}

struct state { /* of a record, without its values */
	uint8_t uuid[16];
	int64_t version, deleted_at;
};

static enum rc
read_state(struct vault *v, int64_t id, struct state *out)
{
	sqlite3_stmt *st;
	enum rc rc;

	memset(out, 0, sizeof *out);
	rc = sql_prepare(v,
	    "SELECT uuid, version, coalesce(deleted_at, 0) FROM record WHERE id = ?1",
	    &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", id);
	if (rc == RC_OK)
		rc = sql_step(v, st);
	if (rc == RC_OK && sqlite3_column_bytes(st, 0) == sizeof out->uuid)
		memcpy(out->uuid, sqlite3_column_blob(st, 0), sizeof out->uuid);
	if (rc == RC_OK) {
		out->version = sqlite3_column_int64(st, 1);
		out->deleted_at = sqlite3_column_int64(st, 2);
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? not_there(v, id) : rc;
}

static enum rc
tell(struct vault *v, enum audit_event event, int64_t id, const char *field,
    int64_t count, const char *reason)
{
	struct audit_entry e = {.event = event,
	    .has_record = true,
	    .field = field,
	    .count = count,
	    .reason = reason};
	struct state s;
	enum rc rc = read_state(v, id, &s);

	if (rc != RC_OK)
		return rc;
	memcpy(e.record_uuid, s.uuid, sizeof e.record_uuid);
	return audit_append(v, &e);
}

struct made { /* changes in their normal form; one block each, wiped when freed */
	struct change *ch;
	size_t n;
};

static void
made_free(struct made *m)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (m->ch[i].text)
			secret_wipe((char *)m->ch[i].text, m->ch[i].len);
		free((char *)m->ch[i].text);
	}
	free(m->ch);
}

static enum rc
make_one(struct vault *v, const struct change *in, struct change *out)
{
	const struct field *f;
	const char *why = NULL;
	size_t n, cap;
	char *text;

	f = field_list(v, &n);
	if (in->index < 0 || (size_t)in->index >= n)
		return err_set(
		    &v->err, RC_INPUT, "there is no such field; see the schema");
	f += in->index;
	out->index = in->index;
	if (!in->text || in->len == 0)
		return RC_OK;
	cap = 2 * in->len + 32;
	out->text = text = malloc(cap);
	if (!text)
		return err_default(&v->err, RC_NOMEM);
	out->len = cap; /* until it is known: what is to be wiped */
	if (!type_normalise(f->type, in->text, in->len, text, cap, &why))
		return err_set(
		    &v->err, RC_INPUT, "%s: %s", f->label, why ? why : "not valid");
	secret_wipe(text + strlen(text), cap - strlen(text));
	out->len = strlen(text);
	return RC_OK;
}

static enum rc
make_all(struct vault *v, const struct change *ch, size_t n, struct made *out)
{
	enum rc rc = RC_OK;
	size_t i;

	out->n = 0;
	out->ch = calloc(n + 1, sizeof *out->ch);
	if (!out->ch)
		return err_default(&v->err, RC_NOMEM);
	for (i = 0; rc == RC_OK && i < n; i++) {
		out->n++;
		rc = make_one(v, &ch[i], &out->ch[i]);
	}
	return rc;
}

static enum rc
missing(struct vault *v, const struct field *f)
{
	return err_set(&v->err, RC_INPUT, "%s is required: give it a value", f->label);
}

/* All values of a new record, in the order of the fields; the last one given counts. */
static enum rc
spread(struct vault *v, const struct made *m, struct record_value *cells)
{
	const struct field *f;
	size_t i, n;

	f = field_list(v, &n);
	for (i = 0; i < m->n; i++) {
		cells[m->ch[i].index].text = m->ch[i].text;
		cells[m->ch[i].index].len = m->ch[i].len;
	}
	for (i = 0; i < n; i++)
		if (f[i].required && cells[i].len == 0)
			return missing(v, &f[i]);
	return RC_OK;
}

static enum rc
add(struct vault *v, const struct made *m, int64_t *id)
{
	struct record_writer *w = NULL;
	struct record_value *cells;
	enum rc rc;
	size_t n;

	field_list(v, &n);
	cells = calloc(n + 1, sizeof *cells);
	if (!cells)
		return err_default(&v->err, RC_NOMEM);
	rc = spread(v, m, cells);
	if (rc == RC_OK)
		rc = record_writer_new(v, &w);
	if (rc == RC_OK)
		rc = record_writer_add(w, cells, id);
	if (rc == RC_OK)
		rc = tell(v, AUDIT_ADDED, *id, NULL, -1, NULL);
	record_writer_free(w);
	free(cells);
	return rc;
}

enum rc
record_add(struct vault *v, const struct change *ch, size_t n, int64_t *id)
{
	struct made m = {NULL, 0};
	int64_t made_id = 0;
	enum rc rc;
	bool own;

	*id = 0;
	vault_err_start(v);
	rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	rc = make_all(v, ch, n, &m);
	if (rc == RC_OK)
		rc = add(v, &m, &made_id);
	rc = vault_leave(v, own, rc);
	made_free(&m);
	if (rc == RC_OK)
		*id = made_id;
	return rc;
}

static enum rc
check_edit(struct vault *v, int64_t id, int64_t version, const struct made *m)
{
	const struct field *f;
	struct state s;
	enum rc rc = read_state(v, id, &s);
	size_t i, n;

	if (rc != RC_OK)
		return rc;
	if (s.version != version)
		return err_set(&v->err, RC_BUSY,
		    "record %lld has been changed since it was read: look at it again, "
		    "then edit",
		    (long long)id);
	f = field_list(v, &n);
	for (i = 0; i < m->n; i++)
		if (f[m->ch[i].index].required && m->ch[i].len == 0)
			return missing(v, &f[m->ch[i].index]);
	return RC_OK;
}

static enum rc
edit(struct vault *v, int64_t id, int64_t version, const struct made *m)
{
	struct record_writer *w = NULL;
	const struct field *f;
	enum rc rc;
	size_t n;

	rc = check_edit(v, id, version, m);
	if (rc == RC_OK)
		rc = record_writer_new(v, &w);
	if (rc == RC_OK)
		rc = record_writer_edit(w, id, m->ch, m->n);
	f = field_list(v, &n);
	if (rc == RC_OK)
		rc = tell(v, AUDIT_CHANGED, id, m->n == 1 ? f[m->ch[0].index].name : NULL,
		    (int64_t)m->n, NULL);
	record_writer_free(w);
	return rc;
}

enum rc
record_edit(
    struct vault *v, int64_t id, int64_t version, const struct change *ch, size_t n)
{
	struct made m = {NULL, 0};
	enum rc rc;
	bool own;

	vault_err_start(v);
	rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	rc = make_all(v, ch, n, &m);
	if (rc == RC_OK)
		rc = edit(v, id, version, &m);
	rc = vault_leave(v, own, rc);
	made_free(&m);
	return rc;
}

static enum rc
move(struct vault *v, int64_t id, bool to_trash)
{
	struct state s;
	enum rc rc = read_state(v, id, &s);

	if (rc == RC_OK && (s.deleted_at != 0) == to_trash)
		rc = err_set(&v->err, RC_INPUT, "record %lld is %s the trash%s",
		    (long long)id, to_trash ? "in" : "not in",
		    to_trash ? " already" : "");
	if (rc == RC_OK)
		rc = sql_run(v,
		    "UPDATE record SET deleted_at = nullif(?2, 0) WHERE id = ?1", "ii",
		    id, to_trash ? vault_now() : (int64_t)0);
	if (rc == RC_OK)
		rc = tell(
		    v, to_trash ? AUDIT_TRASHED : AUDIT_RESTORED, id, NULL, -1, NULL);
	return rc;
}

static enum rc
move_alone(struct vault *v, int64_t id, bool to_trash)
{
	enum rc rc;
	bool own;

	vault_err_start(v);
	rc = vault_join(v, &own);
	return rc == RC_OK ? vault_leave(v, own, move(v, id, to_trash)) : rc;
}

enum rc
record_trash(struct vault *v, int64_t id)
{
	return move_alone(v, id, true);
}

enum rc
record_restore(struct vault *v, int64_t id)
{
	return move_alone(v, id, false);
}

/* The entry, in a transaction of its own: it must be durable, not only written. */
static enum rc
tell_reveal(struct vault *v, int64_t id, const struct field *f, const char *reason)
{
	enum rc rc;
	bool own;

	if (v->in_tx)
		return err_set(&v->err, RC_INTERNAL,
		    "a value can't be revealed while a transaction is open");
	if (v->readonly)
		return err_set(&v->err, RC_READONLY,
		    "%s is open for reading only, so that a reveal could not be "
		    "recorded: copy it "
		    "to a place where you may write",
		    v->path);
	rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	return vault_leave(v, own, tell(v, AUDIT_REVEALED, id, f->name, -1, reason));
}

static enum rc
read_value(struct vault *v, int64_t id, const struct field *f, struct secret **out)
{
	const void *text;
	char sql[80];
	sqlite3_stmt *st;
	enum rc rc;

	snprintf(sql, sizeof sql, "SELECT f_%d FROM record WHERE id = ?1", f->id);
	rc = sql_prepare(v, sql, &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", id);
	if (rc == RC_OK)
		rc = sql_step(v, st);
	if (rc == RC_OK) {
		text = sqlite3_column_text(st, 0);
		rc = secret_from(
		    text ? text : "", (size_t)sqlite3_column_bytes(st, 0), out);
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? not_there(v, id) : err_default(&v->err, rc);
}

enum rc
record_reveal(
    struct vault *v, int64_t id, int index, const char *reason, struct secret **out)
{
	const struct field *f;
	enum rc rc = RC_OK;
	size_t n;

	*out = NULL;
	vault_err_start(v);
	f = field_list(v, &n);
	if (index < 0 || (size_t)index >= n)
		return err_set(
		    &v->err, RC_NOTFOUND, "there is no such field; see the schema");
	f += index;
	if (f->cls != CLASS_OPEN)
		rc = tell_reveal(v, id, f, reason);
	return rc == RC_OK ? read_value(v, id, f, out) : rc;
}
