/* What the operations share: fields by name, times, queries, progress. */

#include "ui/op_util.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "ui/op_near.h"

int64_t
op_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void
op_time(const struct face *f, int64_t at, char out[OP_TIME_LEN])
{
	time_t seconds = (time_t)(at / 1000000);
	struct tm tm;
	size_t len;

	out[0] = '\0';
	if (at == 0)
		return;
	if (!f->json) {
		if (localtime_r(&seconds, &tm) != NULL)
			strftime(out, OP_TIME_LEN, "%Y-%m-%d %H:%M:%S", &tm);
		return;
	}
	if (gmtime_r(&seconds, &tm) == NULL)
		return;
	len = strftime(out, OP_TIME_LEN, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + len, OP_TIME_LEN - len, ".%06dZ", (int)(at % 1000000));
}

void
op_day(int64_t at, char out[OP_TIME_LEN])
{
	time_t seconds = (time_t)(at / 1000000);
	struct tm tm;

	out[0] = '\0';
	if (at != 0 && gmtime_r(&seconds, &tm) != NULL)
		strftime(out, OP_TIME_LEN, "%Y-%m-%d", &tm);
}

enum rc
op_id(struct op_call *c, const char *text, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || *out == 0)
		return err_set(
		    &c->err, RC_INPUT, "\"%s\" is not the number of a record", text);
	return RC_OK;
}

static const struct {
	const char *name, *label;
	int index;
} own_columns[] = {{"id", "ID", SORT_ID}, {"_id", "ID", SORT_ID},
    {"_created", "CREATED", SORT_CREATED}, {"_updated", "UPDATED", SORT_UPDATED},
    {"_tags", "TAGS", COLUMN_TAGS}, {"_keep_until", "KEEP UNTIL", COLUMN_KEEP}};

#define OWN_COLUMNS (sizeof(own_columns) / sizeof(own_columns[0]))

static enum rc
unknown_field(struct op_call *c, const char *name)
{
	const struct field *fields;
	struct near near;
	size_t n, i;

	near_start(&near, name, strlen(name));
	fields = field_list(c->v, &n);
	for (i = 0; i < n; i++)
		near_try(&near, fields[i].name);
	for (i = 0; i < OWN_COLUMNS; i++)
		near_try(&near, own_columns[i].name);
	return near.best != NULL
		   ? err_set(&c->err, RC_INPUT,
			 "there is no field \"%s\": did you mean \"%s\"?", name,
			 near.best)
		   : err_set(&c->err, RC_INPUT,
			 "there is no field \"%s\": strongroom field list shows them",
			 name);
}

enum rc
op_field(struct op_call *c, const char *name, size_t len, int *index)
{
	char copy[FIELD_LABEL_MAX + 1];
	size_t i;

	if (len > FIELD_LABEL_MAX)
		return err_set(&c->err, RC_INPUT, "a field's name is too long");
	memcpy(copy, name, len);
	copy[len] = '\0';
	*index = field_index(c->v, copy);
	if (*index >= 0)
		return RC_OK;
	for (i = 0; i < OWN_COLUMNS; i++)
		if (strcasecmp(copy, own_columns[i].name) == 0) {
			*index = own_columns[i].index;
			return RC_OK;
		}
	return unknown_field(c, copy);
}

const char *
op_column_name(struct op_call *c, int index)
{
	size_t n, i;

	if (index >= 0)
		return field_list(c->v, &n)[index].name;
	for (i = field_index(c->v, "id") >= 0; i < OWN_COLUMNS; i++)
		if (own_columns[i].index == index)
			return own_columns[i].name;
	return "";
}

const char *
op_column_label(struct op_call *c, int index)
{
	size_t n, i;

	if (index >= 0)
		return field_list(c->v, &n)[index].label;
	for (i = 0; i < OWN_COLUMNS; i++)
		if (own_columns[i].index == index)
			return own_columns[i].label;
	return "";
}

struct sink_value
op_column_own(struct op_call *c, const struct record *r, int index, char buf[OP_TIME_LEN])
{
	struct sink_value value = {.number = index == SORT_ID, .text = buf};

	if (index == SORT_ID)
		snprintf(buf, OP_TIME_LEN, "%" PRId64, r->id);
	else if (index == COLUMN_KEEP)
		op_day(r->keep_until, buf);
	else if (index == COLUMN_TAGS)
		value.text = r->tags;
	else
		op_time(
		    c->face, index == SORT_CREATED ? r->created_at : r->updated_at, buf);
	value.len = strlen(value.text);
	return value;
}

static enum rc
all_fields(struct op_call *c, int **out, size_t *n)
{
	size_t i, fields;

	field_list(c->v, &fields);
	*n = fields + 1;
	*out = malloc((fields + 1) * sizeof(**out));
	if (*out == NULL)
		return RC_NOMEM;
	(*out)[0] = SORT_ID;
	for (i = 0; i < fields; i++)
		(*out)[i + 1] = (int)i;
	return RC_OK;
}

/* Most readers of CSV and JSON take one of two columns of a name and drop the other. */
static enum rc
check_once(struct op_call *c, const int *fields, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (fields[i] == fields[at])
			return err_set(&c->err, RC_INPUT,
			    "the field \"%s\" is named twice: say it once",
			    op_column_name(c, fields[at]));
	return RC_OK;
}

enum rc
op_fields(struct op_call *c, const char *list, int **out, size_t *n)
{
	size_t len, cap = 1;
	const char *p;
	enum rc rc = RC_OK;

	*out = NULL;
	*n = 0;
	if (strcmp(list, "all") == 0)
		return all_fields(c, out, n);
	for (p = list; *p != '\0'; p++)
		cap += *p == ',';
	*out = malloc(cap * sizeof(**out));
	if (*out == NULL)
		return RC_NOMEM;
	for (p = list; rc == RC_OK; p += len + 1) {
		len = strcspn(p, ",");
		rc = op_field(c, p, len, &(*out)[*n]);
		if (rc == RC_OK)
			rc = check_once(c, *out, *n);
		(*n)++;
		if (p[len] == '\0')
			break;
	}
	if (rc != RC_OK) {
		free(*out);
		*out = NULL;
		*n = 0;
	}
	return rc;
}

static enum rc
append_fields(struct op_call *c, const char *list, int **out, size_t *n)
{
	size_t more_n;
	int *more, *both;
	enum rc rc = op_fields(c, list, &more, &more_n);

	if (rc != RC_OK)
		return rc;
	both = realloc(*out, (*n + more_n) * sizeof(*both));
	if (both != NULL) {
		memcpy(both + *n, more, more_n * sizeof(*both));
		*out = both;
		*n += more_n;
	}
	free(more);
	return both != NULL ? RC_OK : RC_NOMEM;
}

enum rc
op_revealed(struct op_call *c, int **out, size_t *n)
{
	const char *reason = op_text(c, "reason"), *list;
	enum rc rc = RC_OK;
	int i;

	*out = NULL;
	*n = 0;
	if (op_flag(c, "reveal") && (reason == NULL || reason[0] == '\0'))
		return err_set(&c->err, RC_DENIED,
		    "a reveal is written to the audit with its reason: say it with "
		    "--reason TEXT");
	for (i = 0; rc == RC_OK && (list = op_each(c, "reveal", i)) != NULL; i++)
		rc = append_fields(c, list, out, n);
	if (rc != RC_OK) {
		free(*out);
		*out = NULL;
		*n = 0;
	}
	return rc;
}

/* Orders that are no columns. */
static bool
own_order(const char *name, int *sort)
{
	static const struct {
		const char *name;
		int sort;
	} orders[] = {{"rank", SORT_RANK}, {"_rank", SORT_RANK}, {"_trashed", SORT_DELETED},
	    {"_keep_until", SORT_KEEP}};
	size_t i;

	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (strcmp(name, orders[i].name) == 0) {
			*sort = orders[i].sort;
			return true;
		}
	return false;
}

enum rc
op_order(struct op_call *c, const char *text, struct search *s)
{
	enum rc rc;

	s->descending = text[0] == '-';
	text += s->descending;
	if (strchr(text, ',') != NULL)
		return err_set(&c->err, RC_INPUT,
		    "records are put in the order of one field, not of \"%s\"", text);
	if (field_index(c->v, text) < 0 && own_order(text, &s->sort))
		return RC_OK;
	rc = op_field(c, text, strlen(text), &s->sort);
	if (rc == RC_OK && s->sort <= COLUMN_TAGS)
		rc = err_set(&c->err, RC_INPUT, "records can't be put in the order of %s", text);
	return rc;
}

enum rc
op_sort(struct op_call *c, struct search *s)
{
	const char *text = op_text(c, "sort");

	s->sort = SORT_ID;
	return text != NULL ? op_order(c, text, s) : RC_OK;
}

enum rc
op_confirm(struct op_call *c, const char *question)
{
	enum rc rc = op_flag(c, "yes") ? RC_OK
				       : c->face->ops->confirm(c->face, question);

	if (rc == RC_CANCELLED)
		err_set(&c->err, rc, "nothing was done");
	else if (rc == RC_INPUT)
		err_set(&c->err, rc, "nothing was done: there is nobody to ask; --yes does it "
				     "without a question");
	return rc;
}

static bool
step(void *arg, uint64_t done, uint64_t all)
{
	struct op_step *s = arg;

	return s->call->face->ops->progress(s->call->face, s->what, done, all) ||
	       atomic_load(&s->call->cancel);
}

struct progress
op_progress(struct op_step *s, struct op_call *c, const char *what)
{
	s->call = c;
	s->what = what;
	return (struct progress){.step = step, .arg = s};
}
