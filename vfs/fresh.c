/*
 * Freshness: pages, logs and journals that are authentic and no longer current.
 *
 *     sum = sum over all pages of AES-CMAC(seal key, page number 8 | tag 16), mod 2^128
 *
 * 1. The salts of a log are durable in the header before the log's header is written. A log
 *    of the salts before counts as empty: all of it was in the database when it was begun
 *    anew. Any other one was put there.
 * 2. A vault is sealed only when it is closed with nothing beside it that SQLite would play
 *    back; so a log or a hot journal beside a sealed one was put there.
 * 3. The running sum follows each write of a page. What is taken from it is what the disk
 *    held, not what it should have held: a page that was exchanged stays noticed.
 * 4. A write that failed may have happened: the sum is then lost, and made by a scan.
 */

#include <stdlib.h>
#include <string.h>

#include "keyring/bytes.h"
#include "vfs/vfs_int.h"

#define SCAN_BYTES PAGE_SIZE_MAX /* one read: the most pages that fit */
#define CODE_IN    (8 + AEAD_TAG_LEN)
#define TRIES      200 /* of the checkpoint lock, 10 ms apart */

static int64_t
file_offset(const struct dbfile *d, uint64_t page)
{
	return HEADER_AREA_LEN + (int64_t)(page - 1) * d->page_size;
}

/* The code of page ${page} with this tag. */
static enum rc
page_code(struct dbfile *d, uint64_t page, const uint8_t *tag, uint8_t code[CMAC_LEN])
{
	uint8_t in[CODE_IN];

	be64_put(in, page);
	memcpy(in + 8, tag, AEAD_TAG_LEN);
	return mac_of(d->crypt.seal, in, sizeof in, code);
}

static int
take(struct dbfile *d, uint64_t page, const uint8_t *tag)
{
	uint8_t old[CMAC_LEN];
	enum rc rc = page_code(d, page, tag, old);

	if (rc == RC_OK)
		keyring_sum_take(d->crypt.kr, old);
	return rc_to_sqlite(rc, SQLITE_IOERR_WRITE);
}

/* Take away what the disk holds of a page; nothing if there is none. */
static int
take_old(struct dbfile *d, uint64_t page)
{
	uint8_t tag[AEAD_TAG_LEN];
	int code = d->f.under->pMethods->xRead(d->f.under, tag, AEAD_TAG_LEN,
	    file_offset(d, page + 1) - AEAD_TAG_LEN);

	if (code == SQLITE_IOERR_SHORT_READ)
		return SQLITE_OK;
	return code == SQLITE_OK ? take(d, page, tag) : code;
}

static int
add_new(struct dbfile *d, uint64_t page, const uint8_t *sealed)
{
	uint8_t fresh[CMAC_LEN];
	enum rc rc = page_code(d, page, sealed + d->page_size - AEAD_TAG_LEN, fresh);

	if (rc == RC_OK)
		keyring_sum_add(d->crypt.kr, fresh);
	return rc_to_sqlite(rc, SQLITE_IOERR_WRITE);
}

static int
write_run(struct dbfile *d, uint64_t page, const uint8_t *sealed, uint32_t n, bool known)
{
	int code = below_write(
	    d->f.under, sealed, (int)(n * d->page_size), file_offset(d, page));
	uint32_t i;

	for (i = 0; known && code == SQLITE_OK && i < n; i++)
		code = add_new(d, page + i, sealed + (size_t)i * d->page_size);
	return code;
}

int
fresh_write(struct dbfile *d, uint64_t page, const uint8_t *sealed, uint32_t n)
{
	uint8_t sum[CMAC_LEN];
	const bool known = keyring_sum(d->crypt.kr, sum);
	int code = SQLITE_OK;
	uint32_t i;

	for (i = 0; known && code == SQLITE_OK && i < n; i++)
		code = take_old(d, page + i);
	if (code == SQLITE_OK)
		code = write_run(d, page, sealed, n, known);
	if (code != SQLITE_OK)
		keyring_sum_lose(d->crypt.kr);
	return code;
}

int
fresh_rewrite(struct dbfile *d, uint64_t page, const uint8_t *old, size_t apart,
    const uint8_t *sealed, uint32_t n)
{
	uint8_t sum[CMAC_LEN];
	const bool known = keyring_sum(d->crypt.kr, sum);
	int code = SQLITE_OK;
	uint32_t i;

	for (i = 0; known && code == SQLITE_OK && i < n; i++)
		code = take(d, page + i, old + i * apart + d->page_size - AEAD_TAG_LEN);
	if (code == SQLITE_OK)
		code = write_run(d, page, sealed, n, known);
	if (code != SQLITE_OK)
		keyring_sum_lose(d->crypt.kr);
	return code;
}

static int
whole_pages(struct dbfile *d, uint64_t *pages, bool *torn)
{
	sqlite3_int64 size;
	int code = d->f.under->pMethods->xFileSize(d->f.under, &size);

	size = size > HEADER_AREA_LEN ? size - HEADER_AREA_LEN : 0;
	*pages = (uint64_t)size / d->page_size;
	*torn = size % d->page_size != 0;
	return code;
}

int
fresh_cut(struct dbfile *d, int64_t size)
{
	uint8_t sum[CMAC_LEN];
	uint64_t page, pages;
	bool torn;
	int code = SQLITE_OK;

	if (!keyring_sum(d->crypt.kr, sum))
		return SQLITE_OK;
	code = whole_pages(d, &pages, &torn);
	for (page = (uint64_t)size / d->page_size + 1; code == SQLITE_OK && page <= pages; page++)
		code = take_old(d, page);
	if (code != SQLITE_OK)
		keyring_sum_lose(d->crypt.kr);
	return code;
}

static int
put_there(struct dbfile *d, const char *what)
{
	sqlite3_log(SQLITE_IOERR_DATA, "strongroom: %s: %s", d->path, what);
	return SQLITE_IOERR_DATA;
}

int
fresh_log(struct dbfile *d, const uint8_t salts[PAGE_SALTS_LEN], enum log_age *age)
{
	uint64_t pages;
	int code = header_news(d);

	*age = LOG_UNKNOWN;
	if (code != SQLITE_OK)
		return code;
	*age = keyring_log_age(d->crypt.kr, salts);
	if (keyring_sealed(d->crypt.kr, &pages))
		return put_there(d, "it was closed cleanly, and the log beside it was put there");
	if (*age == LOG_UNKNOWN)
		return put_there(d, "the log beside it is an older one");
	return SQLITE_OK;
}

int
fresh_pin(struct dbfile *d, const uint8_t salts[PAGE_SALTS_LEN], const uint8_t *standing)
{
	bool taken;
	int code;

	if (keyring_log_age(d->crypt.kr, salts) == LOG_CURRENT)
		return SQLITE_OK;
	code = header_lock(d, &taken);
	if (code != SQLITE_OK)
		return code;
	code = header_news(d);
	if (code == SQLITE_OK)
		code = rc_to_sqlite(
		    keyring_pin_log(d->crypt.kr, salts, standing), SQLITE_IOERR_WRITE);
	if (code == SQLITE_OK)
		code = header_lease(d, 1); /* breaks the seal, and writes both at once */
	if (code == SQLITE_OK && keyring_dirty(d->crypt.kr))
		code = header_write(d);
	header_unlock(d, taken);
	return code;
}

int
fresh_begin(struct dbfile *d)
{
	uint64_t pages;

	if (!d->has_header || !keyring_sealed(d->crypt.kr, &pages))
		return SQLITE_OK;
	return header_lease(d, 1);
}

int
fresh_journal(struct dbfile *d)
{
	uint64_t pages;
	int code = header_news(d);

	if (code == SQLITE_OK && keyring_sealed(d->crypt.kr, &pages))
		code = put_there(
		    d, "it was closed cleanly, and the journal beside it was put there");
	return code;
}

/* Add the pages of one read to ${sum}, the keyring's way of adding. */
static enum rc
scan_run(struct dbfile *d, uint64_t page, const uint8_t *run, uint32_t n, uint64_t sum[2])
{
	uint8_t code[CMAC_LEN];
	enum rc rc = RC_OK;
	uint64_t low;
	uint32_t i;

	for (i = 0; rc == RC_OK && i < n; i++) {
		rc = page_code(
		    d, page + i, run + (size_t)(i + 1) * d->page_size - AEAD_TAG_LEN, code);
		low = be64_get(code + 8);
		sum[1] += low;
		sum[0] += be64_get(code) + (sum[1] < low);
	}
	return rc;
}

static enum rc
scan(struct dbfile *d, uint64_t pages, vfs_progress_fn *progress, void *arg,
    uint8_t out[CMAC_LEN])
{
	const uint32_t most = SCAN_BYTES / d->page_size;
	uint64_t sum[2] = { 0, 0 }, page;
	uint8_t *run = malloc(SCAN_BYTES);
	enum rc rc = run ? RC_OK : RC_NOMEM;
	uint32_t n;

	for (page = 1; rc == RC_OK && page <= pages; page += n) {
		n = pages - page + 1 < most ? (uint32_t)(pages - page + 1) : most;
		rc = rc_of_sqlite(d->f.under->pMethods->xRead(
		    d->f.under, run, (int)(n * d->page_size), file_offset(d, page)));
		if (rc == RC_OK)
			rc = scan_run(d, page, run, n, sum);
		if (rc == RC_OK && progress && progress(arg, page + n - 1, pages))
			rc = RC_CANCELLED;
	}
	free(run);
	be64_put(out, sum[0]);
	be64_put(out + 8, sum[1]);
	return rc;
}

/* Whether the file ${path} is there and does not begin with a zero, as a journal that is over. */
static int
left_behind(struct dbfile *d, const char *path, int kind, bool *left)
{
	sqlite3_vfs *under = d->f.shim->under;
	int there = 1, flags = SQLITE_OPEN_READONLY | kind, code;
	sqlite3_file *file;
	uint8_t first = 0;

	code = under->xAccess(under, path, SQLITE_ACCESS_EXISTS, &there);
	*left = there != 0;
	if (code != SQLITE_OK || !there || kind == SQLITE_OPEN_WAL)
		return code;
	file = calloc(1, (size_t)under->szOsFile);
	code = file ? under->xOpen(under, path, file, flags, &flags) : SQLITE_NOMEM;
	if (code == SQLITE_OK) {
		code = file->pMethods->xRead(file, &first, 1, 0);
		file->pMethods->xClose(file);
	}
	free(file);
	*left = first != 0;
	return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
}

/*
 * SQLite does not wait until a log or a journal that it has deleted, or cut to nothing, is
 * gone from the disk. The layer below syncs the folder where a file is deleted: so one is.
 */
static int
go_for_good(struct dbfile *d)
{
	const char *path = sqlite3_filename_journal(d->path);
	sqlite3_vfs *under = d->f.shim->under;
	sqlite3_file *file = calloc(1, (size_t)under->szOsFile);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_JOURNAL;
	int code = file ? under->xOpen(under, path, file, flags, &flags) : SQLITE_NOMEM;

	if (code == SQLITE_OK) {
		file->pMethods->xClose(file);
		code = under->xDelete(under, path, 1);
	}
	free(file);
	return code;
}

static int
nothing_beside(struct dbfile *d, bool *nothing)
{
	bool log = true, journal = true;
	int code = left_behind(
	    d, sqlite3_filename_wal(d->path), SQLITE_OPEN_WAL, &log);

	if (code == SQLITE_OK)
		code = left_behind(d, sqlite3_filename_journal(d->path),
		    SQLITE_OPEN_MAIN_JOURNAL, &journal);
	*nothing = code == SQLITE_OK && !log && !journal;
	return *nothing ? go_for_good(d) : code;
}

int
fresh_seal(struct dbfile *d)
{
	uint8_t sum[CMAC_LEN];
	uint64_t pages = 0, before;
	bool torn = false, nothing;
	enum rc rc = RC_OK;
	int code;

	if (keyring_sealed(d->crypt.kr, &before))
		return SQLITE_OK;
	code = nothing_beside(d, &nothing);
	if (code == SQLITE_OK)
		code = whole_pages(d, &pages, &torn);
	if (code != SQLITE_OK || !nothing || torn)
		return code;
	if (!keyring_sum(d->crypt.kr, sum)) {
		rc = scan(d, pages, NULL, NULL, sum);
		if (rc == RC_OK)
			keyring_sum_set(d->crypt.kr, sum);
	}
	if (rc == RC_OK)
		rc = keyring_seal(d->crypt.kr, pages);
	return rc_to_sqlite(rc, SQLITE_IOERR_WRITE);
}

/* What the pages should add up to; RC_NOTFOUND: nobody knows. */
static enum rc
expected(struct dbfile *d, uint64_t *pages, uint8_t sum[CMAC_LEN])
{
	enum rc rc = keyring_sealed_sum(d->crypt.kr, sum);
	uint64_t sealed;

	if (rc == RC_OK && keyring_sealed(d->crypt.kr, &sealed))
		*pages = sealed;
	if (rc == RC_NOTFOUND && keyring_sum(d->crypt.kr, sum))
		rc = RC_OK;
	return rc;
}

/* Nobody writes the database file meanwhile. */
static enum rc
compare(struct dbfile *d, vfs_progress_fn *progress, void *arg, enum vfs_fresh_state *out)
{
	uint8_t want[CMAC_LEN], got[CMAC_LEN];
	uint64_t pages, should;
	bool torn;
	enum rc rc = rc_of_sqlite(header_news(d));

	if (rc == RC_OK)
		rc = rc_of_sqlite(whole_pages(d, &pages, &torn));
	if (rc != RC_OK)
		return rc;
	should = pages;
	rc = expected(d, &should, want);
	*out = rc == RC_TAMPER ? VFS_STALE : VFS_FRESH_NOT_KNOWN;
	if (rc != RC_OK)
		return rc == RC_TAMPER || rc == RC_NOTFOUND ? RC_OK : rc;
	rc = scan(d, pages, progress, arg, got);
	if (rc == RC_OK)
		*out = pages == should && equal_ct(want, got, CMAC_LEN) ? VFS_FRESH : VFS_STALE;
	return rc;
}

/* Keep checkpoints away: in a log's mode they alone write the database file. */
static enum rc
stop_checkpoints(struct dbfile *d, vfs_progress_fn *progress, void *arg, bool *taken)
{
	int code = SQLITE_BUSY, i;

	*taken = false;
	if (!d->shm_mapped || d->shm_held & 1u << SHM_CHECKPOINT)
		return RC_OK;
	for (i = 0; code == SQLITE_BUSY && i < TRIES; i++) {
		if (i > 0)
			sqlite3_sleep(10);
		if (progress && progress(arg, 0, 1))
			return RC_CANCELLED;
		code = d->f.under->pMethods->xShmLock(d->f.under, SHM_CHECKPOINT, 1,
		    SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE);
	}
	*taken = code == SQLITE_OK;
	return rc_of_sqlite(code);
}

enum rc
vfs_fresh(sqlite3 *db, const char *schema, vfs_progress_fn *progress, void *arg,
    enum vfs_fresh_state *out, struct err *err)
{
	struct dbfile *d = owner_of_schema(db, schema);
	bool taken = false;
	enum rc rc;

	*out = VFS_FRESH_NOT_KNOWN;
	if (!d || !d->has_header)
		return err_set(err, RC_INPUT, "this connection has no vault open under that name");
	/* A read transaction keeps the file as it is in rollback modes. */
	rc = rc_of_sqlite(sqlite3_exec(db, "BEGIN; PRAGMA schema_version", NULL, NULL, NULL));
	if (rc == RC_OK)
		rc = stop_checkpoints(d, progress, arg, &taken);
	if (rc == RC_OK)
		rc = compare(d, progress, arg, out);
	if (taken)
		d->f.under->pMethods->xShmLock(d->f.under, SHM_CHECKPOINT, 1,
		    SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return err_default(err, rc);
}
