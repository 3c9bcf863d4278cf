/*
 * The keyring of a copy of the vault.
 *
 *     the vault's header and keys -> same id, slots and field epochs, page keys of its own
 *
 * 1. No page key of the vault is in the copy: what a rotation destroys here is not kept there.
 * 2. The number of the copy's page epoch is one that no page of the vault has had.
 * 3. The copy claims nothing of pages or of a log: it begins with none.
 */

#include <stdlib.h>
#include <string.h>

#include "keyring/keyring_int.h"

/* Of the page epochs the active one alone stays. */
static void
drop_older(struct header *h, struct keyring_keys *keys)
{
	int i;

	for (i = 0; i < HEADER_EPOCHS; i++) {
		struct epoch *e = &h->epochs[i];

		if (e->number == 0 || e->purpose != EPOCH_PAGE || e->state == EPOCH_ACTIVE)
			continue;
		memset(e, 0, sizeof *e);
		secret_wipe(keys->page[i], KEY_LEN);
	}
}

static enum rc
own_page_key(struct header *h, struct keyring_keys *keys)
{
	enum rc rc;

	drop_older(h, keys);
	rc = epoch_add(h, keys, EPOCH_PAGE);
	drop_older(h, keys);
	return rc;
}

static void
forget_pages(struct header *h)
{
	const uint64_t seals = h->fresh.seals;

	memset(&h->fresh, 0, sizeof h->fresh);
	memset(&h->rotation, 0, sizeof h->rotation);
	h->fresh.seals = seals;
}

enum rc
keyring_copy(struct keyring *kr, struct keyring **out)
{
	struct keyring *copy = keyring_new();
	enum rc rc = RC_NOMEM;

	*out = NULL;
	if (!copy)
		return RC_NOMEM;
	copy->keys = secret_alloc(sizeof *copy->keys);
	pthread_mutex_lock(&kr->lock);
	if (!kr->keys)
		rc = RC_LOCKED;
	else if (copy->keys) {
		copy->header = kr->header;
		*copy->keys = *kr->keys;
		copy->slot = kr->slot;
		rc = RC_OK;
	}
	pthread_mutex_unlock(&kr->lock);
	if (rc == RC_OK)
		rc = own_page_key(&copy->header, copy->keys);
	if (rc != RC_OK) {
		keyring_free(copy);
		return rc;
	}
	forget_pages(&copy->header);
	copy->dirty = true;
	copy->sum.known = true; /* of no page */
	*out = copy;
	return RC_OK;
}

void
keyring_go_ahead(struct keyring *kr, uint64_t n)
{
	pthread_mutex_lock(&kr->lock);
	kr->header.sequence += n;
	kr->dirty = true;
	pthread_mutex_unlock(&kr->lock);
}
