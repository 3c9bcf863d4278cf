/*
 * All that is held on one person, as JSON: the record, its fields, where it came from, its
 * history, what is typed into it and not saved, and the audit's entries on it.
 *
 * 1. A value that does not open ends it: the person is told all or nothing.
 */
#include "store/subject_int.h"

#include "keyring/secret.h"
#include "store/audit.h"
#include "store/delta.h"
#include "store/draft.h"
#include "store/sealed.h"
#include "store/sql.h"
#include "store/vault_open.h"

static void
put_record(struct subject *s)
{
	const struct record *r = s->record;
	struct json_write *w = &s->json;
	char uuid[37];

	vault_id_text(r->uuid, uuid);
	json_open(w, "record", '{');
	json_put_int(w, "id", r->id);
	json_put_text(w, "uuid", uuid);
	json_put_int(w, "version", r->version);
	json_put_time(w, "created", r->created_at);
	json_put_time(w, "updated", r->updated_at);
	json_put_text(w, "changed_by", r->actor);
	json_put_time(w, "in_trash_since", r->deleted_at);
	json_put_time(w, "keep_until", r->keep_until);
	json_put_text(w, "tags", r->tags);
	json_close(w, '}');
}

/* Each field with what the schema says of it and its value. */
static void
put_fields(struct subject *s)
{
	struct json_write *w = &s->json;
	size_t i;

	json_open(w, "fields", '[');
	for (i = 0; i < s->field_n; i++) {
		const struct field *f = &s->fields[i];
		const struct cell *c = &s->record->cells[i];

		json_open(w, NULL, '{');
		json_put_text(w, "name", f->name);
		json_put_text(w, "label", f->label);
		json_put_text(w, "type", type_name(f->type));
		json_put_text(w, "class", class_name(f->cls));
		json_put_bool(w, "required", f->required);
		if (c->len)
			json_put(w, "value", c->text, c->len);
		else
			json_put_text(w, "value", NULL);
		if (c->invalid)
			json_put_bool(w, "invalid", true);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static const char *
field_name(const struct subject *s, int id)
{
	size_t i;

	for (i = 0; i < s->field_n; i++)
		if (s->fields[i].id == id)
			return s->fields[i].name;
	return NULL;
}

/* The value before the change, opened when it is sealed. */
static enum rc
put_old_value(struct subject *s, const struct delta_item *item)
{
	struct secret *value = NULL;
	const uint8_t *sealed;
	enum rc rc = RC_OK;
	size_t len;

	json_put_text(&s->json, "field", field_name(s, item->field));
	if (item->len == 0) {
		json_put_text(&s->json, "before", NULL);
	} else if (item->kind == DELTA_TEXT) {
		json_put(&s->json, "before", (const char *)item->at, item->len);
	} else {
		sealed = delta_sealed(item, &len);
		rc = sealed_unwrap(s->v, s->record->uuid, (uint32_t)item->field, sealed, len,
		    &value);
		if (rc == RC_OK)
			json_put(&s->json, "before", (const char *)secret_view(value),
			    secret_len(value));
	}
	secret_free(value);
	return rc;
}

static enum rc
put_item(struct subject *s, const struct delta_item *item)
{
	static const char *const whats[] = { [DELTA_TEXT] = "value", [DELTA_SEALED] = "value",
		[DELTA_TAGGED] = "tagged", [DELTA_UNTAGGED] = "untagged",
		[DELTA_KEEP] = "keep_until", [DELTA_ADDED] = "added" };
	struct json_write *w = &s->json;
	enum rc rc = RC_OK;

	json_open(w, NULL, '{');
	if (item->kind == DELTA_TRASH)
		json_put_text(w, "what", delta_time(item) ? "restored" : "trashed");
	else
		json_put_text(w, "what", whats[item->kind]);
	switch (item->kind) {
	case DELTA_TEXT:
	case DELTA_SEALED:
		rc = put_old_value(s, item);
		break;
	case DELTA_TAGGED:
	case DELTA_UNTAGGED:
		json_put(w, "tag", (const char *)item->at, item->len);
		break;
	case DELTA_TRASH:
	case DELTA_KEEP:
		json_put_time(w, "before", delta_time(item));
		break;
	case DELTA_ADDED:
		break;
	}
	json_close(w, '}');
	return rc;
}

static enum rc
put_change(struct subject *s, sqlite3_stmt *st)
{
	struct json_write *w = &s->json;
	struct delta_item item;
	const uint8_t *at;
	size_t left;
	enum rc rc;

	json_open(w, NULL, '{');
	json_put_int(w, "version", sqlite3_column_int64(st, 0));
	json_put_time(w, "at", sqlite3_column_int64(st, 1));
	json_put_text(w, "by", (const char *)sqlite3_column_text(st, 2));
	json_open(w, "changes", '[');
	rc = delta_begin(sqlite3_column_blob(st, 3), (size_t)sqlite3_column_bytes(st, 3), &at,
	    &left);
	while (rc == RC_OK && (rc = delta_next(&at, &left, &item)) == RC_OK)
		rc = put_item(s, &item);
	json_close(w, ']');
	json_close(w, '}');
	if (rc == RC_DAMAGED)
		err_set(s->err, rc, "the history of record %lld is damaged",
		    (long long)s->record->id);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
put_history(struct subject *s)
{
	sqlite3_stmt *st = NULL;
	enum rc rc = sql_prepare(s->v,
	    "SELECT version, at, actor, change FROM history WHERE record_id = ?1"
	    " ORDER BY version",
	    &st);

	json_open(&s->json, "history", '[');
	if (rc == RC_OK)
		rc = sql_bind(s->v, st, "i", s->record->id);
	while (rc == RC_OK && (rc = sql_step(s->v, st)) == RC_OK)
		rc = put_change(s, st);
	json_close(&s->json, ']');
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static bool
put_entry(void *arg, const struct audit_entry *e)
{
	struct json_write *w = arg;

	json_open(w, NULL, '{');
	json_put_int(w, "seq", e->seq);
	json_put_time(w, "at", e->at);
	json_put_text(w, "event", audit_event_name(e->event));
	json_put_text(w, "by", e->actor);
	json_put_text(w, "field", e->field);
	json_put_text(w, "reason", e->reason);
	json_close(w, '}');
	return w->rc == RC_OK;
}

/* Newest first, as the audit is read everywhere. */
static enum rc
put_audit(struct subject *s)
{
	const struct audit_filter filter = { .record_id = s->record->id };
	enum rc rc;

	json_open(&s->json, "audit", '[');
	rc = audit_list(s->v, &filter, 0, INT32_MAX, put_entry, &s->json);
	json_close(&s->json, ']');
	return rc;
}

/* The imports that made the record or changed it. */
static enum rc
put_imports(struct subject *s)
{
	struct json_write *w = &s->json;
	sqlite3_stmt *st = NULL;
	enum rc rc = sql_prepare(s->v,
	    "SELECT DISTINCT r.id, r.at, r.actor, r.name, r.reason FROM import_run r"
	    " JOIN step s ON s.import_run = r.id WHERE ?1 BETWEEN s.first_id AND s.last_id"
	    " OR s.id IN (SELECT step FROM history WHERE record_id = ?1) ORDER BY r.id",
	    &st);

	json_open(w, "imports", '[');
	if (rc == RC_OK)
		rc = sql_bind(s->v, st, "i", s->record->id);
	while (rc == RC_OK && (rc = sql_step(s->v, st)) == RC_OK) {
		json_open(w, NULL, '{');
		json_put_int(w, "run", sqlite3_column_int64(st, 0));
		json_put_time(w, "at", sqlite3_column_int64(st, 1));
		json_put_text(w, "by", (const char *)sqlite3_column_text(st, 2));
		json_put_text(w, "file", (const char *)sqlite3_column_text(st, 3));
		json_put_text(w, "reason", (const char *)sqlite3_column_text(st, 4));
		json_close(w, '}');
	}
	json_close(w, ']');
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
put_draft(void *arg, const char *user, const struct draft_kept *d)
{
	struct subject *s = arg;
	struct json_write *w = &s->json;
	size_t i;

	json_open(w, NULL, '{');
	json_put_text(w, "by", user);
	json_put_time(w, "at", d->at);
	json_open(w, "values", '[');
	for (i = 0; i < d->n; i++) {
		json_open(w, NULL, '{');
		json_put_text(w, "field", field_name(s, d->values[i].field));
		json_put(w, "typed", (const char *)secret_view(d->values[i].text),
		    secret_len(d->values[i].text));
		json_close(w, '}');
	}
	json_close(w, ']');
	json_close(w, '}');
	return w->rc;
}

/* What was typed into the record, by anybody, and is not saved. */
static enum rc
put_drafts(struct subject *s)
{
	enum rc rc;

	json_open(&s->json, "drafts", '[');
	rc = draft_of_record(s->v, s->record->id, put_draft, s);
	json_close(&s->json, ']');
	return rc;
}

enum rc
subject_write(struct subject *s)
{
	struct json_write *w = &s->json;
	enum rc rc;

	json_open(w, NULL, '{');
	json_put_int(w, "subject_export", SUBJECT_VERSION);
	json_put_text(w, "program", "strongroom " STRONGROOM_VERSION);
	json_put_text(w, "vault_id", s->facts->id);
	json_put_text(w, "at", s->facts->time);
	json_put_text(w, "by", s->facts->actor);
	json_put_text(w, "reason", s->facts->reason);
	put_record(s);
	put_fields(s);
	rc = put_imports(s);
	if (rc == RC_OK)
		rc = put_history(s);
	if (rc == RC_OK)
		rc = put_drafts(s);
	if (rc == RC_OK)
		rc = put_audit(s);
	json_close(w, '}');
	if (rc == RC_OK)
		rc = w->rc;
	return rc == RC_OK ? sink_flush(w->sink) : rc;
}
