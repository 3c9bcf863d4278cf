/*
 * A query told without values that are not to be told.
 *
 * 1. What is a value says the parser of queries, and nothing else. "ssn:*" has none.
 */
#include "store/query_hide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
has_value(const struct query_node *t)
{
	return t->kind == QUERY_TERM && (*t->value || (t->upto && *t->upto));
}

/* The terms of a query lie in it in their order. */
enum rc
query_hide(const struct query *q, const char *text, query_hides_fn *hides, const void *arg,
    char **out)
{
	size_t i, from = 0;
	char *to = malloc(strlen(text) + q->term_n * strlen(QUERY_HIDDEN) + 1);

	*out = to;
	if (!to)
		return RC_NOMEM;
	for (i = 0; i < q->n; i++) {
		const struct query_node *t = &q->nodes[i];

		if (!has_value(t) || !hides(arg, t))
			continue;
		to += sprintf(to, "%.*s" QUERY_HIDDEN, (int)(t->value_at - from), text + from);
		from = t->value_at + t->value_len;
	}
	strcpy(to, text + from);
	return RC_OK;
}

bool
query_slip(const struct query_node *term, size_t *len)
{
	*len = strcspn(term->value, "=<>!~/");
	return !term->name && *len > 0 && term->value[*len];
}
