/* Templates that are kept in the vault: listed, shown, dropped. */

#include "ui/op_util.h"

#include <stdlib.h>

#include "store/template.h"

static enum rc
list_one(void *arg, const char *kind, const char *name, const char *body)
{
	struct op_call *c = arg;
	const struct sink_value row[] = {op_value_text(kind), op_value_text(name)};

	(void)body;
	return c->face->ops->rows_row(c->face, row);
}

static enum rc
run_list(struct op_call *c)
{
	static const char *const names[] = {"kind", "name"}, *const labels[] = {"Kind", "Name"};
	enum rc rc = c->face->ops->rows_begin(c->face, NULL, names, labels, 2);

	if (rc == RC_OK)
		rc = template_list(c->v, NULL, list_one, c);
	return rc == RC_OK ? c->face->ops->rows_end(c->face) : rc;
}

const struct op op_template_list = {
    .name = "template list",
    .args = "",
    .summary = "list the templates kept in the vault",
    .examples = "strongroom template list customers.vault\n",
    .flags = OP_VAULT | OP_ROWS,
    .run = run_list,
};

static const char *
kind_of(const struct op_call *c)
{
	const char *kind = op_text(c, "kind");

	return kind != NULL ? kind : TEMPLATE_EXPORT;
}

static enum rc
run_show(struct op_call *c)
{
	struct op_object o = {0};
	char *body;
	enum rc rc = template_get(c->v, kind_of(c), c->args[0], &body);

	if (rc != RC_OK)
		return rc;
	op_object_value(&o, "kind", "Kind", op_value_text(kind_of(c)));
	op_object_value(&o, "name", "Name", op_value_text(c->args[0]));
	op_object_value(&o, "body", "Text", op_value_text(body));
	if (c->face->json || c->face->ops->text == NULL) {
		rc = op_object_emit(&o, c, "Template");
	} else {
		op_object_free(&o);
		c->face->ops->text(c->face, body);
		c->face->ops->text(c->face, "\n");
	}
	free(body);
	return rc;
}

const struct op op_template_show = {
    .name = "template show",
    .args = "NAME",
    .args_min = 1,
    .args_max = 1,
    .summary = "print a template as it is kept",
    .examples = "strongroom template show customers.vault monthly\n",
    .flags = OP_VAULT | OP_RESULT,
    .opts = {{"kind", 0, OPT_TEXT, "KIND", "export (the default) or import"}},
    .run = run_show,
};

static enum rc
run_drop(struct op_call *c)
{
	enum rc rc = template_drop(c->v, kind_of(c), c->args[0]);

	if (rc == RC_OK)
		face_say(c->face, "dropped the %s template %s", kind_of(c), c->args[0]);
	return rc;
}

const struct op op_template_drop = {
    .name = "template drop",
    .args = "NAME",
    .args_min = 1,
    .args_max = 1,
    .summary = "take a template out of the vault",
    .examples = "strongroom template drop customers.vault monthly\n",
    .flags = OP_VAULT | OP_WRITES,
    .opts = {{"kind", 0, OPT_TEXT, "KIND", "export (the default) or import"}},
    .run = run_drop,
};
