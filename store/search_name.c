/* Names in a query: the field that is meant, or which one may have been. */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "store/search_term.h"

#define NEAR_MAX 3 /* typing errors in a name that is still proposed */

static const char *const own_names[] = { "is", "id", "tag", "created", "updated",
	"deleted", "keep" };

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's distance of two names, without case. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[FIELD_NAME_MAX + 2], i, j, diagonal, above;
	size_t n = strlen(b);

	if (n > FIELD_NAME_MAX || strlen(a) > FIELD_NAME_MAX)
		return SIZE_MAX;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= n; j++) {
			above = row[j];
			row[j] = min3(above + 1, row[j - 1] + 1,
			    diagonal + (strncasecmp(&a[i - 1], &b[j - 1], 1) != 0));
			diagonal = above;
		}
	}
	return row[n];
}

static void
try_name(const char *typed, const char *name, const char **best, size_t *errors)
{
	size_t d = distance(typed, name);

	if (d >= *errors)
		return;
	*errors = d;
	*best = name;
}

enum rc
term_unknown(const struct compiler *c, const struct query_node *t)
{
	size_t i, errors = NEAR_MAX + 1, len = strlen(t->name);
	const char *best = NULL;

	for (i = 0; i < c->n; i++)
		try_name(t->name, c->fields[i].name, &best, &errors);
	for (i = 0; i < sizeof own_names / sizeof *own_names; i++)
		try_name(t->name, own_names[i], &best, &errors);
	if (best && errors * 2 <= len)
		return query_fault(c->err, t->name_at, len,
		    "there is no field \"%.64s\"; did you mean %s:?", t->name, best);
	return query_fault(c->err, t->name_at, len,
	    "there is no field \"%.64s\"; put the word in quotes if it is no field",
	    t->name);
}

bool
term_known(const struct compiler *c, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof own_names / sizeof *own_names; i++)
		if (strcasecmp(own_names[i], name) == 0)
			return true;
	return term_field(c, name) != NULL;
}

const struct field *
term_field(const struct compiler *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (strcasecmp(c->fields[i].name, name) == 0)
			return &c->fields[i];
	for (i = 0; i < c->n; i++)
		if (strcasecmp(c->fields[i].label, name) == 0)
			return &c->fields[i];
	return NULL;
}
