#ifndef STORE_COLLATE_H
#define STORE_COLLATE_H

#include <sqlite3.h>

#define COLLATE_NUMBER "strongroom_number"

/**
 * collate_register(db):
 * COLLATE_NUMBER orders decimal numbers as numbers, of any length and exactly; what is no number
 * comes after them, by its bytes. Each connection needs it. An SQLite code.
 */
int collate_register(sqlite3 *db);

/**
 * collate_compare(a, b): the same order, of two texts: below 0, 0, above 0.
 */
int collate_compare(const char *a, const char *b);

#endif
