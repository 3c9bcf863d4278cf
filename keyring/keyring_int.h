#ifndef KEYRING_INT_H
#define KEYRING_INT_H

/* What the keyring's own files share. Callers hold the lock, if nothing else is said. */

#include <pthread.h>

#include "keyring/keyring.h"

struct keyring_keys { /* in the secure heap; exists while unlocked */
	struct slot_keys slot;
	uint8_t header[KEY_LEN];
	uint8_t page[HEADER_EPOCHS][KEY_LEN]; /* beside header.epochs, by index */
};

struct page_sum { /* over the pages of the database file, mod 2^128, in two halves */
	bool known;
	uint64_t high, low;
};

struct keyring {
	pthread_mutex_t lock;
	int refs;
	struct header header;
	struct header stored;     /* as read or written last; sequence 0: never */
	struct header serialised; /* as made bytes of last */
	uint8_t raw[HEADER_LEN]; /* the copy that was read, for its MAC */
	bool dirty, damaged;
	struct page_sum sum;
	uint64_t audit_count; /* to be sealed in; 0: nothing */
	uint8_t audit_mac[SHA256_LEN];
	struct keyring_keys *keys; /* NULL: locked */
	int slot;
};

/**
 * keyring_now(): UTC microseconds.
 */
uint64_t keyring_now(void);

/**
 * keyring_expand(root, label, vault_id, out, len):
 * HKDF-Expand(${root}, "strongroom/1/" ${label} | 0 | ${vault_id}).
 */
enum rc keyring_expand(const uint8_t root[KEY_LEN], const char *label,
    const uint8_t vault_id[VAULT_ID_LEN], uint8_t *out, size_t len);

/**
 * keyring_new(): a locked keyring without a header, with one holder; NULL: no memory.
 */
struct keyring *keyring_new(void);

/**
 * epoch_wrap_key(keys, purpose, vault_id, out): what the epochs of ${purpose} are wrapped
 * under.
 * rotation_begin(h, keys): new active epochs, and a rotation to the one of the pages. On
 * failure ${h} and ${keys} are to be thrown away. RC_OK; RC_LIMIT; RC_INTERNAL.
 */
enum rc epoch_wrap_key(const struct keyring_keys *keys, enum epoch_purpose purpose,
    const uint8_t *vault_id, uint8_t out[KEY_LEN]);
enum rc rotation_begin(struct header *h, struct keyring_keys *keys);

/**
 * epochs_unwrap(h, keys): the page keys of all epochs that are not destroyed.
 * RC_OK; RC_TAMPER.
 */
enum rc epochs_unwrap(const struct header *h, struct keyring_keys *keys);

/**
 * epoch_add(h, keys, purpose): a fresh key as the active epoch of ${purpose}; the one that
 * was active becomes decrypt-only. ${h} is unchanged on failure. RC_OK; RC_LIMIT (64 epochs
 * in use); RC_INTERNAL.
 */
enum rc epoch_add(struct header *h, struct keyring_keys *keys, enum epoch_purpose purpose);

/**
 * epoch_age(h): count half of what may still be written under the active page key as written.
 */
void epoch_age(struct header *h);

/**
 * fresh_unseal(kr): the vault is about to change: what the seal says becomes the running
 * sum, and the seal goes. RC_OK; RC_TAMPER (the sum was altered); RC_NOMEM.
 */
enum rc fresh_unseal(struct keyring *kr);

/**
 * keyring_check_secret(s, err): whether a slot can be made of ${s}. RC_OK; RC_INPUT.
 * keyring_choose_kdf(type, asked, out, err): ${asked} if it is within limits; NULL:
 * calibrate. A recovery code takes none.
 */
enum rc keyring_check_secret(const struct keyring_secret *s, struct err *err);
enum rc keyring_choose_kdf(enum slot_type type, const struct kdf_params *asked,
    struct kdf_params *out, struct err *err);

/**
 * keyring_allow_field(kr, what, err): whether the keys held may ${what} ("open what is
 * sealed"), for which it takes the field master key. RC_OK; RC_LOCKED; RC_DENIED (the sentence
 * names the slots that do).
 */
enum rc keyring_allow_field(struct keyring *kr, const char *what, struct err *err);

/**
 * keyring_try_slots(h, slot, s, opened, keys, err):
 * Open the slots of ${h} that take ${s}, in turn (or ${slot} alone). Runs the KDF: ${h} is
 * the caller's own copy, and no lock is held. RC_OK: ${opened} and ${keys}; the codes of
 * keyring_unlock.
 */
enum rc keyring_try_slots(const struct header *h, int slot, const struct keyring_secret *s,
    int *opened, struct slot_keys *keys, struct err *err);

#endif
