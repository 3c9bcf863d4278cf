#ifndef STORE_FIELD_H
#define STORE_FIELD_H

/* The field catalogue: what a record of this vault consists of. */

#include "store/type.h"
#include "store/vault.h"

#define FIELD_NAME_MAX  64
#define FIELD_LABEL_MAX 128
#define FIELD_MAX       1000 /* columns per vault */

struct field {
	int id;
	char name[FIELD_NAME_MAX + 1];   /* [a-z][a-z0-9_]*, unique */
	char label[FIELD_LABEL_MAX + 1]; /* shown; any UTF-8 */
	enum field_type type;
	enum field_class cls;
	bool required, searchable;
};

/**
 * field_list(v, n): the catalogue in position order; valid until it changes or ${v} closes.
 * field_index(v, name): position of the field called ${name} (or its label, any case); -1.
 */
const struct field *field_list(const struct vault *v, size_t *n);
int field_index(const struct vault *v, const char *name);

/**
 * field_name_from(header, out):
 * Make a field name from a CSV header: "E-Mail Address" -> "e_mail_address".
 */
void field_name_from(const char *header, char out[FIELD_NAME_MAX + 1]);

/**
 * field_add(v, f, index):
 * Add a field (f->id is ignored) as the last one, with its column. RC_OK; RC_EXISTS;
 * RC_INPUT (name); RC_LIMIT (FIELD_MAX); RC_DENIED (class sealed, and a browse slot: it could never
 * be written).
 */
enum rc field_add(struct vault *v, const struct field *f, int *index);

/**
 * field_schema(v, out, err): the catalogue as text, one field a line:
 * `name type class [required] [search] "Label"`; the caller frees it.
 */
enum rc field_schema(const struct vault *v, char **out);

#endif
