/*
 * The tables of an older vault brought to the version of this program.
 *
 * 1. All steps and the new number are one transaction: a vault has the tables of one
 *    version, whatever ends the program meanwhile.
 * 2. That it was done is in the audit, by the same transaction.
 * 3. A new vault gets the first version's tables (schema.c) and then these same steps.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/audit.h"
#include "store/convert_int.h"
#include "store/schema.h"
#include "store/shape.h"
#include "store/sql.h"

#define SQL_MAX (64 * 1024) /* FIELD_MAX columns fit */

/*
 * Sealed values and what they ask for, tags, history, drafts, saved views and templates, and
 * what imports and exports were. A field that replaces another is one in the making
 * (convert.c): nobody else sees it.
 */
static const char to_2[] =
    "ALTER TABLE field ADD COLUMN replaces INTEGER;"
    "ALTER TABLE field ADD COLUMN converted_to INTEGER;"
    "ALTER TABLE record ADD COLUMN invalid INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX record_keep ON record(keep_until) WHERE keep_until IS NOT NULL;"
    "CREATE INDEX record_invalid ON record(id) WHERE invalid > 0;"
    "CREATE TABLE sealed(record_id INTEGER NOT NULL, field_id INTEGER NOT NULL,"
    " hint TEXT, blind BLOB, value BLOB NOT NULL, invalid INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY(record_id, field_id)) WITHOUT ROWID;"
    "CREATE INDEX sealed_blind ON sealed(field_id, blind) WHERE blind IS NOT NULL;"
    "CREATE TABLE tag(tag TEXT NOT NULL COLLATE NOCASE, record_id INTEGER NOT NULL,"
    " PRIMARY KEY(tag, record_id)) WITHOUT ROWID;"
    "CREATE INDEX tag_record ON tag(record_id, tag);"
    "CREATE TABLE history(record_id INTEGER NOT NULL, version INTEGER NOT NULL,"
    " at INTEGER NOT NULL, actor TEXT NOT NULL, step INTEGER NOT NULL,"
    " change BLOB NOT NULL, PRIMARY KEY(record_id, version)) WITHOUT ROWID;"
    "CREATE INDEX history_step ON history(step);"
    "CREATE TABLE step(id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,"
    " actor TEXT NOT NULL, name TEXT NOT NULL, root INTEGER, last INTEGER,"
    " undone INTEGER NOT NULL DEFAULT 0, import_run INTEGER, first_id INTEGER,"
    " last_id INTEGER);"
    "CREATE INDEX step_import ON step(import_run) WHERE import_run IS NOT NULL;"
    "CREATE TABLE draft(view TEXT PRIMARY KEY, at INTEGER NOT NULL, value BLOB NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE view(name TEXT COLLATE NOCASE PRIMARY KEY, query TEXT, columns TEXT,"
    " sort TEXT) WITHOUT ROWID;"
    "CREATE TABLE template(kind TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE,"
    " body TEXT NOT NULL, PRIMARY KEY(kind, name)) WITHOUT ROWID;"
    "CREATE TABLE import_run(id INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
    " actor TEXT NOT NULL, name TEXT, sha256 BLOB, rows INTEGER, added INTEGER,"
    " updated INTEGER, first_id INTEGER, last_id INTEGER, undone_at INTEGER, reason TEXT);"
    "CREATE TABLE export_run(id INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
    " actor TEXT NOT NULL, query TEXT, columns TEXT, treatments TEXT, format TEXT,"
    " count INTEGER, sha256 BLOB, reason TEXT);";

static const char *const steps[] = { [1] = to_2 }; /* from the version of the index */

enum rc
migrate_from(struct vault *v, int version)
{
	char sql[64];
	enum rc rc = RC_OK;

	for (; rc == RC_OK && version < SCHEMA_VERSION; version++)
		rc = sql_exec(v, steps[version]);
	snprintf(sql, sizeof sql, "PRAGMA user_version = %d", SCHEMA_VERSION);
	return rc == RC_OK ? sql_exec(v, sql) : rc;
}

static enum rc
read_version(struct vault *v, int64_t *version)
{
	enum rc rc = sql_int(v, "PRAGMA user_version", version);

	if (rc != RC_OK)
		return rc;
	if (*version > SCHEMA_VERSION)
		return err_set(&v->err, RC_VERSION,
		    "%s: its tables have version %lld, this program knows %d: use a newer "
		    "strongroom", v->path, (long long)*version, SCHEMA_VERSION);
	if (*version < 1)
		return err_set(&v->err, RC_FORMAT,
		    "%s: it is an encrypted database, but holds no customer records", v->path);
	return RC_OK;
}

/* Version 1 did not count the cells that do not parse. */
static enum rc
count_invalid(struct vault *v)
{
	size_t i, n;
	const struct field *f = field_list(v, &n);
	char *buf = malloc(SQL_MAX);
	struct sql_text t;
	enum rc rc;

	if (!buf)
		return err_default(&v->err, RC_NOMEM);
	sql_text_init(&t, buf, SQL_MAX);
	sql_add(&t, "UPDATE record SET invalid = 0");
	for (i = 0; i < n; i++) {
		sql_add(&t, " + ");
		storage_invalid(&t, &f[i]);
	}
	rc = sql_exec(v, sql_end(&t));
	free(buf);
	return rc;
}

enum rc
schema_check(struct vault *v)
{
	char what[SHAPE_WHAT];
	int64_t version;
	enum rc rc = read_version(v, &version);

	if (rc == RC_OK && version < SCHEMA_VERSION && v->readonly)
		return err_set(&v->err, RC_READONLY,
		    "%s: its tables have version %lld and are brought to %d when it is first "
		    "opened for writing, which it can't be here: copy it to a place where you may "
		    "write", v->path, (long long)version, SCHEMA_VERSION);
	return rc == RC_OK ? shape_check(v, false, what) : rc;
}

static enum rc
bring_up(struct vault *v, int version)
{
	char what[64];
	const struct audit_entry e = {
	    .event = AUDIT_MIGRATED, .count = -1, .reason = what};
	enum rc rc = migrate_from(v, version);

	if (rc == RC_OK && version < 2)
		rc = count_invalid(v);
	snprintf(what, sizeof what, "tables of version %d to %d", version, SCHEMA_VERSION);
	return rc == RC_OK ? audit_append(v, &e) : rc;
}

enum rc
schema_migrate(struct vault *v)
{
	int64_t version;
	enum rc rc = read_version(v, &version);

	if (rc != RC_OK || version == SCHEMA_VERSION)
		return rc;
	rc = vault_begin(v);
	if (rc != RC_OK)
		return rc;
	rc = read_version(v, &version); /* another process may have been first */
	if (rc == RC_OK && version < SCHEMA_VERSION)
		rc = bring_up(v, (int)version);
	if (rc == RC_OK)
		return vault_commit(v);
	vault_rollback(v);
	return rc;
}
