#ifndef STORE_FUNC_H
#define STORE_FUNC_H

/* What SQL of the store asks of the types of fields. */

#include <sqlite3.h>

/**
 * func_register(db): the function is_invalid(type, value) -> 1 when ${value} does not parse as
 * the type of that number (enum field_type), else 0. Returns SQLite's code.
 */
int func_register(sqlite3 *db);

#endif
