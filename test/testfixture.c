/*
 * A Tcl shell for the tests: `testfixture FILE args` runs FILE with the stock `sqlite3`
 * command and with the test-only commands of each floor (testfixture_<floor>.c).
 *
 * 1. The `sqlite3` command and our objects use one and the same libsqlite3: a VFS that one
 *    registers is there for the other.
 * 2. The process is hardened (secret_setup) before any script runs, as the program is.
 */
#include "test/testfixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "keyring/secret.h"

#pragma weak secret_setup

sqlite3 *
fixture_db(Tcl_Interp *interp, const char *name)
{
	Tcl_CmdInfo info;

	if (!Tcl_GetCommandInfo(interp, name, &info) || !info.isNativeObjectProc ||
	    !info.objClientData) {
		Tcl_SetObjResult(interp, Tcl_ObjPrintf("no such connection: %s", name));
		return NULL;
	}
	/* The command's data begins with its connection: SQLite's own tests rely on it. */
	return *(sqlite3 **)info.objClientData;
}

void
fixture_commands(Tcl_Interp *interp, const struct fixture_command *commands, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		Tcl_CreateObjCommand(interp, commands[i].name, commands[i].run,
		    (ClientData)commands[i].data, NULL);
}

#ifdef __SANITIZE_ADDRESS__
/* The leak check at exit traces the process, which hardening forbids. */
static void
allow_leak_check(ClientData unused)
{
	(void)unused;
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}
#endif

static int
same_library(Tcl_Interp *interp)
{
	if (Tcl_Eval(interp, "package require sqlite3; sqlite3 -sourceid") != TCL_OK)
		return TCL_ERROR;
	if (strcmp(Tcl_GetStringResult(interp), sqlite3_sourceid()) == 0)
		return TCL_OK;
	Tcl_SetResult(interp, "the sqlite3 package uses another libsqlite3", TCL_STATIC);
	return TCL_ERROR;
}

static int
app_init(Tcl_Interp *interp)
{
	int (*const floors[])(Tcl_Interp *) = { keyring_Init, fault_Init, cipher_Init, sys_Init, shm_Init,
		secret_Init, vfs_Init, cut_Init, rotate_Init, backup_Init, memory_Init, data_Init,
		find_Init, import_Init, search_Init, history_Init, change_Init, seen_Init, store_Init,
		ui_Init };
	size_t i;

	if (Tcl_Init(interp) != TCL_OK || same_library(interp) != TCL_OK)
		return TCL_ERROR;
	for (i = 0; i < sizeof floors / sizeof *floors; i++)
		if (floors[i] && floors[i](interp) != TCL_OK)
			return TCL_ERROR;
#ifdef __SANITIZE_ADDRESS__
	Tcl_CreateExitHandler(allow_leak_check, NULL);
#endif
	return TCL_OK;
}

int
main(int argc, char **argv)
{
	struct err err = { "" };

	if (secret_setup && secret_setup(&err) != RC_OK) {
		fprintf(stderr, "testfixture: %s\n", err.text);
		return 1;
	}
	Tcl_Main(argc, argv, app_init);
	return 0;
}
