/* One page, sealed and opened. The layout is in page.h. */

#include "vfs/page.h"

#include <string.h>

#include "keyring/bytes.h"
#include "keyring/secret.h"

#define AAD_LEN     (VAULT_ID_LEN + 4 + 4 + 8)
#define AAD_WAL_LEN (AAD_LEN + 4 + PAGE_SALTS_LEN)

static size_t
build_aad(const uint8_t *vault_id, uint32_t epoch, const struct page_place *place,
    uint8_t aad[AAD_WAL_LEN])
{
	uint8_t *p = aad;

	memcpy(p, vault_id, VAULT_ID_LEN);
	p += VAULT_ID_LEN;
	be32_put(p, (uint32_t)place->kind);
	be32_put(p + 4, epoch);
	be64_put(p + 8, place->number);
	if (place->kind != PAGE_WAL)
		return AAD_LEN;
	be32_put(p + 16, place->db_size);
	memcpy(p + 20, place->salts, PAGE_SALTS_LEN);
	return AAD_WAL_LEN;
}

bool
page_reserve_zero(const uint8_t *page, uint32_t size)
{
	static const uint8_t zero[PAGE_TRAILER_LEN];

	return memcmp(page + size - PAGE_TRAILER_LEN, zero, PAGE_TRAILER_LEN) == 0;
}

uint32_t
page_epoch(const uint8_t *sealed, uint32_t size)
{
	return be32_get(sealed + size - PAGE_TRAILER_LEN);
}

enum rc
page_seal(struct aead *a, const uint8_t vault_id[VAULT_ID_LEN], uint32_t epoch,
    const struct page_place *place, const uint8_t *in, uint32_t size, uint8_t *out)
{
	uint8_t aad[AAD_WAL_LEN];
	size_t aad_len = build_aad(vault_id, epoch, place, aad);
	uint32_t body = size - PAGE_TRAILER_LEN;
	uint8_t *nonce = out + body + PAGE_EPOCH_LEN, *tag = nonce + AEAD_NONCE_LEN;
	enum rc rc;

	be32_put(out + body, epoch);
	rc = random_nonce(nonce);
	if (rc == RC_OK)
		rc = aead_seal(a, nonce, aad, aad_len, in, body, out, tag);
	return rc;
}

enum rc
page_open(struct aead *a, const uint8_t vault_id[VAULT_ID_LEN],
    const struct page_place *place, const uint8_t *in, uint32_t size, uint8_t *out)
{
	uint8_t aad[AAD_WAL_LEN];
	size_t aad_len = build_aad(vault_id, page_epoch(in, size), place, aad);
	uint32_t body = size - PAGE_TRAILER_LEN;
	const uint8_t *nonce = in + body + PAGE_EPOCH_LEN, *tag = nonce + AEAD_NONCE_LEN;
	enum rc rc;

	rc = aead_open(a, nonce, aad, aad_len, in, body, tag, out);
	memset(out + body, 0, PAGE_TRAILER_LEN);
	return rc;
}
