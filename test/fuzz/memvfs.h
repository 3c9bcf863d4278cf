#ifndef TEST_FUZZ_MEMVFS_H
#define TEST_FUZZ_MEMVFS_H

/*
 * A SQLite VFS whose files lie in memory, for fuzz targets that set up a disk anew for each
 * input. It has no shared memory and no locks: one connection, in exclusive mode.
 */

#include <stddef.h>
#include <stdint.h>

#define MEMVFS_NAME "memory"
#define MEMVFS_MAX  (1u << 20) /* bytes of a file; more is a full disk */

struct mem_image {
	size_t len;
	uint8_t bytes[MEMVFS_MAX];
};

/**
 * memvfs_register(secret): register it; a write that contains the text ${secret} aborts.
 */
void memvfs_register(const char *secret);

/**
 * memvfs_save(name, out): the file as it is; empty when there is none.
 * memvfs_load(name, image): put a file there; an image of length 0 removes it.
 */
void memvfs_save(const char *name, struct mem_image *out);
void memvfs_load(const char *name, const struct mem_image *image);

#endif
