#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

/* The tables of a vault, and the text form of its field catalogue. */

#include "store/vault_int.h"

#define SCHEMA_VERSION 2

/**
 * schema_default(): the catalogue `customers`, in the text form.
 * schema_parse(text, out, n, err): one field a line, `name type class [required] [search]
 * ["Label"]`; empty lines and lines that begin with # are skipped. The caller frees ${out}.
 * RC_OK; RC_INPUT (names the line); RC_LIMIT; RC_NOMEM.
 */
const char *schema_default(void);
enum rc schema_parse(const char *text, struct field **out, size_t *n, struct err *err);

/**
 * schema_name_ok(name): whether it may be a field's name: [a-z][a-z0-9_]*, at most
 * FIELD_NAME_MAX, not a word with a meaning of its own in queries and columns (id, is, ...).
 * schema_name_reserved(name): whether it is such a word.
 */
bool schema_name_ok(const char *name);
bool schema_name_reserved(const char *name);

/**
 * schema_create(v, fields, n): all tables, in the transaction that is open.
 * schema_create_bare(v, version): those of version 1 or of SCHEMA_VERSION, without what the
 * fields bring: columns, their indexes, the full text.
 * schema_add_column(v, f): the column of ${f} (its id is set) and its index, in the
 * transaction that is open. With a searchable field the full text is out of date:
 * schema_settle(v): make it again if it is, once for all fields that were added; before the
 * next row is written, before a search, and before the commit.
 * schema_order_of(f): the collation of the column of ${f}. schema_has_index(f): whether it has
 * an index.
 * schema_touch(v): the catalogue was changed without a change to a column: other connections
 * are to read it again (field_load).
 * schema_check(v): whether this program can use the tables of an existing vault, perhaps after
 * schema_migrate. RC_OK; RC_VERSION; RC_FORMAT; RC_READONLY (older ones, and they can't be
 * migrated here); RC_TAMPER (somebody else made them, or changed them: shape_check).
 * schema_migrate(v): bring older tables to SCHEMA_VERSION, in one transaction.
 * migrate_from(v, version): the steps alone, in the transaction that is open.
 */
enum rc schema_create(struct vault *v, const struct field *fields, size_t n);
enum rc schema_create_bare(struct vault *v, int version);
enum rc schema_add_column(struct vault *v, const struct field *f);
enum rc schema_settle(struct vault *v);
const char *schema_order_of(const struct field *f);
bool schema_has_index(const struct field *f);
enum rc schema_touch(struct vault *v);
enum rc schema_check(struct vault *v);
enum rc schema_migrate(struct vault *v);
enum rc migrate_from(struct vault *v, int version);

#endif
