/*
 * The full text index.
 *
 * 1. It holds the open searchable fields and nothing else.
 * 2. Triggers keep it in step, so that no writer can forget it. They make SQLite open a
 *    savepoint for each row, at which the index writes out what it has gathered in memory:
 *    whoever adds many records puts it off instead, which costs a fifth.
 * 3. While it is put off, a change of a record that is not indexed yet leaves the index alone.
 */
#include "store/fulltext.h"

#include <stdlib.h>

#include "store/sql.h"

#define SQL_MAX (64 * 1024) /* FIELD_MAX columns fit */
#define PORTION 4096        /* records indexed between two looks at a cancel */

static const char drop_triggers[] =
    "DROP TRIGGER IF EXISTS record_fts_add; DROP TRIGGER IF EXISTS record_fts_remove;"
    "DROP TRIGGER IF EXISTS record_fts_change;";

/* "f_1, f_2" of the searchable fields, each with ${before}. */
static void
put_searchable(struct sql_text *t, const char *before, const struct field *f, size_t n)
{
	const char *comma = "";
	size_t i;

	for (i = 0; i < n; i++) {
		if (!f[i].searchable || f[i].cls != CLASS_OPEN)
			continue;
		sql_add(t, "%s%sf_%d", comma, before, f[i].id);
		comma = ", ";
	}
}

/* The statement of a trigger that adds a row to the index or takes it out. */
static void
put_step(struct sql_text *t, bool out, const struct field *f, size_t n)
{
	sql_add(t, " INSERT INTO record_fts(%srowid, ", out ? "record_fts, " : "");
	put_searchable(t, "", f, n);
	sql_add(t, ") VALUES(%s.id, ", out ? "'delete', old" : "new");
	put_searchable(t, out ? "old." : "new.", f, n);
	sql_add(t, ");");
}

/* ${after}: of the records up to this one; below zero: of all of them. */
static void
put_triggers(struct sql_text *t, const struct field *f, size_t n, int64_t after)
{
	if (after < 0) {
		sql_add(t, "CREATE TRIGGER record_fts_add AFTER INSERT ON record BEGIN");
		put_step(t, false, f, n);
		sql_add(t, " END;");
	}
	sql_add(t, "CREATE TRIGGER record_fts_remove AFTER DELETE ON record");
	if (after >= 0)
		sql_add(t, " WHEN old.id <= %lld", (long long)after);
	sql_add(t, " BEGIN");
	put_step(t, true, f, n);
	sql_add(t, " END; CREATE TRIGGER record_fts_change AFTER UPDATE OF ");
	put_searchable(t, "", f, n);
	sql_add(t, " ON record");
	if (after >= 0)
		sql_add(t, " WHEN old.id <= %lld", (long long)after);
	sql_add(t, " BEGIN");
	put_step(t, true, f, n);
	put_step(t, false, f, n);
	sql_add(t, " END;");
}

static void
put_table(struct sql_text *t, const struct field *f, size_t n)
{
	sql_add(t, "CREATE VIRTUAL TABLE record_fts USING fts5(");
	put_searchable(t, "", f, n);
	sql_add(t, ", content='record', content_rowid='id', prefix='2 3',"
		   " tokenize='unicode61 remove_diacritics 2');");
}

static void
put_portion(struct sql_text *t, const struct field *f, size_t n)
{
	sql_add(t, "INSERT INTO record_fts(rowid, ");
	put_searchable(t, "", f, n);
	sql_add(t, ") SELECT id, ");
	put_searchable(t, "", f, n);
	sql_add(t, " FROM record WHERE id > ?1 AND id <= ?2");
}

static enum rc
text_new(struct vault *v, struct sql_text *t, char **buf)
{
	*buf = malloc(SQL_MAX);
	if (!*buf)
		return err_default(&v->err, RC_NOMEM);
	sql_text_init(t, *buf, SQL_MAX);
	return RC_OK;
}

enum rc
fulltext_create(struct vault *v, const struct field *fields, size_t n)
{
	struct sql_text t;
	char *buf;
	enum rc rc = text_new(v, &t, &buf);

	if (rc != RC_OK)
		return rc;
	put_table(&t, fields, n);
	put_triggers(&t, fields, n, -1);
	rc = sql_exec(v, sql_end(&t));
	free(buf);
	return rc;
}

enum rc
fulltext_drop(struct vault *v)
{
	enum rc rc = sql_exec(v, drop_triggers);

	if (rc == RC_OK)
		rc = sql_exec(v, "DROP TABLE IF EXISTS record_fts");
	v->fts_stale = true;
	return rc;
}

enum rc
fulltext_rebuild(struct vault *v, const struct field *fields, size_t n)
{
	enum rc rc = fulltext_drop(v);

	if (rc == RC_OK)
		rc = fulltext_create(v, fields, n);
	if (rc == RC_OK)
		rc = sql_exec(v, "INSERT INTO record_fts(record_fts) VALUES('rebuild')");
	return rc;
}

/* Other triggers than there are; ${drop}: these. */
static enum rc
exchange(struct vault *v, const char *drop, int64_t after)
{
	struct sql_text t;
	const struct field *fields;
	size_t n;
	char *buf;
	enum rc rc = text_new(v, &t, &buf);

	if (rc != RC_OK)
		return rc;
	fields = field_list(v, &n);
	put_triggers(&t, fields, n, after);
	rc = sql_exec(v, drop);
	if (rc == RC_OK)
		rc = sql_exec(v, sql_end(&t));
	free(buf);
	return rc;
}

enum rc
fulltext_defer(struct vault *v, int64_t *after)
{
	enum rc rc = sql_int(v, "SELECT coalesce(max(id), 0) FROM record", after);

	return rc == RC_OK ? exchange(v, drop_triggers, *after) : rc;
}

static enum rc
index_all(struct vault *v, sqlite3_stmt *st, int64_t after, enum rc (*tick)(void *arg),
    void *arg)
{
	int64_t last, at;
	enum rc rc = sql_int(v, "SELECT coalesce(max(id), 0) FROM record", &last);

	for (at = after; rc == RC_OK && at < last; at += PORTION) {
		rc = sql_bind(v, st, "ii", at, at + PORTION);
		if (rc == RC_OK)
			rc = sql_done(v, st);
		if (rc == RC_OK)
			rc = tick(arg);
	}
	return rc;
}

enum rc
fulltext_catch_up(struct vault *v, int64_t after, enum rc (*tick)(void *arg), void *arg)
{
	struct sql_text t;
	const struct field *fields;
	sqlite3_stmt *st = NULL;
	size_t n;
	char *buf;
	enum rc rc = text_new(v, &t, &buf);

	if (rc != RC_OK)
		return rc;
	fields = field_list(v, &n);
	put_portion(&t, fields, n);
	rc = sql_prepare(v, sql_end(&t), &st);
	if (rc == RC_OK)
		rc = index_all(v, st, after, tick, arg);
	sqlite3_finalize(st);
	free(buf);
	if (rc != RC_OK)
		return rc;
	return exchange(v, "DROP TRIGGER record_fts_remove; DROP TRIGGER record_fts_change", -1);
}
