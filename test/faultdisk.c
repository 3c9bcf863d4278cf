/*
 * What a power cut does to files.
 *
 * Writes go through to the real file at once; beside it the old bytes are kept until the
 * file is synced. At the cut the old bytes are put back, newest change first, which gives
 * the file as it was at its last sync; then each change, oldest first, is made again in
 * full, in part or not at all.
 *
 * 1. The log of a path holds exactly the changes since its last sync, in order.
 * 2. The same seed and the same changes give the same files.
 * 3. Sectors are counted from the start of the file, as a disk does.
 */
#include "test/faultdisk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/draw.h"
#include "test/image.h"

#define SECTOR 512

struct change {
	bool truncate;
	sqlite3_int64 offset;	/* of a truncation: the new size */
	sqlite3_int64 old_size; /* of the file before it */
	int n, old_n;
	uint8_t *bytes, *old; /* old: what stood at offset, old_n bytes of it */
};

struct disk {
	struct disk *next;
	char *path;
	struct change *changes;
	size_t count, room;
};

struct cut {		/* one power cut */
	uint64_t state; /* of the generator */
	bool none, all; /* of the changes reached the disk */
	bool garbage;
};

static struct disk *disks;
static uint64_t cuts_made;

uint64_t
disk_cuts(void)
{
	return cuts_made;
}

static struct disk *
disk_find(const char *path)
{
	struct disk *d;

	for (d = disks; d; d = d->next)
		if (strcmp(d->path, path) == 0)
			return d;
	d = calloc(1, sizeof *d);
	if (!d)
		return NULL;
	d->path = strdup(path);
	if (!d->path) {
		free(d);
		return NULL;
	}
	d->next = disks;
	disks = d;
	return d;
}

static void
disk_clear(struct disk *d)
{
	size_t i;

	for (i = 0; i < d->count; i++) {
		free(d->changes[i].bytes);
		free(d->changes[i].old);
	}
	d->count = 0;
}

void
disk_note_sync(const char *path)
{
	struct disk *d = disk_find(path);

	if (d)
		disk_clear(d);
}

void
disk_note_delete(const char *path)
{
	disk_note_sync(path);
}

void
disk_forget(void)
{
	struct disk *d;

	while ((d = disks)) {
		disks = d->next;
		disk_clear(d);
		free(d->changes);
		free(d->path);
		free(d);
	}
}

static struct change *
change_new(struct disk *d)
{
	struct change *grown;
	size_t room = d->room ? 2 * d->room : 16;

	if (d->count == d->room) {
		grown = realloc(d->changes, room * sizeof *grown);
		if (!grown)
			return NULL;
		d->changes = grown;
		d->room = room;
	}
	memset(&d->changes[d->count], 0, sizeof *d->changes);
	return &d->changes[d->count];
}

/* Fill in what the file holds in [offset, end), as far as it goes. */
static int
change_keep_old(
    struct change *c, sqlite3_file *file, sqlite3_int64 offset, sqlite3_int64 end)
{
	int rc = file->pMethods->xFileSize(file, &c->old_size);

	if (rc != SQLITE_OK)
		return rc;
	if (end > c->old_size)
		end = c->old_size;
	if (end <= offset)
		return SQLITE_OK;
	c->old_n = (int)(end - offset);
	c->old = malloc((size_t)c->old_n);
	if (!c->old)
		return SQLITE_NOMEM;
	rc = file->pMethods->xRead(file, c->old, c->old_n, offset);
	if (rc != SQLITE_OK) {
		free(c->old);
		c->old = NULL;
	}
	return rc;
}

int
disk_note_write(
    const char *path, sqlite3_file *file, const void *bytes, int n, sqlite3_int64 offset)
{
	struct disk *d = disk_find(path);
	struct change *c = d ? change_new(d) : NULL;
	int rc;

	if (!c)
		return SQLITE_NOMEM;
	c->offset = offset;
	c->n = n;
	c->bytes = malloc((size_t)n + 1);
	if (!c->bytes)
		return SQLITE_NOMEM;
	memcpy(c->bytes, bytes, (size_t)n);
	rc = change_keep_old(c, file, offset, offset + n);
	if (rc != SQLITE_OK) {
		free(c->bytes);
		return rc;
	}
	d->count++;
	return SQLITE_OK;
}

int
disk_note_truncate(const char *path, sqlite3_file *file, sqlite3_int64 size)
{
	struct disk *d = disk_find(path);
	struct change *c = d ? change_new(d) : NULL;
	int rc;

	if (!c)
		return SQLITE_NOMEM;
	c->truncate = true;
	c->offset = size;
	rc = change_keep_old(c, file, size, INT64_MAX);
	if (rc == SQLITE_OK)
		d->count++;
	return rc;
}

/* Each sector of the write: new, old, or (where asked for) noise. */
static bool
image_tear(struct image *im, const struct change *c, struct cut *cut)
{
	size_t at = (size_t)c->offset, end = at + (size_t)c->n, stop, i;
	uint64_t fate;

	for (; at < end; at = stop) {
		stop = (at / SECTOR + 1) * SECTOR;
		if (stop > end)
			stop = end;
		fate = draw(&cut->state) % 8;
		if (fate < 4)
			continue;
		if (!image_put(im, at, c->bytes + (at - (size_t)c->offset), stop - at))
			return false;
		for (i = at; cut->garbage && fate == 7 && i < stop; i++)
			im->bytes[i] = (uint8_t)draw(&cut->state);
	}
	return true;
}

static bool
image_undo(struct image *im, const struct change *c)
{
	return image_resize(im, (size_t)c->old_size) &&
	       image_put(im, (size_t)c->offset, c->old, (size_t)c->old_n);
}

static bool
image_redo(struct image *im, const struct change *c, struct cut *cut)
{
	switch (draw(&cut->state) % 4) {
	case 0:
		return true;
	case 1:
		if (!c->truncate)
			return image_tear(im, c, cut);
		/* fall through */
	default:
		if (c->truncate)
			return image_resize(im, (size_t)c->offset);
		return image_put(im, (size_t)c->offset, c->bytes, (size_t)c->n);
	}
}

static bool
image_replay(struct image *im, const struct disk *d, struct cut *cut)
{
	size_t i;

	if (cut->all)
		return true;
	for (i = d->count; i-- > 0;)
		if (!image_undo(im, &d->changes[i]))
			return false;
	for (i = 0; !cut->none && i < d->count; i++)
		if (!image_redo(im, &d->changes[i], cut))
			return false;
	return true;
}

static bool
image_load(struct image *im, int fd)
{
	struct stat st;
	size_t done = 0;
	ssize_t n;

	if (fstat(fd, &st) != 0 || !image_resize(im, (size_t)st.st_size))
		return false;
	while (done < im->size) {
		n = pread(fd, im->bytes + done, im->size - done, (off_t)done);
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static bool
image_store(const struct image *im, int fd)
{
	size_t done = 0;
	ssize_t n;

	if (ftruncate(fd, (off_t)im->size) != 0)
		return false;
	while (done < im->size) {
		n = pwrite(fd, im->bytes + done, im->size - done, (off_t)done);
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static int
disk_rewrite(const struct disk *d, struct cut *cut)
{
	struct image im = {NULL, 0, 0};
	/* Closing it drops this process's locks on the file: the power is off anyway. */
	int fd = open(d->path, O_RDWR | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return SQLITE_OK; /* the file is gone, and with it what it may forget */
	ok = image_load(&im, fd) && image_replay(&im, d, cut) && image_store(&im, fd);
	free(im.bytes);
	close(fd);
	return ok ? SQLITE_OK : SQLITE_IOERR;
}

int
disk_cut(uint64_t seed, bool garbage)
{
	struct cut cut = {.state = seed,
	    .none = seed % 8 == 0,
	    .all = seed % 8 == 1,
	    .garbage = garbage};
	const struct disk *d;
	int rc = SQLITE_OK;

	for (d = disks; d; d = d->next)
		if (d->count && disk_rewrite(d, &cut) != SQLITE_OK)
			rc = SQLITE_IOERR;
	disk_forget();
	cuts_made++;
	return rc;
}
