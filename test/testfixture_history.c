/*
 * Tcl commands over tags, history and what takes changes back. A vault is the name that the
 * vault commands gave it; fields are named.
 */
#include <stdlib.h>
#include <string.h>

#include "store/record.h"
#include "store/tag.h"
#include "test/testfixture.h"
#include "test/testfixture_store.h"

/* The vault of argument 1 and the number in argument 2; false with a message. */
static bool
vault_and_id(Tcl_Interp *interp, Tcl_Obj *const objv[], struct vault **v, Tcl_WideInt *id)
{
	*v = fixture_vault(interp, objv[1]);
	return *v && Tcl_GetWideIntFromObj(interp, objv[2], id) == TCL_OK;
}

/* tag_parse TEXT: {name off} each */
static int
tag_parse_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct tag_edit edits[TAGS_MAX];
	struct err err = { "" };
	Tcl_Obj *list;
	size_t n, i;
	enum rc rc;

	(void)cd;
	if (objc != 2)
		return fixture_usage(interp, objv, "TEXT");
	rc = tag_parse(Tcl_GetString(objv[1]), edits, &n, &err);
	if (rc != RC_OK)
		return fixture_result(interp, rc, err.text);
	list = Tcl_NewObj();
	for (i = 0; i < n; i++) {
		Tcl_ListObjAppendElement(NULL, list, Tcl_NewStringObj(edits[i].name, -1));
		Tcl_ListObjAppendElement(NULL, list, Tcl_NewIntObj(edits[i].off));
	}
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

/* tag_edit VAULT ID TEXT */
static int
tag_edit_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct tag_edit edits[TAGS_MAX];
	struct err err = { "" };
	struct vault *v;
	Tcl_WideInt id;
	size_t n;
	enum rc rc;

	(void)cd;
	if (objc != 4)
		return fixture_usage(interp, objv, "VAULT ID TEXT");
	if (!vault_and_id(interp, objv, &v, &id))
		return TCL_ERROR;
	rc = tag_parse(Tcl_GetString(objv[3]), edits, &n, &err);
	if (rc != RC_OK)
		return fixture_result(interp, rc, err.text);
	rc = tag_edit(v, id, edits, n);
	return fixture_result(interp, rc, vault_err(v));
}

static bool
each_tag(void *arg, const char *name, int64_t records)
{
	Tcl_ListObjAppendElement(NULL, arg, Tcl_NewStringObj(name, -1));
	Tcl_ListObjAppendElement(NULL, arg, Tcl_NewWideIntObj(records));
	return true;
}

/* tag_list VAULT: {name records ...} */
static int
tag_list_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;
	Tcl_Obj *list;
	enum rc rc;

	(void)cd;
	if (objc != 2)
		return fixture_usage(interp, objv, "VAULT");
	v = fixture_vault(interp, objv[1]);
	if (!v)
		return TCL_ERROR;
	list = Tcl_NewObj();
	rc = tag_list(v, each_tag, list);
	Tcl_SetObjResult(interp, list);
	return rc == RC_OK ? TCL_OK : fixture_result(interp, rc, vault_err(v));
}

int
history_Init(Tcl_Interp *interp)
{
	static const struct {
		const char *name;
		Tcl_ObjCmdProc *run;
		void *data;
	} commands[] = {
		{ "tag_parse", tag_parse_cmd, NULL },
		{ "tag_edit", tag_edit_cmd, NULL },
		{ "tag_list", tag_list_cmd, NULL },
	};
	size_t i;

	for (i = 0; i < sizeof commands / sizeof *commands; i++)
		Tcl_CreateObjCommand(
		    interp, commands[i].name, commands[i].run, commands[i].data, NULL);
	return TCL_OK;
}
