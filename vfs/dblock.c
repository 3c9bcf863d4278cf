/*
 * Locks of the database file, and what must be looked at when they are taken.
 *
 * 1. At every lock that allows writing, the header is compared with what is known of it: a
 *    stale process would seal under a retired key. What is left of one that never became
 *    whole is removed.
 * 2. A checkpoint has its nonces before it starts; it can run beside a writer and could then
 *    get none.
 * 3. A vault belongs to a connection of this VFS: one of another, that attaches it, would put
 *    what it sorts into temporary files in the clear.
 * 4. The locks that this connection holds are known, since to take and drop one that SQLite
 *    holds would drop SQLite's.
 */

#include "vfs/vfs_int.h"

#define CHECKPOINT_LEASE_MAX (1u << 20) /* more are leased when they are needed */

/* The schema's name under which this file is open in its connection, or NULL. */
static const char *
schema_of(struct dbfile *d, sqlite3 *db)
{
	const char *name;
	int i;

	for (i = 0; (name = sqlite3_db_name(db, i)) != NULL; i++)
		if (sqlite3_db_filename(db, name) == d->path)
			return name;
	return NULL;
}

/* Whether SQLite holds this file itself: no other VFS lies between. */
static bool
outermost(struct dbfile *d, sqlite3 *db, const char *schema)
{
	sqlite3_file *file = NULL;

	return sqlite3_file_control(db, schema, SQLITE_FCNTL_FILE_POINTER, &file) ==
	    SQLITE_OK &&
	    file == (sqlite3_file *)d;
}

/* A file that lies under another shim is that one's affair. */
static int
check_connection(struct dbfile *d)
{
	sqlite3 *db = d->pdb ? *d->pdb : NULL;
	const char *schema = db && db != d->own ? schema_of(d, db) : NULL;
	sqlite3_vfs *vfs = NULL;

	if (!schema || !outermost(d, db, schema))
		return SQLITE_OK;
	if (sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &vfs) == SQLITE_OK &&
	    vfs && vfs->xOpen == d->f.shim->vfs.xOpen) {
		d->own = db;
		return SQLITE_OK;
	}
	sqlite3_log(SQLITE_CANTOPEN,
	    "strongroom: %s: a vault can't be attached to a connection of another VFS, whose "
	    "temporary files are not encrypted; open it as \"main\", or \":memory:\" with "
	    "vfs=%s", d->path, d->f.shim->name);
	return SQLITE_CANTOPEN;
}

/* A database that is still empty gets its reserved bytes, however it came to be opened. */
static int
set_reserve(struct dbfile *d)
{
	sqlite3 *db = d->pdb ? *d->pdb : NULL;
	const char *schema = db ? schema_of(d, db) : NULL;
	int n = VFS_RESERVE;

	if (!schema)
		return SQLITE_OK; /* page 1 without them is refused all the same */
	return sqlite3_file_control(db, schema, SQLITE_FCNTL_RESERVE_BYTES, &n);
}

/* Page 1 has come since we looked: who wrote it has chosen the page size, in the header. */
static int
meet_pages(struct dbfile *d)
{
	int code = header_news(d);

	if (code != SQLITE_OK)
		return code;
	d->page_size = keyring_page_size(d->crypt.kr);
	d->has_pages = true;
	return SQLITE_OK;
}

static int
on_shared(struct dbfile *d)
{
	sqlite3_int64 size;
	int code = check_connection(d);

	d->end = 0; /* another process may have shortened the file */
	if (code == SQLITE_OK && !d->has_header)
		code = db_header_appeared(d);
	if (code == SQLITE_OK && !d->has_pages) {
		code = db_methods.xFileSize((sqlite3_file *)d, &size);
		if (code == SQLITE_OK && size > 0)
			code = meet_pages(d);
		else if (code == SQLITE_OK)
			code = set_reserve(d);
	}
	return code;
}

static int
before_writing(struct dbfile *d)
{
	int code = header_news(d);

	return code == SQLITE_OK ? rotate_settle(d) : code;
}

/*
 * A header half written, whose vault never began: what tells it from a damaged one is the
 * journal beside it, which SQLite is about to delete. While we hold SHARED nobody makes one.
 */
static int
clear_remains(struct dbfile *d)
{
	sqlite3_file *under = d->f.under;
	sqlite3_int64 size;
	int code = under->pMethods->xFileSize(under, &size);

	if (code != SQLITE_OK || size == 0 || size > HEADER_AREA_LEN)
		return code;
	code = under->pMethods->xTruncate(under, 0);
	if (code == SQLITE_OK)
		code = under->pMethods->xSync(under, SQLITE_SYNC_NORMAL);
	return code;
}

int
db_lock(sqlite3_file *file, int level)
{
	struct dbfile *d = (struct dbfile *)file;
	const int before = d->level;
	int code;

	ahead_drop(&d->ahead);
	code = file_lock(file, level);
	if (code != SQLITE_OK)
		return code;
	if (level > d->level)
		d->level = level;
	if (before == SQLITE_LOCK_NONE)
		code = on_shared(d);
	if (code == SQLITE_OK && before < SQLITE_LOCK_RESERVED &&
	    level >= SQLITE_LOCK_RESERVED)
		code = d->has_header ? before_writing(d) : clear_remains(d);
	if (code != SQLITE_OK && before <= SQLITE_LOCK_SHARED)
		db_unlock(file, before);
	return code;
}

int
db_unlock(sqlite3_file *file, int level)
{
	struct dbfile *d = (struct dbfile *)file;
	int code;

	ahead_drop(&d->ahead);
	code = file_unlock(file, level);
	if (code == SQLITE_OK && level < d->level)
		d->level = level;
	return code;
}

int
db_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
	struct dbfile *d = (struct dbfile *)file;
	sqlite3_file *under = d->f.under;
	int code = under->pMethods->xShmMap(under, page, size, extend, out);

	if (code == SQLITE_OK)
		d->shm_mapped = true;
	return code;
}

/*
 * News, and nonces for every frame that the log may hold, within reason: a log that someone
 * has made huge with nothing in it must not use the epoch up. No lock of the file tells that
 * another process has shortened it since the last one.
 */
static int
before_checkpoint(struct dbfile *d)
{
	uint64_t frames = 0;
	int code = header_news(d);

	d->end = 0;
	if (code == SQLITE_OK)
		code = rotate_settle(d);
	if (code == SQLITE_OK && d->wal)
		code = wal_frames(d->wal, &frames);
	if (frames > CHECKPOINT_LEASE_MAX)
		frames = CHECKPOINT_LEASE_MAX;
	if (code == SQLITE_OK && d->wal)
		code = header_lease(d, frames + 1);
	return code;
}

int
db_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	struct dbfile *d = (struct dbfile *)file;
	sqlite3_file *under = d->f.under;
	const unsigned bits = ((1u << n) - 1) << offset;
	int code;

	ahead_drop(&d->ahead);
	if (d->wal && flags == (SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE) &&
	    offset == SHM_WRITE)
		wal_abandon(d->wal);
	code = under->pMethods->xShmLock(under, offset, n, flags);
	if (code != SQLITE_OK || !(flags & SQLITE_SHM_EXCLUSIVE))
		return code;
	if (flags & SQLITE_SHM_UNLOCK) {
		d->shm_held &= ~bits;
		return SQLITE_OK;
	}
	d->shm_held |= bits;
	if (offset == SHM_WRITE && n == 1)
		code = header_news(d);
	else if (offset == SHM_CHECKPOINT && n == 1)
		code = before_checkpoint(d);
	if (code != SQLITE_OK) {
		under->pMethods->xShmLock(
		    under, offset, n, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
		d->shm_held &= ~bits;
	}
	return code;
}

void
db_shm_barrier(sqlite3_file *file)
{
	sqlite3_file *under = ((struct dbfile *)file)->f.under;

	under->pMethods->xShmBarrier(under);
}

int
db_shm_unmap(sqlite3_file *file, int delete)
{
	struct dbfile *d = (struct dbfile *)file;
	sqlite3_file *under = d->f.under;

	d->shm_mapped = false;
	d->shm_held = 0;
	return under->pMethods->xShmUnmap(under, delete);
}
