/*
 * Records out of the vault into a file.
 *
 * 1. Nothing is guessed: an unknown format, field or treatment writes nothing.
 * 2. Rows on the standard output leave it to them: the report is a message then.
 */

#include "ui/op_util.h"

#include "store/export_template.h"
#include "ui/op_export.h"
#include "ui/op_ids.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FORMATS "csv, json, jsonl, markdown, html or table"

struct columns {
	struct export_column *at;
	size_t n;
};

/* "out.csv" is CSV; a name that says nothing needs --format or a template. */
static bool
format_of_name(const char *path, enum sink_format *out)
{
	const char *dot = strrchr(path, '.');

	return dot != NULL && strchr(dot, '/') == NULL && sink_format_parse(dot + 1, out);
}

static enum rc
parse_format(struct op_call *c, const struct export_template *t, enum sink_format *out)
{
	const char *text = op_text(c, "format");
	bool named;

	if (text != NULL)
		return sink_format_parse(text, out)
			   ? RC_OK
			   : err_set(&c->err, RC_INPUT,
				 "\"%s\" is not a format: " FORMATS "; nothing was written",
				 text);
	named = format_of_name(c->args[0], out);
	if (t != NULL && named && *out != t->format)
		return err_set(&c->err, RC_INPUT,
		    "%s is named as %s and the template writes %s: say --format; nothing was "
		    "written",
		    c->args[0], sink_format_name(*out), sink_format_name(t->format));
	if (t != NULL)
		*out = t->format;
	else if (!named)
		return err_set(&c->err, RC_INPUT,
		    "the name does not tell the format: say --format " FORMATS);
	return RC_OK;
}

static enum rc
check_named(struct op_call *c, int index)
{
	if (index < SORT_ID)
		return err_set(&c->err, RC_INPUT,
		    "%s can't be exported: fields and id can", op_column_name(c, index));
	return RC_OK;
}

static enum rc
named_columns(struct op_call *c, const char *list, struct columns *columns)
{
	int *which;
	enum rc rc = op_fields(c, list, &which, &columns->n);
	size_t i;

	if (rc != RC_OK)
		return rc;
	columns->at = calloc(columns->n + 1, sizeof(*columns->at));
	for (i = 0; columns->at != NULL && rc == RC_OK && i < columns->n; i++) {
		columns->at[i].index = which[i];
		rc = check_named(c, which[i]);
	}
	free(which);
	return columns->at != NULL ? rc : RC_NOMEM;
}

/* Those of --fields, else of the template, else all fields. */
static enum rc
choose_columns(struct op_call *c, const struct export_template *t, struct columns *columns)
{
	const char *list = op_text(c, "fields");
	bool kept = t != NULL && t->column_n > 0;
	size_t i;

	if (list != NULL)
		return named_columns(c, list, columns);
	field_list(c->v, &columns->n);
	if (kept)
		columns->n = t->column_n;
	columns->at = calloc(columns->n + 1, sizeof(*columns->at));
	if (columns->at == NULL)
		return RC_NOMEM;
	for (i = 0; i < columns->n; i++)
		columns->at[i] = kept ? t->columns[i]
				      : (struct export_column){(int)i, TREAT_DEFAULT};
	return RC_OK;
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

enum rc
op_export_report(struct op_call *c, const char *path, const struct export_report *r)
{
	struct op_object o = {0};

	if (r->guarded > 0)
		face_say(c->face,
		    "%" PRIu64 " cells begin like a formula and were given an "
		    "apostrophe; --raw writes them as they are",
		    r->guarded);
	if (strcmp(path, "-") == 0) {
		face_say(c->face, "exported %" PRIu64 " record%s", r->rows,
		    r->rows == 1 ? "" : "s");
		return RC_OK;
	}
	op_object_value(&o, "path", "File", op_value_text(path));
	op_object_fmt(&o, "rows", "Records", true, "%" PRIu64, r->rows);
	op_object_fmt(&o, "bytes", "Bytes", true, "%" PRIu64, r->bytes);
	op_object_fmt(&o, "guarded", "Guarded cells", true, "%" PRIu64, r->guarded);
	op_object_fmt(
	    &o, "revealed", "Protected columns in the clear", true, "%zu", r->revealed);
	op_object_fmt(&o, "run", "Run", true, "%" PRId64, r->run);
	op_object_value(&o, "sha256", "SHA-256", op_value_text(r->sha256));
	return op_object_emit(&o, c, "Exported");
}

static enum rc
export(struct op_call *c, struct export_opts *opts)
{
	struct search_error serr = {0, 0, ""};
	struct export_report done = {0};
	struct op_step step;
	enum rc rc;

	opts->progress = op_progress(&step, c, "export");
	rc = export_run(c->v, opts, &done, &serr);
	if (rc != RC_OK)
		return op_search_failed(c, rc, opts->search.query, &serr);
	return op_export_report(c, opts->path, &done);
}

/* What would be written, and how it is asked for. */
static enum rc
refuse(struct op_call *c, const struct export_opts *opts)
{
	enum rc rc = op_export_plan(c, opts);

	if (rc != RC_OK)
		return rc;
	if (!opts->plaintext)
		return err_set(&c->err, RC_DENIED,
		    "an export leaves the vault's protection: say so with --plaintext and "
		    "give a --reason; nothing was written");
	return err_set(&c->err, RC_DENIED,
	    "an export in plaintext needs a --reason, which the audit keeps; nothing was "
	    "written");
}

static enum rc
write_it(struct op_call *c, struct export_opts *opts)
{
	if (!opts->plaintext || opts->reason == NULL || opts->reason[0] == '\0')
		return refuse(c, opts);
	if (c->face->json && strcmp(opts->path, "-") == 0)
		return err_set(&c->err, RC_INPUT,
		    "--json is the report, and the records go to the standard output: say "
		    "--format json for JSON records");
	return export(c, opts);
}

/* What the command line does not say, ${t} says; it may be NULL. */
static void
take_template(struct op_call *c, const struct export_template *t, struct export_opts *opts)
{
	opts->sink.raw = op_flag(c, "raw");
	if (t == NULL)
		return;
	if (op_text(c, "sort") == NULL) {
		opts->search.sort = t->search.sort;
		opts->search.descending = t->search.descending;
	}
	if (opts->search.query == NULL)
		opts->search.query = t->query;
	opts->sink.raw = opts->sink.raw || t->raw;
}

/* --ids goes before the query of a template, as --where does. */
static enum rc
choose_records(struct op_call *c, struct search *s, int64_t **ids)
{
	const char *path = op_text(c, "ids");
	enum rc rc;

	if (path == NULL)
		return RC_OK;
	if (op_text(c, "where") != NULL)
		return err_set(&c->err, RC_INPUT,
		    "give --ids or --where, not both: the records are those of the list, or the "
		    "hits");
	rc = op_ids_read(c, path, ids, &s->id_n);
	s->ids = *ids;
	s->query = NULL;
	return rc;
}

static enum rc
run_export(struct op_call *c)
{
	int64_t *ids = NULL;
	const char *name = op_text(c, "template");
	struct export_template *t = NULL;
	struct columns columns = {NULL, 0};
	struct export_opts opts = {
	    .path = c->args[0],
	    .fd = STDOUT_FILENO,
	    .force = op_flag(c, "force"),
	    .manifest = !op_flag(c, "no-manifest"),
	    .plaintext = op_flag(c, "plaintext"),
	    .reason = op_text(c, "reason"),
	    .keep_as = op_text(c, "save-template"),
	    .sink.utf8 = true,
	};
	char *query;
	enum rc rc = op_where_query(c, &query);

	opts.search.query = query;
	if (rc == RC_OK)
		rc = op_sort(c, &opts.search);
	opts.sink.terminal = strcmp(opts.path, "-") == 0 && isatty(opts.fd) == 1;
	opts.fields = field_list(c->v, &opts.field_n);
	if (rc == RC_OK && name != NULL)
		rc = export_template_load(c->v, name, &t);
	take_template(c, t, &opts);
	if (rc == RC_OK)
		rc = choose_records(c, &opts.search, &ids);
	if (rc == RC_OK)
		rc = parse_format(c, t, &opts.sink.format);
	if (rc == RC_OK)
		rc = choose_columns(c, t, &columns);
	if (rc == RC_OK)
		rc = treat_columns(c, &columns);
	opts.columns = columns.at;
	opts.column_n = columns.n;
	if (rc == RC_OK)
		rc = write_it(c, &opts);
	free(ids);
	free(columns.at);
	export_template_free(t);
	op_query_free(query);
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
	"is kept unless --force. Beside it lies OUT.manifest.json: the source (all, "
	"query or chosen records), the query (without "
	"values of protected fields), the columns and their treatments, the count, the "
	"file's SHA-256, the reason, when and by whom. The format "
	"follows the name (.csv .json .jsonl .md .html .txt) or --format. An export in "
	"plaintext is asked for in so many words "
	"and leaves its reason in the audit; without --plaintext and --reason what would be "
	"written is told, with the first record, and nothing is.\n"
	"--ids exports the records whose numbers a file gives, those in the trash too; each must "
	"be there, or nothing is written. --where - reads the query as a line of the standard "
	"input, which must not be empty and must end with a line feed.\n"
	"A template keeps format, columns, treatments, query and order under a name in the "
	"vault, and never the consent or chosen records. What is said beside --template goes before it. "
	"A column that it has as-is and that is protected by now is refused until --treat says "
	"how it leaves.\n"
	"A column's treatment is as-is, mask, last4 (of eight characters or more), hash, "
	"reveal (a masked or sealed field in the clear) or drop; without one, open fields "
	"are written as they are and the others masked. A keyed hash is 26 letters: the "
	"same for the same value of a field in every report of this vault, so that reports "
	"can be joined, and worth nothing without the vault's keys. It needs a full slot, "
	"as do last4 and reveal of what is masked. In CSV a cell that a spreadsheet would "
	"take for a formula gets an apostrophe; a telephone number is none. In JSON a "
	"number of more than 15 digits is text: many readers would round it.",
    .examples = "strongroom export customers.vault out.csv --where 'region:LA' --fields "
		"first_name,last_name,email --plaintext --reason \"mailing\"\n"
		"strongroom export customers.vault - --format jsonl --treat "
		"birth_date=reveal --plaintext --reason \"audit\"\n"
		"strongroom list customers.vault city:orleans --fields id --csv >vip.ids\n"
		"strongroom export customers.vault vip.csv --ids vip.ids --plaintext --reason "
		"\"mailing\"\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_SLOW | OP_MAKES,
    .opts = {{"where", 'w', OPT_TEXT, "QUERY|-", "only what matches (default: all)"},
	{"ids", 0, OPT_FILE, "FILE|-", "these records: their numbers, one on a line"},
	{"fields", 'f', OPT_FIELDS, "FIELDS", "columns, comma-separated (default: all)"},
	{"treat", 't', OPT_LIST, "FIELD=HOW", "as-is, mask, last4, hash, reveal or drop"},
	{"sort", 's', OPT_FIELD, "[-]FIELD", "order by it; - reverses"},
	{"format", 0, OPT_TEXT, "FORMAT", FORMATS},
	{"raw", 0, OPT_FLAG, NULL, "CSV without the guard against formulas"},
	{"force", 0, OPT_FLAG, NULL, "replace the file if it exists"},
	{"no-manifest", 0, OPT_FLAG, NULL, "leave out OUT.manifest.json"},
	{"template", 0, OPT_TEXT, "NAME", "as it was saved under that name"},
	{"save-template", 0, OPT_TEXT, "NAME", "keep all but the consent under that name"},
	{"plaintext", 0, OPT_FLAG, NULL, "yes, outside of the vault's protection"},
	{"reason", 0, OPT_TEXT, "TEXT", "why, for the audit; needed"}},
    .run = run_export,
};
