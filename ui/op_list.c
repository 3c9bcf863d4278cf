/*
 * Records as rows: list and search.
 *
 * 1. A masked field's value leaves only through record_reveal, one event a record, and
 * only with a reason.
 * 2. Without reveal all hits come from one read snapshot. With reveal each event is a
 * write, so the hits are read a page at a time.
 */

#include "ui/op_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/savedview.h"

#define TABLE_FIELDS 8	 /* of the catalogue, in a table, when none are named */
#define REVEAL_PAGE  200 /* records read before their fields are revealed */

struct listing {
	struct op_call *call;
	int *columns;
	size_t n;
	bool *reveal; /* per column */
	bool reveals; /* any of them */
	struct sink_value *values;
	struct secret **held; /* per column: what the present row's value lives in */
	const char **names, **labels;
	const char *reason;
	char (*own)[OP_TIME_LEN]; /* per column */
};

static void
forget_row(struct listing *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		secret_free(l->held[i]);
		l->held[i] = NULL;
	}
}

static void
listing_free(struct listing *l)
{
	free(l->columns);
	free(l->reveal);
	free(l->values);
	free(l->held);
	free(l->own);
	free(l->names);
	free(l->labels);
}

/*
 * People see a sign before what does not parse as its type; data is exact. What is too
 * long for the secure heap goes without.
 */
static void
mark_invalid(struct listing *l, size_t i)
{
	struct sink_value *value = &l->values[i];
	struct secret *marked;

	if (secret_new(value->len + 2, &marked) != RC_OK)
		return;
	secret_append(marked, "! ", 2);
	secret_append(marked, value->text, value->len);
	secret_free(l->held[i]);
	l->held[i] = marked;
	value->text = (const char *)secret_view(marked);
	value->len = secret_len(marked);
}

static enum rc
fill_cell(struct listing *l, const struct record *r, size_t i)
{
	int index = l->columns[i];
	const struct cell *cell;
	enum rc rc;

	if (index < 0) {
		l->values[i] = op_column_own(l->call, r, index, l->own[i]);
		return RC_OK;
	}
	cell = &r->cells[index];
	l->values[i] = op_value_cell(cell);
	if (l->reveal[i] && cell->masked && cell->len > 0) {
		rc = record_reveal(l->call->v, r->id, index, l->reason, &l->held[i]);
		if (rc != RC_OK)
			return rc;
		l->values[i].text = (const char *)secret_view(l->held[i]);
		l->values[i].len = secret_len(l->held[i]);
		l->values[i].masked = false;
	}
	if (cell->invalid && !l->call->face->json)
		mark_invalid(l, i);
	return RC_OK;
}

static enum rc
each(void *arg, const struct record *r)
{
	struct listing *l = arg;
	enum rc rc = RC_OK;
	size_t i;

	if (atomic_load(&l->call->cancel))
		return RC_CANCELLED;
	for (i = 0; rc == RC_OK && i < l->n; i++)
		rc = fill_cell(l, r, i);
	if (rc == RC_OK)
		rc = l->call->face->ops->rows_row(l->call->face, l->values);
	forget_row(l);
	return rc;
}

/* Each page is let go before its rows' events are written. */
static enum rc
walk_pages(
    struct listing *l, const struct search *s, int64_t limit, struct search_error *serr)
{
	enum search_from from = FROM_FIRST;
	int64_t anchor = 0, left = limit;
	struct rows *page;
	size_t i, n;
	int want;
	enum rc rc;

	do {
		want = limit != 0 && left < REVEAL_PAGE ? (int)left : REVEAL_PAGE;
		rc = search_page(l->call->v, s, from, anchor, want, &page, serr);
		if (rc != RC_OK)
			return rc;
		n = rows_count(page);
		for (i = 0; rc == RC_OK && i < n; i++) {
			rc = each(l, rows_at(page, i));
			anchor = rows_at(page, i)->id;
		}
		rows_free(page);
		from = AFTER;
		left -= (int64_t)n;
	} while (rc == RC_OK && n == (size_t)want && (limit == 0 || left > 0));
	return rc;
}

static enum rc
allocate(struct listing *l)
{
	size_t i;

	l->reveal = calloc(l->n + 1, sizeof(*l->reveal));
	l->values = calloc(l->n + 1, sizeof(*l->values));
	l->held = calloc(l->n + 1, sizeof(*l->held));
	l->own = calloc(l->n + 1, sizeof(*l->own));
	l->names = calloc(l->n + 1, sizeof(*l->names));
	l->labels = calloc(l->n + 1, sizeof(*l->labels));
	if (l->reveal == NULL || l->values == NULL || l->held == NULL || l->own == NULL ||
	    l->names == NULL || l->labels == NULL)
		return RC_NOMEM;
	for (i = 0; i < l->n; i++) {
		l->names[i] = op_column_name(l->call, l->columns[i]);
		l->labels[i] = op_column_label(l->call, l->columns[i]);
	}
	return RC_OK;
}

/* A field to be revealed that is not among the columns becomes the last one. */
static enum rc
add_column(struct listing *l, int index)
{
	int *columns;
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->columns[i] == index)
			return RC_OK;
	columns = realloc(l->columns, (l->n + 1) * sizeof(*columns));
	if (columns == NULL)
		return RC_NOMEM;
	columns[l->n++] = index;
	l->columns = columns;
	return RC_OK;
}

/* What people see by default fits a screen; data is complete. */
static enum rc
default_columns(struct listing *l)
{
	enum rc rc = op_fields(l->call, "all", &l->columns, &l->n);

	if (rc != RC_OK)
		return rc;
	if (l->call->face->json)
		return add_column(l, COLUMN_TAGS);
	if (l->n > TABLE_FIELDS + 1)
		l->n = TABLE_FIELDS + 1;
	return RC_OK;
}

static enum rc
mark_revealed(struct listing *l, const int *which, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < l->n; j++)
			if (l->columns[j] == which[i])
				l->reveal[j] = true;
	l->reveals = n > 0;
	return RC_OK;
}

/* A field of the view may have been dropped since, or masked. */
static enum rc
view_failed(struct op_call *c, enum rc rc, const struct savedview *view)
{
	struct err was = c->err;

	if (rc != RC_INPUT)
		return rc;
	return err_set(&c->err, rc,
	    "the view \"%s\" does not fit the fields as they are now: save it anew with "
	    "--force (%s)",
	    view->name, was.text);
}

/* The columns that are asked for, else those of the view, if it has any. */
static enum rc
choose_columns(struct listing *l, const struct savedview *view)
{
	const char *fields = op_text(l->call, "fields");

	if (fields != NULL)
		return op_fields(l->call, fields, &l->columns, &l->n);
	if (view == NULL || view->columns[0] == '\0')
		return default_columns(l);
	return view_failed(
	    l->call, op_fields(l->call, view->columns, &l->columns, &l->n), view);
}

static enum rc
listing_new(struct op_call *c, struct listing *l, const struct savedview *view)
{
	int *which = NULL;
	size_t n = 0, i;
	enum rc rc;

	memset(l, 0, sizeof(*l));
	l->call = c;
	l->reason = op_text(c, "reason");
	rc = choose_columns(l, view);
	if (rc == RC_OK)
		rc = op_revealed(c, &which, &n);
	for (i = 0; rc == RC_OK && i < n; i++)
		rc = add_column(l, which[i]);
	if (rc == RC_OK)
		rc = allocate(l);
	if (rc == RC_OK)
		rc = mark_revealed(l, which, n);
	free(which);
	return rc;
}

static enum rc
walk(struct listing *l, const struct search *s, int64_t limit)
{
	struct op_call *c = l->call;
	struct search_error serr;
	enum rc rc;

	memset(&serr, 0, sizeof(serr));
	rc = search_check(c->v, s->query, &serr);
	if (rc != RC_OK)
		return op_search_failed(c, rc, s->query, &serr);
	rc = c->face->ops->rows_begin(c->face, NULL, l->names, l->labels, l->n);
	if (rc != RC_OK)
		return rc;
	rc = l->reveals ? walk_pages(l, s, limit, &serr)
			: search_each(c->v, s, limit, each, l, &serr);
	if (rc != RC_OK)
		return op_search_failed(c, rc, s->query, &serr);
	return c->face->ops->rows_end(c->face);
}

static enum rc
check_query(struct op_call *c, const char *query)
{
	struct search_error serr = {0, 0, ""};

	return op_search_failed(c, search_check(c->v, query, &serr), query, &serr);
}

/*
 * What is asked besides the view's own query must hold too. Each is a query by itself, so
 * that its brackets come in pairs and a fault is shown in what was typed.
 */
static enum rc
add_view_query(struct op_call *c, const struct savedview *view, char **query)
{
	char *typed = *query, *both = NULL;
	enum rc rc = check_query(c, typed);

	if (rc != RC_OK || view->query[0] == '\0')
		return rc;
	rc = view_failed(c, check_query(c, view->query), view);
	if (rc != RC_OK)
		return rc;
	if (typed[0] == '\0')
		both = strdup(view->query);
	else if (asprintf(&both, "(%s) (%s)", view->query, typed) < 0)
		both = NULL;
	if (both == NULL)
		return RC_NOMEM;
	op_query_free(typed);
	*query = both;
	return RC_OK;
}

/* Query and order as given, and else those of the view. */
static enum rc
set_search(
    struct op_call *c, const struct savedview *view, struct search *s, char **query)
{
	enum rc rc = op_sort(c, s);

	if (rc == RC_OK && view != NULL && view->sort[0] != '\0' && !op_flag(c, "sort"))
		rc = view_failed(c, op_order(c, view->sort, s), view);
	if (rc == RC_OK)
		rc = op_query(c, 0, query);
	if (rc == RC_OK && view != NULL)
		rc = add_view_query(c, view, query);
	s->query = *query;
	return rc;
}

static enum rc
run_list(struct op_call *c)
{
	struct savedview *view = NULL;
	struct listing l;
	struct search s = {0};
	char *query = NULL;
	int64_t limit;
	enum rc rc;

	memset(&l, 0, sizeof(l));
	rc = op_number(c, "limit", 0, &limit);
	if (rc == RC_OK && op_flag(c, "view"))
		rc = savedview_get(c->v, op_text(c, "view"), &view);
	if (rc == RC_OK)
		rc = set_search(c, view, &s, &query);
	if (rc == RC_OK)
		rc = listing_new(c, &l, view);
	if (rc == RC_OK)
		rc = walk(&l, &s, limit);
	op_query_free(query);
	savedview_free(view);
	listing_free(&l);
	return rc;
}

/* clang-format off */
#define LIST_OPTS                                                                        \
	{"fields", 'f', OPT_FIELDS, "FIELDS", "columns, comma-separated; or \"all\""}, \
	{"sort", 's', OPT_FIELD, "[-]FIELD", "order by it, or by rank; - reverses"},     \
	{"limit", 'n', OPT_NUMBER, "N", "at most N records (0: all)"},                   \
	{"reveal", 0, OPT_LIST, "FIELD", "show a masked field's value; is audited"},     \
	{"reason", 0, OPT_TEXT, "TEXT", "why, for the audit; needed with --reveal"}
/* clang-format on */

const struct op op_list = {
    .name = "list",
    .args = "[QUERY|-]",
    .args_max = OP_ARGS_MAX,
    .summary = "print records, masked fields masked",
    .details =
	"Without a query all that is not in the trash. A table shows the first eight "
	"fields, JSON and CSV all of them, unless --fields names others. Besides the "
	"fields there are _id (or id), _created and _updated. With --view the query, the "
	"columns and the order are those of a saved view; a query besides narrows it, "
	"and --fields and --sort go before its own. --sort has numbers by value and text by "
	"its characters, small letters as capitals in ASCII alone: letters "
	"with accents stand after Z.",
    .examples =
	"strongroom list customers.vault --limit 20\n"
	"strongroom list customers.vault --sort -_updated --fields id,last_name,email\n"
	"strongroom list customers.vault is:trash\n"
	"strongroom list customers.vault --view Overdue city:lima\n",
    .flags = OP_VAULT | OP_ROWS,
    .opts = {LIST_OPTS,
	{"view", 'w', OPT_TEXT, "NAME", "what a saved view shows (view list)"}},
    .run = run_list,
};

const struct op op_search = {
    .name = "search",
    .args = "QUERY|-",
    .args_min = 1,
    .args_max = OP_ARGS_MAX,
    .summary = "print the records that match a query",
    .details =
	"Hits come in the order of their numbers, or with --sort in another: --sort rank "
	"puts first what holds the words of the query best. Several arguments are one "
	"query; what begins with \"-\" goes after --. Values of masked fields can't be "
	"searched for, as the hits would tell them; a sealed field answers only to a "
	"whole value, not on a browse slot, and the audit has it before it is looked "
	"up. Other users can read a command line: with - (elsewhere --where -) the query "
	"is a line of the standard input; without one, or its line feed, nothing is "
	"done.",
    .words = op_query_words,
    .examples =
	"strongroom search customers.vault 'city:orleans' --fields "
	"last_name,email,phone\n"
	"strongroom search customers.vault 'ell* city:\"new orleans\"'\n"
	"strongroom search customers.vault --json -- smith -region:LA\n"
	"strongroom search customers.vault 'updated:>=7d (city:lima OR tag:vip)'\n"
	"strongroom search customers.vault --sort rank orleans jazz\n"
	"strongroom search customers.vault - <query.txt\n"
	"strongroom search customers.vault last_name:butt --reveal birth_date "
	"--reason \"call back\"\n",
    .flags = OP_VAULT | OP_ROWS,
    .opts = {LIST_OPTS},
    .run = run_list,
};
