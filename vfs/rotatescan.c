/*
 * What the pages of the file say of themselves, while a rotation runs.
 *
 * 1. Only the trailers are read. What they say is not authentic until the page is opened: it
 *    decides which pages are looked at, and whether a key is still needed.
 */

#include "vfs/rotatescan.h"

/* A page of zeros names epoch 0: it is none, and under no key. */
bool
rotate_is_old(uint32_t epoch, uint32_t to)
{
	return epoch != 0 && epoch < to;
}

int64_t
rotate_offset(const struct dbfile *d, uint64_t page)
{
	return HEADER_AREA_LEN + (int64_t)(page - 1) * d->page_size;
}

int
rotate_pages(struct dbfile *d, uint64_t *pages)
{
	sqlite3_int64 size;
	int code = db_methods.xFileSize((sqlite3_file *)d, &size);

	*pages = code == SQLITE_OK ? (uint64_t)size / d->page_size : 0;
	return code;
}

static int
read_epoch(struct dbfile *d, uint64_t page, uint32_t *epoch)
{
	uint8_t trailer[PAGE_TRAILER_LEN];
	int code = d->f.under->pMethods->xRead(d->f.under, trailer, PAGE_TRAILER_LEN,
	    rotate_offset(d, page + 1) - PAGE_TRAILER_LEN);

	*epoch = code == SQLITE_OK ? page_epoch(trailer, PAGE_TRAILER_LEN) : 0;
	return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
}

int
rotate_next_old(struct dbfile *d, uint64_t page, uint64_t pages, uint32_t to, uint64_t *found)
{
	uint32_t epoch;
	int code;

	*found = 0;
	for (; page <= pages; page++) {
		code = read_epoch(d, page, &epoch);
		if (code != SQLITE_OK)
			return code;
		if (rotate_is_old(epoch, to)) {
			*found = page;
			return SQLITE_OK;
		}
	}
	return SQLITE_OK;
}

int
rotate_count_old(struct dbfile *d, uint64_t pages, uint32_t to, uint64_t *n)
{
	uint64_t page;
	uint32_t epoch;
	int code = SQLITE_OK;

	*n = 0;
	for (page = 1; code == SQLITE_OK && page <= pages; page++) {
		code = read_epoch(d, page, &epoch);
		*n += code == SQLITE_OK && rotate_is_old(epoch, to);
	}
	return code;
}
