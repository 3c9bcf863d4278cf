/*
 * All that is held on one person.
 *
 *   subject_export -> check -> target_open -> audit -> write -> target_finish
 *
 * 1. The audit knows the record and each protected field before a value is read.
 * 2. Everything is read as one state of the vault, the audit's entries too: the event of
 *    this very export is the newest of them.
 * 3. An old value that does not open ends the export: the person is told all or nothing.
 */
#include "store/subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/audit.h"
#include "store/delta.h"
#include "store/export_target.h"
#include "store/json_write.h"
#include "store/record_int.h"
#include "store/sealed.h"
#include "store/sink_int.h"
#include "store/unlocked.h"
#include "store/vault_open.h"

struct subject {
	struct vault *v;
	const struct export_opts *opts;
	struct export_report *report;
	struct err *err;
	struct treated *columns; /* all fields, in the clear */
	struct export_facts *facts;
	struct export_target *target;
	struct json_write json;
	struct record *record;
	const struct field *fields;
	size_t field_n;
};

static enum rc
read_record(struct subject *s, int64_t id, bool raw)
{
	size_t cap = 256 + 24 * s->field_n;
	char *buf = malloc(cap);
	sqlite3_stmt *st = NULL;
	struct sql_text sql;
	enum rc rc;

	if (!buf)
		return err_default(s->err, RC_NOMEM);
	sql_text_init(&sql, buf, cap);
	sql_add(&sql, "SELECT ");
	record_columns(s->v, &sql);
	sql_add(&sql, " FROM record r WHERE r.id = ?1");
	rc = sql_prepare(s->v, sql_end(&sql), &st);
	if (rc == RC_OK)
		rc = sql_bind(s->v, st, "i", id);
	if (rc == RC_OK)
		rc = sql_step(s->v, st);
	if (rc == RC_NOTFOUND)
		err_set(s->err, rc, "there is no record %lld", (long long)id);
	record_free(s->record);
	s->record = NULL;
	if (rc == RC_OK)
		rc = record_read(s->v, st, raw, &s->record);
	sqlite3_finalize(st);
	free(buf);
	return rc;
}

/* The record, masked, and the fields as they are with it. */
static enum rc
find_record(struct subject *s, int64_t id)
{
	enum rc rc = vault_read_begin(s->v);

	if (rc != RC_OK)
		return rc;
	s->fields = field_list(s->v, &s->field_n);
	rc = read_record(s, id, false);
	vault_read_end(s->v);
	return rc;
}

static enum rc
audit(struct subject *s)
{
	struct audit_entry e = { .has_record = true, .count = 1, .reason = s->opts->reason,
		.event = AUDIT_SUBJECT_EXPORTED };
	enum rc rc = vault_begin(s->v);
	size_t i;

	if (rc != RC_OK)
		return rc;
	memcpy(e.record_uuid, s->record->uuid, sizeof e.record_uuid);
	rc = audit_append(s->v, &e);
	e.event = AUDIT_REVEALED;
	for (i = 0; rc == RC_OK && i < s->field_n; i++) {
		if (s->fields[i].cls == CLASS_OPEN)
			continue;
		e.field = s->fields[i].name;
		s->report->revealed++;
		rc = audit_append(s->v, &e);
	}
	if (rc == RC_OK)
		return vault_commit(s->v);
	vault_rollback(s->v);
	return rc;
}

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

static enum rc
write_all(struct subject *s)
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
	rc = put_history(s);
	if (rc == RC_OK)
		rc = put_audit(s);
	json_close(w, '}');
	if (rc == RC_OK)
		rc = w->rc;
	return rc == RC_OK ? sink_flush(w->sink) : rc;
}

/* One state of the vault, read after the audit's events are durable. */
static enum rc
write_out(struct subject *s)
{
	const struct sink_opts opts = { .format = SINK_JSON };
	int64_t id = s->record->id;
	enum rc rc = sink_new(&opts, export_target_write, s->target, &s->json.sink);

	if (rc == RC_OK)
		rc = vault_read_begin(s->v);
	if (rc != RC_OK)
		return rc;
	rc = field_same(s->v, s->fields, s->field_n);
	if (rc == RC_OK)
		rc = read_record(s, id, true);
	if (rc == RC_OK)
		rc = write_all(s);
	vault_read_end(s->v);
	s->report->rows = 1;
	return rc;
}

/* The columns and what the manifest says: all fields, in the clear. */
static enum rc
describe(struct subject *s)
{
	struct export_column *all = calloc(s->field_n + 1, sizeof *all);
	struct export_opts opts = *s->opts;
	enum rc rc = all ? RC_OK : RC_NOMEM;
	size_t i;

	for (i = 0; all && i < s->field_n; i++)
		all[i] = (struct export_column){ (int)i, TREAT_REVEAL };
	opts.columns = all;
	opts.column_n = s->field_n;
	opts.sink.format = SINK_JSON;
	opts.search.query = NULL;
	if (rc == RC_OK)
		rc = treated_new(s->v, &opts, &s->columns, s->err);
	if (rc == RC_OK)
		rc = export_facts_new(s->v, &opts, s->columns, 1, &s->facts);
	free(all);
	if (rc != RC_OK)
		return rc;
	free(s->facts->query);
	if (asprintf(&s->facts->query, "subject %lld", (long long)s->record->id) < 0) {
		s->facts->query = NULL;
		rc = RC_NOMEM;
	}
	return rc;
}

static enum rc
run(struct subject *s, int64_t id)
{
	enum rc rc = export_check_asked(s->opts, s->err);

	if (rc == RC_OK)
		rc = keyring_need_full(unlocked_keyring(s->v->unlocked),
		    "export all that is held on a person", s->err);
	if (rc == RC_OK)
		rc = find_record(s, id);
	if (rc == RC_OK)
		rc = describe(s);
	if (rc == RC_OK)
		rc = export_target_open(s->v, s->opts, &s->target, s->err);
	if (rc == RC_OK)
		rc = audit(s);
	if (rc == RC_OK)
		rc = write_out(s);
	if (rc == RC_OK)
		rc = export_target_finish(s->target, s->facts, s->columns, s->report);
	return rc;
}

enum rc
subject_export(struct vault *v, int64_t id, const struct export_opts *opts,
    struct export_report *report)
{
	struct subject s = { .v = v, .opts = opts, .report = report };
	enum rc rc;

	memset(report, 0, sizeof *report);
	s.err = vault_err_start(v);
	rc = run(&s, id);
	sink_free(s.json.sink);
	export_target_free(s.target);
	export_facts_free(s.facts);
	treated_free(s.columns);
	record_free(s.record);
	return rc == RC_OK ? rc : err_default(s.err, rc);
}
