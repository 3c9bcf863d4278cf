#ifndef STORE_EXPORT_CHECK_H
#define STORE_EXPORT_CHECK_H

/* Whether a file is as an export of the vault left it, and its manifest too. */

#include "store/vault.h"

struct export_check {
	char sha256[65];
	int64_t run; /* the vault's; 0: the vault has written no such file */
	int64_t at, count;
	char actor[64], format[16];
	enum {
		MANIFEST_NONE,
		MANIFEST_SAME,
		MANIFEST_OTHER,  /* it has another digest, or is no manifest */
		MANIFEST_ALTERED /* it says something else than the vault does */
	} manifest;
};

/**
 * export_check(v, path, out):
 * Compare the file's SHA-256 with the vault's list of exports, and what the manifest that lies
 * beside it says with what the list does. RC_OK (${out} says what was found); RC_NOTFOUND
 * (no such file); RC_INPUT (not a regular one); RC_IO.
 */
enum rc export_check(struct vault *v, const char *path, struct export_check *out);

#endif
