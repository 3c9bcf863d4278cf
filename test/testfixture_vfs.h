#ifndef TEST_TESTFIXTURE_VFS_H
#define TEST_TESTFIXTURE_VFS_H

/* What the fixture's files over the VFS share. */

#include <tcl.h>

#include "vfs/vfs.h"

int crypt_Init(Tcl_Interp *interp);   /* testfixture_crypt.c */
int threads_Init(Tcl_Interp *interp); /* testfixture_threads.c */
int raw_Init(Tcl_Interp *interp);     /* testfixture_raw.c */

/**
 * fixture_provide: the key provider of the tests; the passphrase is that of vfs_secret. Each
 * file gets a keyring of its own.
 */
enum rc fixture_provide(
    void *arg, const char *path, const uint8_t *area, size_t len, struct keyring **out);

/**
 * fixture_change_secret: a vfs_change_fn that seals the slot anew, under the same passphrase.
 */
enum rc fixture_change_secret(void *arg, struct keyring *kr);

#endif
