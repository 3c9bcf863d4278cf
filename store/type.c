/*
 * Types of fields: their names, and the normal form of a value.
 *
 * 1. What does not parse is kept as it stands, trimmed; nothing is guessed.
 * 2. A normal form is its own normal form.
 * 3. Copies of values that are made on the way are wiped.
 * 4. Lack of memory makes no value invalid.
 */
#include "store/type_int.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "keyring/secret.h"
#include "store/text.h"

static const struct {
	const char *name;
	type_rule_fn *rule; /* NULL: any text will do */
} types[] = {
	[TYPE_TEXT] = { "text", NULL },
	[TYPE_NAME] = { "name", NULL },
	[TYPE_EMAIL] = { "email", type_email_rule },
	[TYPE_PHONE] = { "phone", type_phone_rule },
	[TYPE_DATE] = { "date", type_date_rule },
	[TYPE_NUMBER] = { "number", type_number_rule },
	[TYPE_MONEY] = { "money", type_money_rule },
	[TYPE_COUNTRY] = { "country", type_country_rule },
	[TYPE_POSTCODE] = { "postcode", type_postcode_rule },
	[TYPE_URL] = { "url", type_url_rule },
	[TYPE_SSN] = { "ssn", type_ssn_rule },
	[TYPE_CARD] = { "card", type_card_rule },
	[TYPE_IBAN] = { "iban", type_iban_rule },
	[TYPE_NOTE] = { "note", NULL },
};

static const char *const classes[] = {
	[CLASS_OPEN] = "open",
	[CLASS_MASKED] = "masked",
	[CLASS_SEALED] = "sealed",
};

#define TYPE_END  (sizeof types / sizeof *types)
#define CLASS_END (sizeof classes / sizeof *classes)

const char *
type_name(enum field_type t)
{
	return t >= TYPE_TEXT && t < TYPE_END ? types[t].name : "unknown";
}

const char *
class_name(enum field_class c)
{
	return c >= CLASS_OPEN && c < CLASS_END ? classes[c] : "unknown";
}

bool
type_is_free(enum field_type t)
{
	return t < TYPE_TEXT || t >= TYPE_END || !types[t].rule;
}

bool
type_parse(const char *name, enum field_type *out)
{
	size_t i;

	for (i = TYPE_TEXT; i < TYPE_END; i++) {
		if (strcmp(types[i].name, name) == 0) {
			*out = (enum field_type)i;
			return true;
		}
	}
	return false;
}

bool
class_parse(const char *name, enum field_class *out)
{
	size_t i;

	for (i = CLASS_OPEN; i < CLASS_END; i++) {
		if (strcmp(classes[i], name) == 0) {
			*out = (enum field_class)i;
			return true;
		}
	}
	return false;
}

static bool
is_blank(char ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

static void
trim(const char **in, size_t *len)
{
	while (*len && is_blank((*in)[*len - 1]))
		(*len)--;
	while (*len && is_blank(**in)) {
		(*in)++;
		(*len)--;
	}
}

static bool
is_ascii(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return true;
}

size_t
type_compose(const char *in, size_t len, char *out, size_t cap)
{
	const utf8proc_option_t form = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	utf8proc_uint8_t *made = NULL;
	utf8proc_ssize_t n;

	memcpy(out, in, len);
	out[len] = '\0';
	if (is_ascii(in, len))
		return len;
	n = utf8proc_map((const utf8proc_uint8_t *)in, (utf8proc_ssize_t)len, &made, form);
	if (n >= 0 && (size_t)n < cap) {
		memcpy(out, made, (size_t)n);
		out[n] = '\0';
		len = (size_t)n;
	}
	if (n >= 0)
		secret_wipe(made, (size_t)n);
	free(made);
	return len;
}

/* The rule's answer for the text in ${out}, which it replaces when it is valid. */
static const char *
apply(type_rule_fn *rule, char *out, size_t len, size_t cap)
{
	char made[TYPE_RULE_ROOM];
	const char *why;

	if (len > TYPE_RULE_MAX)
		return "it is too long";
	why = rule(out, len, made);
	if (!why && strlen(made) >= cap)
		why = "it is too long";
	if (!why)
		memcpy(out, made, strlen(made) + 1);
	secret_wipe(made, 2 * len + 32);
	return why;
}

bool
type_normalise(enum field_type t, const char *in, size_t len, char *out, size_t cap,
    const char **why)
{
	const char *bad = NULL;
	bool utf8 = text_is_utf8(in, len);

	if (utf8)
		trim(&in, &len);
	if (len >= cap) {
		len = cap - 1;
		bad = "it is too long";
	}
	if (utf8 && !bad) {
		len = type_compose(in, len, out, cap);
	} else {
		memcpy(out, in, len);
		out[len] = '\0';
	}
	if (!utf8)
		bad = "not text: it is not valid UTF-8";
	else if (memchr(out, '\0', len))
		bad = "not text: it holds a NUL byte";
	else if (!bad && len && !type_is_free(t))
		bad = apply(types[t].rule, out, len, cap);
	if (bad && why)
		*why = bad;
	return !bad;
}
