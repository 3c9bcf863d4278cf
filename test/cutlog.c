/*
 * A log of changes to a disk, and the states that a power cut may leave it in.
 *
 *     origin + changes up to the file's last sync, in full        (durable)
 *            + changes since then, each by its fate               (pending)
 *
 * A cut draws one fate for all that is pending: nothing of it, all of it, all up to one
 * write that stops half-way, or each for itself: dropped (what comes later may be there: as
 * good as another order), whole, or torn by sectors, a sector being old, new or noise.
 *
 * 1. What was synced is there.
 * 2. The same log, length and seed give the same files.
 * 3. A name that was created or deleted is durable after a sync of its folder, a created one
 *    also after a sync of its file. Until then a cut may undo it.
 * 4. Sectors are counted from the start of the file. A sector that is written in part keeps
 *    its other bytes (SQLite's POWERSAFE_OVERWRITE).
 */
#include "test/cutlog.h"

#include <stdlib.h>
#include <string.h>

#include "test/draw.h"

#define SECTOR 512

enum kind { WRITE, TRUNCATE, SYNC, CREATE, DELETE };

struct change {
	enum kind kind;
	int file;
	bool folder; /* all names are durable after it */
	size_t at;   /* of a truncation: the new size */
	size_t n;
	size_t marks; /* before it */
	uint8_t *bytes;
};

struct logfile {
	char *name;
	struct image origin;
	bool created, syncs_folder;
};

struct cutlog {
	struct change *changes;
	size_t count, room;
	struct logfile *files;
	int file_count;
	size_t marks;
};

enum fate { NOTHING, ALL, IN_ORDER, EACH };

struct cut { /* one power cut */
	const struct cutlog *log;
	size_t n;
	uint64_t state;	      /* of the generator */
	enum fate fate, names; /* of contents, and of names */
	bool noise;
	size_t stop;	    /* IN_ORDER: the change that is made half-way */
	size_t *synced;	    /* per file: changes before this one are durable */
	struct image *image; /* per file */
	bool *there;	    /* per file */
};

static uint64_t cuts_made;

uint64_t
cutlog_cuts(void)
{
	return cuts_made;
}

struct cutlog *
cutlog_new(void)
{
	return calloc(1, sizeof(struct cutlog));
}

void
cutlog_free(struct cutlog *log)
{
	size_t i;
	int f;

	if (!log)
		return;
	for (i = 0; i < log->count; i++)
		free(log->changes[i].bytes);
	for (f = 0; f < log->file_count; f++) {
		free(log->files[f].name);
		free(log->files[f].origin.bytes);
	}
	free(log->changes);
	free(log->files);
	free(log);
}

static struct change *
change_add(struct cutlog *log, enum kind kind, int file)
{
	struct change *c;
	size_t room = log->room ? 2 * log->room : 64;

	if (log->count == log->room) {
		c = realloc(log->changes, room * sizeof *c);
		if (!c)
			return NULL;
		log->changes = c;
		log->room = room;
	}
	c = &log->changes[log->count++];
	*c = (struct change) { .kind = kind, .file = file, .marks = log->marks };
	return c;
}

int
cutlog_file(
    struct cutlog *log, const char *name, const struct image *origin, bool syncs_folder)
{
	const size_t room = (size_t)log->file_count + 1;
	struct logfile *f = realloc(log->files, room * sizeof *f);

	if (!f)
		return -1;
	log->files = f;
	f += log->file_count;
	*f = (struct logfile) { .created = !origin, .syncs_folder = syncs_folder };
	f->name = strdup(name);
	if (!f->name || (origin && !image_put(&f->origin, 0, origin->bytes, origin->size))) {
		free(f->name);
		return -1;
	}
	log->file_count++;
	if (!origin && !change_add(log, CREATE, log->file_count - 1))
		return -1;
	return log->file_count - 1;
}

bool
cutlog_write(struct cutlog *log, int file, const void *bytes, size_t n, size_t at)
{
	struct change *c = change_add(log, WRITE, file);

	if (!c || !(c->bytes = malloc(n + 1)))
		return false;
	memcpy(c->bytes, bytes, n);
	c->n = n;
	c->at = at;
	return true;
}

bool
cutlog_truncate(struct cutlog *log, int file, size_t size)
{
	struct change *c = change_add(log, TRUNCATE, file);

	if (c)
		c->at = size;
	return c != NULL;
}

bool
cutlog_sync(struct cutlog *log, int file)
{
	struct change *c = change_add(log, SYNC, file);

	if (!c)
		return false;
	c->folder = log->files[file].syncs_folder;
	log->files[file].syncs_folder = false;
	return true;
}

bool
cutlog_delete(struct cutlog *log, int file, bool folder)
{
	struct change *c = change_add(log, DELETE, file);

	if (c)
		c->folder = folder;
	return c != NULL;
}

void
cutlog_mark(struct cutlog *log)
{
	log->marks++;
}

size_t
cutlog_length(const struct cutlog *log)
{
	return log->count;
}

bool
cutlog_is_sync(const struct cutlog *log, size_t n)
{
	return n < log->count && log->changes[n].kind == SYNC;
}

/* The bytes [at, stop) of a write, which lie in one sector. */
static bool
put_sector(struct cut *cut, struct image *im, const struct change *c, size_t at, size_t stop,
    bool noise)
{
	if (!image_put(im, at, c->bytes + (at - c->at), stop - at))
		return false;
	for (; noise && at < stop; at++)
		im->bytes[at] = (uint8_t)draw(&cut->state);
	return true;
}

/* Sectors in no order: old, new or noise. Of those past the end a size alone may stay. */
static bool
put_torn(struct cut *cut, struct image *im, const struct change *c)
{
	size_t at = c->at, end = c->at + c->n, stop;
	uint64_t fate;

	for (; at < end; at = stop) {
		stop = (at / SECTOR + 1) * SECTOR;
		if (stop > end)
			stop = end;
		fate = draw(&cut->state) % 8;
		if (fate == 0 && stop > im->size && !image_resize(im, stop))
			return false;
		if (fate >= 4 && !put_sector(cut, im, c, at, stop, cut->noise && fate == 7))
			return false;
	}
	return true;
}

/* Sectors in order, up to one of them. */
static bool
put_start(struct cut *cut, struct image *im, const struct change *c)
{
	const size_t sectors = c->n / SECTOR + 1;
	size_t n = (size_t)(draw(&cut->state) % sectors) * SECTOR;

	return image_put(im, c->at, c->bytes, n < c->n ? n : c->n);
}

static bool
put_whole(struct image *im, const struct change *c)
{
	if (c->kind == TRUNCATE)
		return image_resize(im, c->at);
	return image_put(im, c->at, c->bytes, c->n);
}

/* One change that has not been synced. */
static bool
put_pending(struct cut *cut, struct image *im, const struct change *c, size_t i)
{
	switch (cut->fate) {
	case NOTHING:
		return true;
	case ALL:
		return put_whole(im, c);
	case IN_ORDER:
		if (i == cut->stop && c->kind == WRITE)
			return put_start(cut, im, c);
		return i >= cut->stop || put_whole(im, c);
	case EACH:
		break;
	}
	switch (draw(&cut->state) % 4) {
	case 0:
		return true;
	case 1:
		return c->kind == WRITE ? put_torn(cut, im, c) : true;
	default:
		return put_whole(im, c);
	}
}

static bool
put_contents(struct cut *cut)
{
	const struct cutlog *log = cut->log;
	size_t i;
	int f;

	for (f = 0; f < log->file_count; f++)
		if (!image_put(&cut->image[f], 0, log->files[f].origin.bytes,
			log->files[f].origin.size))
			return false;
	for (i = 0; i < cut->n; i++) {
		const struct change *c = &log->changes[i];
		struct image *im = &cut->image[c->file];

		if (c->kind != WRITE && c->kind != TRUNCATE)
			continue;
		if (i < cut->synced[c->file] ? !put_whole(im, c)
					     : !put_pending(cut, im, c, i))
			return false;
	}
	return true;
}

/* Whether a change of a name that is not durable has reached the disk. */
static bool
name_reached(struct cut *cut, size_t i)
{
	switch (cut->names) {
	case NOTHING:
		return false;
	case ALL:
		return true;
	case IN_ORDER:
		return i < cut->stop;
	case EACH:
		break;
	}
	return draw(&cut->state) % 2 == 0;
}

static bool
same_name(const struct cutlog *log, int a, int b)
{
	return strcmp(log->files[a].name, log->files[b].name) == 0;
}

/* What stands under a name is the last of its changes; a new file takes the old one's place. */
static void
put_name(struct cut *cut, int file, bool there)
{
	int f;

	for (f = 0; f < cut->log->file_count; f++)
		if (same_name(cut->log, f, file))
			cut->there[f] = false;
	cut->there[file] = there;
}

static void
put_names(struct cut *cut, size_t folder_synced)
{
	const struct cutlog *log = cut->log;
	size_t i;
	int f;

	for (f = 0; f < log->file_count; f++)
		cut->there[f] = !log->files[f].created;
	for (i = 0; i < cut->n; i++) {
		const struct change *c = &log->changes[i];
		const bool created = c->kind == CREATE;

		if (!created && c->kind != DELETE)
			continue;
		if (i < folder_synced || (created && cut->synced[c->file] > i) ||
		    name_reached(cut, i))
			put_name(cut, c->file, created);
	}
}

/* Where each file, and where the folder, was synced last; returns the folder's. */
static size_t
find_syncs(struct cut *cut)
{
	size_t i, folder = 0;

	for (i = 0; i < cut->n; i++) {
		const struct change *c = &cut->log->changes[i];

		if (c->kind == SYNC)
			cut->synced[c->file] = i;
		if (c->folder)
			folder = i + 1;
	}
	return folder;
}

static void
draw_fates(struct cut *cut)
{
	static const enum fate fates[] = { NOTHING, ALL, IN_ORDER, IN_ORDER, EACH, EACH,
		EACH, EACH };
	size_t back = 1 + (size_t)(draw(&cut->state) % 8);

	cut->fate = fates[draw(&cut->state) % 8];
	cut->names = fates[draw(&cut->state) % 8];
	cut->noise = draw(&cut->state) % 2 == 0;
	cut->stop = back > cut->n ? 0 : cut->n - back;
}

static bool
emit_all(struct cut *cut, cutlog_emit_fn *emit, void *arg)
{
	int f;

	for (f = 0; f < cut->log->file_count; f++)
		if (cut->there[f] && !emit(arg, cut->log->files[f].name, &cut->image[f]))
			return false;
	return true;
}

bool
cutlog_cut(const struct cutlog *log, size_t n, uint64_t seed, cutlog_emit_fn *emit, void *arg,
    size_t *marks)
{
	const size_t files = (size_t)log->file_count + 1;
	struct cut cut = { .log = log, .n = n < log->count ? n : log->count, .state = seed };
	bool ok = false;
	size_t f;

	cut.synced = calloc(files, sizeof *cut.synced);
	cut.image = calloc(files, sizeof *cut.image);
	cut.there = calloc(files, sizeof *cut.there);
	if (cut.synced && cut.image && cut.there) {
		draw_fates(&cut);
		put_names(&cut, find_syncs(&cut));
		ok = put_contents(&cut) && emit_all(&cut, emit, arg);
	}
	*marks = cut.n < log->count ? log->changes[cut.n].marks : log->marks;
	for (f = 0; cut.image && f < files; f++)
		free(cut.image[f].bytes);
	free(cut.synced);
	free(cut.image);
	free(cut.there);
	cuts_made += ok;
	return ok;
}
