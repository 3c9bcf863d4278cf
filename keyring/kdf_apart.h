#ifndef KEYRING_KDF_APART_H
#define KEYRING_KDF_APART_H

/* A key derivation that its caller can leave: no library lets one be stopped. */

#include "keyring/kdf.h"

typedef enum rc kdf_fn(const struct kdf_params *p, const uint8_t *secret, size_t len,
    const uint8_t *salt, uint8_t *out);

/**
 * kdf_apart(run, p, secret, len, salt, out):
 * Call ${run}; where this thread has a flag (kdf_stop_by), in a thread of its own, which is
 * left to itself as soon as the flag is set. It works on a copy of the secret, in secret
 * memory, wiped when it ends. The codes of ${run}; RC_CANCELLED; RC_NOMEM.
 */
enum rc kdf_apart(kdf_fn *run, const struct kdf_params *p, const uint8_t *secret, size_t len,
    const uint8_t salt[KDF_SALT_LEN], uint8_t out[KDF_OUT_LEN]);

#endif
