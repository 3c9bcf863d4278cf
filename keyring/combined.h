#ifndef KEYRING_COMBINED_H
#define KEYRING_COMBINED_H

/* The secret of a slot that takes a passphrase and a key file together. */

#include "keyring/secret.h"

/**
 * combined_make(passphrase, keyfile, out):
 * SHA-256 of the file's content, then the normalised passphrase: no two pairs give the same
 * bytes. RC_OK; RC_NOMEM; RC_INTERNAL.
 */
enum rc combined_make(
    const struct secret *passphrase, const struct secret *keyfile, struct secret **out);

#endif
