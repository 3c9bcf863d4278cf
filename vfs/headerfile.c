/*
 * The header on disk, through the file handle that SQLite has open: a second descriptor of
 * the file would, when closed, drop all of this process's POSIX locks on it.
 *
 *     under the header lock:  header_news -> change the keyring -> header_write
 *     header_write:           B, sync, read back, A, sync, read back   (or A before B)
 *
 * 1. A header is written only under the header lock: RESERVED or higher, or the log's write
 *    lock (shm lock 0).
 * 2. What the file says is taken over before anything is changed, so that nobody's change is
 *    lost.
 * 3. The copy that the vault is opened by is written last, after the other one is durable: at
 *    any moment one copy is whole, and none older than it ever takes its place.
 * 4. A change that could not be written is thrown away: the keyring says what the file says.
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keyring/bytes.h"
#include "vfs/vfs_int.h"

#define SEQUENCE_LEN 8
#define SHM_REGION   32768 /* what SQLite maps at a time */
#define TRIES        50 /* of a reader that meets a header half written */

int
header_load(sqlite3_file *under, uint8_t area[HEADER_AREA_LEN], size_t *len)
{
	sqlite3_int64 size;
	int code;

	*len = 0;
	code = under->pMethods->xFileSize(under, &size);
	if (code != SQLITE_OK)
		return code;
	if (size > HEADER_AREA_LEN)
		size = HEADER_AREA_LEN;
	memset(area, 0, HEADER_AREA_LEN);
	if (size > 0)
		code = under->pMethods->xRead(under, area, (int)size, 0);
	if (code == SQLITE_OK)
		*len = (size_t)size;
	return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
}

static void
wait_a_little(void)
{
	const struct timespec ms = { 0, 1000000 };

	nanosleep(&ms, NULL);
}

/* A header half written, or one that another connection of ours is just writing: again. */
int
header_reload(struct dbfile *d)
{
	uint8_t *area = malloc(HEADER_AREA_LEN);
	enum rc rc = RC_OK;
	size_t len;
	int code, i;

	if (!area)
		return SQLITE_NOMEM;
	for (i = 0; i < TRIES; i++) {
		code = header_load(d->f.under, area, &len);
		if (code != SQLITE_OK)
			break;
		rc = keyring_refresh(d->crypt.kr, area, len, NULL);
		if (rc != RC_DAMAGED && rc != RC_BUSY)
			break;
		wait_a_little();
	}
	free(area);
	if (code != SQLITE_OK)
		return code;
	if (rc == RC_OK)
		rc = crypt_follow(&d->crypt);
	if (rc == RC_TAMPER)
		sqlite3_log(SQLITE_IOERR_DATA,
		    "strongroom: %s: the header was altered since it was opened", d->path);
	if (rc == RC_LOCKED)
		sqlite3_log(SQLITE_AUTH, "strongroom: %s: the master keys were replaced since it was "
					 "opened; open it again", d->path);
	return rc_to_sqlite(rc, SQLITE_IOERR_READ);
}

int
header_news(struct dbfile *d)
{
	uint8_t raw[SEQUENCE_LEN];
	sqlite3_file *under = d->f.under;
	uint64_t known = keyring_sequence(d->crypt.kr);
	int code, i;

	for (i = 0; i < HEADER_COPIES; i++) {
		code = under->pMethods->xRead(
		    under, raw, SEQUENCE_LEN, (sqlite3_int64)i * HEADER_LEN + HEADER_AT_SEQUENCE);
		if (code == SQLITE_IOERR_SHORT_READ)
			continue;
		if (code != SQLITE_OK)
			return code;
		if (be64_get(raw) > known)
			return header_reload(d);
	}
	/* Another connection of this process may have taken the news to the shared keyring. */
	return rc_to_sqlite(crypt_follow(&d->crypt), SQLITE_IOERR_READ);
}

int
header_put(sqlite3_file *under, const uint8_t *area, int copy, uint8_t *check)
{
	sqlite3_int64 at = (sqlite3_int64)copy * HEADER_LEN;
	int code;

	code = below_write(under, area + at, HEADER_LEN, at);
	if (code == SQLITE_OK)
		code = under->pMethods->xSync(under, SQLITE_SYNC_NORMAL);
	if (code == SQLITE_OK)
		code = under->pMethods->xRead(under, check, HEADER_LEN, at);
	/* ${check} is filled. NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
	if (code == SQLITE_OK && memcmp(check, area + at, HEADER_LEN) != 0)
		code = SQLITE_IOERR_WRITE;
	return code;
}

/*
 * Which copy to write first: B, but where a cut update or damage has left B alone whole, or
 * newer, A.
 */
static int
copy_to_begin(struct dbfile *d, uint8_t *area, int *first)
{
	struct header *h = malloc(sizeof *h);
	size_t len;
	bool damaged;
	int code = h ? header_load(d->f.under, area, &len) : SQLITE_NOMEM, newest;

	if (code == SQLITE_OK) {
		if (header_pick(area, len, h, &newest, &damaged, NULL) == RC_NOMEM)
			code = SQLITE_NOMEM;
		*first = 1 - newest;
	}
	free(h);
	return code;
}

static int
write_copies(struct dbfile *d, uint8_t *area)
{
	uint8_t *check = area + HEADER_AREA_LEN;
	int first, code = copy_to_begin(d, area, &first);

	if (code == SQLITE_OK)
		code = rc_to_sqlite(
		    keyring_serialise(d->crypt.kr, area), SQLITE_IOERR_WRITE);
	if (code == SQLITE_OK)
		code = header_put(d->f.under, area, first, check);
	if (code == SQLITE_OK)
		code = header_put(d->f.under, area, 1 - first, check);
	return code;
}

int
header_write(struct dbfile *d)
{
	uint8_t *area = malloc(HEADER_AREA_LEN + HEADER_LEN);
	int code;

	if (!area) {
		keyring_revert(d->crypt.kr);
		return SQLITE_NOMEM;
	}
	code = write_copies(d, area);
	if (code == SQLITE_OK) {
		keyring_written(d->crypt.kr, area);
		d->has_header = true;
		d->page_size = keyring_page_size(d->crypt.kr);
		atomic_fetch_add(&vfs_counters.header_writes, 1);
		code = rc_to_sqlite(crypt_follow(&d->crypt), SQLITE_IOERR_WRITE);
	} else {
		keyring_revert(d->crypt.kr);
	}
	free(area);
	return code;
}

/*
 * A log without our knowing of its index: a VFS above keeps that, and its locks, to itself.
 * The memory that would be shared here serves for the header's lock alone.
 */
static int
lock_apart(struct dbfile *d, bool *taken)
{
	sqlite3_file *under = d->f.under;
	void volatile *unused;
	int code = SQLITE_BUSY;

	if (under->pMethods->iVersion >= 2)
		code = under->pMethods->xShmMap(under, 0, SHM_REGION, 1, &unused);
	if (code != SQLITE_OK)
		return code;
	code = under->pMethods->xShmLock(
	    under, SHM_WRITE, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE);
	if (code != SQLITE_OK)
		under->pMethods->xShmUnmap(under, 1);
	*taken = d->locked_apart = code == SQLITE_OK;
	return code;
}

int
header_lock(struct dbfile *d, bool *taken)
{
	sqlite3_file *under = d->f.under;
	int code;

	*taken = false;
	if (d->nolock || d->level >= SQLITE_LOCK_RESERVED || d->locked_apart ||
	    d->shm_held & 1u << SHM_WRITE)
		return SQLITE_OK;
	if (!d->shm_mapped)
		return d->wal ? lock_apart(d, taken) : SQLITE_BUSY;
	code = under->pMethods->xShmLock(
	    under, SHM_WRITE, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE);
	*taken = code == SQLITE_OK;
	return code;
}

void
header_unlock(struct dbfile *d, bool taken)
{
	sqlite3_file *under = d->f.under;

	if (!taken)
		return;
	under->pMethods->xShmLock(
	    under, SHM_WRITE, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
	if (d->locked_apart)
		under->pMethods->xShmUnmap(under, 1);
	d->locked_apart = false;
}

/* Under the header lock: as many leases as make ${n} writes, in one update. */
static int
take_leases(struct dbfile *d, uint64_t n)
{
	struct crypt *c = &d->crypt;
	uint64_t leased = c->lease_left;
	uint32_t epoch = 0;
	enum rc rc = RC_OK;
	int code;

	for (; rc == RC_OK && leased < n; leased += NONCE_LEASE) {
		uint32_t got;

		rc = keyring_lease(c->kr, &got);
		if (rc == RC_OK && got != epoch && got != c->lease_epoch)
			leased = 0; /* a new epoch: what was left counts no more */
		epoch = got;
	}
	if (rc != RC_OK) {
		keyring_revert(c->kr);
		return rc_to_sqlite(rc, SQLITE_IOERR_WRITE);
	}
	code = header_write(d);
	if (code != SQLITE_OK)
		return code;
	atomic_fetch_add(&vfs_counters.leases, 1);
	crypt_leased(c, epoch, (uint32_t)leased - (c->lease_epoch == epoch ? c->lease_left : 0));
	return SQLITE_OK;
}

int
header_lease(struct dbfile *d, uint64_t n)
{
	bool taken;
	int code;

	if (d->crypt.lease_left >= n)
		return SQLITE_OK;
	code = header_lock(d, &taken);
	if (code != SQLITE_OK)
		return code;
	if (d->has_header)
		code = header_news(d);
	if (code == SQLITE_OK)
		code = take_leases(d, n);
	header_unlock(d, taken);
	return code;
}

/* Under EXCLUSIVE. */
static int
settle(struct dbfile *d)
{
	struct crypt *c = &d->crypt;
	int code = header_news(d);

	if (code != SQLITE_OK)
		return code;
	keyring_lease_return(c->kr, c->lease_epoch, c->lease_left);
	code = fresh_seal(d);
	if (code != SQLITE_OK)
		sqlite3_log(code, "strongroom: %s: it is closed and could not be sealed",
		    d->path);
	code = keyring_dirty(c->kr) ? header_write(d) : SQLITE_OK;
	if (code == SQLITE_OK)
		c->lease_left = 0;
	else /* without a seal others may write under the leases they have */
		keyring_sum_lose(c->kr);
	return code;
}

/* Only the last one to leave: EXCLUSIVE shows that nobody else has the file open. */
void
header_close(struct dbfile *d)
{
	static const int levels[] = { SQLITE_LOCK_SHARED, SQLITE_LOCK_RESERVED,
		SQLITE_LOCK_EXCLUSIVE };
	sqlite3_file *under = d->f.under;
	uint64_t pages;
	int code = SQLITE_OK;
	size_t i;

	if (!d->opened || !d->has_header || d->nolock || d->readonly ||
	    d->level != SQLITE_LOCK_NONE ||
	    (d->crypt.lease_left == 0 && keyring_sealed(d->crypt.kr, &pages)))
		return;
	for (i = 0; code == SQLITE_OK && i < sizeof levels / sizeof *levels; i++)
		code = under->pMethods->xLock(under, levels[i]);
	if (code == SQLITE_OK)
		code = settle(d);
	under->pMethods->xUnlock(under, SQLITE_LOCK_NONE);
	/* Nothing but their number is lost, and xClose has no other way to tell. */
	if (code != SQLITE_OK && code != SQLITE_BUSY)
		sqlite3_log(SQLITE_WARNING, "strongroom: %s: %u leased writes were not given back",
		    d->path, d->crypt.lease_left);
}
