/*
 * What the options of an import say of the form of its file, and that none of them is given in
 * vain.
 */
#include "ui/op_import_form.h"

#include <string.h>

static enum rc
parse_delimiter(struct op_call *c, char *out)
{
	const char *text = op_text(c, "delimiter");

	if (text == NULL)
		return RC_OK;
	if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0)
		text = "\t";
	if (text[0] == '\0' || text[1] != '\0' || strchr(",;\t|", text[0]) == NULL)
		return err_set(&c->err, RC_INPUT, "--delimiter is one of , ; | and tab");
	*out = text[0];
	return RC_OK;
}

static enum rc
parse_encoding(struct op_call *c, enum import_encoding *out)
{
	const char *text = op_text(c, "encoding");

	if (op_flag(c, "latin1"))
		*out = IMPORT_LATIN1;
	if (text == NULL || import_encoding_parse(text, out))
		return RC_OK;
	return err_set(&c->err, RC_INPUT,
	    "--encoding is utf-8, utf-16, utf-16le, utf-16be, latin1 or cp1252, not "
	    "\"%s\"",
	    text);
}

static enum rc
parse_format(struct op_call *c, enum import_format *out)
{
	const char *text = op_text(c, "format");

	if (text == NULL)
		return RC_OK;
	if (strcmp(text, "csv") == 0)
		*out = IMPORT_CSV;
	else if (strcmp(text, "jsonl") == 0 || strcmp(text, "json") == 0)
		*out = IMPORT_JSONL;
	else
		return err_set(
		    &c->err, RC_INPUT, "--format is csv or jsonl, not \"%s\"", text);
	return RC_OK;
}

static enum rc
parse_duplicates(struct op_call *c, enum import_duplicates *out)
{
	const char *text = op_text(c, "duplicates");

	if (text == NULL)
		return RC_OK;
	if (strcmp(text, "skip") == 0)
		*out = DUP_SKIP;
	else if (strcmp(text, "update") == 0)
		*out = DUP_UPDATE;
	else if (strcmp(text, "keep") == 0)
		*out = DUP_KEEP;
	else
		return err_set(&c->err, RC_INPUT,
		    "--duplicates is skip, update or keep, not \"%s\"", text);
	return RC_OK;
}

enum rc
op_import_form(struct op_call *c, struct import_opts *opts)
{
	enum rc rc = parse_delimiter(c, &opts->delimiter);

	if (rc == RC_OK)
		rc = parse_format(c, &opts->format);
	if (rc == RC_OK)
		rc = parse_encoding(c, &opts->encoding);
	if (rc == RC_OK)
		rc = parse_duplicates(c, &opts->duplicates);
	if (op_flag(c, "no-header"))
		opts->no_header = true;
	if (op_text(c, "duplicate-by") != NULL)
		opts->duplicate_by = op_text(c, "duplicate-by");
	return rc;
}

/* An option that changes nothing is a slip: what was meant by it would be missed. */
static enum rc
check_alone(struct op_call *c)
{
	if (op_flag(c, "rejects-plaintext") && op_text(c, "rejects") == NULL)
		return err_set(&c->err, RC_INPUT,
		    "--rejects-plaintext does nothing alone: name the file with --rejects");
	if (op_flag(c, "force") && op_text(c, "rejects") == NULL &&
	    op_text(c, "save-mapping") == NULL && op_text(c, "save-mapping-as") == NULL)
		return err_set(&c->err, RC_INPUT,
		    "--force does nothing here: it replaces what --rejects, --save-mapping or "
		    "--save-mapping-as names");
	return RC_OK;
}

static enum rc
check_together(struct op_call *c)
{
	struct import_opts o = {.fd = -1};
	enum rc rc = op_import_form(c, &o);

	if (rc != RC_OK)
		return rc;
	if (op_flag(c, "latin1") && o.encoding != IMPORT_LATIN1)
		return err_set(&c->err, RC_INPUT, "--latin1 and --encoding exclude each other");
	if (o.format == IMPORT_JSONL && (o.delimiter != '\0' || o.no_header))
		return err_set(&c->err, RC_INPUT,
		    "JSON lines have no %s: leave --%s out, or say --format csv",
		    o.no_header ? "header" : "delimiter", o.no_header ? "no-header" : "delimiter");
	if (op_text(c, "duplicates") != NULL && o.duplicates == DUP_KEEP && o.duplicate_by != NULL)
		return err_set(&c->err, RC_INPUT,
		    "--duplicates keep looks for none: leave --duplicate-by out, or say skip or "
		    "update");
	return RC_OK;
}

/* Whose name the shell's convention would take for standard output, which has the report. */
static enum rc
check_rejects(struct op_call *c)
{
	const char *path = op_text(c, "rejects");

	if (path == NULL || strcmp(path, "-") != 0)
		return RC_OK;
	return err_set(&c->err, RC_INPUT,
	    "rejects go to a file, for the output has the report: name one (./- is one, too)");
}

enum rc
op_import_check(struct op_call *c)
{
	enum rc rc = check_alone(c);

	if (rc == RC_OK)
		rc = check_together(c);
	return rc == RC_OK ? check_rejects(c) : rc;
}
