/*
 * Tcl commands over search, import and export. A vault is the name that the vault
 * commands gave it; fields are named, -id, -updated and -created are the other sort
 * orders.
 */
#include "test/testfixture.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/export_facts.h"
#include "store/export_template.h"
#include "store/template.h"
#include "store/import.h"
#include "store/import_runs.h"
#include "store/search.h"
#include "test/testfixture_store.h"

/* {CODE message}, as an error */
static int
fail(Tcl_Interp *interp, struct vault *v, enum rc rc, const struct search_error *err)
{
	Tcl_Obj *list = Tcl_NewObj();

	Tcl_ListObjAppendElement(NULL, list, Tcl_NewStringObj(rc_name(rc), -1));
	if (err && *err->text) {
		Tcl_ListObjAppendElement(NULL, list, Tcl_NewIntObj((int)err->at));
		Tcl_ListObjAppendElement(NULL, list, Tcl_NewIntObj((int)err->len));
		Tcl_ListObjAppendElement(NULL, list, Tcl_NewStringObj(err->text, -1));
	} else {
		Tcl_ListObjAppendElement(NULL, list, Tcl_NewStringObj(vault_err(v), -1));
	}
	Tcl_SetObjResult(interp, list);
	return TCL_ERROR;
}

static const char *
get(Tcl_Obj *dict, const char *key, const char *otherwise)
{
	Tcl_Obj *k = Tcl_NewStringObj(key, -1), *value = NULL;

	Tcl_IncrRefCount(k);
	Tcl_DictObjGet(NULL, dict, k, &value);
	Tcl_DecrRefCount(k);
	return value ? Tcl_GetString(value) : otherwise;
}

static int
sort_of(struct vault *v, const char *name)
{
	if (strcmp(name, "-id") == 0)
		return SORT_ID;
	if (strcmp(name, "-updated") == 0)
		return SORT_UPDATED;
	if (strcmp(name, "-created") == 0)
		return SORT_CREATED;
	if (strcmp(name, "-rank") == 0)
		return SORT_RANK;
	if (strcmp(name, "-deleted") == 0)
		return SORT_DELETED;
	if (strcmp(name, "-keep") == 0)
		return SORT_KEEP;
	return field_index(v, name);
}

/* Keys of ${dict}: query, sort, descending, live. */
static void
get_search(struct vault *v, Tcl_Obj *dict, struct search *s)
{
	s->query = get(dict, "query", NULL);
	s->sort = sort_of(v, get(dict, "sort", "-id"));
	s->descending = *get(dict, "descending", "0") == '1';
	s->live = *get(dict, "live", "0") == '1';
}

/* search_page VAULT DICT FROM ANCHOR LIMIT ?FIELD?: ids, or {id value} */
static int
search_page_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	static const char *const froms[] = { "first", "last", "after", "before", "around",
		NULL };
	struct search_error err = { 0, 0, "" };
	Tcl_Obj *list = Tcl_NewObj();
	struct search s = { 0 };
	struct rows *rows;
	struct vault *v;
	Tcl_WideInt anchor;
	int from, limit, index;
	size_t i;
	enum rc rc;

	(void)cd;
	if (objc < 6 || !(v = fixture_vault(interp, objv[1])) ||
	    Tcl_GetIndexFromObj(interp, objv[3], froms, "from", 0, &from) != TCL_OK ||
	    Tcl_GetWideIntFromObj(interp, objv[4], &anchor) != TCL_OK ||
	    Tcl_GetIntFromObj(interp, objv[5], &limit) != TCL_OK)
		return TCL_ERROR;
	get_search(v, objv[2], &s);
	rc = search_page(v, &s, (enum search_from)from, anchor, limit, &rows, &err);
	if (rc != RC_OK)
		return fail(interp, v, rc, &err);
	index = objc > 6 ? field_index(v, Tcl_GetString(objv[6])) : -1;
	for (i = 0; i < rows_count(rows); i++) {
		const struct record *r = rows_at(rows, i);

		Tcl_ListObjAppendElement(NULL, list, Tcl_NewWideIntObj(r->id));
		if (index >= 0)
			Tcl_ListObjAppendElement(
			    NULL, list, Tcl_NewStringObj(r->cells[index].text, -1));
	}
	rows_free(rows);
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

/* search_check VAULT QUERY */
static int
search_check_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct search_error err = { 0, 0, "" };
	struct vault *v;
	enum rc rc;

	(void)cd;
	if (objc != 3 || !(v = fixture_vault(interp, objv[1])))
		return TCL_ERROR;
	rc = search_check(v, Tcl_GetString(objv[2]), &err);
	return rc == RC_OK ? TCL_OK : fail(interp, v, rc, &err);
}

/* search_count VAULT DICT CAP */
static int
search_count_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct search_error err = { 0, 0, "" };
	struct search s = { 0 };
	struct vault *v;
	Tcl_WideInt cap;
	int64_t n;
	enum rc rc;

	(void)cd;
	if (objc != 4 || !(v = fixture_vault(interp, objv[1])) ||
	    Tcl_GetWideIntFromObj(interp, objv[3], &cap) != TCL_OK)
		return TCL_ERROR;
	get_search(v, objv[2], &s);
	rc = search_count(v, &s, cap, &n, &err);
	if (rc != RC_OK)
		return fail(interp, v, rc, &err);
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj(n));
	return TCL_OK;
}

struct walk {
	Tcl_Interp *interp;
	Tcl_Obj *script, *ids;
};

static enum rc
walk_each(void *arg, const struct record *r)
{
	struct walk *w = arg;

	Tcl_ListObjAppendElement(NULL, w->ids, Tcl_NewWideIntObj(r->id));
	if (!w->script)
		return RC_OK;
	return Tcl_EvalObjEx(w->interp, w->script, 0) == TCL_OK ? RC_OK : RC_CANCELLED;
}

/*
 * search_each VAULT DICT LIMIT ?SCRIPT?: ids; SCRIPT runs at each, its error ends the
 * walk
 */
static int
search_each_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct search_error err = { 0, 0, "" };
	struct walk w = { interp, NULL, NULL };
	struct search s = { 0 };
	struct vault *v;
	Tcl_WideInt limit;
	enum rc rc;

	(void)cd;
	if (objc < 4 || !(v = fixture_vault(interp, objv[1])) ||
	    Tcl_GetWideIntFromObj(interp, objv[3], &limit) != TCL_OK)
		return TCL_ERROR;
	get_search(v, objv[2], &s);
	w.script = objc > 4 ? objv[4] : NULL;
	w.ids = Tcl_NewObj();
	rc = search_each(v, &s, limit, walk_each, &w, &err);
	if (rc != RC_OK)
		return fail(interp, v, rc, &err);
	Tcl_SetObjResult(interp, w.ids);
	return TCL_OK;
}

struct cancel { /* stop at the ${n}th report; 0: never */
	int n, seen;
	Tcl_Interp *interp;
	const char *then; /* run at the first report; may be NULL */
};

static bool
cancel_step(void *arg, uint64_t done, uint64_t all)
{
	struct cancel *c = arg;

	(void)all;
	(void)done;
	if (c->seen == 0 && c->then)
		Tcl_Eval(c->interp, c->then);
	return ++c->seen == c->n;
}

static Tcl_Obj *
import_result(const struct import_report *r)
{
	Tcl_Obj *d = Tcl_NewDictObj(), *columns = Tcl_NewObj(), *first = Tcl_NewObj();
	const struct {
		const char *name;
		uint64_t value;
	} counts[] = { { "rows", r->rows }, { "added", r->count[IMPORT_NEW] },
		{ "same", r->count[IMPORT_SAME] },
		{ "updated", r->count[IMPORT_UPDATED] },
		{ "duplicates", r->count[IMPORT_DUPLICATE] },
		{ "rejected", r->count[IMPORT_REJECTED] },
		{ "invalid", r->count[IMPORT_INVALID] }, { "run", (uint64_t)r->run },
		{ "cards", r->card_cells } };
	int kind;
	size_t i;

	for (i = 0; i < sizeof counts / sizeof *counts; i++)
		Tcl_DictObjPut(NULL, d, Tcl_NewStringObj(counts[i].name, -1),
		    Tcl_NewWideIntObj((Tcl_WideInt)counts[i].value));
	for (i = 0; i < r->column_n; i++)
		Tcl_ListObjAppendElement(NULL, columns,
		    Tcl_ObjPrintf("%s>%s%s%s/%s", r->columns[i].header,
			r->columns[i].made ? "+" : "", r->columns[i].field,
			*r->columns[i].field ? "" : "-",
			*r->columns[i].field ? type_name(r->columns[i].type) : ""));
	for (kind = 0; kind < IMPORT_KINDS; kind++) {
		Tcl_Obj *cases = Tcl_NewObj();

		for (i = 0; i < IMPORT_FIRST && i < r->count[kind]; i++) {
			const struct import_case *c = &r->first[kind][i];

			Tcl_ListObjAppendElement(NULL, cases,
			    Tcl_ObjPrintf("%d %d {%s} {%s} %d", (int)c->row, (int)c->line,
				c->column, c->why, (int)c->id));
		}
		Tcl_DictObjPut(NULL, first, Tcl_NewStringObj(import_kind_name((enum import_kind)kind), -1), cases);
	}
	Tcl_DictObjPut(NULL, d, Tcl_NewStringObj("columns", -1), columns);
	Tcl_DictObjPut(NULL, d, Tcl_NewStringObj("first", -1), first);
	Tcl_DictObjPut(NULL, d, Tcl_NewStringObj("form", -1),
	    Tcl_ObjPrintf("%s bom %d quoted %d", import_encoding_name(r->encoding), r->bom,
		r->quoted));
	return d;
}

/* The value of key map: a list of {column field ?type? ?class?}, "" for none. */
static struct import_map *
get_map(const char *text, size_t *n, Tcl_Obj **keep)
{
	struct import_map *map;
	Tcl_Obj **rules, **parts;
	int rule_n, part_n, i;
	const char *p[4];
	int k;

	*keep = Tcl_NewStringObj(text, -1);
	Tcl_IncrRefCount(*keep);
	Tcl_ListObjGetElements(NULL, *keep, &rule_n, &rules);
	map = (struct import_map *)Tcl_Alloc(((unsigned)rule_n + 1) * sizeof *map);
	for (i = 0; i < rule_n; i++) {
		Tcl_ListObjGetElements(NULL, rules[i], &part_n, &parts);
		for (k = 0; k < 4; k++)
			p[k] = k < part_n && *Tcl_GetString(parts[k])
				   ? Tcl_GetString(parts[k])
				   : NULL;
		map[i] = (struct import_map){ p[0], p[1], p[2], p[3] };
	}
	*n = (size_t)rule_n;
	return map;
}

/*
 * import_run VAULT FILE DICT: the report as a dictionary. Keys: map, delimiter,
 * encoding, format (csv jsonl), no_header, dry, rejects, plaintext, reason, batch, force,
 * duplicates (skip update keep), by, keys (in memory), cancel (at which progress report).
 */
static int
import_run_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct import_report report;
	struct import_opts o;
	struct import_map *map;
	struct cancel cancel = { 0, 0, NULL, NULL };
	struct vault *v;
	const char *dup;
	Tcl_Obj *keep;
	enum rc rc;

	(void)cd;
	if (objc != 4 || !(v = fixture_vault(interp, objv[1])))
		return TCL_ERROR;
	memset(&o, 0, sizeof o);
	memset(&report, 0, sizeof report);
	o.name = Tcl_GetString(objv[2]);
	o.fd = open(o.name, O_RDONLY | O_CLOEXEC);
	map = get_map(get(objv[3], "map", ""), &o.map_n, &keep);
	o.map = map;
	o.delimiter = *get(objv[3], "delimiter", "");
	import_encoding_parse(get(objv[3], "encoding", ""), &o.encoding);
	o.format = *get(objv[3], "format", "") == 'c'   ? IMPORT_CSV
		   : *get(objv[3], "format", "") == 'j' ? IMPORT_JSONL
							: IMPORT_ANY;
	o.no_header = *get(objv[3], "no_header", "0") == '1';
	o.dry_run = *get(objv[3], "dry", "0") == '1';
	o.rejects = get(objv[3], "rejects", NULL);
	o.rejects_plaintext = *get(objv[3], "plaintext", "0") == '1';
	o.reason = get(objv[3], "reason", NULL);
	o.batch = strtoull(get(objv[3], "batch", "0"), NULL, 10);
	o.keys_max = strtoull(get(objv[3], "keys", "0"), NULL, 10);
	o.force = *get(objv[3], "force", "0") == '1';
	dup = get(objv[3], "duplicates", "skip");
	o.duplicates = *dup == 's' ? DUP_SKIP : *dup == 'u' ? DUP_UPDATE : DUP_KEEP;
	o.duplicate_by = get(objv[3], "by", NULL);
	cancel.n = (int)strtol(get(objv[3], "cancel", "0"), NULL, 10);
	o.progress = (struct progress){ cancel_step, &cancel };
	rc = import_run(v, &o, &report);
	if (o.fd >= 0)
		close(o.fd);
	Tcl_Free((char *)map);
	Tcl_DecrRefCount(keep);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp, import_result(&report));
	else
		fail(interp, v, rc, NULL);
	import_report_free(&report);
	return rc == RC_OK ? TCL_OK : TCL_ERROR;
}

/* import_undo VAULT RUN: {run removed put-back} */
static int
import_undo_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct import_undone done;
	struct vault *v;
	Tcl_WideInt run;
	enum rc rc;

	(void)cd;
	if (objc != 3 || !(v = fixture_vault(interp, objv[1])) ||
	    Tcl_GetWideIntFromObj(interp, objv[2], &run) != TCL_OK)
		return TCL_ERROR;
	rc = import_undo(v, run, &done);
	if (rc != RC_OK)
		return fail(interp, v, rc, NULL);
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("%d %d %d%s", (int)done.run, (int)done.removed,
		(int)done.put_back, done.cleaned ? "" : " uncleaned"));
	return TCL_OK;
}

/* The value of key columns: a list of {field ?treatment?}; NULL for all. */
static struct export_column *
get_columns(struct vault *v, const char *text, size_t *n)
{
	Tcl_Obj *list = Tcl_NewStringObj(text, -1), **columns, **parts;
	struct export_column *out;
	int column_n, part_n, i;

	Tcl_IncrRefCount(list);
	Tcl_ListObjGetElements(NULL, list, &column_n, &columns);
	out = (void *)Tcl_Alloc((unsigned)(column_n + 1) * (unsigned)sizeof *out); /* never fails */
	for (i = 0; i < column_n; i++) {
		Tcl_ListObjGetElements(NULL, columns[i], &part_n, &parts);
		out[i].index = sort_of(v, Tcl_GetString(parts[0]));
		out[i].treat = TREAT_DEFAULT;
		if (part_n > 1)
			export_treatment_parse(Tcl_GetString(parts[1]), &out[i].treat);
	}
	*n = (size_t)column_n;
	Tcl_DecrRefCount(list);
	return out;
}

/*
 * export_run VAULT FILE DICT: {rows guarded revealed bytes}. FILE "fd:PATH": written as
 * "-" to PATH opened here. Keys: query sort descending columns format raw force manifest
 * plaintext reason cancel then (a script, run at the first report) chosen (a script, run when the
 * columns were chosen).
 */
static int
export_run_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct search_error err = { 0, 0, "" };
	struct export_report report;
	struct export_column *columns = NULL;
	struct export_opts o;
	struct cancel cancel = { 0, 0, NULL, NULL };
	struct vault *v;
	const char *text;
	enum rc rc;

	(void)cd;
	if (objc != 4 || !(v = fixture_vault(interp, objv[1])))
		return TCL_ERROR;
	memset(&o, 0, sizeof o);
	get_search(v, objv[3], &o.search);
	text = get(objv[3], "columns", NULL);
	if (text)
		o.columns = columns = get_columns(v, text, &o.column_n);
	o.fields = field_list(v, &o.field_n);
	text = get(objv[3], "chosen", NULL);
	if (text && Tcl_Eval(interp, text) != TCL_OK) {
		Tcl_Free((char *)columns);
		return TCL_ERROR;
	}
	sink_format_parse(get(objv[3], "format", "csv"), &o.sink.format);
	o.sink.raw = *get(objv[3], "raw", "0") == '1';
	o.force = *get(objv[3], "force", "0") == '1';
	o.manifest = *get(objv[3], "manifest", "0") == '1';
	o.plaintext = *get(objv[3], "plaintext", "1") == '1';
	o.reason = get(objv[3], "reason", "test");
	cancel.n = (int)strtol(get(objv[3], "cancel", "0"), NULL, 10);
	o.progress = (struct progress){ cancel_step, &cancel };
	cancel.interp = interp;
	cancel.then = get(objv[3], "then", NULL);
	o.path = Tcl_GetString(objv[2]);
	o.fd = -1;
	if (strncmp(o.path, "fd:", 3) == 0) {
		o.fd = open(o.path + 3, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		o.path = "-";
	}
	rc = export_run(v, &o, &report, &err);
	if (o.fd >= 0)
		close(o.fd);
	if (columns)
		Tcl_Free((char *)columns);
	if (rc != RC_OK)
		return fail(interp, v, rc, &err);
	Tcl_SetObjResult(interp,
	    Tcl_ObjPrintf("%d %d %d %d", (int)report.rows, (int)report.guarded,
		(int)report.revealed, (int)report.bytes));
	return TCL_OK;
}

/* export_query VAULT QUERY: the query without the values of protected fields */
static int
export_query_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;
	char *text;
	enum rc rc;

	(void)cd;
	if (objc != 3 || !(v = fixture_vault(interp, objv[1])))
		return TCL_ERROR;
	rc = export_query_public(v, Tcl_GetString(objv[2]), &text);
	if (rc != RC_OK)
		return fixture_result(interp, rc, vault_err(v));
	Tcl_SetObjResult(interp, Tcl_NewStringObj(text, -1));
	free(text);
	return TCL_OK;
}

/* template_save VAULT KIND NAME BODY REPLACE */
static int
template_save_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;
	enum rc rc;

	(void)cd;
	if (objc != 6 || !(v = fixture_vault(interp, objv[1])))
		return TCL_ERROR;
	rc = template_save(v, Tcl_GetString(objv[2]), Tcl_GetString(objv[3]),
	    Tcl_GetString(objv[4]), *Tcl_GetString(objv[5]) == '1');
	return rc == RC_OK ? TCL_OK : fail(interp, v, rc, NULL);
}

/* export_template VAULT NAME: format, raw, {index treatment ...}, query */
static int
export_template_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct export_template *t;
	struct vault *v;
	Tcl_Obj *columns, *parts[4];
	enum rc rc;
	size_t i;

	(void)cd;
	if (objc != 3 || !(v = fixture_vault(interp, objv[1])))
		return TCL_ERROR;
	rc = export_template_load(v, Tcl_GetString(objv[2]), &t);
	if (rc != RC_OK)
		return fail(interp, v, rc, NULL);
	columns = Tcl_NewObj();
	for (i = 0; i < t->column_n; i++) {
		Tcl_ListObjAppendElement(NULL, columns, Tcl_NewIntObj(t->columns[i].index));
		Tcl_ListObjAppendElement(NULL, columns,
		    Tcl_NewStringObj(export_treatment_name(t->columns[i].treat), -1));
	}
	parts[0] = Tcl_NewStringObj(sink_format_name(t->format), -1);
	parts[1] = Tcl_NewBooleanObj(t->raw);
	parts[2] = columns;
	parts[3] = Tcl_NewStringObj(t->query, -1);
	Tcl_SetObjResult(interp, Tcl_NewListObj(4, parts));
	export_template_free(t);
	return TCL_OK;
}

/* export_template_save VAULT NAME DICT: of the key query */
static int
export_template_save_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct export_opts o;
	struct vault *v;
	enum rc rc;

	(void)cd;
	if (objc != 4 || !(v = fixture_vault(interp, objv[1])))
		return TCL_ERROR;
	memset(&o, 0, sizeof o);
	o.sink.format = SINK_CSV;
	o.search.query = get(objv[3], "query", "");
	rc = export_template_save(v, Tcl_GetString(objv[2]), &o);
	return rc == RC_OK ? TCL_OK : fail(interp, v, rc, NULL);
}

int
find_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "search_check", search_check_cmd, NULL },
		{ "search_page", search_page_cmd, NULL },
		{ "search_count", search_count_cmd, NULL },
		{ "search_each", search_each_cmd, NULL },
		{ "import_run", import_run_cmd, NULL },
		{ "import_undo", import_undo_cmd, NULL },
		{ "export_run", export_run_cmd, NULL },
		{ "export_query", export_query_cmd, NULL },
		{ "template_save", template_save_cmd, NULL },
		{ "export_template", export_template_cmd, NULL },
		{ "export_template_save", export_template_save_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
