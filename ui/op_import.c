/*
 * CSV into the vault: options into the store's, its report into a result.
 *
 * 1. A rule of --map and one of --class for the same column are one entry.
 * 2. No value of a cell is printed; a reject is named by row, line, column and reason.
 */

#include "ui/op_util.h"

#include "store/import.h"
#include "ui/infile.h"
#include "ui/op_import_form.h"
#include "ui/op_import_mapping.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RULES_MAX 1000
#define BATCH     10000 /* rows */

struct rules { /* the texts that the map points into are pieces of one copy */
	struct import_map map[RULES_MAX];
	size_t n;
	char **texts;
	size_t text_n;
};

static void
rules_free(struct rules *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->text_n; i++)
		free(r->texts[i]);
	free(r->texts);
	free(r);
}

static char *
keep(struct rules *r, const char *text)
{
	char **texts = realloc(r->texts, (r->text_n + 1) * sizeof(*texts));
	char *copy = strdup(text);

	if (texts != NULL)
		r->texts = texts;
	if (texts == NULL || copy == NULL) {
		free(copy);
		return NULL;
	}
	texts[r->text_n++] = copy;
	return copy;
}

/* Cut at the commas that begin another rule: a header may hold commas itself. */
static char *
next_rule(char **rest)
{
	char *rule = *rest, *p = rule, *comma;

	if (rule == NULL || *rule == '\0')
		return NULL;
	while ((comma = strchr(p, ',')) != NULL) {
		if (memchr(rule, '=', (size_t)(comma - rule)) != NULL &&
		    strchr(comma, '=') != NULL) {
			*comma = '\0';
			*rest = comma + 1;
			return rule;
		}
		p = comma + 1;
	}
	*rest = NULL;
	return rule;
}

static struct import_map *
rule_for(struct rules *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (strcmp(r->map[i].column, name) == 0 ||
		    (r->map[i].field != NULL && strcmp(r->map[i].field, name) == 0))
			return &r->map[i];
	return NULL;
}

static enum rc
add_map(struct op_call *c, struct rules *r, char *rule)
{
	char *eq = strrchr(rule, '='), *type;
	struct import_map *m;
	enum field_type parsed;

	if (eq == NULL || eq == rule || eq[1] == '\0')
		return err_set(&c->err, RC_INPUT,
		    "--map takes COLUMN=FIELD, or COLUMN=- to leave "
		    "a column out");
	*eq = '\0';
	type = strchr(eq + 1, ':');
	if (type != NULL)
		*type++ = '\0';
	if (type != NULL && !type_parse(type, &parsed))
		return err_set(&c->err, RC_INPUT,
		    "\"%s\" is not a type of field: see strongroom "
		    "help field add",
		    type);
	if (r->n == RULES_MAX)
		return err_set(&c->err, RC_INPUT, "too many rules in --map");
	m = &r->map[r->n++];
	m->column = rule;
	m->field = eq + 1;
	m->type = type;
	return RC_OK;
}

static enum rc
add_class(struct op_call *c, struct rules *r, char *rule)
{
	char *eq = strrchr(rule, '=');
	struct import_map *m;
	enum field_class parsed;

	if (eq == NULL || eq == rule || !class_parse(eq + 1, &parsed))
		return err_set(
		    &c->err, RC_INPUT, "--class takes FIELD=open, FIELD=masked or FIELD=sealed");
	*eq = '\0';
	m = rule_for(r, rule);
	if (m == NULL && r->n == RULES_MAX)
		return err_set(&c->err, RC_INPUT, "too many rules in --class");
	if (m == NULL) {
		m = &r->map[r->n++];
		m->column = rule;
	}
	m->cls = eq + 1;
	return RC_OK;
}

typedef enum rc add_fn(struct op_call *c, struct rules *r, char *rule);

static enum rc
add_rules(struct op_call *c, struct rules *r, const char *option, add_fn *add)
{
	const char *text;
	char *rest, *rule;
	enum rc rc = RC_OK;
	int i;

	for (i = 0; rc == RC_OK && (text = op_each(c, option, i)) != NULL; i++) {
		rest = keep(r, text);
		if (rest == NULL)
			return RC_NOMEM;
		while (rc == RC_OK && (rule = next_rule(&rest)) != NULL)
			rc = add(c, r, rule);
	}
	return rc;
}

static enum rc
show_mapping(struct op_call *c, const struct import_report *r)
{
	static const char *const names[] = {"column", "field", "type", "class", "new"};
	static const char *const labels[] = {"COLUMN", "FIELD", "TYPE", "CLASS", ""};
	const struct face_ops *ops = c->face->ops;
	const struct import_column *col;
	struct sink_value row[5];
	enum rc rc;
	size_t i;

	rc = ops->rows_begin(c->face, "Columns", names, labels, 5);
	for (i = 0; rc == RC_OK && i < r->column_n; i++) {
		col = &r->columns[i];
		row[0] = op_value_text(col->header);
		row[1] = op_value_text(col->field[0] != '\0' ? col->field : "(left out)");
		row[2] = op_value_text(col->field[0] != '\0' ? type_name(col->type) : "");
		row[3] = op_value_text(col->field[0] != '\0' ? class_name(col->cls) : "");
		row[4] = op_value_text(col->made ? "new field" : "");
		rc = ops->rows_row(c->face, row);
	}
	return rc == RC_OK ? ops->rows_end(c->face) : rc;
}

/* How the file was read: "CSV, delimiter ;, quoted, utf-8". */
static void
form_text(const struct import_report *r, char *out, size_t cap)
{
	char one[2] = {r->delimiter, '\0'};

	if (r->format == IMPORT_JSONL)
		snprintf(out, cap, "JSON lines, %s%s", import_encoding_name(r->encoding),
		    r->bom ? " by its mark" : "");
	else
		snprintf(out, cap, "CSV, delimiter %s, %s, %s%s, %s",
		    r->delimiter == '\t' ? "tab" : one,
		    r->quoted ? "with quotes" : "no quotes",
		    import_encoding_name(r->encoding), r->bom ? " by its mark" : "",
		    r->header ? "the first row names the columns" : "no header");
}

static void
warn_rejects(struct op_call *c, const struct import_report *r)
{
	uint64_t all = r->count[IMPORT_REJECTED], i;
	const struct import_case *one;

	for (i = 0; i < all && i < IMPORT_FIRST; i++) {
		one = &r->first[IMPORT_REJECTED][i];
		face_warn(c->face, "row %" PRIu64 ", line %" PRIu64 "%s%s: %s", one->row,
		    one->line, one->column[0] != '\0' ? ", column " : "", one->column,
		    one->why);
	}
	if (all > i)
		face_warn(c->face, "%" PRIu64 " more rows were rejected%s", all - i,
		    op_flag(c, "rejects") ? "" : ": --rejects FILE keeps them");
}

static void
warn_cards(struct op_call *c, const struct import_report *r)
{
	if (r->card_cells != 0)
		face_warn(c->face,
		    "%" PRIu64 " open cells hold what looks like a card number, first "
		    "in row %" PRIu64 ", column %s: anybody who may browse reads them; seal the "
		    "field or take them out",
		    r->card_cells, r->first_card.row, r->first_card.column);
}

static enum rc
show_case(struct op_call *c, enum import_kind kind, const struct import_case *one)
{
	char row_text[24], line[24], id[24] = "";
	struct sink_value row[6];

	snprintf(row_text, sizeof(row_text), "%" PRIu64, one->row);
	snprintf(line, sizeof(line), "%" PRIu64, one->line);
	if (one->id != 0)
		snprintf(id, sizeof(id), "%" PRId64, one->id);
	row[0] = op_value_text(import_kind_name(kind));
	row[1] = op_value_text(row_text);
	row[2] = op_value_text(line);
	row[3] = op_value_text(id);
	row[4] = op_value_text(one->column);
	row[5] = op_value_text(one->why);
	return c->face->ops->rows_row(c->face, row);
}

/* The first ten of each kind. */
static enum rc
show_cases(struct op_call *c, const struct import_report *r)
{
	static const char *const names[] = {
	    "kind", "row", "line", "record", "column", "reason"};
	static const char *const labels[] = {
	    "KIND", "ROW", "LINE", "RECORD", "COLUMN", "REASON"};
	const struct face_ops *ops = c->face->ops;
	enum rc rc;
	int kind;
	size_t i;

	rc = ops->rows_begin(c->face, "The first of each kind", names, labels, 6);
	for (kind = 0; kind < IMPORT_KINDS; kind++)
		for (i = 0; rc == RC_OK && i < IMPORT_FIRST && i < r->count[kind]; i++)
			rc = show_case(c, (enum import_kind)kind, &r->first[kind][i]);
	return rc == RC_OK ? ops->rows_end(c->face) : rc;
}

static void
put_counts(struct op_object *o, const struct import_report *r)
{
	static const struct {
		enum import_kind kind;
		const char *name, *label;
	} counts[] = {{IMPORT_NEW, "added", "New"}, {IMPORT_SAME, "same", "The same"},
	    {IMPORT_UPDATED, "updated", "Updated"},
	    {IMPORT_DUPLICATE, "duplicates", "Duplicate"},
	    {IMPORT_REJECTED, "rejected", "Rejected"},
	    {IMPORT_INVALID, "invalid_cells", "Kept, not valid (!)"}};
	size_t i;

	op_object_fmt(o, "rows", "Rows", true, "%" PRIu64, r->rows);
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		op_object_fmt(o, counts[i].name, counts[i].label, true, "%" PRIu64,
		    r->count[counts[i].kind]);
	if (r->run != 0)
		op_object_fmt(o, "run", "Run, for import undo", true, "%" PRId64, r->run);
}

static enum rc
show_report(struct op_call *c, const struct import_report *r)
{
	bool dry = op_flag(c, "dry-run");
	struct op_object o = {0};
	enum rc rc = RC_OK;
	char form[128];

	if (!c->face->json)
		rc = show_mapping(c, r);
	if (rc == RC_OK && !c->face->json && dry)
		rc = show_cases(c, r);
	if (rc != RC_OK)
		return rc;
	warn_rejects(c, r);
	warn_cards(c, r);
	if (c->face->json)
		op_object_value(&o, "dry_run", "Dry run", op_value_bool(dry));
	form_text(r, form, sizeof(form));
	op_object_value(&o, "form", "Read as", op_value_text(form));
	put_counts(&o, r);
	return op_object_emit(&o, c, dry ? "Dry run: nothing was written" : "Imported");
}

/* It comes after the import is committed: who reads of a failure must not import again. */
static enum rc
save_mapping(struct op_call *c, const struct import_opts *opts, const struct import_report *r)
{
	enum rc rc = op_mapping_save(c, opts, r);
	char why[ERR_LEN];

	if (rc == RC_OK || opts->dry_run)
		return rc;
	snprintf(why, sizeof(why), "%s", c->err.text[0] != '\0' ? c->err.text : vault_err(c->v));
	/* Of a full device op_run would say that the import did not come to its end. */
	return err_set(&c->err, rc == RC_FULL ? RC_IO : rc,
	    "the records are imported, but the mapping is not kept: %s", why);
}

static enum rc
import(struct op_call *c, struct import_opts *opts)
{
	struct op_step step;
	struct import_report report;
	enum rc rc, saved = RC_OK;

	memset(&report, 0, sizeof(report));
	opts->progress = op_progress(&step, c, "import");
	rc = import_run(c->v, opts, &report);
	if (rc == RC_OK)
		saved = save_mapping(c, opts, &report);
	if (rc == RC_OK)
		rc = show_report(c, &report);
	import_report_free(&report);
	return rc == RC_OK ? saved : rc;
}

static enum rc
open_input(struct op_call *c, int *fd)
{
	if (strcmp(c->args[0], "-") == 0) {
		*fd = STDIN_FILENO;
		return RC_OK;
	}
	return infile_open(c->args[0], &c->cancel, fd, &c->err);
}

static void
fill_rest(struct op_call *c, struct import_opts *opts)
{
	opts->name = c->args[0];
	opts->dry_run = op_flag(c, "dry-run");
	opts->rejects = op_text(c, "rejects");
	opts->rejects_plaintext = op_flag(c, "rejects-plaintext");
	opts->force = op_flag(c, "force");
	opts->reason = op_text(c, "reason");
	opts->batch = op_flag(c, "batch") ? BATCH : 0;
}

static enum rc
fill(struct op_call *c, struct rules *rules, struct import_mapping *mapping,
    struct import_opts *opts)
{
	enum rc rc = add_rules(c, rules, "map", add_map);

	if (rc == RC_OK)
		rc = add_rules(c, rules, "class", add_class);
	opts->map = rules->map;
	opts->map_n = rules->n;
	if (rc == RC_OK && mapping != NULL)
		rc = import_mapping_apply(mapping, opts, &c->err);
	if (rc == RC_OK)
		rc = op_import_form(c, opts);
	fill_rest(c, opts);
	return rc;
}

static enum rc
run_import(struct op_call *c)
{
	struct rules *rules = calloc(1, sizeof(*rules));
	struct import_mapping *mapping = NULL;
	struct import_opts opts = {.fd = -1};
	enum rc rc = rules != NULL ? RC_OK : RC_NOMEM;

	if (rc == RC_OK)
		rc = op_import_check(c);
	if (rc == RC_OK)
		rc = op_mapping_check(c);
	if (rc == RC_OK)
		rc = op_mapping_load(c, &mapping);
	if (rc == RC_OK)
		rc = fill(c, rules, mapping, &opts);
	if (rc == RC_OK)
		rc = open_input(c, &opts.fd);
	if (rc == RC_OK)
		rc = import(c, &opts);
	if (opts.fd > STDIN_FILENO)
		close(opts.fd);
	import_mapping_free(mapping);
	rules_free(rules);
	return rc;
}

const struct op op_import = {
    .name = "import",
    .args = "FILE|-",
    .args_min = 1,
    .args_max = 1,
    .summary = "import a CSV or JSON lines file, all of it or nothing",
    .details =
	"The file is CSV or JSON lines (an object a line; the names of the first 200 are "
	"the columns), in UTF-8, or in UTF-16 with a byte order mark; how it was read is "
	"shown, and options say otherwise.\n"
	"The first row of a CSV file names the columns; a line \"sep=;\" before it names the "
	"delimiter. Each is mapped to a field by its name, or "
	"becomes a new field with a type proposed from its values; the mapping is "
	"printed. One without a name is left out when the first rows have no value in it. "
	"Rows that can't be read, or lack a required field, are rejected "
	"with row, line, column and reason; the others are imported in one "
	"transaction. Duplicates are found by the e-mail address unless "
	"--duplicate-by names other fields. import undo takes an import back.\n"
	"Until its end all that is added stands in the log beside the vault, with its indexes: "
	"twice the size of a file of long texts, six times that of one of short columns; then "
	"the vault grows by as much. With --batch the log stays small. Memory stays below 300 "
	"MiB, whatever the file's size.\n"
	"A mapping keeps how a file was read (format, columns, types, classes, the rule for "
	"duplicates) as JSON in a file or in the vault; a dry run can make it. Options "
	"and --map go before what it says.\n"
	"The rejects file has the columns that are imported, and five that say which row it "
	"was and why; mended, it can be imported again with the same options, where rules "
	"name columns by their headers: it is UTF-8 with commas and a header, and read so, or as "
	"a spreadsheet saved it with other delimiters, whatever --encoding, --delimiter, "
	"--format and --no-header say of the file that it came from. A column that is left out "
	"is not copied to it, nor a card's track; the raw text "
	"of a row that can't be told in columns is empty then. What "
	"the vault masks or seals goes into it only with --rejects-plaintext and a reason, and "
	"not in a dry run.\n"
	"--map COLUMN=FIELD[:TYPE] maps a column (a header, or #3 for the third); "
	"COLUMN=- leaves it out. A new field of card numbers or social security numbers "
	"is sealed unless --class says otherwise; an open one does not take them. A "
	"column of security codes, PINs or tracks can only be left out.",
    .examples =
	"strongroom import customers.vault us-500.csv\n"
	"strongroom import customers.vault us-500.csv --dry-run\n"
	"strongroom import customers.vault new.csv --map 'Surname=last_name,Fax=fax,url=-' "
	"--class fax=masked --rejects rejects.csv --rejects-plaintext --reason \"mending\"\n"
	"strongroom import customers.vault new.csv --duplicates update "
	"--duplicate-by last_name,birth_date\n"
	"strongroom import customers.vault may.csv --dry-run --save-mapping monthly.json\n"
	"strongroom import customers.vault june.csv --mapping monthly.json\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_SLOW | OP_READS,
    .opts = {{"map", 'm', OPT_LIST, "COLUMN=FIELD",
		 "map a column to a field; - leaves it out"},
	{"class", 0, OPT_LIST, "FIELD=CLASS", "class of a new field: open, masked or sealed"},
	{"dry-run", 'n', OPT_FLAG, NULL, "report what would be done; the vault stays as it was"},
	{"rejects", 0, OPT_OUT, "FILE", "write the rejected rows to a CSV file"},
	{"rejects-plaintext", 0, OPT_FLAG, NULL,
	    "it may hold masked and sealed fields; needs --reason"},
	{"force", 0, OPT_FLAG, NULL, "replace files that exist, and a kept mapping"},
	{"delimiter", 'd', OPT_TEXT, "CHAR", ", ; | or tab (default: detected)"},
	{"format", 'f', OPT_TEXT, "FORMAT",
	    "csv or jsonl (default: by its first character)"},
	{"encoding", 'E', OPT_TEXT, "NAME",
	    "utf-8, utf-16, utf-16le, utf-16be, latin1 or cp1252 (default: by the mark)"},
	{"latin1", 0, OPT_FLAG, NULL, "the same as --encoding latin1"},
	{"no-header", 0, OPT_FLAG, NULL, "the first row is a record: columns are #1, #2"},
	{"duplicates", 0, OPT_TEXT, "WHAT", "skip (default), update or keep"},
	{"duplicate-by", 0, OPT_FIELDS, "FIELDS", "fields that make a duplicate"},
	{"mapping", 0, OPT_FILE, "FILE", "read the file as --save-mapping kept it"},
	{"save-mapping", 0, OPT_OUT, "FILE", "keep how this file was read"},
	{"mapping-as", 0, OPT_TEXT, "NAME", "the same, kept in the vault"},
	{"save-mapping-as", 0, OPT_TEXT, "NAME", "keep it in the vault"},
	{"batch", 0, OPT_FLAG, NULL,
	    "commit each 10,000 rows: a failure leaves those before, others write in between"},
	{"reason", 0, OPT_TEXT, "TEXT", "for the audit"}},
    .run = run_import,
};
