/*
 * The rotation log, and the two who read it.
 *
 * 1. It is durable before the first page of a step is written, and it is marked as cleared
 *    once the last one is durable. What it holds is then what a torn page of that step held.
 * 2. Who may change pages of the file (RESERVED or higher, or the log's checkpoint lock)
 *    first puts right what a dead step has left torn, and empties the log. So no log is ever
 *    older than a page that it has.
 * 3. Who only reads puts nothing right: it takes the page out of the log.
 * 4. A log that is not whole, of another vault, of another rotation or whose MAC does not
 *    verify counts as none: the step that wrote it had not begun to write pages.
 * 5. A cleared log keeps its length, since to write over what is there costs a fraction of
 *    making it anew. Only one that was durable by name and content is ever cleared, so the
 *    mark also says that the next step need not sync the folder.
 */

#include "vfs/rotatelog.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keyring/bytes.h"
#include "keyring/secret.h"
#include "vfs/rotate.h"

#define LOG_BYTES_MAX (16u * 1024 * 1024) /* of pages, unless ROTATE_PAGES_MIN need more */
#define CHUNK         65536               /* of a write: SQLite's VFS takes no 128 KiB */
#define TRIES         50

#define AT_VAULT_ID  8
#define AT_BATCH     24
#define AT_COUNT     32
#define AT_PAGE_SIZE 36

static const uint8_t magic[] = "SRROTATE", cleared[] = "SRCLEAR.";
#define MAGIC_LEN 8

struct logfile {
	char *text;
	const char *name; /* as SQLite's VFS wants it; lives as long as the file is open */
	sqlite3_file *file;
};

size_t
rotate_log_len(uint32_t page_size, uint32_t count)
{
	return ROTATE_LOG_HEADER_LEN + (size_t)count * (ROTATE_LOG_NUMBER_LEN + page_size) +
	    SHA256_LEN;
}

uint32_t
rotate_log_most(uint32_t page_size)
{
	uint32_t n = LOG_BYTES_MAX / page_size;

	if (n < ROTATE_PAGES_MIN)
		return ROTATE_PAGES_MIN;
	return n > ROTATE_PAGES_MAX ? ROTATE_PAGES_MAX : n;
}

uint8_t *
rotate_log_entry(uint8_t *image, uint32_t page_size, uint32_t n)
{
	return image + ROTATE_LOG_HEADER_LEN +
	    (size_t)n * (ROTATE_LOG_NUMBER_LEN + page_size);
}

static void
name_free(struct logfile *l)
{
	sqlite3_free_filename(l->name);
	sqlite3_free(l->text);
	free(l->file);
	memset(l, 0, sizeof *l);
}

static int
name_make(struct dbfile *d, struct logfile *l)
{
	memset(l, 0, sizeof *l);
	l->text = sqlite3_mprintf("%s" ROTATE_LOG_SUFFIX, d->path);
	l->file = calloc(1, (size_t)d->f.shim->under->szOsFile);
	if (l->text && l->file)
		l->name = sqlite3_create_filename(l->text, "", "", 0, NULL);
	if (l->name)
		return SQLITE_OK;
	name_free(l);
	return SQLITE_NOMEM;
}

/* As a journal: its mode is the database's, and its first sync is one of its folder too. */
static int
log_open(struct dbfile *d, struct logfile *l, int flags)
{
	sqlite3_vfs *under = d->f.shim->under;
	int unused, code = name_make(d, l);

	if (code != SQLITE_OK)
		return code;
	code = under->xOpen(under, l->name, l->file, flags | SQLITE_OPEN_MAIN_JOURNAL, &unused);
	if (code != SQLITE_OK)
		name_free(l);
	return code;
}

static int
log_close(struct logfile *l, int code)
{
	int closed = l->file->pMethods->xClose(l->file);

	name_free(l);
	return code == SQLITE_OK ? closed : code;
}

/* Whether there is one that is not empty. */
static int
log_there(struct dbfile *d, bool *there)
{
	sqlite3_vfs *under = d->f.shim->under;
	char *text = sqlite3_mprintf("%s" ROTATE_LOG_SUFFIX, d->path);
	int yes = 0, code = SQLITE_NOMEM;

	if (text)
		code = under->xAccess(under, text, SQLITE_ACCESS_EXISTS, &yes);
	sqlite3_free(text);
	*there = code == SQLITE_OK && yes;
	return code;
}

/* Whether the file is a log that was cleared. */
static int
log_cleared(sqlite3_file *file, bool *is)
{
	uint8_t begin[MAGIC_LEN];
	int code = file->pMethods->xRead(file, begin, MAGIC_LEN, 0);

	*is = code == SQLITE_OK && memcmp(begin, cleared, MAGIC_LEN) == 0;
	return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
}

/* To write: with the flag that makes the first sync one of the folder too, where needed. */
static int
log_open_write(struct dbfile *d, struct logfile *l)
{
	bool there, ready = false;
	int code = log_there(d, &there);

	if (code == SQLITE_OK && there) {
		code = log_open(d, l, SQLITE_OPEN_READWRITE);
		if (code == SQLITE_OK)
			code = log_cleared(l->file, &ready);
		if (code == SQLITE_OK && ready)
			return SQLITE_OK;
		if (l->file)
			code = log_close(l, code);
	}
	if (code != SQLITE_OK)
		return code;
	return log_open(d, l, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

static enum rc
log_mac(struct dbfile *d, const uint8_t *image, size_t len, uint8_t mac[SHA256_LEN])
{
	return keyring_mac(d->crypt.kr, "rotation-log", image, len - SHA256_LEN, mac);
}

static int
write_all(sqlite3_file *file, const uint8_t *bytes, size_t len)
{
	size_t at, n;
	int code = SQLITE_OK;

	for (at = 0; code == SQLITE_OK && at < len; at += n) {
		n = len - at < CHUNK ? len - at : CHUNK;
		code = below_write(file, bytes + at, (int)n, (sqlite3_int64)at);
	}
	if (code == SQLITE_OK)
		code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
	return code;
}

int
rotate_log_write(struct dbfile *d, uint8_t *image, uint32_t count)
{
	const size_t len = rotate_log_len(d->page_size, count);
	struct logfile l;
	int code;

	memcpy(image, magic, MAGIC_LEN);
	memcpy(image + AT_VAULT_ID, d->crypt.vault_id, VAULT_ID_LEN);
	be32_put(image + AT_BATCH, keyring_rotation(d->crypt.kr).to);
	be32_put(image + AT_BATCH + 4, be32_get(rotate_log_entry(image, d->page_size, 0) + 4));
	be32_put(image + AT_COUNT, count);
	be32_put(image + AT_PAGE_SIZE, d->page_size);
	code = rc_to_sqlite(log_mac(d, image, len, image + len - SHA256_LEN), SQLITE_IOERR_WRITE);
	if (code == SQLITE_OK)
		code = log_open_write(d, &l);
	if (code != SQLITE_OK)
		return code;
	return log_close(&l, write_all(l.file, image, len));
}

int
rotate_log_clear(struct dbfile *d)
{
	struct logfile l;
	int code = log_open(d, &l, SQLITE_OPEN_READWRITE);

	if (code != SQLITE_OK)
		return code;
	return log_close(&l, below_write(l.file, cleared, MAGIC_LEN, 0));
}

/* What may not have been durable is not to be taken for a cleared log. */
static int
log_empty(struct dbfile *d)
{
	struct logfile l;
	int code = log_open(d, &l, SQLITE_OPEN_READWRITE);

	if (code != SQLITE_OK)
		return code;
	return log_close(&l, l.file->pMethods->xTruncate(l.file, 0));
}

int
rotate_log_remove(struct dbfile *d)
{
	sqlite3_vfs *under = d->f.shim->under;
	char *text = sqlite3_mprintf("%s" ROTATE_LOG_SUFFIX, d->path);
	int code = text ? under->xDelete(under, text, 1) : SQLITE_NOMEM;

	sqlite3_free(text);
	return code == SQLITE_IOERR_DELETE_NOENT ? SQLITE_OK : code;
}

/* The length of the log that begins so, in a file of ${size} bytes; 0: it is none. */
static size_t
says_length(struct dbfile *d, const uint8_t head[ROTATE_LOG_HEADER_LEN], sqlite3_int64 size)
{
	const uint32_t count = be32_get(head + AT_COUNT);
	size_t len;

	if (memcmp(head, magic, MAGIC_LEN) != 0 ||
	    memcmp(head + AT_VAULT_ID, d->crypt.vault_id, VAULT_ID_LEN) != 0 ||
	    be32_get(head + AT_BATCH) != keyring_rotation(d->crypt.kr).to ||
	    be32_get(head + AT_PAGE_SIZE) != d->page_size || count == 0 ||
	    count > rotate_log_most(d->page_size))
		return 0;
	len = rotate_log_len(d->page_size, count);
	return size < (sqlite3_int64)len ? 0 : len;
}

/* ${bytes} is filled with the log, and belongs to the caller even when it is none. */
static int
read_whole(struct dbfile *d, sqlite3_file *file, uint8_t *bytes, size_t len, bool *counts)
{
	uint8_t mac[SHA256_LEN];
	int code = file->pMethods->xRead(file, bytes, (int)len, 0);
	enum rc rc;

	/* Another step may have begun since its header was read. */
	if (code != SQLITE_OK || says_length(d, bytes, (sqlite3_int64)len) != len)
		return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
	rc = log_mac(d, bytes, len, mac);
	*counts = rc == RC_OK && equal_ct(mac, bytes + len - SHA256_LEN, SHA256_LEN);
	return rc_to_sqlite(rc, SQLITE_IOERR_READ);
}

static int
read_image(struct dbfile *d, sqlite3_file *file, uint8_t **image)
{
	uint8_t head[ROTATE_LOG_HEADER_LEN], *bytes;
	bool counts = false;
	sqlite3_int64 size;
	size_t len = 0;
	int code = file->pMethods->xFileSize(file, &size);

	if (code == SQLITE_OK)
		code = file->pMethods->xRead(file, head, sizeof head, 0);
	if (code == SQLITE_OK)
		len = says_length(d, head, size);
	if (len == 0)
		return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
	bytes = malloc(len);
	if (!bytes)
		return SQLITE_NOMEM;
	code = read_whole(d, file, bytes, len, &counts);
	if (counts)
		*image = bytes;
	else
		free(bytes);
	return code;
}

/* To read; ${there}: whether it is open. */
static int
log_open_read(struct dbfile *d, struct logfile *l, bool *there)
{
	int code = log_there(d, there);

	if (code != SQLITE_OK || !*there)
		return code;
	code = log_open(d, l, SQLITE_OPEN_READONLY);
	if (code == SQLITE_CANTOPEN && log_there(d, there) == SQLITE_OK && !*there)
		return SQLITE_OK; /* deleted just now */
	*there = code == SQLITE_OK;
	return code;
}

/* ${image}: the log, NULL if there is none that counts. */
static int
log_load(struct dbfile *d, uint8_t **image)
{
	struct logfile l;
	bool there;
	int code = log_open_read(d, &l, &there);

	*image = NULL;
	if (!there)
		return code;
	code = log_close(&l, read_image(d, l.file, image));
	if (code != SQLITE_OK) {
		free(*image);
		*image = NULL;
	}
	return code;
}

static int
read_below(struct dbfile *d, uint64_t page, uint8_t *buf)
{
	return d->f.under->pMethods->xRead(d->f.under, buf, (int)d->page_size,
	    HEADER_AREA_LEN + (int64_t)(page - 1) * d->page_size);
}

/* One page that a step may have torn; ${plain}: two pages of room. */
static int
restore_page(struct dbfile *d, const uint8_t *entry, uint8_t *plain, bool *restored)
{
	const uint64_t number = be64_get(entry);
	const struct page_place place = { .kind = PAGE_DATABASE, .number = number };
	const uint8_t *old = entry + ROTATE_LOG_NUMBER_LEN;
	uint8_t *now = plain + d->page_size;
	int code = read_below(d, number, now);

	if (code == SQLITE_IOERR_SHORT_READ)
		return SQLITE_OK; /* cut off by a checkpoint since */
	if (code == SQLITE_OK)
		code = db_unseal(d, &place, now, plain);
	if (code != SQLITE_IOERR_DATA)
		return code;
	code = db_unseal(d, &place, old, plain);
	if (code != SQLITE_OK) /* bad before the step, which then left it alone */
		return code == SQLITE_IOERR_DATA ? SQLITE_OK : code;
	code = fresh_begin(d); /* who only read may have sealed the torn page */
	if (code != SQLITE_OK)
		return code;
	*restored = true;
	return fresh_write(d, number, old, 1);
}

static int
restore(struct dbfile *d, uint8_t *image)
{
	uint8_t *plain = malloc(2 * (size_t)d->page_size);
	uint32_t i, count = be32_get(image + AT_COUNT);
	bool restored = false;
	int code = plain ? SQLITE_OK : SQLITE_NOMEM;

	for (i = 0; code == SQLITE_OK && i < count; i++)
		code = restore_page(
		    d, rotate_log_entry(image, d->page_size, i), plain, &restored);
	if (code == SQLITE_OK && restored)
		code = d->f.under->pMethods->xSync(d->f.under, SQLITE_SYNC_NORMAL);
	if (restored)
		d->rotate_restored++;
	if (plain)
		secret_wipe(plain, 2 * (size_t)d->page_size);
	free(plain);
	return code;
}

/* Whether there is one that was not cleared: a step has died. */
static int
log_left(struct dbfile *d, bool *left)
{
	struct logfile l;
	bool is = false;
	int code = log_open_read(d, &l, left);

	if (!*left)
		return code;
	code = log_close(&l, log_cleared(l.file, &is));
	*left = !is;
	return code;
}

int
rotate_settle(struct dbfile *d)
{
	uint8_t *image;
	bool left;
	int code;

	if (!keyring_rotation(d->crypt.kr).active)
		return SQLITE_OK;
	code = log_left(d, &left);
	if (code != SQLITE_OK || !left)
		return code;
	code = log_load(d, &image);
	if (code == SQLITE_OK && image)
		code = restore(d, image);
	free(image);
	return code == SQLITE_OK ? log_empty(d) : code;
}

/* Page ${page} out of the log, if it is there. ${batch}: the log's, 0 for none. */
static int
from_log(struct dbfile *d, uint64_t page, uint8_t *buf, uint64_t *batch)
{
	const struct page_place place = { .kind = PAGE_DATABASE, .number = page };
	uint8_t *image, *entry;
	int code = log_load(d, &image);
	uint32_t i, count;

	*batch = image ? be64_get(image + AT_BATCH) : 0;
	if (code != SQLITE_OK)
		return code;
	code = SQLITE_IOERR_DATA;
	count = image ? be32_get(image + AT_COUNT) : 0;
	for (i = 0; i < count; i++) {
		entry = rotate_log_entry(image, d->page_size, i);
		if (be64_get(entry) == page)
			code = db_unseal(d, &place, entry + ROTATE_LOG_NUMBER_LEN, buf);
	}
	free(image);
	return code;
}

int
rotate_reread(struct dbfile *d, uint64_t page, uint8_t *buf)
{
	const struct page_place place = { .kind = PAGE_DATABASE, .number = page };
	const struct timespec ms = { 0, 1000000 };
	uint64_t batch, before = UINT64_MAX;
	int code = header_reload(d), i;

	if (code != SQLITE_OK)
		return code;
	for (i = 0; i < TRIES; i++) {
		code = read_below(d, page, buf);
		if (code == SQLITE_OK)
			code = db_unseal(d, &place, buf, buf);
		else if (code == SQLITE_IOERR_SHORT_READ) /* torn at the end of the file */
			code = SQLITE_IOERR_DATA;
		if (code != SQLITE_IOERR_DATA || !keyring_rotation(d->crypt.kr).active)
			return code;
		code = from_log(d, page, buf, &batch);
		if (code != SQLITE_IOERR_DATA || batch == before)
			return code;
		before = batch;
		nanosleep(&ms, NULL);
	}
	return SQLITE_IOERR_DATA;
}
