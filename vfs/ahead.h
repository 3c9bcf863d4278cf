#ifndef VFS_AHEAD_H
#define VFS_AHEAD_H

/* Pages read ahead of a scan, sealed as they are in the file, in one call to the file below. */

#include <sqlite3.h>
#include <stdint.h>

#include "keyring/header.h"

#define AHEAD_MAX PAGE_SIZE_MAX

struct ahead {
	uint8_t *bytes; /* AHEAD_MAX, the owner's */
	int64_t at;     /* where in the file they begin */
	uint32_t len;
	int64_t next;    /* where a scan would go on */
	uint32_t run;    /* how many reads have followed one another */
	uint32_t window; /* how much was read ahead last */
	int error;       /* SQLite code of a read ahead that failed, until it is told */
};

/**
 * ahead_find(a, under, size, off): the page of ${size} bytes at ${off} of the file, if it has
 * been read ahead or a scan has come to it; NULL: ${a}->error, or read it.
 */
const uint8_t *ahead_find(
    struct ahead *a, sqlite3_file *under, uint32_t size, int64_t off);

/**
 * ahead_drop(a): the file may change from now on, or has changed.
 */
void ahead_drop(struct ahead *a);

#endif
