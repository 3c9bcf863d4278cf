/*
 * Temporary files.
 *
 * 1. One block lies in memory in the clear, at most; it is sealed when another is needed.
 * 2. A block's counter grows with each seal and all blocks share it: no nonce comes twice
 *    under the file's key.
 * 3. A block that was never written is zero and has counter 0; nothing on disk is believed
 *    for it.
 */

#include "vfs/spill.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/bytes.h"
#include "keyring/crypto.h"
#include "keyring/secret.h"
#include "vfs/below.h"

struct block_info {
	uint64_t counter; /* of its last seal; 0: never written */
	uint8_t tag[AEAD_TAG_LEN];
};

struct spill {
	sqlite3_file *under;
	struct aead *aead;
	uint64_t counter;
	int64_t size; /* bytes that were written */
	struct block_info *blocks;
	size_t block_n; /* allocated */
	int64_t held;   /* number of the block in plain; -1: none */
	bool dirty;
	uint8_t plain[SPILL_BLOCK], sealed[SPILL_BLOCK];
};

enum rc
spill_new(sqlite3_file *under, struct spill **out)
{
	uint8_t key[KEY_LEN];
	struct spill *s = calloc(1, sizeof *s);
	enum rc rc = s ? RC_OK : RC_NOMEM;

	*out = NULL;
	if (rc == RC_OK)
		rc = random_bytes(key, sizeof key);
	if (rc == RC_OK)
		rc = aead_new(key, &s->aead);
	secret_wipe(key, sizeof key);
	if (rc != RC_OK) {
		spill_free(s);
		return rc;
	}
	s->under = under;
	s->held = -1;
	*out = s;
	return RC_OK;
}

void
spill_free(struct spill *s)
{
	if (!s)
		return;
	aead_free(s->aead);
	free(s->blocks);
	secret_wipe(s, sizeof *s);
	free(s);
}

int64_t
spill_size(const struct spill *s)
{
	return s->size;
}

static void
block_nonce(uint64_t counter, uint8_t nonce[AEAD_NONCE_LEN])
{
	memset(nonce, 0, AEAD_NONCE_LEN);
	be64_put(nonce + 4, counter);
}

static struct block_info *
info(struct spill *s, int64_t block)
{
	return (size_t)block < s->block_n ? &s->blocks[block] : NULL;
}

/* Make room for the tags of the blocks up to ${block}. */
static int
reach(struct spill *s, int64_t block)
{
	size_t n = s->block_n ? s->block_n : 64;
	struct block_info *more;

	if ((size_t)block < s->block_n)
		return SQLITE_OK;
	while (n <= (size_t)block)
		n *= 2;
	more = realloc(s->blocks, n * sizeof *more);
	if (!more)
		return SQLITE_IOERR_NOMEM;
	memset(more + s->block_n, 0, (n - s->block_n) * sizeof *more);
	s->blocks = more;
	s->block_n = n;
	return SQLITE_OK;
}

/* Seal the block in memory and write it. */
static int
flush(struct spill *s)
{
	struct block_info *b;
	uint8_t nonce[AEAD_NONCE_LEN], aad[8];
	int code;

	if (s->held < 0 || !s->dirty)
		return SQLITE_OK;
	b = info(s, s->held);
	block_nonce(++s->counter, nonce);
	be64_put(aad, (uint64_t)s->held);
	if (aead_seal(s->aead, nonce, aad, sizeof aad, s->plain, SPILL_BLOCK, s->sealed,
	        b->tag) != RC_OK)
		return SQLITE_IOERR_WRITE;
	b->counter = s->counter;
	code = below_write(s->under, s->sealed, SPILL_BLOCK, s->held * SPILL_BLOCK);
	if (code == SQLITE_OK)
		s->dirty = false;
	return code;
}

static int
fetch(struct spill *s, int64_t block)
{
	const struct block_info *b = info(s, block);
	uint8_t nonce[AEAD_NONCE_LEN], aad[8];
	int code;

	if (!b || b->counter == 0) {
		memset(s->plain, 0, SPILL_BLOCK);
		return SQLITE_OK;
	}
	code = s->under->pMethods->xRead(
	    s->under, s->sealed, SPILL_BLOCK, block * SPILL_BLOCK);
	if (code != SQLITE_OK)
		return code == SQLITE_IOERR_SHORT_READ ? SQLITE_IOERR_DATA : code;
	block_nonce(b->counter, nonce);
	be64_put(aad, (uint64_t)block);
	return aead_open(s->aead, nonce, aad, sizeof aad, s->sealed, SPILL_BLOCK, b->tag,
	           s->plain) == RC_OK
	    ? SQLITE_OK
	    : SQLITE_IOERR_DATA;
}

/* Have ${block} in memory; ${whole}: all of it is about to be overwritten. */
static int
hold(struct spill *s, int64_t block, bool whole)
{
	int code;

	if (s->held == block)
		return SQLITE_OK;
	code = flush(s);
	if (code != SQLITE_OK)
		return code;
	s->held = -1;
	if (!whole)
		code = fetch(s, block);
	if (code == SQLITE_OK)
		s->held = block;
	return code;
}

/* How much of ${len} bytes from ${off} lies in the block of ${off}. */
static int
part(int len, int64_t off)
{
	int room = (int)(SPILL_BLOCK - off % SPILL_BLOCK);

	return len < room ? len : room;
}

int
spill_read(struct spill *s, uint8_t *buf, int len, int64_t off)
{
	int64_t there = off < s->size ? s->size - off : 0;
	int n, code, short_by = 0;

	if (len > there) {
		short_by = (int)(len - there);
		len = (int)there;
		memset(buf + len, 0, (size_t)short_by);
	}
	for (; len > 0; len -= n, buf += n, off += n) {
		n = part(len, off);
		code = hold(s, off / SPILL_BLOCK, false);
		if (code != SQLITE_OK)
			return code;
		memcpy(buf, s->plain + off % SPILL_BLOCK, (size_t)n);
	}
	return short_by ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

int
spill_write(struct spill *s, const uint8_t *buf, int len, int64_t off)
{
	int n, code;

	for (; len > 0; len -= n, buf += n, off += n) {
		n = part(len, off);
		code = reach(s, off / SPILL_BLOCK);
		if (code == SQLITE_OK)
			code = hold(s, off / SPILL_BLOCK, n == SPILL_BLOCK);
		if (code != SQLITE_OK)
			return code;
		memcpy(s->plain + off % SPILL_BLOCK, buf, (size_t)n);
		s->dirty = true;
		if (off + n > s->size)
			s->size = off + n;
	}
	return SQLITE_OK;
}

/* What lies beyond the new end must be zero if the file grows again. */
int
spill_truncate(struct spill *s, int64_t size)
{
	int64_t first = (size + SPILL_BLOCK - 1) / SPILL_BLOCK; /* block to forget */
	size_t b;
	int code;

	if (size >= s->size)
		return SQLITE_OK;
	if (size % SPILL_BLOCK) {
		code = hold(s, size / SPILL_BLOCK, false);
		if (code != SQLITE_OK)
			return code;
		memset(s->plain + size % SPILL_BLOCK, 0,
		    (size_t)(SPILL_BLOCK - size % SPILL_BLOCK));
		s->dirty = true;
	}
	for (b = (size_t)first; b < s->block_n; b++)
		s->blocks[b].counter = 0;
	if (s->held >= first) {
		s->held = -1;
		s->dirty = false;
	}
	s->size = size;
	return s->under->pMethods->xTruncate(s->under, first * SPILL_BLOCK);
}
