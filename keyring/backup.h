#ifndef KEYRING_BACKUP_H
#define KEYRING_BACKUP_H

/*
 * The backup of a vault's header: one copy of it, sealed under a passphrase of its own
 * (doc/format.md, "Key backup"). Bytes in, bytes out.
 */

#include "keyring/keyring.h"

#define BACKUP_LEN 33888

struct backup_info { /* what can be read without the passphrase, and is not to be trusted */
	uint8_t vault_id[VAULT_ID_LEN];
	uint64_t sequence, modified; /* of the header */
	uint64_t made;               /* UTC microseconds */
	struct kdf_params kdf;
};

/**
 * keyring_backup(kr, passphrase, kdf, out, err):
 * The header of ${kr} as it was read or written last, sealed under the normalised
 * ${passphrase} and opened once from its bytes. ${kdf} NULL: calibrate. Slow. RC_OK;
 * RC_LOCKED; RC_INPUT; RC_LIMIT; RC_NOMEM; RC_INTERNAL (never written, or the test failed).
 */
enum rc keyring_backup(struct keyring *kr, const struct secret *passphrase,
    const struct kdf_params *kdf, uint8_t out[BACKUP_LEN], struct err *err);

/**
 * backup_info(bytes, len, out, err):
 * RC_OK; RC_FORMAT (not a backup); RC_VERSION; RC_DAMAGED (its length); RC_LIMIT (a field out
 * of range).
 */
enum rc backup_info(
    const uint8_t *bytes, size_t len, struct backup_info *out, struct err *err);

/**
 * keyring_from_backup(bytes, len, passphrase, out, err):
 * A locked keyring of the header in a backup. Slow. RC_OK; the codes of backup_info and of
 * keyring_parse; RC_PASS; RC_TAMPER.
 */
enum rc keyring_from_backup(const uint8_t *bytes, size_t len,
    const struct secret *passphrase, struct keyring **out, struct err *err);

/**
 * keyring_restored(kr, sequence, err):
 * Make an unlocked keyring of a backup ready to be written: its sequence number will be
 * above ${sequence} (of a header that need not be authentic: absurd ones don't count),
 * and half of what may still be written under the active page key counts as written, since
 * what was leased after the backup is not known. (It was NONCE_LIMIT at most; so the key
 * stays below 2^32 writes.) No log is pinned: those that were are of then. RC_OK (dirty);
 * RC_LOCKED; RC_DENIED (a browse slot).
 */
enum rc keyring_restored(struct keyring *kr, uint64_t sequence, struct err *err);

#endif
