/*
 * What is asked of a keyring that is there: its facts, derived keys, another secret for a
 * slot.
 *
 * A secret is changed in two steps: the slow one (two runs of the KDF and the calibration)
 * makes the slot's new bytes and touches nothing; the quick one puts them into the header
 * under the header lock, if the slot is still the one that they were made from.
 */

#include <stdlib.h>
#include <string.h>

#include "keyring/keyring_int.h"

#define GETTER(type, name, expression)                                                   \
	type name(struct keyring *kr)                                                    \
	{                                                                                \
		type value;                                                              \
                                                                                         \
		pthread_mutex_lock(&kr->lock);                                           \
		value = (expression);                                                    \
		pthread_mutex_unlock(&kr->lock);                                         \
		return value;                                                            \
	}

GETTER(bool, keyring_is_unlocked, kr->keys != NULL)
GETTER(bool, keyring_dirty, kr->dirty)
GETTER(bool, keyring_needs_repair, kr->damaged)
GETTER(int, keyring_slot_used, kr->slot)
GETTER(enum slot_role, keyring_role,
    kr->keys && kr->keys->slot.has_field_master ? ROLE_FULL : ROLE_BROWSE)
GETTER(uint64_t, keyring_sequence, kr->header.sequence)
GETTER(uint32_t, keyring_page_size, kr->header.page_size)

void
keyring_vault_id(struct keyring *kr, uint8_t out[VAULT_ID_LEN])
{
	pthread_mutex_lock(&kr->lock);
	memcpy(out, kr->header.vault_id, VAULT_ID_LEN);
	pthread_mutex_unlock(&kr->lock);
}

void
keyring_header(struct keyring *kr, struct header *out)
{
	pthread_mutex_lock(&kr->lock);
	*out = kr->header;
	pthread_mutex_unlock(&kr->lock);
}

enum rc
keyring_set_page_size(struct keyring *kr, uint32_t size)
{
	if (!page_size_ok(size))
		return RC_LIMIT;
	pthread_mutex_lock(&kr->lock);
	if (kr->header.page_size != size) {
		kr->header.page_size = size;
		kr->dirty = true;
	}
	pthread_mutex_unlock(&kr->lock);
	return RC_OK;
}

enum rc
keyring_derive(struct keyring *kr, const char *label, uint8_t *out, size_t len)
{
	enum rc rc = RC_LOCKED;

	pthread_mutex_lock(&kr->lock);
	if (kr->keys)
		rc = keyring_expand(
		    kr->keys->slot.master, label, kr->header.vault_id, out, len);
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

enum rc
keyring_derive_field(struct keyring *kr, const char *label, uint8_t *out, size_t len)
{
	enum rc rc = RC_LOCKED;

	pthread_mutex_lock(&kr->lock);
	if (kr->keys && !kr->keys->slot.has_field_master)
		rc = RC_DENIED;
	else if (kr->keys)
		rc = keyring_expand(
		    kr->keys->slot.field_master, label, kr->header.vault_id, out, len);
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

void
keyring_slots(struct keyring *kr, struct slot_info out[HEADER_SLOTS])
{
	int i;

	pthread_mutex_lock(&kr->lock);
	for (i = 0; i < HEADER_SLOTS; i++)
		slot_info(kr->header.slots[i], &out[i], NULL);
	pthread_mutex_unlock(&kr->lock);
}

/* Make the new bytes of the slot that ${old} has opened with ${keys}. */
static enum rc
reseal(const struct header *h, int slot, const struct slot_keys *keys,
    const struct keyring_secret *fresh, const struct kdf_params *kdf,
    struct slot_change *out, struct err *err)
{
	struct slot_info info;
	enum rc rc;

	rc = slot_info(h->slots[slot], &info, err);
	if (rc != RC_OK)
		return rc;
	out->slot = slot;
	memcpy(out->old_id, info.id, SLOT_ID_LEN);
	rc = keyring_choose_kdf(kdf, &info.kdf, err);
	if (rc != RC_OK)
		return rc;
	info.created = keyring_now();
	return slot_seal(&info, h->vault_id, fresh->bytes, keys, out->raw);
}

enum rc
keyring_change_secret(struct keyring *kr, int slot, const struct keyring_secret *old,
    const struct keyring_secret *fresh, const struct kdf_params *kdf,
    struct slot_change *out, struct err *err)
{
	struct slot_keys *keys = secret_alloc(sizeof *keys);
	struct header *h = malloc(sizeof *h);
	enum rc rc = RC_NOMEM;
	int opened;

	memset(out, 0, sizeof *out);
	if (!keys || !h)
		goto out;
	keyring_header(kr, h);
	rc = keyring_is_unlocked(kr) ? RC_OK : RC_LOCKED;
	if (rc == RC_OK && old->type != fresh->type)
		rc = err_set(err, RC_INPUT, "the new secret must be of the old one's kind");
	if (rc == RC_OK)
		rc = keyring_check_secret(fresh, err);
	if (rc == RC_OK)
		rc = keyring_try_slots(h, slot, old, &opened, keys, err);
	if (rc == RC_OK)
		rc = reseal(h, opened, keys, fresh, kdf, out, err);
out:
	free(h);
	secret_release(keys);
	return err_default(err, rc);
}

enum rc
keyring_apply(struct keyring *kr, const struct slot_change *change)
{
	struct slot_info now;
	enum rc rc = RC_BUSY;

	pthread_mutex_lock(&kr->lock);
	if (!kr->keys)
		rc = RC_LOCKED;
	else if (slot_info(kr->header.slots[change->slot], &now, NULL) == RC_OK &&
	    now.type != SLOT_EMPTY && memcmp(now.id, change->old_id, SLOT_ID_LEN) == 0) {
		memcpy(kr->header.slots[change->slot], change->raw, SLOT_LEN);
		kr->dirty = true;
		rc = RC_OK;
	}
	pthread_mutex_unlock(&kr->lock);
	return rc;
}
