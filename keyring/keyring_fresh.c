/*
 * What is current: the salts of the log, and the seal over the pages of a vault that was
 * closed cleanly.
 *
 * 1. The sum stands in the header encrypted: who saw it in the clear could look for a set of
 *    older pages whose codes cancel out.
 * 2. A vault can change only under a lease, and a lease breaks the seal.
 * 3. The running sum is what this process has seen of a sealed vault and done to it since.
 *    When that may not be all, it is lost.
 */

#include <string.h>

#include "keyring/bytes.h"
#include "keyring/keyring_int.h"

#define SEAL_KEYS_LEN (2 * KEY_LEN) /* for the codes of pages; for the sum of them */
#define SUM_AT_CIPHER AEAD_NONCE_LEN
#define SUM_AT_TAG    (AEAD_NONCE_LEN + CMAC_LEN)
#define SUM_AAD_LEN   (VAULT_ID_LEN + 8 + 8)

_Static_assert(LOG_SALTS_LEN == sizeof(uint64_t), "kept as one number");

enum rc
keyring_pin_log(struct keyring *kr, const uint8_t salts[LOG_SALTS_LEN],
    const uint8_t *standing)
{
	struct freshness *f = &kr->header.fresh;
	const uint64_t salt = be64_get(salts);
	enum rc rc = RC_OK;

	pthread_mutex_lock(&kr->lock);
	if (!kr->keys)
		rc = RC_LOCKED;
	else if (f->wal_salt != salt) {
		if (!standing || be64_get(standing) != f->wal_salt_previous)
			f->wal_salt_previous = f->wal_salt;
		f->wal_salt = salt;
		kr->dirty = true;
	}
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

static void
break_seal(struct freshness *f)
{
	f->sealed = false;
	f->pages = 0;
	memset(f->sum, 0, sizeof f->sum);
}

enum log_age
keyring_log_age(struct keyring *kr, const uint8_t salts[LOG_SALTS_LEN])
{
	const uint64_t salt = be64_get(salts);
	enum log_age age = LOG_UNKNOWN;

	pthread_mutex_lock(&kr->lock);
	/* Zero is that there was none. */
	if (salt != 0 && salt == kr->header.fresh.wal_salt)
		age = LOG_CURRENT;
	else if (salt != 0 && salt == kr->header.fresh.wal_salt_previous)
		age = LOG_PREVIOUS;
	pthread_mutex_unlock(&kr->lock);
	return age;
}

static enum rc
sum_cipher(const struct keyring *kr, struct aead **out)
{
	uint8_t keys[SEAL_KEYS_LEN];
	enum rc rc = keyring_expand(
	    kr->keys->slot.master, "seal", kr->header.vault_id, keys, sizeof keys);

	*out = NULL;
	if (rc == RC_OK)
		rc = aead_new(keys + KEY_LEN, out);
	secret_wipe(keys, sizeof keys);
	return rc;
}

static void
sum_aad(const struct keyring *kr, uint8_t aad[SUM_AAD_LEN])
{
	memcpy(aad, kr->header.vault_id, VAULT_ID_LEN);
	be64_put(aad + VAULT_ID_LEN, kr->header.fresh.seals);
	be64_put(aad + VAULT_ID_LEN + 8, kr->header.fresh.pages);
}

static void
sum_put(const struct page_sum *s, uint8_t out[CMAC_LEN])
{
	be64_put(out, s->high);
	be64_put(out + 8, s->low);
}

static enum rc
close_seal(struct keyring *kr, uint64_t pages)
{
	struct freshness *f = &kr->header.fresh;
	const struct freshness before = *f;
	uint8_t aad[SUM_AAD_LEN], sum[CMAC_LEN];
	struct aead *a;
	enum rc rc = sum_cipher(kr, &a);

	if (rc == RC_OK)
		rc = random_nonce(f->sum);
	f->seals++;
	f->pages = pages;
	sum_aad(kr, aad);
	sum_put(&kr->sum, sum);
	if (rc == RC_OK)
		rc = aead_seal(a, f->sum, aad, sizeof aad, sum, sizeof sum,
		    f->sum + SUM_AT_CIPHER, f->sum + SUM_AT_TAG);
	aead_free(a);
	f->sealed = rc == RC_OK;
	if (rc != RC_OK)
		*f = before;
	return rc;
}

void
keyring_note_audit(struct keyring *kr, uint64_t entries, const uint8_t mac[SHA256_LEN])
{
	pthread_mutex_lock(&kr->lock);
	kr->audit_count = entries;
	memcpy(kr->audit_mac, mac, SHA256_LEN);
	pthread_mutex_unlock(&kr->lock);
}

uint64_t
keyring_audit(struct keyring *kr, uint8_t mac[SHA256_LEN])
{
	uint64_t entries;

	pthread_mutex_lock(&kr->lock);
	entries = kr->header.fresh.audit_count;
	memcpy(mac, kr->header.fresh.audit_mac, SHA256_LEN);
	pthread_mutex_unlock(&kr->lock);
	return entries;
}

/* Not before the seal: a header that is read anew would take it away again. */
static void
put_audit(struct keyring *kr)
{
	if (kr->audit_count == 0)
		return;
	kr->header.fresh.audit_count = kr->audit_count;
	memcpy(kr->header.fresh.audit_mac, kr->audit_mac, SHA256_LEN);
}

enum rc
keyring_seal(struct keyring *kr, uint64_t pages)
{
	enum rc rc = RC_NOTFOUND;

	pthread_mutex_lock(&kr->lock);
	if (!kr->keys)
		rc = RC_LOCKED;
	else if (kr->sum.known)
		rc = close_seal(kr, pages);
	if (rc == RC_OK) {
		put_audit(kr);
		kr->dirty = true;
	}
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

static enum rc
open_seal(const struct keyring *kr, uint8_t sum[CMAC_LEN])
{
	const struct freshness *f = &kr->header.fresh;
	uint8_t aad[SUM_AAD_LEN];
	struct aead *a;
	enum rc rc = sum_cipher(kr, &a);

	sum_aad(kr, aad);
	if (rc == RC_OK)
		rc = aead_open(a, f->sum, aad, sizeof aad, f->sum + SUM_AT_CIPHER, CMAC_LEN,
		    f->sum + SUM_AT_TAG, sum);
	aead_free(a);
	return rc;
}

enum rc
fresh_unseal(struct keyring *kr)
{
	uint8_t sum[CMAC_LEN];
	enum rc rc;

	if (!kr->header.fresh.sealed)
		return RC_OK;
	rc = open_seal(kr, sum);
	if (rc != RC_OK)
		return rc;
	kr->sum = (struct page_sum){ true, be64_get(sum), be64_get(sum + 8) };
	break_seal(&kr->header.fresh);
	return RC_OK;
}

void
keyring_seal_drop(struct keyring *kr)
{
	pthread_mutex_lock(&kr->lock);
	break_seal(&kr->header.fresh);
	kr->sum.known = false;
	kr->dirty = true;
	pthread_mutex_unlock(&kr->lock);
}

bool
keyring_sealed(struct keyring *kr, uint64_t *pages)
{
	bool sealed;

	pthread_mutex_lock(&kr->lock);
	sealed = kr->header.fresh.sealed;
	*pages = kr->header.fresh.pages;
	pthread_mutex_unlock(&kr->lock);
	return sealed;
}

enum rc
keyring_sealed_sum(struct keyring *kr, uint8_t sum[CMAC_LEN])
{
	enum rc rc = RC_NOTFOUND;

	pthread_mutex_lock(&kr->lock);
	if (!kr->keys)
		rc = RC_LOCKED;
	else if (kr->header.fresh.sealed)
		rc = open_seal(kr, sum);
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

uint64_t
keyring_seals(struct keyring *kr)
{
	uint64_t n;

	pthread_mutex_lock(&kr->lock);
	n = kr->header.fresh.seals;
	pthread_mutex_unlock(&kr->lock);
	return n;
}

bool
keyring_sum(struct keyring *kr, uint8_t sum[CMAC_LEN])
{
	bool known;

	pthread_mutex_lock(&kr->lock);
	known = kr->sum.known;
	sum_put(&kr->sum, sum);
	pthread_mutex_unlock(&kr->lock);
	return known;
}

void
keyring_sum_set(struct keyring *kr, const uint8_t sum[CMAC_LEN])
{
	pthread_mutex_lock(&kr->lock);
	kr->sum = (struct page_sum){ true, be64_get(sum), be64_get(sum + 8) };
	pthread_mutex_unlock(&kr->lock);
}

void
keyring_sum_add(struct keyring *kr, const uint8_t mac[CMAC_LEN])
{
	const uint64_t low = be64_get(mac + 8);

	pthread_mutex_lock(&kr->lock);
	kr->sum.low += low;
	kr->sum.high += be64_get(mac) + (kr->sum.low < low);
	pthread_mutex_unlock(&kr->lock);
}

void
keyring_sum_take(struct keyring *kr, const uint8_t mac[CMAC_LEN])
{
	const uint64_t low = be64_get(mac + 8);

	pthread_mutex_lock(&kr->lock);
	kr->sum.high -= be64_get(mac) + (kr->sum.low < low);
	kr->sum.low -= low;
	pthread_mutex_unlock(&kr->lock);
}

void
keyring_sum_lose(struct keyring *kr)
{
	pthread_mutex_lock(&kr->lock);
	kr->sum.known = false;
	pthread_mutex_unlock(&kr->lock);
}
