/*
 * Changes to records that are there, each with its row of history.
 *
 * 1. A change makes the record's version one higher and leaves one row of history under that
 *    version: what it replaced, who did it, when. Nothing changes a record and leaves none;
 *    an open field's value that is there already changes nothing.
 * 2. All changes of one transaction are one step, which is undone as a whole.
 * 3. A sealed field's old value goes into history sealed for that place (sealed_wrap), with
 *    its hint; between the two it is in secret memory.
 */
#include "store/change.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/delta.h"
#include "store/sealed.h"

#define SQL_MAX (64 * 1024) /* FIELD_MAX columns fit */

struct changer {
	struct vault *v;
	int64_t now;
	const char *actor;
	struct record_writer *writer;
	sqlite3_stmt *old;    /* the values of the fields in old_fields */
	sqlite3_stmt *hint;   /* of one sealed value */
	sqlite3_stmt *own;    /* the record's own columns */
	sqlite3_stmt *tag, *untag, *row;
	int *old_fields;
	size_t old_n;
	struct change *differ; /* of the fields that are to be changed, those that do */
	size_t differ_n;
};

enum rc
record_facts(struct vault *v, int64_t id, struct record_facts *out)
{
	sqlite3_stmt *st;
	enum rc rc;

	memset(out, 0, sizeof *out);
	rc = sql_prepare(v,
	    "SELECT uuid, version, deleted_at, keep_until FROM record WHERE id = ?1", &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", id);
	if (rc == RC_OK && (rc = sql_step(v, st)) == RC_NOTFOUND)
		rc = err_set(&v->err, RC_NOTFOUND, "there is no record %lld", (long long)id);
	if (rc == RC_OK) {
		if (sqlite3_column_bytes(st, 0) == sizeof out->uuid)
			memcpy(out->uuid, sqlite3_column_blob(st, 0), sizeof out->uuid);
		out->id = id;
		out->version = sqlite3_column_int64(st, 1);
		out->deleted_at = sqlite3_column_int64(st, 2);
		out->keep_until = sqlite3_column_int64(st, 3);
	}
	sqlite3_finalize(st);
	return rc;
}

static enum rc
step_begin(struct vault *v, const char *name, int64_t now, const char *actor)
{
	enum rc rc;

	if (v->step)
		return RC_OK;
	rc = sql_run(v, "INSERT INTO step(at, actor, name) VALUES(?1, ?2, ?3)", "izz", now,
	    actor, name);
	if (rc == RC_OK)
		rc = sql_new_id(v, &v->step);
	if (rc != RC_OK) {
		v->step = 0;
		return rc;
	}
	return sql_run(v, "UPDATE step SET root = id, last = id WHERE id = ?1", "i", v->step);
}

enum rc
change_settle(struct vault *v)
{
	enum rc rc;

	if (!v->step || v->step_used)
		return RC_OK;
	rc = sql_run(
	    v, "DELETE FROM step WHERE id = ?1 AND import_run IS NULL", "i", v->step);
	if (rc == RC_OK && sqlite3_changes(v->db) > 0)
		v->step = 0;
	return rc;
}

enum rc
changer_new(struct vault *v, const char *name, struct changer **out)
{
	struct changer *c;
	enum rc rc;

	*out = NULL;
	c = calloc(1, sizeof *c);
	if (!c)
		return err_default(&v->err, RC_NOMEM);
	c->v = v;
	c->now = vault_now();
	c->actor = vault_actor();
	rc = step_begin(v, name, c->now, c->actor);
	if (rc == RC_OK)
		rc = sql_prepare(v,
		    "INSERT INTO history(record_id, version, at, actor, step, change)"
		    " VALUES(?1, ?2, ?3, ?4, ?5, ?6)", &c->row);
	if (rc == RC_OK)
		rc = sql_prepare(v,
		    "UPDATE record SET version = version + ?2, updated_at = ?3, actor = ?4,"
		    " deleted_at = nullif(?5, 0), keep_until = nullif(?6, 0) WHERE id = ?1",
		    &c->own);
	if (rc != RC_OK) {
		changer_free(c);
		return rc;
	}
	*out = c;
	return RC_OK;
}

void
changer_free(struct changer *c)
{
	if (!c)
		return;
	record_writer_free(c->writer);
	sqlite3_finalize(c->old);
	sqlite3_finalize(c->hint);
	sqlite3_finalize(c->own);
	sqlite3_finalize(c->tag);
	sqlite3_finalize(c->untag);
	sqlite3_finalize(c->row);
	free(c->old_fields);
	free(c->differ);
	free(c);
}

static bool
same_fields(const struct changer *c, const struct record_change *ch)
{
	size_t i;

	if (!c->old || c->old_n != ch->field_n)
		return false;
	for (i = 0; i < ch->field_n; i++)
		if (c->old_fields[i] != ch->fields[i].index)
			return false;
	return true;
}

/* A statement for the old values; a sealed field, which has no column, gives NULL. */
static enum rc
prepare_old(struct changer *c, const struct record_change *ch)
{
	size_t i, n;
	const struct field *f = field_list(c->v, &n);
	char *buf = malloc(SQL_MAX);
	struct sql_text t;
	enum rc rc;

	sqlite3_finalize(c->old);
	c->old = NULL;
	free(c->old_fields);
	free(c->differ);
	c->old_fields = calloc(ch->field_n + 1, sizeof *c->old_fields);
	c->differ = calloc(ch->field_n + 1, sizeof *c->differ);
	if (!buf || !c->old_fields || !c->differ) {
		free(buf);
		return err_default(&c->v->err, RC_NOMEM);
	}
	sql_text_init(&t, buf, SQL_MAX);
	sql_add(&t, "SELECT 0");
	for (i = 0; i < ch->field_n; i++) {
		c->old_fields[i] = ch->fields[i].index;
		if (f[ch->fields[i].index].cls == CLASS_SEALED)
			sql_add(&t, ", NULL");
		else
			sql_add(&t, ", f_%d", f[ch->fields[i].index].id);
	}
	c->old_n = ch->field_n;
	sql_add(&t, " FROM record WHERE id = ?1");
	rc = sql_prepare(c->v, sql_end(&t), &c->old);
	free(buf);
	return rc;
}

static enum rc
read_hint(struct changer *c, int64_t id, int field)
{
	enum rc rc = RC_OK;

	if (!c->hint)
		rc = sql_prepare(c->v,
		    "SELECT hint FROM sealed WHERE record_id = ?1 AND field_id = ?2", &c->hint);
	if (rc == RC_OK)
		rc = sql_bind(c->v, c->hint, "ii", id, (int64_t)field);
	return rc == RC_OK ? sql_step(c->v, c->hint) : rc;
}

/* A sealed field's old value, sealed once more for the place where it is kept now. */
static enum rc
note_sealed(struct changer *c, const struct record_facts *facts, const struct field *f,
    struct delta *d)
{
	struct secret *value = NULL;
	uint8_t *wrapped = NULL;
	size_t len = 0;
	enum rc rc = sealed_value(c->v, facts->id, f, &value);

	if (rc == RC_TAMPER) /* what can't be opened can't be kept as an old value */
		return err_set(&c->v->err, rc,
		    "record %lld was not changed: its %s as it stands does not verify, so it "
		    "can't be kept in the history. Other fields can be changed. Take the record "
		    "from a backup, or erase it and add it again; strongroom verify tells what "
		    "else was altered",
		    (long long)facts->id, f->name);
	if (rc == RC_NOTFOUND) {
		delta_add(d, DELTA_SEALED, f->id, NULL, 0);
		return RC_OK;
	}
	if (rc == RC_OK)
		rc = sealed_wrap(c->v, facts->uuid, (uint32_t)f->id, secret_view(value),
		    secret_len(value), &wrapped, &len);
	if (rc == RC_OK)
		rc = read_hint(c, facts->id, f->id);
	if (rc == RC_OK)
		delta_add_sealed(d, f->id, sqlite3_column_text(c->hint, 0),
		    (size_t)sqlite3_column_bytes(c->hint, 0), wrapped, len);
	sqlite3_reset(c->hint);
	free(wrapped);
	secret_free(value);
	return rc;
}

/* That a closed field has a value already would be told, unaudited, by leaving it out. */
static void
note_column(struct changer *c, const struct field *f, int column, const struct change *ch,
    struct delta *d)
{
	const void *old = sqlite3_column_text(c->old, column);
	size_t len = (size_t)sqlite3_column_bytes(c->old, column);

	if (f->cls != CLASS_OPEN || ch->len != len || (len && memcmp(ch->text, old, len) != 0))
		delta_add(d, DELTA_TEXT, f->id, old, len);
}

/* The old values of those that differ, which are noted too. */
static enum rc
note_fields(struct changer *c, const struct record_facts *facts,
    const struct record_change *ch, struct delta *d)
{
	size_t i, n;
	const struct field *f = field_list(c->v, &n);
	enum rc rc = RC_OK;

	if (!same_fields(c, ch))
		rc = prepare_old(c, ch);
	if (rc == RC_OK)
		rc = sql_bind(c->v, c->old, "i", facts->id);
	if (rc == RC_OK)
		rc = sql_step(c->v, c->old);
	c->differ_n = 0;
	for (i = 0; rc == RC_OK && i < ch->field_n; i++) {
		const struct field *one = &f[ch->fields[i].index];
		const size_t before = d->n;

		if (one->cls == CLASS_SEALED)
			rc = note_sealed(c, facts, one, d);
		else
			note_column(c, one, (int)i + 1, &ch->fields[i], d);
		if (d->n > before)
			c->differ[c->differ_n++] = ch->fields[i];
	}
	sqlite3_reset(c->old);
	return rc;
}

static enum rc
put_fields(struct changer *c, const struct record_facts *facts,
    const struct record_change *ch, struct delta *d)
{
	enum rc rc = note_fields(c, facts, ch, d);

	if (rc != RC_OK || c->differ_n == 0)
		return rc;
	if (!c->writer)
		rc = record_writer_new(c->v, &c->writer);
	if (rc == RC_OK)
		rc = record_writer_edit(c->writer, facts->id, c->differ, c->differ_n);
	return rc;
}

static enum rc
put_tag(struct changer *c, int64_t id, const struct change_tag *t, struct delta *d)
{
	sqlite3_stmt **st = t->off ? &c->untag : &c->tag;
	enum rc rc = RC_OK;

	if (!*st)
		rc = sql_prepare(c->v,
		    t->off ? "DELETE FROM tag WHERE tag = ?2 AND record_id = ?1"
			   : "INSERT OR IGNORE INTO tag(record_id, tag) VALUES(?1, ?2)", st);
	if (rc == RC_OK)
		rc = sql_bind(c->v, *st, "iz", id, t->name);
	if (rc == RC_OK)
		rc = sql_done(c->v, *st);
	if (rc == RC_OK && sqlite3_changes(c->v->db) > 0)
		delta_add(d, t->off ? DELTA_UNTAGGED : DELTA_TAGGED, 0, t->name,
		    strlen(t->name));
	return rc;
}

static enum rc
put_row(struct changer *c, const struct record_facts *facts, struct delta *d)
{
	enum rc rc;

	if (d->failed)
		return err_default(&c->v->err, RC_NOMEM);
	c->v->step_used = true;
	rc = sql_bind(c->v, c->row, "iiizib", facts->id, facts->version, c->now, c->actor,
	    c->v->step, d->at, d->n);
	return rc == RC_OK ? sql_done(c->v, c->row) : rc;
}

/* The record's own columns; its version too, unless the fields' writer has done that. */
static enum rc
put_own(struct changer *c, const struct record_facts *facts, bool version)
{
	enum rc rc = sql_bind(c->v, c->own, "iiizii", facts->id, (int64_t)version, c->now,
	    c->actor, facts->deleted_at, facts->keep_until);

	return rc == RC_OK ? sql_done(c->v, c->own) : rc;
}

static void
note_own(const struct record_change *ch, struct record_facts *facts, struct delta *d)
{
	if (ch->trash && ch->deleted_at != facts->deleted_at) {
		delta_add_time(d, DELTA_TRASH, facts->deleted_at);
		facts->deleted_at = ch->deleted_at;
	}
	if (ch->keep && ch->keep_until != facts->keep_until) {
		delta_add_time(d, DELTA_KEEP, facts->keep_until);
		facts->keep_until = ch->keep_until;
	}
}

enum rc
changer_apply(struct changer *c, struct record_facts *facts,
    const struct record_change *ch, bool *changed)
{
	struct delta d = { 0 };
	enum rc rc = RC_OK;
	size_t i, fields_only;

	if (ch->field_n)
		rc = put_fields(c, facts, ch, &d);
	fields_only = d.n;
	for (i = 0; rc == RC_OK && i < ch->tag_n; i++)
		rc = put_tag(c, facts->id, &ch->tags[i], &d);
	note_own(ch, facts, &d);
	if (rc == RC_OK && d.failed)
		rc = err_default(&c->v->err, RC_NOMEM);
	if (changed)
		*changed = !delta_empty(&d);
	if (rc == RC_OK && d.n > fields_only)
		rc = put_own(c, facts, fields_only == 0);
	if (rc == RC_OK && !delta_empty(&d)) {
		facts->version++;
		rc = put_row(c, facts, &d);
	}
	delta_free(&d);
	return rc;
}

enum rc
changer_added(struct changer *c, const struct record_facts *facts)
{
	struct delta d = { 0 };
	enum rc rc;

	delta_add(&d, DELTA_ADDED, 0, NULL, 0);
	rc = put_row(c, facts, &d);
	delta_free(&d);
	return rc;
}

enum rc
change_one(struct vault *v, const char *name, struct record_facts *facts,
    const struct record_change *ch, bool *changed)
{
	struct changer *c;
	enum rc rc = changer_new(v, name, &c);

	if (!c)
		return rc;
	rc = changer_apply(c, facts, ch, changed);
	changer_free(c);
	return rc;
}

int64_t
change_step(const struct vault *v)
{
	return v->step;
}

enum rc
change_forget(struct vault *v)
{
	return sql_run(v,
	    "DELETE FROM step WHERE import_run IS NULL AND id <> ?1 AND NOT EXISTS"
	    " (SELECT 1 FROM history WHERE step = step.id)",
	    "i", v->step);
}
