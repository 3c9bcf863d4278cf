/*
 * The shapes that the VFS meets, on hostile bytes. The first byte chooses: what an offset of
 * the log falls into, a log's header, bytes of a journal, a sealed page (changed by the rest:
 * offset 2, value 1), a page sealed and opened. Checked: a frame contains the offset that it
 * was found for, what is taken for plain says nothing, a changed page never opens, and one
 * that does not open is zero.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/bytes.h"
#include "vfs/frame.h"
#include "vfs/page.h"

#define CHANGE_LEN 3
#define SIZE       PAGE_SIZE_MIN

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t vault_id[VAULT_ID_LEN] = { 7 };
static struct aead *aead;

static void
make_aead(void)
{
	const uint8_t key[KEY_LEN] = { 1 };

	if (aead_new(key, &aead) != RC_OK)
		abort();
}

static void
locate(const uint8_t *data, size_t size)
{
	struct frame_at at;
	uint64_t off, frame;
	uint32_t page_size;

	if (size < 9)
		return;
	page_size = (uint32_t)PAGE_SIZE_MIN << data[0] % 8;
	frame = FRAME_HEADER_LEN + (uint64_t)page_size;
	off = be64_get(data + 1) & INT64_MAX;
	frame_locate(off, page_size, &at);
	if (at.in_header != (off < WAL_HEADER_LEN))
		abort();
	if (!at.in_header && (at.at >= frame || at.start + at.at != off ||
	                         (at.start - WAL_HEADER_LEN) % frame != 0))
		abort();
}

static void
log_header(const uint8_t *data, size_t size)
{
	uint8_t raw[WAL_HEADER_LEN] = { 0 };
	uint32_t page_size;
	int ok = 0;

	memcpy(raw, data, size < sizeof raw ? size : sizeof raw);
	for (page_size = PAGE_SIZE_MIN; page_size <= PAGE_SIZE_MAX; page_size *= 2)
		ok += wal_header_ok(raw, page_size);
	if (ok > 1)
		abort();
}

/* What is plain has no byte set but in a journal's header. */
static void
journal(const uint8_t *data, size_t size)
{
	uint8_t *exact = calloc(1, size ? size : 1); /* a read beyond it is seen */
	size_t i;

	if (!exact)
		return;
	if (size)
		memcpy(exact, data, size);
	if (journal_plain(exact, (uint32_t)size))
		for (i = JOURNAL_HEADER_LEN; i < size; i++)
			if (exact[i] != 0)
				abort();
	free(exact);
}

static void
fill(uint8_t page[SIZE], const uint8_t *data, size_t size)
{
	const size_t body = SIZE - PAGE_TRAILER_LEN;

	memset(page, 0, SIZE);
	memcpy(page, data, size < body ? size : body);
}

static void
place_of(const uint8_t *data, size_t size, struct page_place *place)
{
	memset(place, 0, sizeof *place);
	place->kind = size && data[0] & 1 ? PAGE_WAL : PAGE_DATABASE;
	place->number = size;
}

static void
seal(const uint8_t *plain, const struct page_place *place, uint8_t *sealed)
{
	if (page_seal(aead, vault_id, 1, place, plain, SIZE, sealed) != RC_OK)
		abort();
}

static void
round_trip(const uint8_t *data, size_t size)
{
	uint8_t plain[SIZE], sealed[SIZE];
	struct page_place place;

	fill(plain, data, size);
	place_of(data, size, &place);
	seal(plain, &place, sealed);
	if (page_epoch(sealed, SIZE) != 1 || page_reserve_zero(sealed, SIZE) ||
	    page_open(aead, vault_id, &place, sealed, SIZE, sealed) != RC_OK ||
	    memcmp(sealed, plain, SIZE) != 0)
		abort();
	seal(plain, &place, sealed);
	place.number++;
	if (page_open(aead, vault_id, &place, sealed, SIZE, sealed) != RC_TAMPER)
		abort();
}

static void
changed(const uint8_t *data, size_t size)
{
	static const uint8_t zeros[SIZE];
	uint8_t plain[SIZE], sealed[SIZE], before[SIZE];
	struct page_place place;
	enum rc rc;

	fill(plain, data, size);
	place_of(data, size, &place);
	seal(plain, &place, sealed);
	memcpy(before, sealed, SIZE);
	for (; size >= CHANGE_LEN; data += CHANGE_LEN, size -= CHANGE_LEN)
		sealed[be16_get(data) % SIZE] = data[2];
	rc = memcmp(before, sealed, SIZE) == 0 ? RC_OK : RC_TAMPER;
	if (page_open(aead, vault_id, &place, sealed, SIZE, sealed) != rc ||
	    memcmp(sealed, rc == RC_OK ? plain : zeros, SIZE) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const ways[])(const uint8_t *, size_t) = { locate, log_header, journal,
		round_trip, changed };

	if (!aead)
		make_aead();
	if (size)
		ways[data[0] % (sizeof ways / sizeof *ways)](data + 1, size - 1);
	return 0;
}
