#ifndef STORE_DELTA_H
#define STORE_DELTA_H

/*
 * What one change to a record replaced, as bytes for table history: from them, and from the
 * record as it is now, each older state can be made again. Pure.
 *
 *     format 1 | { kind 1 | field id 4 | length 4 | bytes }
 *
 * A sealed field's old value stands sealed (sealed_wrap): hint length 2 | hint | wrapped bytes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keyring/rc.h"

enum delta_kind {
	DELTA_TEXT = 1, /* the field's old value; no bytes: it was empty */
	DELTA_SEALED,   /* the same, sealed */
	DELTA_TAGGED,   /* the tag was put on */
	DELTA_UNTAGGED, /* the tag was taken off */
	DELTA_TRASH,    /* when it had been trashed before; 0: it was not */
	DELTA_KEEP,     /* the date before; 0: none */
	DELTA_ADDED     /* there was no record */
};

struct delta { /* under construction; zero it first */
	uint8_t *at;
	size_t n, cap;
	bool failed; /* no memory; it is said when the delta is used */
};

struct delta_item {
	enum delta_kind kind;
	int field; /* its id; 0: of no field */
	const uint8_t *at;
	size_t len;
};

/**
 * delta_add(d, kind, field, bytes, len), delta_add_time(d, kind, t),
 * delta_add_sealed(d, field, hint, hint_len, value, len): one more item.
 * delta_empty(d): whether nothing was added. delta_free(d): wipes.
 */
void delta_add(
    struct delta *d, enum delta_kind kind, int field, const void *bytes, size_t len);
void delta_add_time(struct delta *d, enum delta_kind kind, int64_t t);
void delta_add_sealed(struct delta *d, int field, const void *hint, size_t hint_len,
    const void *value, size_t len);
bool delta_empty(const struct delta *d);
void delta_free(struct delta *d);

/**
 * delta_begin(bytes, len, at, left): stand on the first item. delta_next(at, left, out): the
 * next item, which points into the bytes. RC_OK; RC_NOTFOUND at the end; RC_DAMAGED.
 * delta_time(item): of DELTA_TRASH and DELTA_KEEP.
 * delta_hint(item, hint, len), delta_sealed(item, len): the parts of DELTA_SEALED; NULL when
 * it was empty.
 */
enum rc delta_begin(const void *bytes, size_t len, const uint8_t **at, size_t *left);
enum rc delta_next(const uint8_t **at, size_t *left, struct delta_item *out);
int64_t delta_time(const struct delta_item *item);
const char *delta_hint(const struct delta_item *item, size_t *len);
const uint8_t *delta_sealed(const struct delta_item *item, size_t *len);

#endif
