/*
 * Tcl commands over tags, history and undo. A vault is the name that the
 * vault commands gave it; fields are named.
 */
#include <stdlib.h>
#include <string.h>

#include "store/history.h"
#include "store/record.h"
#include "store/tag.h"
#include "store/undo.h"
#include "test/testfixture.h"
#include "test/testfixture_store.h"

bool
fixture_vault_id(Tcl_Interp *interp, int objc, Tcl_Obj *const objv[], int want,
    const char *usage, struct vault **v, Tcl_WideInt *id)
{
	*v = fixture_vault_of(interp, objc, objv, want, usage);
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
	if (!fixture_vault_id(interp, objc, objv, 4, "VAULT ID TEXT", &v, &id))
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
	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!v)
		return TCL_ERROR;
	list = Tcl_NewObj();
	rc = tag_list(v, each_tag, list);
	Tcl_SetObjResult(interp, list);
	return rc == RC_OK ? TCL_OK : fixture_result(interp, rc, vault_err(v));
}

static const char *const whats[] = { "", "value", "tagged", "untagged", "trashed", "restored",
	"keep", "added" };

struct history_arg {
	Tcl_Obj *list;
	const struct field *fields;
};

/* {version step {what field text masked} ...} */
static bool
each_version(void *arg, const struct history_entry *e)
{
	struct history_arg *h = arg;
	Tcl_Obj *one = Tcl_NewObj(), *item;
	size_t i;

	Tcl_ListObjAppendElement(NULL, one, Tcl_NewWideIntObj(e->version));
	Tcl_ListObjAppendElement(NULL, one, Tcl_NewStringObj(e->step, -1));
	for (i = 0; i < e->n; i++) {
		const struct history_item *it = &e->items[i];

		item = Tcl_NewObj();
		Tcl_ListObjAppendElement(NULL, item, Tcl_NewStringObj(whats[it->what], -1));
		Tcl_ListObjAppendElement(NULL, item,
		    Tcl_NewStringObj(it->index >= 0 ? h->fields[it->index].name : "", -1));
		Tcl_ListObjAppendElement(NULL, item, Tcl_NewStringObj(it->text, (int)it->len));
		Tcl_ListObjAppendElement(NULL, item, Tcl_NewIntObj(it->masked));
		Tcl_ListObjAppendElement(NULL, one, item);
	}
	Tcl_ListObjAppendElement(NULL, h->list, one);
	return true;
}

/* history_list VAULT ID ?BEFORE LIMIT? */
static int
history_list_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct history_arg h = { NULL, NULL };
	Tcl_WideInt id, before = 0;
	struct vault *v;
	int limit = 0;
	size_t n;
	enum rc rc;

	(void)cd;
	if (!fixture_vault_id(interp, objc, objv, objc == 5 ? 5 : 3, "VAULT ID ?BEFORE LIMIT?",
		&v, &id) ||
	    (objc == 5 && (Tcl_GetWideIntFromObj(interp, objv[3], &before) != TCL_OK ||
			      Tcl_GetIntFromObj(interp, objv[4], &limit) != TCL_OK)))
		return TCL_ERROR;
	h.list = Tcl_NewObj();
	h.fields = field_list(v, &n);
	rc = history_list(v, id, before, limit, each_version, &h);
	Tcl_SetObjResult(interp, h.list);
	return rc == RC_OK ? TCL_OK : fixture_result(interp, rc, vault_err(v));
}

/* history_reveal VAULT ID VERSION FIELD REASON */
static int
history_reveal_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	Tcl_WideInt id, version;
	struct secret *out;
	struct vault *v;
	enum rc rc;

	(void)cd;
	if (!fixture_vault_id(interp, objc, objv, 6, "VAULT ID VERSION FIELD REASON", &v, &id) ||
	    Tcl_GetWideIntFromObj(interp, objv[3], &version) != TCL_OK)
		return TCL_ERROR;
	rc = history_reveal(v, id, version, field_index(v, Tcl_GetString(objv[4])),
	    Tcl_GetString(objv[5]), &out);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp, Tcl_NewStringObj((const char *)secret_view(out),
					     (int)secret_len(out)));
	secret_free(out);
	return fixture_result(interp, rc, vault_err(v));
}

/* history_revert VAULT ID VERSION: the version that it made */
static int
history_revert_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	Tcl_WideInt id, version;
	int64_t now = 0;
	struct vault *v;
	enum rc rc;

	(void)cd;
	if (!fixture_vault_id(interp, objc, objv, 4, "VAULT ID VERSION", &v, &id) ||
	    Tcl_GetWideIntFromObj(interp, objv[3], &version) != TCL_OK)
		return TCL_ERROR;
	rc = history_revert(v, id, version, &now);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp, Tcl_NewWideIntObj(now));
	return fixture_result(interp, rc, vault_err(v));
}

/* undo_last_step VAULT */
static int
last_step_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!v)
		return TCL_ERROR;
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj(undo_last_step(v)));
	return TCL_OK;
}

/* undo_step VAULT STEP ?REDO?: {name records id undone}; without REDO what is not yet so */
static int
undo_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct undo_report report;
	struct vault *v;
	Tcl_WideInt step;
	int redo = 0;
	enum rc rc;

	(void)cd;
	if (!fixture_vault_id(
		interp, objc, objv, objc > 3 ? 4 : 3, "VAULT STEP ?REDO?", &v, &step) ||
	    (objc > 3 && Tcl_GetBooleanFromObj(interp, objv[3], &redo) != TCL_OK))
		return TCL_ERROR;
	rc = undo_step(v, step, redo != 0, &report);
	if (rc == RC_BUSY && report.already && objc == 3)
		rc = undo_step(v, step, true, &report);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp,
		    Tcl_ObjPrintf("%s %d %d %d", report.name, (int)report.records,
			(int)report.id, report.undone));
	return fixture_result(interp, rc, vault_err(v));
}

/* undo_find VAULT REDO: the step */
static int
undo_find_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;
	int64_t step;
	int redo;
	enum rc rc;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 3, "VAULT REDO");
	if (!v || Tcl_GetBooleanFromObj(interp, objv[2], &redo) != TCL_OK)
		return TCL_ERROR;
	rc = undo_find(v, redo != 0, &step);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp, Tcl_NewWideIntObj(step));
	return fixture_result(interp, rc, vault_err(v));
}

int
history_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "tag_parse", tag_parse_cmd, NULL },
		{ "tag_edit", tag_edit_cmd, NULL },
		{ "tag_list", tag_list_cmd, NULL },
		{ "history_list", history_list_cmd, NULL },
		{ "history_reveal", history_reveal_cmd, NULL },
		{ "history_revert", history_revert_cmd, NULL },
		{ "undo_last_step", last_step_cmd, NULL },
		{ "undo_step", undo_cmd, NULL },
		{ "undo_find", undo_find_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
