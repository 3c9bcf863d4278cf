/* Saved views: a query, columns and an order under a name. */

#include "ui/op_util.h"

#include <stdlib.h>
#include <string.h>

#include "store/savedview.h"

struct listing {
	struct op_call *call;
	enum rc rc;
};

static bool
each_view(void *arg, const struct savedview *s)
{
	struct listing *l = arg;
	struct sink_value values[] = {op_value_text(s->name), op_value_text(s->query),
	    op_value_text(s->columns), op_value_text(s->sort)};

	if (atomic_load(&l->call->cancel))
		l->rc = RC_CANCELLED;
	else
		l->rc = l->call->face->ops->rows_row(l->call->face, values);
	return l->rc == RC_OK;
}

static enum rc
run_view_list(struct op_call *c)
{
	static const char *const names[] = {"name", "query", "fields", "sort"};
	static const char *const labels[] = {"NAME", "QUERY", "FIELDS", "SORT"};
	struct listing l = {c, RC_OK};
	enum rc rc = c->face->ops->rows_begin(c->face, NULL, names, labels, 4);

	if (rc == RC_OK)
		rc = savedview_list(c->v, each_view, &l);
	if (rc == RC_OK)
		rc = l.rc;
	return rc == RC_OK ? c->face->ops->rows_end(c->face) : rc;
}

/* What the columns and the order are is found out now, and not when the view is used. */
static enum rc
check(struct op_call *c, const char *fields)
{
	struct search s = {0};
	int *columns = NULL;
	size_t n;
	enum rc rc = op_sort(c, &s);

	if (rc == RC_OK && fields != NULL)
		rc = op_fields(c, fields, &columns, &n);
	free(columns);
	return rc;
}

static enum rc
run_view_save(struct op_call *c)
{
	const char *fields = op_text(c, "fields"), *sort = op_text(c, "sort");
	struct search_error serr = {0, 0, ""};
	struct savedview view = {.name = c->args[0],
	    .columns = fields != NULL ? fields : "",
	    .sort = sort != NULL ? sort : ""};
	char *query = NULL;
	enum rc rc = check(c, fields);

	if (rc == RC_OK)
		rc = op_query(c, 1, &query);
	view.query = query;
	if (rc == RC_OK) {
		rc = savedview_save(c->v, &view, op_flag(c, "force"), &serr);
		rc = op_search_failed(c, rc, query, &serr);
	}
	if (rc == RC_OK)
		face_say(c->face, "view \"%s\" is saved", view.name);
	op_query_free(query);
	return rc;
}

static enum rc
run_view_drop(struct op_call *c)
{
	enum rc rc = savedview_drop(c->v, c->args[0]);

	if (rc == RC_OK)
		face_say(c->face, "view \"%s\" is dropped", c->args[0]);
	return rc;
}

const struct op op_view_list = {
    .name = "view list",
    .args = "",
    .summary = "print the saved views",
    .details = "strongroom list VAULT --view NAME shows the records of one; the terminal "
	       "interface has them under \"f\" and in its palette (\":\").",
    .examples = "strongroom view list customers.vault\n",
    .flags = OP_VAULT | OP_ROWS,
    .run = run_view_list,
};

const struct op op_view_save = {
    .name = "view save",
    .args = "NAME [QUERY]",
    .args_min = 1,
    .args_max = OP_ARGS_MAX,
    .summary = "keep a query, its columns and its order under a name",
    .details = "The view shows what its query finds when it is used, not what it finds now. "
	       "A query that looks up a sealed value can't be saved: the value would stand "
	       "in the view.",
    .examples = "strongroom view save customers.vault Overdue is:due --sort _keep_until\n"
		"strongroom view save customers.vault Lima city:lima --fields "
		"last_name,email,phone\n",
    .flags = OP_VAULT | OP_WRITES,
    .opts = {{"fields", 'f', OPT_FIELDS, "FIELDS", "columns, comma-separated"},
	{"sort", 's', OPT_FIELD, "[-]FIELD", "order by it, or by rank; - reverses"},
	{"force", 0, OPT_FLAG, NULL, "replace a view of that name"}},
    .run = run_view_save,
};

const struct op op_view_drop = {
    .name = "view drop",
    .args = "NAME",
    .args_min = 1,
    .args_max = 1,
    .summary = "forget a saved view; its records stay",
    .examples = "strongroom view drop customers.vault Overdue\n",
    .flags = OP_VAULT | OP_WRITES,
    .run = run_view_drop,
};
