/*
 * A shim over the unix VFS that fails on demand.
 *
 *   SQLite -> strongroom (vfs/) -> this -> unix
 *
 * Each method first asks fault_hit() whether it must fail, then passes on. The power cut
 * is one more way to fail: faultdisk.c rewrites the files, and every operation fails
 * until fault_power_on().
 *
 * 1. A call that is made to fail reaches the disk in no part, but for a short write.
 * 2. Unlocking and closing never fail: what is open can always be closed.
 * 3. All state is guarded by one lock, so that worker threads may be failed as well.
 * 4. Sizes are as written: no chunks, no memory map, no batch-atomic writes.
 */
#include "test/faultvfs.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "test/faultdisk.h"

#define VFS_MAX 4

struct file {
	sqlite3_file base; /* first: SQLite sees this */
	const char *path;  /* SQLite keeps it until close; NULL: a temporary file */
	bool tracked;
	sqlite3_file *real;
};

struct shim {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	char name[32];
};

const char *const fault_op_name[FAULT_OP_COUNT] = {
#define X(name, text, code) text,
    FAULT_OPS(X)
#undef X
};

static const int usual_code[FAULT_OP_COUNT] = {
#define X(name, text, code) code,
    FAULT_OPS(X)
#undef X
};

static struct {
	pthread_mutex_t lock;
	struct fault_plan plan;
	char glob[256];
	bool armed, tracking, off, garbage;
	uint64_t calls, fired;
	unsigned fired_at[FAULT_OP_COUNT]; /* bits 1 << enum fault_file */
	uint64_t cut_calls, cut_nth, cut_seed;
	fault_watch_fn *watch;
	void *watch_arg;
	fault_trace_fn *trace;
	void *trace_arg;
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct shim shims[VFS_MAX];

static void
enter(void)
{
	pthread_mutex_lock(&state.lock);
}

static void
leave(void)
{
	pthread_mutex_unlock(&state.lock);
}

void
fault_arm(const struct fault_plan *plan)
{
	enter();
	state.plan = *plan;
	state.glob[0] = 0;
	if (plan->glob)
		sqlite3_snprintf(sizeof state.glob, state.glob, "%s", plan->glob);
	state.armed = true;
	state.calls = state.fired = 0;
	memset(state.fired_at, 0, sizeof state.fired_at);
	leave();
}

uint64_t
fault_disarm(uint64_t *calls)
{
	uint64_t fired;

	enter();
	state.armed = false;
	fired = state.fired;
	*calls = state.calls;
	leave();
	return fired;
}

bool
fault_fired_at(enum fault_op op, enum fault_file file)
{
	bool fired;

	enter();
	fired = state.fired_at[op] & 1u << file;
	leave();
	return fired;
}

void
fault_track(bool on)
{
	enter();
	disk_forget();
	state.tracking = on;
	state.cut_nth = 0;
	leave();
}

void
fault_cut_at(uint64_t nth, uint64_t seed, bool garbage)
{
	enter();
	state.cut_calls = 0;
	state.cut_nth = nth;
	state.cut_seed = seed;
	state.garbage = garbage;
	leave();
}

static int
cut_now(uint64_t seed, bool garbage)
{
	state.off = true;
	state.cut_nth = 0;
	return disk_cut(seed, garbage);
}

int
fault_cut(uint64_t seed, bool garbage)
{
	int rc;

	enter();
	rc = cut_now(seed, garbage);
	leave();
	return rc;
}

bool
fault_power_is_off(void)
{
	bool off;

	enter();
	off = state.off;
	leave();
	return off;
}

void
fault_power_on(void)
{
	enter();
	state.off = false;
	leave();
}

void
fault_watch(fault_watch_fn *fn, void *arg)
{
	enter();
	state.watch = fn;
	state.watch_arg = arg;
	leave();
}

void
fault_trace(fault_trace_fn *fn, void *arg)
{
	enter();
	state.trace = fn;
	state.trace_arg = arg;
	leave();
}

/* Whether this call must fail, and with which code; counts it. Called with the lock held.
 */
static int
fault_hit(enum fault_op op, const char *path, sqlite3_int64 offset, int n)
{
	const char *name = path ? path : "";

	if (state.trace)
		state.trace(state.trace_arg, op, name, offset, n);
	if (state.off)
		return usual_code[op];
	if (!state.armed || !(state.plan.ops & (1u << op)))
		return SQLITE_OK;
	if (state.glob[0] && sqlite3_strglob(state.glob, name) != 0)
		return SQLITE_OK;
	state.calls++;
	if (state.calls != state.plan.nth &&
	    !(state.plan.persistent && state.calls > state.plan.nth))
		return SQLITE_OK;
	state.fired++;
	state.fired_at[op] |= 1u << fault_kind(op, path, offset);
	return state.plan.code ? state.plan.code : usual_code[op];
}

/* The same for operations that change nothing and need no more than the answer. */
static int
hit(enum fault_op op, const char *path)
{
	int rc;

	enter();
	rc = fault_hit(op, path, 0, 0);
	leave();
	return rc;
}

/* Whether the power goes in this change. Called with the lock held. */
static bool
cut_due(void)
{
	return state.cut_nth && ++state.cut_calls == state.cut_nth;
}

static sqlite3_file *
real(sqlite3_file *f)
{
	return ((struct file *)f)->real;
}

static const char *
path_of(sqlite3_file *f)
{
	return ((struct file *)f)->path;
}

static bool
tracks(sqlite3_file *f)
{
	return state.tracking && ((struct file *)f)->tracked;
}

static int
file_close(sqlite3_file *f)
{
	return real(f)->pMethods ? real(f)->pMethods->xClose(real(f)) : SQLITE_OK;
}

static int
file_read(sqlite3_file *f, void *to, int n, sqlite3_int64 offset)
{
	int rc;

	enter();
	rc = fault_hit(FAULT_READ, path_of(f), offset, n);
	leave();
	return rc != SQLITE_OK ? rc : real(f)->pMethods->xRead(real(f), to, n, offset);
}

static int
write_locked(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 offset)
{
	int rc = SQLITE_OK;

	if (tracks(f))
		rc = disk_note_write(path_of(f), real(f), bytes, n, offset);
	if (rc == SQLITE_OK)
		rc = real(f)->pMethods->xWrite(real(f), bytes, n, offset);
	return rc;
}

static int
file_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 offset)
{
	int rc, ignored;

	enter();
	if (state.watch)
		state.watch(
		    state.watch_arg, path_of(f) ? path_of(f) : "", bytes, n, offset);
	rc = fault_hit(FAULT_WRITE, path_of(f), offset, n);
	if (rc == SQLITE_OK) {
		rc = write_locked(f, bytes, n, offset);
		if (cut_due()) {
			cut_now(state.cut_seed, state.garbage);
			rc = SQLITE_IOERR_WRITE;
		}
	} else if (state.plan.short_write && !state.off && n > 1) {
		ignored = write_locked(f, bytes, n / 2, offset);
		(void)ignored;
	}
	if (state.plan.lost && !state.off)
		rc = SQLITE_OK;
	leave();
	return rc;
}

static int
file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int rc;

	enter();
	rc = fault_hit(FAULT_TRUNCATE, path_of(f), size, 0);
	if (rc == SQLITE_OK && tracks(f))
		rc = disk_note_truncate(path_of(f), real(f), size);
	if (rc == SQLITE_OK) {
		rc = real(f)->pMethods->xTruncate(real(f), size);
		if (cut_due()) {
			cut_now(state.cut_seed, state.garbage);
			rc = SQLITE_IOERR_TRUNCATE;
		}
	}
	leave();
	return rc;
}

static int
file_sync(sqlite3_file *f, int flags)
{
	int rc;

	enter();
	rc = fault_hit(FAULT_SYNC, path_of(f), 0, 0);
	if (rc == SQLITE_OK && cut_due()) {
		cut_now(state.cut_seed, state.garbage);
		rc = SQLITE_IOERR_FSYNC;
	}
	/* The machine's own power is not cut: to wait for its disk would prove nothing. */
	(void)flags;
	if (rc == SQLITE_OK && tracks(f))
		disk_note_sync(path_of(f));
	leave();
	return rc;
}

static int
file_size(sqlite3_file *f, sqlite3_int64 *size)
{
	int rc = hit(FAULT_SIZE, path_of(f));

	return rc != SQLITE_OK ? rc : real(f)->pMethods->xFileSize(real(f), size);
}

static int
file_lock(sqlite3_file *f, int level)
{
	int rc = hit(FAULT_LOCK, path_of(f));

	return rc != SQLITE_OK ? rc : real(f)->pMethods->xLock(real(f), level);
}

static int
file_unlock(sqlite3_file *f, int level)
{
	return real(f)->pMethods->xUnlock(real(f), level);
}

static int
file_check_reserved(sqlite3_file *f, int *held)
{
	int rc = hit(FAULT_RESERVED, path_of(f));

	return rc != SQLITE_OK ? rc : real(f)->pMethods->xCheckReservedLock(real(f), held);
}

static int
file_control(sqlite3_file *f, int op, void *arg)
{
	int rc;

	if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE ||
	    op == SQLITE_FCNTL_MMAP_SIZE)
		return SQLITE_OK;
	rc = real(f)->pMethods->xFileControl(real(f), op, arg);
	if (op == SQLITE_FCNTL_VFSNAME && rc == SQLITE_OK)
		*(char **)arg = sqlite3_mprintf("fault/%z", *(char **)arg);
	return rc;
}

static int
file_sector(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}

static int
file_characteristics(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f)) &
	       ~SQLITE_IOCAP_BATCH_ATOMIC;
}

static int
file_shm_map(sqlite3_file *f, int region, int size, int extend, void volatile **out)
{
	int rc = hit(FAULT_SHMMAP, path_of(f));

	*out = NULL;
	return rc != SQLITE_OK
		   ? rc
		   : real(f)->pMethods->xShmMap(real(f), region, size, extend, out);
}

static int
file_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	int rc = flags & SQLITE_SHM_LOCK ? hit(FAULT_SHMLOCK, path_of(f)) : SQLITE_OK;

	return rc != SQLITE_OK ? rc
			       : real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void
file_shm_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}

static int
file_shm_unmap(sqlite3_file *f, int delete_it)
{
	return real(f)->pMethods->xShmUnmap(real(f), delete_it);
}

static const sqlite3_io_methods methods = {2, file_close, file_read, file_write,
    file_truncate, file_sync, file_size, file_lock, file_unlock, file_check_reserved,
    file_control, file_sector, file_characteristics, file_shm_map, file_shm_lock,
    file_shm_barrier, file_shm_unmap, NULL, NULL};

static sqlite3_vfs *
real_vfs(sqlite3_vfs *vfs)
{
	return ((struct shim *)vfs->pAppData)->real;
}

static int
vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *out)
{
	struct file *file = (struct file *)f;
	int rc;

	memset(file, 0, sizeof *file);
	rc = hit(FAULT_OPEN, path);
	if (rc != SQLITE_OK)
		return rc;
	file->path = path;
	file->tracked = path && !(flags & SQLITE_OPEN_DELETEONCLOSE);
	file->real = (sqlite3_file *)(file + 1);
	rc = real_vfs(vfs)->xOpen(real_vfs(vfs), path, file->real, flags, out);
	if (rc == SQLITE_OK || file->real->pMethods)
		file->base.pMethods = &methods;
	return rc;
}

static int
vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
	int rc;

	(void)sync_folder; /* as in file_sync */
	enter();
	rc = fault_hit(FAULT_DELETE, path, 0, 0);
	if (rc == SQLITE_OK && cut_due()) {
		cut_now(state.cut_seed, state.garbage);
		rc = SQLITE_IOERR_DELETE;
	}
	if (rc == SQLITE_OK)
		rc = real_vfs(vfs)->xDelete(real_vfs(vfs), path, 0);
	if (rc == SQLITE_OK && state.tracking)
		disk_note_delete(path);
	leave();
	return rc;
}

static int
vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
	int rc = hit(FAULT_ACCESS, path);

	return rc != SQLITE_OK ? rc
			       : real_vfs(vfs)->xAccess(real_vfs(vfs), path, flags, out);
}

static int
vfs_full_pathname(sqlite3_vfs *vfs, const char *path, int n, char *out)
{
	return real_vfs(vfs)->xFullPathname(real_vfs(vfs), path, n, out);
}

static int
vfs_randomness(sqlite3_vfs *vfs, int n, char *out)
{
	return real_vfs(vfs)->xRandomness(real_vfs(vfs), n, out);
}

/* To wait for what is made to fail would prove nothing. */
static int
vfs_sleep(sqlite3_vfs *vfs, int us)
{
	bool armed;

	enter();
	armed = state.armed;
	leave();
	return armed ? us : real_vfs(vfs)->xSleep(real_vfs(vfs), us);
}

static int
vfs_time(sqlite3_vfs *vfs, double *out)
{
	return real_vfs(vfs)->xCurrentTime(real_vfs(vfs), out);
}

static int
vfs_last_error(sqlite3_vfs *vfs, int n, char *out)
{
	return real_vfs(vfs)->xGetLastError(real_vfs(vfs), n, out);
}

static int
vfs_time64(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	return real_vfs(vfs)->xCurrentTimeInt64(real_vfs(vfs), out);
}

static struct shim *
shim_find(const char *name)
{
	size_t i;

	for (i = 0; i < VFS_MAX; i++)
		if (!shims[i].name[0] || strcmp(shims[i].name, name) == 0)
			return &shims[i];
	return NULL;
}

int
fault_register(const char *name, const char *base, bool make_default)
{
	struct shim *s = shim_find(name);
	sqlite3_vfs *under;
	int rc = sqlite3_initialize();

	if (rc != SQLITE_OK)
		return rc;
	under = sqlite3_vfs_find(base ? base : "unix");
	if (!s || !under || under->iVersion < 2)
		return SQLITE_ERROR;
	if (s->name[0])
		sqlite3_vfs_unregister(&s->vfs);
	sqlite3_snprintf(sizeof s->name, s->name, "%s", name);
	s->real = under;
	s->vfs = (sqlite3_vfs){.iVersion = 2,
	    .szOsFile = (int)sizeof(struct file) + under->szOsFile,
	    .mxPathname = under->mxPathname,
	    .zName = s->name,
	    .pAppData = s,
	    .xOpen = vfs_open,
	    .xDelete = vfs_delete,
	    .xAccess = vfs_access,
	    .xFullPathname = vfs_full_pathname,
	    .xRandomness = vfs_randomness,
	    .xSleep = vfs_sleep,
	    .xCurrentTime = vfs_time,
	    .xGetLastError = vfs_last_error,
	    .xCurrentTimeInt64 = vfs_time64};
	return sqlite3_vfs_register(&s->vfs, make_default);
}
