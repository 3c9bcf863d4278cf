/*
 * The keys of sealed fields.
 *
 * 1. They exist where the field master key is held: a browse slot gets RC_DENIED here, and
 *    holds nothing that they could be made from.
 * 2. The key of a field epoch is random and leaves this file only through HKDF, for one field:
 *    destroying the epoch's entry destroys what all fields are sealed under in it.
 * 3. The blind index has no epoch: a look-up must find what was written at any time. Its key
 *    changes with the field master key.
 */

#include <string.h>

#include "keyring/bytes.h"
#include "keyring/keyring_int.h"

#define FIELD_LABEL "strongroom/1/field"
#define BLIND_LABEL "strongroom/1/blind"

/* HKDF-Expand(${root}, ${label} | 0 | vault id | field). Both labels are as long. */
static enum rc
expand(const uint8_t root[KEY_LEN], const char *label, const uint8_t *vault_id,
    uint32_t field, uint8_t out[KEY_LEN])
{
	uint8_t info[sizeof FIELD_LABEL + VAULT_ID_LEN + 4];

	memcpy(info, label, sizeof FIELD_LABEL);
	memcpy(info + sizeof FIELD_LABEL, vault_id, VAULT_ID_LEN);
	be32_put(info + sizeof FIELD_LABEL + VAULT_ID_LEN, field);
	return hkdf_expand(root, info, sizeof info, out, KEY_LEN);
}

static const struct epoch *
find(const struct header *h, uint32_t number)
{
	int i;

	for (i = 0; number && i < HEADER_EPOCHS; i++)
		if (h->epochs[i].number == number && h->epochs[i].purpose == EPOCH_FIELD &&
		    h->epochs[i].state != EPOCH_DESTROYED)
			return &h->epochs[i];
	return NULL;
}

uint32_t
keyring_field_epoch(struct keyring *kr, int *retired)
{
	uint32_t active = 0;
	int i, n = 0;

	pthread_mutex_lock(&kr->lock);
	for (i = 0; i < HEADER_EPOCHS; i++) {
		const struct epoch *e = &kr->header.epochs[i];

		if (e->number == 0 || e->purpose != EPOCH_FIELD)
			continue;
		if (e->state == EPOCH_ACTIVE)
			active = e->number;
		n += e->state == EPOCH_DECRYPT_ONLY;
	}
	pthread_mutex_unlock(&kr->lock);
	if (retired)
		*retired = n;
	return active;
}

static enum rc
field_key(struct keyring *kr, uint32_t epoch, uint32_t field, uint8_t out[KEY_LEN],
    struct err *err)
{
	const uint8_t *id = kr->header.vault_id;
	uint8_t kek[KEY_LEN], key[KEY_LEN];
	const struct epoch *e = find(&kr->header, epoch);
	enum rc rc = keyring_allow_field(kr, "open what is sealed", err);

	if (rc != RC_OK)
		return rc;
	if (!e)
		return err_set(err, RC_NOTFOUND, "there is no field epoch %u, or its key is "
		    "destroyed", (unsigned)epoch);
	rc = epoch_wrap_key(kr->keys, EPOCH_FIELD, id, kek);
	if (rc == RC_OK)
		rc = key_unwrap(kek, e->wrapped, key);
	if (rc == RC_OK)
		rc = expand(key, FIELD_LABEL, id, field, out);
	secret_wipe(kek, sizeof kek);
	secret_wipe(key, sizeof key);
	return err_default(err, rc);
}

enum rc
keyring_field_key(struct keyring *kr, uint32_t epoch, uint32_t field, uint8_t out[KEY_LEN],
    struct err *err)
{
	enum rc rc;

	pthread_mutex_lock(&kr->lock);
	rc = field_key(kr, epoch, field, out, err);
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

enum rc
keyring_blind_key(struct keyring *kr, uint32_t field, uint8_t out[KEY_LEN], struct err *err)
{
	enum rc rc;

	pthread_mutex_lock(&kr->lock);
	rc = keyring_allow_field(kr, "search what is sealed", err);
	if (rc == RC_OK)
		rc = err_default(err, expand(kr->keys->slot.field_master, BLIND_LABEL,
		    kr->header.vault_id, field, out));
	pthread_mutex_unlock(&kr->lock);
	return rc;
}
