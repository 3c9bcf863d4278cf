/* A VFS in memory: a few files by name, and temporary ones without. */

#include "test/fuzz/memvfs.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 16

struct mem_file {
	char name[64];
	int open; /* handles */
	struct mem_image image;
};

struct handle {
	sqlite3_file base;
	struct mem_file *f;
	int forget; /* the file goes with its handle */
};

static struct mem_file *files[FILES_MAX];
static const char *hidden; /* what no write may contain */

static struct mem_file *
find(const char *name)
{
	int i;

	for (i = 0; i < FILES_MAX; i++)
		if (files[i] && strcmp(files[i]->name, name) == 0)
			return files[i];
	return NULL;
}

static struct mem_file *
make(const char *name)
{
	int i;

	for (i = 0; i < FILES_MAX; i++) {
		if (files[i])
			continue;
		files[i] = calloc(1, sizeof *files[i]);
		if (files[i])
			sqlite3_snprintf(sizeof files[i]->name, files[i]->name, "%s", name);
		return files[i];
	}
	return NULL;
}

static void
drop(const struct mem_file *f)
{
	int i;

	for (i = 0; i < FILES_MAX; i++)
		if (files[i] && files[i] == f) {
			free(files[i]);
			files[i] = NULL;
		}
}

static int
mem_close(sqlite3_file *file)
{
	struct handle *h = (struct handle *)file;

	h->f->open--;
	if (h->forget)
		drop(h->f);
	return SQLITE_OK;
}

static int
mem_read(sqlite3_file *file, void *buf, int len, sqlite3_int64 off)
{
	const struct mem_image *m = &((struct handle *)file)->f->image;
	size_t there = (size_t)off < m->len ? m->len - (size_t)off : 0;

	if (there >= (size_t)len) {
		memcpy(buf, m->bytes + off, (size_t)len);
		return SQLITE_OK;
	}
	memset(buf, 0, (size_t)len);
	if (there)
		memcpy(buf, m->bytes + off, there);
	return SQLITE_IOERR_SHORT_READ;
}

static int
mem_write(sqlite3_file *file, const void *buf, int len, sqlite3_int64 off)
{
	struct mem_image *m = &((struct handle *)file)->f->image;

	if (hidden && memmem(buf, (size_t)len, hidden, strlen(hidden)))
		abort();
	if (off + len > (sqlite3_int64)MEMVFS_MAX)
		return SQLITE_FULL;
	if ((size_t)off > m->len)
		memset(m->bytes + m->len, 0, (size_t)off - m->len);
	memcpy(m->bytes + off, buf, (size_t)len);
	if ((size_t)(off + len) > m->len)
		m->len = (size_t)(off + len);
	return SQLITE_OK;
}

static int
mem_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct mem_image *m = &((struct handle *)file)->f->image;

	if ((size_t)size < m->len)
		m->len = (size_t)size;
	return SQLITE_OK;
}

static int
mem_sync(sqlite3_file *file, int flags)
{
	(void)file;
	(void)flags;
	return SQLITE_OK;
}

static int
mem_size(sqlite3_file *file, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)((struct handle *)file)->f->image.len;
	return SQLITE_OK;
}

static int
mem_lock(sqlite3_file *file, int level)
{
	(void)file;
	(void)level;
	return SQLITE_OK;
}

static int
mem_reserved(sqlite3_file *file, int *held)
{
	(void)file;
	*held = 0;
	return SQLITE_OK;
}

static int
mem_control(sqlite3_file *file, int op, void *arg)
{
	(void)file;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int
mem_sector(sqlite3_file *file)
{
	(void)file;
	return 512;
}

static int
mem_characteristics(sqlite3_file *file)
{
	(void)file;
	return 0;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = mem_close,
	.xRead = mem_read,
	.xWrite = mem_write,
	.xTruncate = mem_truncate,
	.xSync = mem_sync,
	.xFileSize = mem_size,
	.xLock = mem_lock,
	.xUnlock = mem_lock,
	.xCheckReservedLock = mem_reserved,
	.xFileControl = mem_control,
	.xSectorSize = mem_sector,
	.xDeviceCharacteristics = mem_characteristics,
};

static int
mem_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	struct handle *h = (struct handle *)file;

	(void)vfs;
	h->base.pMethods = NULL;
	h->f = name ? find(name) : NULL;
	if (!h->f && !(flags & SQLITE_OPEN_CREATE))
		return SQLITE_CANTOPEN;
	if (!h->f)
		h->f = make(name ? name : "");
	if (!h->f)
		return SQLITE_CANTOPEN;
	h->f->open++;
	h->forget = !name || flags & SQLITE_OPEN_DELETEONCLOSE;
	h->base.pMethods = &methods;
	if (out_flags)
		*out_flags = flags;
	return SQLITE_OK;
}

static int
mem_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
	(void)vfs;
	(void)sync_dir;
	drop(find(name));
	return SQLITE_OK;
}

static int
mem_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	(void)vfs;
	(void)flags;
	*out = find(name) != NULL;
	return SQLITE_OK;
}

static int
mem_full_pathname(sqlite3_vfs *vfs, const char *name, int len, char *out)
{
	(void)vfs;
	sqlite3_snprintf(len, out, "%s", name);
	return SQLITE_OK;
}

static int
mem_randomness(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	memset(out, 7, (size_t)len); /* an input must do the same each time */
	return len;
}

static int
mem_sleep(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	return microseconds;
}

static int
mem_time(sqlite3_vfs *vfs, double *out)
{
	(void)vfs;
	*out = 2460000.5;
	return SQLITE_OK;
}

void
memvfs_register(const char *secret)
{
	static sqlite3_vfs vfs = {
		.iVersion = 1,
		.szOsFile = sizeof(struct handle),
		.mxPathname = sizeof files[0]->name - 1,
		.zName = MEMVFS_NAME,
		.xOpen = mem_open,
		.xDelete = mem_delete,
		.xAccess = mem_access,
		.xFullPathname = mem_full_pathname,
		.xRandomness = mem_randomness,
		.xSleep = mem_sleep,
		.xCurrentTime = mem_time,
	};

	hidden = secret;
	if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
		abort();
}

void
memvfs_save(const char *name, struct mem_image *out)
{
	const struct mem_file *f = find(name);

	out->len = f ? f->image.len : 0;
	if (f)
		memcpy(out->bytes, f->image.bytes, out->len);
}

void
memvfs_load(const char *name, const struct mem_image *image)
{
	struct mem_file *f = find(name);

	if (image->len == 0) {
		drop(f);
		return;
	}
	if (!f)
		f = make(name);
	if (!f)
		abort();
	f->image.len = image->len;
	memcpy(f->image.bytes, image->bytes, image->len);
}
