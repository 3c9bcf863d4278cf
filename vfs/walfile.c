/*
 * The write-ahead log.
 *
 *     header 32, plain | { page number 4, size 4, plain | salts, checksums 16, masked | page }
 *
 * SQLite writes a frame's header and its page apart, may write a page again without its
 * header (a frame that was spilled) and may write headers again without their pages (when it
 * makes the checksums anew); it reads whole frames while it recovers, pages else, and 8 bytes
 * of a header now and then.
 *
 * 1. A page is bound to its log by the salts of the log's own header, not by those of the
 *    frame: SQLite leaves these zero while checksums are to be made anew.
 * 2. While SQLite recovers, a frame that does not verify ends the log, as a torn one does: it
 *    is handed over with other salts and an empty page. Anywhere else it is an error. It
 *    recovers under the lock for that, or with the index on its own heap.
 * 3. Frames are held back until the one that ends their transaction, and never beyond it:
 *    SQLite makes a transaction known to other processes without a call that could fail.
 *    A header that is written again comes after that frame, and is not held back.
 *    Whoever reads the log finds all of it on the disk.
 */

#include <stdlib.h>
#include <string.h>

#include "keyring/bytes.h"
#include "keyring/secret.h"
#include "vfs/vfs_int.h"

#define FRAME_MAX (FRAME_HEADER_LEN + PAGE_SIZE_MAX)

int
wal_open(struct dbfile *d, struct walfile *w)
{
	w->db = d;
	w->header_at = UINT64_MAX;
	w->frame = malloc(FRAME_MAX);
	if (!w->frame)
		return SQLITE_NOMEM;
	if (defer_open(&w->out, w->f.under) != SQLITE_OK) {
		free(w->frame);
		return SQLITE_NOMEM;
	}
	d->wal = w;
	return SQLITE_OK;
}

static int
wal_close(sqlite3_file *file)
{
	struct walfile *w = (struct walfile *)file;

	w->db->wal = NULL;
	defer_flush(&w->out); /* no commit is among them */
	defer_close(&w->out);
	secret_wipe(w->frame, FRAME_MAX);
	free(w->frame);
	return file_close(file);
}

static int
under_read(struct walfile *w, void *buf, uint32_t len, uint64_t off)
{
	int code = defer_flush(&w->out);

	if (code != SQLITE_OK)
		return code;
	return w->f.under->pMethods->xRead(w->f.under, buf, (int)len, (sqlite3_int64)off);
}

/* The salts of the log as it is now; ${changed} (may be NULL): whether they are news. */
static int
load_salts(struct walfile *w, bool *changed)
{
	uint8_t raw[WAL_HEADER_LEN];
	int code = under_read(w, raw, sizeof raw, 0);

	if (code != SQLITE_OK)
		return code;
	if (changed)
		*changed = !w->salts_known ||
		    memcmp(w->salts, raw + WAL_HEADER_SALTS, PAGE_SALTS_LEN) != 0;
	memcpy(w->salts, raw + WAL_HEADER_SALTS, PAGE_SALTS_LEN);
	w->salts_known = true;
	return SQLITE_OK;
}

/* Pin the log that begins with the header ${raw}; what it takes the place of is read first. */
static int
pin(struct walfile *w, const uint8_t *raw)
{
	uint8_t now[WAL_HEADER_LEN];
	int code = under_read(w, now, sizeof now, 0);

	if (code == SQLITE_IOERR_SHORT_READ)
		return fresh_pin(w->db, raw + WAL_HEADER_SALTS, NULL);
	if (code != SQLITE_OK)
		return code;
	return fresh_pin(w->db, raw + WAL_HEADER_SALTS, now + WAL_HEADER_SALTS);
}

static int
write_header(struct walfile *w, const uint8_t *raw)
{
	int code;

	if (!wal_header_ok(raw, w->db->page_size))
		return file_refuse(w->db->path, "a log's header of another page size");
	code = pin(w, raw);
	if (code == SQLITE_OK)
		code = defer_write(&w->out, raw, WAL_HEADER_LEN, 0);
	if (code == SQLITE_OK)
		code = defer_settle(&w->out);
	w->end = 0;
	w->salts_known = false;
	if (code == SQLITE_OK) {
		memcpy(w->salts, raw + WAL_HEADER_SALTS, PAGE_SALTS_LEN);
		w->salts_known = true;
	}
	return code;
}

/* Salts in a frame header are the log's, or zero while checksums are to be made anew. */
static int
check_salts(struct walfile *w, const uint8_t *salts)
{
	static const uint8_t none[PAGE_SALTS_LEN];
	int code = SQLITE_OK;

	if (w->salts_known && memcmp(salts, w->salts, PAGE_SALTS_LEN) == 0)
		return SQLITE_OK;
	if (w->salts_known && memcmp(salts, none, PAGE_SALTS_LEN) == 0)
		return SQLITE_OK;
	code = load_salts(w, NULL);
	if (code == SQLITE_OK && memcmp(salts, none, PAGE_SALTS_LEN) != 0 &&
	    memcmp(salts, w->salts, PAGE_SALTS_LEN) != 0)
		code = file_refuse(w->db->path, "a frame of another log");
	return code;
}

static int
write_frame_header(struct walfile *w, const uint8_t *raw, uint64_t off)
{
	uint8_t masked[FRAME_HEADER_LEN];
	int code = check_salts(w, raw + FRAME_PLAIN_LEN);

	if (code != SQLITE_OK)
		return code;
	memcpy(masked, raw, sizeof masked);
	if (frame_mask(w->db->crypt.wal, off, masked) != RC_OK)
		return SQLITE_IOERR_WRITE;
	code = defer_write(&w->out, masked, sizeof masked, (int64_t)off);
	if (code == SQLITE_OK && off < w->end)
		code = defer_settle(&w->out);
	w->header_at = code == SQLITE_OK ? off : UINT64_MAX;
	memcpy(w->header, raw, FRAME_PLAIN_LEN);
	return code;
}

static void
frame_place(const struct walfile *w, const uint8_t *header, struct page_place *place)
{
	place->kind = PAGE_WAL;
	place->number = be32_get(header);
	place->db_size = be32_get(header + 4);
	memcpy(place->salts, w->salts, PAGE_SALTS_LEN);
}

static int
write_frame_page(struct walfile *w, const uint8_t *page, uint64_t start)
{
	const uint32_t size = w->db->page_size;
	struct page_place place;
	uint8_t *where;
	int code = w->salts_known ? SQLITE_OK : load_salts(w, NULL);

	if (code == SQLITE_OK && w->header_at != start) {
		/* A page written again without its header: take what stands there. */
		w->header_at = UINT64_MAX;
		code = under_read(w, w->header, FRAME_PLAIN_LEN, start);
		if (code == SQLITE_OK)
			w->header_at = start;
	}
	if (code != SQLITE_OK)
		return code;
	frame_place(w, w->header, &place);
	if (place.number == 1 && !db_page1_right(w->db, page))
		return file_refuse(w->db->path, NO_RESERVE);
	code = defer_room(&w->out, size, (int64_t)start + FRAME_HEADER_LEN, &where);
	if (code == SQLITE_OK)
		code = db_seal(w->db, &place, page, where);
	if (code != SQLITE_OK)
		return code;
	defer_add(&w->out, size);
	if (w->end < start + FRAME_HEADER_LEN + size)
		w->end = start + FRAME_HEADER_LEN + size;
	return place.db_size ? defer_settle(&w->out) : SQLITE_OK;
}

static int
wal_write(sqlite3_file *file, const void *buf, int len, sqlite3_int64 off)
{
	struct walfile *w = (struct walfile *)file;
	struct frame_at at;

	if (off == 0 && len == WAL_HEADER_LEN)
		return write_header(w, buf);
	frame_locate((uint64_t)off, w->db->page_size, &at);
	if (!at.in_header && at.at == 0 && len == FRAME_HEADER_LEN)
		return write_frame_header(w, buf, at.start);
	if (!at.in_header && at.at == FRAME_HEADER_LEN && (uint32_t)len == w->db->page_size)
		return write_frame_page(w, buf, at.start);
	return file_refuse(w->db->path, "a write to the log that is no header and no page");
}

/* Open the page of the frame in w->frame to ${out}; the log may have begun anew since. */
static int
open_frame(struct walfile *w, uint8_t *out)
{
	struct page_place place;
	bool changed = false;
	int code = w->salts_known ? SQLITE_OK : load_salts(w, NULL);

	if (code != SQLITE_OK)
		return code;
	frame_place(w, w->frame, &place);
	code = db_unseal(w->db, &place, w->frame + FRAME_HEADER_LEN, out);
	if (code != SQLITE_IOERR_DATA)
		return code;
	code = load_salts(w, &changed);
	if (code != SQLITE_OK || !changed)
		return code != SQLITE_OK ? code : SQLITE_IOERR_DATA;
	frame_place(w, w->frame, &place);
	return db_unseal(w->db, &place, w->frame + FRAME_HEADER_LEN, out);
}

/* Frame header and page in one read of the file below. */
static int
load_frame(struct walfile *w, uint64_t start)
{
	return under_read(w, w->frame, FRAME_HEADER_LEN + w->db->page_size, start);
}

static int
read_page(struct walfile *w, uint64_t start, uint32_t at, uint8_t *buf, uint32_t len)
{
	struct dbfile *d = w->db;
	bool whole = len == d->page_size;
	int code = load_frame(w, start);

	if (code != SQLITE_OK)
		return code;
	code = open_frame(w, whole ? buf : d->scratch);
	if (code == SQLITE_IOERR_DATA) {
		memset(buf, 0, len);
		return db_bad_tag(d, "the log's frame of page", be32_get(w->frame));
	}
	if (code == SQLITE_OK && !whole)
		memcpy(buf, d->scratch + at, len);
	return code;
}

static bool
recovering(const struct dbfile *d)
{
	return !d->shm_mapped || d->shm_held & 1u << SHM_RECOVER;
}

/* Recovery, or checksums made anew. */
static int
read_frame(struct walfile *w, uint64_t start, uint8_t *buf)
{
	uint8_t *header = w->frame, *page = buf + FRAME_HEADER_LEN;
	int code = load_frame(w, start), i;

	if (code != SQLITE_OK)
		return code;
	code = open_frame(w, page);
	if (code != SQLITE_OK && code != SQLITE_IOERR_DATA)
		return code;
	if (frame_unmask(w->db->crypt.wal, start, header) != RC_OK)
		return SQLITE_IOERR_READ;
	memcpy(buf, header, FRAME_HEADER_LEN);
	if (code == SQLITE_IOERR_DATA && !recovering(w->db))
		return db_bad_tag(w->db, "the log's frame of page", be32_get(header));
	if (code == SQLITE_IOERR_DATA) {
		memset(page, 0, w->db->page_size);
		for (i = 0; i < PAGE_SALTS_LEN; i++)
			buf[FRAME_PLAIN_LEN + i] = (uint8_t)~w->salts[i];
	}
	return SQLITE_OK;
}

static int
read_frame_header(struct walfile *w, uint64_t start, uint32_t at, uint8_t *buf, uint32_t len)
{
	uint8_t header[FRAME_HEADER_LEN];
	int code = under_read(w, header, sizeof header, start);

	if (code != SQLITE_OK)
		return code;
	if (frame_unmask(w->db->crypt.wal, start, header) != RC_OK)
		return SQLITE_IOERR_READ;
	memcpy(buf, header + at, len);
	return SQLITE_OK;
}

/* A log that was begun anew and whose header did not come to the disk is empty. */
static int
check_age(struct walfile *w, uint8_t *header)
{
	enum log_age age;
	int code;

	if (!wal_header_ok(header, w->db->page_size))
		return SQLITE_OK; /* SQLite takes it for no log */
	code = fresh_log(w->db, header + WAL_HEADER_SALTS, &age);
	if (code == SQLITE_OK && age == LOG_PREVIOUS)
		memset(header, 0, WAL_HEADER_LEN);
	return code;
}

static int
read_header(struct walfile *w, uint8_t *buf, uint32_t len, uint64_t off)
{
	int code = under_read(w, buf, len, off);

	w->salts_known = false;
	if (code == SQLITE_OK && off == 0 && len == WAL_HEADER_LEN) {
		memcpy(w->salts, buf + WAL_HEADER_SALTS, PAGE_SALTS_LEN);
		w->salts_known = true;
		if (recovering(w->db))
			code = check_age(w, buf);
	}
	return code;
}

static int
wal_read(sqlite3_file *file, void *buf, int len, sqlite3_int64 off)
{
	struct walfile *w = (struct walfile *)file;
	const uint32_t n = (uint32_t)len, frame = FRAME_HEADER_LEN + w->db->page_size;
	struct frame_at at;
	int code = SQLITE_IOERR_READ;

	frame_locate((uint64_t)off, w->db->page_size, &at);
	if (at.in_header && off + len <= WAL_HEADER_LEN)
		code = read_header(w, buf, n, (uint64_t)off);
	else if (!at.in_header && at.at + n <= FRAME_HEADER_LEN)
		code = read_frame_header(w, at.start, at.at, buf, n);
	else if (!at.in_header && at.at == 0 && n == frame)
		code = read_frame(w, at.start, buf);
	else if (!at.in_header && at.at >= FRAME_HEADER_LEN && at.at + n <= frame)
		code = read_page(w, at.start, at.at - FRAME_HEADER_LEN, buf, n);
	if (code != SQLITE_OK)
		memset(buf, 0, n);
	return code;
}

static int
wal_sync(sqlite3_file *file, int flags)
{
	int code = defer_settle(&((struct walfile *)file)->out);

	return code == SQLITE_OK ? file_sync(file, flags) : code;
}

static int
wal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int code = defer_settle(&((struct walfile *)file)->out);

	return code == SQLITE_OK ? file_truncate(file, size) : code;
}

static int
wal_size(sqlite3_file *file, sqlite3_int64 *size)
{
	int code = defer_flush(&((struct walfile *)file)->out);

	return code == SQLITE_OK ? file_size(file, size) : code;
}

void
wal_abandon(struct walfile *w)
{
	defer_drop(&w->out);
	w->end = 0;
}

int
wal_frames(struct walfile *w, uint64_t *n)
{
	const uint64_t frame = FRAME_HEADER_LEN + w->db->page_size;
	sqlite3_int64 size;
	int code = wal_size((sqlite3_file *)w, &size);

	*n = 0;
	if (code == SQLITE_OK && size > WAL_HEADER_LEN)
		*n = (uint64_t)(size - WAL_HEADER_LEN) / frame;
	return code;
}

static uint64_t
frame_start(const struct walfile *w, uint64_t n)
{
	return WAL_HEADER_LEN + n * (FRAME_HEADER_LEN + (uint64_t)w->db->page_size);
}

int
wal_frame_check(struct walfile *w, uint64_t n, bool *ok, bool *commits)
{
	uint8_t header[FRAME_HEADER_LEN];
	uint64_t start = frame_start(w, n);
	int code = load_salts(w, NULL);

	*ok = *commits = false;
	if (code == SQLITE_OK)
		code = load_frame(w, start);
	if (code != SQLITE_OK)
		return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
	memcpy(header, w->frame, sizeof header);
	*commits = be32_get(header + 4) != 0;
	if (frame_unmask(w->db->crypt.wal, start, header) != RC_OK)
		return SQLITE_IOERR_READ;
	if (memcmp(header + FRAME_PLAIN_LEN, w->salts, PAGE_SALTS_LEN) != 0)
		return SQLITE_OK;
	code = open_frame(w, w->db->scratch);
	*ok = code == SQLITE_OK;
	return code == SQLITE_IOERR_DATA ? SQLITE_OK : code;
}

int
wal_covers(struct walfile *w, uint64_t from, uint64_t n, uint64_t page, bool *covers)
{
	uint8_t number[4];
	bool commits;
	int code = SQLITE_OK;

	for (*covers = false; code == SQLITE_OK && !*covers && n > from; n--) {
		code = under_read(w, number, sizeof number, frame_start(w, n - 1));
		if (code == SQLITE_OK && be32_get(number) == page)
			code = wal_frame_check(w, n - 1, covers, &commits);
	}
	return code;
}

const sqlite3_io_methods wal_methods = {
	.iVersion = 1,
	.xClose = wal_close,
	.xRead = wal_read,
	.xWrite = wal_write,
	.xTruncate = wal_truncate,
	.xSync = wal_sync,
	.xFileSize = wal_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
};
