/* Numbers that name a person or an account: social security, payment card, IBAN. */
#include "store/type_int.h"

#include <string.h>

#define SSN_LEN  9
#define CARD_MIN 12 /* digits, ISO/IEC 7812 */
#define CARD_MAX 19
#define IBAN_MIN 15 /* characters, ISO 13616 */
#define IBAN_MAX 34

size_t
type_separator(const char *s, size_t len)
{
	/* No-break, figure, thin and narrow blanks, U+2010 to U+2015, minus. */
	static const char *const wide[] = { "\u00a0", "\u2007", "\u2009", "\u202f", "\u2010",
		"\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212" };
	size_t i;

	if (len == 0)
		return 0;
	if (*s == ' ' || *s == '-')
		return 1;
	for (i = 0; (unsigned char)*s >= 0x80 && i < sizeof wide / sizeof *wide; i++)
		if (len >= strlen(wide[i]) && memcmp(s, wide[i], strlen(wide[i])) == 0)
			return strlen(wide[i]);
	return 0;
}

/* Letters (where ${letters}) and digits of ${in}, without what groups them; 0: others. */
static size_t
squeeze(const char *in, size_t len, bool letters, char *out, size_t most)
{
	size_t i, n = 0, skip;

	for (i = 0; i < len; i++) {
		skip = type_separator(in + i, len - i);
		if (skip || (in[i] == '.' && !letters && n)) {
			i += skip ? skip - 1 : 0;
			continue;
		}
		if ((!type_digit(in[i]) && !(letters && type_letter(in[i]))) || n == most)
			return 0;
		out[n++] = type_upper(in[i]);
	}
	out[n] = '\0';
	return n;
}

const char *
type_ssn_rule(const char *in, size_t len, char *out)
{
	char digits[SSN_LEN + 1];

	if (squeeze(in, len, false, digits, SSN_LEN) != SSN_LEN)
		return "not a social security number: write it as 123-45-6789";
	memcpy(out, digits, 3);
	out[3] = '-';
	memcpy(out + 4, digits + 3, 2);
	out[6] = '-';
	memcpy(out + 7, digits + 5, 5);
	return NULL;
}

/* The check digit of ISO/IEC 7812-1, annex B. */
bool
type_luhn(const char *digits, size_t n)
{
	int sum = 0, d;
	size_t i;

	for (i = 0; i < n; i++) {
		d = digits[n - 1 - i] - '0';
		if (i % 2)
			d = d > 4 ? 2 * d - 9 : 2 * d;
		sum += d;
	}
	return sum % 10 == 0;
}

const char *
type_card_rule(const char *in, size_t len, char *out)
{
	size_t n = squeeze(in, len, false, out, CARD_MAX);

	if (n < CARD_MIN)
		return "not a card number: it has 12 to 19 digits";
	return type_luhn(out, n) ? NULL : "not a card number: its check digit is wrong";
}

/* The number that ISO 7064 MOD 97-10 makes of it, with the first four moved to the end. */
static int
mod97(const char *s, size_t n)
{
	int rest = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		char ch = s[(i + 4) % n];

		if (type_digit(ch))
			rest = (rest * 10 + (ch - '0')) % 97;
		else
			rest = (rest * 100 + (ch - 'A' + 10)) % 97;
	}
	return rest;
}

const char *
type_iban_rule(const char *in, size_t len, char *out)
{
	size_t n = squeeze(in, len, true, out, IBAN_MAX);

	if (n < IBAN_MIN || !type_letter(out[0]) || !type_letter(out[1]) ||
	    !type_digit(out[2]) || !type_digit(out[3]))
		return "not an IBAN: write it as DE89 3704 0044 0532 0130 00";
	return mod97(out, n) == 1 ? NULL : "not an IBAN: its check digits are wrong";
}
