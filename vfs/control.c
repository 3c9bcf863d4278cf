/*
 * What the store asks of the VFS beyond SQLite's interface: the header before and after
 * unlocking, verification, figures.
 */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "keyring/bytes.h"
#include "keyring/secret.h"
#include "vfs/vfs_int.h"

#define NAME_LEN_MAX (NAME_MAX - 8) /* "-journal" is the longest that SQLite adds */
#define TRIES     5  /* of a page that may be just being written */
#define HOLE_LOOK 64 /* bytes of zeros, before all of a page is looked at for them */
#define INDEX_LEN    32768 /* of the log's index, its first part */
#define INDEX_FRAMES 4     /* mxFrame, its word that counts the committed frames, */
#define INDEX_FOLDED 24    /* nBackfill: of these the database holds so many */
#define PAGES_PER_LOOK 256 /* between two calls of progress */

enum rc
vfs_name_check(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');

	if (strlen(slash ? slash + 1 : path) <= NAME_LEN_MAX)
		return RC_OK;
	return err_set(err, RC_INPUT,
	    "the name is too long for a vault: it has at most %d bytes, since files with longer "
	    "names stand beside it: %s", NAME_LEN_MAX, slash ? slash + 1 : path);
}

enum rc
file_check(const char *path, struct err *err)
{
	struct stat st;
	enum rc rc = vfs_name_check(path, err);

	if (rc != RC_OK)
		return rc;
	if (stat(path, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR
		    ? err_set(err, RC_NOTFOUND, "%s: %s", path, strerror(errno))
		    : err_set(err, RC_IO, "%s can't be looked at: %s%s", path, strerror(errno),
			  errno == EACCES ? "; look at the rights of its folders" : "");
	if (S_ISDIR(st.st_mode))
		return err_set(err, RC_INPUT, "%s is a directory; name a vault file", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, RC_INPUT, "%s is not a regular file", path);
	return RC_OK;
}

int
file_open_below(sqlite3_vfs *under, const char *path, int flags, struct below *out)
{
	char *full = malloc((size_t)under->mxPathname + 1);
	int code = SQLITE_NOMEM;

	memset(out, 0, sizeof *out);
	out->file = calloc(1, (size_t)under->szOsFile);
	if (full && out->file) {
		code = under->xFullPathname(under, path, under->mxPathname, full);
		if ((code & 0xff) == SQLITE_OK) { /* SQLITE_OK_SYMLINK is fine */
			out->name = sqlite3_create_filename(full, "", "", 0, NULL);
			code = out->name ? under->xOpen(under, out->name, out->file,
			                       flags | SQLITE_OPEN_MAIN_DB, &out->flags)
			                 : SQLITE_NOMEM;
		}
	}
	free(full);
	if (code != SQLITE_OK)
		file_close_below(out);
	return code;
}

void
file_close_below(struct below *b)
{
	if (b->file && b->file->pMethods)
		b->file->pMethods->xClose(b->file);
	free(b->file);
	sqlite3_free_filename(b->name);
	memset(b, 0, sizeof *b);
}

static int
read_below(sqlite3_vfs *under, const char *path, uint8_t *area, size_t *len)
{
	struct below b;
	int code = file_open_below(under, path, SQLITE_OPEN_READONLY, &b);

	if (code == SQLITE_OK)
		code = header_load(b.file, area, len);
	file_close_below(&b);
	return code;
}

enum rc
vfs_header_read(const char *name, const char *path, uint8_t area[HEADER_AREA_LEN],
    size_t *len, struct err *err)
{
	const struct shim *shim = shim_named(name);
	enum rc rc = file_check(path, err);
	int code;

	*len = 0;
	if (rc != RC_OK)
		return rc;
	if (!shim)
		return err_set(err, RC_INTERNAL, "no VFS of this name is registered");
	code = read_below(shim->under, path, area, len);
	if (code == SQLITE_OK)
		return RC_OK;
	rc = rc_of_sqlite(code);
	return err_set(err, rc, "%s can't be read; check its permissions", path);
}

static enum rc
not_ours(struct err *err)
{
	return err_set(err, RC_INPUT, "this connection has no vault open under that name");
}

enum rc
vfs_header_refresh(sqlite3 *db, const char *schema, struct err *err)
{
	struct dbfile *d = owner_of_schema(db, schema);
	enum rc rc;

	if (!d || !d->has_header)
		return not_ours(err);
	sqlite3_mutex_enter(sqlite3_db_mutex(db));
	rc = rc_of_sqlite(header_news(d));
	sqlite3_mutex_leave(sqlite3_db_mutex(db));
	return err_default(err, rc);
}

struct update {
	vfs_change_fn *change;
	void *arg;
};

/* Under the header lock. */
static enum rc
update_locked(struct dbfile *d, const struct update *u)
{
	enum rc rc = rc_of_sqlite(header_reload(d));

	if (rc == RC_OK && u->change)
		rc = u->change(u->arg, d->crypt.kr);
	if (rc != RC_OK) {
		keyring_revert(d->crypt.kr);
		return rc;
	}
	return rc_of_sqlite(header_write(d));
}

/* SQLite's own write transaction takes the right lock in every journal mode, and waits. */
enum rc
vfs_header_update(sqlite3 *db, const char *schema, vfs_change_fn *change, void *arg,
    struct err *err)
{
	const struct update u = { change, arg };
	struct dbfile *d = owner_of_schema(db, schema);
	sqlite3_stmt *rollback = NULL;
	enum rc rc;

	if (!d || !d->has_header)
		return not_ours(err);
	if (d->readonly) /* there BEGIN IMMEDIATE works, and locks nothing */
		return err_set(err, RC_READONLY,
		    "the vault is open for reading only; its header can't be changed");
	/* Prepared before, since to end the transaction must not fail for want of memory. */
	rc = rc_of_sqlite(sqlite3_prepare_v2(db, "ROLLBACK", -1, &rollback, NULL));
	if (rc == RC_OK && sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		rc = rc_of_sqlite(sqlite3_extended_errcode(db)); /* a forged header: TAMPER */
	if (rc != RC_OK) {
		err_set(err, rc, "the vault's header can't be locked: %s",
		    sqlite3_errmsg(db));
		goto out;
	}
	sqlite3_mutex_enter(sqlite3_db_mutex(db));
	rc = update_locked(d, &u);
	sqlite3_mutex_leave(sqlite3_db_mutex(db));
	sqlite3_step(rollback);
out:
	sqlite3_finalize(rollback);
	return err_default(err, rc);
}

enum page_state { PAGE_GOOD, PAGE_BAD, PAGE_HOLE };

/*
 * A checkpoint of another process may be writing the page: look again before it is bad. One
 * that a rotation has left torn is as good as what its log has of it.
 */
static int
look_at(struct dbfile *d, uint64_t page, enum page_state *state)
{
	const struct page_place place = { .kind = PAGE_DATABASE, .number = page };
	const struct timespec pause = { 0, 2000000 };
	const int64_t at = HEADER_AREA_LEN + (int64_t)(page - 1) * d->page_size;
	int code, i;

	for (i = 0; i < TRIES; i++) {
		code = d->f.under->pMethods->xRead(
		    d->f.under, d->scratch, (int)d->page_size, at);
		if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ)
			return code;
		if (code == SQLITE_OK && all_zero(d->scratch, HOLE_LOOK) &&
		    all_zero(d->scratch, d->page_size)) {
			*state = PAGE_HOLE;
			return SQLITE_OK;
		}
		code = db_unseal(d, &place, d->scratch, d->scratch);
		if (code == SQLITE_IOERR_DATA)
			code = rotate_reread(d, page, d->scratch);
		*state = code == SQLITE_OK ? PAGE_GOOD : PAGE_BAD;
		if (code != SQLITE_IOERR_DATA)
			return code;
		nanosleep(&pause, NULL);
	}
	return SQLITE_OK;
}

/* A number of the log's index, as SQLite documents it. 0: there is none, or it is not shared. */
static int
index_word(struct dbfile *d, int word, uint32_t *out)
{
	void volatile *index = NULL;
	int code = SQLITE_OK;

	if (d->shm_mapped)
		code = d->f.under->pMethods->xShmMap(d->f.under, 0, INDEX_LEN, 0, &index);
	*out = code == SQLITE_OK && index ? ((const volatile uint32_t *)index)[word] : 0;
	return code;
}

static int
count(struct dbfile *d, struct vfs_verify *out, uint64_t page, enum page_state state)
{
	const size_t room = sizeof out->first_bad / sizeof *out->first_bad;
	uint32_t folded;
	bool covers = false;
	int code = SQLITE_OK;

	out->pages++;
	if (state == PAGE_GOOD)
		return SQLITE_OK;
	/*
	 * A checkpoint that was cut short leaves a torn page; the next one writes it again. Of
	 * what was folded in to its end SQLite reads the database, and no checkpoint writes it.
	 */
	if (d->wal && (code = index_word(d, INDEX_FOLDED, &folded)) == SQLITE_OK)
		code = wal_covers(d->wal, folded, out->wal_committed, page, &covers);
	out->covered += covers;
	if (code != SQLITE_OK || covers)
		return code;
	if (state == PAGE_HOLE)
		out->holes++;
	if (out->bad_pages < room)
		out->first_bad[out->bad_pages] = (uint32_t)page;
	out->bad_pages++;
	return SQLITE_OK;
}

struct run { /* pages side by side, as one read has brought them */
	uint64_t first;
	uint32_t n;
};

/* Page ${page} out of a run, which begins with it if it is in none; false: look at it alone. */
static bool
good_in_run(struct dbfile *d, struct run *run, uint64_t page, uint64_t all)
{
	const struct page_place place = { .kind = PAGE_DATABASE, .number = page };
	const uint64_t most = AHEAD_MAX / d->page_size, left = all - page + 1;
	const int64_t at = HEADER_AREA_LEN + (int64_t)(page - 1) * d->page_size;

	if (page < run->first || page >= run->first + run->n) {
		run->first = page;
		run->n = (uint32_t)(left < most ? left : most);
		if (d->f.under->pMethods->xRead(d->f.under, d->ahead.bytes,
		        (int)(run->n * d->page_size), at) != SQLITE_OK)
			run->n = 0;
	}
	return run->n > 0 &&
	    db_unseal(d, &place, d->ahead.bytes + (page - run->first) * d->page_size,
	        d->scratch) == SQLITE_OK;
}

static enum rc
verify_pages(struct dbfile *d, vfs_progress_fn *progress, void *arg, struct vfs_verify *out)
{
	struct run run = { 0, 0 };
	enum page_state state;
	sqlite3_int64 size;
	uint64_t page, all;
	int code = db_methods.xFileSize((sqlite3_file *)d, &size);

	if (code != SQLITE_OK)
		return rc_of_sqlite(code);
	all = ((uint64_t)size + d->page_size - 1) / d->page_size;
	ahead_drop(&d->ahead); /* its room is used here */
	for (page = 1; page <= all; page++) {
		state = PAGE_GOOD;
		if (!good_in_run(d, &run, page, all))
			code = look_at(d, page, &state);
		if (code == SQLITE_OK)
			code = count(d, out, page, state);
		if (code != SQLITE_OK)
			return rc_of_sqlite(code);
		if (progress && page % PAGES_PER_LOOK == 0 && progress(arg, page, all))
			return RC_CANCELLED;
	}
	return RC_OK;
}

static enum rc
verify_header(struct dbfile *d, struct vfs_verify *out)
{
	const struct timespec pause = { 0, 2000000 };
	uint8_t *area = malloc(HEADER_AREA_LEN);
	struct header *h = malloc(sizeof *h);
	enum rc rc = area && h ? RC_OK : RC_NOMEM;
	size_t len;
	int copy, i;

	/* Another process may be writing a copy: look again before it is damaged. */
	for (i = 0; rc == RC_OK && i < TRIES; i++) {
		if (i > 0)
			nanosleep(&pause, NULL);
		rc = rc_of_sqlite(header_load(d->f.under, area, &len));
		if (rc == RC_OK)
			rc = header_pick(area, len, h, &copy, &out->second_copy_damaged, NULL);
		if (rc != RC_OK || !out->second_copy_damaged)
			break;
	}
	free(h);
	free(area);
	return rc;
}

/* Frame ${n} does not verify. The log may just have begun anew: so both are looked at again. */
static int
frame_is_harm(struct dbfile *d, uint64_t n, bool *harm)
{
	const struct timespec pause = { 0, 2000000 };
	bool ok = false, commits;
	uint32_t frames;
	int code, i;

	for (i = 0; (code = index_word(d, INDEX_FRAMES, &frames)) == SQLITE_OK && i < TRIES &&
	    !ok && n < frames; i++) {
		nanosleep(&pause, NULL);
		code = wal_frame_check(d->wal, n, &ok, &commits);
		if (code != SQLITE_OK)
			break;
	}
	*harm = code == SQLITE_OK && i == TRIES && !ok;
	return code;
}

static enum rc
verify_log(struct dbfile *d, vfs_progress_fn *progress, void *arg, struct vfs_verify *out)
{
	uint64_t n, all = 0;
	int code = d->wal ? wal_frames(d->wal, &all) : SQLITE_OK;
	bool ok = true, commits;

	for (n = 0; code == SQLITE_OK && ok && n < all; n++) {
		code = wal_frame_check(d->wal, n, &ok, &commits);
		out->wal_frames += ok;
		if (ok && commits)
			out->wal_committed = n + 1;
		if (progress && (n + 1) % PAGES_PER_LOOK == 0 && progress(arg, 0, all))
			return RC_CANCELLED;
	}
	if (code == SQLITE_OK && d->wal)
		code = frame_is_harm(d, out->wal_frames, &out->wal_bad);
	return rc_of_sqlite(code);
}

enum rc
vfs_verify(sqlite3 *db, const char *schema, vfs_progress_fn *progress, void *arg,
    struct vfs_verify *out, struct err *err)
{
	struct dbfile *d = owner_of_schema(db, schema);
	enum rc rc;

	memset(out, 0, sizeof *out);
	if (!d || !d->has_header)
		return not_ours(err);
	sqlite3_mutex_enter(sqlite3_db_mutex(db));
	rc = verify_header(d, out);
	if (rc == RC_OK)
		rc = verify_log(d, progress, arg, out);
	if (rc == RC_OK)
		rc = verify_pages(d, progress, arg, out);
	secret_wipe(d->scratch, PAGE_SIZE_MAX);
	sqlite3_mutex_leave(sqlite3_db_mutex(db));
	return err_default(err, rc);
}

uint32_t
vfs_last_bad_page(sqlite3 *db, const char *schema)
{
	struct dbfile *d = owner_of_schema(db, schema);

	return d ? d->bad_page : 0;
}

void
vfs_stats(struct vfs_stats *out)
{
	out->pages_sealed = atomic_load(&vfs_counters.pages_sealed);
	out->pages_opened = atomic_load(&vfs_counters.pages_opened);
	out->page1_hits = atomic_load(&vfs_counters.page1_hits);
	out->tag_failures = atomic_load(&vfs_counters.tag_failures);
	out->header_writes = atomic_load(&vfs_counters.header_writes);
	out->leases = atomic_load(&vfs_counters.leases);
}
