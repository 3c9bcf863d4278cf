/*
 * Pages of the free list that a power cut has torn.
 *
 *     page 1: first trunk at 32, pages on the list at 36
 *     trunk:  next trunk 4 | leaves 4 | page number of a leaf 4 ...
 *
 * SQLite takes a leaf of the free list into use without keeping its old content in the
 * journal: nobody needs it. A power cut may leave such a page torn, and a rollback does not
 * write it again. SQLite never reads it; but a backup copies it, and its tag is looked at by
 * verify. So at the end of the rollback it is sealed anew, as an empty page.
 *
 * 1. Only a page that the free list of verified pages names is written, and only where its tag
 *    does not verify.
 * 2. A list that is not sound ends the walk; SQLite itself finds it.
 */

#include <stdlib.h>

#include "keyring/bytes.h"
#include "keyring/secret.h"
#include "vfs/vfs_int.h"

#define TRUNK_AT      32 /* in page 1 */
#define COUNT_AT      36
#define LEAF_COUNT_AT 4 /* in a trunk */
#define LEAVES_AT     8

static int
read_page(struct dbfile *d, uint32_t page, uint8_t *buf)
{
	const sqlite3_int64 at = (sqlite3_int64)(page - 1) * d->page_size;

	return db_methods.xRead((sqlite3_file *)d, buf, (int)d->page_size, at);
}

static int
mend_leaf(struct dbfile *d, uint32_t page, uint8_t *buf)
{
	const sqlite3_int64 at = (sqlite3_int64)(page - 1) * d->page_size;
	const uint32_t bad_page = d->bad_page;
	int code = read_page(d, page, buf);

	if (code != SQLITE_IOERR_DATA)
		return code;
	d->bad_page = bad_page; /* nothing is lost with it */
	sqlite3_log(SQLITE_NOTICE,
	    "strongroom: %s: page %u was free and is torn; it is made empty", d->path, page);
	/* The buffer is all zero, since the page could not be read. */
	return db_methods.xWrite((sqlite3_file *)d, buf, (int)d->page_size, at);
}

/* The leaves of one trunk. */
static int
mend_leaves(
    struct dbfile *d, const uint8_t *trunk, uint32_t pages, uint32_t *left, uint8_t *buf)
{
	const uint32_t room = (d->page_size - VFS_RESERVE - LEAVES_AT) / 4;
	uint32_t n = be32_get(trunk + LEAF_COUNT_AT), i;
	int code = SQLITE_OK;

	for (i = 0; code == SQLITE_OK && i < n && i < room && *left > 0; i++, --*left) {
		uint32_t page = be32_get(trunk + LEAVES_AT + 4 * (size_t)i);

		if (page > 1 && page <= pages)
			code = mend_leaf(d, page, buf);
	}
	return code;
}

static int
mend(struct dbfile *d, uint32_t pages, uint8_t *trunk, uint8_t *buf)
{
	uint32_t next, left;
	int code = read_page(d, 1, trunk);

	next = be32_get(trunk + TRUNK_AT);
	left = be32_get(trunk + COUNT_AT);
	while (code == SQLITE_OK && next > 1 && next <= pages && left > 0) {
		code = read_page(d, next, trunk);
		if (code != SQLITE_OK)
			break;
		left--;
		code = mend_leaves(d, trunk, pages, &left, buf);
		next = be32_get(trunk);
	}
	return code == SQLITE_IOERR_DATA ? SQLITE_OK : code;
}

int
freelist_mend(struct dbfile *d)
{
	uint8_t *trunk = malloc(2 * (size_t)d->page_size);
	sqlite3_int64 size = 0;
	int code = trunk ? SQLITE_OK : SQLITE_NOMEM;

	if (code == SQLITE_OK)
		code = db_methods.xFileSize((sqlite3_file *)d, &size);
	if (code == SQLITE_OK && size > 0)
		code = mend(d, (uint32_t)(size / d->page_size), trunk, trunk + d->page_size);
	if (trunk)
		secret_wipe(trunk, 2 * (size_t)d->page_size);
	free(trunk);
	return code;
}
