#ifndef UI_TUI_CATALOGUE_H
#define UI_TUI_CATALOGUE_H

/* A worker's copy of the fields, for the interface. */

#include "store/field.h"

/**
 * catalogue_copy(v, out, n): the fields as ${v} has read them last; to be freed. RC_OK;
 * RC_NOMEM.
 * catalogue_is_same(a, an, b, bn): whether an index means the same field in both.
 */
enum rc catalogue_copy(struct vault *v, struct field **out, size_t *n);
bool catalogue_is_same(const struct field *a, size_t an, const struct field *b, size_t bn);

#endif
