/*
 * The rollback journal.
 *
 *     { header, plain | { page number 4, plain | page, sealed | checksum 4, masked } ... }
 *     and at its end, for a commit over several databases, the super-journal's name, plain
 *
 * 1. A page's body is known by the page number written just before it, never by its length:
 *    a header can be as long as a page.
 * 2. The checksum is computed over plaintext: it is masked by the nonce of its page.
 * 3. Records are durable before the header counts them. SQLite sees to that with
 *    synchronous=FULL only; with NORMAL it syncs both at once, and relies on its checksums.
 * 4. So a record that is counted, or that this connection wrote, and does not verify is an
 *    error. One that no header counts (no syncs) ends the journal as a torn one does: its
 *    checksum is then handed over as it stands, masked, and can't fit an empty page.
 */

#include <stdlib.h>
#include <string.h>

#include "keyring/bytes.h"
#include "keyring/secret.h"
#include "vfs/vfs_int.h"

#define COUNT_UNKNOWN 0xffffffffu /* in a header: as many records as there are */
#define FIELD_LEN     4           /* page number, checksum */

static void
side_forget(struct journal_side *s)
{
	s->number_at = s->body_at = -1;
	s->bad = false;
}

int
journal_open(struct dbfile *d, struct journalfile *j)
{
	j->db = d;
	j->magic_at = -1;
	side_forget(&j->reading);
	side_forget(&j->writing);
	j->scratch = malloc(PAGE_SIZE_MAX);
	return j->scratch ? SQLITE_OK : SQLITE_NOMEM;
}

static int
journal_close(sqlite3_file *file)
{
	struct journalfile *j = (struct journalfile *)file;

	secret_wipe(j->scratch, PAGE_SIZE_MAX);
	free(j->scratch);
	return file_close(file);
}

static int
under_write(struct journalfile *j, const void *buf, int len, int64_t off)
{
	return below_write(j->f.under, buf, len, off);
}

/* The page that holds SQLite's lock bytes is never journaled; its number marks a name. */
static uint32_t
lock_page(const struct dbfile *d)
{
	unsigned byte = (unsigned)sqlite3_test_control(SQLITE_TESTCTRL_PENDING_BYTE, 0);

	return byte / d->page_size + 1;
}

/* A database without pages has no page size yet, and no page that could be journaled. */
static bool
marks_name(const struct dbfile *d, uint32_t number)
{
	return !d->has_pages || number == lock_page(d);
}

static void
keep_nonce(struct journal_side *s, const struct dbfile *d, const uint8_t *sealed)
{
	memcpy(s->nonce, sealed + d->page_size - PAGE_TRAILER_LEN + PAGE_EPOCH_LEN,
	    AEAD_NONCE_LEN);
}

static int
write_body(struct journalfile *j, const uint8_t *page, int64_t off)
{
	const struct page_place place = { .kind = PAGE_JOURNAL, .number = j->writing.number };
	int code = db_seal(j->db, &place, page, j->scratch);

	if (code == SQLITE_OK)
		code = under_write(j, j->scratch, (int)j->db->page_size, off);
	side_forget(&j->writing);
	j->ours = j->unsynced = true;
	if (code == SQLITE_OK) {
		j->writing.body_at = off;
		keep_nonce(&j->writing, j->db, j->scratch);
	}
	return code;
}

/* Four bytes: the checksum after a body, else a page number or a field of the name. */
static int
write_field(struct journalfile *j, const uint8_t *field, int64_t off)
{
	struct journal_side *s = &j->writing;
	uint8_t masked[FIELD_LEN];

	if (s->body_at >= 0 && off == s->body_at + j->db->page_size) {
		memcpy(masked, field, FIELD_LEN);
		side_forget(s);
		if (journal_mask(j->db->crypt.journal, s->nonce, masked) != RC_OK)
			return SQLITE_IOERR_WRITE;
		return under_write(j, masked, FIELD_LEN, off);
	}
	side_forget(s);
	s->number_at = off;
	s->number = be32_get(field);
	return under_write(j, field, FIELD_LEN, off);
}

/* Whether ${off} follows a page number that was the last thing seen. */
static bool
after_number(const struct journal_side *s, int64_t off)
{
	return s->number_at >= 0 && off == s->number_at + FIELD_LEN;
}

static int
journal_sync(sqlite3_file *file, int flags)
{
	struct journalfile *j = (struct journalfile *)file;
	int code = file_sync(file, flags);

	if (code == SQLITE_OK)
		j->unsynced = false;
	return code;
}

/*
 * With NORMAL SQLite leaves it at that: records of the next transaction could then reach the
 * disk without the truncation, among those of this one, which count as whole.
 */
static int
journal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int code = file_truncate(file, size);

	if (code == SQLITE_OK && size == 0 && !((struct journalfile *)file)->without_syncs)
		code = journal_sync(file, SQLITE_SYNC_NORMAL);
	return code;
}

/* Bytes outside of the records: headers, a count, a name. */
static int
write_plain(struct journalfile *j, const void *buf, int len, int64_t off)
{
	const uint8_t *p = buf;
	int code = fresh_begin(j->db);

	if (code == SQLITE_OK && len == JOURNAL_AT_COUNT + FIELD_LEN && j->unsynced)
		code = journal_sync((sqlite3_file *)j, SQLITE_SYNC_NORMAL);
	if (len > JOURNAL_HEADER_LEN && journal_is_magic(p))
		j->without_syncs = be32_get(p + JOURNAL_AT_COUNT) == COUNT_UNKNOWN;
	return code == SQLITE_OK ? under_write(j, buf, len, off) : code;
}

/* What is neither a field nor a record. */
static bool
understood(const struct journalfile *j, const uint8_t *buf, uint32_t len, bool name)
{
	const uint32_t page_size = j->db->has_pages ? j->db->page_size : 0;

	if (name && super_name_ok(buf, len))
		return true;
	return journal_plain(buf, len) &&
	    (len < JOURNAL_HEADER_LEN || journal_header_ok(buf, page_size));
}

static int
journal_write(sqlite3_file *file, const void *buf, int len, sqlite3_int64 off)
{
	struct journalfile *j = (struct journalfile *)file;
	bool follows = after_number(&j->writing, off);
	bool name = follows && marks_name(j->db, j->writing.number);

	if (len == FIELD_LEN)
		return write_field(j, buf, off);
	if (follows && !name && (uint32_t)len == j->db->page_size)
		return write_body(j, buf, off);
	side_forget(&j->writing);
	if (!understood(j, buf, (uint32_t)len, name))
		return file_refuse(j->db->path, "a write to the journal that is no record");
	return write_plain(j, buf, len, off);
}

static int
read_body(struct journalfile *j, uint8_t *buf, int64_t off)
{
	struct dbfile *d = j->db;
	const struct page_place place = { .kind = PAGE_JOURNAL, .number = j->reading.number };
	int code;

	side_forget(&j->reading);
	d->rolling_back |= !j->ours;
	code = j->f.under->pMethods->xRead(j->f.under, j->scratch, (int)d->page_size, off);
	if (code != SQLITE_OK)
		return code;
	keep_nonce(&j->reading, d, j->scratch);
	code = db_unseal(d, &place, j->scratch, buf);
	j->reading.body_at = off;
	if (code != SQLITE_IOERR_DATA)
		return code;
	if (j->counted || j->ours)
		return db_bad_tag(d, "the journal's record of page", place.number);
	j->reading.bad = true;
	memset(buf, 0, d->page_size);
	return SQLITE_OK;
}

/* After the read of a field or of a magic: where are we? */
static int
note_read(struct journalfile *j, uint8_t *buf, int len, int64_t off)
{
	struct journal_side *s = &j->reading;
	struct journal_side was = *s;

	side_forget(s);
	if (len == JOURNAL_MAGIC_LEN && journal_is_magic(buf)) {
		j->magic_at = off;
		if (!j->ours)
			return fresh_journal(j->db);
	}
	if (len != FIELD_LEN)
		return SQLITE_OK;
	if (was.body_at >= 0 && off == was.body_at + j->db->page_size)
		return was.bad ? SQLITE_OK
			       : rc_to_sqlite(
				     journal_mask(j->db->crypt.journal, was.nonce, buf),
				     SQLITE_IOERR_READ);
	if (j->magic_at >= 0 && off == j->magic_at + JOURNAL_AT_COUNT)
		j->counted = be32_get(buf) != COUNT_UNKNOWN;
	s->number_at = off;
	s->number = be32_get(buf);
	return SQLITE_OK;
}

static int
journal_read(sqlite3_file *file, void *buf, int len, sqlite3_int64 off)
{
	struct journalfile *j = (struct journalfile *)file;
	int code;

	if (after_number(&j->reading, off) && (uint32_t)len == j->db->page_size)
		code = read_body(j, buf, off);
	else {
		code = j->f.under->pMethods->xRead(j->f.under, buf, len, off);
		if (code == SQLITE_OK)
			code = note_read(j, buf, len, off);
	}
	if (code != SQLITE_OK)
		memset(buf, 0, (size_t)len);
	return code;
}

const sqlite3_io_methods journal_methods = {
	.iVersion = 1,
	.xClose = journal_close,
	.xRead = journal_read,
	.xWrite = journal_write,
	.xTruncate = journal_truncate,
	.xSync = journal_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
};
