#ifndef VFS_INT_H
#define VFS_INT_H

/* What the files of the VFS share: its registrations, its kinds of file, their doors. */

#include <sqlite3.h>
#include <stdatomic.h>

#include "vfs/ahead.h"
#include "vfs/below.h"
#include "vfs/crypt.h"
#include "vfs/defer.h"
#include "vfs/frame.h"
#include "vfs/spill.h"
#include "vfs/vfs.h"

struct shim_settings { /* what a later call of vfs_register or vfs_read_only changes */
	vfs_key_fn *provider;
	void *arg;
	bool asks_mode; /* only a URI with mode=rw opens for writing */
};

struct shim { /* one registered VFS; never freed, since connections may outlive anything */
	sqlite3_vfs vfs;
	sqlite3_vfs *under;
	struct shim_settings settings; /* by shim_settings, once other threads may know it */
	char name[64];
	struct shim *next;
};

/* The first member of every kind of file. SQLite's own part comes first. */
struct file {
	sqlite3_file base;
	sqlite3_file *under; /* SQLite's file below, in the same allocation */
	struct shim *shim;
};

/* What a write is refused with that comes from a database made for another VFS. */
#define NO_RESERVE                                                                       \
	"a page without the 32 reserved bytes; set them with SQLITE_FCNTL_RESERVE_BYTES "    \
	"and VACUUM first"

/* SQLite's WAL_WRITE_LOCK, WAL_CKPT_LOCK, WAL_RECOVER_LOCK */
#define SHM_WRITE      0
#define SHM_CHECKPOINT 1
#define SHM_RECOVER    2

struct walfile;

struct dbfile {
	struct file f;
	struct dbfile *next;   /* in the list of owner.c */
	const char *path;      /* SQLite's, valid as long as the file is open */
	struct crypt crypt;
	bool opened;           /* crypt is in use */
	bool has_header;       /* a header stands in the file */
	bool has_pages;        /* page 1 exists: the page size can no longer change */
	bool nolock, readonly;
	int level;             /* SQLITE_LOCK_* held */
	unsigned shm_held;     /* exclusive shm locks held, one bit each */
	bool shm_mapped;
	bool locked_apart;     /* the header, while a VFS above keeps the log's index */
	uint32_t page_size;
	int64_t end;           /* where the pages end, at least; 0: not known */
	uint32_t bad_page;     /* whose tag failed last */
	uint32_t rotate_restored; /* how often pages were put back out of a rotation log */
	sqlite3 **pdb;         /* by SQLITE_FCNTL_PDB: whose connection this is now */
	sqlite3 *own;          /* the connection that was found to be of this VFS */
	struct walfile *wal;   /* the open log of this database, or NULL */
	uint8_t *scratch;      /* PAGE_SIZE_MAX: a page on its way to the disk, or from it;
				  page1 and the bytes of ahead are of the same allocation */
	uint8_t *page1;        /* plaintext of page 1, while its trailer is page1_trailer */
	uint8_t page1_trailer[PAGE_TRAILER_LEN];
	bool page1_known;
	struct ahead ahead;
	bool rolling_back;     /* pages come back from a journal that another one left */
};

struct walfile {
	struct file f;
	struct dbfile *db;
	uint8_t salts[PAGE_SALTS_LEN]; /* of the WAL's header as last seen */
	bool salts_known;
	uint64_t header_at; /* the frame header written last: where, and its plain part */
	uint8_t header[FRAME_PLAIN_LEN];
	uint8_t *frame;     /* scratch: a frame header and a page */
	struct defer out;   /* frames of a transaction that has not ended */
	uint64_t end;       /* of the frames that were written under the write lock held */
};

struct journal_side { /* where one is in a record, reading or writing */
	int64_t number_at, body_at; /* -1: nowhere */
	uint32_t number;
	uint8_t nonce[AEAD_NONCE_LEN]; /* of the body */
	bool bad;                      /* the body's tag failed */
};

struct journalfile {
	struct file f;
	struct dbfile *db;
	struct journal_side reading, writing;
	int64_t magic_at; /* a header read last */
	bool counted;     /* it says how many records are whole */
	bool ours;        /* we have written the records: no crash has torn them */
	bool unsynced;    /* records were written since the last sync */
	bool without_syncs; /* synchronous=OFF: the header written last counts no records */
	uint8_t *scratch;
};

struct spillfile {
	struct file f;
	struct spill *spill;
};

#define FILE_LEN sizeof(union { struct dbfile d; struct walfile w; struct journalfile j; struct spillfile s; })

struct vfs_counters {
	_Atomic uint64_t pages_sealed, pages_opened, page1_hits, tag_failures, header_writes,
	    leases;
};
extern struct vfs_counters vfs_counters;

/**
 * file_check(path, err): that ${path} is a regular file. RC_OK; RC_NOTFOUND; RC_INPUT; RC_IO.
 * file_open_below(under, path, flags, out): open ${path} by the VFS below, apart from any
 * connection; ${flags} is SQLITE_OPEN_READONLY or _READWRITE. SQLite code.
 * file_close_below(b): harmless on what was not opened.
 */
struct below {
	sqlite3_file *file;
	const char *name;
	int flags; /* what it was opened for */
};
enum rc file_check(const char *path, struct err *err);
int file_open_below(sqlite3_vfs *under, const char *path, int flags, struct below *out);
void file_close_below(struct below *b);

/**
 * shim_named(name): the registration of that name; NULL: none of ours.
 */
struct shim *shim_named(const char *name);

/**
 * shim_settings(s, out): a copy of what ${s} is set to now; another thread may change it.
 */
void shim_settings(struct shim *s, struct shim_settings *out);

/* The methods of each kind of file; db_methods_alone: where no memory is shared below. */
extern const sqlite3_io_methods db_methods, db_methods_alone, wal_methods, journal_methods,
    super_methods, spill_methods;

/* Pass-throughs that several kinds share. */
int file_close(sqlite3_file *file);
int file_sync(sqlite3_file *file, int flags);
int file_size(sqlite3_file *file, sqlite3_int64 *size);
int file_truncate(sqlite3_file *file, sqlite3_int64 size);
int file_lock(sqlite3_file *file, int level);
int file_unlock(sqlite3_file *file, int level);
int file_check_reserved(sqlite3_file *file, int *held);
int file_control(sqlite3_file *file, int op, void *arg);
int file_sector_size(sqlite3_file *file);
int file_characteristics(sqlite3_file *file);

/**
 * file_refuse(file, what): log that ${what} is not understood; returns SQLITE_IOERR_WRITE.
 */
int file_refuse(const char *path, const char *what);

/**
 * rc_to_sqlite(rc, io): the SQLite code of ${rc}; ${io}: for RC_IO and what has no other.
 * rc_of_sqlite(code): the way back, for what lies below.
 */
int rc_to_sqlite(enum rc rc, int io);
enum rc rc_of_sqlite(int code);

/* headerfile.c */

/**
 * header_load(under, area, len): read the header area of a file; ${len} bytes of it are there,
 * and zeros follow. SQLite code.
 */
int header_load(sqlite3_file *under, uint8_t area[HEADER_AREA_LEN], size_t *len);

/**
 * header_news(d): if another process has written a newer header, take it over. Two reads of
 * 8 bytes when there is none. SQLite code.
 * header_reload(d): the same without the cheap look first.
 */
int header_news(struct dbfile *d);
int header_reload(struct dbfile *d);

/**
 * header_write(d): write the keyring's header, the newest copy last, each synced and read
 * back. Under the header lock. On failure the keyring's changes are thrown away. SQLite code.
 */
int header_write(struct dbfile *d);

/**
 * header_put(under, area, copy, check):
 * One copy: write, sync, and see that the disk gives back what it was given; ${check}:
 * HEADER_LEN bytes for that. SQLite code.
 */
int header_put(sqlite3_file *under, const uint8_t *area, int copy, uint8_t *check);

/**
 * header_lock(d, taken), header_unlock(d, taken): hold the header lock, by what the
 * connection holds already or by the log's write lock. SQLite code (SQLITE_BUSY).
 */
int header_lock(struct dbfile *d, bool *taken);
void header_unlock(struct dbfile *d, bool taken);

/**
 * header_lease(d, n): see that the connection may seal ${n} more pages. SQLite code.
 * header_close(d): at a clean close give back what is left and seal; quietly nothing where
 * that is not possible.
 */
int header_lease(struct dbfile *d, uint64_t n);
void header_close(struct dbfile *d);

/* dbfile.c */
int db_open(struct shim *shim, const char *path, struct dbfile *d, int flags, int *out_flags);

/**
 * db_seal(d, place, in, out): seal one page, taking a lease if none is left. SQLite code.
 * db_bad_tag(d, what, number): note and log a tag that does not verify; SQLITE_IOERR_DATA.
 */
int db_seal(
    struct dbfile *d, const struct page_place *place, const uint8_t *in, uint8_t *out);
int db_unseal(
    struct dbfile *d, const struct page_place *place, const uint8_t *in, uint8_t *out);
int db_bad_tag(struct dbfile *d, const char *what, uint64_t number);

/**
 * db_page1_right(d, page): whether a page 1 in the clear states the page size and the
 * reserve that all pages of the vault have.
 */
bool db_page1_right(const struct dbfile *d, const uint8_t *page);

/**
 * db_header_appeared(d): when the file was empty at open and another process has made the
 * vault since: take its keyring instead of ours. SQLite code.
 */
int db_header_appeared(struct dbfile *d);

/* rotatelog.c */

/**
 * rotate_settle(d): put right what a step of a rotation has left torn. By whoever may change
 * pages of the file, before it does. SQLite code.
 * rotate_reread(d, page, buf): page ${page}, whose tag has just failed, once more: a step of a
 * rotation may be writing it, or has left it torn. SQLite code; SQLITE_IOERR_DATA: it is bad.
 */
int rotate_settle(struct dbfile *d);
int rotate_reread(struct dbfile *d, uint64_t page, uint8_t *buf);

/* fresh.c: what is current, and what was put back. */

/**
 * fresh_write(d, page, sealed, n): write ${n} sealed pages from ${page} on to the database
 * file; the running sum follows. All pages of the database file are written here.
 * fresh_rewrite(d, page, old, apart, sealed, n): the same, of pages that have just been read
 * from the disk, under the lock that is still held: they begin at ${old}, ${apart} bytes from
 * each other.
 * fresh_cut(d, size): before it is cut off at ${size} (a multiple of the page size).
 * fresh_log(d, salts, state): what the log of these salts is; SQLITE_IOERR_DATA when it is
 * none that there could be.
 * fresh_pin(d, salts, standing): a log of these salts begins; ${standing} are those of the
 * log on the disk that it takes the place of, or NULL. Under the header lock.
 * fresh_begin(d): a journal begins: no seal beside it.
 * fresh_journal(d): a hot journal is about to be played back: SQLITE_IOERR_DATA in a vault
 * that is sealed.
 * fresh_seal(d): at a clean close, with the file locked for this connection alone: seal the
 * header in memory, if nothing is left beside it that SQLite would play back.
 * All: SQLite code.
 */
int fresh_write(struct dbfile *d, uint64_t page, const uint8_t *sealed, uint32_t n);
int fresh_rewrite(struct dbfile *d, uint64_t page, const uint8_t *old, size_t apart,
    const uint8_t *sealed, uint32_t n);
int fresh_cut(struct dbfile *d, int64_t size);
int fresh_log(struct dbfile *d, const uint8_t salts[PAGE_SALTS_LEN], enum log_age *age);
int fresh_pin(
    struct dbfile *d, const uint8_t salts[PAGE_SALTS_LEN], const uint8_t *standing);
int fresh_begin(struct dbfile *d);
int fresh_journal(struct dbfile *d);
int fresh_seal(struct dbfile *d);

/* owner.c: the database files that are open, for the other kinds to find theirs. */

/**
 * owner_add(d), owner_remove(d): at open and at close.
 * owner_of_log(path, wal): the database whose log (or journal) SQLite opens as ${path};
 * NULL: none of ours, or it can't be told which.
 * owner_of_schema(db, schema): the database file of ${schema} (NULL: "main") of ${db}, or NULL.
 */
void owner_add(struct dbfile *d);
void owner_remove(struct dbfile *d);
struct dbfile *owner_of_log(const char *path, bool wal);
struct dbfile *owner_of_schema(sqlite3 *db, const char *schema);

/**
 * freelist_mend(d): after a rollback, seal the free pages anew that a power cut has torn.
 * Under EXCLUSIVE. SQLite code.
 */
int freelist_mend(struct dbfile *d);

/* dblock.c */
int db_lock(sqlite3_file *file, int level);
int db_unlock(sqlite3_file *file, int level);
int db_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out);
int db_shm_lock(sqlite3_file *file, int offset, int n, int flags);
void db_shm_barrier(sqlite3_file *file);
int db_shm_unmap(sqlite3_file *file, int delete);

/* Other kinds; ${d}: the database that they belong to. */
int wal_open(struct dbfile *d, struct walfile *w);
int journal_open(struct dbfile *d, struct journalfile *j);
int spill_file_open(struct spillfile *s);

/**
 * wal_abandon(w): the log's write lock is about to be given up: frames that no commit has
 * sent to the disk are nobody's, and where they would stand another process may write.
 */
void wal_abandon(struct walfile *w);

/**
 * wal_frames(w, n): whole frames that fit into the log as it is. For leases and verify.
 * SQLite code.
 * wal_frame_check(w, n, ok, commits): whether frame ${n} (from 0) belongs to this log and its tag
 * verifies; ${commits}: whether it ends a transaction.
 * wal_covers(w, from, n, page, covers): whether one of the first ${n} frames, but for the first
 * ${from}, is of page ${page}, and verifies now.
 * SQLite codes.
 */
int wal_frames(struct walfile *w, uint64_t *n);
int wal_frame_check(struct walfile *w, uint64_t n, bool *ok, bool *commits);
int wal_covers(struct walfile *w, uint64_t from, uint64_t n, uint64_t page, bool *covers);

#endif
