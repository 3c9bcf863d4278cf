/*
 * The text of a field catalogue, as `init --schema` and `schema` read it. Checked: what is
 * understood has names that may be, each once, labels with an end, and one field to search;
 * what is not has a sentence.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct field *f, size_t n)
{
	bool searched = false;
	size_t i, k;

	if (n == 0 || n > FIELD_MAX)
		abort();
	for (i = 0; i < n; i++) {
		if (!schema_name_ok(f[i].name) || !f[i].label[0] || f[i].id != (int)i + 1 ||
		    !memchr(f[i].label, '\0', sizeof f[i].label) ||
		    (f[i].searchable && f[i].cls != CLASS_OPEN))
			abort();
		for (k = 0; k < i; k++)
			if (strcmp(f[i].name, f[k].name) == 0)
				abort();
		searched |= f[i].searchable;
	}
	if (!searched)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct err err = { "" };
	struct field *f;
	size_t n;
	enum rc rc;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	rc = schema_parse(text, &f, &n, &err);
	if (rc == RC_OK)
		check(f, n);
	else if (f || n || !*err.text)
		abort();
	free(f);
	free(text);
	return 0;
}
