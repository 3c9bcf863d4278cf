/*
 * What the kinds of file have in common: methods that pass through, the temporary files, the
 * super-journal, and the translation of codes.
 */

#include <string.h>

#include "vfs/vfs_int.h"

struct vfs_counters vfs_counters;

static sqlite3_file *
below(sqlite3_file *file)
{
	return ((struct file *)file)->under;
}

int
file_close(sqlite3_file *file)
{
	return below(file)->pMethods->xClose(below(file));
}

int
file_sync(sqlite3_file *file, int flags)
{
	return below(file)->pMethods->xSync(below(file), flags);
}

int
file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return below(file)->pMethods->xFileSize(below(file), size);
}

int
file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return below(file)->pMethods->xTruncate(below(file), size);
}

int
file_lock(sqlite3_file *file, int level)
{
	return below(file)->pMethods->xLock(below(file), level);
}

int
file_unlock(sqlite3_file *file, int level)
{
	return below(file)->pMethods->xUnlock(below(file), level);
}

int
file_check_reserved(sqlite3_file *file, int *held)
{
	return below(file)->pMethods->xCheckReservedLock(below(file), held);
}

int
file_control(sqlite3_file *file, int op, void *arg)
{
	switch (op) {
	case SQLITE_FCNTL_MMAP_SIZE: /* mapped pages would be ciphertext */
		*(sqlite3_int64 *)arg = 0;
		return SQLITE_OK;
	case SQLITE_FCNTL_SIZE_HINT: /* growth in steps leaves holes */
	case SQLITE_FCNTL_CHUNK_SIZE:
		return SQLITE_OK;
	default:
		return below(file)->pMethods->xFileControl(below(file), op, arg);
	}
}

int
file_sector_size(sqlite3_file *file)
{
	return below(file)->pMethods->xSectorSize(below(file));
}

/*
 * POWERSAFE_OVERWRITE: then SQLite never splits a page at a sync point. Atomic and batch
 * writes are hidden: they would hand pages over in other shapes.
 */
int
file_characteristics(sqlite3_file *file)
{
	const int kept = SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN | SQLITE_IOCAP_IMMUTABLE;

	return (below(file)->pMethods->xDeviceCharacteristics(below(file)) & kept) |
	    SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int
file_refuse(const char *path, const char *what)
{
	sqlite3_log(SQLITE_IOERR_WRITE, "strongroom: %s: refused: %s", path ? path : "-", what);
	return SQLITE_IOERR_WRITE;
}

int
rc_to_sqlite(enum rc rc, int io)
{
	switch (rc) {
	case RC_OK:
		return SQLITE_OK;
	case RC_NOMEM:
		return SQLITE_NOMEM;
	case RC_FULL:
		return SQLITE_FULL;
	case RC_BUSY:
		return SQLITE_BUSY;
	case RC_READONLY:
		return SQLITE_READONLY;
	case RC_PASS:
	case RC_LOCKED:
		return SQLITE_AUTH;
	case RC_TAMPER:
		return SQLITE_IOERR_DATA;
	case RC_DAMAGED:
		return SQLITE_CORRUPT;
	case RC_FORMAT:
		return SQLITE_NOTADB;
	default:
		return io;
	}
}

enum rc
rc_of_sqlite(int code)
{
	if (code == SQLITE_IOERR_DATA)
		return RC_TAMPER;
	if (code == SQLITE_IOERR_NOMEM)
		return RC_NOMEM;
	switch (code & 0xff) {
	case SQLITE_OK:
		return RC_OK;
	case SQLITE_NOMEM:
		return RC_NOMEM;
	case SQLITE_FULL:
		return RC_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return RC_BUSY;
	case SQLITE_READONLY:
		return RC_READONLY;
	case SQLITE_CORRUPT:
		return RC_DAMAGED;
	case SQLITE_NOTADB:
		return RC_FORMAT;
	case SQLITE_INTERRUPT:
		return RC_CANCELLED;
	default:
		return RC_IO;
	}
}

/* Temporary files: spill.c does the work; nothing of them need survive, so no sync. */

int
spill_file_open(struct spillfile *s)
{
	return rc_to_sqlite(spill_new(s->f.under, &s->spill), SQLITE_CANTOPEN);
}

static int
spill_file_close(sqlite3_file *file)
{
	spill_free(((struct spillfile *)file)->spill);
	return file_close(file);
}

static int
spill_file_read(sqlite3_file *file, void *buf, int len, sqlite3_int64 off)
{
	return spill_read(((struct spillfile *)file)->spill, buf, len, off);
}

static int
spill_file_write(sqlite3_file *file, const void *buf, int len, sqlite3_int64 off)
{
	return spill_write(((struct spillfile *)file)->spill, buf, len, off);
}

static int
spill_file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return spill_truncate(((struct spillfile *)file)->spill, size);
}

static int
spill_file_sync(sqlite3_file *file, int flags)
{
	(void)file;
	(void)flags;
	return SQLITE_OK;
}

static int
spill_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	*size = spill_size(((struct spillfile *)file)->spill);
	return SQLITE_OK;
}

const sqlite3_io_methods spill_methods = {
	.iVersion = 1,
	.xClose = spill_file_close,
	.xRead = spill_file_read,
	.xWrite = spill_file_write,
	.xTruncate = spill_file_truncate,
	.xSync = spill_file_sync,
	.xFileSize = spill_file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
};

/*
 * The super-journal of a commit over several databases holds names of files only. It is
 * also how SQLite opens an ordinary rollback journal to read the super-journal's name at its
 * end (pager_delsuper): that name stands in the clear in both.
 */

static int
super_read(sqlite3_file *file, void *buf, int len, sqlite3_int64 off)
{
	return below(file)->pMethods->xRead(below(file), buf, len, off);
}

static int
super_write(sqlite3_file *file, const void *buf, int len, sqlite3_int64 off)
{
	const char *name = buf;

	if (len < 2 || name[len - 1] != '\0' || memchr(name, '\0', (size_t)len - 1))
		return file_refuse("super-journal", "a write that is no name of a file");
	return below_write(below(file), buf, len, off);
}

const sqlite3_io_methods super_methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = super_read,
	.xWrite = super_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
};
