/*
 * A field with another class or type.
 *
 *     begin (hidden field) -> step, step ... -> finish (the hidden one takes the place)
 *
 * 1. The new values are made beside the old ones, under a field of their own that nobody else
 *    sees (field.replaces). Until the last transaction the field is what it was, for readers
 *    and writers; in that one it is the new one, and the old values are gone.
 * 2. Whoever changes an old value meanwhile undoes its conversion: a trigger takes the new value
 *    away, and it is made again. The last transaction makes all that are missing.
 * 3. How far it is stands in the catalogue, in the transaction of the step.
 * 4. Only the class changing between open and masked moves no value: that is one transaction.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/audit.h"
#include "store/convert_int.h"
#include "store/fulltext.h"
#include "store/progress.h"
#include "store/record_int.h"
#include "store/schema.h"
#include "store/sealed_int.h"

#define STEP_ROWS  1000
#define STEP_BYTES (4 * 1024 * 1024) /* of values, then a step is over */

struct convert {
	struct vault *v;
	struct field from, to; /* to: the hidden one */
	const struct progress *progress;
	struct convert_report *out;
	struct progress_clock clock;
	int64_t at, last; /* records gone through; the last one there was */
	size_t bytes;     /* of the values of this step */
	sqlite3_stmt *read, *put;
	struct sealed_writer *sealed;
};

/* The hidden field that replaces ${f}: its type, class and cursor. RC_NOTFOUND: none. */
static enum rc
find_hidden(struct vault *v, const struct field *f, struct field *out, int64_t *at)
{
	sqlite3_stmt *st;
	enum rc rc = sql_prepare(v, "SELECT id, type, class, searchable, converted_to FROM field"
	    " WHERE replaces = ?1", &st);

	*out = *f;
	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", (int64_t)f->id);
	if (rc == RC_OK)
		rc = sql_step(v, st);
	if (rc == RC_OK) {
		out->id = sqlite3_column_int(st, 0);
		if (!type_parse((const char *)sqlite3_column_text(st, 1), &out->type) ||
		    !class_parse((const char *)sqlite3_column_text(st, 2), &out->cls))
			rc = err_set(&v->err, RC_DAMAGED, "the catalogue of fields is damaged");
		out->searchable = sqlite3_column_int(st, 3) != 0;
		*at = sqlite3_column_int64(st, 4);
	}
	sqlite3_finalize(st);
	return rc;
}

/* The statement that takes the new value of record ${which}.id away. */
static void
put_clear(struct sql_text *t, const struct field *to, const char *id)
{
	if (to->cls == CLASS_SEALED)
		sql_add(t, " DELETE FROM sealed WHERE record_id = %s AND field_id = %d;", id, to->id);
	else
		sql_add(t, " UPDATE record SET f_%d = NULL WHERE id = %s;", to->id, id);
}

enum rc
convert_watch(struct vault *v, const struct field *from, const struct field *to)
{
	static const char *const what[] = { "INSERT", "UPDATE", "DELETE" };
	char sql[1024];
	struct sql_text t;
	size_t i;

	sql_text_init(&t, sql, sizeof sql);
	if (from->cls != CLASS_SEALED) {
		sql_add(&t, "CREATE TRIGGER convert_%d AFTER UPDATE OF f_%d ON record BEGIN",
		    to->id, from->id);
		put_clear(&t, to, "new.id");
		sql_add(&t, " END;");
		return sql_exec(v, sql_end(&t));
	}
	for (i = 0; i < sizeof what / sizeof *what; i++) {
		const char *row = i == 2 ? "old" : "new";

		sql_add(&t, "CREATE TRIGGER convert_%d_%zu AFTER %s ON sealed"
			    " WHEN %s.field_id = %d BEGIN", to->id, i, what[i], row, from->id);
		put_clear(&t, to, i == 2 ? "old.record_id" : "new.record_id");
		sql_add(&t, " END;");
	}
	return sql_exec(v, sql_end(&t));
}

static enum rc
unwatch(struct vault *v, const struct field *to)
{
	char sql[256];

	snprintf(sql, sizeof sql,
	    "DROP TRIGGER IF EXISTS convert_%d; DROP TRIGGER IF EXISTS convert_%d_0;"
	    "DROP TRIGGER IF EXISTS convert_%d_1; DROP TRIGGER IF EXISTS convert_%d_2",
	    to->id, to->id, to->id, to->id);
	return sql_exec(v, sql);
}

enum rc
convert_abandon(struct vault *v, const struct field *f)
{
	struct field hidden;
	int64_t at;
	enum rc rc = find_hidden(v, f, &hidden, &at);

	if (rc != RC_OK)
		return rc == RC_NOTFOUND ? RC_OK : rc;
	rc = unwatch(v, &hidden);
	if (rc == RC_OK)
		rc = storage_end(v, &hidden);
	return rc == RC_OK ? field_forget(v, hidden.id) : rc;
}

static enum rc
hide(struct convert *c, const struct convert_wish *wish)
{
	struct vault *v = c->v;
	char name[32];
	enum rc rc;

	c->to = c->from;
	c->to.type = wish->type;
	c->to.cls = wish->cls;
	c->to.searchable = wish->searchable;
	rc = field_next_id(v, &c->to.id);
	snprintf(name, sizeof name, "~%d", c->to.id); /* no field can be called that */
	if (rc == RC_OK)
		rc = sql_run(v, "INSERT INTO field(id, name, label, type, class, position, required,"
		    " searchable, replaces, converted_to)"
		    " SELECT ?1, ?2, label, ?3, ?4, position, required, ?5, id, 0 FROM field"
		    " WHERE id = ?6", "izzzii", (int64_t)c->to.id, name, type_name(wish->type),
		    class_name(wish->cls), (int64_t)wish->searchable, (int64_t)c->from.id);
	if (rc == RC_OK)
		rc = storage_begin(v, &c->to);
	return rc == RC_OK ? convert_watch(v, &c->from, &c->to) : rc;
}

/* Whether values that everybody sees are taken out of sight. */
static bool
hides(const struct field *from, enum field_class cls)
{
	return from->cls == CLASS_OPEN && cls != CLASS_OPEN;
}

/* Go on with what is there if it is the same, else begin anew. */
static enum rc
begin(struct convert *c, const struct convert_wish *wish)
{
	struct vault *v = c->v;
	enum rc rc = vault_begin(v);

	if (rc != RC_OK)
		return rc;
	rc = convert_still(v, &c->from, wish->searchable);
	if (rc == RC_OK && hides(&c->from, wish->cls))
		rc = convert_kept_check(v, &c->from);
	if (rc != RC_OK)
		return vault_leave(v, true, rc);
	rc = find_hidden(v, &c->from, &c->to, &c->at);
	c->out->resumed = rc == RC_OK && c->to.type == wish->type && c->to.cls == wish->cls &&
	    c->to.searchable == wish->searchable;
	if (rc == RC_OK && !c->out->resumed)
		rc = convert_abandon(v, &c->from);
	if (rc == RC_OK || rc == RC_NOTFOUND)
		rc = convert_tell(v, &c->from, wish, c->out->resumed ? "it goes on" : AUDIT_FIELD_BEGINS, -1);
	if (rc == RC_OK && !c->out->resumed) {
		c->at = 0;
		rc = hide(c, wish);
	}
	if (rc == RC_OK)
		rc = sql_int(v, "SELECT ifnull(max(id), 0) FROM record", &c->last);
	return vault_leave(v, true, rc);
}

static void
close_statements(struct convert *c)
{
	sqlite3_finalize(c->read);
	sqlite3_finalize(c->put);
	sealed_writer_free(c->sealed);
	c->read = c->put = NULL;
	c->sealed = NULL;
}

/* What is to be converted beyond ?1: id, uuid, value. */
static enum rc
open_statements(struct convert *c)
{
	char sql[512];
	struct sql_text t;
	enum rc rc;

	sql_text_init(&t, sql, sizeof sql);
	if (c->from.cls == CLASS_SEALED)
		sql_add(&t, "SELECT r.id, r.uuid, s.value FROM record r JOIN sealed s"
			    " ON s.record_id = r.id AND s.field_id = %d WHERE r.id > ?1", c->from.id);
	else
		sql_add(&t, "SELECT r.id, r.uuid, r.f_%d FROM record r WHERE r.id > ?1"
			    " AND r.f_%d IS NOT NULL", c->from.id, c->from.id);
	if (c->to.cls == CLASS_SEALED)
		sql_add(&t, " AND NOT EXISTS(SELECT 1 FROM sealed x WHERE x.record_id = r.id"
			    " AND x.field_id = %d)", c->to.id);
	else
		sql_add(&t, " AND r.f_%d IS NULL", c->to.id);
	sql_add(&t, " ORDER BY r.id");
	rc = sql_prepare(c->v, sql_end(&t), &c->read);
	if (rc == RC_OK && c->to.cls == CLASS_SEALED)
		return sealed_writer_new(c->v, &c->sealed);
	snprintf(sql, sizeof sql, "UPDATE record SET f_%d = ?2 WHERE id = ?1", c->to.id);
	return rc == RC_OK ? sql_prepare(c->v, sql, &c->put) : rc;
}

static enum rc
write_value(struct convert *c, int64_t id, const uint8_t *uuid, const char *text, size_t len)
{
	enum rc rc;

	if (c->sealed)
		return sealed_writer_put(c->sealed, id, uuid, &c->to, text, len);
	rc = sql_bind(c->v, c->put, "it", id, text, len);
	return rc == RC_OK ? sql_done(c->v, c->put) : rc;
}

/* ${text} in the form of the new type, or as it stands. */
static enum rc
convert_text(struct convert *c, int64_t id, const uint8_t *uuid, const char *text, size_t len)
{
	const size_t cap = 2 * len + 32;
	char *normal = malloc(cap);
	bool valid;
	enum rc rc;

	if (!normal)
		return err_default(&c->v->err, RC_NOMEM);
	valid = type_normalise(c->to.type, text, len, normal, cap, NULL);
	if (*normal)
		rc = write_value(c, id, uuid, normal, strlen(normal));
	else
		rc = write_value(c, id, uuid, text, len);
	c->out->values++;
	c->out->invalid += !valid;
	secret_wipe(normal, cap);
	free(normal);
	return rc;
}

static enum rc
convert_row(struct convert *c)
{
	const int64_t id = sqlite3_column_int64(c->read, 0);
	const uint8_t *uuid = sqlite3_column_blob(c->read, 1), *value;
	const size_t n = (size_t)sqlite3_column_bytes(c->read, 2);
	const struct sealed_place place = { uuid, (uint32_t)c->from.id, c->from.type };
	char *plain;
	enum rc rc;

	c->at = id;
	c->bytes += n;
	if (sqlite3_column_bytes(c->read, 1) != 16)
		return err_set(&c->v->err, RC_DAMAGED, "record %lld has no uuid", (long long)id);
	if (c->from.cls != CLASS_SEALED)
		return convert_text(c, id, uuid, (const char *)sqlite3_column_text(c->read, 2), n);
	value = sqlite3_column_blob(c->read, 2);
	plain = malloc(n + 1);
	if (!plain)
		return err_default(&c->v->err, RC_NOMEM);
	rc = sealed_open(c->v, &place, value, n, plain);
	if (rc == RC_OK)
		rc = convert_text(c, id, uuid, plain, n - SEALED_OVERHEAD);
	secret_wipe(plain, n + 1);
	free(plain);
	return rc;
}

/* The values beyond c->at, as many as a step has (${all}: no end). RC_NOTFOUND: no more. */
static enum rc
convert_rows(struct convert *c, bool all)
{
	int64_t n = 0;
	enum rc rc = open_statements(c);

	c->bytes = 0;
	if (rc == RC_OK)
		rc = sql_bind(c->v, c->read, "i", c->at);
	while (rc == RC_OK && (all || (n < STEP_ROWS && c->bytes < STEP_BYTES)) &&
	    (rc = sql_step(c->v, c->read)) == RC_OK) {
		rc = convert_row(c);
		n++;
	}
	close_statements(c);
	return rc;
}

/* Whether field and conversion are still those that were begun with: each step asks anew. */
static enum rc
still_mine(struct convert *c)
{
	struct field hidden;
	int64_t unused;
	enum rc rc = convert_still(c->v, &c->from, true);

	if (rc == RC_OK)
		rc = find_hidden(c->v, &c->from, &hidden, &unused);
	if (rc == RC_NOTFOUND || (rc == RC_OK && hidden.id != c->to.id))
		rc = err_set(&c->v->err, RC_BUSY,
		    "the change of %s was taken back by somebody else meanwhile: look at field list",
		    c->from.name);
	return rc;
}

/* One step. RC_NOTFOUND: it was the last one. */
static enum rc
step(struct convert *c)
{
	const int64_t at = c->at;
	enum rc rc = vault_begin(c->v), found;

	if (rc != RC_OK)
		return rc;
	rc = still_mine(c);
	if (rc == RC_OK)
		rc = convert_rows(c, false);
	found = rc;
	if (rc == RC_NOTFOUND)
		rc = RC_OK;
	if (rc == RC_OK)
		rc = sql_run(c->v, "UPDATE field SET converted_to = ?2 WHERE id = ?1", "ii",
		    (int64_t)c->to.id, c->at);
	rc = vault_leave(c->v, true, rc);
	if (rc == RC_OK)
		return found;
	c->at = at;
	return rc;
}

/* The counts of record.invalid: the old field's part for the new one's. */
static enum rc
count_anew(struct convert *c)
{
	char sql[1024];
	struct sql_text t;

	sql_text_init(&t, sql, sizeof sql);
	sql_add(&t, "UPDATE record SET invalid = invalid - ");
	storage_invalid(&t, &c->from);
	sql_add(&t, " + ");
	storage_invalid(&t, &c->to);
	sql_add(&t, " WHERE ");
	storage_invalid(&t, &c->from);
	sql_add(&t, " <> ");
	storage_invalid(&t, &c->to);
	return sql_exec(c->v, sql_end(&t));
}

/* The hidden field takes the place, name and number in the order of the old one. */
static enum rc
swap(struct convert *c)
{
	struct vault *v = c->v;
	enum rc rc = unwatch(v, &c->to);

	if (rc == RC_OK)
		rc = count_anew(c);
	if (rc == RC_OK)
		rc = history_convert(v, &c->from, &c->to);
	if (rc == RC_OK && hides(&c->from, c->to.cls))
		rc = convert_kept_check(v, &c->from);
	if (rc == RC_OK && hides(&c->from, c->to.cls))
		rc = convert_kept_hide(v, &c->from);
	if (rc == RC_OK && (c->from.searchable || c->to.searchable))
		rc = fulltext_drop(v);
	if (rc == RC_OK)
		rc = field_forget(v, c->from.id);
	if (rc == RC_OK)
		rc = sql_run(v, "UPDATE field SET name = ?2, replaces = NULL, converted_to = NULL"
		    " WHERE id = ?1", "iz", (int64_t)c->to.id, c->from.name);
	if (rc == RC_OK)
		rc = storage_end(v, &c->from);
	if (rc == RC_OK)
		rc = storage_index(v, &c->to);
	if (rc == RC_OK)
		rc = schema_touch(v);
	return rc == RC_OK ? field_load(v) : rc;
}

static enum rc
finish(struct convert *c, const struct convert_wish *wish)
{
	const int64_t at = c->at;
	enum rc rc;

	c->v->bulk = true; /* a column that goes rewrites every row */
	rc = vault_begin(c->v);
	if (rc == RC_OK) {
		c->at = 0;
		rc = still_mine(c);
		if (rc == RC_OK)
			rc = convert_rows(c, true);
		if (rc == RC_OK || rc == RC_NOTFOUND)
			rc = swap(c);
		if (rc == RC_OK)
			rc = convert_tell(c->v, &c->from, wish, AUDIT_FIELD_DONE, (int64_t)c->out->values);
		rc = vault_leave(c->v, true, rc);
		c->at = at;
	}
	c->v->bulk = false;
	if (rc == RC_OK) /* what the log still holds of the old values; a reader may keep it */
		sqlite3_wal_checkpoint_v2(c->v->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return rc;
}

static enum rc
paused(struct convert *c)
{
	return err_set(&c->v->err, RC_CANCELLED,
	    "paused: records up to %lld of %lld are converted, and the field %s is still what it "
	    "was; the same command goes on, and the class and type that it has take it back",
	    (long long)c->at, (long long)c->last, c->from.name);
}

static enum rc
run(struct convert *c, const struct convert_wish *wish)
{
	enum rc rc = begin(c, wish);

	while (rc == RC_OK) {
		if (progress_tick(&c->clock, c->progress, (uint64_t)c->at, (uint64_t)c->last) ||
		    atomic_load(&c->v->interrupted))
			return paused(c);
		rc = step(c);
		vault_let_in();
		if (rc == RC_CANCELLED) /* in the middle of a statement */
			return paused(c);
	}
	if (rc == RC_NOTFOUND)
		rc = finish(c, wish);
	return rc == RC_CANCELLED && c->last ? paused(c) : rc;
}

/* What was begun of a field that is to stay: RC_NOTFOUND when it is nothing. */
static enum rc
take_back(struct convert *c)
{
	struct vault *v = c->v;
	struct convert_wish begun = { 0 };
	enum rc rc = vault_begin(v);

	if (rc != RC_OK)
		return rc;
	rc = convert_still(v, &c->from, true);
	if (rc == RC_OK)
		rc = find_hidden(v, &c->from, &c->to, &c->at);
	begun = (struct convert_wish){ .type = c->to.type, .cls = c->to.cls };
	if (rc == RC_OK)
		rc = convert_abandon(v, &c->from);
	if (rc == RC_OK)
		rc = schema_touch(v);
	if (rc == RC_OK)
		rc = convert_tell(v, &c->from, &begun, "taken back", -1);
	c->out->resumed = rc == RC_OK;
	return vault_leave(v, true, rc);
}

/* A column that goes rewrites every row, and the log still holds what it had. */
static enum rc
stay(struct convert *c, const struct convert_wish *wish)
{
	enum rc rc;

	c->v->bulk = true;
	rc = take_back(c);
	c->v->bulk = false;
	if (rc == RC_OK)
		sqlite3_wal_checkpoint_v2(c->v->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	if (rc == RC_NOTFOUND)
		rc = err_set(&c->v->err, RC_INPUT, "the field %s is %s and of type %s already",
		    c->from.name, class_name(wish->cls), type_name(wish->type));
	return rc;
}

enum rc
field_convert(struct vault *v, int index, const struct convert_wish *wish,
    const struct progress *progress, struct convert_report *out)
{
	struct convert c = { .v = v, .progress = progress, .out = out };
	enum rc rc;

	memset(out, 0, sizeof *out);
	rc = convert_allowed(v, index, &c.from, wish->searchable);
	if (rc != RC_OK)
		return rc;
	if (wish->searchable && wish->cls != CLASS_OPEN)
		return err_set(&v->err, RC_INPUT, "only an open field can be searched");
	if (c.from.type == wish->type && c.from.cls == wish->cls &&
	    c.from.searchable == wish->searchable)
		return stay(&c, wish);
	if (c.from.type == wish->type && c.from.cls != CLASS_SEALED && wish->cls != CLASS_SEALED)
		return convert_label(v, &c.from, wish);
	rc = run(&c, wish);
	close_statements(&c);
	return err_default(&v->err, rc);
}

enum rc
field_pending(
    struct vault *v, int index, struct convert_wish *wish, uint64_t *done, uint64_t *all)
{
	const struct field *f;
	struct field hidden;
	int64_t at, last;
	size_t n;
	enum rc rc;

	f = field_list(v, &n);
	if (index < 0 || (size_t)index >= n)
		return RC_NOTFOUND;
	rc = find_hidden(v, &f[index], &hidden, &at);
	if (rc == RC_OK)
		rc = sql_int(v, "SELECT ifnull(max(id), 0) FROM record", &last);
	if (rc != RC_OK)
		return rc;
	*wish = (struct convert_wish){ hidden.type, hidden.cls, hidden.searchable, NULL };
	*done = (uint64_t)at;
	*all = (uint64_t)last;
	return RC_OK;
}
