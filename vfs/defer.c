/*
 * Deferred writes.
 *
 * 1. Bytes are written in the order in which they came.
 * 2. What could not be written is told of to a call whose error makes SQLite roll the whole
 *    transaction back (a write, a sync), and to one at least.
 */

#include "vfs/defer.h"

#include <stdlib.h>
#include <string.h>

#include "vfs/below.h"

int
defer_open(struct defer *d, sqlite3_file *under)
{
	memset(d, 0, sizeof *d);
	d->under = under;
	d->bytes = malloc(DEFER_MAX);
	return d->bytes ? SQLITE_OK : SQLITE_NOMEM;
}

void
defer_close(struct defer *d)
{
	free(d->bytes);
	memset(d, 0, sizeof *d);
}

void
defer_drop(struct defer *d)
{
	d->len = 0;
	d->lost = SQLITE_OK;
}

int
defer_flush(struct defer *d)
{
	int code;

	if (d->len > 0) {
		code = below_write(d->under, d->bytes, (int)d->len, d->at);
		d->len = 0;
		if (code != SQLITE_OK)
			d->lost = code;
	}
	return d->lost;
}

int
defer_settle(struct defer *d)
{
	int code = defer_flush(d);

	d->lost = SQLITE_OK;
	return code;
}

int
defer_room(struct defer *d, uint32_t len, int64_t off, uint8_t **where)
{
	int code = d->lost;

	if (off != d->at + d->len || len > DEFER_MAX - d->len)
		code = defer_flush(d);
	d->lost = SQLITE_OK;
	if (code != SQLITE_OK)
		return code;
	if (d->len == 0)
		d->at = off;
	*where = d->bytes + d->len;
	return SQLITE_OK;
}

void
defer_add(struct defer *d, uint32_t len)
{
	d->len += len;
}

int
defer_write(struct defer *d, const void *buf, uint32_t len, int64_t off)
{
	uint8_t *where;
	int code = defer_room(d, len, off, &where);

	if (code == SQLITE_OK) {
		memcpy(where, buf, len);
		defer_add(d, len);
	}
	return code;
}
