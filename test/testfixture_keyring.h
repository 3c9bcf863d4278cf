#ifndef TEST_TESTFIXTURE_KEYRING_H
#define TEST_TESTFIXTURE_KEYRING_H

/* What the fixture files over the keyring share. */

#include <tcl.h>

#include "keyring/kdf.h"
#include "keyring/keyring.h"

/**
 * crypto_Init(interp): register the commands over the keyring's primitives.
 * slots_Init(interp): those over slots, the recovery code and the backup of a header.
 * fresh_Init(interp): those over what a keyring knows to be current.
 */
int crypto_Init(Tcl_Interp *interp);
void slots_Init(Tcl_Interp *interp);
void fresh_Init(Tcl_Interp *interp);

/**
 * fixture_keyring(interp, objc, objv, n, usage): the keyring that the first of ${n} words
 * names, else NULL and a message. fixture_keyring_name(interp, kr): a name for ${kr} as the
 * result. fixture_secret(interp, type, bytes, out, held): a secret of a type; both are words
 * of the command, and the caller frees ${held}.
 */
struct keyring *fixture_keyring(
    Tcl_Interp *interp, int objc, Tcl_Obj *const objv[], int n, const char *usage);
int fixture_keyring_name(Tcl_Interp *interp, struct keyring *kr);
bool fixture_secret(Tcl_Interp *interp, Tcl_Obj *type, Tcl_Obj *bytes,
    struct keyring_secret *out, struct secret **held);

extern const struct kdf_params fixture_cheap; /* costs next to nothing */

/**
 * fixture_fail(interp, rc, err): the Tcl error {CODE sentence}; ${err} may be NULL.
 * fixture_give(interp, rc, out, len): that, or ${len} bytes as the result.
 */
int fixture_fail(Tcl_Interp *interp, enum rc rc, const struct err *err);
int fixture_give(Tcl_Interp *interp, enum rc rc, const uint8_t *out, size_t len);

/**
 * fixture_bytes(o, len): the bytes of a byte array.
 * fixture_exact(interp, o, len): those of one that is ${len} long, else NULL and a
 * message.
 */
const uint8_t *fixture_bytes(Tcl_Obj *o, size_t *len);
const uint8_t *fixture_exact(Tcl_Interp *interp, Tcl_Obj *o, size_t len);

/**
 * fixture_kdf(interp, o, out), fixture_kdf_obj(p): parameters as {KIND MEMORY PASSES
 * LANES}.
 */
bool fixture_kdf(Tcl_Interp *interp, Tcl_Obj *o, struct kdf_params *out);
Tcl_Obj *fixture_kdf_obj(const struct kdf_params *p);

#endif
