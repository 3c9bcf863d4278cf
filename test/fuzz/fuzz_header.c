/*
 * The header parser on hostile bytes. The first byte says how: bit 0, the rest is the
 * file itself; else the rest are changes (offset 2, value 1) to a good header. Bit 1:
 * only copy A is changed. Bit 2: no SHA-256 is made right, else all are, so that the
 * fields are met. Checked: what is taken is within the ranges of format 1, and comes back
 * the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/keyring.h"

#define AT_SHA256  32704
#define CHANGE_LEN 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t good[HEADER_AREA_LEN];

static void
make_good(void)
{
	const struct kdf_params cheap = {KDF_ARGON2ID, kdf_floor.memory_kib, 1, 1};
	struct keyring_secret s = {SLOT_PASSPHRASE, NULL};
	struct secret *secret = NULL;
	struct keyring *kr = NULL;

	if (secret_setup(NULL) != RC_OK || secret_from("secret", 6, &secret) != RC_OK)
		abort();
	s.bytes = secret;
	if (keyring_create(&s, &cheap, "fuzz", &kr, NULL) != RC_OK ||
	    keyring_serialise(kr, good) != RC_OK)
		abort();
	keyring_free(kr);
	secret_free(secret);
}

static void
resum(uint8_t *raw)
{
	if (sha256(raw, AT_SHA256, raw + AT_SHA256) != RC_OK)
		abort();
}

static void
change(uint8_t *area, uint8_t how, const uint8_t *data, size_t size)
{
	size_t at;

	for (; size >= CHANGE_LEN; data += CHANGE_LEN, size -= CHANGE_LEN) {
		at = ((size_t)data[0] << 8 | data[1]) % HEADER_LEN;
		area[at] = data[2];
		if (!(how & 2))
			area[HEADER_LEN + at] = data[2];
	}
}

/* What a header that was taken says must be what its bytes say when they are made again.
 */
static void
check(const uint8_t *raw, int copy, const struct header *h)
{
	const uint8_t key[KEY_LEN] = {0};
	static uint8_t again[HEADER_LEN];
	struct slot_info info;
	int i;

	if (h->page_size < PAGE_SIZE_MIN || h->page_size > PAGE_SIZE_MAX ||
	    h->sequence == 0)
		abort();
	for (i = 0; i < HEADER_SLOTS; i++)
		if (slot_info(h->slots[i], &info, NULL) != RC_OK ||
		    (info.type != SLOT_EMPTY && kdf_check(&info.kdf, NULL) != RC_OK))
			abort();
	if (header_encode(h, copy, key, again) != RC_OK ||
	    memcmp(raw, again, AT_SHA256 + SHA256_LEN) != 0)
		abort();
}

static void
parse(const uint8_t *area, size_t len)
{
	static struct header h;
	struct err err = {""};
	bool damaged;
	int copy;
	enum rc rc;

	rc = header_pick(area, len, &h, &copy, &damaged, &err);
	if (rc == RC_OK)
		check(area + (size_t)copy * HEADER_LEN, copy, &h);
	else if (!*err.text || (rc != RC_FORMAT && rc != RC_DAMAGED && rc != RC_VERSION &&
				   rc != RC_LIMIT))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *area;

	if (good[0] == 0)
		make_good();
	if (size == 0)
		return 0;
	area = malloc(HEADER_AREA_LEN);
	if (!area)
		return 0;
	memcpy(area, good, HEADER_AREA_LEN);
	if (data[0] & 1) {
		parse(data + 1, size - 1);
	} else {
		change(area, data[0], data + 1, size - 1);
		if (!(data[0] & 4)) {
			resum(area);
			resum(area + HEADER_LEN);
		}
		parse(area, HEADER_AREA_LEN);
	}
	free(area);
	return 0;
}
