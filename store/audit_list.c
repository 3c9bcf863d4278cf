/*
 * The audit's entries, newest first, as a filter lets them through.
 *
 * 1. They are walked by their number, which is the table's key, and by their record, which has an
 *    index. Time, event, user, field and slot have none: each entry would pay for it at its
 *    commit, and a filter that nothing passes walks a million entries in a tenth of a second.
 */
#include <stdio.h>
#include <string.h>

#include "keyring/header.h"
#include "store/audit_int.h"
#include "store/field.h"

void
audit_read(sqlite3_stmt *st, struct audit_entry *e)
{
	const void *uuid = sqlite3_column_blob(st, 5);

	memset(e, 0, sizeof *e);
	e->seq = sqlite3_column_int64(st, 0);
	e->at = sqlite3_column_int64(st, 1);
	e->event = (enum audit_event)sqlite3_column_int(st, 2);
	e->actor = (const char *)sqlite3_column_text(st, 3);
	e->slot = sqlite3_column_int(st, 4);
	e->has_record = uuid && sqlite3_column_bytes(st, 5) == sizeof e->record_uuid;
	if (e->has_record)
		memcpy(e->record_uuid, uuid, sizeof e->record_uuid);
	e->field = (const char *)sqlite3_column_text(st, 6);
	e->count = sqlite3_column_int64(st, 7);
	e->reason = (const char *)sqlite3_column_text(st, 8);
}

/* Whether ${sql} with ${text} has a row. */
static enum rc
has_entry(struct vault *v, const char *sql, const char *text)
{
	sqlite3_stmt *st;
	enum rc rc = sql_prepare(v, sql, &st);

	if (rc == RC_OK)
		rc = sql_bind(v, st, "z", text);
	if (rc == RC_OK)
		rc = sql_step(v, st);
	sqlite3_finalize(st);
	return rc;
}

/* A field that was dropped or renamed still has entries. */
static enum rc
check_field(struct vault *v, const char *name)
{
	enum rc rc;

	if (field_index(v, name) >= 0)
		return RC_OK;
	rc = has_entry(v, "SELECT 1 FROM audit WHERE field = ?1 LIMIT 1", name);
	return rc != RC_NOTFOUND ? rc
				 : err_set(&v->err, RC_INPUT,
				       "there is no field \"%s\", and no entry of the audit names it: "
				       "strongroom field list shows the fields",
				       name);
}

static enum rc
check_actor(struct vault *v, const char *name)
{
	enum rc rc = has_entry(v, "SELECT 1 FROM audit WHERE actor = ?1 LIMIT 1", name);

	return rc != RC_NOTFOUND ? rc
				 : err_set(&v->err, rc,
				       "no entry of the audit is by \"%s\": strongroom audit report "
				       "says by whom they are",
				       name);
}

static enum rc
check_record(struct vault *v, int64_t id)
{
	char text[24];
	enum rc rc;

	snprintf(text, sizeof text, "%lld", (long long)id);
	rc = has_entry(v, "SELECT 1 FROM record WHERE id = CAST(?1 AS INTEGER)", text);
	return rc != RC_NOTFOUND ? rc
				 : err_set(&v->err, rc,
				       "there is no record %s; the entries of one that was erased "
				       "are in the list without its number",
				       text);
}

enum rc
audit_filter_check(struct vault *v, const struct audit_filter *f)
{
	enum rc rc = RC_OK;

	vault_err_start(v);
	if (f->since && f->until && f->since >= f->until)
		return err_set(&v->err, RC_INPUT,
		    "the time asked for ends before it begins: exchange since and until");
	if (f->has_slot && (f->slot < 0 || f->slot >= HEADER_SLOTS))
		return err_set(&v->err, RC_INPUT, "slots have the numbers 0 to %d: strongroom "
		    "key list shows them", HEADER_SLOTS - 1);
	if (f->field)
		rc = check_field(v, f->field);
	if (rc == RC_OK && f->actor)
		rc = check_actor(v, f->actor);
	if (rc == RC_OK && f->record_id)
		rc = check_record(v, f->record_id);
	return rc;
}

/* SQLite knows only the parameters that the text names. */
static enum rc
bind_list(struct vault *v, const struct audit_filter *f, int64_t before, int limit,
    sqlite3_stmt *st)
{
	enum rc rc = sql_bind(v, st, "iiiiizi", before, (int64_t)f->event, f->record_id,
	    f->since, f->until, f->actor, (int64_t)limit);
	int code = SQLITE_OK;

	if (rc == RC_OK && f->field)
		code = sqlite3_bind_text(st, 8, f->field, -1, SQLITE_STATIC);
	if (rc == RC_OK && code == SQLITE_OK && f->has_slot)
		code = sqlite3_bind_int(st, 9, f->slot);
	return rc == RC_OK && code != SQLITE_OK
		   ? sql_code(v, code, "the vault can't be read")
		   : rc;
}

static enum rc
prepare_list(struct vault *v, const struct audit_filter *f, int64_t before, int limit,
    sqlite3_stmt **out)
{
	char buf[1024];
	struct sql_text t;
	enum rc rc;

	sql_text_init(&t, buf, sizeof buf);
	sql_add(&t, "SELECT " AUDIT_COLUMNS ", r.id FROM audit a"
		    " LEFT JOIN record r ON r.uuid = a.record_uuid WHERE 1");
	if (before > 0)
		sql_add(&t, " AND a.seq < ?1");
	if (f->event)
		sql_add(&t, " AND a.event = ?2");
	if (f->record_id)
		sql_add(
		    &t, " AND a.record_uuid = (SELECT uuid FROM record WHERE id = ?3)");
	if (f->since)
		sql_add(&t, " AND a.at >= ?4");
	if (f->until)
		sql_add(&t, " AND a.at < ?5");
	if (f->actor)
		sql_add(&t, " AND a.actor = ?6");
	if (f->field)
		sql_add(&t, " AND a.field = ?8");
	if (f->has_slot)
		sql_add(&t, " AND a.slot = ?9");
	sql_add(&t, " ORDER BY a.seq DESC LIMIT ?7");
	rc = sql_prepare(v, sql_end(&t), out);
	if (rc != RC_OK)
		return rc;
	return bind_list(v, f, before, limit, *out);
}

enum rc
audit_list(struct vault *v, const struct audit_filter *filter, int64_t before, int limit,
    audit_each_fn *each, void *arg)
{
	static const struct audit_filter all;
	struct audit_entry e;
	sqlite3_stmt *st;
	enum rc rc;

	vault_err_start(v);
	rc = prepare_list(v, filter ? filter : &all, before, limit, &st);
	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK) {
		audit_read(st, &e);
		e.record_id = sqlite3_column_int64(st, 9);
		if (!each(arg, &e))
			break;
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}
