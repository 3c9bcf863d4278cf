#ifndef STORE_IMPORT_INT_H
#define STORE_IMPORT_INT_H

/* What the files of the import share. */

#include "store/csv.h"
#include "store/import.h"

#define IMPORT_SAMPLES 200 /* rows looked at before the first is written */

struct column {
	char header[FIELD_LABEL_MAX + 1];
	const struct import_map *rule; /* of the user; NULL */
	bool ignored;
	bool made;          /* the field does not exist yet */
	int index;          /* of the field in the vault; -1 while it is to be made */
	struct field field; /* that the column goes to */
};

struct sample { /* the first values of one column; not all columns have as many */
	size_t n;
	const char *values[IMPORT_SAMPLES];
};

/**
 * import_columns(header, opts, fields, field_n, out, err):
 * Understand the header row: rules of the user first, then names, then synonyms; what is
 * left becomes a field to be made, of type text until import_types looks at values. ${out}:
 * header->n columns. RC_OK; RC_INPUT; RC_NOMEM.
 */
enum rc import_columns(const struct csv_row *header, const struct import_opts *opts,
    const struct field *fields, size_t field_n, struct column **out, struct err *err);

/**
 * import_types(columns, n, samples, err):
 * Give the fields to be made a type by their names and values. RC_OK; RC_DENIED (one looks
 * like ssn or card, and the user said nothing of its class); RC_INPUT (type or class of a
 * rule).
 */
enum rc import_types(
    struct column *columns, size_t n, const struct sample *samples, struct err *err);

/**
 * import_synonym(name, i): the ${i}th field of the default schema that a column called
 * ${name} may be, best first; NULL after the last.
 * import_forbidden(name): what a column of that name would hold that must never be stored
 * ("a card's security code", PCI DSS 3.3.1); NULL.
 * import_is_track(s, len): whether a value is magnetic-stripe data (ISO/IEC 7813).
 */
const char *import_synonym(const char *name, size_t i);
const char *import_forbidden(const char *name);
bool import_is_track(const char *s, size_t len);

#endif
