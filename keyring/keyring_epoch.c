/*
 * Epochs: the data keys of a vault and how much may still be written under them.
 *
 * 1. A page key is random, not derived: destroying its entry destroys the key.
 * 2. At most NONCE_LIMIT writes are ever leased under one page key (SP 800-38D, 8.3: random
 *    nonces of 96 bits, at most 2^32 of them).
 * 3. A key is destroyed only when a rotation ends; until then its epoch decrypts.
 * 4. An epoch that did not come to be leaves no trace: both new ones of a rotation, or none.
 */

#include <stdlib.h>
#include <string.h>

#include "keyring/keyring_int.h"

enum rc
epoch_wrap_key(const struct keyring_keys *keys, enum epoch_purpose purpose,
    const uint8_t *vault_id, uint8_t out[KEY_LEN])
{
	return purpose == EPOCH_PAGE
	    ? keyring_expand(keys->slot.master, "epoch-wrap", vault_id, out, KEY_LEN)
	    : keyring_expand(
	          keys->slot.field_master, "field-epoch-wrap", vault_id, out, KEY_LEN);
}

enum rc
epochs_unwrap(const struct header *h, struct keyring_keys *keys)
{
	uint8_t kek[KEY_LEN];
	enum rc rc;
	int i;

	rc = epoch_wrap_key(keys, EPOCH_PAGE, h->vault_id, kek);
	for (i = 0; rc == RC_OK && i < HEADER_EPOCHS; i++) {
		const struct epoch *e = &h->epochs[i];

		if (e->number && e->purpose == EPOCH_PAGE && e->state != EPOCH_DESTROYED)
			rc = key_unwrap(kek, e->wrapped, keys->page[i]);
		else
			secret_wipe(keys->page[i], KEY_LEN);
	}
	secret_wipe(kek, sizeof kek);
	return rc;
}

static struct epoch *
active(struct header *h, enum epoch_purpose purpose)
{
	int i;

	for (i = 0; i < HEADER_EPOCHS; i++)
		if (h->epochs[i].number && h->epochs[i].purpose == purpose &&
		    h->epochs[i].state == EPOCH_ACTIVE)
			return &h->epochs[i];
	return NULL;
}

/* An unused entry, else the destroyed one that was retired first. */
static struct epoch *
vacant(struct header *h)
{
	struct epoch *oldest = NULL;
	int i;

	for (i = 0; i < HEADER_EPOCHS; i++) {
		struct epoch *e = &h->epochs[i];

		if (e->number == 0)
			return e;
		if (e->state == EPOCH_DESTROYED && (!oldest || e->retired < oldest->retired))
			oldest = e;
	}
	return oldest;
}

static uint32_t
highest(const struct header *h, enum epoch_purpose purpose)
{
	uint32_t n = 0;
	int i;

	for (i = 0; i < HEADER_EPOCHS; i++)
		if (h->epochs[i].purpose == purpose && h->epochs[i].number > n)
			n = h->epochs[i].number;
	return n;
}

enum rc
epoch_add(struct header *h, struct keyring_keys *keys, enum epoch_purpose purpose)
{
	struct epoch fresh = { .purpose = purpose, .state = EPOCH_ACTIVE };
	struct epoch *place = vacant(h), *before = active(h, purpose);
	uint8_t kek[KEY_LEN], key[KEY_LEN];
	enum rc rc;

	if (!place || highest(h, purpose) == UINT32_MAX)
		return RC_LIMIT;
	fresh.number = highest(h, purpose) + 1;
	fresh.created = keyring_now();
	rc = epoch_wrap_key(keys, purpose, h->vault_id, kek);
	if (rc == RC_OK)
		rc = random_bytes(key, sizeof key);
	if (rc == RC_OK)
		rc = key_wrap(kek, key, fresh.wrapped);
	if (rc == RC_OK) {
		if (before) {
			before->state = EPOCH_DECRYPT_ONLY;
			before->retired = fresh.created;
		}
		*place = fresh;
		if (purpose == EPOCH_PAGE)
			memcpy(keys->page[place - h->epochs], key, KEY_LEN);
	}
	secret_wipe(kek, sizeof kek);
	secret_wipe(key, sizeof key);
	return rc;
}

void
epoch_age(struct header *h)
{
	struct epoch *e = active(h, EPOCH_PAGE);

	if (e->leased < NONCE_LIMIT)
		e->leased += (NONCE_LIMIT - e->leased) / 2;
}

uint32_t
keyring_page_epoch(struct keyring *kr)
{
	uint32_t n;

	pthread_mutex_lock(&kr->lock);
	n = active(&kr->header, EPOCH_PAGE)->number;
	pthread_mutex_unlock(&kr->lock);
	return n;
}

enum rc
keyring_page_key(struct keyring *kr, uint32_t epoch, uint8_t out[KEY_LEN])
{
	enum rc rc = RC_NOTFOUND;
	int i;

	pthread_mutex_lock(&kr->lock);
	if (!kr->keys)
		rc = RC_LOCKED;
	for (i = 0; rc == RC_NOTFOUND && epoch && i < HEADER_EPOCHS; i++) {
		const struct epoch *e = &kr->header.epochs[i];

		if (e->number != epoch || e->purpose != EPOCH_PAGE ||
		    e->state == EPOCH_DESTROYED)
			continue;
		memcpy(out, kr->keys->page[i], KEY_LEN);
		rc = RC_OK;
	}
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

static enum rc
lease(struct keyring *kr, uint32_t *epoch)
{
	struct epoch *e = active(&kr->header, EPOCH_PAGE);
	enum rc rc;

	if (!kr->keys)
		return RC_LOCKED;
	if (e->leased + NONCE_LEASE > NONCE_LIMIT) {
		rc = epoch_add(&kr->header, kr->keys, EPOCH_PAGE);
		if (rc != RC_OK)
			return rc;
		e = active(&kr->header, EPOCH_PAGE);
	}
	rc = fresh_unseal(kr);
	if (rc != RC_OK)
		return rc;
	e->leased += NONCE_LEASE;
	kr->dirty = true;
	*epoch = e->number;
	return RC_OK;
}

enum rc
keyring_lease(struct keyring *kr, uint32_t *epoch)
{
	enum rc rc;

	pthread_mutex_lock(&kr->lock);
	rc = lease(kr, epoch);
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

enum rc
keyring_lease_return(struct keyring *kr, uint32_t epoch, uint32_t unused)
{
	struct epoch *e;
	enum rc rc = RC_OK;

	pthread_mutex_lock(&kr->lock);
	e = active(&kr->header, EPOCH_PAGE);
	if (!kr->keys)
		rc = RC_LOCKED;
	else if (unused && e->number == epoch && e->leased >= unused) {
		e->leased -= unused;
		kr->dirty = true;
	}
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

enum rc
rotation_begin(struct header *h, struct keyring_keys *keys)
{
	enum rc rc = epoch_add(h, keys, EPOCH_PAGE);

	if (rc == RC_OK && keys->slot.has_field_master)
		rc = epoch_add(h, keys, EPOCH_FIELD);
	if (rc != RC_OK)
		return rc;
	h->rotation.active = true;
	h->rotation.to = active(h, EPOCH_PAGE)->number;
	h->rotation.begun = active(h, EPOCH_PAGE)->created;
	return RC_OK;
}

/* Both epochs in a copy of header and keys, so that one alone is never kept. */
static enum rc
rotate_begin(struct keyring *kr, struct header *h, struct keyring_keys *keys)
{
	enum rc rc;

	*h = kr->header;
	*keys = *kr->keys;
	rc = rotation_begin(h, keys);
	if (rc != RC_OK)
		return rc;
	kr->header = *h;
	*kr->keys = *keys;
	kr->dirty = true;
	return RC_OK;
}

enum rc
keyring_rotate_begin(struct keyring *kr)
{
	struct header *h = malloc(sizeof *h);
	struct keyring_keys *keys = secret_alloc(sizeof *keys);
	enum rc rc = RC_NOMEM;

	pthread_mutex_lock(&kr->lock);
	if (h && keys)
		rc = !kr->keys ? RC_LOCKED
		    : kr->header.rotation.active ? RC_EXISTS : rotate_begin(kr, h, keys);
	pthread_mutex_unlock(&kr->lock);
	secret_release(keys);
	free(h);
	return rc;
}

/* The key in memory stays until the header is written: if it can't be, the epoch is back. */
static void
destroy(struct epoch *e)
{
	e->state = EPOCH_DESTROYED;
	memset(e->wrapped, 0, WRAPPED_KEY_LEN);
}

enum rc
keyring_rotate_finish(struct keyring *kr, bool fields)
{
	enum rc rc = RC_OK;
	int i;

	pthread_mutex_lock(&kr->lock);
	if (!kr->keys)
		rc = RC_LOCKED;
	else if (!kr->header.rotation.active)
		rc = RC_NOTFOUND;
	for (i = 0; rc == RC_OK && i < HEADER_EPOCHS; i++) {
		struct epoch *e = &kr->header.epochs[i];

		if (e->number == 0 || e->state != EPOCH_DECRYPT_ONLY)
			continue;
		if (e->purpose == EPOCH_PAGE ? e->number < kr->header.rotation.to : fields)
			destroy(e);
	}
	if (rc == RC_OK) {
		memset(&kr->header.rotation, 0, sizeof kr->header.rotation);
		kr->dirty = true;
	}
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

struct rotation
keyring_rotation(struct keyring *kr)
{
	struct rotation r;

	pthread_mutex_lock(&kr->lock);
	r = kr->header.rotation;
	pthread_mutex_unlock(&kr->lock);
	return r;
}
