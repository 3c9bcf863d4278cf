/*
 * What a row holds against what its columns are declared as.
 *
 * SQLite keeps anything in any column, and its readers make a number of any text: 0. Who can
 * open the pages can write that, and a reader would show a wrong row as a right one.
 *
 * 1. Every row that sql_step reads comes through here. verify_cells alone reads others: what it
 *    looks for is what would end here.
 * 2. No number that comes straight from a column of a table is beyond TYPED_NUMBER_MAX: what is
 *    added to it can't overflow. What an expression makes has no type to be compared with.
 * 3. What the columns of a statement are is asked once and kept for the latest statements:
 *    the check itself costs one comparison a cell.
 */
#include "store/typed.h"

#include <stdio.h>
#include <string.h>

#pragma weak sqlite3_column_table_name  /* not in every build of SQLite */
#pragma weak sqlite3_column_origin_name

#define NEEDED 0x80 /* beside the type: NULL may not be */

static const char *
table_of(sqlite3_stmt *st, int i)
{
	return sqlite3_column_table_name ? sqlite3_column_table_name(st, i) : NULL;
}

static const char *
origin(sqlite3_stmt *st, int i)
{
	const char *name = sqlite3_column_origin_name ? sqlite3_column_origin_name(st, i) : NULL;

	return name ? name : sqlite3_column_name(st, i);
}

/* Whether the table that column ${i} is from has it NOT NULL. */
static bool
is_needed(sqlite3_stmt *st, int i)
{
	const char *table = table_of(st, i);
	int needed = 0;

	if (table)
		sqlite3_table_column_metadata(sqlite3_db_handle(st), "main", table, origin(st, i),
		    NULL, NULL, &needed, NULL, NULL);
	return needed != 0;
}

uint8_t
typed_declared(const char *type)
{
	if (!type)
		return 0;
	return strcmp(type, "INTEGER") == 0 ? SQLITE_INTEGER
	    : strcmp(type, "TEXT") == 0     ? SQLITE_TEXT
	    : strcmp(type, "BLOB") == 0     ? SQLITE_BLOB
	                                    : 0;
}

/* The row that an outer join did not find is all NULL. */
static void
describe(sqlite3_stmt *st, uint8_t *kinds, int n)
{
	const bool outer = strstr(sqlite3_sql(st), "LEFT JOIN") != NULL;
	int i;

	for (i = 0; i < n; i++) {
		kinds[i] = typed_declared(sqlite3_column_decltype(st, i));
		if (kinds[i] && !outer && is_needed(st, i))
			kinds[i] |= NEEDED;
	}
}

/* ", record_id 5", when a column of the row says which one it is. */
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
	const char *table = table_of(st, i);
	char row[48];

	put_row(st, row, sizeof row);
	return err_set(&v->err, RC_TAMPER,
	    "%s: table %.40s%s, column %.40s holds what is no %s: somebody who can open its "
	    "pages altered it; run verify, and restore a backup", v->path,
	    table ? table : "(not known)", row, origin(st, i),
	    kind == SQLITE_INTEGER    ? "whole number that may be there"
	        : kind == SQLITE_TEXT ? "text"
	                              : "bytes");
}

/* NULL without a place for so many. */
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
	describe(st, t->kinds, n);
	return t->kinds;
}

bool
typed_number_ok(int64_t n)
{
	return n >= -TYPED_NUMBER_MAX && n <= TYPED_NUMBER_MAX;
}

static bool
is_good(sqlite3_stmt *st, int i, uint8_t kind)
{
	sqlite3_value *cell = sqlite3_column_value(st, i);
	const int is = sqlite3_value_type(cell);

	if (is == SQLITE_NULL)
		return !(kind & NEEDED);
	if (is != (kind & ~NEEDED))
		return false;
	return is != SQLITE_INTEGER || typed_number_ok(sqlite3_value_int64(cell));
}

enum rc
typed_check(struct vault *v, sqlite3_stmt *st)
{
	const int n = sqlite3_data_count(st);
	const uint8_t *kinds = n ? kinds_of(v, st) : NULL;
	int i;

	if (n && !kinds)
		return err_set(&v->err, RC_LIMIT, "the vault has more fields than fit a row");
	for (i = 0; i < n; i++)
		if (kinds[i] && !is_good(st, i, kinds[i]))
			return differs(v, st, i, kinds[i] & (uint8_t)~NEEDED);
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
