/*
 * Reading ahead.
 *
 * 1. What was read ahead is used under the locks only under which it was read: it is dropped
 *    at each lock, unlock and write. Under one lock a page that SQLite asks of the database
 *    file does not change: not in a rollback journal's mode, where SHARED keeps writers out,
 *    and not beside a log, where a checkpoint writes no page that a reader would look for in
 *    the file.
 * 2. A page that is not asked for may be torn by a checkpoint that goes on. So a page whose
 *    tag fails is read again by itself.
 */

#include "vfs/ahead.h"

#define RUN_MIN 3 /* reads that make a scan */

void
ahead_drop(struct ahead *a)
{
	a->len = 0;
}

/* More each time: a short scan costs little, a long one few calls. */
static const uint8_t *
fill(struct ahead *a, sqlite3_file *under, uint32_t size, int64_t off)
{
	uint32_t want = a->window ? 2 * a->window : 4 * size;
	int code;

	if (want > AHEAD_MAX)
		want = AHEAD_MAX;
	a->len = 0;
	if (want < 2 * size)
		return NULL;
	code = under->pMethods->xRead(under, a->bytes, (int)want, off);
	if (code != SQLITE_OK) {
		a->run = a->window = 0;
		if (code != SQLITE_IOERR_SHORT_READ) /* that is near the end of the file */
			a->error = code;
		return NULL;
	}
	a->at = off;
	a->len = a->window = want;
	return a->bytes;
}

const uint8_t *
ahead_find(struct ahead *a, sqlite3_file *under, uint32_t size, int64_t off)
{
	if (off == a->next) {
		a->run++;
	} else if (off < a->next || off > a->next + size) {
		a->run = 0; /* a page in between is an inner one, read before */
		a->window = 0;
	}
	a->next = off + size;
	if (a->len && off >= a->at && off + size <= a->at + a->len)
		return a->bytes + (off - a->at);
	return a->run >= RUN_MIN ? fill(a, under, size, off) : NULL;
}
