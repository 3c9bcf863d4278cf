/*
 * What one change replaced, as bytes. Of our own: libraries for deltas compare files, and wipe
 * nothing.
 *
 * 1. Bytes that don't add up are RC_DAMAGED, never read beyond.
 * 2. Old values of masked fields are in them: the buffer is wiped, also when it grows.
 */
#include "store/delta.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/bytes.h"
#include "keyring/secret.h"

#define FORMAT   1
#define HEAD_LEN 9 /* of an item: kind, field id, length */
#define TIME_LEN 8

static bool
reserve(struct delta *d, size_t more)
{
	size_t cap = d->cap ? d->cap : 128;
	uint8_t *fresh;

	while (cap < d->n + more)
		cap *= 2;
	if (cap == d->cap)
		return true;
	fresh = malloc(cap);
	if (!fresh)
		return false;
	if (d->n)
		memcpy(fresh, d->at, d->n);
	if (d->at)
		secret_wipe(d->at, d->cap);
	free(d->at);
	d->at = fresh;
	d->cap = cap;
	return true;
}

/* An item of ${len} bytes, which are to be filled in; NULL without memory. */
static uint8_t *
add(struct delta *d, enum delta_kind kind, int field, size_t len)
{
	uint8_t *at;

	if (d->failed || len > UINT32_MAX || !reserve(d, 1 + HEAD_LEN + len)) {
		d->failed = true;
		return NULL;
	}
	if (d->n == 0)
		d->at[d->n++] = FORMAT;
	at = d->at + d->n;
	*at = (uint8_t)kind;
	be32_put(at + 1, (uint32_t)field);
	be32_put(at + 5, (uint32_t)len);
	d->n += HEAD_LEN + len;
	return at + HEAD_LEN;
}

void
delta_add(struct delta *d, enum delta_kind kind, int field, const void *bytes, size_t len)
{
	uint8_t *at = add(d, kind, field, len);

	if (at && len)
		memcpy(at, bytes, len);
}

void
delta_add_time(struct delta *d, enum delta_kind kind, int64_t t)
{
	uint8_t *at = add(d, kind, 0, TIME_LEN);

	if (at)
		be64_put(at, (uint64_t)t);
}

void
delta_add_sealed(struct delta *d, int field, const void *hint, size_t hint_len,
    const void *value, size_t len)
{
	uint8_t *at;

	if (hint_len > UINT16_MAX)
		hint_len = 0;
	at = add(d, DELTA_SEALED, field, 2 + hint_len + len);
	if (!at)
		return;
	be16_put(at, (uint16_t)hint_len);
	if (hint_len)
		memcpy(at + 2, hint, hint_len);
	memcpy(at + 2 + hint_len, value, len);
}

bool
delta_empty(const struct delta *d)
{
	return d->n == 0;
}

void
delta_free(struct delta *d)
{
	if (d->at)
		secret_wipe(d->at, d->cap);
	free(d->at);
	memset(d, 0, sizeof *d);
}

enum rc
delta_begin(const void *bytes, size_t len, const uint8_t **at, size_t *left)
{
	*at = bytes;
	*left = len;
	if (len == 0 || **at != FORMAT)
		return RC_DAMAGED;
	++*at;
	--*left;
	return RC_OK;
}

static bool
is_sound(const struct delta_item *item)
{
	switch (item->kind) {
	case DELTA_TEXT:
		return item->field > 0;
	case DELTA_SEALED:
		return item->field > 0 &&
		    (item->len == 0 ||
			(item->len > 2 && item->len > 2 + (size_t)be16_get(item->at)));
	case DELTA_TAGGED:
	case DELTA_UNTAGGED:
		return item->len > 0;
	case DELTA_TRASH:
	case DELTA_KEEP:
		return item->len == TIME_LEN;
	case DELTA_ADDED:
		return item->len == 0;
	}
	return false;
}

enum rc
delta_next(const uint8_t **at, size_t *left, struct delta_item *out)
{
	if (*left == 0)
		return RC_NOTFOUND;
	if (*left < HEAD_LEN)
		return RC_DAMAGED;
	out->kind = (enum delta_kind)(*at)[0];
	out->field = (int)be32_get(*at + 1);
	out->len = be32_get(*at + 5);
	out->at = *at + HEAD_LEN;
	if (out->len > *left - HEAD_LEN || !is_sound(out))
		return RC_DAMAGED;
	*at += HEAD_LEN + out->len;
	*left -= HEAD_LEN + out->len;
	return RC_OK;
}

int64_t
delta_time(const struct delta_item *item)
{
	return (int64_t)be64_get(item->at);
}

const char *
delta_hint(const struct delta_item *item, size_t *len)
{
	*len = item->len ? be16_get(item->at) : 0;
	return item->len ? (const char *)item->at + 2 : NULL;
}

const uint8_t *
delta_sealed(const struct delta_item *item, size_t *len)
{
	size_t hint = item->len ? be16_get(item->at) : 0;

	*len = item->len ? item->len - 2 - hint : 0;
	return item->len ? item->at + 2 + hint : NULL;
}
