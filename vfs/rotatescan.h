#ifndef VFS_ROTATESCAN_H
#define VFS_ROTATESCAN_H

/* Which pages of the file are under an older epoch. Functions return SQLite codes. */

#include "vfs/vfs_int.h"

/**
 * rotate_is_old(epoch, to): whether what names ${epoch} is to be sealed anew under ${to}.
 * rotate_offset(d, page): where a page stands in the file.
 * rotate_pages(d, pages): how many there are.
 */
bool rotate_is_old(uint32_t epoch, uint32_t to);
int64_t rotate_offset(const struct dbfile *d, uint64_t page);
int rotate_pages(struct dbfile *d, uint64_t *pages);

/**
 * rotate_next_old(d, page, pages, to, found):
 * The first one from ${page} to ${pages} that is under an epoch before ${to}; 0: none is.
 * rotate_count_old(d, pages, to, n): how many are.
 */
int rotate_next_old(
    struct dbfile *d, uint64_t page, uint64_t pages, uint32_t to, uint64_t *found);
int rotate_count_old(struct dbfile *d, uint64_t pages, uint32_t to, uint64_t *n);

#endif
