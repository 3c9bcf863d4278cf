/*
 * A passphrase and a key file as one secret.
 *
 * 1. The digest has a fixed length and stands first, so that no part of one can be taken for
 *    a part of the other.
 */

#include "keyring/combined.h"

#include "keyring/crypto.h"

enum rc
combined_make(
    const struct secret *passphrase, const struct secret *keyfile, struct secret **out)
{
	struct secret *s;
	enum rc rc;

	*out = NULL;
	rc = secret_new(SHA256_LEN + secret_len(passphrase) + 1, &s);
	if (rc != RC_OK)
		return rc;
	rc = sha256(secret_view(keyfile), secret_len(keyfile), secret_bytes(s));
	if (rc == RC_OK) {
		secret_set_len(s, SHA256_LEN);
		rc = secret_append(s, secret_view(passphrase), secret_len(passphrase));
	}
	if (rc != RC_OK)
		secret_free(s);
	else
		*out = s;
	return rc;
}
