/*
 * Tcl commands over what is kept in the state folder, for keyrings of any age of a vault.
 *
 *   seen_note KEYRING, seen_retire KEYRING SEQUENCE
 *   audit_mark_keep KEYRING ENTRIES     the mark of a chain of so many, with a code of zeros
 */
#include "store/audit_mark.h"
#include "store/seen.h"
#include "test/testfixture.h"
#include "test/testfixture_keyring.h"

static int
note_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 1, "KEYRING");

	(void)cd;
	if (!kr)
		return TCL_ERROR;
	seen_note(kr);
	return TCL_OK;
}

static int
number_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 2, "KEYRING NUMBER");
	struct audit_chain chain = { .count = 0 };
	Tcl_WideInt n;

	if (!kr || Tcl_GetWideIntFromObj(interp, objv[2], &n) != TCL_OK)
		return TCL_ERROR;
	chain.count = (uint64_t)n;
	if (cd)
		audit_mark_keep(kr, &chain);
	else
		seen_retire(kr, (uint64_t)n);
	return TCL_OK;
}

int
seen_Init(Tcl_Interp *interp)
{
	static char mark;
	static const struct fixture_command commands[] = {
		{ "seen_note", note_cmd, NULL },
		{ "seen_retire", number_cmd, NULL },
		{ "audit_mark_keep", number_cmd, &mark },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
