/* Tcl commands: a whole vault looked over, and one that is no longer defended. */
#include "store/vault_int.h"
#include "test/testfixture_store.h"

struct steps { /* stop at the ${stop}th report; 0: never */
	int stop, seen;
};

static bool
step(void *arg, uint64_t done, uint64_t all)
{
	struct steps *s = arg;

	(void)done;
	(void)all;
	return ++s->seen == s->stop;
}

static const char *
fresh_name(enum vault_freshness fresh)
{
	return fresh == VAULT_FRESH ? "fresh" : fresh == VAULT_STALE ? "stale" : "unknown";
}

/* vault_verify VAULT ?STOP ?quick??: a dictionary, with the answer as key rc */
static int
verify_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct steps s = {0, 0};
	struct progress progress = {step, &s};
	struct vault_verdict w;
	struct vault *v;
	Tcl_Obj *d;
	enum rc rc;

	(void)cd;
	if (objc < 2)
		return fixture_usage(interp, objv, "VAULT ?STOP ?quick??");
	v = fixture_vault(interp, objv[1]);
	if (!v || (objc > 2 && Tcl_GetIntFromObj(interp, objv[2], &s.stop) != TCL_OK))
		return TCL_ERROR;
	rc = objc > 3 ? vault_verify_quick(v, &progress, &w) : vault_verify(v, &progress, &w);
	d = Tcl_NewDictObj();
	fixture_put_text(d, "rc", rc_name(rc));
	fixture_put_text(d, "sentence", vault_err(v));
	fixture_put_int(d, "pages", (int64_t)w.pages);
	fixture_put_int(d, "bad_pages", (int64_t)w.bad_pages);
	fixture_put_int(d, "first_bad", w.first_bad[0]);
	fixture_put_int(d, "bad_log", w.bad_log);
	fixture_put_int(d, "sealed_ended", w.sealed_ended);
	fixture_put_int(d, "header_copy_damaged", w.header_copy_damaged);
	fixture_put_int(d, "structure_checked", w.structure_checked);
	fixture_put_int(d, "fts_checked", w.fts_checked);
	fixture_put_int(d, "structure_ok", w.structure_ok);
	fixture_put_text(d, "structure", w.structure);
	fixture_put_int(d, "fts_ok", w.fts_ok);
	fixture_put_int(d, "tables_ok", w.tables_ok);
	fixture_put_text(d, "tables", w.tables);
	fixture_put_int(d, "bad_cells", (int64_t)w.bad_cells);
	fixture_put_text(d, "cells", w.cells);
	fixture_put_int(d, "audit_ok", w.audit_ok);
	fixture_put_int(d, "audit_entries", (int64_t)w.audit_entries);
	fixture_put_text(d, "audit", w.audit);
	fixture_put_int(d, "audit_checked", w.audit_checked);
	fixture_put_int(d, "sealed_values", (int64_t)w.sealed_values);
	fixture_put_int(d, "bad_sealed", (int64_t)w.bad_sealed);
	fixture_put_text(d, "sealed", w.sealed);
	fixture_put_int(d, "sealed_checked", w.sealed_checked);
	fixture_put_text(d, "fresh", fresh_name(w.fresh));
	Tcl_SetObjResult(interp, d);
	return TCL_OK;
}

/* vault_current VAULT: the answer, and fresh, stale or unknown */
static int
current_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	enum vault_freshness fresh;
	enum rc rc;

	(void)cd;
	if (!v)
		return TCL_ERROR;
	rc = vault_current(v, NULL, &fresh);
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("%s %s", rc_name(rc), fresh_name(fresh)));
	return TCL_OK;
}

/* vault_undefended VAULT: from now on its connection does what SQLite can */
static int
undefended_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v = fixture_vault_of(interp, objc, objv, 2, "VAULT");

	(void)cd;
	if (!v)
		return TCL_ERROR;
	sqlite3_db_config(v->db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	return TCL_OK;
}

void
verify_Init(Tcl_Interp *interp)
{
	Tcl_CreateObjCommand(interp, "vault_verify", verify_cmd, NULL, NULL);
	Tcl_CreateObjCommand(interp, "vault_current", current_cmd, NULL, NULL);
	Tcl_CreateObjCommand(interp, "vault_undefended", undefended_cmd, NULL, NULL);
}
