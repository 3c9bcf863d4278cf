/*
 * The database file: a header area, then sealed pages.
 *
 *     SQLite's offset N * size  ->  file offset 64 KiB + N * size
 *
 * 1. What is written is a whole page with zero reserved bytes, or it is refused. The
 *    caller's buffer is never altered.
 * 2. What is read is a page whose tag has verified; nothing else but zeros is handed out.
 * 3. The header is durable before the first page (no journal covers it).
 * 4. Every page below the end of the file has been sealed: gaps that SQLite leaves are filled.
 */

#include <stdlib.h>
#include <string.h>

#include "keyring/bytes.h"
#include "keyring/secret.h"
#include "vfs/vfs_int.h"

#define DB_PAGE_SIZE_AT 16  /* in page 1: 2 bytes, 1 means 65536 */
#define DB_RESERVE_AT   20  /* in page 1: 1 byte */
#define DB_FIRST_READ   100 /* what SQLite reads of page 1 before it takes a lock */

static int
under_read(struct dbfile *d, void *buf, uint32_t len, int64_t off)
{
	return d->f.under->pMethods->xRead(
	    d->f.under, buf, (int)len, HEADER_AREA_LEN + off);
}

static int64_t
page_at(const struct dbfile *d, uint64_t page)
{
	return (int64_t)(page - 1) * d->page_size;
}

static int
logical_size(struct dbfile *d, sqlite3_int64 *size)
{
	sqlite3_int64 all;
	int code = d->f.under->pMethods->xFileSize(d->f.under, &all);

	if (code != SQLITE_OK)
		return code;
	*size = all > HEADER_AREA_LEN ? all - HEADER_AREA_LEN : 0;
	return SQLITE_OK;
}

int
db_bad_tag(struct dbfile *d, const char *what, uint64_t number)
{
	d->bad_page = (uint32_t)number;
	atomic_fetch_add(&vfs_counters.tag_failures, 1);
	sqlite3_log(SQLITE_IOERR_DATA, "strongroom: %s: %s %llu does not verify", d->path,
	    what, (unsigned long long)number);
	return SQLITE_IOERR_DATA;
}

int
db_seal(struct dbfile *d, const struct page_place *place, const uint8_t *in, uint8_t *out)
{
	int code;

	if (!page_reserve_zero(in, d->page_size))
		return file_refuse(d->path, NO_RESERVE);
	code = header_lease(d, 1);
	if (code != SQLITE_OK)
		return code;
	return rc_to_sqlite(
	    crypt_seal(&d->crypt, place, in, d->page_size, out), SQLITE_IOERR_WRITE);
}

/* An epoch that is not known means that the header is newer than what was read of it. */
int
db_unseal(struct dbfile *d, const struct page_place *place, const uint8_t *in, uint8_t *out)
{
	enum rc rc = crypt_unseal(&d->crypt, place, in, d->page_size, out);
	int code;

	if (rc == RC_NOTFOUND && page_epoch(in, d->page_size) != 0) {
		code = header_reload(d);
		if (code != SQLITE_OK)
			return code;
		rc = crypt_unseal(&d->crypt, place, in, d->page_size, out);
	}
	return rc == RC_NOTFOUND ? SQLITE_IOERR_DATA : rc_to_sqlite(rc, SQLITE_IOERR_READ);
}

/* A page that ends in the middle is damage; one that is not there at all is a short read. */
static int
short_page(struct dbfile *d, uint64_t page, uint8_t *buf)
{
	sqlite3_int64 size;
	int code = logical_size(d, &size);

	memset(buf, 0, d->page_size);
	if (code != SQLITE_OK)
		return code;
	if (size <= page_at(d, page))
		return SQLITE_IOERR_SHORT_READ;
	return db_bad_tag(d, "page", page);
}

static void
page1_keep(struct dbfile *d, const uint8_t *plain, const uint8_t *trailer)
{
	memcpy(d->page1, plain, d->page_size);
	memcpy(d->page1_trailer, trailer, PAGE_TRAILER_LEN);
	d->page1_known = true;
}

static int
open_page(struct dbfile *d, uint64_t page, const uint8_t *sealed, uint8_t *buf)
{
	const struct page_place place = { .kind = PAGE_DATABASE, .number = page };
	uint8_t trailer[PAGE_TRAILER_LEN];
	int code;

	memcpy(trailer, sealed + d->page_size - PAGE_TRAILER_LEN, PAGE_TRAILER_LEN);
	code = db_unseal(d, &place, sealed, buf);
	if (code == SQLITE_OK && page == 1)
		page1_keep(d, buf, trailer);
	return code;
}

static int
read_alone(struct dbfile *d, uint64_t page, uint8_t *buf)
{
	int code = d->ahead.error;

	d->ahead.error = SQLITE_OK;
	if (code == SQLITE_OK)
		code = under_read(d, buf, d->page_size, page_at(d, page));
	if (code == SQLITE_IOERR_SHORT_READ)
		return short_page(d, page, buf);
	if (code != SQLITE_OK)
		return code;
	code = open_page(d, page, buf, buf);
	if (code == SQLITE_IOERR_DATA)
		code = rotate_reread(d, page, buf);
	if (code == SQLITE_IOERR_DATA) {
		memset(buf, 0, d->page_size);
		return db_bad_tag(d, "page", page);
	}
	return code;
}

/* Read page ${page} whole into ${buf}, of page_size bytes. Without locks nothing is kept. */
static int
read_page(struct dbfile *d, uint64_t page, uint8_t *buf)
{
	const int64_t at = HEADER_AREA_LEN + page_at(d, page);
	const uint8_t *sealed = d->nolock
	    ? NULL : ahead_find(&d->ahead, d->f.under, d->page_size, at);

	if (sealed && open_page(d, page, sealed, buf) == SQLITE_OK)
		return SQLITE_OK;
	if (sealed)
		ahead_drop(&d->ahead);
	return read_alone(d, page, buf);
}

/*
 * SQLite reads 16 bytes of page 1 at the start of each read transaction. The plaintext that
 * is kept holds as long as nonce and tag on disk are the same.
 */
static int
page1_fresh(struct dbfile *d, bool *fresh)
{
	uint8_t trailer[PAGE_TRAILER_LEN];
	int code;

	*fresh = false;
	if (!d->page1_known)
		return SQLITE_OK;
	code = under_read(d, trailer, PAGE_TRAILER_LEN, d->page_size - PAGE_TRAILER_LEN);
	*fresh = code == SQLITE_OK &&
	    memcmp(trailer, d->page1_trailer, PAGE_TRAILER_LEN) == 0;
	return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
}

static int
read_part(struct dbfile *d, uint64_t page, uint32_t at, uint32_t n, uint8_t *buf)
{
	bool fresh = false;
	int code = page == 1 ? page1_fresh(d, &fresh) : SQLITE_OK;

	if (code != SQLITE_OK)
		return code;
	if (fresh) {
		memcpy(buf, d->page1 + at, n);
		atomic_fetch_add_explicit(
		    &vfs_counters.page1_hits, 1, memory_order_relaxed);
		return SQLITE_OK;
	}
	code = read_page(d, page, d->scratch);
	memcpy(buf, d->scratch + at, n);
	return code;
}

/*
 * The read that comes before any lock must not fail on a tag: a hot journal may be about to
 * repair a torn page 1. SQLite then takes the size for unknown and reads again when locked.
 */
static bool
forgiving(const struct dbfile *d, int len, int64_t off)
{
	return d->level == SQLITE_LOCK_NONE && off == 0 && len == DB_FIRST_READ;
}

static int
db_read(sqlite3_file *file, void *buf, int len, sqlite3_int64 off)
{
	struct dbfile *d = (struct dbfile *)file;
	const bool forgive = forgiving(d, len, off);
	uint8_t *p = buf;
	int code = d->has_header ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;

	while (code == SQLITE_OK && len > 0) {
		uint64_t page = (uint64_t)(off / d->page_size) + 1;
		uint32_t at = (uint32_t)(off % d->page_size), n = d->page_size - at;

		if (n > (uint32_t)len)
			n = (uint32_t)len;
		code = n == d->page_size ? read_page(d, page, p)
					 : read_part(d, page, at, n, p);
		if (code != SQLITE_OK)
			break;
		p += n;
		len -= (int)n;
		off += n;
	}
	if (code == SQLITE_IOERR_DATA && forgive)
		code = SQLITE_IOERR_SHORT_READ;
	if (code != SQLITE_OK)
		memset(p, 0, (size_t)len);
	return code;
}

static int
seal_to(struct dbfile *d, uint64_t page, const uint8_t *in)
{
	const struct page_place place = { .kind = PAGE_DATABASE, .number = page };
	int code = db_seal(d, &place, in, d->scratch);

	if (code == SQLITE_OK)
		code = fresh_write(d, page, d->scratch, 1);
	if (page == 1)
		d->page1_known = false;
	if (page == 1 && code == SQLITE_OK)
		page1_keep(d, in, d->scratch + d->page_size - PAGE_TRAILER_LEN);
	if (code == SQLITE_OK && d->end < page_at(d, page + 1))
		d->end = page_at(d, page + 1);
	return code;
}

/* Seal empty pages from the end of the file up to offset ${to}. */
static int
fill_gap(struct dbfile *d, int64_t to)
{
	static const uint8_t zeros[PAGE_SIZE_MAX];
	sqlite3_int64 size;
	int code;

	if (to <= d->end)
		return SQLITE_OK;
	code = logical_size(d, &size);
	if (code != SQLITE_OK)
		return code;
	d->end = size - size % d->page_size; /* a torn last page is written again */
	while (code == SQLITE_OK && d->end < to)
		code = seal_to(d, (uint64_t)(d->end / d->page_size) + 1, zeros);
	return code;
}

/* A header half written where there was none: empty again, as SQLite takes it to be. */
static void
unmake_header(struct dbfile *d)
{
	if (!d->has_header)
		d->f.under->pMethods->xTruncate(d->f.under, 0);
}

/* Before page 1 exists the first write decides the page size, and makes the header. */
static int
settle_page_size(struct dbfile *d, uint32_t size)
{
	bool taken;
	int code;

	code = header_lock(d, &taken);
	if (code != SQLITE_OK)
		return code;
	if (d->has_header)
		code = header_news(d);
	if (code == SQLITE_OK && keyring_set_page_size(d->crypt.kr, size) != RC_OK)
		code = file_refuse(d->path, "a page size that is no power of two in 512..65536");
	if (code == SQLITE_OK && (!d->has_header || keyring_dirty(d->crypt.kr)))
		code = header_write(d);
	header_unlock(d, taken);
	if (code != SQLITE_OK)
		unmake_header(d);
	else
		d->page_size = size;
	return code;
}

static int
before_first_page(struct dbfile *d, uint32_t size)
{
	sqlite3_int64 now;
	int code;

	if (d->has_pages)
		return SQLITE_OK;
	code = logical_size(d, &now);
	if (code == SQLITE_OK && (!d->has_header || now == 0))
		code = settle_page_size(d, size);
	if (code == SQLITE_OK)
		d->has_pages = true;
	return code;
}

/* Page 1 states the page size and the reserve of all pages. */
bool
db_page1_right(const struct dbfile *d, const uint8_t *page)
{
	uint32_t size = be16_get(page + DB_PAGE_SIZE_AT);

	if (page_reserve_zero(page, d->page_size) && page[DB_RESERVE_AT] == 0 && size == 0)
		return true; /* an empty page: SQLite clears the file */
	return page[DB_RESERVE_AT] == VFS_RESERVE &&
	    (size == 1 ? PAGE_SIZE_MAX : size) == d->page_size;
}

static int
db_write(sqlite3_file *file, const void *buf, int len, sqlite3_int64 off)
{
	struct dbfile *d = (struct dbfile *)file;
	int code;

	ahead_drop(&d->ahead);
	if (len < PAGE_SIZE_MIN || off % len != 0)
		return file_refuse(d->path, "a write that is no page");
	code = before_first_page(d, (uint32_t)len);
	if (code != SQLITE_OK)
		return code;
	if ((uint32_t)len != d->page_size)
		return file_refuse(d->path, "a page of another size: the page size of a vault "
					    "is fixed when it is made");
	if (off == 0 && !db_page1_right(d, buf))
		return file_refuse(d->path, NO_RESERVE);
	code = fill_gap(d, off);
	if (code == SQLITE_OK)
		code = seal_to(d, (uint64_t)(off / len) + 1, buf);
	return code;
}

static int
db_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct dbfile *d = (struct dbfile *)file;
	sqlite3_int64 now;
	int code;

	ahead_drop(&d->ahead);
	if (!d->has_header)
		return SQLITE_OK;
	code = logical_size(d, &now);
	if (code != SQLITE_OK)
		return code;
	if (size > now) /* SQLite counts pages that it never wrote: they must not be holes */
		return fill_gap(d, size);
	code = fresh_cut(d, size);
	if (code != SQLITE_OK)
		return code;
	d->end = 0;
	if (size == 0)
		d->has_pages = d->page1_known = false;
	code = d->f.under->pMethods->xTruncate(d->f.under, HEADER_AREA_LEN + size);
	if (code != SQLITE_OK)
		keyring_sum_lose(d->crypt.kr);
	return code;
}

/* SQLite syncs what it rolled back before the journal goes. */
static int
db_sync(sqlite3_file *file, int flags)
{
	struct dbfile *d = (struct dbfile *)file;
	int code = SQLITE_OK;

	if (d->rolling_back && d->level == SQLITE_LOCK_EXCLUSIVE)
		code = freelist_mend(d);
	if (code == SQLITE_OK)
		code = file_sync(file, flags);
	if (code == SQLITE_OK)
		d->rolling_back = false;
	return code;
}

static int
db_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return logical_size((struct dbfile *)file, size);
}

static int
db_close(sqlite3_file *file)
{
	struct dbfile *d = (struct dbfile *)file;

	owner_remove(d);
	if (d->opened) {
		header_close(d);
		crypt_close(&d->crypt);
	}
	secret_wipe(d->scratch, d->page_size);
	secret_wipe(d->page1, d->page_size);
	free(d->scratch);
	return file_close(file);
}

static int
db_control(sqlite3_file *file, int op, void *arg)
{
	struct dbfile *d = (struct dbfile *)file;
	char **pragma = arg;

	if (op == SQLITE_FCNTL_PDB)
		d->pdb = arg;
	if (op == SQLITE_FCNTL_PRAGMA && d->has_pages && pragma[2] &&
	    sqlite3_stricmp(pragma[1], "page_size") == 0 &&
	    strtol(pragma[2], NULL, 10) != (long)d->page_size) {
		sqlite3_log(SQLITE_MISUSE,
		    "strongroom: %s: the page size of a vault is fixed when it is made: it "
		    "stays %u; import into a new vault to change it",
		    d->path, d->page_size);
		return SQLITE_OK; /* taken care of: SQLite must not remember the new size */
	}
	return file_control(file, op, arg);
}

#define METHODS                                                                          \
	.xClose = db_close, .xRead = db_read, .xWrite = db_write, .xTruncate = db_truncate,  \
	.xSync = db_sync, .xFileSize = db_size, .xLock = db_lock, .xUnlock = db_unlock,      \
	.xCheckReservedLock = file_check_reserved, .xFileControl = db_control,               \
	.xSectorSize = file_sector_size, .xDeviceCharacteristics = file_characteristics

const sqlite3_io_methods db_methods = {
	.iVersion = 2, /* no xFetch: mapped pages would be ciphertext */
	METHODS,
	.xShmMap = db_shm_map,
	.xShmLock = db_shm_lock,
	.xShmBarrier = db_shm_barrier,
	.xShmUnmap = db_shm_unmap,
};

const sqlite3_io_methods db_methods_alone = { .iVersion = 1, METHODS };

/* A torn header beside a journal: the first transaction never became durable. SQLite code. */
static int
never_began(struct dbfile *d, const uint8_t *area, size_t len, int *torn)
{
	sqlite3_vfs *under = d->f.shim->under;
	struct header h;
	char *journal;
	bool damaged;
	enum rc rc;
	int copy, code;

	*torn = 0;
	rc = header_pick(area, len, &h, &copy, &damaged, NULL);
	if (rc == RC_NOMEM)
		return SQLITE_NOMEM;
	if (rc == RC_OK)
		return SQLITE_OK;
	journal = sqlite3_mprintf("%s-journal", d->path);
	if (!journal)
		return SQLITE_NOMEM;
	code = under->xAccess(under, journal, SQLITE_ACCESS_EXISTS, torn);
	sqlite3_free(journal);
	return code;
}

/* Ask the provider for the keyring of what the file holds now. */
static int
db_adopt(struct dbfile *d)
{
	uint8_t *area = malloc(HEADER_AREA_LEN);
	struct shim_settings set;
	struct keyring *kr = NULL;
	enum rc rc = RC_NOMEM;
	sqlite3_int64 pages = 0;
	size_t len = 0;
	int torn = 0, code = area ? header_load(d->f.under, area, &len) : SQLITE_NOMEM;

	if (code == SQLITE_OK)
		code = logical_size(d, &pages);
	if (code == SQLITE_OK && pages == 0 && len > 0)
		code = never_began(d, area, len, &torn);
	if (code == SQLITE_OK) {
		if (torn)
			len = 0;
		shim_settings(d->f.shim, &set);
		rc = set.provider(set.arg, d->path, len ? area : NULL, len, &kr);
		if (rc == RC_OK && (rc = crypt_open(&d->crypt, kr)) != RC_OK)
			keyring_free(kr);
		code = rc_to_sqlite(rc, SQLITE_CANTOPEN);
		if (rc != RC_OK)
			sqlite3_log(code, "strongroom: %s: can't be opened: %s", d->path,
			    rc_text(rc));
	}
	free(area);
	if (code != SQLITE_OK)
		return code;
	d->opened = true;
	d->has_header = len > 0;
	d->has_pages = pages > 0;
	d->page_size = keyring_page_size(d->crypt.kr);
	return SQLITE_OK;
}

int
db_header_appeared(struct dbfile *d)
{
	sqlite3_int64 size;
	int code;

	code = d->f.under->pMethods->xFileSize(d->f.under, &size);
	if (code != SQLITE_OK || size == 0)
		return code;
	crypt_close(&d->crypt);
	d->opened = false;
	return db_adopt(d);
}

/* The flags to open ${path} with: its URI must ask for writing where the shim wants that. */
static int
flags_asked(struct shim *shim, const char *path, int flags)
{
	const char *mode = sqlite3_uri_parameter(path, "mode");
	struct shim_settings set;

	shim_settings(shim, &set);
	if (!set.asks_mode || (mode && strcmp(mode, "rw") == 0))
		return flags;
	flags &= ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	return flags | SQLITE_OPEN_READONLY;
}

int
db_open(struct shim *shim, const char *path, struct dbfile *d, int flags, int *out_flags)
{
	int code, opened_as = 0;

	d->path = path;
	d->nolock = sqlite3_uri_boolean(path, "nolock", 0) ||
	    sqlite3_uri_boolean(path, "immutable", 0);
	d->scratch = malloc(2 * PAGE_SIZE_MAX + AHEAD_MAX);
	if (!d->scratch)
		return SQLITE_NOMEM;
	d->page1 = d->scratch + PAGE_SIZE_MAX;
	d->ahead.bytes = d->page1 + PAGE_SIZE_MAX;
	flags = flags_asked(shim, path, flags);
	code = shim->under->xOpen(shim->under, path, d->f.under, flags, &opened_as);
	if (code != SQLITE_OK)
		goto err0;
	if (out_flags)
		*out_flags = opened_as;
	d->readonly = (opened_as & SQLITE_OPEN_READONLY) != 0;
	code = db_adopt(d);
	if (code == SQLITE_OK && d->nolock && !d->has_header) {
		sqlite3_log(SQLITE_CANTOPEN,
		    "strongroom: %s: a new vault can't be made without locks; leave out "
		    "nolock and immutable", path);
		code = SQLITE_CANTOPEN;
	}
	if (code != SQLITE_OK)
		goto err1;
	owner_add(d);
	return SQLITE_OK;

err1:
	d->f.under->pMethods->xClose(d->f.under);
err0:
	if (d->opened)
		crypt_close(&d->crypt);
	free(d->scratch);
	return code;
}
