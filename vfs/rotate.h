#ifndef VFS_ROTATE_H
#define VFS_ROTATE_H

/*
 * Rotation of the page keys: every page is sealed again under a new epoch, in place and in
 * small steps, while other connections and processes read and write between them.
 *
 *     vfs_rotate_begin -> vfs_rotate_step, as often as it takes -> vfs_rotate_finish
 *
 * It can be left at any point, also by a kill: each page says its own epoch. Who comes next
 * calls vfs_rotate_begin again (RC_EXISTS: go on). ${schema} NULL: "main". No
 * transaction may be open on ${db}.
 */

#include "vfs/vfs.h"

#define ROTATE_PAGES_MIN 256 /* of a step, that is not the last one */
#define ROTATE_PAGES_MAX 4096

/*
 * What a step is to take, and how long to leave the vault alone after it, in milliseconds.
 * Who waits by SQLite's own busy handler looks again after 1, 3, 8, 18, 33, 53 ms. A step that
 * keeps writers out has ended at 33 even if the disk takes nearly twice as long as before, and
 * more time follows than lies between two looks. Beside a write-ahead log only checkpoints wait.
 */
#define ROTATE_STEP_MS     18
#define ROTATE_STEP_LOG_MS 25
#define ROTATE_GAP_MS      25
#define ROTATE_GAP_LOG_MS 1

struct vfs_rotation { /* zero before the first step; of who runs the steps */
	uint32_t to;        /* the rotation's epoch; 0: that of the one which runs */
	uint64_t next;      /* the page to look at next; 0: the first */
	uint64_t pages;     /* in the file now */
	uint64_t rewritten; /* by these steps */
	uint64_t bad;       /* met by these steps and left as they are */
	uint32_t first_bad;
	uint32_t most;       /* pages of the next step, as the last ones went; 0: the fewest */
	uint32_t gap_ms;     /* to leave the vault alone before the next step */
	uint64_t longest_ms; /* that a step has kept writers out */
	int64_t checkpoint_ms; /* when the log was brought back last, by the monotonic clock */
	bool done; /* all pages have been looked at: vfs_rotate_finish is next */
};

/**
 * vfs_rotate_begin(db, schema, err):
 * Make a new epoch the active one: from now on every page that anyone writes is sealed under
 * it. RC_OK; RC_EXISTS (one is running already); RC_LIMIT (too many epochs are in use);
 * RC_BUSY; RC_READONLY; RC_IO; RC_FULL; RC_TAMPER; RC_NOMEM.
 */
enum rc vfs_rotate_begin(sqlite3 *db, const char *schema, struct err *err);

/**
 * vfs_rotate_step(db, schema, r, err):
 * Seal ROTATE_PAGES_MIN..MAX pages again, as many as take about ROTATE_STEP_MS, as the last
 * steps went. Beside a write-ahead log nobody waits but checkpoints, and a step takes
 * ROTATE_STEP_LOG_MS; without one writers do. The caller sleeps
 * r->gap_ms before the next step. A page that does not verify is counted and left as it is.
 * RC_OK; RC_NOTFOUND (someone else has ended this rotation, and may have begun another);
 * RC_BUSY (try again); the codes of vfs_rotate_begin.
 */
enum rc vfs_rotate_step(
    sqlite3 *db, const char *schema, struct vfs_rotation *r, struct err *err);

/**
 * vfs_rotate_finish(db, schema, fields, r, err):
 * After a log has been emptied into the file and no page names an older epoch, destroy the
 * older keys in both copies of the header (${fields}: those of older field epochs too).
 * Never those of another rotation than ${r} is of: what the caller has seen to before, such
 * as field values, would not be true of it. RC_OK; RC_NOTFOUND (it has ended); RC_BUSY (a
 * reader holds the log; or pages have come back, and ${r} says where to go on); RC_TAMPER (a
 * page does not verify: the keys stay).
 * vfs_rotate_pause(db, schema, err): leave no file behind until the next step.
 */
enum rc vfs_rotate_finish(sqlite3 *db, const char *schema, bool fields,
    struct vfs_rotation *r, struct err *err);
enum rc vfs_rotate_pause(sqlite3 *db, const char *schema, struct err *err);

struct vfs_rotate_status {
	bool active;
	uint64_t begun; /* UTC microseconds */
	uint32_t epoch; /* the active one */
	uint64_t pages, left; /* in the file; of these under an older epoch */
};

/**
 * vfs_rotate_status(db, schema, out, err):
 * Read what each page says of itself. RC_OK; RC_IO; RC_NOMEM.
 */
enum rc vfs_rotate_status(
    sqlite3 *db, const char *schema, struct vfs_rotate_status *out, struct err *err);

#endif
