/*
 * New master keys for a vault that is open here and nowhere else.
 *
 *     slots sealed anew -> audit, seed wrapped under both -> closed -> header -> opened
 *
 * 1. The database and the header can't change in one step. The seed of the audit's chain is
 *    therefore wrapped under the new key beside the old wrap before the header changes, and
 *    the old wrap goes when the rotation that follows ends: whichever header is the vault's,
 *    one of them opens.
 * 2. The header changes while the vault is closed: then no log, no journal and no other
 *    process stands under the old keys.
 * 3. Whatever fails, the vault is opened again under the keys of its header, or not at all.
 */

#include <stdio.h>
#include <string.h>

#include "store/audit_int.h"
#include "store/keys.h"
#include "store/seen.h"
#include "store/unlocked.h"
#include "store/vault_open.h"
#include "vfs/vfs.h"

#define DROPPED_LEN 80 /* the numbers of 16 slots */

/* The secrets as the keyring takes them. */
struct presented {
	struct keyring_secret ks[KEYS_SLOTS];
	struct secret *normal[KEYS_SLOTS];
	const struct keyring_secret *list[HEADER_SLOTS];
};

static void
unpresent(struct presented *p)
{
	int i;

	for (i = 0; i < KEYS_SLOTS; i++)
		secret_free(p->normal[i]);
}

static enum rc
make(struct vault *v, const struct vault_secret *const secrets[KEYS_SLOTS],
    struct master_change **out, struct err *err)
{
	struct presented p = { .list = { NULL } };
	enum rc rc = RC_OK;
	int i;

	for (i = 0; rc == RC_OK && i < KEYS_SLOTS; i++) {
		if (!secrets[i])
			continue;
		rc = vault_present(secrets[i], &p.ks[i], &p.normal[i], err);
		p.list[i] = &p.ks[i];
	}
	if (rc == RC_OK)
		rc = keyring_master_make(unlocked_keyring(v->unlocked), p.list, out, err);
	unpresent(&p);
	return rc;
}

static void
name_dropped(struct vault *v, const struct vault_secret *const secrets[KEYS_SLOTS],
    char out[DROPPED_LEN])
{
	struct slot_info slots[HEADER_SLOTS];
	size_t len = 0;
	int i;

	out[0] = '\0';
	keyring_slots(unlocked_keyring(v->unlocked), slots);
	for (i = 0; i < HEADER_SLOTS && len < DROPPED_LEN; i++)
		if (slots[i].type != SLOT_EMPTY && !secrets[i])
			len += (size_t)snprintf(out + len, DROPPED_LEN - len, "%s%d",
			    len ? ", " : "; dropped: slot ", i);
}

/* The entry in the audit, and its seed under the key that will be: one transaction. */
static enum rc
prepare(struct vault *v, const struct master_change *m, const char *text, struct err *err)
{
	const struct audit_entry e = { .event = AUDIT_ROTATED, .count = -1, .reason = text };
	uint8_t kek[KEY_LEN];
	enum rc rc = keyring_master_derive_field(m, AUDIT_WRAP_LABEL, kek, sizeof kek);

	if (rc == RC_OK)
		rc = vault_begin(v);
	if (rc != RC_OK)
		goto out;
	rc = audit_append(v, &e);
	if (rc == RC_OK)
		rc = audit_seed_add(v, kek);
	if (rc == RC_OK)
		rc = vault_commit(v);
	else
		vault_rollback(v);
out:
	secret_wipe(kek, sizeof kek);
	if (rc != RC_OK)
		err_set(err, rc, "nothing was changed, since the audit can't be written: %s",
		    v->err.text);
	return rc;
}

static enum rc
apply(void *arg, struct keyring *kr, struct keyring **fresh, struct err *err)
{
	return keyring_master_apply(kr, arg, fresh, err);
}

static enum rc
enter_again(struct vault *v, struct keyring *kr, struct err *err)
{
	enum rc rc = vault_enter(v, kr);

	if (rc == RC_OK)
		return rc;
	err_set(err, rc,
	    "the master keys are new, but the vault can't be opened again here: %s; open it, "
	    "then strongroom rotate goes on",
	    v->err.text);
	vault_detach(v);
	return rc;
}

static enum rc
replace(struct vault *v, struct master_change *m, struct err *err)
{
	struct keyring *old = keyring_ref(unlocked_keyring(v->unlocked)), *fresh = NULL;
	const struct audit_entry undone = { .event = AUDIT_ROTATED, .count = -1,
		.reason = "master keys: it failed, and nothing was changed" };
	enum rc rc;

	vault_detach(v);
	rc = vfs_header_replace(VFS_NAME, v->path, old, apply, m, &fresh, err);
	if (rc == RC_OK) {
		seen_retire(old, keyring_sequence(fresh));
		rc = enter_again(v, fresh, err);
	} else if (enter_again(v, old, NULL) == RC_OK) {
		audit_append(v, &undone);
	}
	keyring_free(old);
	keyring_free(fresh);
	return rc;
}

enum rc
keys_new_master(struct vault *v, const struct vault_secret *const secrets[KEYS_SLOTS],
    struct err *err)
{
	struct master_change *m = NULL;
	char dropped[DROPPED_LEN], text[DROPPED_LEN + 32];
	enum rc rc = keys_may_master(v, err);

	if (rc == RC_OK)
		rc = make(v, secrets, &m, err);
	if (rc == RC_OK) {
		name_dropped(v, secrets, dropped);
		snprintf(text, sizeof text, "master keys: new ones%s", dropped);
		rc = prepare(v, m, text, err);
	}
	if (rc == RC_OK)
		rc = replace(v, m, err);
	keyring_master_free(m);
	return err_default(err, rc);
}

enum rc
keys_may_master(struct vault *v, struct err *err)
{
	enum rc rc = vault_keys_ready(v, err);

	if (rc != RC_OK)
		return rc;
	if (!unlocked_alone(v->unlocked))
		return err_set(err, RC_BUSY,
		    "the master keys are replaced while nobody else has the vault open, this "
		    "program neither: close it, then run strongroom rotate %s --master", v->path);
	if (keyring_rotation(unlocked_keyring(v->unlocked)).active)
		return err_set(err, RC_EXISTS,
		    "a rotation of the page keys is running: strongroom rotate %s brings it to "
		    "its end; then replace the master keys", v->path);
	return err_default(err, keyring_need_full(unlocked_keyring(v->unlocked),
	    "replace the master keys", err));
}
