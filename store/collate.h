#ifndef STORE_COLLATE_H
#define STORE_COLLATE_H

#include <sqlite3.h>

#define COLLATE_NUMBER "strongroom_number"

/**
 * collate_number(arg, an, a, bn, b):
 * Order decimal numbers as numbers, of any length and exactly; what is no number comes after
 * them, by its bytes. A total order: SQLite's xCompare.
 */
int collate_number(void *arg, int an, const void *a, int bn, const void *b);

/**
 * collate_register(db): an SQLite code. Each connection needs it.
 */
int collate_register(sqlite3 *db);

#endif
