/* The duplicates report. */

#include "ui/op_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/duplicates.h"

struct report {
	struct op_call *call;
	int *fields;
	size_t n;
	int64_t *ids; /* of all groups, one after the other */
	int *groups;  /* of each */
	size_t found, cap;
	int group;
	bool failed;
};

static bool
take(void *arg, const int64_t *ids, size_t n)
{
	struct report *r = arg;
	size_t cap = 2 * (r->found + n), i;
	int64_t *more_ids;
	int *more_groups;

	if (atomic_load(&r->call->cancel))
		return false;
	if (r->found + n > r->cap) {
		more_ids = realloc(r->ids, cap * sizeof(*more_ids));
		if (more_ids != NULL)
			r->ids = more_ids;
		more_groups = realloc(r->groups, cap * sizeof(*more_groups));
		if (more_groups != NULL)
			r->groups = more_groups;
		r->failed = more_ids == NULL || more_groups == NULL;
		if (r->failed)
			return false;
		r->cap = cap;
	}
	r->group++;
	for (i = 0; i < n; i++) {
		r->ids[r->found] = ids[i];
		r->groups[r->found++] = r->group;
	}
	return true;
}

static enum rc
row(struct report *r, size_t at, struct sink_value *values)
{
	struct op_call *c = r->call;
	char group[24], id[24];
	struct record *record;
	size_t i;
	enum rc rc = record_get(c->v, r->ids[at], &record);

	if (rc == RC_NOTFOUND)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	snprintf(group, sizeof(group), "%d", r->groups[at]);
	snprintf(id, sizeof(id), "%" PRId64, r->ids[at]);
	values[0] = op_value_text(group);
	values[1] = op_value_text(id);
	values[0].number = values[1].number = true;
	for (i = 0; i < r->n; i++)
		values[i + 2] = op_value_cell(&record->cells[r->fields[i]]);
	rc = c->face->ops->rows_row(c->face, values);
	record_free(record);
	return rc;
}

/* Two columns of one name would be one key twice: the field keeps it. */
static const char *
group_name(const struct report *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (strcmp(op_column_name(r->call, r->fields[i]), "group") == 0)
			return "_group";
	return "group";
}

static enum rc
print(struct report *r)
{
	const char *names[DUPLICATES_FIELDS_MAX + 2] = {
	    group_name(r), op_column_name(r->call, SORT_ID)};
	const char *labels[DUPLICATES_FIELDS_MAX + 2] = {"GROUP", "ID"};
	struct sink_value values[DUPLICATES_FIELDS_MAX + 2];
	struct op_call *c = r->call;
	size_t i;
	enum rc rc;

	for (i = 0; i < r->n; i++) {
		names[i + 2] = op_column_name(c, r->fields[i]);
		labels[i + 2] = op_column_label(c, r->fields[i]);
	}
	rc = c->face->ops->rows_begin(c->face, NULL, names, labels, r->n + 2);
	for (i = 0; rc == RC_OK && i < r->found; i++)
		rc = atomic_load(&c->cancel) ? RC_CANCELLED : row(r, i, values);
	return rc == RC_OK ? c->face->ops->rows_end(c->face) : rc;
}

static enum rc
run_duplicates(struct op_call *c)
{
	const char *by = op_text(c, "by");
	struct report r = {.call = c};
	int64_t limit;
	enum rc rc = op_number(c, "limit", 0, &limit);

	if (rc == RC_OK)
		rc = op_fields(c, by != NULL ? by : "email", &r.fields, &r.n);
	if (rc == RC_OK)
		rc = duplicates_find(
		    c->v, r.fields, r.n, limit > INT32_MAX ? 0 : (int)limit, take, &r);
	if (rc == RC_OK && r.failed)
		rc = RC_NOMEM;
	if (rc == RC_OK && atomic_load(&c->cancel))
		rc = RC_CANCELLED;
	if (rc == RC_OK)
		rc = print(&r);
	free(r.fields);
	free(r.ids);
	free(r.groups);
	return rc;
}

const struct op op_duplicates = {
    .name = "duplicates",
    .args = "",
    .summary = "print the records that are alike in some fields",
    .details =
	"By their e-mail unless --by names other fields; all of them must be the same, "
	"whatever the case of their letters and however a phone number is written. Empty "
	"values are like no other. Sealed "
	"fields "
	"are compared by their blind index; that a masked or sealed field was compared "
	"is "
	"written to the audit.",
    .examples = "strongroom duplicates customers.vault\n"
		"strongroom duplicates customers.vault --by last_name,birth_date\n",
    .flags = OP_VAULT | OP_ROWS | OP_SLOW,
    .opts = {{"by", 'b', OPT_FIELDS, "FIELDS", "compare these, comma-separated"},
	{"limit", 'n', OPT_NUMBER, "N", "at most N groups (0: all)"}},
    .run = run_duplicates,
};
