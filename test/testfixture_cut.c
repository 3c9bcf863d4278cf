/*
 * Tcl commands over the disk in memory whose power is cut after the fact.
 *
 *   cut_register NAME          the disk's VFS, for vfs_register_test's BASE
 *   cut_clear                  an empty disk
 *   cut_record ?LEVEL?         what the disk holds is durable; keep every change from now on
 *   cut_mark                   what was done until now has been acknowledged; changes so far
 *   cut_stop                   keep no more; how many changes there are
 *   cut_syncs LEVEL N          which of the first N changes are syncs
 *   cut_power LEVEL N SEED     make the disk what a cut after N changes may leave; marks before
 *   cut_count                  how many cuts this process has made, here and by fault_cut
 *   cut_lie ?GLOB?             syncs of these files do nothing while it records; none: all do
 *   cut_spoil NAME AT N        noise
 *   cut_files                  a dict of names and sizes
 *   cut_secret DB OLD NEW      change the passphrase in the vault's header
 */
#include <string.h>

#include "keyring/secret.h"
#include "test/cutdisk.h"
#include "test/cutlog.h"
#include "test/faultdisk.h"
#include "test/testfixture.h"
#include "vfs/vfs.h"

static int
complain(Tcl_Interp *interp, const char *text)
{
	Tcl_SetObjResult(interp, Tcl_NewStringObj(text, -1));
	return TCL_ERROR;
}

static int
answer(Tcl_Interp *interp, bool ok)
{
	return ok ? TCL_OK : complain(interp, "out of memory, or no such file");
}

static int
register_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)cd;
	if (argc != 2)
		return complain(interp, "cut_register NAME");
	return answer(interp, cutdisk_register(Tcl_GetString(argv[1])) == SQLITE_OK);
}

static int
clear_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)cd;
	(void)interp;
	(void)argc;
	(void)argv;
	cutdisk_clear();
	return TCL_OK;
}

static int
level_from(Tcl_Interp *interp, Tcl_Obj *obj, int *level)
{
	if (Tcl_GetIntFromObj(interp, obj, level) != TCL_OK)
		return TCL_ERROR;
	if (*level < 0 || *level >= CUTDISK_LEVELS)
		return complain(interp, "no such level");
	return TCL_OK;
}

static int
record_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	int level = 0;

	(void)cd;
	if (argc > 1 && level_from(interp, argv[1], &level) != TCL_OK)
		return TCL_ERROR;
	return answer(interp, cutdisk_record(level));
}

static int
mark_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)cd;
	(void)argc;
	(void)argv;
	if (!cutdisk_mark())
		return complain(interp, "nothing is recorded");
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj((Tcl_WideInt)cutdisk_length()));
	return TCL_OK;
}

static int
stop_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)cd;
	(void)argc;
	(void)argv;
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj((Tcl_WideInt)cutdisk_stop()));
	return TCL_OK;
}

static int
syncs_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	Tcl_Obj *list = Tcl_NewListObj(0, NULL);
	int level, n, i;

	(void)cd;
	if (argc != 3 || level_from(interp, argv[1], &level) != TCL_OK ||
	    Tcl_GetIntFromObj(interp, argv[2], &n) != TCL_OK)
		return complain(interp, "cut_syncs LEVEL N");
	for (i = 0; i < n; i++)
		if (cutdisk_is_sync(level, (size_t)i))
			Tcl_ListObjAppendElement(interp, list, Tcl_NewIntObj(i));
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

static int
power_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	Tcl_WideInt n, seed;
	size_t marks = 0;
	int level;

	(void)cd;
	if (argc != 4 || level_from(interp, argv[1], &level) != TCL_OK ||
	    Tcl_GetWideIntFromObj(interp, argv[2], &n) != TCL_OK || n < 0 ||
	    Tcl_GetWideIntFromObj(interp, argv[3], &seed) != TCL_OK)
		return complain(interp, "cut_power LEVEL N SEED");
	if (!cutdisk_cut(level, (size_t)n, (uint64_t)seed, &marks))
		return complain(interp, "no recording, or out of memory");
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj((Tcl_WideInt)marks));
	return TCL_OK;
}

static int
count_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	const uint64_t n = cutlog_cuts() + disk_cuts();

	(void)cd;
	(void)argc;
	(void)argv;
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj((Tcl_WideInt)n));
	return TCL_OK;
}

static int
lie_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)cd;
	return answer(interp, cutdisk_lie(argc > 1 ? Tcl_GetString(argv[1]) : NULL));
}

static int
spoil_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	int at, n;

	(void)cd;
	if (argc != 4 || Tcl_GetIntFromObj(interp, argv[2], &at) != TCL_OK || at < 0 ||
	    Tcl_GetIntFromObj(interp, argv[3], &n) != TCL_OK || n < 0)
		return complain(interp, "cut_spoil NAME AT N");
	return answer(interp, cutdisk_spoil(Tcl_GetString(argv[1]), (size_t)at, (size_t)n));
}

static void
list_file(void *arg, const char *name, size_t size)
{
	Tcl_DictObjPut(NULL, arg, Tcl_NewStringObj(name, -1),
	    Tcl_NewWideIntObj((Tcl_WideInt)size));
}

static int
files_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	Tcl_Obj *dict = Tcl_NewDictObj();

	(void)cd;
	(void)argc;
	(void)argv;
	cutdisk_each(list_file, dict);
	Tcl_SetObjResult(interp, dict);
	return TCL_OK;
}

struct passphrases {
	struct secret *old, *fresh;
};

static enum rc
change_secret(void *arg, struct keyring *kr)
{
	const struct kdf_params kdf = { KDF_ARGON2ID, 64, 1, 1 };
	const struct passphrases *p = arg;
	const struct keyring_secret old = { SLOT_PASSPHRASE, p->old };
	const struct keyring_secret fresh = { SLOT_PASSPHRASE, p->fresh };
	struct slot_change change;
	enum rc rc;

	rc = keyring_change_secret(kr, KEYRING_ANY, &old, &fresh, &kdf, &change, NULL);
	return rc == RC_OK ? keyring_apply(kr, &change) : rc;
}

static int
secret_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct passphrases p = { NULL, NULL };
	struct err err = { "" };
	sqlite3 *db = argc == 4 ? fixture_db(interp, Tcl_GetString(argv[1])) : NULL;
	const char *text;
	enum rc rc;

	(void)cd;
	if (!db)
		return complain(interp, "cut_secret DB OLD NEW");
	text = Tcl_GetString(argv[2]);
	rc = secret_from(text, strlen(text), &p.old);
	text = Tcl_GetString(argv[3]);
	if (rc == RC_OK)
		rc = secret_from(text, strlen(text), &p.fresh);
	if (rc == RC_OK)
		rc = vfs_header_update(db, NULL, change_secret, &p, &err);
	secret_free(p.old);
	secret_free(p.fresh);
	return rc == RC_OK ? TCL_OK : complain(interp, err.text[0] ? err.text : rc_name(rc));
}

int
cut_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "cut_register", register_cmd, NULL },
		{ "cut_clear", clear_cmd, NULL },
		{ "cut_record", record_cmd, NULL },
		{ "cut_mark", mark_cmd, NULL },
		{ "cut_stop", stop_cmd, NULL },
		{ "cut_syncs", syncs_cmd, NULL },
		{ "cut_power", power_cmd, NULL },
		{ "cut_count", count_cmd, NULL },
		{ "cut_lie", lie_cmd, NULL },
		{ "cut_spoil", spoil_cmd, NULL },
		{ "cut_files", files_cmd, NULL },
		{ "cut_secret", secret_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
