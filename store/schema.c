/*
 * The tables of a vault.
 *
 * 1. Every open or masked field is a real column f_<id> of record, a sealed one has its
 *    values in table sealed and no column; an id is never given again. An empty value is
 *    NULL. Numbers are text in the order of COLLATE_NUMBER, all
 *    else is text in the order of NOCASE.
 * 2. Indexes, and what for: uuid (restoring a backup); each open e-mail field (duplicates of
 *    an import, the address that a caller gives) and each open name field (the order that a
 *    list of people is read in); updated_at of what is not in the trash (the list of the
 *    latest; counting without reading the rows) and deleted_at of what is; audit entries of
 *    one record. More would be paid for by every import.
 * 3. What came with a later version of the tables stands in migrate.c, where new vaults take
 *    it from too: there is one text of it.
 */
#include "store/schema.h"

#include <stdio.h>
#include <string.h>

#include "store/collate.h"
#include "store/convert_int.h"
#include "store/fulltext.h"
#include "store/sql.h"

static const char tables[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;"
    "CREATE TABLE field(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " label TEXT NOT NULL, type TEXT NOT NULL, class TEXT NOT NULL,"
    " position INTEGER NOT NULL, required INTEGER NOT NULL, searchable INTEGER NOT NULL);"
    "CREATE TABLE record(id INTEGER PRIMARY KEY AUTOINCREMENT, uuid BLOB NOT NULL UNIQUE,"
    " version INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,"
    " actor TEXT NOT NULL, deleted_at INTEGER, keep_until INTEGER);"
    "CREATE INDEX record_updated ON record(updated_at) WHERE deleted_at IS NULL;"
    "CREATE INDEX record_trash ON record(deleted_at) WHERE deleted_at IS NOT NULL;"
    "CREATE TABLE audit(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
    " event INTEGER NOT NULL, actor TEXT NOT NULL, slot INTEGER NOT NULL,"
    " record_uuid BLOB, field TEXT, count INTEGER, reason TEXT, mac BLOB NOT NULL);"
    "CREATE INDEX audit_record ON audit(record_uuid) WHERE record_uuid IS NOT NULL;";

const char *
schema_order_of(const struct field *f)
{
	if (f->type == TYPE_NUMBER || f->type == TYPE_MONEY)
		return COLLATE_NUMBER;
	return "NOCASE";
}

bool
schema_has_index(const struct field *f)
{
	return f->cls == CLASS_OPEN && (f->type == TYPE_EMAIL || f->type == TYPE_NAME);
}

/* Any change of SQLite's own schema does; its number can't be set in defensive mode. */
enum rc
schema_touch(struct vault *v)
{
	return sql_exec(v, "CREATE VIEW touch AS SELECT 0; DROP VIEW touch");
}

static enum rc
add_field(struct vault *v, const struct field *f)
{
	enum rc rc;

	rc = sql_run(v,
	    "INSERT INTO field(id, name, label, type, class, position, required, searchable)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?1, ?6, ?7)",
	    "izzzzii", (int64_t)f->id, f->name, f->label, type_name(f->type),
	    class_name(f->cls), (int64_t)f->required, (int64_t)f->searchable);
	if (rc == RC_OK)
		rc = storage_begin(v, f);
	if (rc == RC_OK)
		rc = storage_index(v, f);
	return rc == RC_OK && f->cls == CLASS_SEALED ? schema_touch(v) : rc;
}

enum rc
schema_create_bare(struct vault *v, int version)
{
	enum rc rc = sql_exec(v, tables);

	return rc == RC_OK && version > 1 ? migrate_from(v, 1) : rc;
}

enum rc
schema_create(struct vault *v, const struct field *fields, size_t n)
{
	enum rc rc;
	size_t i;

	rc = sql_exec(v, tables);
	for (i = 0; rc == RC_OK && i < n; i++)
		rc = add_field(v, &fields[i]);
	if (rc == RC_OK)
		rc = fulltext_create(v, fields, n);
	return rc == RC_OK ? migrate_from(v, 1) : rc;
}

enum rc
schema_add_column(struct vault *v, const struct field *f)
{
	enum rc rc;

	rc = add_field(v, f);
	if (rc == RC_OK)
		rc = field_load(v);
	if (rc == RC_OK && f->searchable)
		v->fts_stale = true;
	return rc;
}

enum rc
schema_settle(struct vault *v)
{
	const struct field *fields;
	enum rc rc;
	size_t n;

	if (!v->fts_stale)
		return RC_OK;
	fields = field_list(v, &n);
	rc = fulltext_rebuild(v, fields, n);
	if (rc == RC_OK)
		rc = field_load(v);
	v->fts_stale = rc != RC_OK;
	return rc;
}
