/*
 * The fields as the interface knows them: a copy, since each worker's connection reads its own
 * anew when they have changed.
 */
#include "ui/tui/catalogue.h"

#include <stdlib.h>
#include <string.h>

enum rc
catalogue_copy(struct vault *v, struct field **out, size_t *n)
{
	const struct field *fields = field_list(v, n);

	*out = calloc(*n + 1, sizeof **out);
	if (!*out)
		return RC_NOMEM;
	if (*n > 0)
		memcpy(*out, fields, *n * sizeof *fields);
	return RC_OK;
}

bool
catalogue_is_same(const struct field *a, size_t an, const struct field *b, size_t bn)
{
	size_t i;

	for (i = 0; i < an && i < bn && a[i].id == b[i].id; i++)
		;
	return an == bn && i == an;
}
