/*
 * The contexts and the lease of one connection.
 *
 * 1. A page is sealed only while a lease is held, and each seal uses one write of it up.
 * 2. Contexts exist for the epochs of the header that was seen last, and for no others.
 */

#include "vfs/crypt.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "vfs/vfs_int.h"

static enum rc
make_masks(struct crypt *c)
{
	uint8_t wal[MASK_KEY_LEN], journal[KEY_LEN], seal[KEY_LEN];
	enum rc rc;

	rc = keyring_derive(c->kr, "wal-mask", wal, sizeof wal);
	if (rc == RC_OK)
		rc = keyring_derive(c->kr, "journal-mask", journal, sizeof journal);
	if (rc == RC_OK) /* its first half; the other one is the keyring's */
		rc = keyring_derive(c->kr, "seal", seal, sizeof seal);
	if (rc == RC_OK)
		rc = mask_new(wal, &c->wal);
	if (rc == RC_OK)
		rc = block_new(journal, &c->journal);
	if (rc == RC_OK)
		rc = cmac_new(seal, &c->seal);
	secret_wipe(seal, sizeof seal);
	secret_wipe(wal, sizeof wal);
	secret_wipe(journal, sizeof journal);
	return rc;
}

enum rc
crypt_open(struct crypt *c, struct keyring *kr)
{
	enum rc rc;

	memset(c, 0, sizeof *c);
	c->kr = kr;
	keyring_vault_id(kr, c->vault_id);
	rc = make_masks(c);
	if (rc == RC_OK)
		rc = crypt_follow(c);
	if (rc != RC_OK) {
		c->kr = NULL;
		crypt_close(c);
	}
	return rc;
}

void
crypt_close(struct crypt *c)
{
	while (c->epoch_n > 0)
		aead_free(c->epochs[--c->epoch_n].aead);
	mask_free(c->wal);
	block_free(c->journal);
	mac_free(c->seal);
	keyring_free(c->kr);
	secret_wipe(c, sizeof *c);
}

static struct aead *
find(const struct crypt *c, uint32_t number)
{
	int i;

	for (i = 0; i < c->epoch_n; i++)
		if (c->epochs[i].number == number)
			return c->epochs[i].aead;
	return NULL;
}

static enum rc
add(struct crypt *c, const struct epoch *e)
{
	uint8_t key[KEY_LEN];
	struct aead *a = NULL;
	enum rc rc;

	rc = keyring_page_key(c->kr, e->number, key);
	if (rc == RC_OK)
		rc = aead_new(key, &a);
	secret_wipe(key, sizeof key);
	if (rc != RC_OK)
		return rc;
	c->epochs[c->epoch_n].number = e->number;
	memcpy(c->epochs[c->epoch_n].wrapped, e->wrapped, WRAPPED_KEY_LEN);
	c->epochs[c->epoch_n++].aead = a;
	return RC_OK;
}

/*
 * Whether the header has this very key: an epoch that another connection made and could not
 * write is made again, under the same number.
 */
static bool
usable(const struct header *h, uint32_t number, const uint8_t wrapped[WRAPPED_KEY_LEN])
{
	int i;

	for (i = 0; i < HEADER_EPOCHS; i++)
		if (h->epochs[i].number == number && h->epochs[i].purpose == EPOCH_PAGE)
			return h->epochs[i].state != EPOCH_DESTROYED &&
			    memcmp(h->epochs[i].wrapped, wrapped, WRAPPED_KEY_LEN) == 0;
	return false;
}

static void
drop_stale(struct crypt *c, const struct header *h)
{
	int i;

	for (i = 0; i < c->epoch_n; i++) {
		if (usable(h, c->epochs[i].number, c->epochs[i].wrapped))
			continue;
		if (c->epochs[i].number == c->lease_epoch)
			c->lease_left = 0;
		aead_free(c->epochs[i].aead);
		c->epochs[i--] = c->epochs[--c->epoch_n];
	}
}

enum rc
crypt_follow(struct crypt *c)
{
	const uint64_t sequence = keyring_sequence(c->kr);
	struct header *h;
	enum rc rc = RC_OK;
	int i;

	if (c->epoch_n > 0 && c->followed == sequence)
		return RC_OK;
	h = malloc(sizeof *h);
	if (!h)
		return RC_NOMEM;
	keyring_header(c->kr, h);
	if (c->lease_epoch != keyring_page_epoch(c->kr) ||
	    c->lease_seals != keyring_seals(c->kr))
		c->lease_left = 0;
	drop_stale(c, h);
	for (i = 0; rc == RC_OK && i < HEADER_EPOCHS; i++) {
		const struct epoch *e = &h->epochs[i];

		if (e->number && e->purpose == EPOCH_PAGE && e->state != EPOCH_DESTROYED &&
		    !find(c, e->number))
			rc = add(c, e);
	}
	if (rc == RC_OK)
		c->followed = sequence;
	free(h);
	return rc;
}

void
crypt_leased(struct crypt *c, uint32_t epoch, uint32_t n)
{
	const uint64_t seals = keyring_seals(c->kr);

	if (c->lease_epoch != epoch || c->lease_seals != seals)
		c->lease_left = 0;
	c->lease_epoch = epoch;
	c->lease_seals = seals;
	c->lease_left += n;
	c->sealer = find(c, epoch);
}

enum rc
crypt_seal(struct crypt *c, const struct page_place *place, const uint8_t *in,
    uint32_t size, uint8_t *out)
{
	if (c->lease_left == 0 || !c->sealer)
		return RC_LIMIT;
	c->lease_left--;
	atomic_fetch_add_explicit(&vfs_counters.pages_sealed, 1, memory_order_relaxed);
	return page_seal(c->sealer, c->vault_id, c->lease_epoch, place, in, size, out);
}

enum rc
crypt_unseal(struct crypt *c, const struct page_place *place, const uint8_t *in,
    uint32_t size, uint8_t *out)
{
	struct aead *a = find(c, page_epoch(in, size));
	enum rc rc;

	if (!a)
		return RC_NOTFOUND;
	rc = page_open(a, c->vault_id, place, in, size, out);
	if (rc == RC_OK)
		atomic_fetch_add_explicit(
		    &vfs_counters.pages_opened, 1, memory_order_relaxed);
	return rc;
}
