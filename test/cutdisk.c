/*
 * The VFS of a disk in memory. Nothing of it touches the machine's disk, so that thousands of
 * power cuts a second can be made; cutlog.c says what they leave.
 *
 * 1. While a recording runs, every change of a named file goes into its log.
 * 2. A cut replaces the whole disk; the log that it is made of stays as it is.
 * 3. Shared memory is gone with the last handle of its file, as after a restart.
 */
#include "test/cutdisk.h"

#include <stdlib.h>
#include <string.h>

#include "test/cutlog.h"

struct node { /* a file; without a name once it is deleted */
	struct node *next;
	char *name;
	struct image im;
	int handles;
	int logged; /* its number in the log that runs, -1: in none */
	void **shm;
	int shm_count;
};

struct cutfile {
	sqlite3_file base;
	struct node *node;
};

static struct {
	struct node *nodes;
	struct cutlog *logs[CUTDISK_LEVELS];
	struct cutlog *running;
	char *lie;
} disk;

static sqlite3_vfs *
machine(void)
{
	return sqlite3_vfs_find("unix");
}

static struct node *
node_find(const char *name)
{
	struct node *n;

	for (n = disk.nodes; n; n = n->next)
		if (n->name && strcmp(n->name, name) == 0)
			return n;
	return NULL;
}

static struct node *
node_new(const char *name)
{
	struct node *n = calloc(1, sizeof *n);

	if (!n)
		return NULL;
	n->logged = -1;
	n->name = name ? strdup(name) : NULL;
	if (name && !n->name) {
		free(n);
		return NULL;
	}
	n->next = disk.nodes;
	disk.nodes = n;
	return n;
}

static void
shm_free(struct node *n)
{
	int i;

	for (i = 0; i < n->shm_count; i++)
		free(n->shm[i]);
	free(n->shm);
	n->shm = NULL;
	n->shm_count = 0;
}

static void
node_free(struct node *n)
{
	struct node **at = &disk.nodes;

	while (*at != n)
		at = &(*at)->next;
	*at = n->next;
	shm_free(n);
	free(n->im.bytes);
	free(n->name);
	free(n);
}

void
cutdisk_clear(void)
{
	while (disk.nodes)
		node_free(disk.nodes);
}

/* The number of a named file in the log that runs, or -1. */
static int
logged(const struct node *n)
{
	return disk.running && n->name ? n->logged : -1;
}

static struct node *
of(sqlite3_file *file)
{
	return ((struct cutfile *)file)->node;
}

static int
disk_close(sqlite3_file *file)
{
	struct node *n = of(file);

	if (--n->handles == 0) {
		shm_free(n);
		if (!n->name)
			node_free(n);
	}
	return SQLITE_OK;
}

static int
disk_read(sqlite3_file *file, void *buf, int len, sqlite3_int64 off)
{
	const struct image *im = &of(file)->im;
	const size_t at = (size_t)off, want = (size_t)len;
	size_t n = at < im->size ? im->size - at : 0;

	if (n > want)
		n = want;
	if (n)
		memcpy(buf, im->bytes + at, n);
	memset((char *)buf + n, 0, want - n);
	return n == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int
disk_write(sqlite3_file *file, const void *buf, int len, sqlite3_int64 off)
{
	struct node *n = of(file);
	const int id = logged(n);

	if (id >= 0 && !cutlog_write(disk.running, id, buf, (size_t)len, (size_t)off))
		return SQLITE_NOMEM;
	return image_put(&n->im, (size_t)off, buf, (size_t)len) ? SQLITE_OK : SQLITE_FULL;
}

static int
disk_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct node *n = of(file);
	const int id = logged(n);

	if (id >= 0 && !cutlog_truncate(disk.running, id, (size_t)size))
		return SQLITE_NOMEM;
	return image_resize(&n->im, (size_t)size) ? SQLITE_OK : SQLITE_FULL;
}

static int
disk_sync(sqlite3_file *file, int flags)
{
	const struct node *n = of(file);
	const int id = logged(n);

	(void)flags;
	if (id < 0 || (disk.lie && sqlite3_strglob(disk.lie, n->name) == 0))
		return SQLITE_OK;
	return cutlog_sync(disk.running, id) ? SQLITE_OK : SQLITE_NOMEM;
}

static int
disk_size(sqlite3_file *file, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)of(file)->im.size;
	return SQLITE_OK;
}

static int
disk_lock(sqlite3_file *file, int level)
{
	(void)file;
	(void)level;
	return SQLITE_OK;
}

static int
disk_reserved(sqlite3_file *file, int *held)
{
	(void)file;
	*held = 0;
	return SQLITE_OK;
}

static int
disk_control(sqlite3_file *file, int op, void *arg)
{
	(void)file;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int
disk_sector(sqlite3_file *file)
{
	(void)file;
	return 4096;
}

static int
disk_characteristics(sqlite3_file *file)
{
	(void)file;
	return 0;
}

static int
disk_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
	struct node *n = of(file);
	void **grown;

	*out = NULL;
	while (extend && n->shm_count <= region) {
		grown = realloc(n->shm, ((size_t)n->shm_count + 1) * sizeof *grown);
		if (!grown)
			return SQLITE_NOMEM;
		n->shm = grown;
		grown[n->shm_count] = calloc(1, (size_t)size);
		if (!grown[n->shm_count])
			return SQLITE_NOMEM;
		n->shm_count++;
	}
	if (region < n->shm_count)
		*out = n->shm[region];
	return SQLITE_OK;
}

static int
disk_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	(void)file;
	(void)offset;
	(void)n;
	(void)flags;
	return SQLITE_OK;
}

static void
disk_shm_barrier(sqlite3_file *file)
{
	(void)file;
}

static int
disk_shm_unmap(sqlite3_file *file, int delete)
{
	(void)delete;
	if (of(file)->handles == 1)
		shm_free(of(file));
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = disk_close,
	.xRead = disk_read,
	.xWrite = disk_write,
	.xTruncate = disk_truncate,
	.xSync = disk_sync,
	.xFileSize = disk_size,
	.xLock = disk_lock,
	.xUnlock = disk_lock,
	.xCheckReservedLock = disk_reserved,
	.xFileControl = disk_control,
	.xSectorSize = disk_sector,
	.xDeviceCharacteristics = disk_characteristics,
	.xShmMap = disk_shm_map,
	.xShmLock = disk_shm_lock,
	.xShmBarrier = disk_shm_barrier,
	.xShmUnmap = disk_shm_unmap,
};

#define KINDS_SYNCING_FOLDER                                                             \
	(SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)

static struct node *
node_create(const char *name, int flags)
{
	struct node *n = node_new(name);

	if (!n || !disk.running || !name)
		return n;
	n->logged =
	    cutlog_file(disk.running, name, NULL, (flags & KINDS_SYNCING_FOLDER) != 0);
	if (n->logged >= 0)
		return n;
	node_free(n);
	return NULL;
}

static int
disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	struct node *n = name ? node_find(name) : NULL;

	(void)vfs;
	file->pMethods = NULL;
	if (!n && !(flags & SQLITE_OPEN_CREATE))
		return SQLITE_CANTOPEN;
	if (!n)
		n = node_create(name, flags);
	if (!n)
		return SQLITE_NOMEM;
	n->handles++;
	((struct cutfile *)file)->node = n;
	file->pMethods = &methods;
	if (out_flags)
		*out_flags = flags;
	return SQLITE_OK;
}

static int
disk_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
	struct node *n = node_find(name);
	const int id = n ? logged(n) : -1;

	(void)vfs;
	if (!n)
		return SQLITE_IOERR_DELETE_NOENT;
	if (id >= 0 && !cutlog_delete(disk.running, id, sync_dir != 0))
		return SQLITE_NOMEM;
	free(n->name);
	n->name = NULL;
	if (n->handles == 0)
		node_free(n);
	return SQLITE_OK;
}

/* As SQLite's own: an empty file is as good as none. */
static int
disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
	const struct node *n = node_find(name);

	(void)vfs;
	*result = n && (flags != SQLITE_ACCESS_EXISTS || n->im.size > 0);
	return SQLITE_OK;
}

static int
disk_full_pathname(sqlite3_vfs *vfs, const char *name, int len, char *out)
{
	(void)vfs;
	sqlite3_snprintf(len, out, "%s%s", name[0] == '/' ? "" : "/cutdisk/", name);
	return SQLITE_OK;
}

static int
disk_randomness(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	return machine()->xRandomness(machine(), len, out);
}

static int
disk_sleep(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	return machine()->xSleep(machine(), microseconds);
}

static int
disk_time(sqlite3_vfs *vfs, double *out)
{
	(void)vfs;
	return machine()->xCurrentTime(machine(), out);
}

static int
disk_last_error(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	(void)len;
	(void)out;
	return 0;
}

static int
disk_time64(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	(void)vfs;
	return machine()->xCurrentTimeInt64(machine(), out);
}

int
cutdisk_register(const char *name)
{
	static sqlite3_vfs vfs = {
		.iVersion = 2,
		.szOsFile = sizeof(struct cutfile),
		.mxPathname = 512,
		.xOpen = disk_open,
		.xDelete = disk_delete,
		.xAccess = disk_access,
		.xFullPathname = disk_full_pathname,
		.xRandomness = disk_randomness,
		.xSleep = disk_sleep,
		.xCurrentTime = disk_time,
		.xGetLastError = disk_last_error,
		.xCurrentTimeInt64 = disk_time64,
	};

	if (!vfs.zName)
		vfs.zName = strdup(name);
	return vfs.zName ? sqlite3_vfs_register(&vfs, 0) : SQLITE_NOMEM;
}

bool
cutdisk_record(int level)
{
	struct node *n;

	cutlog_free(disk.logs[level]);
	disk.running = disk.logs[level] = cutlog_new();
	for (n = disk.nodes; disk.running && n; n = n->next) {
		n->logged = n->name ? cutlog_file(disk.running, n->name, &n->im, false) : -1;
		if (n->name && n->logged < 0)
			return false;
	}
	return disk.running != NULL;
}

bool
cutdisk_mark(void)
{
	if (disk.running)
		cutlog_mark(disk.running);
	return disk.running != NULL;
}

size_t
cutdisk_length(void)
{
	return disk.running ? cutlog_length(disk.running) : 0;
}

size_t
cutdisk_stop(void)
{
	const size_t n = cutdisk_length();

	disk.running = NULL;
	return n;
}

bool
cutdisk_is_sync(int level, size_t n)
{
	return disk.logs[level] && cutlog_is_sync(disk.logs[level], n);
}

static bool
put_file(void *arg, const char *name, struct image *im)
{
	struct node *n = node_new(name);

	(void)arg;
	if (!n)
		return false;
	n->im = *im;
	*im = (struct image) { 0 };
	return true;
}

bool
cutdisk_cut(int level, size_t n, uint64_t seed, size_t *marks)
{
	disk.running = NULL;
	cutdisk_clear();
	return disk.logs[level] && cutlog_cut(disk.logs[level], n, seed, put_file, NULL, marks);
}

bool
cutdisk_lie(const char *glob)
{
	free(disk.lie);
	disk.lie = glob ? strdup(glob) : NULL;
	return !glob || disk.lie;
}

bool
cutdisk_spoil(const char *name, size_t at, size_t n)
{
	struct node *node = node_find(name);

	if (!node || at + n > node->im.size)
		return false;
	sqlite3_randomness((int)n, node->im.bytes + at);
	return true;
}

void
cutdisk_each(cutdisk_each_fn *fn, void *arg)
{
	const struct node *n;

	for (n = disk.nodes; n; n = n->next)
		if (n->name)
			fn(arg, n->name, n->im.size);
}
