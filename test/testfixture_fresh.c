/* Tcl commands over what a keyring knows to be current: the seal, the log's salts, keys held. */
#include "test/testfixture_keyring.h"

#include "keyring/bytes.h"
#include "keyring/keyring_int.h"
#include "test/testfixture.h"

/* keyring_seal KEYRING PAGES */
static int
seal_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 2, "KEYRING PAGES");
	Tcl_WideInt pages;
	enum rc rc;

	(void)cd;
	if (!kr || Tcl_GetWideIntFromObj(interp, objv[2], &pages) != TCL_OK)
		return TCL_ERROR;
	rc = keyring_seal(kr, (uint64_t)pages);
	return rc == RC_OK ? TCL_OK : fixture_fail(interp, rc, NULL);
}

/* keyring_sealed_sum KEYRING */
static int
sum_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 1, "KEYRING");
	uint8_t sum[CMAC_LEN];

	(void)cd;
	return kr ? fixture_give(interp, keyring_sealed_sum(kr, sum), sum, sizeof sum) : TCL_ERROR;
}

/* keyring_pin_log KEYRING SALTS */
static int
pin_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 2, "KEYRING SALTS");
	const uint8_t *salts = kr ? fixture_exact(interp, objv[2], LOG_SALTS_LEN) : NULL;
	enum rc rc;

	(void)cd;
	if (!salts)
		return TCL_ERROR;
	rc = keyring_pin_log(kr, salts, NULL);
	return rc == RC_OK ? TCL_OK : fixture_fail(interp, rc, NULL);
}

/* keyring_log_age KEYRING SALTS: current, previous, unknown */
static int
age_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 2, "KEYRING SALTS");
	const uint8_t *salts = kr ? fixture_exact(interp, objv[2], LOG_SALTS_LEN) : NULL;
	enum log_age age;

	(void)cd;
	if (!salts)
		return TCL_ERROR;
	age = keyring_log_age(kr, salts);
	Tcl_SetObjResult(interp, Tcl_NewStringObj(age == LOG_CURRENT ? "current"
	    : age == LOG_PREVIOUS ? "previous" : "unknown", -1));
	return TCL_OK;
}

/* keyring_held KEYRING: how many page keys it has in memory */
static int
held_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 1, "KEYRING");
	int i, n = 0;

	(void)cd;
	if (!kr)
		return TCL_ERROR;
	for (i = 0; kr->keys && i < HEADER_EPOCHS; i++)
		n += !all_zero(kr->keys->page[i], KEY_LEN);
	Tcl_SetObjResult(interp, Tcl_NewIntObj(n));
	return TCL_OK;
}

void
fresh_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "keyring_seal", seal_cmd, NULL },
		{ "keyring_sealed_sum", sum_cmd, NULL },
		{ "keyring_pin_log", pin_cmd, NULL },
		{ "keyring_log_age", age_cmd, NULL },
		{ "keyring_held", held_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
}
