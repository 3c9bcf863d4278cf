/*
 * Records: read, add, edit, trash, restore, reveal, copy.
 *
 * 1. A masked value leaves by record_reveal or record_copy, an old one by history_reveal (or
 *    by an export that was told to reveal it), after the event that tells of it is durable;
 *    everything else carries its masked form.
 * 2. A change and its entry in the audit are one transaction. What is refused is refused
 *    before anything is written.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/audit_int.h"
#include "store/change.h"
#include "store/sealed.h"
#include "store/sensitive.h"
#include "store/unlocked.h"

static enum rc
no_record(struct vault *v, int64_t id)
{
	return err_set(&v->err, RC_NOTFOUND, "there is no record %lld", (long long)id);
}

static enum rc
get(struct vault *v, int64_t id, struct record **out)
{
	const size_t cap = 64 * 1024;
	char *buf = malloc(cap);
	struct sql_text t;
	sqlite3_stmt *st = NULL;
	enum rc rc = buf ? RC_OK : err_default(&v->err, RC_NOMEM);

	if (rc == RC_OK) {
		sql_text_init(&t, buf, cap);
		sql_add(&t, "SELECT ");
		record_columns(v, &t);
		sql_add(&t, " FROM record r WHERE r.id = ?1");
		rc = sql_prepare(v, sql_end(&t), &st);
	}
	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", id);
	if (rc == RC_OK && (rc = sql_step(v, st)) == RC_NOTFOUND)
		rc = no_record(v, id);
	if (rc == RC_OK)
		rc = record_read(v, st, false, out);
	sqlite3_finalize(st);
	free(buf);
	return rc;
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
	rc = get(v, id, out);
	vault_read_end(v);
	return rc;
}

void
record_normal_free(struct record_normal *m)
{
	if (m->text)
		secret_wipe(m->text, m->cap);
	free(m->text);
	free(m->ch);
}

static enum rc
not_valid(struct vault *v, const struct field *f, const char *why)
{
	return err_set(&v->err, RC_INPUT, "%s: %s", f->label, why);
}

/* One change to ${at}; ${at} goes on behind it. */
static enum rc
normalise_one(struct vault *v, const struct change *in, struct change *out, char **at)
{
	const struct field *f;
	const char *why = "not valid";
	size_t n, cap = 2 * in->len + 32;

	f = field_list(v, &n);
	if (in->index < 0 || (size_t)in->index >= n)
		return err_set(&v->err, RC_INPUT, "the vault has no such field");
	f += in->index;
	if (in->len > RECORD_VALUE_MAX)
		return not_valid(v, f, "longer than a mebibyte; shorten it");
	if (in->text && strlen(in->text) != in->len)
		return not_valid(v, f, "it holds a NUL character");
	if (!type_normalise(f->type, in->text ? in->text : "", in->len, *at, cap, &why))
		return not_valid(v, f, why);
	if (sensitive_track(*at, strlen(*at)))
		return not_valid(v, f, "a card's track must not be stored: take it out");
	if (f->required && **at == '\0')
		return not_valid(v, f, "required; give a value");
	*out = (struct change){ in->index, *at, strlen(*at) };
	*at += cap;
	return RC_OK;
}

enum rc
record_normalise(
    struct vault *v, const struct change *ch, size_t n, struct record_normal *out)
{
	enum rc rc = RC_OK;
	char *at;
	size_t i;

	memset(out, 0, sizeof *out);
	for (i = 0; i < n; i++)
		out->cap += 2 * ch[i].len + 32;
	out->ch = calloc(n + 1, sizeof *out->ch);
	out->text = at = calloc(1, out->cap + 1);
	if (!out->ch || !out->text)
		return err_default(&v->err, RC_NOMEM);
	for (i = 0; rc == RC_OK && i < n; i++)
		rc = normalise_one(v, &ch[i], &out->ch[i], &at);
	out->n = i;
	return rc;
}

/* The changes as one value for each field; a required one that is missing is refused. */
static enum rc
spread(struct vault *v, const struct record_normal *m, struct record_value **out)
{
	const struct field *f;
	size_t i, n;

	f = field_list(v, &n);
	*out = calloc(n + 1, sizeof **out);
	if (!*out)
		return err_default(&v->err, RC_NOMEM);
	for (i = 0; i < m->n; i++)
		(*out)[m->ch[i].index] =
		    (struct record_value){ m->ch[i].text, m->ch[i].len };
	for (i = 0; i < n; i++)
		if (f[i].required && (*out)[i].len == 0)
			return not_valid(v, &f[i], "required; give a value");
	return RC_OK;
}

static enum rc
insert(struct vault *v, const struct record_value *values, int64_t *id)
{
	struct record_writer *w;
	struct changer *c = NULL;
	struct record_facts facts;
	enum rc rc;

	rc = record_writer_new(v, &w);
	if (rc == RC_OK)
		rc = record_writer_add(w, values, id);
	record_writer_free(w);
	if (rc == RC_OK)
		rc = record_facts(v, *id, &facts);
	if (rc == RC_OK)
		rc = changer_new(v, "add", &c);
	if (rc == RC_OK)
		rc = changer_added(c, &facts);
	changer_free(c);
	if (rc == RC_OK)
		rc = audit_record(v, AUDIT_ADDED, facts.uuid, NULL, -1, NULL);
	return rc;
}

enum rc
record_add(struct vault *v, const struct change *ch, size_t n, int64_t *id)
{
	size_t field_n;
	const struct field *fields = field_list(v, &field_n);
	struct record_value *values = NULL;
	struct record_normal m = { 0 };
	bool own;
	enum rc rc;

	*id = 0;
	vault_err_start(v);
	rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	rc = field_same(v, fields, field_n);
	if (rc == RC_OK)
		rc = record_normalise(v, ch, n, &m);
	if (rc == RC_OK)
		rc = spread(v, &m, &values);
	if (rc == RC_OK)
		rc = insert(v, values, id);
	free(values);
	record_normal_free(&m);
	return vault_leave(v, own, rc);
}

static enum rc
update(struct vault *v, struct record_facts *facts, const struct record_normal *m)
{
	const struct record_change ch = { .fields = m->ch, .field_n = m->n };
	const struct field *f;
	bool changed = false;
	size_t n;
	enum rc rc;

	f = field_list(v, &n);
	rc = change_one(v, "edit", facts, &ch, &changed);
	if (rc == RC_OK && changed)
		rc = audit_record(v, AUDIT_CHANGED, facts->uuid,
		    m->n == 1 ? f[m->ch[0].index].name : NULL, m->n == 1 ? -1 : (int64_t)m->n,
		    NULL);
	return rc;
}

static enum rc
check_edit(struct vault *v, int64_t id, int64_t version, struct record_facts *facts)
{
	enum rc rc = record_facts(v, id, facts);

	if (rc == RC_OK && facts->deleted_at)
		rc = err_set(&v->err, RC_INPUT, "record %lld is in the trash; restore it first",
		    (long long)id);
	if (rc == RC_OK && facts->version != version)
		rc = err_set(&v->err, RC_BUSY,
		    "record %lld was changed by somebody else meanwhile; look at it again",
		    (long long)id);
	return rc;
}

enum rc
record_edit(struct vault *v, int64_t id, int64_t version, const struct change *ch, size_t n)
{
	size_t field_n;
	const struct field *fields = field_list(v, &field_n);
	struct record_normal m = { 0 };
	struct record_facts facts;
	bool own;
	enum rc rc;

	vault_err_start(v);
	rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	rc = field_same(v, fields, field_n);
	if (rc == RC_OK)
		rc = check_edit(v, id, version, &facts);
	if (rc == RC_OK)
		rc = record_normalise(v, ch, n, &m);
	if (rc == RC_OK && n > 0)
		rc = update(v, &facts, &m);
	record_normal_free(&m);
	return vault_leave(v, own, rc);
}

/* To the trash, or back from it. */
static enum rc
move(struct vault *v, int64_t id, bool trash)
{
	const struct record_change ch = { .trash = true, .deleted_at = trash ? vault_now() : 0 };
	struct record_facts facts;
	bool own;
	enum rc rc;

	vault_err_start(v);
	rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	rc = record_facts(v, id, &facts);
	if (rc == RC_OK && (facts.deleted_at != 0) == trash)
		rc = err_set(&v->err, RC_INPUT, trash ? "record %lld is in the trash already"
						      : "record %lld is not in the trash",
		    (long long)id);
	if (rc == RC_OK)
		rc = change_one(v, trash ? "trash" : "restore", &facts, &ch, NULL);
	if (rc == RC_OK)
		rc = audit_record(v, trash ? AUDIT_TRASHED : AUDIT_RESTORED, facts.uuid, NULL, -1,
		    NULL);
	return vault_leave(v, own, rc);
}

enum rc
record_trash(struct vault *v, int64_t id)
{
	return move(v, id, true);
}

enum rc
record_restore(struct vault *v, int64_t id)
{
	return move(v, id, false);
}

/* The event, durable: in a transaction of its own, and of the fields that we looked at. */
static enum rc
announce(struct vault *v, int64_t id, const char *field, enum audit_event event,
    const char *reason)
{
	size_t n;
	const struct field *fields = field_list(v, &n);
	struct record_facts facts;
	enum rc rc;

	if (v->in_tx)
		return err_set(&v->err, RC_INTERNAL, "a value is revealed outside of changes only");
	rc = vault_begin(v);
	if (rc != RC_OK)
		return rc;
	rc = field_same(v, fields, n);
	if (rc == RC_OK)
		rc = record_facts(v, id, &facts);
	if (rc == RC_OK)
		rc = audit_record(v, event, facts.uuid, field, -1, reason);
	return vault_leave(v, true, rc);
}

static enum rc
read_column(struct vault *v, int64_t id, int field, struct secret **out)
{
	char sql[64];
	sqlite3_stmt *st;
	enum rc rc;

	snprintf(sql, sizeof sql, "SELECT f_%d FROM record WHERE id = ?1", field);
	rc = sql_prepare(v, sql, &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", id);
	if (rc == RC_OK && (rc = sql_step(v, st)) == RC_NOTFOUND)
		rc = no_record(v, id);
	if (rc == RC_OK)
		rc = secret_from(sqlite3_column_text(st, 0),
		    (size_t)sqlite3_column_bytes(st, 0), out);
	sqlite3_finalize(st);
	return err_default(&v->err, rc);
}

static enum rc
read_value(struct vault *v, int64_t id, const struct field *f, struct secret **out)
{
	enum rc rc;

	if (f->cls != CLASS_SEALED)
		return read_column(v, id, f->id, out);
	rc = sealed_value(v, id, f, out);
	return rc == RC_NOTFOUND ? err_default(&v->err, secret_from("", 0, out)) : rc;
}

/* The field, if this session may have its value. */
static enum rc
may_take(struct vault *v, int index, const char *verb, const struct field **out)
{
	enum rc rc = field_at(v, index, out);
	char what[40];

	if (rc != RC_OK || (*out)->cls == CLASS_OPEN)
		return rc;
	snprintf(what, sizeof what, "%s a %s value", verb, class_name((*out)->cls));
	return keyring_need_full(unlocked_keyring(v->unlocked), what, &v->err);
}

enum rc
record_reveal(
    struct vault *v, int64_t id, int index, const char *reason, struct secret **out)
{
	const struct field *f;
	enum rc rc;

	*out = NULL;
	vault_err_start(v);
	rc = may_take(v, index, "reveal", &f);
	if (rc == RC_OK && f->cls != CLASS_OPEN)
		rc = announce(v, id, f->name, AUDIT_REVEALED, reason);
	return rc == RC_OK ? read_value(v, id, f, out) : rc;
}

enum rc
record_copy(
    struct vault *v, int64_t id, int index, const char *reason, struct secret **out)
{
	char told[AUDIT_REASON_MAX + 32]; /* what is too long is refused, not cut */
	const struct field *f;
	enum rc rc;

	*out = NULL;
	vault_err_start(v);
	rc = may_take(v, index, "copy", &f);
	if (rc != RC_OK)
		return rc;
	snprintf(told, sizeof told, "%s%s%s", class_name(f->cls),
	    reason && *reason ? ": " : "", reason ? reason : "");
	rc = announce(v, id, f->name, AUDIT_COPIED, told);
	if (rc == RC_OK)
		rc = read_value(v, id, f, out);
	if (rc == RC_OK && secret_len(*out) == 0) {
		secret_free(*out);
		*out = NULL;
		rc = err_set(
		    &v->err, RC_INPUT, "%s is empty: nothing was copied", f->name);
	}
	return rc;
}
