#ifndef TEST_CUTDISK_H
#define TEST_CUTDISK_H

/*
 * A disk in memory, as a VFS to stand below the encrypting one, whose power can be cut any
 * number of times after the fact: what is written to it is recorded once. For one connection
 * at a time: its locks keep nobody out. Not thread-safe.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CUTDISK_LEVELS 2 /* of recordings: the second one is of a recovery */

/**
 * cutdisk_register(name): SQLite code.
 * cutdisk_clear(): an empty disk; no file of it may be open.
 */
int cutdisk_register(const char *name);
void cutdisk_clear(void);

/**
 * cutdisk_record(level): what the disk holds is durable; changes are kept from now on.
 * cutdisk_mark(): what was done until now has been acknowledged; false: nothing is recorded.
 * cutdisk_length(): changes kept so far. cutdisk_stop(): no more are kept; returns how many.
 * cutdisk_is_sync(level, n): whether change ${n}, from 0, is a sync.
 * False without memory.
 */
bool cutdisk_record(int level);
bool cutdisk_mark(void);
size_t cutdisk_length(void);
size_t cutdisk_stop(void);
bool cutdisk_is_sync(int level, size_t n);

/**
 * cutdisk_cut(level, n, seed, marks):
 * Make the disk what a power cut after the first ${n} recorded changes may leave; ${marks}:
 * those before it. No file may be open. False without memory.
 */
bool cutdisk_cut(int level, size_t n, uint64_t seed, size_t *marks);

/**
 * cutdisk_lie(glob): while it records, syncs of such files do nothing (NULL: of none).
 */
bool cutdisk_lie(const char *glob);

/**
 * cutdisk_spoil(name, at, n): fill ${n} bytes of a file with noise. False: no such file.
 * cutdisk_each(fn, arg): call ${fn} with the name and size of each file.
 */
bool cutdisk_spoil(const char *name, size_t at, size_t n);
typedef void cutdisk_each_fn(void *arg, const char *name, size_t size);
void cutdisk_each(cutdisk_each_fn *fn, void *arg);

#endif
