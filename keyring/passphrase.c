/* What a person types, made into bytes. Unicode by utf8proc, strength by zxcvbn. */

#include "keyring/passphrase.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include <zxcvbn.h>

/* zxcvbn's time grows with the square of the length; what follows adds strength only. */
#define STRENGTH_LOOK 100

static enum rc
check_typed(const struct secret *in, struct err *err)
{
	const uint8_t *p = secret_view(in);
	size_t len = secret_len(in), at;
	utf8proc_int32_t c;
	utf8proc_ssize_t n;

	if (len == 0)
		return err_set(err, RC_INPUT, "the passphrase is empty; type one");
	if (len > PASSPHRASE_MAX)
		return err_set(err, RC_INPUT,
		    "the passphrase is longer than %d bytes; use a shorter one or a key file",
		    PASSPHRASE_MAX);
	for (at = 0; at < len; at += (size_t)n) {
		n = utf8proc_iterate(p + at, (utf8proc_ssize_t)(len - at), &c);
		if (n <= 0)
			return err_set(
			    err, RC_INPUT, "the passphrase is not UTF-8 text; type it again");
		if (utf8proc_category(c) == UTF8PROC_CATEGORY_CC)
			return err_set(err, RC_INPUT,
			    "the passphrase holds a control character; type it again");
	}
	return RC_OK;
}

/* NFC may be longer than its input: three times at most for UTF-8 (UAX 15, section 9). */
#define NFC_GROWTH 3

/*
 * Compose in the secure heap: utf8proc_map would leave its copies in the ordinary one.
 * ${work}: code points of 4 bytes; they are then encoded in place.
 */
static enum rc
compose(const struct secret *in, struct secret **out)
{
	size_t cap = secret_len(in) * NFC_GROWTH + 1;
	utf8proc_int32_t *work = secret_alloc(cap * sizeof *work);
	const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	utf8proc_ssize_t n;
	enum rc rc = RC_NOMEM;

	if (!work)
		return RC_NOMEM;
	n = utf8proc_decompose(secret_view(in), (utf8proc_ssize_t)secret_len(in), work,
	    (utf8proc_ssize_t)cap, how);
	if (n >= 0 && (size_t)n < cap)
		n = utf8proc_reencode(work, n, how);
	else
		n = -1;
	if (n > 0)
		rc = secret_from(work, (size_t)n, out);
	secret_release(work);
	return rc;
}

enum rc
passphrase_normalise(
    const struct secret *in, struct secret **out, bool *changed, struct err *err)
{
	enum rc rc;

	*out = NULL;
	rc = check_typed(in, err);
	if (rc == RC_OK)
		rc = compose(in, out);
	if (rc == RC_OK && changed)
		*changed = !secret_equal(in, *out);
	return err_default(err, rc);
}

/* From the guesses that one who holds the file and runs the KDF on many machines needs. */
static const struct {
	double log2_guesses;
	int score;
	const char *words;
} scale[] = {
	{ 66, 4, "strong: out of reach for one who holds the file" },
	{ 50, 3, "good: guessed in years by one who holds the file" },
	{ 36, 2, "fair: guessed in months by one who holds the file" },
	{ 24, 1, "weak: guessed in hours by one who holds the file" },
	{ -1, 0, "very weak: guessed in minutes by one who holds the file" },
};

void
passphrase_strength(const struct secret *p, struct strength *out)
{
	char look[STRENGTH_LOOK + 1];
	size_t len = secret_len(p), i = 0;

	if (len > STRENGTH_LOOK)
		len = STRENGTH_LOOK;
	memcpy(look, secret_view(p), len);
	look[len] = '\0';
	out->log2_guesses = ZxcvbnMatch(look, NULL, NULL);
	secret_wipe(look, sizeof look);
	while (out->log2_guesses < scale[i].log2_guesses)
		i++;
	out->score = scale[i].score;
	out->words = scale[i].words;
}
