/*
 * What the faces may know of a passphrase before there is a vault: whether it is one, how
 * strong it is, and whether its normal form differs from what was typed.
 */

#include "store/vault.h"

#include "keyring/passphrase.h"

enum rc
vault_strength(const struct secret *typed, struct vault_strength *out, struct err *err)
{
	struct secret *normal;
	struct strength strength;
	enum rc rc;

	rc = passphrase_normalise(typed, &normal, &out->changed, err);
	if (rc != RC_OK)
		return rc;
	passphrase_strength(normal, &strength);
	secret_free(normal);
	out->score = strength.score;
	out->log2_guesses = strength.log2_guesses;
	out->words = strength.words;
	return RC_OK;
}
