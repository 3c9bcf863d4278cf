#ifndef STORE_SEALED_INT_H
#define STORE_SEALED_INT_H

/* Sealed values in bulk: the keys of a connection, and statements that are prepared once. */

#include "store/sealed.h"
#include "store/sql.h"

#define SEALED_VERSION  1
#define SEALED_OVERHEAD (1 + 4 + 12 + 16) /* version, epoch, nonce; tag */

struct sealed_place { /* what a value is bound to */
	const uint8_t *uuid; /* 16 bytes */
	uint32_t field;
	uint32_t type; /* enum field_type; 0: it is no cell */
};

/**
 * sealed_close(v, place, in, n, out): seal ${n} bytes to ${out}, which takes n +
 * SEALED_OVERHEAD, under the active epoch. RC_OK; RC_DENIED; RC_NOMEM; RC_INTERNAL.
 * sealed_open(v, place, in, n, out): the reverse; ${out} takes n - SEALED_OVERHEAD. RC_OK;
 * RC_TAMPER (also too short, or its epoch is destroyed); RC_VERSION; RC_DENIED.
 * sealed_open_blind(v, place, in, n, out, blind, made): sealed_open, and the blind index of what
 * it opened, where the field has one (${made}) and the value is under the active epoch.
 * sealed_epoch(in, n): that a value is under; 0: it is none.
 */
enum rc sealed_close(struct vault *v, const struct sealed_place *place, const void *in,
    size_t n, uint8_t *out);
enum rc sealed_open(struct vault *v, const struct sealed_place *place, const uint8_t *in,
    size_t n, void *out);
enum rc sealed_open_blind(struct vault *v, const struct sealed_place *place,
    const uint8_t *in, size_t n, void *out, uint8_t blind[SEALED_BLIND_LEN], bool *made);
uint32_t sealed_epoch(const uint8_t *in, size_t n);

/**
 * sealed_keys_free(v): wipe the keys that the connection holds. After that it makes new ones.
 */
void sealed_keys_free(struct vault *v);

struct sealed_writer; /* for many values; needs an open write transaction */

/**
 * sealed_writer_new(v, out): RC_OK; RC_NOMEM. No keys are needed before the first value.
 * sealed_writer_put(w, record_id, uuid, f, text, len):
 * Seal ${text}, as it is to be stored (type_normalise), with its hint and its blind index;
 * empty removes. RC_OK; RC_DENIED.
 */
enum rc sealed_writer_new(struct vault *v, struct sealed_writer **out);
enum rc sealed_writer_put(struct sealed_writer *w, int64_t record_id,
    const uint8_t uuid[16], const struct field *f, const char *text, size_t len);
void sealed_writer_free(struct sealed_writer *w);

#endif
