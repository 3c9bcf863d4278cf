/* What is asked of a keyring that is there: its facts and its derived keys. */

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

bool
keyring_same_vault(struct keyring *a, struct keyring *b)
{
	uint8_t id_a[VAULT_ID_LEN], id_b[VAULT_ID_LEN];

	keyring_vault_id(a, id_a);
	keyring_vault_id(b, id_b);
	return memcmp(id_a, id_b, VAULT_ID_LEN) == 0;
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
keyring_mac(struct keyring *kr, const char *label, const void *data, size_t len,
    uint8_t out[SHA256_LEN])
{
	uint8_t key[KEY_LEN];
	enum rc rc = keyring_derive(kr, label, key, sizeof key);

	if (rc == RC_OK)
		rc = hmac_sha256(key, sizeof key, data, len, out);
	secret_wipe(key, sizeof key);
	return rc;
}

enum rc
keyring_derive_field(struct keyring *kr, const char *label, uint8_t *out, size_t len,
    struct err *err)
{
	enum rc rc;

	pthread_mutex_lock(&kr->lock);
	rc = keyring_allow_field(kr, "open what is sealed", err);
	if (rc == RC_OK)
		rc = keyring_expand(
		    kr->keys->slot.field_master, label, kr->header.vault_id, out, len);
	pthread_mutex_unlock(&kr->lock);
	return rc;
}
