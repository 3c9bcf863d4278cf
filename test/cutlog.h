#ifndef TEST_CUTLOG_H
#define TEST_CUTLOG_H

/*
 * What was written to a disk, and what a power cut leaves of it: a log of changes, recorded
 * once, of which any number of cuts can be made. Not thread-safe.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "test/image.h"

struct cutlog;

/**
 * cutlog_new(): NULL without memory. cutlog_free(NULL) is harmless.
 */
struct cutlog *cutlog_new(void);
void cutlog_free(struct cutlog *log);

/**
 * cutlog_file(log, name, origin, syncs_folder):
 * A file that the log will hear of; returns its number, -1 without memory. ${origin}: what
 * it durably holds, or NULL for a file that is being created. ${syncs_folder}: its first sync
 * makes all names durable, as SQLite does for a new journal.
 */
int cutlog_file(
    struct cutlog *log, const char *name, const struct image *origin, bool syncs_folder);

/**
 * cutlog_write, cutlog_truncate, cutlog_sync, cutlog_delete: one change more. ${folder}: the
 * folder is synced with it. False without memory.
 */
bool cutlog_write(struct cutlog *log, int file, const void *bytes, size_t n, size_t at);
bool cutlog_truncate(struct cutlog *log, int file, size_t size);
bool cutlog_sync(struct cutlog *log, int file);
bool cutlog_delete(struct cutlog *log, int file, bool folder);

/**
 * cutlog_mark(log): what came before has been acknowledged.
 * cutlog_length(log): changes so far.
 * cutlog_is_sync(log, n): whether change ${n} (from 0) is a sync.
 */
void cutlog_mark(struct cutlog *log);
size_t cutlog_length(const struct cutlog *log);
bool cutlog_is_sync(const struct cutlog *log, size_t n);

/* Called for each file that is there after the cut; ${im} may be emptied by it to keep it. */
typedef bool cutlog_emit_fn(void *arg, const char *name, struct image *im);

/**
 * cutlog_cut(log, n, seed, emit, arg, marks):
 * Cut the power after the first ${n} changes, and emit one of the states that the disk may
 * then be in. ${marks}: how many marks came before. The same seed gives the same state.
 * False without memory, or where ${emit} says so.
 */
bool cutlog_cut(const struct cutlog *log, size_t n, uint64_t seed, cutlog_emit_fn *emit,
    void *arg, size_t *marks);

/**
 * cutlog_cuts(): all cuts that this process has made.
 */
uint64_t cutlog_cuts(void);

#endif
