/* Fields that get another class or type, and those that go. */

#include "ui/op_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/convert.h"

#define YES_OPT                                                                          \
	{                                                                                 \
		"yes", 'y', OPT_FLAG, NULL, "don't ask"                                   \
	}

static enum rc
convert(struct op_call *c, int index, const struct convert_wish *wish)
{
	struct op_object o = {0};
	struct convert_report r;
	struct op_step step;
	const struct progress progress = op_progress(&step, c, c->op->name);
	char name[FIELD_NAME_MAX + 1];
	size_t n;
	enum rc rc;

	/* Another process may drop fields meanwhile. */
	snprintf(name, sizeof(name), "%s", field_list(c->v, &n)[index].name);
	rc = field_convert(c->v, index, wish, &progress, &r);
	if (rc != RC_OK)
		return err_set(&c->err, rc, "%s", vault_err(c->v));
	op_object_fmt(&o, "name", "Name", false, "%s", name);
	op_object_value(&o, "type", "Type", op_value_text(type_name(wish->type)));
	op_object_value(&o, "class", "Class", op_value_text(class_name(wish->cls)));
	op_object_value(&o, "resumed", "Begun before", op_value_bool(r.resumed));
	op_object_fmt(&o, "values", "Values converted", true, "%" PRIu64, r.values);
	op_object_fmt(&o, "invalid", "Kept, not valid (!)", true, "%" PRIu64, r.invalid);
	return op_object_emit(&o, c, "Field changed");
}

static enum rc
wish_of(struct op_call *c, int *index, struct convert_wish *wish)
{
	const struct field *f;
	size_t n;
	enum rc rc = op_field(c, c->args[0], strlen(c->args[0]), index);

	f = field_list(c->v, &n);
	if (rc == RC_OK && (*index < 0 || (size_t)*index >= n))
		rc = err_set(&c->err, RC_INPUT, "\"%s\" is no field that can be changed",
		    c->args[0]);
	if (rc == RC_OK)
		*wish = (struct convert_wish){
		    f[*index].type, f[*index].cls, f[*index].searchable, op_text(c, "reason")};
	return rc;
}

/* Values that come out of their cover are seen by all, at once and for good: not by a slip. */
static enum rc
consent(struct op_call *c, int index, const struct convert_wish *wish)
{
	char question[FIELD_NAME_MAX + 200];
	const struct field *f;
	size_t n;

	f = &field_list(c->v, &n)[index];
	if (wish->cls >= f->cls)
		return RC_OK;
	if (!wish->reason || !*wish->reason)
		return err_set(&c->err, RC_INPUT,
		    "%s is %s, and becoming %s shows its values to more people: that needs "
		    "--reason TEXT, for the audit", f->name, class_name(f->cls),
		    class_name(wish->cls));
	snprintf(question, sizeof(question), "Make all values of %s %s? Now they are %s; %s.",
	    f->name, class_name(wish->cls), class_name(f->cls),
	    f->cls == CLASS_SEALED ? "every slot could read them then, browse slots too"
				   : "every list and export would show them then");
	return op_confirm(c, question);
}

static enum rc
run_field_class(struct op_call *c)
{
	struct convert_wish wish;
	int index;
	enum rc rc = wish_of(c, &index, &wish);

	if (rc != RC_OK)
		return rc;
	if (!class_parse(c->args[1], &wish.cls))
		return err_set(&c->err, RC_INPUT, "\"%s\" is not a class: open, masked or sealed",
		    c->args[1]);
	wish.searchable = wish.cls == CLASS_OPEN && (wish.searchable || op_flag(c, "search"));
	rc = consent(c, index, &wish);
	return rc == RC_OK ? convert(c, index, &wish) : rc;
}

const struct op op_field_class = {
    .name = "field class",
    .args = "NAME CLASS",
    .args_min = 2,
    .args_max = 2,
    .summary = "make a field open, masked or sealed, with the values it has",
    .details =
	"Values are converted in steps while others read and write; until the last step the "
	"field is what it was. ^C pauses it and nothing is lost, nor by a kill: the same "
	"command goes on, and \"field list\" shows where it stands; the class that it has takes "
	"back what was begun.\n"
	"A field that becomes less than it is (sealed, masked, open) needs a reason for the "
	"audit, and is asked about: all its values are shown to more people then.\n"
	"Of a field that becomes sealed nothing is left in the clear: not in its column, the "
	"full text, the history, the log of exports or free pages; a saved view or a template "
	"that asks for a value of it stops the change until it is dropped. Copies of the file "
	"that were made before keep it, and so may older pages on the disk, until \"rotate\" "
	"destroys their keys. It takes a full slot.",
    .examples = "strongroom field class customers.vault company sealed\n"
		"strongroom field class customers.vault company open --search --reason \"no secret any more\"\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_SLOW,
    .opts = {{"search", 0, OPT_FLAG, NULL, "of an open field: a search finds words of it"},
	{"reason", 0, OPT_TEXT, "TEXT", "why, for the audit; needed when it becomes less than it is"}, YES_OPT},
    .run = run_field_class,
};

static enum rc
run_field_type(struct op_call *c)
{
	struct convert_wish wish;
	int index;
	enum rc rc = wish_of(c, &index, &wish);

	if (rc != RC_OK)
		return rc;
	if (!type_parse(c->args[1], &wish.type))
		return err_set(&c->err, RC_INPUT,
		    "\"%s\" is not a type: text, name, email, phone, date, number, money, country, "
		    "postcode, url, ssn, card, iban or note", c->args[1]);
	return convert(c, index, &wish);
}

const struct op op_field_type = {
    .name = "field type",
    .args = "NAME TYPE",
    .args_min = 2,
    .args_max = 2,
    .summary = "give a field another type, with the values it has",
    .details =
	"Values get the form of the new type; those that do not parse as it are kept as they "
	"stand and marked with \"!\" (a search for is:invalid finds them). A masked or sealed "
	"field is shown under the mask of its new type, which may tell more: an e-mail's domain, "
	"the last four digits of a card. It runs in steps as \"field class\" does, and takes a "
	"full slot.",
    .examples = "strongroom field type customers.vault company name\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_SLOW,
    .run = run_field_type,
};

static enum rc
run_field_drop(struct op_call *c)
{
	struct op_object o = {0};
	struct convert_wish unused;
	char question[FIELD_NAME_MAX + 160], name[FIELD_NAME_MAX + 1];
	size_t n;
	int index;
	enum rc rc = wish_of(c, &index, &unused);

	if (rc != RC_OK)
		return rc;
	snprintf(name, sizeof(name), "%s", field_list(c->v, &n)[index].name);
	snprintf(question, sizeof(question),
	    "Drop the field %s with all its values, in the history too? It can't be undone.",
	    name);
	rc = op_confirm(c, question);
	if (rc != RC_OK)
		return rc;
	rc = field_drop(c->v, index);
	if (rc != RC_OK)
		return err_set(&c->err, rc, "%s", vault_err(c->v));
	op_object_fmt(&o, "name", "Name", false, "%s", name);
	return op_object_emit(&o, c, "Field dropped");
}

const struct op op_field_drop = {
    .name = "field drop",
    .args = "NAME",
    .args_min = 1,
    .args_max = 1,
    .summary = "take a field and all its values out of the vault",
    .details =
	"The values go from the records, the full text, the history and the log of exports, and what "
	"is freed is overwritten; a saved view or a template that asks for a value of it is to be "
	"dropped first. It can't be undone, and takes a full slot.",
    .examples = "strongroom field drop customers.vault phone_alt\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_SLOW,
    .opts = {YES_OPT},
    .run = run_field_drop,
};
