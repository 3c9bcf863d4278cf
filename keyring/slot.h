#ifndef KEYRING_SLOT_H
#define KEYRING_SLOT_H

/* One key slot: SLOT_LEN bytes that hold the master keys wrapped under one secret. */

#include "keyring/header.h"
#include "keyring/secret.h"

#define KEYFILE_MIN 32 /* bytes */

struct slot_keys { /* in the secure heap (secret_alloc) */
	uint8_t master[KEY_LEN];
	uint8_t field_master[KEY_LEN];
	bool has_field_master;
};

/**
 * slot_info(raw, out, err):
 * Decode what is readable without a secret. RC_OK (an empty slot is SLOT_EMPTY); RC_LIMIT
 * (an enumeration or a KDF parameter out of range); RC_VERSION (type not of format 1).
 */
enum rc slot_info(const uint8_t raw[SLOT_LEN], struct slot_info *out, struct err *err);

/**
 * slot_label_ok(label): whether a slot can be called so: UTF-8 without control characters,
 * at most SLOT_LABEL_LEN bytes.
 * slot_type_name(type): "passphrase", "key file", ...: a static string.
 */
bool slot_label_ok(const char *label);
const char *slot_type_name(enum slot_type type);

/**
 * slot_seal(info, vault_id, secret, keys, raw):
 * Make the bytes of a slot with a new salt and slot id: wraps both master keys for
 * ROLE_FULL, the first alone for ROLE_BROWSE, then opens the result again as a test.
 * ${secret}: the normalised passphrase, the key file's whole content, both as combined_make
 * puts them together, or the bits of the recovery code as recovery_read gives them.
 * RC_OK; RC_LIMIT; RC_NOMEM; RC_INTERNAL (the test failed; ${raw} is zero).
 */
enum rc slot_seal(const struct slot_info *info, const uint8_t vault_id[VAULT_ID_LEN],
    const struct secret *secret, const struct slot_keys *keys, uint8_t raw[SLOT_LEN]);

/**
 * slot_open(raw, vault_id, secret, keys, err):
 * RC_OK; RC_PASS (the commitment differs); RC_TAMPER (the commitment holds, the unwrap does
 * not); RC_LIMIT; RC_NOMEM. On failure ${keys} is wiped.
 */
enum rc slot_open(const uint8_t raw[SLOT_LEN], const uint8_t vault_id[VAULT_ID_LEN],
    const struct secret *secret, struct slot_keys *keys, struct err *err);

#endif
