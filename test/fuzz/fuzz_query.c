/*
 * The query parser on hostile text. Checked: a fault and a term stay inside the query.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct search_error err = { 0, 0, "" };
	char *text = malloc(size + 1);
	struct query *q;
	size_t i, len;
	enum rc rc;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	len = strlen(text);
	rc = query_parse(text, &q, &err);
	if (rc == RC_INPUT && (!*err.text || err.at > len || err.len > len - err.at))
		abort();
	for (i = 0; q && i < q->n; i++) {
		const struct query_node *t = &q->nodes[i];

		if (t->at > len || t->len > len - t->at)
			abort();
		if (t->kind == QUERY_TERM &&
		    (!t->value || strlen(t->value) > len || t->value_at < t->at ||
			t->value_len > len - t->value_at))
			abort();
	}
	query_free(q);
	free(text);
	return 0;
}
