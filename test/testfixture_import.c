/* What happens at the end of a transaction of an import. */
#include "test/testfixture.h"

#include <stdlib.h>
#include <string.h>

#include "store/vault_int.h"
#include "test/testfixture_store.h"

#define PAGES 1000 /* after which SQLite copies the log by itself */

struct between { /* a script, once, after the next commit */
	Tcl_Interp *interp;
	char *script;
};

static int
committed(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct between *b = arg;

	(void)name;
	(void)pages;
	sqlite3_wal_autocheckpoint(db, PAGES); /* in place of this hook */
	if (Tcl_EvalEx(b->interp, b->script, -1, TCL_EVAL_GLOBAL) != TCL_OK)
		Tcl_BackgroundException(b->interp, TCL_ERROR);
	free(b->script);
	free(b);
	return SQLITE_OK;
}

/* vault_at_commit VAULT SCRIPT: run once when the next transaction is committed and others
 * may write */
static int
at_commit_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v = fixture_vault_of(interp, objc, objv, 3, "VAULT SCRIPT");
	struct between *b;

	(void)cd;
	if (!v)
		return TCL_ERROR;
	b = calloc(1, sizeof *b);
	if (!b || !(b->script = strdup(Tcl_GetString(objv[2])))) {
		free(b);
		return TCL_ERROR;
	}
	b->interp = interp;
	sqlite3_wal_hook(v->db, committed, b);
	return TCL_OK;
}

static int
refuse(void *db)
{
	sqlite3_commit_hook(db, NULL, NULL);
	return 1;
}

/* vault_refuse_commit VAULT: the next transaction can't be committed, with all written */
static int
refuse_commit_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v = fixture_vault_of(interp, objc, objv, 2, "VAULT");

	(void)cd;
	if (!v)
		return TCL_ERROR;
	sqlite3_commit_hook(v->db, refuse, v->db);
	return TCL_OK;
}

int
import_Init(Tcl_Interp *interp)
{
	Tcl_CreateObjCommand(interp, "vault_at_commit", at_commit_cmd, NULL, NULL);
	Tcl_CreateObjCommand(interp, "vault_refuse_commit", refuse_commit_cmd, NULL, NULL);
	return TCL_OK;
}
