/* WAL and journal shapes. What they look like is SQLite's; what is masked is format.md's. */

#include "vfs/frame.h"

#include <string.h>

#include "keyring/bytes.h"
#include "keyring/header.h"

#define WAL_MAGIC   0x377f0682u /* the lowest bit says in which byte order sums are made */
#define WAL_VERSION 3007000u
#define SECTOR_MIN  32u /* SQLite takes no journal for one with another sector size */

static const uint8_t magic[JOURNAL_MAGIC_LEN] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1,
	0x63, 0xd7 };

void
frame_locate(uint64_t off, uint32_t page_size, struct frame_at *out)
{
	uint64_t len = FRAME_HEADER_LEN + (uint64_t)page_size;

	memset(out, 0, sizeof *out);
	out->in_header = off < WAL_HEADER_LEN;
	if (out->in_header)
		return;
	out->at = (uint32_t)((off - WAL_HEADER_LEN) % len);
	out->start = off - out->at;
}

bool
wal_header_ok(const uint8_t raw[WAL_HEADER_LEN], uint32_t page_size)
{
	/* SQLite writes 65536 as it is here, not as 1. */
	return (be32_get(raw) & ~1u) == WAL_MAGIC && be32_get(raw + 4) == WAL_VERSION &&
	    be32_get(raw + WAL_HEADER_PAGE) == page_size;
}

static void
frame_tweak(uint64_t off, const uint8_t *header, uint8_t tweak[MASK_LEN])
{
	be64_put(tweak, off);
	memcpy(tweak + 8, header, FRAME_PLAIN_LEN);
}

enum rc
frame_mask(struct mask *m, uint64_t off, uint8_t header[FRAME_HEADER_LEN])
{
	uint8_t tweak[MASK_LEN];

	frame_tweak(off, header, tweak);
	return mask_apply(m, tweak, header + FRAME_PLAIN_LEN);
}

enum rc
frame_unmask(struct mask *m, uint64_t off, uint8_t header[FRAME_HEADER_LEN])
{
	uint8_t tweak[MASK_LEN];

	frame_tweak(off, header, tweak);
	return mask_remove(m, tweak, header + FRAME_PLAIN_LEN);
}

enum rc
journal_mask(struct block *b, const uint8_t nonce[AEAD_NONCE_LEN], uint8_t checksum[4])
{
	uint8_t in[MASK_LEN] = { 0 }, out[MASK_LEN];
	enum rc rc;
	int i;

	memcpy(in, nonce, AEAD_NONCE_LEN);
	rc = block_encrypt(b, in, out);
	for (i = 0; rc == RC_OK && i < 4; i++)
		checksum[i] ^= out[i];
	return rc;
}

bool
journal_is_magic(const uint8_t bytes[JOURNAL_MAGIC_LEN])
{
	return memcmp(bytes, magic, JOURNAL_MAGIC_LEN) == 0;
}

bool
journal_plain(const uint8_t *bytes, uint32_t len)
{
	if (len == 1)
		return bytes[0] == 0;
	if (len < JOURNAL_MAGIC_LEN)
		return false;
	if (!journal_is_magic(bytes) && !all_zero(bytes, JOURNAL_MAGIC_LEN))
		return false;
	if (len == JOURNAL_MAGIC_LEN || len == JOURNAL_AT_COUNT + 4)
		return true;
	return len >= JOURNAL_HEADER_LEN &&
	    all_zero(bytes + JOURNAL_HEADER_LEN, len - JOURNAL_HEADER_LEN);
}

static bool
power_between(uint32_t value, uint32_t least, uint32_t most)
{
	return value >= least && value <= most && (value & (value - 1)) == 0;
}

bool
journal_header_ok(const uint8_t raw[JOURNAL_HEADER_LEN], uint32_t page_size)
{
	uint32_t page = be32_get(raw + JOURNAL_AT_PAGE);

	if (all_zero(raw, JOURNAL_HEADER_LEN))
		return true;
	/* Until it is synced a header has no magic. */
	return (journal_is_magic(raw) || all_zero(raw, JOURNAL_MAGIC_LEN)) &&
	    power_between(be32_get(raw + JOURNAL_AT_SECTOR), SECTOR_MIN, PAGE_SIZE_MAX) &&
	    (page_size ? page == page_size
		       : power_between(page, PAGE_SIZE_MIN, PAGE_SIZE_MAX));
}

bool
super_name_ok(const uint8_t *bytes, uint32_t len)
{
	return len > 0 && !memchr(bytes, '\0', len) &&
	    memmem(bytes, len, SUPER_MARK, strlen(SUPER_MARK)) != NULL;
}
