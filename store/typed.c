/*
 * What a row holds against what its columns are declared as.
 *
 * SQLite keeps anything in any column, and its readers make a number of any text: 0. Who can
 * open the pages can write that, and a reader would show a wrong row as a right one.
 *
 * 1. Every row that the store reads comes through here: sql_step is the one that reads.
 * 2. What the columns of a statement are is asked once and kept for the latest statements:
 *    the check itself costs one comparison a cell.
 */
#include "store/typed.h"

#include <stdio.h>
#include <string.h>

#pragma weak sqlite3_column_table_name  /* not in every build of SQLite */
#pragma weak sqlite3_column_origin_name

/* As SQLite calls it, so that a cell is compared with one look. 0: anything. */
static uint8_t
declared(sqlite3_stmt *st, int i)
{
	const char *type = sqlite3_column_decltype(st, i);

	if (!type)
		return 0;
	return strcmp(type, "INTEGER") == 0 ? SQLITE_INTEGER
	    : strcmp(type, "TEXT") == 0     ? SQLITE_TEXT
	    : strcmp(type, "BLOB") == 0     ? SQLITE_BLOB
	                                    : 0;
}

static const char *
origin(sqlite3_stmt *st, int i)
{
	const char *name = sqlite3_column_origin_name ? sqlite3_column_origin_name(st, i) : NULL;

	return name ? name : sqlite3_column_name(st, i);
}

/* ", record 5", when a column of the row says which one it is. */
static void
put_row(sqlite3_stmt *st, char *out, size_t cap)
{
	static const char *const keys[] = { "record_id", "id", "seq" };
	const int n = sqlite3_column_count(st);
	size_t k;
	int i;

	*out = '\0';
	for (k = 0; k < sizeof keys / sizeof *keys; k++)
		for (i = 0; i < n; i++)
			if (strcmp(origin(st, i), keys[k]) == 0 &&
			    sqlite3_column_type(st, i) == SQLITE_INTEGER) {
				snprintf(out, cap, ", %s %lld", keys[k],
				    (long long)sqlite3_column_int64(st, i));
				return;
			}
}

static enum rc
differs(struct vault *v, sqlite3_stmt *st, int i, uint8_t kind)
{
	const char *table =
	    sqlite3_column_table_name ? sqlite3_column_table_name(st, i) : NULL;
	char row[48];

	put_row(st, row, sizeof row);
	return err_set(&v->err, RC_TAMPER,
	    "%s: table %.40s%s, column %.40s holds what is no %s: somebody who can open its "
	    "pages altered it; run verify, and restore a backup", v->path,
	    table ? table : "(not known)", row, origin(st, i),
	    kind == SQLITE_INTEGER ? "whole number" : kind == SQLITE_TEXT ? "text" : "bytes");
}

/* What the columns of ${st} are; NULL: it has more than are kept. */
static const uint8_t *
kinds_of(struct vault *v, sqlite3_stmt *st)
{
	const int n = sqlite3_column_count(st);
	struct typed *t;
	int i;

	for (i = 0; i < TYPED_KEPT; i++)
		if (v->typed[i].st == st)
			return v->typed[i].kinds;
	if (n > TYPED_COLUMNS)
		return NULL;
	t = &v->typed[v->typed_next++ % TYPED_KEPT];
	t->st = st;
	for (i = 0; i < n; i++)
		t->kinds[i] = declared(st, i);
	return t->kinds;
}

enum rc
typed_check(struct vault *v, sqlite3_stmt *st)
{
	const int n = sqlite3_data_count(st);
	const uint8_t *kinds = kinds_of(v, st);
	uint8_t kind;
	int i, is;

	for (i = 0; i < n; i++) {
		kind = kinds ? kinds[i] : declared(st, i);
		is = sqlite3_column_type(st, i);
		if (kind && is != kind && is != SQLITE_NULL)
			return differs(v, st, i, kind);
	}
	return RC_OK;
}

void
typed_forget(struct vault *v, const sqlite3_stmt *st)
{
	int i;

	for (i = 0; i < TYPED_KEPT; i++)
		if (v->typed[i].st == st)
			v->typed[i].st = NULL;
}
