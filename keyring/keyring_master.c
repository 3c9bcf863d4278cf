/*
 * New master keys for a vault, as after a leak of the old ones.
 *
 *     keyring_master_make (slow: new keys, slots sealed anew) -> keyring_master_apply (quick)
 *
 * 1. A slot is carried over only under a secret that is at hand and that has opened it to the
 *    keys held; every other slot is gone.
 * 2. Whatever stands under the old master keys moves in one header: page and field epochs are
 *    wrapped again, the MAC is under the new header key, and a rotation begins at once, since
 *    the page keys must count as leaked too.
 * 3. The old keyring is not touched: until the new header is written it is the vault's.
 * 4. No log and no seal of before counts under the new keys.
 */

#include <stdlib.h>
#include <string.h>

#include "keyring/bytes.h"
#include "keyring/keyring_int.h"

struct master_change {
	struct slot_keys *keys;           /* the new ones, in the secure heap */
	uint8_t old_id[HEADER_SLOTS][SLOT_ID_LEN]; /* zero: it was empty */
	uint8_t raw[HEADER_SLOTS][SLOT_LEN];       /* zero: it becomes empty */
	uint8_t vault_id[VAULT_ID_LEN];
	int slot; /* that the new keyring counts as opened with */
};

static enum rc
fresh_keys(struct slot_keys *keys)
{
	enum rc rc = random_bytes(keys->master, KEY_LEN);

	if (rc == RC_OK)
		rc = random_bytes(keys->field_master, KEY_LEN);
	keys->has_field_master = true;
	return rc;
}

static enum rc
carry_over(struct keyring *kr, const struct header *h, int slot,
    const struct keyring_secret *secret, struct master_change *m, struct err *err)
{
	struct err why = { "" };
	struct slot_info info;
	enum rc rc = slot_info(h->slots[slot], &info, err);

	if (rc == RC_OK && info.type == SLOT_EMPTY)
		rc = err_set(err, RC_NOTFOUND, "there is no slot %d in this vault", slot);
	if (rc != RC_OK)
		return rc;
	rc = keyring_test_slot(kr, slot, secret, &why);
	if (rc != RC_OK)
		return err_set(err, rc, "slot %d: %s", slot, why.text);
	info.created = keyring_now();
	if (m->slot == KEYRING_ANY && info.role == ROLE_FULL)
		m->slot = slot;
	return slot_seal(&info, h->vault_id, secret->bytes, m->keys, m->raw[slot]);
}

static enum rc
make(struct keyring *kr, const struct header *h,
    const struct keyring_secret *const secrets[HEADER_SLOTS], struct master_change *m,
    struct err *err)
{
	const int used = keyring_slot_used(kr);
	struct slot_info info;
	enum rc rc = fresh_keys(m->keys);
	int i;

	memcpy(m->vault_id, h->vault_id, VAULT_ID_LEN);
	m->slot = KEYRING_ANY;
	for (i = 0; rc == RC_OK && i < HEADER_SLOTS; i++) {
		slot_info(h->slots[i], &info, NULL);
		memcpy(m->old_id[i], info.id, SLOT_ID_LEN);
		if (secrets[i])
			rc = carry_over(kr, h, i, secrets[i], m, err);
	}
	if (rc == RC_OK && m->slot == KEYRING_ANY)
		rc = err_set(err, RC_DENIED,
		    "no full slot would be left, and nobody could open all of the vault: "
		    "present the secret of a full one");
	if (rc == RC_OK && used >= 0 && !all_zero(m->raw[used], SLOT_LEN))
		m->slot = used;
	return rc;
}

enum rc
keyring_master_make(struct keyring *kr,
    const struct keyring_secret *const secrets[HEADER_SLOTS], struct master_change **out,
    struct err *err)
{
	struct master_change *m = calloc(1, sizeof *m);
	struct header *h = malloc(sizeof *h);
	enum rc rc = keyring_need_full(kr, "replace the master keys", err);

	*out = NULL;
	if (rc == RC_OK && (!m || !h || !(m->keys = secret_alloc(sizeof *m->keys))))
		rc = RC_NOMEM;
	if (rc == RC_OK) {
		keyring_header(kr, h);
		rc = h->rotation.active ? err_set(err, RC_EXISTS,
		    "a rotation of the page keys is running: let it come to its end first, with "
		    "rotate") : make(kr, h, secrets, m, err);
	}
	free(h);
	if (rc == RC_OK)
		*out = m;
	else
		keyring_master_free(m);
	return err_default(err, rc);
}

void
keyring_master_free(struct master_change *m)
{
	if (m)
		secret_release(m->keys);
	free(m);
}

enum rc
keyring_master_derive_field(
    const struct master_change *m, const char *label, uint8_t *out, size_t len)
{
	return keyring_expand(m->keys->field_master, label, m->vault_id, out, len);
}

/* The epochs of ${purpose} from under the key of ${old} to under that of ${fresh}. */
static enum rc
rewrap(struct header *h, enum epoch_purpose purpose, const struct keyring_keys *old,
    const struct keyring_keys *fresh)
{
	uint8_t from[KEY_LEN], to[KEY_LEN], key[KEY_LEN];
	enum rc rc = epoch_wrap_key(old, purpose, h->vault_id, from);
	int i;

	if (rc == RC_OK)
		rc = epoch_wrap_key(fresh, purpose, h->vault_id, to);
	for (i = 0; rc == RC_OK && i < HEADER_EPOCHS; i++) {
		struct epoch *e = &h->epochs[i];

		if (e->number == 0 || e->purpose != purpose || e->state == EPOCH_DESTROYED)
			continue;
		rc = key_unwrap(from, e->wrapped, key);
		if (rc == RC_OK)
			rc = key_wrap(to, key, e->wrapped);
	}
	secret_wipe(from, sizeof from);
	secret_wipe(to, sizeof to);
	secret_wipe(key, sizeof key);
	return rc;
}

static bool
still_fits(const struct header *h, const struct master_change *m)
{
	struct slot_info now;
	int i;

	for (i = 0; i < HEADER_SLOTS; i++) {
		slot_info(h->slots[i], &now, NULL);
		if (memcmp(now.id, m->old_id[i], SLOT_ID_LEN) != 0)
			return false;
	}
	return !h->rotation.active;
}

/* What counted under the old keys counts no more. */
static void
forget(struct freshness *f)
{
	f->wal_salt = f->wal_salt_previous = 0;
	f->sealed = false;
	f->pages = 0;
	memset(f->sum, 0, sizeof f->sum);
}

static enum rc
renew(const struct keyring *old, const struct master_change *m, struct keyring *fresh)
{
	struct header *h = &fresh->header;
	struct keyring_keys *keys = fresh->keys;
	enum rc rc;

	*h = old->header;
	memcpy(h->slots, m->raw, sizeof h->slots);
	keys->slot = *m->keys;
	rc = keyring_expand(keys->slot.master, "header", h->vault_id, keys->header, KEY_LEN);
	if (rc == RC_OK)
		rc = rewrap(h, EPOCH_PAGE, old->keys, keys);
	if (rc == RC_OK)
		rc = rewrap(h, EPOCH_FIELD, old->keys, keys);
	if (rc == RC_OK)
		rc = epochs_unwrap(h, keys);
	if (rc == RC_OK)
		rc = rotation_begin(h, keys);
	forget(&h->fresh);
	return rc;
}

enum rc
keyring_master_apply(
    struct keyring *kr, const struct master_change *m, struct keyring **out, struct err *err)
{
	struct keyring *fresh = keyring_new();
	enum rc rc = RC_NOMEM;

	*out = NULL;
	if (fresh)
		fresh->keys = secret_alloc(sizeof *fresh->keys);
	if (fresh && fresh->keys) {
		pthread_mutex_lock(&kr->lock);
		rc = !kr->keys                     ? RC_LOCKED
		    : !still_fits(&kr->header, m) ? RC_BUSY
		                                  : renew(kr, m, fresh);
		pthread_mutex_unlock(&kr->lock);
	}
	if (rc == RC_BUSY)
		err_set(err, rc, "another process changed the keys meanwhile: look at key list "
				 "and try again");
	if (rc != RC_OK) {
		keyring_free(fresh);
		return err_default(err, rc);
	}
	fresh->slot = m->slot;
	fresh->dirty = true;
	*out = fresh;
	return RC_OK;
}
