#ifndef TEST_FAULTVFS_H
#define TEST_FAULTVFS_H

/*
 * A VFS for tests, to stand below the encrypting one: fails chosen operations, cuts the
 * power, and looks at every byte that is written. State is the process's own;
 * thread-safe.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The operations that can fail, in the order of their bits. */
#define FAULT_OPS(X)                                                                     \
	X(READ, "read", SQLITE_IOERR_READ)                                               \
	X(WRITE, "write", SQLITE_IOERR_WRITE)                                            \
	X(TRUNCATE, "truncate", SQLITE_IOERR_TRUNCATE)                                   \
	X(SYNC, "sync", SQLITE_IOERR_FSYNC)                                              \
	X(SIZE, "size", SQLITE_IOERR_FSTAT)                                              \
	X(LOCK, "lock", SQLITE_IOERR_LOCK)                                               \
	X(RESERVED, "reserved", SQLITE_IOERR_CHECKRESERVEDLOCK)                          \
	X(SHMLOCK, "shmlock", SQLITE_IOERR_SHMLOCK)                                      \
	X(SHMMAP, "shmmap", SQLITE_IOERR_SHMMAP)                                         \
	X(OPEN, "open", SQLITE_CANTOPEN)                                                 \
	X(DELETE, "delete", SQLITE_IOERR_DELETE)                                         \
	X(ACCESS, "access", SQLITE_IOERR_ACCESS)

enum fault_op {
#define X(name, text, code) FAULT_##name,
	FAULT_OPS(X)
#undef X
	    FAULT_OP_COUNT
};

extern const char *const fault_op_name[FAULT_OP_COUNT];

/* What a call is about. HEADER: the vault's own header, before the pages. */
#define FAULT_FILES(X)                                                                   \
	X(DATABASE, "database")                                                          \
	X(HEADER, "header")                                                              \
	X(JOURNAL, "journal")                                                            \
	X(WAL, "wal")                                                                    \
	X(SUPER, "super")                                                                \
	X(TEMPORARY, "temporary")

enum fault_file {
#define X(name, text) FAULT_IN_##name,
	FAULT_FILES(X)
#undef X
	    FAULT_FILE_COUNT
};

extern const char *const fault_file_name[FAULT_FILE_COUNT];

/**
 * fault_kind(op, path, offset): the kind of the file that a call is for; a NULL path is a
 * temporary one.
 */
enum fault_file fault_kind(enum fault_op op, const char *path, sqlite3_int64 offset);

/* Which call fails, and how. */
struct fault_plan {
	unsigned ops;	  /* bits 1 << enum fault_op that are counted */
	const char *glob; /* counted only on such paths (sqlite3_strglob); NULL: on all */
	uint64_t nth;	  /* the nth counted call fails, from 1 */
	bool persistent;  /* and all after it */
	bool short_write; /* a failing write leaves its first half on the disk */
	bool lost;	  /* a failing write says that it worked */
	int code;	  /* what it answers; 0: the usual error of the operation */
};

/**
 * fault_register(name, base, make_default):
 * Register the VFS ${name} over ${base} (NULL: "unix"). Returns an SQLite code.
 */
int fault_register(const char *name, const char *base, bool make_default);

/**
 * fault_arm(plan): the next counted call is number 1. The plan is copied.
 * fault_disarm(calls): end it; returns how often it fired, ${calls} how many were
 * counted.
 */
void fault_arm(const struct fault_plan *plan);
uint64_t fault_disarm(uint64_t *calls);

/**
 * fault_fired_at(op, file):
 * Whether such a call on such a file was made to fail since fault_arm.
 */
bool fault_fired_at(enum fault_op op, enum fault_file file);

/**
 * fault_track(on):
 * Keep (or forget) every change of each file since its last sync: what a power cut may
 * undo. fault_cut_at(nth, seed, garbage): cut the power in the nth write, truncate, sync
 * or delete from now (0: never). fault_cut(seed, garbage): cut it now. What was not
 * synced is applied, dropped or torn by sectors of 512 bytes as the seed says, with
 * ${garbage} also filled with noise. From then on every operation fails, until
 * fault_power_on; close all connections before that. Whether names of files are durable
 * is not simulated: they are.
 */
void fault_track(bool on);
void fault_cut_at(uint64_t nth, uint64_t seed, bool garbage);
int fault_cut(uint64_t seed, bool garbage);
bool fault_power_is_off(void);
void fault_power_on(void);

/* Called for each write before it happens, also for those that fail. */
typedef void fault_watch_fn(
    void *arg, const char *path, const void *bytes, int n, sqlite3_int64 offset);

/* Called for each operation in ${path}; offset and n are 0 where they mean nothing. */
typedef void fault_trace_fn(
    void *arg, enum fault_op op, const char *path, sqlite3_int64 offset, int n);

/**
 * fault_watch(fn, arg), fault_trace(fn, arg):
 * NULL ends it. They are called with the VFS's lock held: no operation of it in them.
 */
void fault_watch(fault_watch_fn *fn, void *arg);
void fault_trace(fault_trace_fn *fn, void *arg);

#endif
