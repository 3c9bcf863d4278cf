#ifndef VFS_ROTATELOG_H
#define VFS_ROTATELOG_H

/*
 * The rotation log, <database>-rotate: the pages that a step is about to write, as they were
 * (doc/format.md, "Rotation log"). Functions return SQLite codes.
 *
 *     magic 8 | vault id 16 | batch 8 | count 4 | page size 4
 *     page number 8 | page                                      count times
 *     HMAC-SHA-256 of all before it, under "rotation-log"
 *
 * The batch is the rotation's epoch (4 bytes) and the first page's number (4 bytes). What
 * follows the MAC is of longer steps before. A log that begins with "SRCLEAR." holds nothing.
 */

#include "vfs/vfs_int.h"

#define ROTATE_LOG_SUFFIX     "-rotate"
#define ROTATE_LOG_HEADER_LEN 40
#define ROTATE_LOG_NUMBER_LEN 8

/**
 * rotate_log_len(page_size, count): bytes of a log.
 * rotate_log_most(page_size): pages that one holds at most.
 * rotate_log_entry(image, page_size, n): entry ${n} of a log in memory: number, then page.
 */
size_t rotate_log_len(uint32_t page_size, uint32_t count);
uint32_t rotate_log_most(uint32_t page_size);
uint8_t *rotate_log_entry(uint8_t *image, uint32_t page_size, uint32_t n);

/**
 * rotate_log_write(d, image, count): complete ${image}, whose ${count} entries are there,
 * write it and make it durable.
 * rotate_log_clear(d): what it holds, durably, is no longer needed. rotate_log_remove(d):
 * delete it.
 * Both under the lock that rotate_settle needs.
 */
int rotate_log_write(struct dbfile *d, uint8_t *image, uint32_t count);
int rotate_log_clear(struct dbfile *d);
int rotate_log_remove(struct dbfile *d);

#endif
