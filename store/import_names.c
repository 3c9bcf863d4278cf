/*
 * What columns of customer files are called: synonyms of the default schema's fields, and
 * names of what must never be stored. Names are compared without case, blanks and signs.
 */
#include "store/import_int.h"

#include <ctype.h>
#include <string.h>

#include "store/type_int.h"

/* clang-format off: several entries of a table stand on a line */
static const struct {
	const char *name, *field;
} synonyms[] = {
	{ "firstname", "first_name" }, { "first", "first_name" },
	{ "fname", "first_name" }, { "givenname", "first_name" },
	{ "given", "first_name" }, { "forename", "first_name" },
	{ "lastname", "last_name" }, { "last", "last_name" }, { "lname", "last_name" },
	{ "surname", "last_name" }, { "familyname", "last_name" },
	{ "company", "company" }, { "companyname", "company" },
	{ "organisation", "company" }, { "organization", "company" },
	{ "org", "company" }, { "firm", "company" }, { "business", "company" },
	{ "employer", "company" }, { "email", "email" }, { "emailaddress", "email" },
	{ "mail", "email" }, { "emailid", "email" }, { "email1", "email" },
	{ "phone", "phone" }, { "phone1", "phone" }, { "phonenumber", "phone" },
	{ "telephone", "phone" }, { "tel", "phone" }, { "homephone", "phone" },
	{ "phonealt", "phone_alt" }, { "phone2", "phone_alt" },
	{ "altphone", "phone_alt" }, { "alternatephone", "phone_alt" },
	{ "secondaryphone", "phone_alt" }, { "workphone", "phone_alt" },
	{ "mobile", "phone" }, { "mobile", "phone_alt" }, { "mobilephone", "phone" },
	{ "mobilephone", "phone_alt" }, { "cell", "phone" }, { "cell", "phone_alt" },
	{ "cellphone", "phone" }, { "cellphone", "phone_alt" }, { "address", "address" },
	{ "address1", "address" }, { "addressline1", "address" }, { "street", "address" },
	{ "streetaddress", "address" }, { "addr", "address" }, { "city", "city" },
	{ "town", "city" }, { "locality", "city" }, { "region", "region" },
	{ "state", "region" }, { "province", "region" }, { "stateprovince", "region" },
	{ "postcode", "postcode" }, { "zip", "postcode" }, { "zipcode", "postcode" },
	{ "postalcode", "postcode" }, { "country", "country" },
	{ "countrycode", "country" }, { "countryname", "country" }, { "url", "url" },
	{ "web", "url" }, { "website", "url" }, { "webpage", "url" },
	{ "homepage", "url" }, { "www", "url" }, { "birthdate", "birth_date" },
	{ "dateofbirth", "birth_date" }, { "dob", "birth_date" },
	{ "birthday", "birth_date" }, { "born", "birth_date" }, { "ssn", "ssn" },
	{ "socialsecuritynumber", "ssn" }, { "socialsecurity", "ssn" },
	{ "card", "card" }, { "cardnumber", "card" }, { "creditcard", "card" },
	{ "creditcardnumber", "card" }, { "ccnumber", "card" }, { "notes", "notes" },
	{ "note", "notes" }, { "comments", "notes" }, { "comment", "notes" },
	{ "remarks", "notes" },
};

/* Words of a name, between its signs. */
static const struct {
	const char *word, *what;
} forbidden[] = {
	{ "cvv", "a card's security code" }, { "cvv2", "a card's security code" },
	{ "cvc", "a card's security code" }, { "cvc2", "a card's security code" },
	{ "cav2", "a card's security code" }, { "cvn", "a card's security code" },
	{ "csc", "a card's security code" }, { "cvvcode", "a card's security code" },
	{ "cvccode", "a card's security code" }, { "cardcvv", "a card's security code" },
	{ "cardcvc", "a card's security code" }, { "pin", "a PIN" },
	{ "pinblock", "a PIN" }, { "cardpin", "a PIN" }, { "pinnumber", "a PIN" },
	{ "track1", "a card's track" }, { "track2", "a card's track" },
	{ "trackdata", "a card's track" }, { "magstripe", "a card's track" },
};

/* Names as a whole, squeezed. */
static const struct {
	const char *name, *what;
} forbidden_whole[] = {
	{ "securitycode", "a card's security code" },
	{ "cardsecuritycode", "a card's security code" },
	{ "cardverificationvalue", "a card's security code" },
	{ "cardverificationcode", "a card's security code" },
	{ "cardverificationnumber", "a card's security code" },
	{ "track", "a card's track" }, { "track1data", "a card's track" },
	{ "track2data", "a card's track" }, { "magneticstripe", "a card's track" },
	{ "magneticstripedata", "a card's track" }, { "magstripedata", "a card's track" },
};

/* clang-format on */

#define CARD_MIN 13 /* digits */
#define CARD_MAX 19
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Letters and digits only, in lower case. */
static void
squeeze(const char *name, char out[FIELD_NAME_MAX + 1])
{
	size_t n = 0;

	for (; *name && n < FIELD_NAME_MAX; name++)
		if (isalnum((unsigned char)*name))
			out[n++] = (char)tolower((unsigned char)*name);
	out[n] = '\0';
}

const char *
import_synonym(const char *name, size_t i)
{
	char want[FIELD_NAME_MAX + 1];
	size_t k;

	squeeze(name, want);
	for (k = 0; k < COUNT(synonyms); k++)
		if (strcmp(synonyms[k].name, want) == 0 && i-- == 0)
			return synonyms[k].field;
	return NULL;
}

/* The next run of letters and digits, squeezed; NULL after the last. */
static const char *
next_word(const char *s, char out[FIELD_NAME_MAX + 1])
{
	size_t n = 0;

	while (*s && !isalnum((unsigned char)*s))
		s++;
	if (!*s)
		return NULL;
	for (; isalnum((unsigned char)*s); s++)
		if (n < FIELD_NAME_MAX)
			out[n++] = (char)tolower((unsigned char)*s);
	out[n] = '\0';
	return s;
}

const char *
import_forbidden(const char *name)
{
	char word[FIELD_NAME_MAX + 1], after[FIELD_NAME_MAX + 1];
	const char *rest = name;
	size_t i;

	squeeze(name, word);
	for (i = 0; i < COUNT(forbidden_whole); i++)
		if (strcmp(forbidden_whole[i].name, word) == 0)
			return forbidden_whole[i].what;
	while ((rest = next_word(rest, word)) != NULL) {
		/* A "PIN code" is a postal code in India. */
		if (strcmp(word, "pin") == 0 && next_word(rest, after) &&
		    strcmp(after, "code") == 0)
			continue;
		for (i = 0; i < COUNT(forbidden); i++)
			if (strcmp(forbidden[i].word, word) == 0)
				return forbidden[i].what;
	}
	return NULL;
}

bool
import_maybe_code(const char *name)
{
	static const char *const words[] = { "cid", "cv", "sec", "security", "verif",
		"verification", "check" };
	char word[FIELD_NAME_MAX + 1];
	const char *rest = name;
	size_t i;

	squeeze(name, word);
	if (strcmp(word, "code") == 0 || strcmp(word, "cardcode") == 0)
		return true;
	while ((rest = next_word(rest, word)) != NULL)
		for (i = 0; i < COUNT(words); i++)
			if (strcmp(words[i], word) == 0)
				return true;
	return false;
}

static size_t
digits(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= '0' && s[n] <= '9')
		n++;
	return n;
}

bool
import_is_track(const char *s, size_t len)
{
	bool first;
	size_t n;

	while (len && isspace((unsigned char)*s)) {
		s++;
		len--;
	}
	if (len < 20 || (*s != '%' && *s != ';'))
		return false;
	first = *s == '%';
	if (first && s[1] != 'B' && s[1] != 'b')
		return false;
	s += first ? 2 : 1;
	len -= first ? 2 : 1;
	n = digits(s, len);
	if (n < 12 || n > 19 || n == len || s[n] != (first ? '^' : '='))
		return false;
	return first || digits(s + n + 1, len - n - 1) >= 4;
}

bool
import_is_code(const char *s, size_t len)
{
	return (len == 3 || len == 4) && digits(s, len) == len;
}

/* Whether the digits that begin at ${*i}, one blank or hyphen apart at most, are a card's. */
static bool
is_card_at(const char *s, size_t len, size_t *i)
{
	char d[CARD_MAX + 1];
	size_t n = 0;

	while (*i < len) {
		if (s[*i] >= '0' && s[*i] <= '9') {
			if (n <= CARD_MAX)
				d[n++] = s[*i];
		} else if ((s[*i] != ' ' && s[*i] != '-') || *i + 1 == len ||
			   s[*i + 1] < '0' || s[*i + 1] > '9') {
			break;
		}
		(*i)++;
	}
	/* Issuers begin with 2 to 6. */
	return n >= CARD_MIN && n <= CARD_MAX && d[0] >= '2' && d[0] <= '6' && type_luhn(d, n);
}

bool
import_has_card(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i + CARD_MIN <= len; i++)
		if (s[i] >= '0' && s[i] <= '9' && is_card_at(s, len, &i))
			return true;
	return false;
}
