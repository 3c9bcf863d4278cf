/*
 * Tcl commands over the parts of the store that need no vault: text, CSV, sinks, queries,
 * files.
 * Byte strings come and go as byte arrays.
 */
#include "test/testfixture.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/csv.h"
#include "store/file.h"
#include "store/query.h"
#include "store/sink.h"
#include "store/text.h"

static const char *
bytes_of(Tcl_Obj *o, size_t *len)
{
	int n;
	const char *p = (const char *)Tcl_GetByteArrayFromObj(o, &n);

	*len = (size_t)n;
	return p;
}

static Tcl_Obj *
bytes_obj(const char *p, size_t len)
{
	return Tcl_NewByteArrayObj((const unsigned char *)p, (int)len);
}

static int
wrong_args(Tcl_Interp *interp, Tcl_Obj *const objv[], const char *usage)
{
	Tcl_WrongNumArgs(interp, 1, objv, usage);
	return TCL_ERROR;
}

static void
put(Tcl_Obj *list, Tcl_Obj *o)
{
	Tcl_ListObjAppendElement(NULL, list, o);
}

/*
 * text_clusters BYTES: the grapheme clusters, forwards; the same found backwards must
 * agree
 */
static int
text_clusters_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	Tcl_Obj *list = Tcl_NewObj();
	size_t len, at, n;
	const char *s;

	(void)cd;
	if (objc != 2)
		return wrong_args(interp, objv, "BYTES");
	s = bytes_of(objv[1], &len);
	for (at = 0; at < len; at += n) {
		n = text_next(s + at, len - at);
		if (text_prev(s, at + n) != at) {
			Tcl_SetResult(interp, "text_prev disagrees", TCL_STATIC);
			return TCL_ERROR;
		}
		put(list, bytes_obj(s + at, n));
	}
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

/* text_width BYTES */
static int
text_width_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	size_t len;
	const char *s;

	(void)cd;
	if (objc != 2)
		return wrong_args(interp, objv, "BYTES");
	s = bytes_of(objv[1], &len);
	Tcl_SetObjResult(interp, Tcl_NewIntObj(text_width(s, len)));
	return TCL_OK;
}

/* text_visible BYTES CAP */
static int
text_visible_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	size_t len, n;
	const char *s;
	char *out;
	int cap;

	(void)cd;
	if (objc != 3 || Tcl_GetIntFromObj(interp, objv[2], &cap) != TCL_OK)
		return wrong_args(interp, objv, "BYTES CAP");
	s = bytes_of(objv[1], &len);
	out = malloc((size_t)cap + 1);
	n = text_visible(s, len, out, (size_t)cap);
	Tcl_SetObjResult(interp, bytes_obj(out, n));
	free(out);
	return TCL_OK;
}

/* text_clip BYTES WIDTH PAD UTF8 CAP */
static int
text_clip_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	int width, pad, utf8, cap;
	size_t len, n;
	const char *s;
	char *out;

	(void)cd;
	if (objc != 6 || Tcl_GetIntFromObj(interp, objv[2], &width) != TCL_OK ||
	    Tcl_GetIntFromObj(interp, objv[3], &pad) != TCL_OK ||
	    Tcl_GetIntFromObj(interp, objv[4], &utf8) != TCL_OK ||
	    Tcl_GetIntFromObj(interp, objv[5], &cap) != TCL_OK)
		return wrong_args(interp, objv, "BYTES WIDTH PAD UTF8 CAP");
	s = bytes_of(objv[1], &len);
	out = malloc((size_t)cap + 1);
	n = text_clip(s, len, width, pad, utf8, out, (size_t)cap);
	Tcl_SetObjResult(interp, bytes_obj(out, n));
	free(out);
	return TCL_OK;
}

/* text_facts BYTES: is it UTF-8, is it harmless */
static int
text_facts_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	size_t len;
	const char *s;

	(void)cd;
	if (objc != 2)
		return wrong_args(interp, objv, "BYTES");
	s = bytes_of(objv[1], &len);
	Tcl_SetObjResult(interp,
	    Tcl_ObjPrintf("%d %d", text_is_utf8(s, len), text_is_harmless(s, len)));
	return TCL_OK;
}

struct source {
	const char *bytes;
	size_t len, at, step;
	int fail_at; /* the read that fails, from 1; 0: none */
};

static enum rc
source_read(void *arg, void *buf, size_t cap, size_t *got)
{
	struct source *s = arg;
	size_t n = s->len - s->at;

	if (s->fail_at && --s->fail_at == 0)
		return RC_IO;
	if (n > cap)
		n = cap;
	if (s->step && n > s->step)
		n = s->step;
	if (n)
		memcpy(buf, s->bytes + s->at, n);
	s->at += n;
	*got = n;
	return RC_OK;
}

static Tcl_Obj *
row_obj(const struct csv_row *row, bool raw)
{
	Tcl_Obj *list = Tcl_NewObj(), *cells = Tcl_NewObj();
	size_t i;

	put(list, Tcl_NewWideIntObj((Tcl_WideInt)row->number));
	put(list, Tcl_NewWideIntObj((Tcl_WideInt)row->line));
	if (row->fault != CSV_FINE) {
		put(list, Tcl_ObjPrintf("fault %d in %d", (int)row->fault,
		    (int)row->fault_column));
	} else {
		for (i = 0; i < row->n; i++)
			put(cells, bytes_obj(row->fields[i], row->lens[i]));
		put(list, cells);
	}
	if (raw)
		put(list, bytes_obj(row->raw, row->raw_len));
	return list;
}

/*
 * csv_read BYTES ?DELIMITER? ?STEP? ?RAW? ?FAIL_AT?: the delimiter, whether there was a
 * BOM, then each row as {number line cells ?raw?} or {number line "fault F in COLUMN"
 * ?raw?}
 */
static int
csv_read_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct source src = { NULL, 0, 0, 0, 0 };
	Tcl_Obj *list = Tcl_NewObj();
	struct csv *c = NULL;
	struct csv_row row;
	char delimiter = 0;
	int step = 0, raw = 0;
	enum rc rc;

	(void)cd;
	if (objc < 2 || objc > 6)
		return wrong_args(
		    interp, objv, "BYTES ?DELIMITER? ?STEP? ?RAW? ?FAIL_AT?");
	src.bytes = bytes_of(objv[1], &src.len);
	if (objc > 2)
		delimiter = *Tcl_GetString(objv[2]);
	if ((objc > 3 && Tcl_GetIntFromObj(interp, objv[3], &step) != TCL_OK) ||
	    (objc > 4 && Tcl_GetIntFromObj(interp, objv[4], &raw) != TCL_OK) ||
	    (objc > 5 && Tcl_GetIntFromObj(interp, objv[5], &src.fail_at) != TCL_OK))
		return TCL_ERROR;
	src.step = (size_t)step;
	rc = csv_new(source_read, &src, delimiter, &c);
	if (rc == RC_OK) {
		put(list, Tcl_ObjPrintf("%c", csv_delimiter(c)));
		while ((rc = csv_next(c, &row)) == RC_OK)
			put(list, row_obj(&row, raw));
	}
	csv_free(c);
	if (rc != RC_NOTFOUND)
		put(list, Tcl_NewStringObj(rc_name(rc), -1));
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

static enum rc
collect(void *arg, const void *bytes, size_t len)
{
	Tcl_DString *ds = arg;

	Tcl_DStringAppend(ds, bytes, (int)len);
	return RC_OK;
}

static enum rc
refuse(void *arg, const void *bytes, size_t len)
{
	(void)arg;
	(void)bytes;
	(void)len;
	return RC_FULL;
}

static enum rc
feed_row(struct sink *s, Tcl_Obj *row, size_t n)
{
	struct sink_value *values = calloc(n, sizeof *values);
	Tcl_Obj **cells, **cell;
	int cell_n, part_n;
	enum rc rc;
	size_t i;

	Tcl_ListObjGetElements(NULL, row, &cell_n, &cells);
	for (i = 0; i < n && i < (size_t)cell_n; i++) {
		Tcl_ListObjGetElements(NULL, cells[i], &part_n, &cell);
		if (part_n == 0)
			continue; /* an empty list: no value */
		values[i].text = bytes_of(cell[0], &values[i].len);
		values[i].number = part_n > 1 && strchr(Tcl_GetString(cell[1]), 'n');
		values[i].phone = part_n > 1 && strchr(Tcl_GetString(cell[1]), 'p');
		values[i].masked = part_n > 1 && strchr(Tcl_GetString(cell[1]), 'm');
	}
	rc = sink_row(s, values);
	free(values);
	return rc;
}

static enum rc
feed(struct sink *s, Tcl_Obj *columns, Tcl_Obj *rows)
{
	const char **names;
	Tcl_Obj **v;
	int n, row_n, i;
	enum rc rc;

	Tcl_ListObjGetElements(NULL, columns, &n, &v);
	names = calloc((size_t)n + 1, sizeof *names);
	for (i = 0; i < n; i++)
		names[i] = Tcl_GetString(v[i]);
	rc = sink_begin(s, names, names, (size_t)n);
	free(names);
	Tcl_ListObjGetElements(NULL, rows, &row_n, &v);
	for (i = 0; rc == RC_OK && i < row_n; i++)
		rc = feed_row(s, v[i], (size_t)n);
	return rc == RC_OK ? sink_end(s) : rc;
}

static const struct sink_heading a_heading = { "<T>|", "N&",
	(const struct sink_fact[]){ { "Query", "a|b <x>" } }, 1 };

/*
 * sink_write FORMAT FLAGS WIDTH COLUMNS ROWS: {code guarded bytes}. FLAGS of r(aw) t(erminal)
 * u(tf8) c(olour) f(ull device) h(eading). A cell is {} or {BYTES ?FLAGS?} with n(umber)
 * m(asked) p(hone).
 */
static int
sink_write_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct sink_opts opts;
	struct sink *s;
	Tcl_DString ds;
	Tcl_Obj *list = Tcl_NewObj();
	const char *flags;
	enum rc rc;

	(void)cd;
	memset(&opts, 0, sizeof opts);
	if (objc != 6 || Tcl_GetIntFromObj(interp, objv[3], &opts.width) != TCL_OK ||
	    !sink_format_parse(Tcl_GetString(objv[1]), &opts.format))
		return wrong_args(interp, objv, "FORMAT FLAGS WIDTH COLUMNS ROWS");
	flags = Tcl_GetString(objv[2]);
	opts.raw = strchr(flags, 'r') != NULL;
	opts.terminal = strchr(flags, 't') != NULL;
	opts.utf8 = strchr(flags, 'u') != NULL;
	opts.colour = strchr(flags, 'c') != NULL;
	opts.heading = strchr(flags, 'h') ? &a_heading : NULL;
	Tcl_DStringInit(&ds);
	rc = sink_new(&opts, strchr(flags, 'f') ? refuse : collect, &ds, &s);
	if (rc == RC_OK)
		rc = feed(s, objv[4], objv[5]);
	put(list, Tcl_NewStringObj(rc_name(rc), -1));
	put(list, Tcl_NewIntObj(s ? (int)sink_guarded(s) : 0));
	put(list, bytes_obj(Tcl_DStringValue(&ds), (size_t)Tcl_DStringLength(&ds)));
	sink_free(s);
	Tcl_DStringFree(&ds);
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

/* {all X...}, {any X...}, {not X} or {OP NAME VALUE *q}, a range with its two values */
static Tcl_Obj *
node_obj(const struct query_node *n)
{
	static const char *const kinds[] = { "all", "any", "not" };
	static const char *const ops[] = { "is", ">", ">=", "<", "<=", "range" };
	Tcl_Obj *list = Tcl_NewObj();
	const struct query_node *child;

	if (n->kind != QUERY_TERM) {
		put(list, Tcl_NewStringObj(kinds[n->kind], -1));
		for (child = n->first; child; child = child->next)
			put(list, node_obj(child));
		return list;
	}
	put(list, Tcl_NewStringObj(ops[n->op], -1));
	put(list, Tcl_NewStringObj(n->name ? n->name : "", -1));
	put(list, Tcl_NewStringObj(n->value, -1));
	if (n->upto)
		put(list, Tcl_NewStringObj(n->upto, -1));
	else
		put(list, Tcl_ObjPrintf("%s%s", n->prefix ? "*" : "", n->quoted ? "q" : ""));
	return list;
}

/* query_parse BYTES: the tree, or {error AT LEN TEXT} */
static int
query_parse_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct search_error err = { 0, 0, "" };
	Tcl_Obj *tree = NULL;
	const char *bytes;
	struct query *q;
	size_t len;
	char *copy;
	enum rc rc;

	(void)cd;
	if (objc != 2)
		return wrong_args(interp, objv, "BYTES");
	bytes = bytes_of(objv[1], &len);
	copy = strndup(bytes, len);
	rc = query_parse(copy, &q, &err);
	free(copy);
	if (rc != RC_OK)
		tree = Tcl_ObjPrintf(
		    "error %d %d {%s}", (int)err.at, (int)err.len, err.text);
	else
		tree = q->root ? node_obj(q->root) : Tcl_NewObj();
	query_free(q);
	Tcl_SetObjResult(interp, tree);
	return TCL_OK;
}

/* file_put PATH FORCE BYTES SCRIPT ?AFTER?: what became of it; SCRIPT runs before the commit,
   AFTER when it was committed and is not freed */
static int
file_put_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct err err = { "" };
	struct file *f = NULL;
	const char *bytes;
	int force;
	size_t len;
	enum rc rc;

	(void)cd;
	if ((objc != 5 && objc != 6) || Tcl_GetBooleanFromObj(interp, objv[2], &force) != TCL_OK)
		return wrong_args(interp, objv, "PATH FORCE BYTES SCRIPT ?AFTER?");
	bytes = bytes_of(objv[3], &len);
	rc = file_new(Tcl_GetString(objv[1]), force, &f, &err);
	if (rc == RC_OK)
		rc = file_write(f, bytes, len, &err);
	if (rc == RC_OK && Tcl_EvalObjEx(interp, objv[4], 0) != TCL_OK)
		rc = RC_CANCELLED;
	if (rc == RC_OK)
		rc = file_commit(f, &err);
	if (rc == RC_OK && objc == 6 && Tcl_EvalObjEx(interp, objv[5], 0) != TCL_OK)
		rc = RC_CANCELLED;
	file_free(f);
	Tcl_SetObjResult(interp, Tcl_NewStringObj(rc_name(rc), -1));
	return TCL_OK;
}

int
data_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "text_clusters", text_clusters_cmd, NULL },
		{ "text_width", text_width_cmd, NULL },
		{ "text_visible", text_visible_cmd, NULL },
		{ "text_clip", text_clip_cmd, NULL },
		{ "text_facts", text_facts_cmd, NULL },
		{ "csv_read", csv_read_cmd, NULL },
		{ "sink_write", sink_write_cmd, NULL },
		{ "query_parse", query_parse_cmd, NULL },
		{ "file_put", file_put_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
