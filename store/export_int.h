#ifndef STORE_EXPORT_INT_H
#define STORE_EXPORT_INT_H

/* What the files of the export share: the columns, and values as their treatments say. */

#include "store/export.h"
#include "store/vault_int.h"

struct treated; /* columns chosen and checked, and the row that is being written */

/**
 * treated_new(v, opts, out, err):
 * Check the columns of ${opts} against the catalogue and the slot; leave out what is dropped.
 * RC_OK; RC_INPUT; RC_DENIED; RC_BUSY; RC_NOMEM.
 * treated_free(t): wipe and free; NULL is harmless.
 */
enum rc treated_new(struct vault *v, const struct export_opts *opts, struct treated **out,
    struct err *err);
void treated_free(struct treated *t);

/**
 * treated_count(t): columns that are written.
 * treated_field(t, i): the field of column ${i}; NULL: the id.
 * treated_how(t, i): its treatment, never TREAT_DEFAULT.
 * treated_name(t, i), treated_label(t, i): as the file calls it.
 * treated_want(t): what search_walk is to read of each field (record_walk.h).
 * treated_raw(t): values of masked fields are needed from search_walk.
 */
size_t treated_count(const struct treated *t);
const struct field *treated_field(const struct treated *t, size_t i);
enum export_treatment treated_how(const struct treated *t, size_t i);
const char *treated_name(const struct treated *t, size_t i);
const char *treated_label(const struct treated *t, size_t i);
const uint8_t *treated_want(const struct treated *t);
bool treated_raw(const struct treated *t);

/**
 * export_count(v, opts, out, serr):
 * How many records it is of; of those named by ids all are there, each named once. RC_OK;
 * RC_NOTFOUND; the codes of search_count.
 */
enum rc export_count(struct vault *v, const struct export_opts *opts, int64_t *out,
    struct search_error *serr);

/**
 * treated_row(t, r, out): the values of ${r}, treated; they live until the next call.
 * treated_preview(t, r, out): the same without one value that the class protects: ${r} is
 * masked, and words in brackets stand for what would be in the clear. No audit is due.
 * RC_OK; RC_NOMEM; what sealed_value answers.
 */
enum rc treated_row(
    struct treated *t, const struct record *r, const struct sink_value **out);
enum rc treated_preview(
    struct treated *t, const struct record *r, const struct sink_value **out);

#endif
