/*
 * The manifest that lies beside an exported file: anybody may have written it. Checked:
 * whatever it is, the file is compared; only one object with the file's digest is the same.
 */
#include <stdint.h>
#include <string.h>

#include "store/export.h"
#include "store/export_check.h"
#include "test/fuzz/fuzz_vault.h"

#define EXPORTED "exported"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64], manifest[96];

static void
file_put(const char *name, const void *bytes, size_t len)
{
	FILE *f = fopen(name, "w");

	if (!f || fwrite(bytes, 1, len, f) != len || fclose(f) != 0)
		abort();
}

static void
set_up(void)
{
	struct export_check c;

	fuzz_vault(NULL);
	snprintf(path, sizeof path, "%s/out.csv", fuzz_folder);
	snprintf(manifest, sizeof manifest, "%s" EXPORT_MANIFEST_END, path);
	file_put(path, EXPORTED, strlen(EXPORTED));
	must(export_check(vault, path, &c));
	if (c.manifest != MANIFEST_NONE)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct export_check c;

	if (!vault)
		set_up();
	file_put(manifest, data, size);
	must(export_check(vault, path, &c));
	if (c.run != 0 || c.manifest == MANIFEST_NONE || strlen(c.sha256) != 64)
		abort();
	if (c.manifest == MANIFEST_SAME && !memmem(data, size, c.sha256, 64) &&
	    !memchr(data, '\\', size))
		abort();
	return 0;
}
