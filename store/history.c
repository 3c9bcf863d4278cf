/*
 * The versions of a record.
 *
 * 1. An old value leaves masked by the class that its field has now; a sealed one as the hint
 *    that stood beside it.
 * 2. A reveal is written to the audit, durably, before the old value is opened.
 */
#include "store/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/audit_int.h"
#include "store/delta.h"
#include "store/rewind.h"
#include "store/sealed.h"
#include "store/unlocked.h"

static enum rc
damaged(struct vault *v, int64_t id)
{
	return err_set(
	    &v->err, RC_DAMAGED, "the history of record %lld is damaged", (long long)id);
}

struct listing { /* one entry at a time */
	struct vault *v;
	struct history_item *items;
	size_t n, cap;
	char *text; /* what the items point into */
	size_t text_n, text_cap;
};

static size_t
masked_cap(size_t len)
{
	return 4 * len + 32;
}

static const struct field *
field_of(struct vault *v, int id, int *index)
{
	size_t i, n;
	const struct field *f = field_list(v, &n);

	for (i = 0; i < n; i++)
		if (f[i].id == id) {
			*index = (int)i;
			return &f[i];
		}
	*index = -1;
	return NULL;
}

/* The old value as it may be shown. What a dropped field held is not. */
static void
show_value(struct listing *l, const struct delta_item *in, struct history_item *out, char *at)
{
	const struct field *f = field_of(l->v, in->field, &out->index);
	const char *from = (const char *)in->at;
	size_t len = in->len;

	out->masked = len > 0 && (!f || f->cls != CLASS_OPEN || in->kind == DELTA_SEALED);
	if (in->kind == DELTA_SEALED)
		from = delta_hint(in, &len);
	if (!f)
		len = 0;
	if (f && in->kind == DELTA_TEXT && out->masked)
		type_mask(f->type, from, len, at, masked_cap(len));
	else if (len)
		memcpy(at, from, len);
}

static void
show_item(struct listing *l, const struct delta_item *in)
{
	struct history_item *out = &l->items[l->n++];
	char *at = l->text + l->text_n;

	memset(out, 0, sizeof *out);
	memset(at, 0, masked_cap(in->len));
	out->index = -1;
	switch (in->kind) {
	case DELTA_TEXT:
	case DELTA_SEALED:
		out->what = HISTORY_VALUE;
		show_value(l, in, out, at);
		break;
	case DELTA_TAGGED:
	case DELTA_UNTAGGED:
		out->what = in->kind == DELTA_TAGGED ? HISTORY_TAGGED : HISTORY_UNTAGGED;
		memcpy(at, in->at, in->len);
		break;
	case DELTA_TRASH:
		out->time = delta_time(in);
		out->what = out->time ? HISTORY_RESTORED : HISTORY_TRASHED;
		break;
	case DELTA_KEEP:
		out->time = delta_time(in);
		out->what = HISTORY_KEEP;
		break;
	case DELTA_ADDED:
		out->what = HISTORY_ADDED;
	}
	out->text = at;
	out->len = strlen(at);
	l->text_n += masked_cap(in->len);
}

static enum rc
count_items(const void *bytes, size_t len, size_t *n, size_t *text)
{
	struct delta_item item = { 0 };
	const uint8_t *at;
	size_t left;
	enum rc rc = delta_begin(bytes, len, &at, &left);

	*n = *text = 0;
	while (rc == RC_OK && (rc = delta_next(&at, &left, &item)) == RC_OK) {
		++*n;
		*text += masked_cap(item.len);
	}
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static void
listing_clear(struct listing *l)
{
	if (l->text)
		secret_wipe(l->text, l->text_cap);
	free(l->text);
	free(l->items);
	l->text = NULL;
	l->items = NULL;
	l->n = l->text_n = 0;
}

static enum rc
show_items(struct listing *l, const void *bytes, size_t len)
{
	struct delta_item item = { 0 };
	const uint8_t *at;
	size_t left, n;
	enum rc rc = count_items(bytes, len, &n, &l->text_cap);

	if (rc != RC_OK)
		return rc;
	l->items = calloc(n + 1, sizeof *l->items);
	l->text = malloc(l->text_cap + 1);
	if (!l->items || !l->text)
		return err_default(&l->v->err, RC_NOMEM);
	rc = delta_begin(bytes, len, &at, &left);
	while (rc == RC_OK && delta_next(&at, &left, &item) == RC_OK)
		show_item(l, &item);
	return rc;
}

static enum rc
list(struct vault *v, sqlite3_stmt *st, history_each_fn *each, void *arg)
{
	struct listing l = { .v = v };
	struct history_entry e;
	bool more = true;
	enum rc rc = RC_OK;

	while (more && rc == RC_OK && (rc = sql_step(v, st)) == RC_OK) {
		e.version = sqlite3_column_int64(st, 0);
		e.at = sqlite3_column_int64(st, 1);
		e.actor = (const char *)sqlite3_column_text(st, 2);
		e.step = (const char *)sqlite3_column_text(st, 3);
		rc = show_items(&l, sqlite3_column_blob(st, 4),
		    (size_t)sqlite3_column_bytes(st, 4));
		if (rc == RC_DAMAGED)
			damaged(v, sqlite3_column_int64(st, 5));
		e.n = l.n;
		e.items = l.items;
		more = rc == RC_OK && each(arg, &e);
		listing_clear(&l);
	}
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
history_list(struct vault *v, int64_t id, int64_t before, int limit, history_each_fn *each,
    void *arg)
{
	struct record_facts facts;
	sqlite3_stmt *st = NULL;
	enum rc rc;

	vault_err_start(v);
	rc = vault_read_begin(v);
	if (rc != RC_OK)
		return rc;
	rc = record_facts(v, id, &facts);
	if (rc == RC_OK)
		rc = sql_prepare(v,
		    "SELECT h.version, h.at, h.actor, coalesce(s.name, ''), h.change, h.record_id"
		    " FROM history h LEFT JOIN step s ON s.id = h.step"
		    " WHERE h.record_id = ?1 AND (?2 = 0 OR h.version < ?2)"
		    " ORDER BY h.version DESC LIMIT ?3", &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "iii", id, before, limit > 0 ? (int64_t)limit : -1);
	if (rc == RC_OK)
		rc = list(v, st, each, arg);
	sqlite3_finalize(st);
	vault_read_end(v);
	return rc;
}

/* The event, durable, in a transaction of its own; only for a version that has a value. */
static enum rc
announce(struct vault *v, const struct record_facts *facts, int64_t version,
    const char *field, const char *reason)
{
	char text[AUDIT_REASON_MAX + 1];
	enum rc rc;

	if (v->in_tx)
		return err_set(&v->err, RC_INTERNAL, "a value is revealed outside of changes only");
	rc = audit_reason(v, text, "as before version %lld: %s", (long long)version,
	    reason ? reason : "");
	if (rc == RC_OK)
		rc = vault_begin(v);
	if (rc != RC_OK)
		return rc;
	return vault_leave(v, true,
	    audit_record(v, AUDIT_REVEALED, facts->uuid, field, -1, text));
}

/* The item of ${field} in the row that ${st} stands on; RC_NOTFOUND without one. */
static enum rc
find_item(sqlite3_stmt *st, int field, struct delta_item *item)
{
	const uint8_t *at;
	size_t left;
	enum rc rc = delta_begin(sqlite3_column_blob(st, 0),
	    (size_t)sqlite3_column_bytes(st, 0), &at, &left);

	while (rc == RC_OK && (rc = delta_next(&at, &left, item)) == RC_OK)
		if (item->field == field &&
		    (item->kind == DELTA_TEXT || item->kind == DELTA_SEALED))
			return RC_OK;
	return rc;
}

static enum rc
open_item(struct vault *v, const struct record_facts *facts, const struct delta_item *item,
    struct secret **out)
{
	const uint8_t *sealed;
	size_t len;

	if (item->kind == DELTA_TEXT || item->len == 0)
		return err_default(&v->err, secret_from(item->at, item->len, out));
	sealed = delta_sealed(item, &len);
	return sealed_unwrap(v, facts->uuid, (uint32_t)item->field, sealed, len, out);
}

static enum rc
find_row(struct vault *v, int64_t id, int64_t version, const struct field *f,
    sqlite3_stmt **st, struct delta_item *item)
{
	enum rc rc = sql_prepare(
	    v, "SELECT change FROM history WHERE record_id = ?1 AND version = ?2", st);

	if (rc == RC_OK)
		rc = sql_bind(v, *st, "ii", id, version);
	if (rc == RC_OK)
		rc = sql_step(v, *st);
	if (rc == RC_OK)
		rc = find_item(*st, f->id, item);
	if (rc == RC_DAMAGED)
		return damaged(v, id);
	if (rc == RC_NOTFOUND)
		err_set(&v->err, rc, "version %lld of record %lld did not change %s",
		    (long long)version, (long long)id, f->label);
	return rc;
}

enum rc
history_reveal(struct vault *v, int64_t id, int64_t version, int index, const char *reason,
    struct secret **out)
{
	const struct field *f;
	struct record_facts facts;
	struct delta_item item = { 0 };
	sqlite3_stmt *st = NULL;
	bool closed = false;
	enum rc rc;

	*out = NULL;
	vault_err_start(v);
	rc = field_at(v, index, &f);
	if (rc == RC_OK)
		rc = record_facts(v, id, &facts);
	if (rc == RC_OK)
		rc = find_row(v, id, version, f, &st, &item);
	if (rc == RC_OK)
		closed = f->cls != CLASS_OPEN || item.kind == DELTA_SEALED;
	sqlite3_finalize(st);
	st = NULL;
	if (rc == RC_OK && closed)
		rc = keyring_need_full(
		    unlocked_keyring(v->unlocked), "reveal a masked value", &v->err);
	if (rc == RC_OK && closed)
		rc = announce(v, &facts, version, f->name, reason);
	if (rc == RC_OK)
		rc = find_row(v, id, version, f, &st, &item);
	if (rc == RC_OK)
		rc = open_item(v, &facts, &item, out);
	sqlite3_finalize(st);
	return rc;
}

static enum rc
gather(struct vault *v, const struct record_facts *facts, int64_t version, struct rewind *w)
{
	sqlite3_stmt *st = NULL;
	int64_t rows = 0;
	enum rc rc = sql_prepare(v,
	    "SELECT change FROM history WHERE record_id = ?1 AND version > ?2 ORDER BY version",
	    &st);

	if (rc == RC_OK)
		rc = sql_bind(v, st, "ii", facts->id, version);
	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK) {
		rows++;
		rc = rewind_add(w, facts, sqlite3_column_blob(st, 0),
		    (size_t)sqlite3_column_bytes(st, 0));
	}
	sqlite3_finalize(st);
	if (rc == RC_NOTFOUND)
		rc = RC_OK;
	if (rc == RC_OK && rows != facts->version - version)
		rc = err_set(&v->err, RC_INPUT,
		    "not every change of record %lld since version %lld is known: it can't be "
		    "taken back to it", (long long)facts->id, (long long)version);
	return rc;
}

static enum rc
revert(struct vault *v, struct record_facts *facts, int64_t version)
{
	struct rewind *w;
	char reason[64];
	enum rc rc = rewind_new(v, false, &w);

	if (rc == RC_OK)
		rc = gather(v, facts, version, w);
	if (rc == RC_OK)
		rc = change_one(v, "revert", facts, rewind_change(w), NULL);
	rewind_free(w);
	if (rc != RC_OK)
		return rc;
	snprintf(reason, sizeof reason, "back to version %lld", (long long)version);
	return audit_record(v, AUDIT_CHANGED, facts->uuid, NULL, -1, reason);
}

enum rc
history_revert(struct vault *v, int64_t id, int64_t version, int64_t *now)
{
	struct record_facts facts;
	bool own;
	enum rc rc;

	vault_err_start(v);
	rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	rc = record_facts(v, id, &facts);
	if (rc == RC_OK && (version < 1 || version > facts.version))
		rc = err_set(&v->err, RC_NOTFOUND, "record %lld has no version %lld",
		    (long long)id, (long long)version);
	if (rc == RC_OK && version == facts.version)
		rc = err_set(&v->err, RC_INPUT, "record %lld is at version %lld already",
		    (long long)id, (long long)version);
	if (rc == RC_OK)
		rc = revert(v, &facts, version);
	if (rc == RC_OK && now)
		*now = facts.version;
	return vault_leave(v, own, rc);
}
