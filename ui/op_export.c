/*
 * Records out of the vault into a file.
 *
 * 1. Nothing is guessed: an unknown format, field or treatment writes nothing.
 * 2. Rows on the standard output leave it to them: the report is a message then.
 */

#include "ui/op_util.h"

#include "store/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct columns {
	struct export_column *at;
	size_t n;
};

/* "out.csv" is CSV; a name that says nothing needs --format. */
static enum rc
parse_format(struct op_call *c, enum sink_format *out)
{
	const char *text = op_text(c, "format"), *dot;

	if (text != NULL)
		return sink_format_parse(text, out)
			   ? RC_OK
			   : err_set(&c->err, RC_INPUT,
				 "\"%s\" is not a format: csv, json, jsonl, markdown, html or table; "
				 "nothing was written",
				 text);
	dot = strrchr(c->args[0], '.');
	if (dot != NULL && strchr(dot, '/') == NULL && sink_format_parse(dot + 1, out))
		return RC_OK;
	return err_set(&c->err, RC_INPUT,
	    "the name does not tell the format: say --format csv, json, jsonl, markdown, html or table");
}

/* All fields when none are named. */
static enum rc
choose_columns(struct op_call *c, struct columns *columns)
{
	const char *list = op_text(c, "fields");
	size_t fields, i;
	int *which;
	enum rc rc = RC_OK;

	if (list != NULL) {
		rc = op_fields(c, list, &which, &columns->n);
		if (rc != RC_OK)
			return rc;
	} else {
		field_list(c->v, &fields);
		columns->n = fields;
		which = NULL;
	}
	columns->at = calloc(columns->n + 1, sizeof(*columns->at));
	for (i = 0; columns->at != NULL && i < columns->n; i++) {
		columns->at[i].index = which != NULL ? which[i] : (int)i;
		if (columns->at[i].index < SORT_ID)
			rc = err_set(&c->err, RC_INPUT,
			    "%s can't be exported: fields and id can",
			    op_column_name(c, columns->at[i].index));
	}
	free(which);
	return columns->at != NULL ? rc : RC_NOMEM;
}

static enum rc
treat_one(struct op_call *c, struct columns *columns, const char *rule, size_t len)
{
	const char *eq = memchr(rule, '=', len);
	enum export_treatment treat;
	char name[16];
	size_t i, n;
	bool found = false;
	int index;
	enum rc rc;

	if (eq == NULL)
		return err_set(&c->err, RC_INPUT,
		    "--treat takes FIELD=TREATMENT: as-is, mask, last4, hash, reveal or drop");
	n = len - (size_t)(eq + 1 - rule);
	snprintf(name, sizeof(name), "%.*s",
	    (int)(n < sizeof(name) ? n : sizeof(name) - 1), eq + 1);
	if (n >= sizeof(name) || !export_treatment_parse(name, &treat))
		return err_set(&c->err, RC_INPUT,
		    "\"%s\" is not a treatment: as-is, mask, last4, hash, reveal or drop; "
		    "nothing was "
		    "written",
		    name);
	rc = op_field(c, rule, (size_t)(eq - rule), &index);
	for (i = 0; rc == RC_OK && i < columns->n; i++)
		if (columns->at[i].index == index) {
			columns->at[i].treat = treat;
			found = true;
		}
	if (rc == RC_OK && !found)
		rc = err_set(&c->err, RC_INPUT,
		    "--treat names \"%s\", which --fields leaves out",
		    op_column_name(c, index));
	return rc;
}

static enum rc
treat_columns(struct op_call *c, struct columns *columns)
{
	const char *text, *p;
	size_t len;
	enum rc rc = RC_OK;
	int i;

	for (i = 0; (text = op_each(c, "treat", i)) != NULL; i++)
		for (p = text; rc == RC_OK; p += len + 1) {
			len = strcspn(p, ",");
			rc = treat_one(c, columns, p, len);
			if (p[len] == '\0')
				break;
		}
	return rc;
}

static enum rc
report(struct op_call *c, const struct export_report *r)
{
	struct op_object o = {0};

	if (r->guarded > 0)
		face_say(c->face,
		    "%" PRIu64 " cells begin like a formula and were given an "
		    "apostrophe; --raw writes them as they are",
		    r->guarded);
	if (strcmp(c->args[0], "-") == 0) {
		face_say(c->face, "exported %" PRIu64 " records", r->rows);
		return RC_OK;
	}
	op_object_value(&o, "path", "File", op_value_text(c->args[0]));
	op_object_fmt(&o, "rows", "Records", true, "%" PRIu64, r->rows);
	op_object_fmt(&o, "bytes", "Bytes", true, "%" PRIu64, r->bytes);
	op_object_fmt(&o, "guarded", "Guarded cells", true, "%" PRIu64, r->guarded);
	op_object_fmt(
	    &o, "revealed", "Protected columns in the clear", true, "%zu", r->revealed);
	op_object_fmt(&o, "run", "Run", true, "%" PRId64, r->run);
	op_object_value(&o, "sha256", "SHA-256", op_value_text(r->sha256));
	return op_object_emit(&o, c, "Exported");
}

static enum rc export(struct op_call *c, struct export_opts *opts) {
	struct search_error serr; struct export_report done; struct op_step step;
	enum rc rc;

	memset(&serr, 0, sizeof(serr));
	memset(&done, 0, sizeof(done));
	opts->progress = op_progress(&step, c, "export");
	rc = export_run(c->v, opts, &done, &serr);
	if (rc != RC_OK) return op_search_failed(c, rc, opts->search.query, &serr);
	return report(c, &done);
}

static enum rc
refuse(struct op_call *c)
{
	const char *reason = op_text(c, "reason");

	if (!op_flag(c, "plaintext"))
		return err_set(&c->err, RC_DENIED,
		    "an export leaves the vault's protection: say so with --plaintext "
		    "and give "
		    "a --reason; nothing was written");
	if (reason == NULL || reason[0] == '\0')
		return err_set(&c->err, RC_DENIED,
		    "an export in plaintext needs a --reason, which the audit keeps; "
		    "nothing "
		    "was written");
	if (c->face->json && strcmp(c->args[0], "-") == 0)
		return err_set(&c->err, RC_INPUT,
		    "--json is the report, and the records go to the standard output: "
		    "say "
		    "--format json for JSON records");
	return RC_OK;
}

static enum rc
run_export(struct op_call *c)
{
	struct columns columns = {NULL, 0};
	struct export_opts opts = {
	    .search.query = op_text(c, "where"),
	    .path = c->args[0],
	    .fd = STDOUT_FILENO,
	    .force = op_flag(c, "force"),
	    .manifest = !op_flag(c, "no-manifest"),
	    .plaintext = op_flag(c, "plaintext"),
	    .reason = op_text(c, "reason"),
	};
	enum rc rc = refuse(c);

	opts.sink.raw = op_flag(c, "raw");
	opts.sink.utf8 = true;
	if (rc == RC_OK)
		rc = parse_format(c, &opts.sink.format);
	if (rc == RC_OK)
		rc = op_sort(c, &opts.search);
	if (rc == RC_OK)
		rc = choose_columns(c, &columns);
	if (rc == RC_OK)
		rc = treat_columns(c, &columns);
	opts.columns = columns.at;
	opts.column_n = columns.n;
	if (rc == RC_OK)
		rc = export(c, &opts);
	free(columns.at);
	return rc;
}

const struct op op_export = {
    .name = "export",
    .args = "OUT|-",
    .args_min = 1,
    .args_max = 1,
    .summary = "write records to a file",
    .details =
	"The file is written whole or not at all, with mode 0600, and an existing one "
	"is kept unless --force. Beside it lies OUT.manifest.json: the query (without "
	"values of protected fields), the columns and their treatments, the count, the "
	"file's SHA-256, the reason, when and by whom. The format follows the name (.csv .json .jsonl "
	".md .html .txt) or --format. An export in plaintext is asked for in so many words "
	"and leaves its reason in the audit.\n"
	"A column's treatment is as-is, mask, last4 (of eight characters or more), hash, "
	"reveal (a masked or sealed field in the clear) or drop; without one, open fields "
	"are written as they are and the others masked. A keyed hash is 26 letters: the "
	"same for the same value of a field in every report of this vault, so that reports "
	"can be joined, and worth nothing without the vault's keys. It needs a full slot, "
	"as do last4 and reveal of what is masked. In CSV a cell that a spreadsheet would "
	"take for a formula gets an apostrophe; a telephone number is none.",
    .examples = "strongroom export customers.vault out.csv --where 'region:LA' --fields "
		"first_name,last_name,email --plaintext --reason \"mailing\"\n"
		"strongroom export customers.vault - --format jsonl --treat "
		"birth_date=reveal --plaintext --reason \"audit\"\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_SLOW | OP_MAKES,
    .opts = {{"where", 'w', OPT_TEXT, "QUERY", "only what matches (default: all)"},
	{"fields", 'f', OPT_FIELDS, "FIELDS", "columns, comma-separated (default: all)"},
	{"treat", 't', OPT_LIST, "FIELD=HOW", "as-is, mask, last4, hash, reveal or drop"},
	{"sort", 's', OPT_FIELD, "[-]FIELD", "order by it; - reverses"},
	{"format", 0, OPT_TEXT, "FORMAT", "csv, json, jsonl, markdown, html or table"},
	{"raw", 0, OPT_FLAG, NULL, "CSV without the guard against formulas"},
	{"force", 0, OPT_FLAG, NULL, "replace the file if it exists"},
	{"no-manifest", 0, OPT_FLAG, NULL, "leave out OUT.manifest.json"},
	{"plaintext", 0, OPT_FLAG, NULL, "yes, outside of the vault's protection"},
	{"reason", 0, OPT_TEXT, "TEXT", "why, for the audit; needed"}},
    .run = run_export,
};
