#ifndef STORE_SENSITIVE_H
#define STORE_SENSITIVE_H

/*
 * What must never be stored (PCI DSS 3.3.1: security codes, PINs and tracks of payment cards),
 * and card numbers where none are expected. Pure; no vault needed.
 */

#include <stdbool.h>
#include <stddef.h>

/**
 * sensitive_name(name): what a field or column of that name would hold that must never be
 * stored, "a card's security code"; NULL.
 */
const char *sensitive_name(const char *name);

enum sensitive_doubt {
	SENSITIVE_NOT,
	SENSITIVE_CODES,   /* name and values are as those of security codes */
	SENSITIVE_PINS,    /* a "pin code" that is no postal code */
	SENSITIVE_DIGITS   /* the values are, the name says nothing */
};

/**
 * sensitive_values(name, values, n, cards): what the first ${n} values of a column called
 * ${name} make of it; ${cards}: card numbers stand beside it. Empty values tell nothing.
 */
enum sensitive_doubt sensitive_values(
    const char *name, const char *const *values, size_t n, bool cards);

/**
 * sensitive_track(s, len): whether there is magnetic-stripe data anywhere in a text (ISO/IEC
 * 7813, with or without its sentinels; also as a chip gives it).
 * sensitive_card(s, len): whether a text has a card number in it (13 to 19 digits, grouped
 * or not, that Luhn's sum accepts).
 */
bool sensitive_track(const char *s, size_t len);
bool sensitive_card(const char *s, size_t len);

#endif
