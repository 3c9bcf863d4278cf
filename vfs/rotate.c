/*
 * Rotation of the page keys, step by step.
 *
 *     a step:  lock, read old pages -> log, sync -> the same pages sealed anew, sync -> no log
 *
 * 1. A page changes only while nobody else can write pages of the file: beside a write-ahead
 *    log under its checkpoint lock, within a read transaction that keeps the mode as it is;
 *    without one under SQLite's write lock. So beside a log others read and commit meanwhile.
 * 2. No page of a step is written before all of them stand in the log, durably.
 * 3. There is no cursor on disk: each page says its epoch. One that was passed can't come to
 *    be under an older epoch again, since everyone looks for a newer header before it writes;
 *    a checkpoint that began before the rotation has ended before the first step begins.
 * 4. A page that does not verify is never sealed anew: it would then seem authentic.
 * 5. A key is destroyed only after no page, and no frame of the log, can be under it.
 * 6. Who was at one rotation never goes on with the next, which others may have begun since.
 */

#include "vfs/rotate.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keyring/bytes.h"
#include "keyring/secret.h"
#include "vfs/rotatelog.h"
#include "vfs/rotatescan.h"

#define RUN_BYTES     65536 /* pages side by side are read and written together, up to this */
#define LOOKED_AT     16    /* pages looked at in a step, for each that it may rewrite */
#define CHECKPOINT_MS 500   /* between two checkpoints: those of others find the lock held */

struct step {
	struct dbfile *d;
	uint32_t most, count;
	uint32_t to;     /* pages of earlier epochs are old */
	uint64_t next;   /* page after the last one looked at */
	uint8_t *image;  /* the log */
	uint8_t *plain;  /* one page in the clear */
	uint8_t *run;    /* pages side by side in the file: looked at, then sealed anew */
	uint64_t run_at; /* the first one's number */
	const uint8_t *run_old; /* it in the log */
	uint32_t run_n;
	uint64_t bad;
	uint32_t first_bad;
};

static enum rc
find(sqlite3 *db, const char *schema, struct dbfile **d, struct err *err)
{
	*d = owner_of_schema(db, schema);
	if (!*d || !(*d)->has_header)
		return err_set(err, RC_INPUT,
		    "this connection has no vault open under that name");
	if ((*d)->nolock)
		return err_set(err, RC_INPUT,
		    "%s is open without locks: its keys can't be rotated", (*d)->path);
	return RC_OK;
}

/* The same, to write: SQLite takes BEGIN IMMEDIATE for one that reads where it can't. */
static enum rc
find_writable(sqlite3 *db, const char *schema, struct dbfile **d, struct err *err)
{
	enum rc rc = find(db, schema, d, err);

	if (rc == RC_OK && *d && (*d)->readonly)
		return err_set(err, RC_READONLY,
		    "%s is open for reading only: its keys can't be rotated", (*d)->path);
	return rc;
}

enum held { HELD_WRITE, HELD_CHECKPOINT };

static void
unlock(sqlite3 *db, struct dbfile *d, enum held held)
{
	if (held == HELD_CHECKPOINT)
		d->f.under->pMethods->xShmLock(d->f.under, SHM_CHECKPOINT, 1,
		    SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
	sqlite3_mutex_leave(sqlite3_db_mutex(db));
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}

static enum rc
cant_lock(sqlite3 *db, int code, struct err *err)
{
	return err_set(err, rc_of_sqlite(code), "the vault can't be locked: %s",
	    sqlite3_errmsg(db));
}

/* Under SQLite's write lock, which has looked for news and put right what was torn. */
static enum rc
lock_write(sqlite3 *db, enum held *held, struct err *err)
{
	int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (code != SQLITE_OK)
		return cant_lock(db, code, err);
	sqlite3_mutex_enter(sqlite3_db_mutex(db));
	*held = HELD_WRITE;
	return RC_OK;
}

/*
 * What keeps others from the pages of the file, and from no more than these. A connection
 * that has the log for itself alone takes SQLite's lock, as one without a log.
 */
static enum rc
lock(sqlite3 *db, struct dbfile *d, enum held *held, struct err *err)
{
	sqlite3_file *under = d->f.under;
	int code = sqlite3_exec(db, "BEGIN; PRAGMA schema_version", NULL, NULL, NULL);

	if (code != SQLITE_OK)
		return cant_lock(db, code, err);
	if (d->level >= SQLITE_LOCK_RESERVED || !d->shm_mapped) {
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
		return lock_write(db, held, err);
	}
	sqlite3_mutex_enter(sqlite3_db_mutex(db));
	*held = HELD_WRITE; /* nothing to give back below */
	code = under->pMethods->xShmLock(
	    under, SHM_CHECKPOINT, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE);
	if (code == SQLITE_OK)
		*held = HELD_CHECKPOINT;
	if (code == SQLITE_OK)
		code = header_news(d);
	if (code == SQLITE_OK)
		code = rotate_settle(d);
	if (code != SQLITE_OK)
		unlock(db, d, *held);
	return err_default(err, rc_of_sqlite(code));
}

/* Pages that one read or write holds. */
static uint32_t
run_most(const struct dbfile *d)
{
	return d->page_size > RUN_BYTES ? 1 : RUN_BYTES / d->page_size;
}

/* The old ones of the ${n} pages in s->run, which begin with s->next, into the log. */
static void
take_old(struct step *s, uint32_t n)
{
	const uint32_t size = s->d->page_size;
	uint32_t i;

	for (i = 0; i < n && s->count < s->most; i++, s->next++) {
		const uint8_t *page = s->run + (size_t)i * size;
		uint8_t *entry = rotate_log_entry(s->image, size, s->count);

		if (!rotate_is_old(page_epoch(page, size), s->to))
			continue;
		be64_put(entry, s->next);
		memcpy(entry + ROTATE_LOG_NUMBER_LEN, page, size);
		s->count++;
	}
}

static int
collect(struct step *s, uint64_t pages)
{
	struct dbfile *d = s->d;
	const uint64_t end = s->next + (uint64_t)LOOKED_AT * s->most;
	int code = SQLITE_OK;

	while (code == SQLITE_OK && s->next <= pages && s->next < end && s->count < s->most) {
		const uint64_t left = pages - s->next + 1;
		const uint32_t n = left < run_most(d) ? (uint32_t)left : run_most(d);

		code = d->f.under->pMethods->xRead(
		    d->f.under, s->run, (int)(n * d->page_size), rotate_offset(d, s->next));
		if (code == SQLITE_OK)
			take_old(s, n);
	}
	return code;
}

static int
flush(struct step *s)
{
	struct dbfile *d = s->d;
	int code = SQLITE_OK;

	if (s->run_n > 0)
		code = fresh_rewrite(d, s->run_at, s->run_old,
		    d->page_size + ROTATE_LOG_NUMBER_LEN, s->run, s->run_n);
	s->run_n = 0;
	return code;
}

static int
rewrite_page(struct step *s, const uint8_t *entry)
{
	struct dbfile *d = s->d;
	const struct page_place place = { .kind = PAGE_DATABASE, .number = be64_get(entry) };
	int code = db_unseal(d, &place, entry + ROTATE_LOG_NUMBER_LEN, s->plain);

	if (code == SQLITE_IOERR_DATA) {
		if (s->bad++ == 0)
			s->first_bad = (uint32_t)place.number;
		return SQLITE_OK;
	}
	if (code == SQLITE_OK &&
	    (s->run_at + s->run_n != place.number || s->run_n == run_most(d)))
		code = flush(s);
	if (code != SQLITE_OK)
		return code;
	if (s->run_n == 0) {
		s->run_at = place.number;
		s->run_old = entry + ROTATE_LOG_NUMBER_LEN;
	}
	code = db_seal(d, &place, s->plain, s->run + (size_t)s->run_n * d->page_size);
	if (code == SQLITE_OK)
		s->run_n++;
	return code;
}

static int
rewrite(struct step *s)
{
	struct dbfile *d = s->d;
	int code = header_lease(d, s->count);
	uint32_t i;

	if (code == SQLITE_OK)
		code = rotate_log_write(d, s->image, s->count);
	for (i = 0; code == SQLITE_OK && i < s->count; i++)
		code = rewrite_page(s, rotate_log_entry(s->image, d->page_size, i));
	if (code == SQLITE_OK)
		code = flush(s);
	if (code == SQLITE_OK)
		code = d->f.under->pMethods->xSync(d->f.under, SQLITE_SYNC_NORMAL);
	return code == SQLITE_OK ? rotate_log_clear(d) : code;
}

static bool
step_room(struct step *s)
{
	const uint32_t size = s->d->page_size;

	s->image = malloc(rotate_log_len(size, s->most));
	s->plain = malloc(size);
	s->run = malloc(size > RUN_BYTES ? size : RUN_BYTES);
	return s->image && s->plain && s->run;
}

static void
step_free(struct step *s)
{
	if (s->plain)
		secret_wipe(s->plain, s->d->page_size);
	free(s->image);
	free(s->plain);
	free(s->run);
}

/* Whether the rotation that runs is the one of ${r}, which takes the first that it meets. */
static bool
is_at(struct vfs_rotation *r, const struct rotation *now)
{
	if (r->to == 0 && now->active)
		r->to = now->to;
	return now->active && r->to == now->to;
}

/* Under the locks. */
static enum rc
step_locked(struct dbfile *d, uint32_t most, struct vfs_rotation *r)
{
	const struct rotation now = keyring_rotation(d->crypt.kr);
	struct step s = { .d = d, .most = most, .to = now.to, .next = r->next ? r->next : 1 };
	int code = rotate_pages(d, &r->pages);

	if (code == SQLITE_OK && !is_at(r, &now))
		return RC_NOTFOUND;
	if (code == SQLITE_OK && !step_room(&s))
		code = SQLITE_NOMEM;
	if (code == SQLITE_OK)
		code = collect(&s, r->pages);
	if (code == SQLITE_OK && s.count > 0)
		code = rewrite(&s);
	step_free(&s);
	if (code != SQLITE_OK)
		return rc_of_sqlite(code);
	if (r->bad == 0)
		r->first_bad = s.first_bad;
	r->bad += s.bad;
	r->rewritten += s.count - s.bad;
	r->next = s.next;
	r->done = s.next > r->pages;
	return RC_OK;
}

static int64_t
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * As many pages next time as would have taken ${want} ms: at once when it was too long, and by
 * half as many again at most when it was short, since a disk that was slow will be again.
 */
static void
adapt(struct vfs_rotation *r, int64_t took, int64_t want)
{
	if (took * 3 < want * 2)
		r->most += r->most / 2;
	else
		r->most = (uint32_t)((int64_t)r->most * want / took);
}

static void
keep_within(struct vfs_rotation *r, uint32_t page_size)
{
	if (r->most < ROTATE_PAGES_MIN)
		r->most = ROTATE_PAGES_MIN;
	if (r->most > rotate_log_most(page_size))
		r->most = rotate_log_most(page_size);
}

static void
kept_out(struct vfs_rotation *r, int64_t ms)
{
	if (ms > (int64_t)r->longest_ms)
		r->longest_ms = (uint64_t)ms;
}

/*
 * Nonces for a step while SQLite's write lock is held, for which its busy handler waits:
 * within the step there may be another writer, and none to be had.
 */
static enum rc
lease(sqlite3 *db, struct dbfile *d, struct vfs_rotation *r, struct err *err)
{
	enum held held = HELD_WRITE;
	int64_t from;
	enum rc rc;

	if (d->crypt.lease_left >= r->most)
		return RC_OK;
	rc = lock_write(db, &held, err);
	if (rc != RC_OK)
		return rc;
	from = clock_ms();
	rc = rc_of_sqlite(header_lease(d, r->most));
	unlock(db, d, held);
	kept_out(r, clock_ms() - from);
	return err_default(err, rc);
}

/* What others could not bring back into the file is brought there now and then. */
static enum rc
checkpoint(sqlite3 *db, const char *schema, struct vfs_rotation *r, struct err *err)
{
	const int64_t now = clock_ms();
	int code;

	if (r->checkpoint_ms == 0)
		r->checkpoint_ms = now;
	if (now - r->checkpoint_ms < CHECKPOINT_MS)
		return RC_OK;
	r->checkpoint_ms = now;
	code = sqlite3_wal_checkpoint_v2(
	    db, schema ? schema : "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED)
		return RC_OK;
	return err_set(err, rc_of_sqlite(code),
	    "the write-ahead log can't be brought back into the vault: %s", sqlite3_errmsg(db));
}

enum rc
vfs_rotate_step(
    sqlite3 *db, const char *schema, struct vfs_rotation *r, struct err *err)
{
	struct dbfile *d;
	enum rc rc = find_writable(db, schema, &d, err);
	enum held held = HELD_WRITE;
	int64_t from;

	if (rc != RC_OK)
		return rc;
	keep_within(r, d->page_size);
	rc = lease(db, d, r, err);
	if (rc == RC_OK)
		rc = lock(db, d, &held, err);
	if (rc != RC_OK)
		return rc;
	from = clock_ms();
	rc = step_locked(d, r->most, r);
	unlock(db, d, held);
	if (held == HELD_WRITE)
		kept_out(r, clock_ms() - from);
	r->gap_ms = held == HELD_WRITE ? ROTATE_GAP_MS : ROTATE_GAP_LOG_MS;
	adapt(r, clock_ms() - from, held == HELD_WRITE ? ROTATE_STEP_MS : ROTATE_STEP_LOG_MS);
	if (rc == RC_OK && held == HELD_CHECKPOINT)
		rc = checkpoint(db, schema, r, err);
	return err_default(err, rc);
}

/*
 * Without a lock: nobody can seal under an older epoch any more, but a step of another
 * process may have died and its pages be put back, which the caller looks for afterwards.
 */
static enum rc
scan(struct dbfile *d, struct vfs_rotation *r, struct err *err)
{
	const struct rotation now = keyring_rotation(d->crypt.kr);
	uint64_t found;
	int code = rotate_pages(d, &r->pages);

	if (code == SQLITE_OK && !is_at(r, &now))
		return RC_NOTFOUND;
	if (code == SQLITE_OK)
		code = rotate_next_old(d, 1, r->pages, now.to, &found);
	if (code != SQLITE_OK)
		return rc_of_sqlite(code);
	if (found == 0)
		return RC_OK;
	if (r->bad > 0 && found == r->first_bad)
		return err_set(err, RC_TAMPER,
		    "page %llu does not verify; the old key is kept until it is mended: restore "
		    "the vault from a backup", (unsigned long long)found);
	r->next = found;
	r->done = false;
	r->bad = 0; /* counted again */
	return RC_BUSY;
}

struct finish {
	struct dbfile *d;
	uint32_t restored; /* before the scan */
	uint32_t to;
	bool fields;
};

static enum rc
finish(void *arg, struct keyring *kr)
{
	const struct finish *f = arg;

	if (keyring_rotation(kr).to != f->to)
		return RC_NOTFOUND;
	if (f->d->rotate_restored != f->restored)
		return RC_BUSY;
	return keyring_rotate_finish(kr, f->fields);
}

static enum rc
empty_log(sqlite3 *db, const char *schema, struct err *err)
{
	int code = sqlite3_wal_checkpoint_v2(
	    db, schema ? schema : "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

	if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED)
		return err_set(err, RC_BUSY,
		    "all pages have their new key, but another program still reads from the "
		    "write-ahead log; close it and run this again");
	if (code != SQLITE_OK)
		return err_set(err, rc_of_sqlite(code),
		    "all pages have their new key, but the write-ahead log can't be emptied: "
		    "%s; run this again", sqlite3_errmsg(db));
	return RC_OK;
}

enum rc
vfs_rotate_finish(sqlite3 *db, const char *schema, bool fields, struct vfs_rotation *r,
    struct err *err)
{
	struct finish f = { .fields = fields };
	enum rc rc = find_writable(db, schema, &f.d, err);

	if (rc == RC_OK)
		rc = vfs_rotate_pause(db, schema, err);
	if (rc == RC_OK)
		rc = empty_log(db, schema, err);
	if (rc != RC_OK)
		return rc;
	f.restored = f.d->rotate_restored;
	rc = scan(f.d, r, err);
	f.to = r->to;
	if (rc == RC_OK)
		rc = vfs_header_update(db, schema, finish, &f, err);
	return err_default(err, rc);
}

enum rc
vfs_rotate_pause(sqlite3 *db, const char *schema, struct err *err)
{
	struct dbfile *d;
	enum rc rc = find_writable(db, schema, &d, err);
	enum held held = HELD_WRITE;

	if (rc != RC_OK)
		return rc;
	rc = lock(db, d, &held, err);
	if (rc != RC_OK)
		return rc;
	rc = rc_of_sqlite(rotate_log_remove(d));
	unlock(db, d, held);
	return err_default(err, rc);
}

static int
status(struct dbfile *d, struct vfs_rotate_status *out)
{
	const struct rotation now = keyring_rotation(d->crypt.kr);
	int code = rotate_pages(d, &out->pages);

	out->active = now.active;
	out->begun = now.begun;
	out->epoch = keyring_page_epoch(d->crypt.kr);
	if (code == SQLITE_OK && now.active)
		code = rotate_count_old(d, out->pages, now.to, &out->left);
	return code;
}

enum rc
vfs_rotate_status(
    sqlite3 *db, const char *schema, struct vfs_rotate_status *out, struct err *err)
{
	struct dbfile *d;
	enum rc rc = find(db, schema, &d, err);

	memset(out, 0, sizeof *out);
	if (rc != RC_OK)
		return rc;
	sqlite3_mutex_enter(sqlite3_db_mutex(db));
	rc = rc_of_sqlite(header_reload(d));
	if (rc == RC_OK)
		rc = rc_of_sqlite(status(d, out));
	sqlite3_mutex_leave(sqlite3_db_mutex(db));
	return err_default(err, rc);
}

static enum rc
begin(void *arg, struct keyring *kr)
{
	(void)arg;
	return keyring_rotate_begin(kr);
}

enum rc
vfs_rotate_begin(sqlite3 *db, const char *schema, struct err *err)
{
	struct dbfile *d;
	enum rc rc = find_writable(db, schema, &d, err);

	if (rc == RC_OK)
		rc = vfs_header_update(db, schema, begin, NULL, err);
	if (rc == RC_LIMIT)
		return err_set(err, rc,
		    "the vault's header has no place for one more key; its older keys can only "
		    "go when what is under them is written again");
	return rc;
}
