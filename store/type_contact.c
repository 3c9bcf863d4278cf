/*
 * How and where people are reached: e-mail, phone, country, postcode, URL.
 *
 * These rules are for typing errors, not for proof: what could be right is valid.
 */
#include "store/type_int.h"

#include <string.h>

#define EMAIL_LOCAL_MAX 64 /* RFC 5321, section 4.5.3.1 */
#define DOMAIN_MAX      255
#define PHONE_MIN       3 /* digits */
#define PHONE_MAX       20
#define POSTCODE_MAX    12

static bool
in_set(char ch, const char *set)
{
	return ch && strchr(set, ch) != NULL;
}

/* Labels of letters, digits, hyphens or UTF-8 between single dots; at least two. */
static bool
is_domain(const char *s, size_t len)
{
	size_t i, label = 0, dots = 0;

	if (len == 0 || len > DOMAIN_MAX)
		return false;
	for (i = 0; i < len; i++) {
		if (s[i] == '.') {
			if (label == 0 || s[i - 1] == '-')
				return false;
			label = 0;
			dots++;
		} else if (type_letter(s[i]) || type_digit(s[i]) || (unsigned char)s[i] >= 0x80 ||
		    (s[i] == '-' && label > 0)) {
			label++;
		} else {
			return false;
		}
	}
	return label > 0 && s[len - 1] != '-' && dots > 0;
}

static bool
is_local(const char *s, size_t len)
{
	size_t i;

	if (len == 0 || len > EMAIL_LOCAL_MAX || s[0] == '.' || s[len - 1] == '.')
		return false;
	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] <= ' ' || s[i] == 0x7f || in_set(s[i], "()<>[]:;@\\,\""))
			return false;
	return true;
}

static void
copy_lower(char *out, const char *in, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		out[i] = type_lower(in[i]);
}

const char *
type_email_rule(const char *in, size_t len, char *out)
{
	const char *at = memrchr(in, '@', len);
	size_t local = at ? (size_t)(at - in) : 0;

	if (!at || !is_local(in, local) || !is_domain(at + 1, len - local - 1))
		return "not an e-mail address: write it as name@example.com";
	memcpy(out, in, local + 1);
	copy_lower(out + local + 1, at + 1, len - local - 1);
	out[len] = '\0';
	return NULL;
}

/* Kept as it was written: how digits are grouped tells something. */
const char *
type_phone_rule(const char *in, size_t len, char *out)
{
	static const char why[] = "not a phone number: write it as +1 555 0100";
	size_t i, digits = 0;

	for (i = 0; i < len; i++) {
		if (type_digit(in[i]))
			digits++;
		else if (!in_set(in[i], " +()-./#*,;xXeEtT"))
			return why;
	}
	if (digits < PHONE_MIN || digits > PHONE_MAX)
		return why;
	memcpy(out, in, len);
	out[len] = '\0';
	return NULL;
}

/* A code of two or three letters goes to upper case; a name stays. */
const char *
type_country_rule(const char *in, size_t len, char *out)
{
	size_t i, letters = 0;

	for (i = 0; i < len; i++) {
		if (type_letter(in[i]))
			letters++;
		else if ((unsigned char)in[i] < 0x80 && !in_set(in[i], " .,'-()&"))
			return "not a country: write its name or its code, as US";
	}
	memcpy(out, in, len);
	out[len] = '\0';
	if (letters == len && len <= 3)
		for (i = 0; i < len; i++)
			out[i] = type_upper(in[i]);
	return NULL;
}

const char *
type_postcode_rule(const char *in, size_t len, char *out)
{
	size_t i, digits = 0;
	bool fine = len <= POSTCODE_MAX;

	for (i = 0; fine && i < len; i++) {
		digits += type_digit(in[i]);
		fine = type_digit(in[i]) || type_letter(in[i]) || in_set(in[i], " -");
		out[i] = type_upper(in[i]);
	}
	out[fine ? len : 0] = '\0';
	return fine && digits ? NULL : "not a postcode: write it as 70116 or SW1A 1AA";
}

/* Length of the host in ${s}: up to a port, path, query or fragment. */
static size_t
host_len(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len && !in_set(s[i], "/?#:"); i++)
		;
	return i;
}

const char *
type_url_rule(const char *in, size_t len, char *out)
{
	static const char why[] = "not a web address: write it as https://example.com";
	const char *scheme = memmem(in, len, "://", 3);
	size_t i, before = scheme ? (size_t)(scheme - in) + 3 : 0;
	size_t host = host_len(in + before, len - before);

	for (i = 0; i < len; i++)
		if ((unsigned char)in[i] <= ' ' || in[i] == 0x7f || in_set(in[i], "<>\"\\^`{|}"))
			return why;
	for (i = 0; scheme && i + 3 < before; i++)
		if (!type_letter(in[i]) && !(i && (type_digit(in[i]) || in_set(in[i], "+-."))))
			return why;
	if (before == 3 || !is_domain(in + before, host))
		return why;
	memcpy(out, in, len);
	out[len] = '\0';
	copy_lower(out, in, before + host);
	return NULL;
}
