/*
 * What must never be stored, known by the names of columns and by their values.
 *
 * 1. A name that says it plainly is enough: in capitals, run together, or with signs
 *    between.
 * 2. Digits alone may be anything: they are doubted only beside card numbers.
 */
#include "store/sensitive.h"

#include <ctype.h>
#include <string.h>

#include "store/type_int.h"

#define NAME_MAX_LEN 128
#define CARD_MIN     13 /* digits */
#define CARD_MAX     19
#define TRACK_CARD   12 /* digits of the shortest card number on a track */
#define COUNT(a)     (sizeof(a) / sizeof *(a))

static const char code[] = "a card's security code", pin[] = "a PIN",
		  track[] = "a card's track";

/* clang-format off: several entries of a table stand on a line */
struct known {
	const char *name, *what;
};

/* Anywhere in a name, squeezed: no other word has these letters. */
static const struct known inside[] = {
	{ "cvv", code }, { "cvc2", code }, { "cav2", code }, { "cvx2", code },
	{ "cardsecuritycode", code }, { "cardsecuritynumber", code },
	{ "cardverificationvalue", code }, { "cardverificationcode", code },
	{ "cardverificationnumber", code }, { "magstripe", track },
	{ "magneticstripe", track }, { "trackdata", track }, { "track1data", track },
	{ "track2data", track }, { "pinblock", pin }, { "pinoffset", pin },
	{ "pinnumber", pin },
};

/* Words of a name, and the name as a whole, squeezed. */
static const struct known words[] = {
	{ "cvc", code }, { "cvn", code }, { "cvn2", code }, { "csc", code },
	{ "cvccode", code }, { "cardcvc", code }, { "pin", pin }, { "cardpin", pin },
	{ "atmpin", pin }, { "secretpin", pin }, { "track1", track }, { "track2", track },
	{ "track3", track },
};

static const struct known wholes[] = {
	{ "securitycode", code }, { "track", track },
};

/* Names that security codes may have, and much else. */
static const char *const doubtful_words[] = {
	"cid", "cv", "cv2", "ccv", "cvd", "sec", "security", "verif", "verification", "check",
	"pvv",
};

/* The same anywhere in a squeezed name, which has no letters with accents. */
static const char *const doubtful_inside[] = {
	"prfziffer", "pruefziffer", "prfnummer", "pruefnummer", "sicherheitscode",
	"cryptogramme", "codedescurit", "codedesecurite", "cdigodeseguridad",
	"codigodeseguridad", "codicedisicurezza", "cdigodesegurana", "codigodeseguranca",
};
/* clang-format on */

/* Letters and digits only, in lower case. */
static void
squeeze(const char *name, char out[NAME_MAX_LEN + 1])
{
	size_t n = 0;

	for (; *name && n < NAME_MAX_LEN; name++)
		if (type_letter(*name) || type_digit(*name))
			out[n++] = type_lower(*name);
	out[n] = '\0';
}

static bool
is_upper(char ch)
{
	return type_letter(ch) && type_lower(ch) != ch;
}

/* Whether a word begins at ${s}, the second of it or later: "cardPin", "CVCNumber". */
static bool
begins_word(const char *s)
{
	return is_upper(s[0]) && (!is_upper(s[-1]) || (type_letter(s[1]) && !is_upper(s[1])));
}

/* The next word of a name, in lower case; NULL after the last. */
static const char *
next_word(const char *s, char out[NAME_MAX_LEN + 1])
{
	size_t n = 0;

	while (*s && !type_letter(*s) && !type_digit(*s))
		s++;
	if (!*s)
		return NULL;
	do {
		if (n < NAME_MAX_LEN)
			out[n++] = type_lower(*s);
		s++;
	} while ((type_letter(*s) || type_digit(*s)) && !begins_word(s));
	out[n] = '\0';
	return s;
}

static const char *
find(const struct known *of, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(of[i].name, name) == 0)
			return of[i].what;
	return NULL;
}

/* A "PIN code" is a postal code in India: its values tell. */
static bool
is_pin_code(const char *name)
{
	char whole[NAME_MAX_LEN + 1];

	squeeze(name, whole);
	return strstr(whole, "pincode") != NULL;
}

static const char *
find_word(const char *name)
{
	char word[NAME_MAX_LEN + 1], pair[2 * NAME_MAX_LEN + 2] = "";
	const char *rest = name, *what;
	size_t had = 0;

	while ((rest = next_word(rest, word)) != NULL) {
		if (strcmp(word, "pin") != 0 || !is_pin_code(name)) {
			what = find(words, COUNT(words), word);
			if (what)
				return what;
		}
		memcpy(pair + had, word, strlen(word) + 1);
		if (had && (what = find(words, COUNT(words), pair)))
			return what;
		had = strlen(word);
		memcpy(pair, word, had);
	}
	return NULL;
}

const char *
sensitive_name(const char *name)
{
	char whole[NAME_MAX_LEN + 1];
	const char *what;
	size_t i;

	squeeze(name, whole);
	for (i = 0; i < COUNT(inside); i++)
		if (strstr(whole, inside[i].name))
			return inside[i].what;
	what = find(wholes, COUNT(wholes), whole);
	if (!what)
		what = find(words, COUNT(words), whole);
	return what ? what : find_word(name);
}

static bool
is_doubtful(const char *name)
{
	char whole[NAME_MAX_LEN + 1], word[NAME_MAX_LEN + 1];
	const char *rest = name;
	size_t i;

	squeeze(name, whole);
	if (strcmp(whole, "code") == 0 || strcmp(whole, "cardcode") == 0)
		return true;
	for (i = 0; i < COUNT(doubtful_inside); i++)
		if (strstr(whole, doubtful_inside[i]))
			return true;
	while ((rest = next_word(rest, word)) != NULL)
		for (i = 0; i < COUNT(doubtful_words); i++)
			if (strcmp(doubtful_words[i], word) == 0)
				return true;
	return false;
}

static size_t
digits(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && type_digit(s[n]))
		n++;
	return n;
}

struct shape { /* of a column's values */
	size_t filled;
	size_t codes;  /* three or four digits */
	size_t zeros;  /* of these, with a zero before them */
	size_t postal; /* six digits, as a PIN code of India */
};

static struct shape
look(const char *const *values, size_t n)
{
	struct shape s = { 0 };
	size_t i, len, k;

	for (i = 0; i < n; i++) {
		len = strlen(values[i]);
		k = digits(values[i], len);
		if (len == 0)
			continue;
		s.filled++;
		s.codes += k == len && (len == 3 || len == 4);
		s.zeros += k == len && (len == 3 || len == 4) && values[i][0] == '0';
		s.postal += (len == 6 && k == 6) ||
			    (len == 7 && k == 3 && values[i][3] == ' ' && digits(values[i] + 4, 3) == 3);
	}
	return s;
}

enum sensitive_doubt
sensitive_values(const char *name, const char *const *values, size_t n, bool cards)
{
	const struct shape s = look(values, n);

	if (s.filled == 0)
		return SENSITIVE_NOT;
	if (is_pin_code(name) && s.postal < s.filled)
		return SENSITIVE_PINS;
	if (!cards || s.codes < s.filled)
		return SENSITIVE_NOT;
	if (is_doubtful(name))
		return SENSITIVE_CODES;
	/* Counts, scores and area codes have no zero before them. */
	return s.zeros ? SENSITIVE_DIGITS : SENSITIVE_NOT;
}

/* The digits that end before ${at}: how many, and where they begin. */
static size_t
digits_before(const char *s, size_t at, const char **begin)
{
	size_t n = 0;

	while (n < at && type_digit(s[at - n - 1]))
		n++;
	*begin = s + at - n;
	return n;
}

/*
 * Whether ${s}[${at}] is the separator behind a track's card number. Without the sentinel
 * before it the number itself must be one.
 */
static bool
is_track_at(const char *s, size_t len, size_t at)
{
	const bool first = s[at] == '^';
	const char *card;
	size_t n = digits_before(s, at, &card), before = (size_t)(card - s);
	bool marked;

	if (n < TRACK_CARD || n > CARD_MAX)
		return false;
	if (!first) {
		marked = before >= 1 && card[-1] == ';';
		return digits(s + at + 1, len - at - 1) >= (marked ? 4 : 7) &&
		       (marked || type_luhn(card, n));
	}
	if (before < 1 || type_lower(card[-1]) != 'b')
		return false;
	marked = before >= 2 && card[-2] == '%';
	return marked || (type_luhn(card, n) && memchr(s + at + 1, '^', len - at - 1));
}

bool
sensitive_track(const char *s, size_t len)
{
	size_t i;

	for (i = TRACK_CARD; i < len; i++)
		if (type_digit(s[i - 1]) && (s[i] == '^' || s[i] == '=' || type_lower(s[i]) == 'd') &&
		    is_track_at(s, len, i))
			return true;
	return false;
}

/* What may stand between two digits of a card number. */
static size_t
gap_at(const char *s, size_t len)
{
	size_t n = type_separator(s, len);

	if (n == 0 && len > 0 && *s == '.')
		n = 1;
	return n && n < len && type_digit(s[n]) ? n : 0;
}

/* Whether the digits that begin at ${*i}, one sign apart at most, are a card's. */
static bool
is_card_at(const char *s, size_t len, size_t *i)
{
	char d[CARD_MAX + 1];
	size_t n = 0, gap;

	for (; *i < len; *i += gap) {
		gap = type_digit(s[*i]) ? 1 : gap_at(s + *i, len - *i);
		if (gap == 0)
			break;
		if (type_digit(s[*i]) && n <= CARD_MAX)
			d[n++] = s[*i];
	}
	/* Issuers begin with 2 to 6. */
	return n >= CARD_MIN && n <= CARD_MAX && d[0] >= '2' && d[0] <= '6' && type_luhn(d, n);
}

bool
sensitive_card(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i + CARD_MIN <= len; i++)
		if (type_digit(s[i]) && is_card_at(s, len, &i))
			return true;
	return false;
}
