#ifndef KEYRING_PASSPHRASE_H
#define KEYRING_PASSPHRASE_H

/* What a person types, made into bytes: NFC, limits, strength. */

#include <stdbool.h>

#include "keyring/secret.h"

#define PASSPHRASE_MAX 4096 /* bytes of UTF-8 */

/**
 * passphrase_normalise(in, out, changed, err):
 * Check UTF-8 and bring ${in} to Normalization Form C (Unicode UAX 15), so that the same
 * passphrase opens the vault whichever keyboard typed it. ${changed} (may be NULL): whether
 * NFC differs from what was typed, to be told to the user. RC_OK; RC_INPUT (empty, longer
 * than PASSPHRASE_MAX, not UTF-8, a control character); RC_NOMEM.
 */
enum rc passphrase_normalise(
    const struct secret *in, struct secret **out, bool *changed, struct err *err);

struct strength {
	double log2_guesses; /* estimated */
	int score;           /* 0 very weak .. 4 strong */
	const char *words;   /* "weak: guessed in hours by one who holds the file" */
};

/**
 * passphrase_strength(p, out):
 * Estimate by zxcvbn. ${p} is normalised.
 */
void passphrase_strength(const struct secret *p, struct strength *out);

#endif
