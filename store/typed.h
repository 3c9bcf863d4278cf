#ifndef STORE_TYPED_H
#define STORE_TYPED_H

/* What a row holds against what its columns are declared as. For store/sql.c. */

#include "store/vault_int.h"

#define TYPED_NUMBER_MAX (1ll << 58) /* beyond any count, and the year 9999 in microseconds */

/**
 * typed_check(v, st): whether each column of the row that ${st} stands on, which comes straight
 * from a table, holds what that table declares. RC_OK; RC_TAMPER, with a sentence that names
 * table, row and column.
 * typed_declared(type): the type that a column is declared with (may be NULL) as SQLite calls
 * it, SQLITE_INTEGER, SQLITE_TEXT or SQLITE_BLOB, so that a cell is compared with one look; 0:
 * anything may be there.
 * typed_number_ok(n): whether a number is one that a table may hold.
 * typed_forget(v, st): ${st} is a new statement, at a place where another one may have been.
 */
enum rc typed_check(struct vault *v, sqlite3_stmt *st);
uint8_t typed_declared(const char *type);
bool typed_number_ok(int64_t n);
void typed_forget(struct vault *v, const sqlite3_stmt *st);

#endif
