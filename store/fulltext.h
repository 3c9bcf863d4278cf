#ifndef STORE_FULLTEXT_H
#define STORE_FULLTEXT_H

/* The full text index of the records. Everything here runs in the transaction that is open. */

#include "store/vault_int.h"

/**
 * fulltext_create(v, fields, n): the index over the open searchable ones of ${fields}, empty,
 * and what keeps it in step. fulltext_rebuild(v, fields, n): all of it anew.
 * fulltext_drop(v): it is gone until schema_settle makes it again, at the commit at the latest:
 * before a column that it is over goes.
 */
enum rc fulltext_create(struct vault *v, const struct field *fields, size_t n);
enum rc fulltext_drop(struct vault *v);
enum rc fulltext_rebuild(struct vault *v, const struct field *fields, size_t n);

/**
 * fulltext_defer(v, after): from now on records that are added are not indexed at once;
 * ${after}: the last one that is. Before anyone searches, and before the commit:
 * fulltext_catch_up(v, after, tick, arg): index them, and go on as before. ${tick} is called
 * between portions; what it returns, unless it is RC_OK, ends it.
 */
enum rc fulltext_defer(struct vault *v, int64_t *after);
enum rc fulltext_catch_up(
    struct vault *v, int64_t after, enum rc (*tick)(void *arg), void *arg);

#endif
