/* Tcl commands over a vault's audit. */
#include <stdlib.h>
#include <string.h>

#include "keyring/keyring_int.h"
#include "store/audit_int.h"
#include "test/testfixture.h"
#include "test/testfixture_store.h"
#include "vfs/vfs.h"

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
	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
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

static bool
count_entry(void *arg, const struct audit_entry *e)
{
	*(int64_t *)arg = e->seq;
	return false;
}

struct forgery {
	struct vault *v;
	struct audit_chain chain;
	enum rc rc;
};

static bool
copy_entry(void *arg, const struct audit_entry *e)
{
	struct audit_entry *out = arg;

	*out = *e;
	out->actor = e->actor ? strdup(e->actor) : NULL;
	out->field = e->field ? strdup(e->field) : NULL;
	out->reason = e->reason ? strdup(e->reason) : NULL;
	return false;
}

/* The entry ${seq} gets the code that the chain would have given it. */
static void
forge_entry(struct forgery *f, int64_t seq)
{
	struct audit_entry e = {.seq = 0};
	uint8_t mac[SHA256_LEN];

	f->rc = audit_list(f->v, NULL, seq + 1, 1, copy_entry, &e);
	if (f->rc == RC_OK && e.seq != seq)
		f->rc = RC_NOTFOUND;
	if (f->rc == RC_OK)
		f->rc = audit_chain_mac(&f->chain, &e, mac);
	if (f->rc == RC_OK)
		f->rc = sql_run(f->v, "UPDATE audit SET mac = ?1 WHERE seq = ?2", "bi", mac,
		    sizeof mac, seq);
	if (f->rc == RC_OK)
		f->rc = audit_chain_next(&f->chain, mac);
	free((char *)e.actor);
	free((char *)e.field);
	free((char *)e.reason);
}

/* audit_forge VAULT: who holds a full slot makes all codes anew for the entries as they are */
static int
audit_forge_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct forgery f = {.rc = RC_OK};
	int64_t last = 0, seq;

	(void)cd;
	f.v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!f.v)
		return TCL_ERROR;
	f.rc = audit_list(f.v, NULL, 0, 1, count_entry, &last);
	if (f.rc == RC_OK)
		f.rc = audit_chain_seed(f.v, &f.chain);
	for (seq = 1; f.rc == RC_OK && seq <= last; seq++)
		forge_entry(&f, seq);
	if (f.rc == RC_OK)
		f.rc = audit_chain_save(f.v, &f.chain);
	return fixture_result(interp, f.rc, vault_err(f.v));
}

static enum rc
drop_mark(void *arg, struct keyring *kr)
{
	(void)arg;
	kr->header.fresh.audit_count = 0;
	kr->dirty = true;
	return RC_OK;
}

/* audit_forge_header VAULT: who holds a full slot takes the mark out of the header */
static int
audit_forge_header_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!v)
		return TCL_ERROR;
	return fixture_result(
	    interp, vfs_header_update(v->db, NULL, drop_mark, NULL, &v->err), v->err.text);
}

static Tcl_Obj *notices; /* what the system's log would have been told */

void __wrap_notice_send(bool warn, const char *text);

void
__wrap_notice_send(bool warn, const char *text)
{
	if (notices)
		Tcl_ListObjAppendElement(
		    NULL, notices, Tcl_ObjPrintf("%s%s", warn ? "! " : "", text));
}

/* notices: the lines for the system's log since the last call */
static int
notices_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	(void)cd;
	if (objc != 1)
		return fixture_usage(interp, objv, "");
	if (notices) {
		Tcl_SetObjResult(interp, notices);
		Tcl_DecrRefCount(notices);
	}
	notices = Tcl_NewObj();
	Tcl_IncrRefCount(notices);
	return TCL_OK;
}

int
audit_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "audit_list", audit_list_cmd, NULL },
		{ "audit_verify", audit_verify_cmd, NULL },
		{ "audit_forge", audit_forge_cmd, NULL },
		{ "audit_forge_header", audit_forge_header_cmd, NULL },
		{ "notices", notices_cmd, NULL },
		{ "audit_append", audit_append_cmd, NULL },
	};

	rules_Init(interp);
	stats_Init(interp);
	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
