/*
 * All that is held on one person.
 *
 *   subject_export -> check -> target_open -> audit -> write -> target_finish
 *
 * 1. The audit knows the record and each protected field before a value is read.
 * 2. Everything is read as one state of the vault, the audit's entries too: the event of
 *    this very export is the newest of them.
 */
#include "store/subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/audit.h"
#include "store/record_int.h"
#include "store/subject_int.h"
#include "store/unlocked.h"

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
		rc = subject_write(s);
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
	opts.fields = s->fields;
	opts.field_n = s->field_n;
	opts.sink.format = SINK_JSON;
	opts.search.query = NULL;
	if (rc == RC_OK)
		rc = treated_new(s->v, &opts, &s->columns, s->err);
	if (rc == RC_OK)
		rc = export_facts_new(s->v, &opts, s->columns, 1, &s->facts);
	free(all);
	if (rc != RC_OK)
		return rc;
	s->facts->source = "one person";
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
