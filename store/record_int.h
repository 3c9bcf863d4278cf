#ifndef STORE_RECORD_INT_H
#define STORE_RECORD_INT_H

/* Records for the store's own files: rows to records, and rows in bulk. */

#include "store/record.h"
#include "store/sql.h"

/**
 * record_columns(v, t):
 * Append the result columns of a SELECT over "record r" that record_read understands:
 * "r.id, r.uuid, ..., r.f_1, ...". Sealed fields have none: record_read looks for them itself.
 */
void record_columns(const struct vault *v, struct sql_text *t);

/**
 * record_read(v, st, raw, out):
 * Make a record of the row that ${st} stands on. Cells of masked fields hold the masked form
 * and those of sealed ones the hint, unless ${raw}. RC_OK; RC_NOMEM; with ${raw} RC_TAMPER (a
 * sealed value does not verify), RC_DENIED (a browse slot). Free with record_free, which wipes.
 */
enum rc record_read(
    struct vault *v, sqlite3_stmt *st, bool raw, struct record **out);

/**
 * record_masked_cap(len): the room that the masked form of a value of ${len} bytes needs.
 */
size_t record_masked_cap(size_t len);

/**
 * record_check_value(type, text, len, invalid): whether a stored value does not parse as
 * its type; empty and free text always do. RC_OK; RC_NOMEM.
 */
enum rc record_check_value(
    enum field_type type, const char *text, size_t len, bool *invalid);

/**
 * record_normalise(v, ch, n, out):
 * Changes as they are to be stored. RC_OK; RC_INPUT (the sentence names the field, not the
 * value). record_normal_free(m): in any case; wipes.
 */
struct record_normal {
	size_t n;
	struct change *ch;
	char *text; /* what they point into */
	size_t cap;
};
enum rc record_normalise(
    struct vault *v, const struct change *ch, size_t n, struct record_normal *out);
void record_normal_free(struct record_normal *m);

struct record_writer; /* prepared once, for many rows; needs an open write transaction */

/**
 * record_writer_new(v, out): for the catalogue as it is now.
 * record_writer_add(w, cells, id): insert one record; cells[i] is the value of field i of
 * field_list, as it is to be stored (type_normalise; NULL or "": empty). No audit here.
 * RC_OK; RC_DENIED (a value for a sealed field, on a browse slot: nothing was written).
 * record_writer_edit(w, id, ch, n): set the fields named in ${ch}, version + 1. RC_NOTFOUND;
 * RC_DENIED. Full text, sealed values and the count of invalid cells follow by themselves.
 */
struct record_value {
	const char *text;
	size_t len;
};
enum rc record_writer_new(struct vault *v, struct record_writer **out);
enum rc record_writer_add(
    struct record_writer *w, const struct record_value *cells, int64_t *id);
enum rc record_writer_edit(
    struct record_writer *w, int64_t id, const struct change *ch, size_t n);
void record_writer_free(struct record_writer *w);

#endif
