#ifndef STORE_TYPE_H
#define STORE_TYPE_H

/* Types of fields: each validates, normalises and masks. Pure; no vault needed. */

#include <stdbool.h>
#include <stddef.h>

enum field_type {
	TYPE_TEXT = 1,
	TYPE_NAME,
	TYPE_EMAIL,
	TYPE_PHONE,
	TYPE_DATE,
	TYPE_NUMBER,
	TYPE_MONEY,
	TYPE_COUNTRY,
	TYPE_POSTCODE,
	TYPE_URL,
	TYPE_SSN,
	TYPE_CARD,
	TYPE_IBAN,
	TYPE_NOTE
};

enum field_class { CLASS_OPEN = 1, CLASS_MASKED, CLASS_SEALED };

const char *type_name(enum field_type t);   /* "email" */
const char *class_name(enum field_class c); /* "masked" */
bool type_parse(const char *name, enum field_type *out);
bool class_parse(const char *name, enum field_class *out);

/**
 * type_normalise(t, in, len, out, cap, why):
 * The form that is stored and compared: trimmed; dates as YYYY-MM-DD (accepts that,
 * m/d/yyyy and d.m.yyyy); e-mail with the domain in lower case; numbers in plain digits with
 * a point; NFC. ${out} of ${cap} bytes, NUL-terminated (cap >= 2 * len + 32 always fits).
 * Returns true when valid; false: ${out} has the trimmed text and ${why} (may be NULL) a
 * static sentence, "not a date: write it as 2026-01-31". Empty is valid.
 */
bool type_normalise(enum field_type t, const char *in, size_t len, char *out, size_t cap,
    const char **why);

/**
 * type_compose(in, len, out, cap):
 * UTF-8 in NFC, not trimmed; as it stands when that does not fit. ${cap} > ${len}. Returns its
 * length; NUL-terminated.
 */
size_t type_compose(const char *in, size_t len, char *out, size_t cap);

/**
 * type_mask(t, in, len, out, cap):
 * The form shown while not revealed (store.md, "Fields: type and class").
 */
void type_mask(enum field_type t, const char *in, size_t len, char *out, size_t cap);

/**
 * type_guess(samples, n, name):
 * Propose a type for a column from its header name and up to ${n} sample values.
 */
enum field_type type_guess(const char *name, const char *const *samples, size_t n);

#endif
