#ifndef STORE_JSONL_H
#define STORE_JSONL_H

/*
 * A streaming reader of JSON lines: one object a line, its names are columns, its values
 * texts. What `export --format json` writes, an array with an object a line, is read too.
 * Bounds and faults are those of csv.h. Memory: the first lines, and one more.
 */

#include "store/csv.h"

#define JSONL_LOOKED_AT 200 /* objects whose names make the columns */

struct jsonl;

/**
 * jsonl_new(read, arg, out):
 * Read the first lines for their names. RC_OK; RC_NOMEM; the reader's code.
 * jsonl_header(j, row): the names, in the order in which they came.
 * jsonl_next(j, row): as csv_next. Strings as they are; numbers, true and false as they are
 * written; null and a name that is missing: empty. ${fault_column} is 0 where a fault has
 * none.
 */
enum rc jsonl_new(csv_read_fn *read, void *arg, struct jsonl **out);
void jsonl_header(const struct jsonl *j, struct csv_row *row);
enum rc jsonl_next(struct jsonl *j, struct csv_row *row);
void jsonl_free(struct jsonl *j);

#endif
