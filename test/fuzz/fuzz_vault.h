#ifndef TEST_FUZZ_VAULT_H
#define TEST_FUZZ_VAULT_H

/* One vault for all inputs of a target, in a folder of its own that goes with the process. */

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/notice.h"
#include "store/vault.h"

static struct vault *vault;
static char fuzz_folder[] = "/tmp/fuzz-vault-XXXXXX";

/* The machine's own log hears of none of it. */
void
notice_send(bool warn, const char *text)
{
	(void)warn;
	(void)text;
}

static inline void
must(enum rc rc)
{
	if (rc == RC_OK)
		return;
	fprintf(stderr, "%s: %s\n", rc_name(rc), vault ? vault_err(vault) : "");
	abort();
}

static inline int
fuzz_remove_one(const char *path, const struct stat *st, int kind, struct FTW *place)
{
	(void)st;
	(void)kind;
	(void)place;
	return remove(path);
}

static inline void
fuzz_remove(void)
{
	vault_close(vault);
	nftw(fuzz_folder, fuzz_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/**
 * fuzz_vault(schema): make ${vault} with these fields; NULL: the usual ones.
 */
static inline void
fuzz_vault(const char *schema)
{
	struct vault_create_opts opts = { .schema = schema };
	struct secret *passphrase;
	char path[64];
	struct err err = { "" };

	if (!mkdtemp(fuzz_folder) || setenv("XDG_STATE_HOME", fuzz_folder, 1) != 0)
		abort();
	must(vault_setup(&err));
	must(secret_from("a passphrase of the tests", 25, &passphrase));
	snprintf(path, sizeof path, "%s/v.vault", fuzz_folder);
	opts.path = path;
	opts.secret = (struct vault_secret){ VAULT_PASSPHRASE, passphrase };
	if (vault_create(&opts, NULL, &vault, &err) != RC_OK) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	secret_free(passphrase);
	atexit(fuzz_remove);
}

#endif
