/*
 * A key file as the faces take it. Checked: it is taken whole, or refused with a sentence.
 */
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "test/fuzz/fuzz_vault.h"
#include "ui/keyfile.h"

#define KEYFILE_LEAST 32
#define KEYFILE_MOST  (64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];

static void
file_put(const uint8_t *data, size_t size)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(data, 1, size, f) != size || fclose(f) != 0 || chmod(path, 0600) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const bool fits = size >= KEYFILE_LEAST && size <= KEYFILE_MOST;
	struct secret *s;
	struct err err = { "" };
	enum rc rc;

	if (!vault)
		fuzz_vault(NULL);
	snprintf(path, sizeof path, "%s/key", fuzz_folder);
	file_put(data, size);
	rc = keyfile_read(path, &s, &err);
	if (rc != (fits ? RC_OK : RC_INPUT) || (fits ? !s : s || !*err.text))
		abort();
	if (fits && (secret_len(s) != size || memcmp(secret_view(s), data, size) != 0))
		abort();
	secret_free(s);
	return 0;
}
