/* Keep-until dates: set, and what is due. */

#include "ui/op_bulk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/keep.h"

#define DAY INT64_C(86400000000) /* microseconds */

/* The last argument. */
static enum rc
day_of(struct op_call *c, int64_t *until)
{
	const char *day = c->args[c->arg_n - 1];

	if (keep_parse(day, strlen(day), until))
		return RC_OK;
	return err_set(&c->err, RC_INPUT,
	    "\"%s\" is not a day from 1970-01-02 on: write it as 2031-12-31, or never",
	    day);
}

static enum rc
keep_one(struct op_call *c, int64_t until)
{
	struct op_object o = {0};
	char day[OP_TIME_LEN];
	int64_t id;
	enum rc rc = op_id(c, c->args[0], &id);

	if (rc == RC_OK)
		rc = keep_set(c->v, id, until);
	if (rc != RC_OK)
		return rc;
	op_day(until, day);
	op_object_fmt(&o, "id", "ID", true, "%" PRId64, id);
	op_object_fmt(&o, "_keep_until", "Keep until", false, "%s",
	    until != 0 || c->face->json ? day : "never");
	return op_object_emit(&o, c, NULL);
}

static enum rc
run_keep(struct op_call *c)
{
	const bool where = op_where(c);
	int64_t until;
	enum rc rc = op_id_or_where(c);

	if (rc == RC_OK && c->arg_n != (where ? 1 : 2))
		rc = err_set(&c->err, RC_INPUT,
		    where ? "give an ID or --where QUERY, not both"
			  : "say which record and until when: 17 2031-12-31");
	if (rc == RC_OK)
		rc = day_of(c, &until);
	if (rc != RC_OK)
		return rc;
	return where ? op_bulk_keep(c, until) : keep_one(c, until);
}

const struct op op_keep = {
    .name = "keep",
    .args = "ID|--where QUERY DATE|never",
    .args_min = 1,
    .args_max = 2,
    .summary = "set the day until which a record is kept",
    .details =
	"From that day on \"due\" lists it: it is to be erased, or kept for longer. "
	"Until then a purge leaves it in the trash. \"never\" takes the date away.",
    .examples = "strongroom keep customers.vault 17 2031-12-31\n"
		"strongroom keep customers.vault --where tag:closed 2031-12-31\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT,
    .opts = {BULK_OPTS},
    .run = run_keep,
};

struct listing {
	struct op_call *call;
	enum rc rc;
};

static bool
each_due(void *arg, int64_t id, int64_t until, bool trashed)
{
	struct listing *l = arg;
	struct sink_value row[3];
	char number[24], day[OP_TIME_LEN];

	snprintf(number, sizeof(number), "%" PRId64, id);
	op_day(until, day);
	row[0] = op_value_text(number);
	row[0].number = true;
	row[1] = op_value_text(day);
	row[2] = op_value_bool(trashed);
	l->rc = l->call->face->ops->rows_row(l->call->face, row);
	return l->rc == RC_OK;
}

static enum rc
run_due(struct op_call *c)
{
	static const char *const names[] = {"id", "_keep_until", "in_trash"};
	static const char *const labels[] = {"ID", "KEEP UNTIL", "IN TRASH"};
	struct listing l = {c, RC_OK};
	int64_t days;
	enum rc rc = op_number(c, "days", 0, &days);

	if (rc == RC_OK && days > 1000000)
		rc = err_set(&c->err, RC_INPUT, "--days is at most 1000000");
	if (rc == RC_OK)
		rc = c->face->ops->rows_begin(c->face, NULL, names, labels, 3);
	if (rc == RC_OK)
		rc = keep_due(c->v, op_now() + days * DAY, each_due, &l);
	if (rc == RC_OK)
		rc = l.rc;
	return rc == RC_OK ? c->face->ops->rows_end(c->face) : rc;
}

const struct op op_due = {
    .name = "due",
    .args = "",
    .summary = "print the records whose keep-until date is past or near",
    .examples = "strongroom due customers.vault --days 30\n",
    .flags = OP_VAULT | OP_ROWS,
    .opts = {{"days", 'd', OPT_NUMBER, "N", "also what is due within N days"}},
    .run = run_due,
};
