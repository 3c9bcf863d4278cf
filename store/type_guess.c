/*
 * A type for a column of a file, from its name and its first values.
 *
 * 1. What could be a social security, card or account number is taken for one, also when
 *    some of the samples are not, and when only the name says so plainly: it is then asked
 *    about rather than shown.
 * 2. Any other type is proposed only when all samples are valid.
 * 3. Numbers with leading zeros are codes, not numbers.
 */
#include "store/type_int.h"

#include <string.h>

#include "keyring/secret.h"
#include "store/text.h"

#define NOTE_LEN    120 /* longer values are notes */
#define CARD_DIGITS 13  /* shorter ones are too often other numbers */

/* Words of names, squeezed; the first that the name contains decides. */
static const struct {
	const char *word;
	enum field_type type;
	bool sure; /* a secret whatever the values look like */
} words[] = {
	{ "email", TYPE_EMAIL, false }, { "mail", TYPE_EMAIL, false },
	{ "ssn", TYPE_SSN, true }, { "socialsecurity", TYPE_SSN, true },
	{ "socsec", TYPE_SSN, true },
	{ "iban", TYPE_IBAN, true }, { "cardnumber", TYPE_CARD, true },
	{ "creditcard", TYPE_CARD, true }, { "card", TYPE_CARD, false },
	{ "phone", TYPE_PHONE, false }, { "mobile", TYPE_PHONE, false },
	{ "telephone", TYPE_PHONE, false }, { "fax", TYPE_PHONE, false },
	{ "postcode", TYPE_POSTCODE, false }, { "postalcode", TYPE_POSTCODE, false },
	{ "zip", TYPE_POSTCODE, false }, { "country", TYPE_COUNTRY, false },
	{ "url", TYPE_URL, false }, { "website", TYPE_URL, false },
	{ "date", TYPE_DATE, false }, { "birthday", TYPE_DATE, false },
	{ "price", TYPE_MONEY, false }, { "amount", TYPE_MONEY, false },
	{ "balance", TYPE_MONEY, false }, { "salary", TYPE_MONEY, false },
	{ "revenue", TYPE_MONEY, false }, { "income", TYPE_MONEY, false },
	{ "note", TYPE_NOTE, false }, { "comment", TYPE_NOTE, false },
	{ "remark", TYPE_NOTE, false }, { "name", TYPE_NAME, false },
};

/* Values of these types look like nothing else. */
static const enum field_type plain[] = { TYPE_EMAIL, TYPE_DATE, TYPE_IBAN };

struct samples {
	const char *const *at;
	size_t n, filled;
};

static bool
is_valid(enum field_type t, const char *s)
{
	char out[TYPE_RULE_ROOM];
	size_t len = strlen(s);
	bool valid;

	if (type_is_free(t))
		return text_is_utf8(s, len);
	valid = type_normalise(t, s, len, out, sizeof out, NULL);
	secret_wipe(out, sizeof out);
	return valid;
}

static bool
are_all(const struct samples *s, enum field_type t)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (*s->at[i] && !is_valid(t, s->at[i]))
			return false;
	return s->filled > 0;
}

static bool
is_any(const struct samples *s, enum field_type t)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (*s->at[i] && is_valid(t, s->at[i]))
			return true;
	return false;
}

static size_t
digits_in(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += type_digit(*s);
	return n;
}

static bool
is_card(const char *s)
{
	return digits_in(s) >= CARD_DIGITS && is_valid(TYPE_CARD, s);
}

/* ddd-dd-dddd, grouped so: nine digits alone may be anything. */
static bool
is_ssn(const char *s)
{
	static const size_t groups[] = { 3, 2, 4 };
	size_t i, n, at = strspn(s, " \t"), len = strlen(s);

	while (len > at && (s[len - 1] == ' ' || s[len - 1] == '\t'))
		len--;
	for (i = 0; i < sizeof groups / sizeof *groups; i++) {
		n = i == 0 ? 0 : s[at] == '.' ? 1 : type_separator(s + at, len - at);
		if (i > 0 && n == 0)
			return false;
		at += n;
		for (n = 0; n < groups[i] && type_digit(s[at]); n++)
			at++;
		if (n < groups[i])
			return false;
	}
	return at == len;
}

static bool
are_most(const struct samples *s, bool (*is)(const char *))
{
	size_t i, n = 0;

	for (i = 0; i < s->n; i++)
		n += *s->at[i] && is(s->at[i]);
	return n * 2 > s->filled;
}

static bool
are_numbers(const struct samples *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->at[i][0] == '0' && type_digit(s->at[i][1]))
			return false;
	return are_all(s, TYPE_NUMBER);
}

static bool
are_long(const struct samples *s)
{
	size_t i, len = 0;

	for (i = 0; i < s->n; i++)
		len += strlen(s->at[i]);
	return s->filled > 0 && len / s->filled > NOTE_LEN;
}

static bool
are_addresses(const struct samples *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (*s->at[i] && !strstr(s->at[i], "://") && strncmp(s->at[i], "www.", 4) != 0)
			return false;
	return are_all(s, TYPE_URL);
}

static bool
is_secret(enum field_type t)
{
	return t == TYPE_SSN || t == TYPE_CARD || t == TYPE_IBAN;
}

static bool
by_name(const char *name, const struct samples *s, enum field_type *out)
{
	char squeezed[64];
	size_t i, n = 0;

	for (; *name && n < sizeof squeezed - 1; name++)
		if (type_letter(*name) || type_digit(*name))
			squeezed[n++] = type_lower(*name);
	squeezed[n] = '\0';
	for (i = 0; i < sizeof words / sizeof *words; i++) {
		if (!strstr(squeezed, words[i].word))
			continue;
		*out = words[i].type;
		if (s->filled == 0 || are_all(s, *out))
			return true;
		return is_secret(*out) && (words[i].sure || is_any(s, *out));
	}
	return false;
}

static enum field_type
by_values(const struct samples *s)
{
	size_t i;

	if (are_most(s, is_ssn))
		return TYPE_SSN;
	if (are_most(s, is_card))
		return TYPE_CARD;
	for (i = 0; i < sizeof plain / sizeof *plain; i++)
		if (are_all(s, plain[i]))
			return plain[i];
	if (are_addresses(s))
		return TYPE_URL;
	if (are_numbers(s))
		return TYPE_NUMBER;
	return are_long(s) ? TYPE_NOTE : TYPE_TEXT;
}

enum field_type
type_guess(const char *name, const char *const *samples, size_t n)
{
	struct samples s = { samples, n, 0 };
	enum field_type t;
	size_t i;

	for (i = 0; i < n; i++)
		s.filled += *samples[i] != '\0';
	return by_name(name, &s, &t) ? t : by_values(&s);
}
