#ifndef TEST_TESTFIXTURE_STORE_H
#define TEST_TESTFIXTURE_STORE_H

/* What the fixture files over the store share. */

#include <stdint.h>
#include <tcl.h>

#include "store/vault.h"

/**
 * fixture_vault(interp, name):
 * Return the open vault that the vault commands call ${name}, or NULL with a message in
 * ${interp}. It stays the commands'.
 */
struct vault *fixture_vault(Tcl_Interp *interp, Tcl_Obj *name);

/**
 * fixture_vault_of(interp, objc, objv, want, usage): the vault of argument 1 of a command that
 * takes ${want} words; NULL with a message.
 */
struct vault *fixture_vault_of(
    Tcl_Interp *interp, int objc, Tcl_Obj *const objv[], int want, const char *usage);

/**
 * fixture_vault_id(interp, objc, objv, want, usage, v, id): the same, and the number in
 * argument 2; false with a message.
 */
bool fixture_vault_id(Tcl_Interp *interp, int objc, Tcl_Obj *const objv[], int want,
    const char *usage, struct vault **v, Tcl_WideInt *id);

/**
 * fixture_result(interp, rc, sentence): TCL_OK, or an error whose message is the list
 * {CODE sentence}. fixture_usage(interp, objv, usage): the error of wrong arguments.
 */
int fixture_result(Tcl_Interp *interp, enum rc rc, const char *sentence);
int fixture_usage(Tcl_Interp *interp, Tcl_Obj *const objv[], const char *usage);

/**
 * fixture_put, fixture_put_int, fixture_put_text: one more key of a dictionary. NULL is
 * "".
 */
void fixture_put(Tcl_Obj *dict, const char *key, Tcl_Obj *value);
void fixture_put_int(Tcl_Obj *dict, const char *key, int64_t value);
void fixture_put_text(Tcl_Obj *dict, const char *key, const char *value);

/**
 * record_Init(interp): the commands over types, fields and records; store_Init calls it.
 */
int record_Init(Tcl_Interp *interp);

/**
 * keys_Init(interp): the commands over slots and key backups; verify_Init(interp): the one that
 * looks a vault over; store_Init calls them.
 */
void keys_Init(Tcl_Interp *interp);
void verify_Init(Tcl_Interp *interp);

/**
 * audit_Init(interp): the commands over the audit; store_Init calls it.
 * rules_Init(interp): those over its rules and its report; audit_Init calls it.
 * fixture_option(dict, key): a value of an options dictionary (NULL: none given), or NULL.
 */
int audit_Init(Tcl_Interp *interp);
int rules_Init(Tcl_Interp *interp);
int stats_Init(Tcl_Interp *interp); /* over the statistics; audit_Init calls it */
Tcl_Obj *fixture_option(Tcl_Obj *dict, const char *key);

#endif
