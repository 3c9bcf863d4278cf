/*
 * Memory for one long secret: a note of a megabyte, a draft that holds some of them.
 *
 *     page without access | length 16, bytes ... | page without access
 *
 * 1. It never lies beside anything else, and is wiped before it goes back to the system.
 * 2. That it can't be locked is no failure, as with the secure heap.
 */

#include "keyring/secret_large.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "keyring/secret.h"

#define HEAD_LEN 16 /* what malloc's pointers are aligned to */

/* Bytes from the first guard page to the end of the second; 0: too many. */
static size_t
span_of(size_t len, size_t page)
{
	if (len > SIZE_MAX / 2)
		return 0;
	return (HEAD_LEN + len + page - 1) / page * page + 2 * page;
}

void *
secret_large_alloc(size_t len)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE), span = span_of(len, page);
	uint8_t *all;

	if (span == 0)
		return NULL;
	all = mmap(NULL, span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (all == MAP_FAILED)
		return NULL;
	if (mprotect(all + page, span - 2 * page, PROT_READ | PROT_WRITE) != 0 ||
	    madvise(all + page, span - 2 * page, MADV_DONTDUMP) != 0) {
		munmap(all, span);
		return NULL;
	}
	(void)mlock(all + page, span - 2 * page);
	*(size_t *)(void *)(all + page) = len;
	return all + page + HEAD_LEN;
}

void
secret_large_free(void *p)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *head = (uint8_t *)p - HEAD_LEN;
	const size_t len = *(const size_t *)(const void *)head;

	secret_wipe(p, len);
	munmap(head - page, span_of(len, page));
}
