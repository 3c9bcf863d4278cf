/*
 * A VFS over another that keeps the shared memory of the log's index to itself, as some layers
 * do: those below see no locks of the log.
 *
 *   shm_register BASE   the VFS "keeper" over BASE
 *
 * 1. One connection has a file open at a time: nothing is shared here.
 */
#include <sqlite3.h>
#include <string.h>

#include "test/testfixture.h"

#define REGIONS_MAX 16

struct kept {
	sqlite3_file base;
	void *regions[REGIONS_MAX];
	sqlite3_file below[];
};

static sqlite3_vfs keeper;
static sqlite3_vfs *base_vfs;

#define BELOW(f)   (((struct kept *)(f))->below)
#define METHODS(f) (BELOW(f)->pMethods)

static void
drop_regions(struct kept *k)
{
	int i;

	for (i = 0; i < REGIONS_MAX; i++) {
		sqlite3_free(k->regions[i]);
		k->regions[i] = NULL;
	}
}

static int
kept_close(sqlite3_file *f)
{
	drop_regions((struct kept *)f);
	return METHODS(f)->xClose(BELOW(f));
}

static int
kept_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	return METHODS(f)->xRead(BELOW(f), to, n, at);
}

static int
kept_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	return METHODS(f)->xWrite(BELOW(f), from, n, at);
}

static int
kept_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	return METHODS(f)->xTruncate(BELOW(f), size);
}

static int
kept_sync(sqlite3_file *f, int flags)
{
	return METHODS(f)->xSync(BELOW(f), flags);
}

static int
kept_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return METHODS(f)->xFileSize(BELOW(f), size);
}

static int
kept_lock(sqlite3_file *f, int level)
{
	return METHODS(f)->xLock(BELOW(f), level);
}

static int
kept_unlock(sqlite3_file *f, int level)
{
	return METHODS(f)->xUnlock(BELOW(f), level);
}

static int
kept_reserved(sqlite3_file *f, int *is)
{
	return METHODS(f)->xCheckReservedLock(BELOW(f), is);
}

static int
kept_control(sqlite3_file *f, int op, void *arg)
{
	return METHODS(f)->xFileControl(BELOW(f), op, arg);
}

static int
kept_sector(sqlite3_file *f)
{
	return METHODS(f)->xSectorSize(BELOW(f));
}

static int
kept_device(sqlite3_file *f)
{
	return METHODS(f)->xDeviceCharacteristics(BELOW(f));
}

static int
kept_shm_map(sqlite3_file *f, int i, int size, int extend, void volatile **out)
{
	struct kept *k = (struct kept *)f;

	*out = NULL;
	if (i >= REGIONS_MAX)
		return SQLITE_FULL;
	if (!k->regions[i] && extend) {
		k->regions[i] = sqlite3_malloc(size);
		if (!k->regions[i])
			return SQLITE_NOMEM;
		memset(k->regions[i], 0, (size_t)size);
	}
	*out = k->regions[i];
	return SQLITE_OK;
}

static int
kept_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	(void)f, (void)offset, (void)n, (void)flags;
	return SQLITE_OK;
}

static void
kept_shm_barrier(sqlite3_file *f)
{
	(void)f;
}

static int
kept_shm_unmap(sqlite3_file *f, int remove)
{
	(void)remove;
	drop_regions((struct kept *)f);
	return SQLITE_OK;
}

static const sqlite3_io_methods kept_methods = {2, kept_close, kept_read, kept_write,
    kept_truncate, kept_sync, kept_size, kept_lock, kept_unlock, kept_reserved, kept_control,
    kept_sector, kept_device, kept_shm_map, kept_shm_lock, kept_shm_barrier, kept_shm_unmap,
    NULL, NULL};

static int
keeper_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct kept *k = (struct kept *)f;
	int code;

	(void)vfs;
	memset(k, 0, sizeof *k);
	code = base_vfs->xOpen(base_vfs, name, k->below, flags, out);
	if (k->below->pMethods)
		k->base.pMethods = &kept_methods;
	return code;
}

static int
keeper_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
	(void)vfs;
	return base_vfs->xDelete(base_vfs, name, sync_folder);
}

static int
keeper_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	(void)vfs;
	return base_vfs->xAccess(base_vfs, name, flags, out);
}

static int
keeper_full(sqlite3_vfs *vfs, const char *name, int n, char *out)
{
	(void)vfs;
	return base_vfs->xFullPathname(base_vfs, name, n, out);
}

static int
keeper_random(sqlite3_vfs *vfs, int n, char *out)
{
	(void)vfs;
	return base_vfs->xRandomness(base_vfs, n, out);
}

static int
keeper_sleep(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	return base_vfs->xSleep(base_vfs, microseconds);
}

static int
keeper_time(sqlite3_vfs *vfs, double *now)
{
	(void)vfs;
	return base_vfs->xCurrentTime(base_vfs, now);
}

static int
keeper_error(sqlite3_vfs *vfs, int n, char *out)
{
	(void)vfs;
	return base_vfs->xGetLastError(base_vfs, n, out);
}

/* shm_register BASE: the VFS "keeper" over BASE */
static int
register_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	(void)cd;
	if (objc != 2 || !(base_vfs = sqlite3_vfs_find(Tcl_GetString(objv[1])))) {
		Tcl_SetResult(interp, "shm_register BASE, a VFS that is registered", TCL_STATIC);
		return TCL_ERROR;
	}
	keeper = (sqlite3_vfs){.iVersion = 1,
	    .szOsFile = (int)sizeof(struct kept) + base_vfs->szOsFile,
	    .mxPathname = base_vfs->mxPathname,
	    .zName = "keeper",
	    .xOpen = keeper_open,
	    .xDelete = keeper_delete,
	    .xAccess = keeper_access,
	    .xFullPathname = keeper_full,
	    .xRandomness = keeper_random,
	    .xSleep = keeper_sleep,
	    .xCurrentTime = keeper_time,
	    .xGetLastError = keeper_error};
	return sqlite3_vfs_register(&keeper, 0) == SQLITE_OK ? TCL_OK : TCL_ERROR;
}

int
shm_Init(Tcl_Interp *interp)
{
	Tcl_CreateObjCommand(interp, "shm_register", register_cmd, NULL, NULL);
	return TCL_OK;
}
