/*
 * Tcl commands over types, fields and records. A vault is the name that the vault
 * commands gave it; fields are named.
 */
#include <stdlib.h>
#include <string.h>

#include "store/convert.h"
#include "store/record.h"
#include "test/testfixture.h"
#include "test/testfixture_store.h"

static int
get_type(Tcl_Interp *interp, Tcl_Obj *o, enum field_type *out)
{
	if (type_parse(Tcl_GetString(o), out))
		return TCL_OK;
	return fixture_result(interp, RC_INPUT, "no such type");
}

/* type_normalise TYPE TEXT: {1 form} or {0 text why} */
static int
normalise_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	const char *in, *why = NULL;
	enum field_type type;
	Tcl_Obj *list;
	size_t cap;
	char *out;
	bool valid;
	int len;

	(void)cd;
	if (objc != 3)
		return fixture_usage(interp, objv, "TYPE TEXT");
	if (get_type(interp, objv[1], &type) != TCL_OK)
		return TCL_ERROR;
	in = Tcl_GetStringFromObj(objv[2], &len);
	cap = 2 * (size_t)len + 32;
	out =
	    malloc(cap); /* no more than promised, so that a sanitizer sees an overrun */
	if (!out)
		return fixture_result(interp, RC_NOMEM, "no memory in the test");
	valid = type_normalise(type, in, (size_t)len, out, cap, &why);
	list = Tcl_NewObj();
	Tcl_ListObjAppendElement(NULL, list, Tcl_NewIntObj(valid));
	Tcl_ListObjAppendElement(NULL, list, Tcl_NewStringObj(out, -1));
	if (!valid)
		Tcl_ListObjAppendElement(
		    NULL, list, Tcl_NewStringObj(why ? why : "", -1));
	free(out);
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

/* type_mask TYPE TEXT ?CAP? */
static int
mask_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	enum field_type type;
	int len, cap = 256;
	const char *in;
	char *out;

	(void)cd;
	if (objc < 3)
		return fixture_usage(interp, objv, "TYPE TEXT ?CAP?");
	if (get_type(interp, objv[1], &type) != TCL_OK ||
	    (objc > 3 && Tcl_GetIntFromObj(interp, objv[3], &cap) != TCL_OK))
		return TCL_ERROR;
	in = Tcl_GetStringFromObj(objv[2], &len);
	out = malloc((size_t)cap);
	if (!out)
		return fixture_result(interp, RC_NOMEM, "no memory in the test");
	type_mask(type, in, (size_t)len, out, (size_t)cap);
	Tcl_SetObjResult(interp, Tcl_NewStringObj(out, -1));
	free(out);
	return TCL_OK;
}

/* type_guess NAME SAMPLES */
static int
guess_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	const char *samples[64];
	Tcl_Obj **parts;
	int n, i;

	(void)cd;
	if (objc != 3)
		return fixture_usage(interp, objv, "NAME SAMPLES");
	if (Tcl_ListObjGetElements(interp, objv[2], &n, &parts) != TCL_OK)
		return TCL_ERROR;
	for (i = 0; i < n && i < 64; i++)
		samples[i] = Tcl_GetString(parts[i]);
	Tcl_SetObjResult(interp,
	    Tcl_NewStringObj(
		type_name(type_guess(Tcl_GetString(objv[1]), samples, (size_t)i)), -1));
	return TCL_OK;
}

/* field_name_from HEADER */
static int
name_from_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	char out[FIELD_NAME_MAX + 1];

	(void)cd;
	if (objc != 2)
		return fixture_usage(interp, objv, "HEADER");
	field_name_from(Tcl_GetString(objv[1]), out);
	Tcl_SetObjResult(interp, Tcl_NewStringObj(out, -1));
	return TCL_OK;
}

/* field_list VAULT: {name type class required searchable label} each */
static int
list_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	const struct field *f;
	struct vault *v;
	Tcl_Obj *list, *one;
	size_t n, i;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!v)
		return TCL_ERROR;
	f = field_list(v, &n);
	list = Tcl_NewObj();
	for (i = 0; i < n; i++) {
		one = Tcl_ObjPrintf("%s %s %s %d %d", f[i].name, type_name(f[i].type),
		    class_name(f[i].cls), f[i].required, f[i].searchable);
		Tcl_ListObjAppendElement(NULL, one, Tcl_NewStringObj(f[i].label, -1));
		Tcl_ListObjAppendElement(NULL, list, one);
	}
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

/* field_index_of VAULT NAME */
static int
index_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 3, "VAULT NAME");
	if (!v)
		return TCL_ERROR;
	Tcl_SetObjResult(interp, Tcl_NewIntObj(field_index(v, Tcl_GetString(objv[2]))));
	return TCL_OK;
}

/* field_add VAULT NAME TYPE CLASS REQUIRED SEARCHABLE LABEL: its index */
static int
add_field_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	int required, searchable, index;
	struct vault *v;
	struct field f;
	enum rc rc;

	(void)cd;
	v = fixture_vault_of(
	    interp, objc, objv, 8, "VAULT NAME TYPE CLASS REQUIRED SEARCHABLE LABEL");
	memset(&f, 0, sizeof f);
	if (!v || get_type(interp, objv[3], &f.type) != TCL_OK ||
	    Tcl_GetBooleanFromObj(interp, objv[5], &required) != TCL_OK ||
	    Tcl_GetBooleanFromObj(interp, objv[6], &searchable) != TCL_OK)
		return TCL_ERROR;
	if (!class_parse(Tcl_GetString(objv[4]), &f.cls))
		return fixture_result(interp, RC_INPUT, "no such class");
	strncpy(f.name, Tcl_GetString(objv[2]), sizeof f.name - 1);
	strncpy(f.label, Tcl_GetString(objv[7]), sizeof f.label - 1);
	f.required = required != 0;
	f.searchable = searchable != 0;
	rc = field_add(v, &f, &index);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp, Tcl_NewIntObj(index));
	return fixture_result(interp, rc, vault_err(v));
}

/* field_schema VAULT */
static int
schema_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;
	char *text;
	enum rc rc;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!v)
		return TCL_ERROR;
	rc = field_schema(v, &text);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp, Tcl_NewStringObj(text, -1));
	free(text);
	return fixture_result(interp, rc, "");
}

static int
complain(Tcl_Interp *interp, const char *what)
{
	Tcl_SetObjResult(interp, Tcl_NewStringObj(what, -1));
	return TCL_ERROR;
}

/* A list of fields and values; the texts live as long as ${list}. */
static int
get_changes(
    Tcl_Interp *interp, struct vault *v, Tcl_Obj *list, struct change **out, size_t *n)
{
	Tcl_Obj **parts;
	int part_n, i, len;

	*out = NULL;
	if (Tcl_ListObjGetElements(interp, list, &part_n, &parts) != TCL_OK)
		return TCL_ERROR;
	if (part_n % 2)
		return complain(interp, "a field has no value");
	*out = calloc((size_t)part_n / 2 + 1, sizeof **out);
	if (!*out)
		return fixture_result(interp, RC_NOMEM, "no memory in the test");
	*n = (size_t)part_n / 2;
	for (i = 0; i < part_n; i += 2) {
		(*out)[i / 2].index = field_index(v, Tcl_GetString(parts[i]));
		(*out)[i / 2].text = Tcl_GetStringFromObj(parts[i + 1], &len);
		(*out)[i / 2].len = (size_t)len;
	}
	return TCL_OK;
}

/* record_add VAULT {FIELD VALUE ...}: its id */
static int
add_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct change *ch;
	struct vault *v;
	int64_t id;
	enum rc rc;
	size_t n = 0;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 3, "VAULT {FIELD VALUE ...}");
	if (!v || get_changes(interp, v, objv[2], &ch, &n) != TCL_OK)
		return TCL_ERROR;
	rc = record_add(v, ch, n, &id);
	free(ch);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp, Tcl_NewWideIntObj(id));
	return fixture_result(interp, rc, vault_err(v));
}

/* record_edit VAULT ID VERSION {FIELD VALUE ...} */
static int
edit_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	Tcl_WideInt id, version;
	struct change *ch = NULL;
	struct vault *v;
	enum rc rc;
	size_t n = 0;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 5, "VAULT ID VERSION {FIELD VALUE ...}");
	if (!v || Tcl_GetWideIntFromObj(interp, objv[2], &id) != TCL_OK ||
	    Tcl_GetWideIntFromObj(interp, objv[3], &version) != TCL_OK ||
	    get_changes(interp, v, objv[4], &ch, &n) != TCL_OK)
		return TCL_ERROR;
	rc = record_edit(v, id, version, ch, n);
	free(ch);
	return fixture_result(interp, rc, vault_err(v));
}

/* Names of the fields for which ${flag} is set. */
static Tcl_Obj *
names_of(const struct record *r, const struct field *f, bool (*flag)(const struct cell *))
{
	Tcl_Obj *list = Tcl_NewObj();
	size_t i;

	for (i = 0; i < r->n; i++)
		if (flag(&r->cells[i]))
			Tcl_ListObjAppendElement(
			    NULL, list, Tcl_NewStringObj(f[i].name, -1));
	return list;
}

static bool
is_masked(const struct cell *c)
{
	return c->masked;
}

static bool
is_invalid(const struct cell *c)
{
	return c->invalid;
}

static Tcl_Obj *
record_dict(const struct record *r, const struct field *f)
{
	Tcl_Obj *d = Tcl_NewDictObj(), *cells = Tcl_NewDictObj();
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->cells[i].len)
			fixture_put(cells, f[i].name,
			    Tcl_NewStringObj(r->cells[i].text, (int)r->cells[i].len));
	fixture_put_int(d, "id", r->id);
	fixture_put_int(d, "version", r->version);
	fixture_put_int(d, "created", r->created_at);
	fixture_put_int(d, "updated", r->updated_at);
	fixture_put_int(d, "deleted", r->deleted_at);
	fixture_put_int(d, "keep", r->keep_until);
	fixture_put_text(d, "tags", r->tags);
	fixture_put_text(d, "actor", r->actor);
	fixture_put(d, "uuid", Tcl_NewByteArrayObj(r->uuid, sizeof r->uuid));
	fixture_put(d, "cells", cells);
	fixture_put(d, "masked", names_of(r, f, is_masked));
	fixture_put(d, "invalid", names_of(r, f, is_invalid));
	return d;
}

/* record_get VAULT ID: a dictionary; empty cells are left out of key cells */
static int
get_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	const struct field *f;
	struct record *r;
	struct vault *v;
	Tcl_WideInt id;
	enum rc rc;
	size_t n = 0;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 3, "VAULT ID");
	if (!v || Tcl_GetWideIntFromObj(interp, objv[2], &id) != TCL_OK)
		return TCL_ERROR;
	rc = record_get(v, id, &r);
	if (rc != RC_OK)
		return fixture_result(interp, rc, vault_err(v));
	f = field_list(v, &n);
	if (n != r->n) {
		record_free(r);
		return complain(
		    interp, "a record has more or fewer cells than there are fields");
	}
	Tcl_SetObjResult(interp, record_dict(r, f));
	record_free(r);
	return TCL_OK;
}

/* record_trash VAULT ID, record_restore VAULT ID */
static int
trash_cmd(ClientData restore, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;
	Tcl_WideInt id;

	v = fixture_vault_of(interp, objc, objv, 3, "VAULT ID");
	if (!v || Tcl_GetWideIntFromObj(interp, objv[2], &id) != TCL_OK)
		return TCL_ERROR;
	return fixture_result(
	    interp, restore ? record_restore(v, id) : record_trash(v, id), vault_err(v));
}

static int copies; /* for reveal_cmd: record_copy */

/* record_reveal, record_copy VAULT ID FIELD ?REASON?: the value */
static int
reveal_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	enum rc (*take)(struct vault *, int64_t, int, const char *, struct secret **) =
	    cd == &copies ? record_copy : record_reveal;
	struct secret *out;
	struct vault *v;
	Tcl_WideInt id;
	enum rc rc;

	if (objc < 4)
		return fixture_usage(interp, objv, "VAULT ID FIELD ?REASON?");
	v = fixture_vault(interp, objv[1]);
	if (!v || Tcl_GetWideIntFromObj(interp, objv[2], &id) != TCL_OK)
		return TCL_ERROR;
	rc = take(v, id, field_index(v, Tcl_GetString(objv[3])),
	    objc > 4 ? Tcl_GetString(objv[4]) : NULL, &out);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp, Tcl_NewStringObj((const char *)secret_view(out),
					     (int)secret_len(out)));
	secret_free(out);
	return fixture_result(interp, rc, vault_err(v));
}

static int stop_after;

/* ${arg}: a script of the caller's interpreter, run once; NULL. */
struct between {
	Tcl_Interp *interp;
	Tcl_Obj *script;
};

static bool
stop_step(void *arg, uint64_t done, uint64_t all)
{
	struct between *b = arg;
	Tcl_Obj *script = b->script;

	b->script = NULL;
	if (script)
		Tcl_EvalObjEx(b->interp, script, TCL_EVAL_GLOBAL);
	(void)done;
	(void)all;
	return stop_after > 0 && --stop_after == 0;
}

/*
 * field_convert VAULT FIELD TYPE CLASS SEARCHED ?STOP ?SCRIPT??: {CODE resumed values invalid
 * sentence}; SCRIPT runs once the conversion has begun, and STOP (0: never) ends it.
 */
static int
convert_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct between between = { interp, objc > 7 ? objv[7] : NULL };
	const struct progress progress = { stop_step, &between };
	struct convert_wish wish = { 0 };
	struct convert_report r;
	struct vault *v;
	int searched;
	enum rc rc;

	(void)cd;
	if (objc < 6)
		return fixture_usage(interp, objv, "VAULT FIELD TYPE CLASS SEARCHED ?STOP ?SCRIPT??");
	v = fixture_vault(interp, objv[1]);
	if (!v || get_type(interp, objv[3], &wish.type) != TCL_OK ||
	    !class_parse(Tcl_GetString(objv[4]), &wish.cls) ||
	    Tcl_GetBooleanFromObj(interp, objv[5], &searched) != TCL_OK)
		return TCL_ERROR;
	wish.searchable = searched;
	stop_after = 0;
	if (objc > 6 && Tcl_GetIntFromObj(interp, objv[6], &stop_after) != TCL_OK)
		return TCL_ERROR;
	rc = field_convert(v, field_index(v, Tcl_GetString(objv[2])), &wish, &progress, &r);
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("%s %d %d %d {%s}", rc_name(rc), r.resumed,
	    (int)r.values, (int)r.invalid, vault_err(v)));
	return TCL_OK;
}

/* field_pending VAULT FIELD: {type class done all}, or nothing */
static int
pending_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct convert_wish wish;
	struct vault *v;
	uint64_t done, all;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 3, "VAULT FIELD");
	if (!v)
		return TCL_ERROR;
	if (field_pending(v, field_index(v, Tcl_GetString(objv[2])), &wish, &done, &all) == RC_OK)
		Tcl_SetObjResult(interp, Tcl_ObjPrintf("%s %s %d %d", type_name(wish.type),
		    class_name(wish.cls), (int)done, (int)all));
	return TCL_OK;
}

/* field_drop VAULT FIELD */
static int
drop_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 3, "VAULT FIELD");
	if (!v)
		return TCL_ERROR;
	return fixture_result(
	    interp, field_drop(v, field_index(v, Tcl_GetString(objv[2]))), vault_err(v));
}

int
record_Init(Tcl_Interp *interp)
{
	static int restore;
	static const struct fixture_command commands[] = {
		{ "type_normalise", normalise_cmd, NULL },
		{ "type_mask", mask_cmd, NULL },
		{ "type_guess", guess_cmd, NULL },
		{ "field_name_from", name_from_cmd, NULL },
		{ "field_list", list_cmd, NULL },
		{ "field_index_of", index_cmd, NULL },
		{ "field_add", add_field_cmd, NULL },
		{ "field_schema", schema_cmd, NULL },
		{ "record_add", add_cmd, NULL },
		{ "record_edit", edit_cmd, NULL },
		{ "record_get", get_cmd, NULL },
		{ "record_trash", trash_cmd, NULL },
		{ "record_restore", trash_cmd, &restore },
		{ "record_reveal", reveal_cmd, NULL },
		{ "record_copy", reveal_cmd, &copies },
		{ "field_convert", convert_cmd, NULL },
		{ "field_pending", pending_cmd, NULL },
		{ "field_drop", drop_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
