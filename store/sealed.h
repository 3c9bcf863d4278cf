#ifndef STORE_SEALED_H
#define STORE_SEALED_H

/*
 * Values that are encrypted one by one, under keys that only full slots have. The bytes:
 * doc/format.md. Nothing here writes to the audit: the caller does, before it opens or looks
 * up anything.
 */

#include "store/field.h"

#define SEALED_BLIND_LEN 16

/**
 * sealed_value(v, record_id, f, out):
 * Open the value of field ${f} of a record. RC_OK; RC_NOTFOUND (empty, or no such record);
 * RC_DENIED (a browse slot; the sentence says which slots do); RC_TAMPER (altered, or another
 * record's or field's).
 */
enum rc sealed_value(
    struct vault *v, int64_t record_id, const struct field *f, struct secret **out);

/**
 * sealed_has_blind(type): whether values of that type can be looked up while sealed.
 * sealed_blind(v, f, normal, len, out): what table sealed holds as "blind" beside the value
 * ${normal} (as it is stored) of field ${f}. RC_OK; RC_DENIED (a browse slot).
 */
bool sealed_has_blind(enum field_type type);
enum rc sealed_blind(struct vault *v, const struct field *f, const char *normal, size_t len,
    uint8_t out[SEALED_BLIND_LEN]);

/**
 * sealed_wrap(v, uuid, field_id, p, n, out, out_n):
 * Bytes about field ${field_id} of the record ${uuid} that are kept elsewhere than in its cell
 * (history, drafts, rejects; zero for what has no record or field): sealed so that they open
 * there and never as the cell itself. The caller frees ${out}. RC_OK; RC_DENIED; RC_NOMEM.
 * sealed_unwrap(v, uuid, field_id, p, n, out): RC_OK; RC_DENIED; RC_TAMPER.
 * sealed_old(v, p, n): whether it is under a retired epoch and is to be wrapped again before a
 * rotation ends.
 */
enum rc sealed_wrap(struct vault *v, const uint8_t uuid[16], uint32_t field_id,
    const void *p, size_t n, uint8_t **out, size_t *out_n);
enum rc sealed_unwrap(struct vault *v, const uint8_t uuid[16], uint32_t field_id,
    const uint8_t *p, size_t n, struct secret **out);
bool sealed_old(struct vault *v, const uint8_t *p, size_t n);

#endif
