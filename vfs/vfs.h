#ifndef VFS_VFS_H
#define VFS_VFS_H

/*
 * The encrypting VFS: a shim over SQLite's own VFS, by public API only. Every byte that a
 * connection writes to disk passes here; what is not understood is refused.
 * Functions of this header return `enum rc`; the VFS's methods return SQLite codes (a page
 * whose tag does not verify: SQLITE_IOERR_DATA).
 */

#include <sqlite3.h>
#include <stdbool.h>

#include "keyring/keyring.h"

#define VFS_NAME    "strongroom"
#define VFS_RESERVE 32 /* bytes at the end of each page: epoch 4, nonce 12, tag 16 */

/*
 * The key provider: called in xOpen of a main database. ${area}/${len}: the header area of
 * the file (${len} 0: the file is empty or a new one). It hands out a keyring, unlocked, with
 * a reference that the VFS drops at close; for a new vault one from keyring_create. No KDF
 * should run in it. Any code but RC_OK makes the open fail (RC_PASS, RC_LOCKED:
 * SQLITE_AUTH; RC_TAMPER, RC_DAMAGED: SQLITE_IOERR_DATA or SQLITE_CORRUPT; RC_FORMAT:
 * SQLITE_NOTADB; else SQLITE_CANTOPEN).
 */
typedef enum rc vfs_key_fn(
    void *arg, const char *path, const uint8_t *area, size_t len, struct keyring **out);

/**
 * vfs_register(name, provider, arg, make_default):
 * Register over the VFS that is the default now (or, registered again after
 * sqlite3_shutdown/initialize, over the one of the first time). Idempotent per ${name}: a
 * second call replaces provider and argument. RC_OK; RC_NOMEM; RC_INTERNAL.
 */
enum rc vfs_register(
    const char *name, vfs_key_fn *provider, void *arg, bool make_default);

/**
 * vfs_register_over(name, base, provider, arg, make_default):
 * The same over a VFS named ${base} (NULL: the default): the fault VFS of the tests.
 */
enum rc vfs_register_over(const char *name, const char *base, vfs_key_fn *provider,
    void *arg, bool make_default);

/**
 * vfs_read_only(name):
 * From now on open databases of the VFS ${name} for reading only, unless their URI says
 * mode=rw. RC_OK; RC_NOTFOUND (no such registration).
 */
enum rc vfs_read_only(const char *name);

/**
 * vfs_name_check(path, err): that the files that stand beside a vault could have their names
 * if it is called ${path}. RC_OK; RC_INPUT.
 */
enum rc vfs_name_check(const char *path, struct err *err);

/**
 * vfs_header_read(name, path, area, len, err):
 * Read the header area of ${path} through the VFS below ${name} (never by open(2): POSIX
 * locks). ${len}: bytes read, 0 for an empty file. RC_OK; RC_NOTFOUND; RC_IO; RC_INPUT (not
 * a regular file); RC_READONLY never: it opens for reading.
 */
enum rc vfs_header_read(const char *name, const char *path,
    uint8_t area[HEADER_AREA_LEN], size_t *len, struct err *err);

/**
 * vfs_header_refresh(db, schema, err):
 * Take over what another process has written to the header since. ${schema} NULL: "main".
 * RC_OK; RC_TAMPER (the header was altered); RC_LOCKED (new master keys: open it again); RC_IO;
 * RC_NOMEM; RC_INPUT (no vault is open).
 */
enum rc vfs_header_refresh(sqlite3 *db, const char *schema, struct err *err);

/**
 * vfs_header_update(db, schema, change, arg, err):
 * Under the header lock: read the header again, take over news of other processes, call
 * ${change} (NULL: only write again, to repair a copy), write both copies, the one in
 * use last, each synced and read back. ${schema} NULL: "main". No transaction may be open on ${db}.
 * RC_OK; the code of ${change}; RC_BUSY; RC_IO; RC_FULL; RC_READONLY; RC_TAMPER.
 */
typedef enum rc vfs_change_fn(void *arg, struct keyring *kr);
enum rc vfs_header_update(sqlite3 *db, const char *schema, vfs_change_fn *change,
    void *arg, struct err *err);

/**
 * vfs_header_restore(name, path, kr, err):
 * Put the header of the unlocked ${kr} in the place of a damaged one: nobody may have the
 * file open, and pages of the file must open under its keys. Both copies are written, each
 * synced and read back. RC_OK (${kr} is written); RC_BUSY (open elsewhere); RC_TAMPER (most
 * pages do not open, or one names an epoch that the header has not); RC_NOTFOUND
 * (there is no page); RC_READONLY; RC_IO; RC_FULL; RC_INPUT.
 */
enum rc vfs_header_restore(
    const char *name, const char *path, struct keyring *kr, struct err *err);

/**
 * vfs_header_replace(name, path, kr, make, arg, out, err):
 * Nobody may have the file open, and it was closed cleanly: take over what its header says to
 * the unlocked ${kr}, let ${make} make another keyring of it, and write that one's header,
 * first over the copy that is not in use, each synced and read back. RC_OK: ${out}; RC_BUSY
 * (open elsewhere, or not closed cleanly); the code of ${make}; RC_TAMPER; RC_READONLY; RC_IO,
 * RC_FULL (then either header may be the file's).
 */
typedef enum rc vfs_replace_fn(
    void *arg, struct keyring *kr, struct keyring **fresh, struct err *err);
enum rc vfs_header_replace(const char *name, const char *path, struct keyring *kr,
    vfs_replace_fn *make, void *arg, struct keyring **out, struct err *err);

struct vfs_verify { /* what vfs_verify counted */
	uint64_t pages, bad_pages, holes;
	uint64_t covered; /* do not verify, but the log at hand holds them anew: not bad */
	uint32_t first_bad[16]; /* page numbers */
	uint64_t wal_frames;    /* valid frames of the log at hand */
	uint64_t wal_committed; /* of these, up to the last commit */
	bool wal_bad; /* the frame behind the valid ones was committed too, and does not verify */
	bool second_copy_damaged; /* one of the header copies needs repair */
};

/**
 * vfs_verify(db, schema, progress, arg, out, err):
 * Open each page of the database file as it stands on disk and compare its tag; look at
 * both header copies. ${progress} (may be NULL) is called now and then with pages done and
 * all; it returns true to stop: RC_CANCELLED. RC_OK (also with bad pages: look at ${out});
 * RC_IO; RC_BUSY.
 */
typedef bool vfs_progress_fn(void *arg, uint64_t done, uint64_t all);
enum rc vfs_verify(sqlite3 *db, const char *schema, vfs_progress_fn *progress, void *arg,
    struct vfs_verify *out, struct err *err);

enum vfs_fresh_state {
	VFS_FRESH, /* all pages are those that there were, nothing older */
	VFS_FRESH_NOT_KNOWN, /* the last session did not end cleanly, or others write now */
	VFS_STALE /* older pages were put back, or the file was cut */
};

/**
 * vfs_fresh(db, schema, progress, arg, out, err):
 * Compare the tags of all pages with the seal of the last clean close and what this process
 * has written since. Reads the whole file; keeps checkpoints (in rollback modes: commits)
 * of others waiting meanwhile. No transaction may be open on ${db}. RC_OK: ${out}; RC_BUSY;
 * RC_IO; RC_CANCELLED (${progress}, as in vfs_verify).
 */
enum rc vfs_fresh(sqlite3 *db, const char *schema, vfs_progress_fn *progress, void *arg,
    enum vfs_fresh_state *out, struct err *err);

/**
 * vfs_last_bad_page(db, schema):
 * The number of the page (or frame) whose tag failed last on this connection, 0 for none.
 */
uint32_t vfs_last_bad_page(sqlite3 *db, const char *schema);

struct vfs_stats { /* since registration, whole process */
	uint64_t pages_sealed, pages_opened, page1_hits, tag_failures;
	uint64_t header_writes, leases;
};
void vfs_stats(struct vfs_stats *out);

#endif
