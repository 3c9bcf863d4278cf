/*
 * SQL for the store's own files.
 *
 * 1. This is the one place that maps SQLite's codes to `enum rc`.
 * 2. No sentence holds a value: SQLite's own messages, which may, are never passed on.
 * 3. A row whose cells are not what their columns are declared as is no row (typed.c).
 * 4. After an error inside a transaction SQLite may have rolled all of it back; what follows
 *    would be committed one by one. Every error therefore looks at sqlite3_get_autocommit,
 *    and a transaction that is gone takes no further statement.
 */
#include "store/sql.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store/typed.h"
#include "vfs/vfs.h"

static enum rc
map_io(int code)
{
	switch (code) {
	case SQLITE_IOERR_DATA:
		return RC_TAMPER;
	case SQLITE_IOERR_NOMEM:
		return RC_NOMEM;
	case SQLITE_IOERR_SHMSIZE: /* the log's index can't grow */
		return RC_FULL;
	default:
		return RC_IO;
	}
}

static enum rc
map(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
		return RC_OK;
	case SQLITE_DONE:
		return RC_NOTFOUND;
	case SQLITE_NOMEM:
		return RC_NOMEM;
	case SQLITE_IOERR:
		return map_io(code);
	case SQLITE_CANTOPEN:
	case SQLITE_PROTOCOL:
		return RC_IO;
	case SQLITE_FULL:
		return RC_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return RC_BUSY;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return RC_READONLY;
	case SQLITE_INTERRUPT:
		return RC_CANCELLED;
	case SQLITE_AUTH:
		return RC_LOCKED;
	case SQLITE_CONSTRAINT: /* strongroom writes nothing that breaks one */
	case SQLITE_MISMATCH:
	case SQLITE_CORRUPT:
		return RC_DAMAGED;
	case SQLITE_NOTADB:
		return RC_FORMAT;
	case SQLITE_TOOBIG:
		return RC_LIMIT;
	default:
		return RC_INTERNAL;
	}
}

/* What the user can do about it. */
static const char *
advice(enum rc rc)
{
	switch (rc) {
	case RC_BUSY:
		return "; another program is writing: wait until it has ended, then try again";
	case RC_FULL:
		return "; make room, then try again";
	case RC_READONLY:
		return "; copy it to a place where you may write, or ask its owner";
	case RC_LOCKED:
		return " to this session, since its master keys were replaced meanwhile: close it "
		       "and open it again";
	case RC_DAMAGED:
	case RC_IO:
		return "; run verify, and keep the last backup";
	default:
		return "";
	}
}

void
sql_without_verify(struct vault *v)
{
	static const char advice[] = "run verify, and ";
	char *at = strstr(v->err.text, advice);

	if (at)
		memmove(at, at + strlen(advice), strlen(at + strlen(advice)) + 1);
}

static void
say_altered(struct vault *v, const char *what)
{
	const uint32_t page = v->db ? vfs_last_bad_page(v->db, "main") : 0;

	if (page)
		err_set(&v->err, RC_TAMPER,
		    "%s: %s: page %u does not verify: it was altered outside of strongroom, or "
		    "the disk damaged it; run verify, and keep the last backup",
		    v->path, what, page);
	else
		err_set(&v->err, RC_TAMPER,
		    "%s: %s: its header, or the log or journal beside it, is not what strongroom "
		    "wrote there last; keep a copy of all of them and restore a backup",
		    v->path, what);
}

static void
say(struct vault *v, enum rc rc, int code, const char *what)
{
	if (*v->err.text)
		return;
	if (rc == RC_TAMPER) {
		say_altered(v, what);
	} else if (rc == RC_CANCELLED) {
		err_set(&v->err, rc, "cancelled");
	} else if (rc == RC_INTERNAL) {
		err_set(&v->err, rc, "%s: %s: an internal check failed (SQLite: %s); please report it",
		    v->path, what, sqlite3_errstr(code));
	} else {
		err_set(&v->err, rc, "%s: %s: %s%s", v->path, what, rc_text(rc), advice(rc));
	}
}

/* What SQLite calls full too: a table whose highest number is the last one there is. */
static bool
numbers_end(struct vault *v)
{
	sqlite3_stmt *st = NULL;
	bool end = false;

	if (v->db &&
	    sqlite3_prepare_v2(v->db, "SELECT 1 FROM sqlite_sequence WHERE seq >= ?1 UNION ALL"
	        " SELECT 1 FROM record WHERE id = ?1 UNION ALL SELECT 1 FROM step WHERE id = ?1",
	        -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_bind_int64(st, 1, INT64_MAX) == SQLITE_OK)
		end = sqlite3_step(st) == SQLITE_ROW;
	sqlite3_finalize(st);
	return end;
}

static enum rc
no_number(struct vault *v)
{
	v->err.text[0] = '\0';
	return err_set(&v->err, RC_DAMAGED,
	    "%s: no number is left for what is to be written: somebody who can open the pages gave "
	    "the last one away; run verify, and restore a backup", v->path);
}

enum rc
sql_new_id(struct vault *v, int64_t *out)
{
	*out = sqlite3_last_insert_rowid(v->db);
	return typed_number_ok(*out) ? RC_OK : no_number(v);
}

enum rc
sql_code(struct vault *v, int code, const char *what)
{
	enum rc rc = map(code);

	if (rc == RC_OK || rc == RC_NOTFOUND)
		return rc;
	if (rc == RC_FULL && numbers_end(v))
		rc = no_number(v);
	if (rc == RC_BUSY && atomic_load(&v->interrupted))
		rc = RC_CANCELLED; /* it was asked to wait no longer */
	say(v, rc, code, what);
	if (v->in_tx && v->tx_rc == RC_OK && v->db && sqlite3_get_autocommit(v->db))
		v->tx_rc = rc;
	return rc;
}

enum rc
sql_prepare(struct vault *v, const char *sql, sqlite3_stmt **out)
{
	int code;

	*out = NULL;
	if (!sql)
		return err_set(&v->err, RC_LIMIT, "the vault has more fields than fit a statement");
	if (v->in_tx && v->tx_rc != RC_OK)
		return err_default(&v->err, v->tx_rc);
	code = sqlite3_prepare_v2(v->db, sql, -1, out, NULL);
	typed_forget(v, *out);
	return code == SQLITE_OK ? RC_OK : sql_code(v, code, "the vault can't be read");
}

enum rc
sql_keep(struct vault *v, sqlite3_stmt **kept, const char *sql, sqlite3_stmt **out)
{
	int code = SQLITE_OK;

	*out = NULL;
	if (v->in_tx && v->tx_rc != RC_OK)
		return err_default(&v->err, v->tx_rc);
	if (!*kept) {
		code = sqlite3_prepare_v3(v->db, sql, -1, SQLITE_PREPARE_PERSISTENT, kept, NULL);
		typed_forget(v, *kept);
	}
	*out = *kept;
	return code == SQLITE_OK ? RC_OK : sql_code(v, code, "the vault can't be read");
}

void
sql_release(sqlite3_stmt *st)
{
	sqlite3_reset(st);
	if (st)
		sqlite3_clear_bindings(st);
}

static int
bind_one(sqlite3_stmt *st, int i, char kind, va_list *ap)
{
	const void *at;
	const char *text;
	sqlite3_int64 value;
	size_t len;

	switch (kind) {
	case 'i':
		value = va_arg(*ap, int64_t);
		return sqlite3_bind_int64(st, i, value);
	case 'z':
		text = va_arg(*ap, const char *);
		return sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);
	case 't':
		text = va_arg(*ap, const char *);
		len = va_arg(*ap, size_t);
		return sqlite3_bind_text64(st, i, text, len, SQLITE_STATIC, SQLITE_UTF8);
	case 'b':
		at = va_arg(*ap, const void *);
		len = va_arg(*ap, size_t);
		return sqlite3_bind_blob64(st, i, at, len, SQLITE_STATIC);
	case 'n':
		return sqlite3_bind_null(st, i);
	default:
		return SQLITE_MISUSE;
	}
}

static enum rc
bind_all(struct vault *v, sqlite3_stmt *st, const char *kinds, va_list *ap)
{
	int i, code = SQLITE_OK;

	for (i = 1; *kinds && code == SQLITE_OK; kinds++, i++)
		code = bind_one(st, i, *kinds, ap);
	return code == SQLITE_OK ? RC_OK : sql_code(v, code, "a value can't be stored");
}

enum rc
sql_bind(struct vault *v, sqlite3_stmt *st, const char *kinds, ...)
{
	va_list ap;
	enum rc rc;

	va_start(ap, kinds);
	rc = bind_all(v, st, kinds, &ap);
	va_end(ap);
	return rc;
}

/* A COMMIT is read-only to SQLite, and so is a SELECT that finds no room for its log's index. */
static bool
is_write(sqlite3_stmt *st, int code)
{
	return !sqlite3_stmt_readonly(st) || strcmp(sqlite3_sql(st), "COMMIT") == 0 ||
	    (code & 0xff) == SQLITE_FULL;
}

enum rc
sql_step(struct vault *v, sqlite3_stmt *st)
{
	enum rc rc;
	int code;

	if (v->in_tx && v->tx_rc != RC_OK)
		return err_default(&v->err, v->tx_rc);
	if (atomic_load(&v->interrupted))
		return err_set(&v->err, RC_CANCELLED, "cancelled");
	code = sqlite3_step(st);
	rc = sql_code(v, code,
	    is_write(st, code) ? "the vault can't be written" : "the vault can't be read");
	if (rc == RC_OK)
		rc = typed_check(v, st);
	if (rc != RC_OK)
		sqlite3_reset(st);
	return rc;
}

enum rc
sql_done(struct vault *v, sqlite3_stmt *st)
{
	enum rc rc;

	do
		rc = sql_step(v, st);
	while (rc == RC_OK);
	sqlite3_reset(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
run_first(struct vault *v, const char *sql, const char **rest)
{
	sqlite3_stmt *st;
	enum rc rc;
	int code;

	code = sqlite3_prepare_v2(v->db, sql, -1, &st, rest);
	if (code != SQLITE_OK)
		return sql_code(v, code, "the vault can't be used");
	typed_forget(v, st);
	rc = st ? sql_done(v, st) : RC_OK;
	sqlite3_finalize(st);
	return rc;
}

enum rc
sql_exec(struct vault *v, const char *sql)
{
	enum rc rc = RC_OK;

	if (!sql)
		return err_set(&v->err, RC_LIMIT, "the vault has more fields than fit a statement");
	while (rc == RC_OK && *sql)
		rc = run_first(v, sql, &sql);
	return rc;
}

enum rc
sql_run(struct vault *v, const char *sql, const char *kinds, ...)
{
	sqlite3_stmt *st;
	va_list ap;
	enum rc rc;

	rc = sql_prepare(v, sql, &st);
	if (rc != RC_OK)
		return rc;
	va_start(ap, kinds);
	rc = bind_all(v, st, kinds, &ap);
	va_end(ap);
	if (rc == RC_OK)
		rc = sql_done(v, st);
	sqlite3_finalize(st);
	return rc;
}

enum rc
sql_int(struct vault *v, const char *sql, int64_t *out)
{
	sqlite3_stmt *st;
	enum rc rc;

	*out = 0;
	rc = sql_prepare(v, sql, &st);
	if (rc != RC_OK)
		return rc;
	rc = sql_step(v, st);
	if (rc == RC_OK)
		*out = sqlite3_column_int64(st, 0);
	if (!typed_number_ok(*out)) {
		*out = 0;
		rc = err_set(&v->err, RC_TAMPER, "%s: a number in its tables is out of range: "
		    "somebody who can open its pages altered it; run verify, and restore a backup",
		    v->path);
	}
	sqlite3_finalize(st);
	return rc;
}

const char *
sql_text(sqlite3_stmt *st, int column)
{
	const char *text = (const char *)sqlite3_column_text(st, column);

	return text ? text : "";
}

enum rc
sql_meta_get(struct vault *v, const char *key, void *buf, size_t cap, size_t *len)
{
	sqlite3_stmt *st;
	enum rc rc;

	*len = 0;
	rc = sql_prepare(v, "SELECT value FROM meta WHERE key = ?1", &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "z", key);
	if (rc == RC_OK)
		rc = sql_step(v, st);
	if (rc == RC_OK) {
		*len = (size_t)sqlite3_column_bytes(st, 0);
		if (*len > cap)
			rc = err_set(&v->err, RC_DAMAGED, "%s: its entry %s is damaged; run verify, "
			    "and restore a backup",
			    v->path, key);
		else if (*len)
			memcpy(buf, sqlite3_column_blob(st, 0), *len);
	}
	sqlite3_finalize(st);
	return rc;
}

enum rc
sql_meta_put(struct vault *v, const char *key, const void *bytes, size_t len)
{
	return sql_run(v, "INSERT INTO meta(key, value) VALUES(?1, ?2)"
			  " ON CONFLICT(key) DO UPDATE SET value = excluded.value",
	    "zb", key, bytes, len);
}

void
sql_text_init(struct sql_text *t, char *buf, size_t cap)
{
	t->at = buf;
	t->cap = cap;
	t->len = 0;
	t->cut = false;
	buf[0] = '\0';
}

void
sql_add(struct sql_text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (t->cut)
		return;
	va_start(ap, fmt);
	n = vsnprintf(t->at + t->len, t->cap - t->len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= t->cap - t->len)
		t->cut = true;
	else
		t->len += (size_t)n;
}

const char *
sql_end(const struct sql_text *t)
{
	return t->cut ? NULL : t->at;
}
