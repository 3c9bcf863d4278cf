/*
 * The recovery code: from random bits to text, and back from what a person types.
 *
 *     group n (0..9) = d1 d2 d3 c        c = w1 d1 + w2 d2 + w3 d3 + n      in GF(32)
 *
 * with w1, w2, w3 different, none zero and none one.
 *
 * 1. A wrong character, two that changed places within a group, and two groups that changed
 *    places are always found, and the groups that are wrong are named; of other mistakes
 *    31 in 32.
 * 2. Nothing secret is derived from a code whose check digits are wrong.
 * 3. The code exists in secret memory only, typed or made.
 */

#include "keyring/recovery.h"

#include <stdio.h>
#include <string.h>

#include "keyring/crypto.h"

#define PER_GROUP 3 /* characters of the code, then the check digit */
#define BITS      5
#define CHARS     (RECOVERY_GROUPS * (PER_GROUP + 1))

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford's */
static const uint8_t weights[PER_GROUP] = { 2, 4, 8 };

/* GF(2)[x] / (x^5 + x^2 + 1), without branches on the values. */
static uint8_t
multiply(uint8_t a, uint8_t b)
{
	unsigned product = 0, x = a;
	int i;

	for (i = 0; i < BITS; i++) {
		product ^= x & (0u - ((unsigned)b >> i & 1));
		x = (x << 1) ^ (0x25 & (0u - (x >> (BITS - 1) & 1)));
	}
	return (uint8_t)product;
}

static uint8_t
check_digit(const uint8_t *digits, int group)
{
	uint8_t sum = (uint8_t)group;
	int i;

	for (i = 0; i < PER_GROUP; i++)
		sum ^= multiply(weights[i], digits[i]);
	return sum;
}

enum rc
recovery_make(struct secret **text)
{
	uint8_t digits[PER_GROUP], c;
	enum rc rc = secret_new(RECOVERY_TEXT, text);
	int group, i;

	for (group = 0; rc == RC_OK && group < RECOVERY_GROUPS; group++) {
		if (group > 0)
			secret_append(*text, "-", 1);
		rc = random_bytes(digits, sizeof digits);
		for (i = 0; i < PER_GROUP; i++) {
			digits[i] &= (1u << BITS) - 1;
			secret_append(*text, &alphabet[digits[i]], 1);
		}
		c = check_digit(digits, group);
		secret_append(*text, &alphabet[c], 1);
	}
	secret_wipe(digits, sizeof digits);
	if (rc != RC_OK) {
		secret_free(*text);
		*text = NULL;
	}
	return rc;
}

/* The value of a character; -1: to be passed over, -2: no code has it. */
static int
value_of(uint8_t c)
{
	const char *at;

	if (c >= 'a' && c <= 'z')
		c = (uint8_t)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	if (c == '-' || c == ' ' || c == '\t' || c == '\r')
		return -1;
	at = c ? strchr(alphabet, c) : NULL;
	return at ? (int)(at - alphabet) : -2;
}

static enum rc
take_digits(const struct secret *typed, uint8_t digits[CHARS], struct err *err)
{
	size_t n = 0, i;
	int v;

	for (i = 0; i < secret_len(typed); i++) {
		v = value_of(secret_view(typed)[i]);
		if (v == -2)
			return err_set(err, RC_INPUT,
			    "a recovery code has digits and letters but no U and no other "
			    "signs: look at its group %zu",
			    n < CHARS ? n / (PER_GROUP + 1) + 1 : (size_t)RECOVERY_GROUPS);
		if (v >= 0 && n < CHARS)
			digits[n] = (uint8_t)v;
		n += v >= 0;
	}
	if (n == CHARS)
		return RC_OK;
	return err_set(err, RC_INPUT,
	    "a recovery code has %d characters in %d groups of four, and this one has %zu: "
	    "type all of it",
	    CHARS, RECOVERY_GROUPS, n);
}

static enum rc
compare_checks(const uint8_t digits[CHARS], struct err *err)
{
	char list[RECOVERY_GROUPS * 4] = "";
	size_t len = 0;
	int group, wrong = 0;

	for (group = 0; group < RECOVERY_GROUPS; group++) {
		const uint8_t *d = digits + group * (PER_GROUP + 1);

		if (check_digit(d, group) == d[PER_GROUP])
			continue;
		len += (size_t)snprintf(
		    list + len, sizeof list - len, "%s%d", wrong ? ", " : "", group + 1);
		wrong++;
	}
	if (wrong == 0)
		return RC_OK;
	return err_set(err, RC_INPUT,
	    "the recovery code is mistyped in %s %s of %d: compare with the sheet and type it "
	    "again",
	    wrong == 1 ? "group" : "groups", list, RECOVERY_GROUPS);
}

/* The digits without their checks, five bits each, the first bit highest. */
static void
pack(const uint8_t digits[CHARS], uint8_t out[RECOVERY_LEN])
{
	size_t i, bit = 0;
	int b;

	memset(out, 0, RECOVERY_LEN);
	for (i = 0; i < CHARS; i++) {
		if (i % (PER_GROUP + 1) == PER_GROUP)
			continue;
		for (b = BITS - 1; b >= 0; b--, bit++)
			out[bit / 8] |= (uint8_t)((digits[i] >> b & 1) << (7 - bit % 8));
	}
}

enum rc
recovery_read(const struct secret *typed, struct secret **out, struct err *err)
{
	uint8_t digits[CHARS] = { 0 };
	enum rc rc;

	*out = NULL;
	rc = take_digits(typed, digits, err);
	if (rc == RC_OK)
		rc = compare_checks(digits, err);
	if (rc == RC_OK)
		rc = err_default(err, secret_new(RECOVERY_LEN, out));
	if (rc == RC_OK) {
		pack(digits, secret_bytes(*out));
		secret_set_len(*out, RECOVERY_LEN);
	}
	secret_wipe(digits, sizeof digits);
	return rc;
}
