/*
 * The mapping of an import. Checked: what is understood gives rules for named columns; what
 * is not has a sentence.
 */
#include <stdint.h>
#include <stdlib.h>

#include "store/import_mapping.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct import_opts *opts)
{
	size_t i;

	for (i = 0; i < opts->map_n; i++)
		if (!opts->map[i].column)
			abort();
	if (opts->duplicates > DUP_KEEP || opts->format > IMPORT_JSONL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct import_opts opts = { .fd = -1 };
	struct import_mapping *m;
	struct err err = { "" };
	enum rc rc;

	rc = import_mapping_read((const char *)data, size, "fuzz", &m, &err);
	if (rc != RC_OK && (m || !*err.text))
		abort();
	if (rc == RC_OK && import_mapping_apply(m, &opts, &err) == RC_OK)
		check(&opts);
	import_mapping_free(m);
	return 0;
}
