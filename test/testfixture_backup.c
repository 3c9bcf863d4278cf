/*
 * Tcl commands over the backup of a vault.
 *
 *   vault_backup VAULT PATH ?SCRIPT?   RC_OK: a dict: pages epoch page_size audit_entries; else
 *                                      an error {CODE sentence}. Each report of progress runs
 *                                      SCRIPT, which finds ::backup_percent:
 *                                      true asks to stop
 *   vault_epochs VAULT                 {KIND NUMBER STATE} of each epoch
 */
#include "store/backup.h"
#include "store/keys.h"

#include "test/testfixture.h"
#include "test/testfixture_store.h"

struct watch {
	Tcl_Interp *interp;
	Tcl_Obj *script; /* NULL: none */
	uint64_t done;   /* as told last */
	bool back;       /* it went back, or beyond its end */
};

static bool
told(void *arg, uint64_t done, uint64_t all)
{
	struct watch *w = arg;
	int stop = 0;

	w->back |= done < w->done || done > all;
	w->done = done;
	if (!w->script)
		return false;
	Tcl_SetVar2Ex(w->interp, "backup_percent", NULL,
	    Tcl_NewIntObj(all ? (int)(done * 100 / all) : 0), TCL_GLOBAL_ONLY);
	if (Tcl_EvalObjEx(w->interp, w->script, TCL_EVAL_GLOBAL) != TCL_OK)
		return true;
	(void)Tcl_GetBooleanFromObj(NULL, Tcl_GetObjResult(w->interp), &stop);
	return stop;
}

static int
backup_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct watch w = { .interp = interp };
	const struct progress progress = { told, &w };
	struct backup_report r;
	struct err err = { "" };
	struct vault *v;
	enum rc rc;

	(void)cd;
	if (argc < 3 || argc > 4)
		return fixture_usage(interp, argv, "VAULT PATH ?SCRIPT?");
	v = fixture_vault(interp, argv[1]);
	if (!v)
		return TCL_ERROR;
	w.script = argc > 3 ? argv[3] : NULL;
	rc = backup_run(v, Tcl_GetString(argv[2]), &progress, &r, &err);
	if (w.back)
		return fixture_result(interp, RC_INTERNAL, "the progress went back");
	if (rc != RC_OK)
		return fixture_result(interp, rc, err.text);
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("pages %d epoch %d page_size %d audit_entries %d",
	    (int)r.pages, (int)r.epoch, (int)r.page_size, (int)r.audit_entries));
	return TCL_OK;
}

static int
epochs_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	static struct keys keys;
	Tcl_Obj *list = Tcl_NewListObj(0, NULL);
	struct vault *v;
	size_t i;

	(void)cd;
	if (argc != 2)
		return fixture_usage(interp, argv, "VAULT");
	v = fixture_vault(interp, argv[1]);
	if (!v)
		return TCL_ERROR;
	if (keys_read(v, &keys) != RC_OK)
		return fixture_result(interp, RC_INTERNAL, vault_err(v));
	for (i = 0; i < keys.epoch_n; i++)
		Tcl_ListObjAppendElement(interp, list,
		    Tcl_ObjPrintf("%s %d %s", keys.epochs[i].field ? "field" : "page",
		        (int)keys.epochs[i].number, keys.epochs[i].state));
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

int
backup_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "vault_backup", backup_cmd, NULL },
		{ "vault_epochs", epochs_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
