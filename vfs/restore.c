/*
 * A header put in the place of another: back from a key backup, or under new master keys.
 *
 *     EXCLUSIVE lock -> pages open under its keys -> B, sync, read back, A, sync
 *
 * 1. Nobody has the file open: a process with other keys in memory would go on with them.
 * 2. Not a byte is written before pages of this very file have opened under the header's
 *    keys: another vault's header, or one from before a rotation, would lose the data.
 * 3. A page may be torn or whole in the log only: most must open, not all. But where a single
 *    one, or a frame of the log, says that it is under an epoch later than all of the header's,
 *    the backup is too old: that page would be lost.
 * 4. New master keys are written only over a vault that is sealed: what would still be played
 *    back stands under the old ones.
 * 5. A backup is from before: what it says of pages and log is not held against what is there
 *    now. Its seal is dropped, and a log that lies beside the vault is the vault's.
 */

#include <stdlib.h>
#include <string.h>

#include "keyring/bytes.h"
#include "keyring/secret.h"
#include "vfs/page.h"
#include "vfs/vfs_int.h"

#define SAMPLE 256 /* pages looked at, spread over the file */

struct restore {
	const char *path;
	sqlite3_vfs *under;
	struct keyring *kr;
	sqlite3_file *file;
	uint32_t page_size;
	uint8_t vault_id[VAULT_ID_LEN];
	uint8_t *page; /* PAGE_SIZE_MAX */
	uint64_t good, bad; /* pages that open, that do not */
	uint64_t later;     /* that name an epoch later than all that are there */
	uint8_t log[WAL_HEADER_LEN];
	bool has_log;
};

static enum rc
open_page(struct restore *r, uint64_t number, uint32_t epoch)
{
	const struct page_place place = { .kind = PAGE_DATABASE, .number = number };
	uint8_t key[KEY_LEN];
	struct aead *a = NULL;
	enum rc rc = keyring_page_key(r->kr, epoch, key);

	if (rc == RC_OK)
		rc = aead_new(key, &a);
	if (rc == RC_OK)
		rc = page_open(a, r->vault_id, &place, r->page, r->page_size, r->page);
	aead_free(a);
	secret_wipe(key, sizeof key);
	return rc;
}

static enum rc
look_at(struct restore *r, uint64_t number)
{
	const sqlite3_int64 at = HEADER_AREA_LEN + (sqlite3_int64)(number - 1) * r->page_size;
	int code = r->file->pMethods->xRead(r->file, r->page, (int)r->page_size, at);
	enum rc rc;

	if (code != SQLITE_OK)
		return rc_of_sqlite(code);
	if (all_zero(r->page, r->page_size))
		return RC_OK;
	rc = open_page(r, number, page_epoch(r->page, r->page_size));
	r->good += rc == RC_OK;
	r->bad += rc == RC_TAMPER || rc == RC_NOTFOUND;
	return rc == RC_TAMPER || rc == RC_NOTFOUND ? RC_OK : rc;
}

/*
 * Of ${n} sealed pages, ${apart} bytes from one to the next, that begin at ${at}: which ones were
 * written after the header. A number far beyond any that follows is damage, and no epoch.
 */
static int
count_later(struct restore *r, sqlite3_file *file, sqlite3_int64 at, uint32_t apart, uint64_t n)
{
	const uint32_t newest = keyring_page_epoch(r->kr);
	uint8_t raw[PAGE_EPOCH_LEN];
	int code = SQLITE_OK;

	at += r->page_size - PAGE_TRAILER_LEN;
	for (; code == SQLITE_OK && n > 0; n--, at += apart) {
		code = file->pMethods->xRead(file, raw, sizeof raw, at);
		if (code == SQLITE_OK)
			r->later += be32_get(raw) > newest &&
			    be32_get(raw) - newest <= HEADER_EPOCHS;
	}
	return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
}

static enum rc
look_at_pages(struct restore *r, struct err *err)
{
	sqlite3_int64 size;
	uint64_t pages, step, n;
	enum rc rc = rc_of_sqlite(r->file->pMethods->xFileSize(r->file, &size));

	if (rc != RC_OK)
		return rc;
	pages = size > HEADER_AREA_LEN ? (uint64_t)(size - HEADER_AREA_LEN) / r->page_size : 0;
	if (pages == 0)
		return err_set(err, RC_NOTFOUND,
		    "the file holds no page: a header alone would open nothing; restore the "
		    "whole file from a backup");
	rc = rc_of_sqlite(count_later(r, r->file, HEADER_AREA_LEN, r->page_size, pages));
	step = pages > SAMPLE ? pages / SAMPLE : 1;
	for (n = 1; rc == RC_OK && n <= pages; n += step)
		rc = look_at(r, n);
	if (rc == RC_OK && r->later)
		rc = err_set(err, RC_TAMPER,
		    "pages of the vault are under a key that this backup has not: it was made "
		    "before the keys were rotated; use a later one");
	if (rc == RC_OK && r->good <= r->bad)
		rc = err_set(err, RC_TAMPER,
		    "the pages of the file do not open with the keys in this backup: it is "
		    "another vault's, or the pages were altered");
	return rc;
}

static int
look_at_log(struct restore *r, sqlite3_file *log)
{
	const uint32_t frame = FRAME_HEADER_LEN + r->page_size;
	sqlite3_int64 size;
	int code = log->pMethods->xRead(log, r->log, WAL_HEADER_LEN, 0);

	if (code != SQLITE_OK)
		return code;
	r->has_log = true;
	code = log->pMethods->xFileSize(log, &size);
	return code != SQLITE_OK ? code
	    : count_later(r, log, WAL_HEADER_LEN + FRAME_HEADER_LEN, frame,
	          (uint64_t)(size - WAL_HEADER_LEN) / frame);
}

/* The log beside the vault, if there is one. SQLite code. */
static int
read_log(struct restore *r)
{
	struct below b = { NULL, NULL, 0 };
	char *path = sqlite3_mprintf("%s-wal", r->path);
	int exists = 0, code = SQLITE_NOMEM;

	if (path)
		code = r->under->xAccess(r->under, path, SQLITE_ACCESS_EXISTS, &exists);
	if (code == SQLITE_OK && exists)
		code = file_open_below(r->under, path, SQLITE_OPEN_READONLY, &b);
	if (code == SQLITE_OK && b.file)
		code = look_at_log(r, b.file);
	file_close_below(&b);
	sqlite3_free(path);
	return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
}

static enum rc
begin_anew(struct restore *r)
{
	keyring_seal_drop(r->kr);
	return r->has_log ? keyring_pin_log(r->kr, r->log + WAL_HEADER_SALTS, NULL) : RC_OK;
}

static enum rc
write_both(struct restore *r)
{
	uint8_t *area = malloc(HEADER_AREA_LEN + HEADER_LEN);
	enum rc rc = area ? keyring_serialise(r->kr, area) : RC_NOMEM;
	int copy;

	for (copy = HEADER_COPIES - 1; rc == RC_OK && copy >= 0; copy--)
		rc = rc_of_sqlite(header_put(r->file, area, copy, area + HEADER_AREA_LEN));
	if (rc == RC_OK)
		keyring_written(r->kr, area);
	free(area);
	return rc;
}

static enum rc
lock(sqlite3_file *file, const char *then, struct err *err)
{
	static const int levels[] = {
		SQLITE_LOCK_SHARED, SQLITE_LOCK_RESERVED, SQLITE_LOCK_EXCLUSIVE
	};
	int code = SQLITE_OK;
	size_t i;

	for (i = 0; code == SQLITE_OK && i < sizeof levels / sizeof *levels; i++)
		code = file->pMethods->xLock(file, levels[i]);
	if ((code & 0xff) == SQLITE_BUSY)
		return err_set(err, RC_BUSY,
		    "another program has the vault open: close it there, then %s", then);
	return rc_of_sqlite(code);
}

static enum rc
restore(struct restore *r, struct err *err)
{
	enum rc rc = lock(r->file, "restore", err);

	if (rc == RC_OK)
		rc = rc_of_sqlite(read_log(r));
	if (rc == RC_OK)
		rc = look_at_pages(r, err);
	if (rc == RC_OK)
		rc = begin_anew(r);
	if (rc == RC_OK)
		rc = write_both(r);
	r->file->pMethods->xUnlock(r->file, SQLITE_LOCK_NONE);
	return rc;
}

static enum rc
open_file(const char *name, const char *path, struct below *b, sqlite3_vfs **under,
    struct err *err)
{
	const struct shim *shim = shim_named(name);
	enum rc rc = file_check(path, err);

	if (rc != RC_OK)
		return rc;
	if (!shim)
		return err_set(err, RC_INTERNAL, "no VFS of this name is registered");
	*under = shim->under;
	rc = rc_of_sqlite(file_open_below(shim->under, path, SQLITE_OPEN_READWRITE, b));
	if (rc == RC_OK && !(b->flags & SQLITE_OPEN_READWRITE))
		rc = RC_READONLY;
	if (rc == RC_READONLY || rc == RC_IO)
		err_set(err, rc, "%s can't be written by you; check its permissions", path);
	return rc;
}

enum rc
vfs_header_restore(const char *name, const char *path, struct keyring *kr, struct err *err)
{
	struct restore r = { .path = path, .kr = kr, .page_size = keyring_page_size(kr) };
	struct below b = { NULL, NULL, 0 };
	enum rc rc = RC_NOMEM;

	keyring_vault_id(kr, r.vault_id);
	r.page = malloc(PAGE_SIZE_MAX);
	if (r.page)
		rc = open_file(name, path, &b, &r.under, err);
	if (rc == RC_OK && b.file) {
		r.file = b.file;
		rc = restore(&r, err);
	}
	file_close_below(&b);
	if (r.page)
		secret_wipe(r.page, PAGE_SIZE_MAX);
	free(r.page);
	return err_default(err, rc);
}

struct replace {
	sqlite3_file *file;
	struct keyring *kr;
	vfs_replace_fn *make;
	void *arg;
	struct keyring *fresh;
	uint8_t *area; /* HEADER_AREA_LEN, and room for one copy */
};

/* What the file holds now, and by which copy it is opened. Under EXCLUSIVE. */
static enum rc
take_news(struct replace *r, int *newest, struct err *err)
{
	struct header *h = malloc(sizeof *h);
	bool damaged;
	enum rc rc = h ? rc_of_sqlite(r->file->pMethods->xRead(
	                     r->file, r->area, HEADER_AREA_LEN, 0))
	               : RC_NOMEM;

	if (rc == RC_OK)
		rc = header_pick(r->area, HEADER_AREA_LEN, h, newest, &damaged, err);
	if (rc == RC_OK)
		rc = keyring_refresh(r->kr, r->area, HEADER_AREA_LEN, err);
	free(h);
	return rc;
}

/* A seal says that no log and no journal is beside the vault, for good. */
static enum rc
replace(struct replace *r, struct err *err)
{
	uint64_t pages;
	int newest = 0;
	enum rc rc = lock(r->file, "replace its master keys", err);

	if (rc == RC_OK)
		rc = take_news(r, &newest, err);
	if (rc == RC_OK && !keyring_sealed(r->kr, &pages))
		rc = err_set(err, RC_BUSY,
		    "the vault was not closed cleanly, and something may wait beside it to be "
		    "played back: open it once, close it everywhere, then try again");
	if (rc == RC_OK)
		rc = r->make(r->arg, r->kr, &r->fresh, err);
	if (rc == RC_OK)
		rc = keyring_serialise(r->fresh, r->area);
	if (rc == RC_OK)
		rc = rc_of_sqlite(header_put(
		    r->file, r->area, 1 - newest, r->area + HEADER_AREA_LEN));
	if (rc == RC_OK)
		rc = rc_of_sqlite(header_put(
		    r->file, r->area, newest, r->area + HEADER_AREA_LEN));
	if (rc == RC_OK)
		keyring_written(r->fresh, r->area);
	r->file->pMethods->xUnlock(r->file, SQLITE_LOCK_NONE);
	return rc;
}

enum rc
vfs_header_replace(const char *name, const char *path, struct keyring *kr,
    vfs_replace_fn *make, void *arg, struct keyring **out, struct err *err)
{
	struct replace r = { .kr = kr, .make = make, .arg = arg };
	struct below b = { NULL, NULL, 0 };
	sqlite3_vfs *under;
	enum rc rc = RC_NOMEM;

	r.area = malloc(HEADER_AREA_LEN + HEADER_LEN);
	if (r.area)
		rc = open_file(name, path, &b, &under, err);
	if (rc == RC_OK && b.file) {
		r.file = b.file;
		rc = replace(&r, err);
	}
	file_close_below(&b);
	free(r.area);
	if (rc != RC_OK) {
		keyring_free(r.fresh);
		r.fresh = NULL;
	}
	*out = r.fresh;
	return err_default(err, rc);
}
