/*
 * The slots of a keyring: tried, tested, added, changed, removed.
 *
 * A change is made in two steps: the slow one (runs of the KDF, the calibration) makes the
 * slot's new bytes and touches nothing; the quick one, keyring_apply, puts them into the
 * header under the header lock, if the slots are still those that they were made from.
 *
 * 1. The field master key goes into a slot only from keys that hold it, and only under a
 *    secret that is at hand: it is never wrapped under anything that the header says.
 * 2. A slot that opens with other keys than those held is not this vault's: whoever can
 *    make the header's MAC could have put it there.
 * 3. There is always a full slot that can be opened.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/bytes.h"
#include "keyring/keyring_int.h"
#include "keyring/recovery.h"

enum rc
keyring_check_secret(const struct keyring_secret *s, struct err *err)
{
	if (s->type < SLOT_PASSPHRASE || s->type > SLOT_RECOVERY)
		return err_set(err, RC_INPUT, "no slot of this type can be made");
	if (s->type == SLOT_KEYFILE && secret_len(s->bytes) < KEYFILE_MIN)
		return err_set(err, RC_INPUT,
		    "the key file is shorter than %d bytes; make one of random bytes",
		    KEYFILE_MIN);
	if (s->type == SLOT_RECOVERY && secret_len(s->bytes) != RECOVERY_LEN)
		return err_set(err, RC_INPUT, "this is not a recovery code");
	if (secret_len(s->bytes) == 0)
		return err_set(err, RC_INPUT, "the passphrase is empty; type one");
	return RC_OK;
}

enum rc
keyring_choose_kdf(enum slot_type type, const struct kdf_params *asked,
    struct kdf_params *out, struct err *err)
{
	if (type == SLOT_RECOVERY) { /* 150 random bits need no stretching */
		*out = (struct kdf_params){ .kind = KDF_NONE };
		return RC_OK;
	}
	if (!asked)
		return err_default(err, kdf_calibrate(out, NULL));
	*out = *asked;
	return kdf_check(asked, err);
}

/* What trying the slots came to, the most telling first. */
struct tries {
	bool any, tampered, over;
};

static const char *
why_none(enum slot_type type)
{
	switch (type) {
	case SLOT_KEYFILE:
		return "no slot opens with this key file; is it the right one?";
	case SLOT_PASSPHRASE_KEYFILE:
		return "wrong passphrase, or another key file than the slot's; both must be right";
	case SLOT_RECOVERY:
		return "no slot opens with this recovery code; is the sheet this vault's, and was "
		       "its slot removed or changed since?";
	default:
		return "wrong passphrase; check the keyboard layout and Caps Lock";
	}
}

#define KINDS_LEN 320

/* What the slots of ${h} take (or ${slot} alone), each with its number. */
static void
list_kinds(const struct header *h, int slot, char out[KINDS_LEN])
{
	struct slot_info info;
	size_t len = 0;
	int i;

	out[0] = '\0';
	for (i = 0; i < HEADER_SLOTS && len < KINDS_LEN; i++) {
		if (slot != KEYRING_ANY && slot != i)
			continue;
		if (slot_info(h->slots[i], &info, NULL) == RC_OK && info.type != SLOT_EMPTY)
			len += (size_t)snprintf(out + len, KINDS_LEN - len, "%sa %s (slot %d)",
			    len > 0 ? ", " : "", slot_type_name(info.type), i);
	}
}

static enum rc
none_takes(const struct header *h, int slot, enum slot_type type, struct err *err)
{
	char kinds[KINDS_LEN];

	list_kinds(h, slot, kinds);
	if (kinds[0] == '\0')
		return err_set(err, RC_NOTFOUND, "there is no such slot in this vault");
	return err_set(err, RC_NOTFOUND, "this vault has no %s that takes a %s: give %s",
	    slot == KEYRING_ANY ? "slot" : "such slot", slot_type_name(type), kinds);
}

enum rc
keyring_try_slots(const struct header *h, int slot, const struct keyring_secret *s, int *opened,
    struct slot_keys *keys, struct err *err)
{
	struct tries t = { false, false, false };
	struct slot_info info;
	enum rc rc;
	int i;

	for (i = 0; i < HEADER_SLOTS; i++) {
		if (slot != KEYRING_ANY && slot != i)
			continue;
		if (slot_info(h->slots[i], &info, NULL) != RC_OK || info.type != s->type)
			continue;
		t.any = true;
		rc = slot_open(h->slots[i], h->vault_id, s->bytes, keys, err);
		*opened = i;
		if (rc == RC_OK || rc == RC_NOMEM || rc == RC_CANCELLED || rc == RC_INTERNAL)
			return rc;
		t.tampered |= rc == RC_TAMPER;
		t.over |= rc == RC_LIMIT;
	}
	if (t.tampered)
		return err_default(err, RC_TAMPER);
	if (t.over)
		return err_default(err, RC_LIMIT);
	if (!t.any)
		return none_takes(h, slot, s->type, err);
	return err_set(err, RC_PASS, "%s", why_none(s->type));
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

/* Full, and of a type that this program opens. */
static bool
is_full(const uint8_t *raw)
{
	struct slot_info info;

	return slot_info(raw, &info, NULL) == RC_OK && info.type >= SLOT_PASSPHRASE &&
	    info.type <= SLOT_RECOVERY && info.role == ROLE_FULL;
}

static int
count_full(const struct header *h)
{
	int i, n = 0;

	for (i = 0; i < HEADER_SLOTS; i++)
		n += is_full(h->slots[i]);
	return n;
}

/* "slot 0 "first" (passphrase) or slot 2 (key file)", as far as it fits. */
static void
list_full(const struct header *h, char *out, size_t cap)
{
	struct slot_info info;
	size_t len = 0;
	int i;

	out[0] = '\0';
	for (i = 0; i < HEADER_SLOTS && len < cap; i++) {
		if (!is_full(h->slots[i]))
			continue;
		slot_info(h->slots[i], &info, NULL);
		len += (size_t)snprintf(out + len, cap - len, "%sslot %d%s%s%s (%s)",
		    len ? " or " : "", i, info.label[0] ? " \"" : "", info.label,
		    info.label[0] ? "\"" : "", slot_type_name(info.type));
	}
}

enum rc
keyring_allow_field(struct keyring *kr, const char *what, struct err *err)
{
	char list[ERR_LEN / 2];

	if (!kr->keys)
		return err_default(err, RC_LOCKED);
	if (kr->keys->slot.has_field_master)
		return RC_OK;
	list_full(&kr->header, list, sizeof list);
	return err_set(err, RC_DENIED,
	    "slot %d is a browse slot and may not %s: unlock with %s", kr->slot, what,
	    list[0] ? list : "a full slot, of which this vault has none");
}

enum rc
keyring_need_full(struct keyring *kr, const char *what, struct err *err)
{
	enum rc rc;

	pthread_mutex_lock(&kr->lock);
	rc = keyring_allow_field(kr, what, err);
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

/* What a slot opened to against what is held. Without a field key there is none to compare. */
static enum rc
compare(struct keyring *kr, const struct slot_keys *keys, struct err *err)
{
	const struct slot_keys *held;
	enum rc rc = RC_LOCKED;

	pthread_mutex_lock(&kr->lock);
	held = kr->keys ? &kr->keys->slot : NULL;
	if (held)
		rc = equal_ct(keys->master, held->master, KEY_LEN) &&
		        (!keys->has_field_master || !held->has_field_master ||
		            equal_ct(keys->field_master, held->field_master, KEY_LEN))
		    ? RC_OK
		    : RC_TAMPER;
	pthread_mutex_unlock(&kr->lock);
	if (rc == RC_TAMPER)
		err_set(err, rc,
		    "the slot opens, but its keys are not this vault's: somebody put it there; "
		    "remove it");
	return rc;
}

static enum rc
open_slot(struct keyring *kr, const struct header *h, int slot,
    const struct keyring_secret *s, int *opened, struct slot_keys *keys, struct err *err)
{
	enum rc rc;

	if (!keyring_is_unlocked(kr))
		return RC_LOCKED;
	rc = keyring_try_slots(h, slot, s, opened, keys, err);
	return rc == RC_OK ? compare(kr, keys, err) : rc;
}

enum rc
keyring_test_slot(
    struct keyring *kr, int slot, const struct keyring_secret *s, struct err *err)
{
	struct slot_keys *keys = secret_alloc(sizeof *keys);
	struct header *h = malloc(sizeof *h);
	enum rc rc = RC_NOMEM;
	int opened;

	if (keys && h) {
		keyring_header(kr, h);
		rc = open_slot(kr, h, slot, s, &opened, keys, err);
	}
	free(h);
	secret_release(keys);
	return err_default(err, rc);
}

/* Make the new bytes of the slot that the old secret has opened with ${keys}. */
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
	rc = keyring_choose_kdf(info.type, kdf, &info.kdf, err);
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
	rc = RC_OK;
	if (old->type != fresh->type)
		rc = err_set(err, RC_INPUT, "the new secret must be of the old one's kind");
	if (rc == RC_OK)
		rc = keyring_check_secret(fresh, err);
	if (rc == RC_OK)
		rc = open_slot(kr, h, slot, old, &opened, keys, err);
	if (rc == RC_OK && keys->has_field_master)
		rc = keyring_need_full(kr, "change a full slot", err);
	if (rc == RC_OK)
		rc = reseal(h, opened, keys, fresh, kdf, out, err);
out:
	free(h);
	secret_release(keys);
	return err_default(err, rc);
}

/* The keys that a new slot of ${role} shall hold. */
static enum rc
keys_for(struct keyring *kr, enum slot_role role, struct slot_keys *keys, struct err *err)
{
	enum rc rc;

	pthread_mutex_lock(&kr->lock);
	rc = role == ROLE_FULL ? keyring_allow_field(kr, "make a full slot", err)
	    : kr->keys         ? RC_OK
	                       : RC_LOCKED;
	if (rc == RC_OK) {
		*keys = kr->keys->slot;
		if (role != ROLE_FULL) {
			secret_wipe(keys->field_master, KEY_LEN);
			keys->has_field_master = false;
		}
	}
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

static enum rc
first_empty(const struct header *h, int *slot, struct err *err)
{
	struct slot_info info;

	for (*slot = 0; *slot < HEADER_SLOTS; (*slot)++)
		if (slot_info(h->slots[*slot], &info, NULL) == RC_OK &&
		    info.type == SLOT_EMPTY)
			return RC_OK;
	return err_set(err, RC_LIMIT,
	    "all %d slots are taken: remove one that is no longer used", HEADER_SLOTS);
}

static enum rc
describe(const struct slot_new *asked, struct slot_info *info, struct err *err)
{
	enum rc rc;

	rc = keyring_check_secret(asked->secret, err);
	if (rc == RC_OK && !slot_label_ok(asked->label))
		rc = err_set(err, RC_INPUT,
		    "a slot's label is text of at most %d bytes without control characters",
		    SLOT_LABEL_LEN);
	if (rc == RC_OK)
		rc = keyring_choose_kdf(asked->secret->type, asked->kdf, &info->kdf, err);
	if (rc != RC_OK)
		return rc;
	info->type = asked->secret->type;
	info->role = asked->role;
	info->created = keyring_now();
	memcpy(info->label, asked->label, strlen(asked->label) + 1);
	return RC_OK;
}

enum rc
keyring_add_slot(struct keyring *kr, const struct slot_new *asked, struct slot_change *out,
    struct err *err)
{
	struct slot_keys *keys = secret_alloc(sizeof *keys);
	struct header *h = malloc(sizeof *h);
	struct slot_info info = { .type = SLOT_EMPTY };
	enum rc rc = RC_NOMEM;

	memset(out, 0, sizeof *out);
	if (!keys || !h)
		goto out;
	keyring_header(kr, h);
	rc = keys_for(kr, asked->role, keys, err);
	if (rc == RC_OK)
		rc = describe(asked, &info, err);
	if (rc == RC_OK)
		rc = first_empty(h, &out->slot, err);
	if (rc == RC_OK)
		rc = slot_seal(&info, h->vault_id, asked->secret->bytes, keys, out->raw);
out:
	free(h);
	secret_release(keys);
	return err_default(err, rc);
}

static enum rc
removable(const struct header *h, int slot, uint8_t id[SLOT_ID_LEN], struct err *err)
{
	struct slot_info info = { .type = SLOT_EMPTY };

	if (slot >= 0 && slot < HEADER_SLOTS)
		slot_info(h->slots[slot], &info, NULL);
	if (info.type == SLOT_EMPTY)
		return err_set(err, RC_NOTFOUND, "there is no slot %d in this vault", slot);
	if (is_full(h->slots[slot]) && count_full(h) == 1)
		return err_set(err, RC_DENIED,
		    "slot %d is the last full slot: without it nobody could open all of the "
		    "vault; add another full slot first",
		    slot);
	memcpy(id, info.id, SLOT_ID_LEN);
	return RC_OK;
}

enum rc
keyring_remove_slot(struct keyring *kr, int slot, struct slot_change *out, struct err *err)
{
	enum rc rc;

	memset(out, 0, sizeof *out);
	out->slot = slot;
	pthread_mutex_lock(&kr->lock);
	rc = keyring_allow_field(kr, "remove a slot", err);
	if (rc == RC_OK)
		rc = removable(&kr->header, slot, out->old_id, err);
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

/* Whether the header still is what ${change} was made from. Under the lock. */
static bool
still_fits(const struct header *h, const struct slot_change *change)
{
	struct slot_info now;
	uint8_t id[SLOT_ID_LEN];

	if (change->slot < 0 || change->slot >= HEADER_SLOTS ||
	    slot_info(h->slots[change->slot], &now, NULL) != RC_OK ||
	    memcmp(now.id, change->old_id, SLOT_ID_LEN) != 0)
		return false;
	return !all_zero(change->raw, SLOT_LEN) || removable(h, change->slot, id, NULL) == RC_OK;
}

enum rc
keyring_apply(struct keyring *kr, const struct slot_change *change)
{
	enum rc rc = RC_BUSY;

	pthread_mutex_lock(&kr->lock);
	if (!kr->keys)
		rc = RC_LOCKED;
	else if (still_fits(&kr->header, change)) {
		memcpy(kr->header.slots[change->slot], change->raw, SLOT_LEN);
		kr->dirty = true;
		rc = RC_OK;
	}
	pthread_mutex_unlock(&kr->lock);
	return rc;
}
