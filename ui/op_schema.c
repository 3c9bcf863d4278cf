/* The fields of a vault: as a schema, as rows, one more. */

#include "store/convert.h"
#include "ui/op_util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum rc
run_schema_show(struct op_call *c)
{
	char *text;
	enum rc rc = field_schema(c->v, &text);

	if (rc != RC_OK)
		return rc;
	if (c->face->ops->text != NULL)
		c->face->ops->text(c->face, text);
	else
		c->face->ops->say(c->face, false, text);
	free(text);
	return RC_OK;
}

const struct op op_schema_show = {
    .name = "schema show",
    .args = "",
    .summary = "print the fields as \"init --schema FILE\" reads them",
    .examples = "strongroom schema show customers.vault >my.schema\n",
    .flags = OP_VAULT,
    .run = run_schema_show,
};

/* What a field is being converted to, and how far it is; "" for most. */
static void
describe_pending(struct op_call *c, int index, char *out, size_t cap)
{
	struct convert_wish wish;
	uint64_t done, all;

	out[0] = '\0';
	if (field_pending(c->v, index, &wish, &done, &all) == RC_OK)
		snprintf(out, cap, "%s %s (%d %% done)", class_name(wish.cls), type_name(wish.type),
		    all > 0 ? (int)(100 * done / all) : 100);
}

static enum rc
run_field_list(struct op_call *c)
{
	static const char *const names[] = {
	    "name", "label", "type", "class", "required", "searchable", "becomes"};
	static const char *const labels[] = {
	    "NAME", "LABEL", "TYPE", "CLASS", "REQUIRED", "SEARCH", "BECOMES"};
	const struct face_ops *ops = c->face->ops;
	const struct field *fields;
	struct sink_value row[7];
	char becomes[96];
	size_t n, i;
	enum rc rc;

	fields = field_list(c->v, &n);
	rc = ops->rows_begin(c->face, NULL, names, labels, 7);
	for (i = 0; rc == RC_OK && i < n; i++) {
		row[0] = op_value_text(fields[i].name);
		row[1] = op_value_text(fields[i].label);
		row[2] = op_value_text(type_name(fields[i].type));
		row[3] = op_value_text(class_name(fields[i].cls));
		row[4] = op_value_bool(fields[i].required);
		row[5] = op_value_bool(fields[i].searchable);
		describe_pending(c, (int)i, becomes, sizeof(becomes));
		row[6] = op_value_text(becomes);
		rc = ops->rows_row(c->face, row);
	}
	return rc == RC_OK ? ops->rows_end(c->face) : rc;
}

const struct op op_field_list = {
    .name = "field list",
    .args = "",
    .summary = "print the fields with type and class, and what they are being converted to",
    .examples = "strongroom field list customers.vault\n",
    .flags = OP_VAULT | OP_ROWS,
    .run = run_field_list,
};

static enum rc
parse_field(struct op_call *c, struct field *f)
{
	const char *type = op_text(c, "type"), *cls = op_text(c, "class");
	const char *label = op_text(c, "label");

	if (strlen(c->args[0]) > FIELD_NAME_MAX)
		return err_set(&c->err, RC_INPUT, "a field's name is at most %d letters",
		    FIELD_NAME_MAX);
	if (label != NULL && strlen(label) > FIELD_LABEL_MAX)
		return err_set(&c->err, RC_INPUT, "a field's label is at most %d bytes",
		    FIELD_LABEL_MAX);
	snprintf(f->name, sizeof(f->name), "%s", c->args[0]);
	snprintf(f->label, sizeof(f->label), "%s", label != NULL ? label : c->args[0]);
	if (!type_parse(type != NULL ? type : "text", &f->type))
		return err_set(&c->err, RC_INPUT,
		    "\"%s\" is not a type: text, name, email, phone, date, number, "
		    "money, country, "
		    "postcode, url, ssn, card, iban or note",
		    type);
	f->cls = f->type == TYPE_SSN || f->type == TYPE_CARD ? CLASS_SEALED : CLASS_MASKED;
	if (cls != NULL && !class_parse(cls, &f->cls))
		return err_set(
		    &c->err, RC_INPUT, "\"%s\" is not a class: open, masked or sealed", cls);
	f->required = op_flag(c, "required");
	f->searchable = op_flag(c, "search");
	return RC_OK;
}

static enum rc
run_field_add(struct op_call *c)
{
	struct op_object o = {0};
	struct field f;
	int index;
	enum rc rc;

	memset(&f, 0, sizeof(f));
	rc = parse_field(c, &f);
	if (rc == RC_OK)
		rc = field_add(c->v, &f, &index);
	if (rc != RC_OK)
		return rc;
	op_object_fmt(&o, "name", "Name", false, "%s", f.name);
	op_object_value(&o, "type", "Type", op_value_text(type_name(f.type)));
	op_object_value(&o, "class", "Class", op_value_text(class_name(f.cls)));
	return op_object_emit(&o, c, "Field added");
}

const struct op op_field_add = {
    .name = "field add",
    .args = "NAME",
    .args_min = 1,
    .args_max = 1,
    .summary = "add a field to every record",
    .details =
	"A type is text, name, email, phone, date, number, money, country, postcode, "
	"url, ssn, card, iban or note: it validates, normalises and masks. A class is "
	"open (shown and searchable), masked (shown masked until it is revealed) or "
	"sealed (masked, and encrypted once more under keys that only full slots have); "
	"masked is the default, and sealed that of ssn and card.",
    .examples = "strongroom field add customers.vault segment --class open --search\n"
		"strongroom field add customers.vault iban --type iban --label IBAN\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT,
    .opts = {{"type", 0, OPT_TEXT, "TYPE", "default: text"},
	{"class", 0, OPT_TEXT, "CLASS", "open, masked or sealed (default: see above)"},
	{"label", 0, OPT_TEXT, "TEXT", "as shown (default: the name)"},
	{"required", 0, OPT_FLAG, NULL, "a record can't be without it"},
	{"search", 0, OPT_FLAG, NULL, "words of it are found by a search"}},
    .run = run_field_add,
};
