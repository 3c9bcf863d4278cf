/*
 * A vault's keys in memory: parse, unlock, lock, serialise, refresh.
 *
 *     keyring_parse -> locked -- keyring_unlock --> unlocked -- keyring_lock --> locked
 *     keyring_create ----------------------------> unlocked
 *
 * 1. Keys exist in the secure heap, in kr->keys, and nowhere else; locked means NULL.
 * 2. The KDF never runs under the lock: a second thread is not held up for a second.
 * 3. A header is taken over (unlock, refresh) only after its MAC has verified.
 * 4. On failure the keyring is what it was. To go back, or on to what was written, needs no
 *    memory and no hash: it can't fail.
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keyring/bytes.h"
#include "keyring/keyring_int.h"

#define LABEL_PREFIX "strongroom/1/"
#define LABEL_MAX    64

uint64_t
keyring_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

enum rc
keyring_expand(const uint8_t root[KEY_LEN], const char *label,
    const uint8_t vault_id[VAULT_ID_LEN], uint8_t *out, size_t len)
{
	uint8_t info[sizeof LABEL_PREFIX + LABEL_MAX + VAULT_ID_LEN];
	size_t prefix = strlen(LABEL_PREFIX), n = strlen(label);

	if (n > LABEL_MAX)
		return RC_INTERNAL;
	memcpy(info, LABEL_PREFIX, prefix);
	memcpy(info + prefix, label, n + 1); /* with its NUL */
	memcpy(info + prefix + n + 1, vault_id, VAULT_ID_LEN);
	return hkdf_expand(root, info, prefix + n + 1 + VAULT_ID_LEN, out, len);
}

struct keyring *
keyring_new(void)
{
	struct keyring *kr = calloc(1, sizeof *kr);

	if (!kr)
		return NULL;
	if (pthread_mutex_init(&kr->lock, NULL) != 0) {
		free(kr);
		return NULL;
	}
	kr->refs = 1;
	kr->slot = KEYRING_ANY;
	return kr;
}

/* The keys of a new vault, its first slot and its first epochs. */
static enum rc
furnish(struct keyring *kr, const struct keyring_secret *s, const struct slot_info *info)
{
	struct header *h = &kr->header;
	struct keyring_keys *keys = kr->keys;
	enum rc rc;

	h->major = HEADER_MAJOR;
	h->minor = HEADER_MINOR;
	h->page_size = PAGE_SIZE_DEFAULT;
	h->created = info->created;
	keys->slot.has_field_master = true;
	rc = random_bytes(h->vault_id, VAULT_ID_LEN);
	if (rc == RC_OK)
		rc = random_bytes(keys->slot.master, KEY_LEN);
	if (rc == RC_OK)
		rc = random_bytes(keys->slot.field_master, KEY_LEN);
	if (rc == RC_OK)
		rc = keyring_expand(
		    keys->slot.master, "header", h->vault_id, keys->header, KEY_LEN);
	if (rc == RC_OK)
		rc = epoch_add(h, keys, EPOCH_PAGE);
	if (rc == RC_OK)
		rc = epoch_add(h, keys, EPOCH_FIELD);
	if (rc == RC_OK)
		rc = slot_seal(info, h->vault_id, s->bytes, &keys->slot, h->slots[0]);
	return rc;
}

enum rc
keyring_create(const struct keyring_secret *s, const struct kdf_params *kdf,
    const char *label, struct keyring **out, struct err *err)
{
	struct slot_info info = { .role = ROLE_FULL };
	struct keyring *kr;
	enum rc rc;

	*out = NULL;
	rc = keyring_check_secret(s, err);
	if (rc == RC_OK)
		rc = keyring_choose_kdf(s->type, kdf, &info.kdf, err);
	if (rc != RC_OK)
		return rc;
	info.type = s->type;
	info.created = keyring_now();
	strncpy(info.label, label ? label : "", SLOT_LABEL_LEN);
	kr = keyring_new();
	if (!kr)
		return err_default(err, RC_NOMEM);
	kr->keys = secret_alloc(sizeof *kr->keys);
	rc = kr->keys ? furnish(kr, s, &info) : RC_NOMEM;
	if (rc != RC_OK) {
		keyring_free(kr);
		return err_default(err, rc);
	}
	kr->slot = 0;
	kr->dirty = true;
	kr->sum.known = true; /* of no page */
	*out = kr;
	return RC_OK;
}

enum rc
keyring_parse(const uint8_t *area, size_t len, struct keyring **out, struct err *err)
{
	struct keyring *kr = keyring_new();
	enum rc rc;
	int copy;

	*out = NULL;
	if (!kr)
		return err_default(err, RC_NOMEM);
	rc = header_pick(area, len, &kr->header, &copy, &kr->damaged, err);
	if (rc != RC_OK) {
		keyring_free(kr);
		return rc;
	}
	memcpy(kr->raw, area + (size_t)copy * HEADER_LEN, HEADER_LEN);
	kr->stored = kr->header;
	*out = kr;
	return RC_OK;
}

/* Whether ${keys} fit the header: its MAC, and what its epochs wrap. */
static enum rc
check_header(const struct header *h, const uint8_t *raw, struct keyring_keys *keys,
    struct err *err)
{
	enum rc rc;

	rc = keyring_expand(keys->slot.master, "header", h->vault_id, keys->header, KEY_LEN);
	if (rc == RC_OK)
		rc = header_check_mac(raw, keys->header);
	if (rc == RC_OK)
		rc = epochs_unwrap(h, keys);
	if (rc == RC_TAMPER)
		return err_set(err, rc,
		    "the secret is right, but the vault's header was altered since it was "
		    "written; do not trust this file, use a backup");
	return rc;
}

/* A copy of what unlocking works on, made under the lock. */
struct snapshot {
	struct header header;
	uint8_t raw[HEADER_LEN];
};

static struct snapshot *
snapshot(struct keyring *kr)
{
	struct snapshot *s = malloc(sizeof *s);

	if (!s)
		return NULL;
	pthread_mutex_lock(&kr->lock);
	s->header = kr->header;
	memcpy(s->raw, kr->raw, HEADER_LEN);
	pthread_mutex_unlock(&kr->lock);
	return s;
}

/* Hold ${keys}, unless the header has changed meanwhile or another thread was first. */
static enum rc
hold(struct keyring *kr, const struct snapshot *s, int slot, struct keyring_keys *keys)
{
	enum rc rc = RC_BUSY;

	pthread_mutex_lock(&kr->lock);
	if (kr->header.sequence == s->header.sequence) {
		secret_release(kr->keys);
		kr->keys = keys;
		kr->slot = slot;
		rc = RC_OK;
	}
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

enum rc
keyring_unlock(
    struct keyring *kr, int slot, const struct keyring_secret *s, struct err *err)
{
	struct keyring_keys *keys = secret_alloc(sizeof *keys);
	struct snapshot *snap = snapshot(kr);
	enum rc rc = RC_NOMEM;
	int opened = KEYRING_ANY;

	if (!keys || !snap)
		goto out;
	rc = keyring_try_slots(&snap->header, slot, s, &opened, &keys->slot, err);
	if (rc == RC_OK)
		rc = check_header(&snap->header, snap->raw, keys, err);
	if (rc == RC_OK)
		rc = hold(kr, snap, opened, keys);
	if (rc == RC_OK)
		keys = NULL;
out:
	free(snap);
	secret_release(keys);
	return err_default(err, rc);
}

void
keyring_lock(struct keyring *kr)
{
	pthread_mutex_lock(&kr->lock);
	secret_release(kr->keys);
	kr->keys = NULL;
	kr->slot = KEYRING_ANY;
	pthread_mutex_unlock(&kr->lock);
}

struct keyring *
keyring_ref(struct keyring *kr)
{
	pthread_mutex_lock(&kr->lock);
	kr->refs++;
	pthread_mutex_unlock(&kr->lock);
	return kr;
}

void
keyring_free(struct keyring *kr)
{
	int left;

	if (!kr)
		return;
	pthread_mutex_lock(&kr->lock);
	left = --kr->refs;
	pthread_mutex_unlock(&kr->lock);
	if (left > 0)
		return;
	secret_release(kr->keys);
	pthread_mutex_destroy(&kr->lock);
	free(kr);
}

static enum rc
serialise(struct keyring *kr, uint8_t *area)
{
	struct header h = kr->header;
	enum rc rc = RC_OK;
	int i;

	if (!kr->keys)
		return RC_LOCKED;
	h.sequence++;
	h.modified = keyring_now();
	kr->serialised = h;
	for (i = 0; rc == RC_OK && i < HEADER_COPIES; i++)
		rc = header_encode(&h, i, kr->keys->header, area + i * HEADER_LEN);
	return rc;
}

enum rc
keyring_serialise(struct keyring *kr, uint8_t area[HEADER_AREA_LEN])
{
	enum rc rc;

	pthread_mutex_lock(&kr->lock);
	rc = serialise(kr, area);
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

void
keyring_written(struct keyring *kr, const uint8_t area[HEADER_AREA_LEN])
{
	int i;

	pthread_mutex_lock(&kr->lock);
	kr->header = kr->stored = kr->serialised;
	memcpy(kr->raw, area, HEADER_LEN);
	kr->dirty = false;
	kr->damaged = false;
	for (i = 0; kr->keys && i < HEADER_EPOCHS; i++)
		if (kr->header.epochs[i].state == EPOCH_DESTROYED)
			secret_wipe(kr->keys->page[i], KEY_LEN);
	pthread_mutex_unlock(&kr->lock);
}

void
keyring_revert(struct keyring *kr)
{
	pthread_mutex_lock(&kr->lock);
	if (kr->dirty && kr->stored.sequence > 0) {
		kr->header = kr->stored;
		kr->dirty = false;
	}
	pthread_mutex_unlock(&kr->lock);
}

/*
 * Whether no slot is what it was. New master keys seal each slot anew; who alters a header
 * without the keys, and does not want to be told from that, gets no further: it is the next
 * opening that finds out.
 */
static bool
has_other_slots(const struct header *ours, const struct header *fresh)
{
	static const uint8_t empty[SLOT_LEN];
	int i;

	for (i = 0; i < HEADER_SLOTS; i++)
		if (memcmp(ours->slots[i], empty, SLOT_LEN) != 0 &&
		    memcmp(ours->slots[i], fresh->slots[i], SLOT_LEN) == 0)
			return false;
	return true;
}

/* Take ${fresh} over if it is newer and authentic. Under the lock. */
static enum rc
take_over(struct keyring *kr, const struct header *fresh, const uint8_t *raw,
    struct err *err)
{
	struct keyring_keys *keys;
	enum rc rc;

	if (fresh->sequence <= kr->header.sequence)
		return RC_OK;
	if (kr->dirty)
		return RC_BUSY;
	if (!kr->keys) {
		kr->sum.known = false; /* who wrote the header may have written pages */
		kr->header = kr->stored = *fresh;
		memcpy(kr->raw, raw, HEADER_LEN);
		return RC_OK;
	}
	keys = secret_alloc(sizeof *keys);
	if (!keys)
		return RC_NOMEM;
	keys->slot = kr->keys->slot;
	rc = check_header(fresh, raw, keys, NULL);
	if (rc == RC_TAMPER && has_other_slots(&kr->header, fresh))
		rc = err_set(err, RC_LOCKED, "the vault has other master keys than when it was "
					     "opened here: close it and open it again");
	else if (rc == RC_TAMPER)
		err_set(err, rc, "the header was altered since the vault was opened here: close "
				 "it, and compare it with a backup");
	if (rc == RC_OK) {
		*kr->keys = *keys;
		kr->sum.known = false;
		kr->header = kr->stored = *fresh;
		memcpy(kr->raw, raw, HEADER_LEN);
	}
	secret_release(keys);
	return rc;
}

enum rc
keyring_refresh(
    struct keyring *kr, const uint8_t *area, size_t len, struct err *err)
{
	struct header *fresh = malloc(sizeof *fresh);
	bool damaged;
	enum rc rc;
	int copy;

	if (!fresh)
		return RC_NOMEM;
	rc = header_pick(area, len, fresh, &copy, &damaged, err);
	if (rc == RC_OK) {
		pthread_mutex_lock(&kr->lock);
		if (memcmp(fresh->vault_id, kr->header.vault_id, VAULT_ID_LEN) != 0)
			rc = err_set(err, RC_TAMPER,
			    "another vault's header was put in this one's place");
		else
			rc = take_over(kr, fresh, area + (size_t)copy * HEADER_LEN, err);
		if (rc == RC_OK)
			kr->damaged = damaged;
		pthread_mutex_unlock(&kr->lock);
	}
	free(fresh);
	return err_default(err, rc);
}
