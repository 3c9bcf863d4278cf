#ifndef STORE_SQL_H
#define STORE_SQL_H

/*
 * SQL for the store's own files: prepare, bind, step. The one place that maps SQLite's codes
 * to `enum rc`; every function here leaves the sentence of a failure in the vault.
 */

#include <sqlite3.h>

#include "store/vault_int.h"

/**
 * sql_code(v, code, what):
 * Map the result ${code} of a SQLite call on ${v}, and set its sentence: "${what}: why".
 * A bad tag (SQLITE_IOERR_DATA) is RC_TAMPER, SQLITE_CORRUPT RC_DAMAGED. When SQLite rolled
 * the open transaction back, that is noted: the rest of it is refused.
 */
enum rc sql_code(struct vault *v, int code, const char *what);

/**
 * sql_prepare(v, sql, out): RC_OK; inside a transaction that SQLite rolled back, the code of
 * that failure. NULL for ${sql} (a text that did not fit): RC_LIMIT. Free with
 * sqlite3_finalize.
 */
enum rc sql_prepare(struct vault *v, const char *sql, sqlite3_stmt **out);

/**
 * sql_keep(v, kept, sql, out): the statement that ${kept} holds, prepared the first time for as
 * long as the connection lasts; sql_release(st): reset it, and let go of what was bound.
 */
enum rc sql_keep(struct vault *v, sqlite3_stmt **kept, const char *sql, sqlite3_stmt **out);
void sql_release(sqlite3_stmt *st);

/**
 * sql_bind(v, st, kinds, ...):
 * Bind ?1, ?2, ... in turn, one letter of ${kinds} each: i (int64_t), z (const char *, ends
 * with NUL; NULL binds NULL), t (const char *, size_t), b (const void *, size_t), n (NULL;
 * takes no argument). Text and blobs must live until the statement is reset.
 */
enum rc sql_bind(struct vault *v, sqlite3_stmt *st, const char *kinds, ...);

/**
 * sql_step(v, st): RC_OK: there is a row; RC_NOTFOUND: no more; RC_CANCELLED (also when
 * vault_interrupt came between two steps).
 * sql_done(v, st): run to the end and reset; RC_OK.
 */
enum rc sql_step(struct vault *v, sqlite3_stmt *st);
enum rc sql_done(struct vault *v, sqlite3_stmt *st);

/**
 * sql_exec(v, sql): run statements that return nothing. sql_run(v, sql, kinds, ...): one
 * statement with bound values. sql_int(v, sql, out): the first column of the first row;
 * RC_NOTFOUND without one; RC_TAMPER when it is out of range (typed.h).
 */
enum rc sql_exec(struct vault *v, const char *sql);
enum rc sql_run(struct vault *v, const char *sql, const char *kinds, ...);
enum rc sql_int(struct vault *v, const char *sql, int64_t *out);

/**
 * sql_without_verify(v): take the advice to run verify out of the sentence of a failure: it runs,
 * or the vault does not even open.
 */
void sql_without_verify(struct vault *v);

/**
 * sql_new_id(v, out): the number that the last INSERT gave its row. RC_DAMAGED: none is left that
 * can be read again (typed.h); the transaction is to be rolled back.
 */
enum rc sql_new_id(struct vault *v, int64_t *out);

/**
 * sql_text(st, column): the text there, "" where none is; valid until the next step.
 */
const char *sql_text(sqlite3_stmt *st, int column);

/**
 * sql_meta_get(v, key, buf, cap, len), sql_meta_put(v, key, bytes, len):
 * A row of table meta, as a blob. RC_NOTFOUND; RC_DAMAGED (longer than ${cap}).
 */
enum rc sql_meta_get(
    struct vault *v, const char *key, void *buf, size_t cap, size_t *len);
enum rc sql_meta_put(struct vault *v, const char *key, const void *bytes, size_t len);

struct sql_text { /* SQL that is put together; holds names made from field ids, no values */
	char *at;
	size_t cap, len;
	bool cut; /* it did not fit */
};

/**
 * sql_text_init(t, buf, cap): begin in ${buf}. sql_add(t, fmt, ...): append.
 * sql_end(t): the text, or NULL when it did not fit.
 */
void sql_text_init(struct sql_text *t, char *buf, size_t cap);
void sql_add(struct sql_text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
const char *sql_end(const struct sql_text *t);

#endif
