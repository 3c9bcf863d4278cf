#ifndef VFS_DEFER_H
#define VFS_DEFER_H

/* Writes that follow one another in a file, held back to go down in one call. */

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "keyring/header.h"

/* Of the largest page with what stands around it; more than 128 KiB fails on unix. */
#define DEFER_MAX (PAGE_SIZE_MAX + 32)

struct defer {
	sqlite3_file *under;
	uint8_t *bytes; /* ciphertext and what is public, never a plaintext */
	uint32_t len;
	int64_t at; /* where in the file they belong */
	int lost;   /* why bytes that were held back could not be written; SQLITE_OK */
};

/**
 * defer_open(d, under): SQLITE_OK; SQLITE_NOMEM. The file below stays the caller's.
 * defer_close(d): throws away what is held back: flush before.
 */
int defer_open(struct defer *d, sqlite3_file *under);
void defer_close(struct defer *d);

/**
 * defer_room(d, len, off, where): room for ${len} bytes that belong at ${off}; what does not
 * join them is written first. The caller fills it, then says defer_add(d, len). Tells of an
 * error that nobody was told of.
 * defer_write(d, buf, len, off): both, for bytes that are there already.
 */
int defer_room(struct defer *d, uint32_t len, int64_t off, uint8_t **where);
void defer_add(struct defer *d, uint32_t len);
int defer_write(struct defer *d, const void *buf, uint32_t len, int64_t off);

/**
 * defer_flush(d): write what is held back, for somebody who reads. An error stays until
 * defer_settle or defer_room has told it: SQLite may take a failed read for a matter of one
 * statement.
 * defer_settle(d): the same for a commit, a sync, a truncation: an error is told once.
 * defer_drop(d): forget what is held back: nobody will ever ask for it.
 */
int defer_flush(struct defer *d);
int defer_settle(struct defer *d);
void defer_drop(struct defer *d);

#endif
