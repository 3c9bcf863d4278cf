/* Tcl commands over the statistics. */
#include "store/stats.h"
#include "test/testfixture.h"
#include "test/testfixture_store.h"

static Tcl_Obj *
months_of(const struct stats *s)
{
	Tcl_Obj *list = Tcl_NewObj();
	size_t i;

	for (i = 0; i < s->month_n; i++)
		Tcl_ListObjAppendElement(NULL, list,
		    Tcl_ObjPrintf("%04d-%02d %d %d", s->months[i].year,
			s->months[i].month, (int)s->months[i].added,
			(int)s->months[i].all));
	return list;
}

static Tcl_Obj *
fills_of(struct vault *v, const struct stats *s)
{
	Tcl_Obj *d = Tcl_NewDictObj();
	const struct field *f;
	size_t n, i;

	f = field_list(v, &n);
	for (i = 0; i < s->fill_n && i < n; i++)
		fixture_put_int(d, f[i].name, s->fills[i].filled);
	return d;
}

static Tcl_Obj *
keys_of(const struct stats *s)
{
	Tcl_Obj *list = Tcl_NewObj();
	size_t i;

	for (i = 0; i < s->key_n; i++) {
		Tcl_Obj *d = Tcl_NewDictObj();

		fixture_put_int(d, "slot", s->keys[i].slot);
		fixture_put_text(d, "label", s->keys[i].label);
		fixture_put_text(d, "actor", s->keys[i].actor);
		fixture_put_int(d, "times", s->keys[i].times);
		Tcl_ListObjAppendElement(NULL, list, d);
	}
	return list;
}

/* stats_read VAULT: records trashed months fills keys */
static int
stats_read_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;
	struct stats s;
	Tcl_Obj *d;
	enum rc rc;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!v)
		return TCL_ERROR;
	rc = stats_read(v, NULL, &s);
	if (rc != RC_OK)
		return fixture_result(interp, rc, vault_err(v));
	d = Tcl_NewDictObj();
	fixture_put_int(d, "records", s.records);
	fixture_put_int(d, "trashed", s.trashed);
	fixture_put(d, "months", months_of(&s));
	fixture_put(d, "fills", fills_of(v, &s));
	fixture_put(d, "keys", keys_of(&s));
	stats_free(&s);
	Tcl_SetObjResult(interp, d);
	return TCL_OK;
}

/* stats_field VAULT FIELD ?MOST?: {filled empty counted different {value n ...}} */
static int
stats_field_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct stats_field s;
	struct vault *v;
	Tcl_Obj *values;
	int most = 100;
	enum rc rc;
	size_t i;

	(void)cd;
	if (objc < 3 || (objc > 3 && Tcl_GetIntFromObj(interp, objv[3], &most) != TCL_OK))
		return fixture_usage(interp, objv, "VAULT FIELD ?MOST?");
	v = fixture_vault(interp, objv[1]);
	if (!v)
		return TCL_ERROR;
	rc = stats_of_field(v, field_index(v, Tcl_GetString(objv[2])), most, NULL, &s);
	if (rc != RC_OK)
		return fixture_result(interp, rc, vault_err(v));
	values = Tcl_NewObj();
	for (i = 0; i < s.n; i++) {
		Tcl_ListObjAppendElement(
		    NULL, values, Tcl_NewStringObj(s.values[i].text, -1));
		Tcl_ListObjAppendElement(NULL, values, Tcl_NewWideIntObj(s.values[i].n));
	}
	Tcl_SetObjResult(
	    interp, Tcl_ObjPrintf("%d %d %d %d {%s}", (int)s.filled, (int)s.empty,
			s.counted, (int)s.different, Tcl_GetString(values)));
	Tcl_DecrRefCount(values);
	stats_field_free(&s);
	return TCL_OK;
}

int
stats_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "stats_read", stats_read_cmd, NULL },
		{ "stats_field", stats_field_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
