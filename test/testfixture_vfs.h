#ifndef TEST_TESTFIXTURE_VFS_H
#define TEST_TESTFIXTURE_VFS_H

/* What the fixture's files over the VFS share. */

#include <tcl.h>

#include "vfs/vfs.h"

int provider_Init(Tcl_Interp *interp); /* testfixture_provider.c */
int crypt_Init(Tcl_Interp *interp);    /* testfixture_crypt.c */
int threads_Init(Tcl_Interp *interp);  /* testfixture_threads.c */
int raw_Init(Tcl_Interp *interp);      /* testfixture_raw.c */

/**
 * fixture_provide: the key provider of the tests; the passphrase is that of vfs_secret. Each
 * file gets a keyring of its own.
 */
enum rc fixture_provide(
    void *arg, const char *path, const uint8_t *area, size_t len, struct keyring **out);

/**
 * fixture_answer: RC_OK as it is; any other code as an error, "CODE: sentence".
 * fixture_rc_from: the code that ${name} names.
 */
int fixture_answer(Tcl_Interp *interp, enum rc rc, const struct err *err);
int fixture_rc_from(Tcl_Interp *interp, Tcl_Obj *name, enum rc *out);

/**
 * fixture_change_secret: a vfs_change_fn that seals the slot anew, under the same passphrase.
 */
enum rc fixture_change_secret(void *arg, struct keyring *kr);

#endif
