/*
 * Tcl commands over a search under way: how SQLite reads for it, and how soon it ends when
 * it is cancelled. And over stretches of time and saved views.
 */
#include "test/testfixture.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/period.h"
#include "store/savedview.h"
#include "store/search_find.h"
#include "test/testfixture_store.h"

static const char *
text_of(Tcl_Obj *dict, const char *key)
{
	Tcl_Obj *value = fixture_option(dict, key);

	return value ? Tcl_GetString(value) : "";
}

static void
get_search(struct vault *v, Tcl_Obj *dict, struct search *s)
{
	const char *sort = text_of(dict, "sort");

	*s = (struct search){ .query = text_of(dict, "query"), .sort = SORT_ID };
	if (strcmp(sort, "-rank") == 0)
		s->sort = SORT_RANK;
	else if (strcmp(sort, "-updated") == 0)
		s->sort = SORT_UPDATED;
	else if (*sort)
		s->sort = field_index(v, sort);
}

/* Add the plan of ${sql} to ${list}, a line each. */
static enum rc
put_plan(struct vault *v, const char *sql, Tcl_Obj *list)
{
	char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
	sqlite3_stmt *st = NULL;
	enum rc rc = explain ? sql_prepare(v, explain, &st) : RC_NOMEM;

	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK)
		Tcl_ListObjAppendElement(NULL, list,
		    Tcl_NewStringObj((const char *)sqlite3_column_text(st, 3), -1));
	sqlite3_finalize(st);
	sqlite3_free(explain);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* search_plan VAULT DICT PART: how SQLite reads a part (all empty filled count) of it. */
static int
search_plan_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	static const char *const parts[] = { "all", "empty", "filled", "count", NULL };
	Tcl_Obj *list = Tcl_NewObj();
	sqlite3_stmt *st = NULL;
	struct vault *v;
	struct search s = { 0 };
	struct finder f;
	int part;
	enum rc rc;

	(void)cd;
	if (objc != 4 || !(v = fixture_vault(interp, objv[1])) ||
	    Tcl_GetIndexFromObj(interp, objv[3], parts, "part", 0, &part) != TCL_OK)
		return TCL_ERROR;
	get_search(v, objv[2], &s);
	rc = finder_begin(&f, v, &s, NULL);
	if (rc == RC_OK && part == 3)
		rc = finder_count(&f, 10001, &st);
	else if (rc == RC_OK)
		rc = finder_prepare(&f, (enum part)part, false, 50, &st);
	if (rc == RC_OK)
		rc = put_plan(v, sqlite3_sql(st), list);
	sqlite3_finalize(st);
	finder_end(&f);
	Tcl_SetObjResult(interp, rc == RC_OK ? list : Tcl_NewStringObj(vault_err(v), -1));
	return rc == RC_OK ? TCL_OK : TCL_ERROR;
}

struct steps {
	struct vault *v;
	int at, seen; /* it is cancelled at look number at; looks so far */
};

static int
look(void *arg)
{
	struct steps *s = arg;

	if (++s->seen == s->at)
		vault_interrupt(s->v);
	return 0;
}

static enum rc
ignore(void *arg, const struct record *r)
{
	(void)arg;
	(void)r;
	return RC_OK;
}

/*
 * search_cancelled VAULT DICT HOW OPCODES AT: {CODE LOOKS}: HOW is page, count or each; a
 * look each OPCODES instructions of SQLite, cancelled at look AT.
 */
static int
search_cancelled_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	static const char *const hows[] = { "page", "count", "each", NULL };
	struct rows *rows = NULL;
	struct steps steps;
	struct vault *v;
	struct search s = { 0 };
	int how, opcodes, at;
	int64_t n;
	enum rc rc;

	(void)cd;
	if (objc != 6 || !(v = fixture_vault(interp, objv[1])) ||
	    Tcl_GetIndexFromObj(interp, objv[3], hows, "how", 0, &how) != TCL_OK ||
	    Tcl_GetIntFromObj(interp, objv[4], &opcodes) != TCL_OK ||
	    Tcl_GetIntFromObj(interp, objv[5], &at) != TCL_OK)
		return TCL_ERROR;
	get_search(v, objv[2], &s);
	steps = (struct steps){ v, at, 0 };
	sqlite3_progress_handler(v->db, opcodes, look, &steps);
	if (how == 0)
		rc = search_page(v, &s, FROM_FIRST, 0, 100, &rows, NULL);
	else if (how == 1)
		rc = search_count(v, &s, 0, &n, NULL);
	else
		rc = search_each(v, &s, 0, ignore, NULL, NULL);
	sqlite3_progress_handler(v->db, 0, NULL, NULL);
	rows_free(rows);
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("%s %d", rc_name(rc), steps.seen));
	return TCL_OK;
}

/* view_save VAULT NAME QUERY ?REPLACE? */
static int
view_save_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct savedview view = { .columns = "", .sort = "" };
	struct vault *v;
	enum rc rc;

	(void)cd;
	if (objc < 4 || !(v = fixture_vault(interp, objv[1])))
		return fixture_usage(interp, objv, "VAULT NAME QUERY ?REPLACE?");
	view.name = Tcl_GetString(objv[2]);
	view.query = Tcl_GetString(objv[3]);
	rc = savedview_save(v, &view, objc > 4, NULL);
	return fixture_result(interp, rc, vault_err(v));
}

static bool
add_view(void *arg, const struct savedview *s)
{
	Tcl_ListObjAppendElement(NULL, arg, Tcl_NewStringObj(s->name, -1));
	Tcl_ListObjAppendElement(NULL, arg, Tcl_NewStringObj(s->query, -1));
	return true;
}

/* view_list VAULT: names and queries */
static int
view_list_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	Tcl_Obj *list = Tcl_NewObj();
	struct vault *v;
	enum rc rc;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!v)
		return TCL_ERROR;
	rc = savedview_list(v, add_view, list);
	if (rc != RC_OK)
		return fixture_result(interp, rc, vault_err(v));
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

/* period TEXT NOW: {from upto from_at upto_at}, or nothing; times in seconds */
static int
period_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	Tcl_WideInt now;
	struct period p;

	(void)cd;
	if (objc != 3 || Tcl_GetWideIntFromObj(interp, objv[2], &now) != TCL_OK)
		return fixture_usage(interp, objv, "TEXT NOW");
	tzset();
	if (period_parse(Tcl_GetString(objv[1]), (int64_t)now * 1000000, &p))
		Tcl_SetObjResult(interp,
		    Tcl_ObjPrintf("%s %s %ld %ld", p.from, p.upto,
			(long)(p.from_at / 1000000), (long)(p.upto_at / 1000000)));
	return TCL_OK;
}

/* cpu_clock: microseconds of CPU that this process has used */
static int
cpu_clock_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct timespec t;

	(void)cd;
	(void)objc;
	(void)objv;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	Tcl_SetObjResult(interp,
	    Tcl_NewWideIntObj((Tcl_WideInt)t.tv_sec * 1000000 + t.tv_nsec / 1000));
	return TCL_OK;
}

int
search_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "search_plan", search_plan_cmd, NULL },
		{ "period", period_cmd, NULL },
		{ "cpu_clock", cpu_clock_cmd, NULL },
		{ "view_save", view_save_cmd, NULL },
		{ "view_list", view_list_cmd, NULL },
		{ "search_cancelled", search_cancelled_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
