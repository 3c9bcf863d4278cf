/*
 * One sealed value, and the keys that a connection holds for them.
 *
 *     version 1 | field epoch 4 | nonce 12 | ciphertext | tag 16           AES-256-GCM
 *     associated data: vault id 16 | record uuid 16 | field id 4 | type 4
 *
 * 1. A value opens in its own vault, record, field and type, and nowhere else.
 * 2. It is sealed under the epoch that is active when the transaction that writes it runs.
 * 3. The keys are derived once for each field and kept; when an epoch comes or goes, all of
 *    them are thrown away, so that none outlives its epoch.
 */
#include <stdlib.h>
#include <string.h>

#include "keyring/bytes.h"
#include "keyring/crypto.h"
#include "store/sealed_int.h"
#include "store/unlocked.h"
#include "vfs/vfs.h"

#define KEYS_MAX  256 /* then they are thrown away: a vault of 1,000 sealed fields */
#define NONCE_AT  5
#define TEXT_AT   (NONCE_AT + AEAD_NONCE_LEN)
#define UUID_LEN  16
#define PLACE_LEN (VAULT_ID_LEN + UUID_LEN + 4 + 4)

struct held {
	uint32_t field, epoch; /* epoch 0: the key of the blind index */
	struct aead *aead;
	struct mac *blind;
};

struct sealed_keys {
	uint32_t active;
	int retired;
	uint8_t vault_id[VAULT_ID_LEN];
	size_t n;
	struct held at[KEYS_MAX];
};

static void
drop_all(struct sealed_keys *k)
{
	for (; k->n > 0; k->n--) {
		aead_free(k->at[k->n - 1].aead);
		mac_free(k->at[k->n - 1].blind);
	}
}

void
sealed_keys_free(struct vault *v)
{
	if (v->sealed_keys)
		drop_all(v->sealed_keys);
	free(v->sealed_keys);
	v->sealed_keys = NULL;
}

/* The keys of the connection, none of them older than the epochs are now. */
static struct sealed_keys *
current(struct vault *v)
{
	struct keyring *kr = unlocked_keyring(v->unlocked);
	struct sealed_keys *k = v->sealed_keys;
	uint32_t active;
	int retired;

	if (!k)
		k = v->sealed_keys = calloc(1, sizeof *k);
	if (!k)
		return NULL;
	active = keyring_field_epoch(kr, &retired);
	if (active != k->active || retired != k->retired || k->n == KEYS_MAX)
		drop_all(k);
	if (k->n == 0)
		keyring_vault_id(kr, k->vault_id);
	k->active = active;
	k->retired = retired;
	return k;
}

static enum rc
make(struct vault *v, struct held *h)
{
	struct keyring *kr = unlocked_keyring(v->unlocked);
	uint8_t key[KEY_LEN];
	enum rc rc;

	if (h->epoch) {
		rc = keyring_field_key(kr, h->epoch, h->field, key, &v->err);
		/* another process may have made the epoch since the header was read last */
		if (rc == RC_NOTFOUND && vfs_header_refresh(v->db, NULL, NULL) == RC_OK)
			rc = keyring_field_key(kr, h->epoch, h->field, key, &v->err);
		if (rc == RC_OK)
			rc = aead_new(key, &h->aead);
	} else {
		rc = keyring_blind_key(kr, h->field, key, &v->err);
		if (rc == RC_OK)
			rc = hmac_new(key, &h->blind);
	}
	secret_wipe(key, sizeof key);
	return err_default(&v->err, rc);
}

/* The key of ${field} in ${epoch}: 0 the blind index's. */
static enum rc
hold(struct vault *v, struct sealed_keys *k, uint32_t field, uint32_t epoch,
    struct held **out)
{
	struct held fresh = { .field = field, .epoch = epoch };
	enum rc rc;
	size_t i;

	for (i = 0; i < k->n; i++)
		if (k->at[i].field == field && k->at[i].epoch == epoch) {
			*out = &k->at[i];
			return RC_OK;
		}
	rc = make(v, &fresh);
	if (rc != RC_OK)
		return rc;
	k->at[k->n] = fresh;
	*out = &k->at[k->n++];
	return RC_OK;
}

static void
describe(const struct sealed_keys *k, const struct sealed_place *place,
    uint8_t out[PLACE_LEN])
{
	memcpy(out, k->vault_id, VAULT_ID_LEN);
	memcpy(out + VAULT_ID_LEN, place->uuid, UUID_LEN);
	be32_put(out + VAULT_ID_LEN + UUID_LEN, place->field);
	be32_put(out + VAULT_ID_LEN + UUID_LEN + 4, place->type);
}

enum rc
sealed_close(struct vault *v, const struct sealed_place *place, const void *in, size_t n,
    uint8_t *out)
{
	struct sealed_keys *k = current(v);
	uint8_t aad[PLACE_LEN];
	struct held *key;
	enum rc rc;

	if (!k)
		return err_default(&v->err, RC_NOMEM);
	rc = hold(v, k, place->field, k->active, &key);
	if (rc != RC_OK)
		return rc;
	describe(k, place, aad);
	out[0] = SEALED_VERSION;
	be32_put(out + 1, k->active);
	rc = random_nonce(out + NONCE_AT);
	if (rc == RC_OK)
		rc = aead_seal(key->aead, out + NONCE_AT, aad, sizeof aad, in, n, out + TEXT_AT,
		    out + TEXT_AT + n);
	return err_default(&v->err, rc);
}

uint32_t
sealed_epoch(const uint8_t *in, size_t n)
{
	return in && n >= SEALED_OVERHEAD && in[0] == SEALED_VERSION ? be32_get(in + 1) : 0;
}

/* What can be said of bytes before any key is asked for. */
static enum rc
check_shape(struct vault *v, const uint8_t *in, size_t n)
{
	if (!in || n < SEALED_OVERHEAD || in[0] == 0)
		return err_set(&v->err, RC_TAMPER, "a sealed value is not one: it was altered");
	if (in[0] != SEALED_VERSION)
		return err_set(&v->err, RC_VERSION,
		    "a sealed value has version %d, this program knows %d: use a newer strongroom",
		    in[0], SEALED_VERSION);
	return RC_OK;
}

static enum rc
open_under(struct vault *v, struct sealed_keys *k, const struct sealed_place *place,
    const uint8_t *in, size_t n, void *out)
{
	uint8_t aad[PLACE_LEN];
	struct held *key;
	enum rc rc = check_shape(v, in, n);

	if (rc != RC_OK || !k)
		return k ? rc : err_default(&v->err, RC_NOMEM);
	rc = hold(v, k, place->field, be32_get(in + 1), &key);
	if (rc == RC_NOTFOUND)
		return err_set(&v->err, RC_TAMPER, "a sealed value is under field epoch %u, which "
		    "this vault does not have: it was altered, or it is an older one that was put "
		    "back", (unsigned)be32_get(in + 1));
	if (rc != RC_OK)
		return rc;
	describe(k, place, aad);
	rc = aead_open(key->aead, in + NONCE_AT, aad, sizeof aad, in + TEXT_AT,
	    n - SEALED_OVERHEAD, in + n - AEAD_TAG_LEN, out);
	if (rc == RC_TAMPER)
		err_set(&v->err, rc, "a sealed value does not verify: it was altered, or it is "
		    "another record's or field's; strongroom verify says which");
	return err_default(&v->err, rc);
}

static enum rc
blind_under(struct vault *v, struct sealed_keys *k, uint32_t field, const char *normal,
    size_t len, uint8_t out[SEALED_BLIND_LEN])
{
	uint8_t mac[SHA256_LEN];
	struct held *key;
	enum rc rc;

	if (!k)
		return err_default(&v->err, RC_NOMEM);
	rc = hold(v, k, field, 0, &key);
	if (rc == RC_OK)
		rc = err_default(&v->err, mac_of(key->blind, normal, len, mac));
	if (rc == RC_OK)
		memcpy(out, mac, SEALED_BLIND_LEN);
	secret_wipe(mac, sizeof mac);
	return rc;
}

enum rc
sealed_open(struct vault *v, const struct sealed_place *place, const uint8_t *in, size_t n,
    void *out)
{
	return open_under(v, current(v), place, in, n, out);
}

enum rc
sealed_blind(struct vault *v, const struct field *f, const char *normal, size_t len,
    uint8_t out[SEALED_BLIND_LEN])
{
	return blind_under(v, current(v), (uint32_t)f->id, normal, len, out);
}

enum rc
sealed_open_blind(struct vault *v, const struct sealed_place *place, const uint8_t *in,
    size_t n, void *out, uint8_t blind[SEALED_BLIND_LEN], bool *made)
{
	struct sealed_keys *k = current(v); /* once: it looks at all epochs */
	enum rc rc = open_under(v, k, place, in, n, out);

	*made = rc == RC_OK && sealed_has_blind((enum field_type)place->type) &&
	    sealed_epoch(in, n) == k->active;
	return *made ? blind_under(v, k, place->field, out, n - SEALED_OVERHEAD, blind) : rc;
}
