#ifndef TEST_TESTFIXTURE_STORE_H
#define TEST_TESTFIXTURE_STORE_H

/* What the fixture files over the store share. */

#include <tcl.h>

#include "store/vault.h"

/**
 * fixture_vault(interp, name):
 * Return the open vault that the vault commands call ${name}, or NULL with a message in
 * ${interp}. It stays the commands'.
 */
struct vault *fixture_vault(Tcl_Interp *interp, Tcl_Obj *name);

#endif
