/* Tcl commands over a vault's audit. */
#include <string.h>

#include "store/audit.h"
#include "test/testfixture_store.h"

static bool
list_entry(void *arg, const struct audit_entry *e)
{
	Tcl_Obj *d = Tcl_NewDictObj();

	fixture_put_int(d, "seq", e->seq);
	fixture_put_int(d, "at", e->at);
	fixture_put_text(d, "event", audit_event_name(e->event));
	fixture_put_text(d, "actor", e->actor);
	fixture_put_int(d, "slot", e->slot);
	fixture_put_int(d, "record", e->record_id);
	fixture_put_text(d, "field", e->field);
	fixture_put_int(d, "count", e->count);
	fixture_put_text(d, "reason", e->reason);
	Tcl_ListObjAppendElement(NULL, arg, d);
	return true;
}

static void
get_int(Tcl_Obj *dict, const char *key, int64_t *out)
{
	Tcl_Obj *value = fixture_option(dict, key);
	Tcl_WideInt n;

	if (value && Tcl_GetWideIntFromObj(NULL, value, &n) == TCL_OK)
		*out = n;
}

/* audit_list VAULT ?DICT?: newest first. Keys event record actor since until before limit
 */
static int
audit_list_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct audit_filter f = {.event = 0};
	int64_t before = 0, limit = 1000000;
	Tcl_Obj *list, *dict, *value;
	struct vault *v;
	enum rc rc;

	(void)cd;
	if (objc < 2)
		return fixture_usage(interp, objv, "VAULT ?DICT?");
	v = fixture_vault(interp, objv[1]);
	if (!v)
		return TCL_ERROR;
	dict = objc > 2 ? objv[2] : NULL;
	value = fixture_option(dict, "event");
	if (value && !audit_event_parse(Tcl_GetString(value), &f.event))
		return fixture_result(interp, RC_INPUT, "no such event");
	value = fixture_option(dict, "actor");
	f.actor = value ? Tcl_GetString(value) : NULL;
	get_int(dict, "record", &f.record_id);
	get_int(dict, "since", &f.since);
	get_int(dict, "until", &f.until);
	get_int(dict, "before", &before);
	get_int(dict, "limit", &limit);
	list = Tcl_NewObj();
	rc = audit_list(v, &f, before, (int)limit, list_entry, list);
	if (rc != RC_OK) {
		Tcl_DecrRefCount(list);
		return fixture_result(interp, rc, vault_err(v));
	}
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

/* audit_verify VAULT: {CODE entries first_bad what} */
static int
audit_verify_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct audit_verdict w;
	struct vault *v;
	enum rc rc;

	(void)cd;
	if (objc != 2)
		return fixture_usage(interp, objv, "VAULT");
	v = fixture_vault(interp, objv[1]);
	if (!v)
		return TCL_ERROR;
	rc = audit_verify(v, NULL, &w);
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("%s %d %d {%s}", rc_name(rc),
				     (int)w.entries, (int)w.first_bad, w.what));
	return TCL_OK;
}

/* audit_append VAULT EVENT ?FIELD? ?REASON? */
static int
audit_append_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct audit_entry e = {.count = -1};
	struct vault *v;

	(void)cd;
	if (objc < 3)
		return fixture_usage(interp, objv, "VAULT EVENT ?FIELD? ?REASON?");
	v = fixture_vault(interp, objv[1]);
	if (!v)
		return TCL_ERROR;
	if (!audit_event_parse(Tcl_GetString(objv[2]), &e.event))
		return fixture_result(interp, RC_INPUT, "no such event");
	e.field = objc > 3 ? Tcl_GetString(objv[3]) : NULL;
	e.reason = objc > 4 ? Tcl_GetString(objv[4]) : NULL;
	return fixture_result(interp, audit_append(v, &e), vault_err(v));
}

int
audit_Init(Tcl_Interp *interp)
{
	Tcl_CreateObjCommand(interp, "audit_list", audit_list_cmd, NULL, NULL);
	Tcl_CreateObjCommand(interp, "audit_verify", audit_verify_cmd, NULL, NULL);
	Tcl_CreateObjCommand(interp, "audit_append", audit_append_cmd, NULL, NULL);
	return TCL_OK;
}
