#ifndef VFS_SPILL_H
#define VFS_SPILL_H

/*
 * A temporary file under a key of its own that is never stored: sorters, TEMP tables,
 * statement journals. Any offset and length; 4 KiB blocks, each sealed under a counter as
 * its nonce; tags and counters stay in memory.
 */

#include <sqlite3.h>
#include <stdint.h>

#include "keyring/rc.h"

#define SPILL_BLOCK 4096

struct spill;

/**
 * spill_new(under, out): on an open file that is empty; ${under} stays the caller's.
 * RC_OK; RC_NOMEM; RC_INTERNAL. spill_free wipes; NULL is harmless.
 */
enum rc spill_new(sqlite3_file *under, struct spill **out);
void spill_free(struct spill *s);

/**
 * spill_read, spill_write, spill_truncate: SQLite codes, as xRead, xWrite, xTruncate.
 * spill_size: bytes.
 */
int spill_read(struct spill *s, uint8_t *buf, int len, int64_t off);
int spill_write(struct spill *s, const uint8_t *buf, int len, int64_t off);
int spill_truncate(struct spill *s, int64_t size);
int64_t spill_size(const struct spill *s);

#endif
