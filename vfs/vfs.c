/*
 * The encrypting VFS: registration, and which kind of file is opened how.
 *
 *     SQLite -> strongroom: db_methods | wal_methods | journal_methods | super_methods |
 *               spill_methods -> SQLite's own VFS -> disk
 *
 * 1. What kind of file it is decides how it is written; a kind that is not known is refused.
 * 2. Log and journal are opened with the keys of the database that SQLite opens them for.
 * 3. A registration lives as long as the process.
 * 4. No file is deleted but by the name of a log, a journal or a super-journal.
 */

#include "vfs/vfs.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "vfs/vfs_int.h"

static struct shim *shims;
static pthread_mutex_t shims_lock = PTHREAD_MUTEX_INITIALIZER;

static sqlite3_vfs *
below(sqlite3_vfs *vfs)
{
	return ((struct shim *)vfs->pAppData)->under;
}

static int
open_below(struct file *f, const char *path, int flags, int *out_flags)
{
	sqlite3_vfs *under = f->shim->under;

	return under->xOpen(under, path, f->under, flags, out_flags);
}

static int
open_journal(struct file *f, const char *path, int flags, int *out_flags)
{
	bool wal = (flags & SQLITE_OPEN_WAL) != 0;
	struct dbfile *d = owner_of_log(path, wal);
	int code;

	if (!d) {
		sqlite3_log(SQLITE_CANTOPEN, "strongroom: %s: no open vault is known for it", path);
		return SQLITE_CANTOPEN;
	}
	code = open_below(f, path, flags, out_flags);
	if (code != SQLITE_OK)
		return code;
	code = wal ? wal_open(d, (struct walfile *)f)
		   : journal_open(d, (struct journalfile *)f);
	if (code != SQLITE_OK)
		f->under->pMethods->xClose(f->under);
	else
		f->base.pMethods = wal ? &wal_methods : &journal_methods;
	return code;
}

static int
open_spill(struct file *f, const char *path, int flags, int *out_flags)
{
	int code = open_below(f, path, flags, out_flags);

	if (code != SQLITE_OK)
		return code;
	code = spill_file_open((struct spillfile *)f);
	if (code != SQLITE_OK)
		f->under->pMethods->xClose(f->under);
	else
		f->base.pMethods = &spill_methods;
	return code;
}

#define SUPER_TAIL_LEN 12 /* of "-mj" and digits */

#define KINDS_TEMPORARY                                                                  \
	(SQLITE_OPEN_TEMP_DB | SQLITE_OPEN_TRANSIENT_DB | SQLITE_OPEN_TEMP_JOURNAL |     \
	    SQLITE_OPEN_SUBJOURNAL)

static int
shim_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
	struct file *f = (struct file *)file;
	int code = SQLITE_CANTOPEN;

	memset(f, 0, FILE_LEN);
	f->shim = vfs->pAppData;
	f->under = (sqlite3_file *)((char *)file + FILE_LEN);
	memset(f->under, 0, (size_t)f->shim->under->szOsFile);
	if (flags & SQLITE_OPEN_MAIN_DB && path) {
		code = db_open(f->shim, path, (struct dbfile *)f, flags, out_flags);
		if (code == SQLITE_OK)
			f->base.pMethods = f->under->pMethods->iVersion < 2
			    ? &db_methods_alone
			    : &db_methods;
	} else if (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL) && path) {
		code = open_journal(f, path, flags, out_flags);
	} else if (flags & SQLITE_OPEN_SUPER_JOURNAL) {
		code = open_below(f, path, flags, out_flags);
		if (code == SQLITE_OK)
			f->base.pMethods = &super_methods;
	} else if (flags & KINDS_TEMPORARY) {
		code = open_spill(f, path, flags, out_flags);
	}
	return code;
}

static bool
ends_with(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n > m && strcmp(path + n - m, end) == 0;
}

/* "-mj" and 9 hexadecimal digits, as SQLite names the super-journal of a commit. */
static bool
super_name(const char *path)
{
	size_t n = strlen(path);
	const char *tail;

	if (n <= SUPER_TAIL_LEN)
		return false;
	tail = path + n - SUPER_TAIL_LEN;
	return strncmp(tail, "-mj", 3) == 0 &&
	    strspn(tail + 3, "0123456789ABCDEF") == SUPER_TAIL_LEN - 3;
}

/* A journal can be forged, and SQLite deletes the super-journal that it names. */
static int
shim_delete(sqlite3_vfs *vfs, const char *path, int sync_dir)
{
	if (!ends_with(path, "-journal") && !ends_with(path, "-wal") && !super_name(path)) {
		sqlite3_log(SQLITE_IOERR_DELETE,
		    "strongroom: refused: to delete %s, which is no journal", path);
		return SQLITE_IOERR_DELETE;
	}
	return below(vfs)->xDelete(below(vfs), path, sync_dir);
}

static int
shim_access(sqlite3_vfs *vfs, const char *path, int flags, int *result)
{
	return below(vfs)->xAccess(below(vfs), path, flags, result);
}

static int
shim_full_pathname(sqlite3_vfs *vfs, const char *path, int len, char *out)
{
	return below(vfs)->xFullPathname(below(vfs), path, len, out);
}

static void *
shim_dl_open(sqlite3_vfs *vfs, const char *path)
{
	return below(vfs)->xDlOpen(below(vfs), path);
}

static void
shim_dl_error(sqlite3_vfs *vfs, int len, char *out)
{
	below(vfs)->xDlError(below(vfs), len, out);
}

static void (*shim_dl_sym(sqlite3_vfs *vfs, void *handle, const char *name))(void)
{
	return below(vfs)->xDlSym(below(vfs), handle, name);
}

static void
shim_dl_close(sqlite3_vfs *vfs, void *handle)
{
	below(vfs)->xDlClose(below(vfs), handle);
}

static int
shim_randomness(sqlite3_vfs *vfs, int len, char *out)
{
	return below(vfs)->xRandomness(below(vfs), len, out);
}

static int
shim_sleep(sqlite3_vfs *vfs, int microseconds)
{
	return below(vfs)->xSleep(below(vfs), microseconds);
}

static int
shim_current_time(sqlite3_vfs *vfs, double *out)
{
	return below(vfs)->xCurrentTime(below(vfs), out);
}

/* As in SQLite itself: a VFS need not have it. */
static int
shim_last_error(sqlite3_vfs *vfs, int len, char *out)
{
	return below(vfs)->xGetLastError ? below(vfs)->xGetLastError(below(vfs), len, out) : 0;
}

static int
shim_current_time64(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	return below(vfs)->xCurrentTimeInt64(below(vfs), out);
}

static const sqlite3_vfs pattern = {
	.iVersion = 2, /* no system calls to be exchanged from above */
	.xOpen = shim_open,
	.xDelete = shim_delete,
	.xAccess = shim_access,
	.xFullPathname = shim_full_pathname,
	.xDlOpen = shim_dl_open,
	.xDlError = shim_dl_error,
	.xDlSym = shim_dl_sym,
	.xDlClose = shim_dl_close,
	.xRandomness = shim_randomness,
	.xSleep = shim_sleep,
	.xCurrentTime = shim_current_time,
	.xGetLastError = shim_last_error,
	.xCurrentTimeInt64 = shim_current_time64,
};

static struct shim *
shim_find(const char *name)
{
	struct shim *s;

	for (s = shims; s; s = s->next)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

struct shim *
shim_named(const char *name)
{
	struct shim *s;

	pthread_mutex_lock(&shims_lock);
	s = shim_find(name);
	pthread_mutex_unlock(&shims_lock);
	return s;
}

void
shim_settings(struct shim *s, struct shim_settings *out)
{
	pthread_mutex_lock(&shims_lock);
	*out = s->settings;
	pthread_mutex_unlock(&shims_lock);
}

/* The VFS to lie on: never one of ours, or pages would be encrypted twice. */
static sqlite3_vfs *
base_find(const char *base)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(base);

	while (vfs && vfs->xOpen == shim_open)
		vfs = below(vfs);
	return vfs;
}

static struct shim *
shim_new(const char *name, const char *base)
{
	struct shim *s;
	sqlite3_vfs *under = base_find(base);

	if (!under || strlen(name) >= sizeof s->name)
		return NULL;
	s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->vfs = pattern;
	s->under = under;
	memcpy(s->name, name, strlen(name) + 1);
	s->vfs.zName = s->name;
	s->vfs.pAppData = s;
	s->vfs.mxPathname = under->mxPathname;
	s->vfs.szOsFile = (int)FILE_LEN + under->szOsFile;
	if (under->iVersion < 2)
		s->vfs.iVersion = 1;
	s->next = shims;
	shims = s;
	return s;
}

enum rc
vfs_register_over(const char *name, const char *base, vfs_key_fn *provider, void *arg,
    bool make_default)
{
	struct shim *s;
	enum rc rc = RC_INTERNAL;

	if (sqlite3_initialize() != SQLITE_OK)
		return RC_NOMEM;
	pthread_mutex_lock(&shims_lock);
	s = shim_find(name);
	if (!s)
		s = shim_new(name, base);
	if (s) {
		s->settings.provider = provider;
		s->settings.arg = arg;
		rc = rc_of_sqlite(sqlite3_vfs_register(&s->vfs, make_default));
	}
	pthread_mutex_unlock(&shims_lock);
	return rc;
}

enum rc
vfs_register(const char *name, vfs_key_fn *provider, void *arg, bool make_default)
{
	return vfs_register_over(name, NULL, provider, arg, make_default);
}

enum rc
vfs_read_only(const char *name)
{
	struct shim *s;

	pthread_mutex_lock(&shims_lock);
	s = shim_find(name);
	if (s)
		s->settings.asks_mode = true;
	pthread_mutex_unlock(&shims_lock);
	return s ? RC_OK : RC_NOTFOUND;
}
