#ifndef STORE_TYPE_INT_H
#define STORE_TYPE_INT_H

/* The rules of single types, for the files type_*.c. */

#include "store/type.h"

#define TYPE_RULE_MAX  4096 /* a longer value fits no rule */
#define TYPE_RULE_ROOM (2 * TYPE_RULE_MAX + 32)

/**
 * A rule looks at ${in} (trimmed, UTF-8, NFC, not empty, ${len} bytes) and writes the normal
 * form to ${out}, which has room for 2 * len + 32 bytes. NULL: valid; else why not, a static
 * sentence.
 */
typedef const char *type_rule_fn(const char *in, size_t len, char *out);

type_rule_fn type_date_rule, type_number_rule, type_money_rule;
type_rule_fn type_email_rule, type_phone_rule, type_country_rule, type_postcode_rule,
    type_url_rule;
type_rule_fn type_ssn_rule, type_card_rule, type_iban_rule;

/**
 * type_is_free(t): whether any text will do.
 */
bool type_is_free(enum field_type t);

/* ASCII only, whatever the locale. */
static inline bool
type_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

static inline bool
type_letter(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static inline char
type_upper(char ch)
{
	return ch >= 'a' && ch <= 'z' ? (char)(ch - 'a' + 'A') : ch;
}

static inline char
type_lower(char ch)
{
	return ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch;
}

/**
 * type_separator(s, len): bytes of the blank or dash that ${s} begins with, as people and
 * programs put between the digits of a number; 0: another character.
 */
size_t type_separator(const char *s, size_t len);

/**
 * type_luhn(digits, n): whether Luhn's sum (ISO/IEC 7812-1) accepts them.
 */
bool type_luhn(const char *digits, size_t n);

#endif
