/* Tags: put on, taken off, listed. */

#include "ui/op_bulk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/tag.h"

/* The arguments from ${first} on as edits. */
static enum rc
parse(struct op_call *c, int first, struct tag_edit *edits, size_t *n)
{
	size_t more;
	enum rc rc = RC_OK;
	int i;

	*n = 0;
	for (i = first; rc == RC_OK && i < c->arg_n; i++) {
		struct tag_edit some[TAGS_MAX];

		rc = tag_parse(c->args[i], some, &more, &c->err);
		if (rc == RC_OK && *n + more > TAGS_MAX)
			rc = err_set(
			    &c->err, RC_INPUT, "more than %d tags at once", TAGS_MAX);
		if (rc != RC_OK)
			break;
		memcpy(edits + *n, some, more * sizeof(*some));
		*n += more;
	}
	if (rc == RC_OK && *n == 0)
		rc = err_set(&c->err, RC_INPUT,
		    "say which tags: +vip puts one on, -vip takes it off");
	return rc;
}

static enum rc
tag_one(struct op_call *c, const struct tag_edit *edits, size_t n)
{
	struct op_object o = {0};
	struct record *r = NULL;
	int64_t id;
	enum rc rc = op_id(c, c->args[0], &id);

	if (rc == RC_OK)
		rc = tag_edit(c->v, id, edits, n);
	if (rc == RC_OK)
		rc = record_get(c->v, id, &r);
	if (rc == RC_OK) {
		op_object_fmt(&o, "id", "ID", true, "%" PRId64, id);
		op_object_value(&o, "_tags", "Tags", op_value_text(r->tags));
		rc = op_object_emit(&o, c, "Tagged");
	}
	record_free(r);
	return rc;
}

/* A number where the first tag stands is more likely one more record, or the only one. */
static enum rc
check_number(struct op_call *c)
{
	int first = op_where(c) ? 0 : 1;
	const char *word = c->arg_n > first ? c->args[first] : "";

	if (word[0] == '\0' || word[strspn(word, "0123456789")] != '\0')
		return RC_OK;
	return err_set(&c->err, RC_INPUT,
	    "nothing was done: one ID, or --where \"id:1 OR id:2\"; the tag \"%s\" is "
	    "written +%s",
	    word, word);
}

static enum rc
run_tag(struct op_call *c)
{
	struct tag_edit edits[TAGS_MAX];
	size_t n;
	enum rc rc = op_id_or_where(c);

	if (rc == RC_OK)
		rc = check_number(c);
	if (rc == RC_OK)
		rc = parse(c, op_where(c) ? 0 : 1, edits, &n);
	if (rc != RC_OK)
		return rc;
	return op_where(c) ? op_bulk_tag(c, edits, n) : tag_one(c, edits, n);
}

const struct op op_tag = {
    .name = "tag",
    .args = "ID|--where QUERY [+]TAG|-TAG...",
    .args_min = 1,
    .args_max = OP_ARGS_MAX,
    .summary = "put tags on a record, or take them off",
    .details = "A word with + before it or none is put on, one with - is taken off. Tags "
	       "have no blanks, commas or quotes; a to z are the same in upper case.",
    .examples = "strongroom tag customers.vault 17 +vip -old\n"
		"strongroom tag customers.vault --where city:garis +garis --yes\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_SIGNS,
    .opts = {BULK_OPTS},
    .run = run_tag,
};

struct listing {
	struct op_call *call;
	enum rc rc;
};

static bool
each_tag(void *arg, const char *name, int64_t records)
{
	struct listing *l = arg;
	struct sink_value row[2];
	char count[24];

	snprintf(count, sizeof(count), "%" PRId64, records);
	row[0] = op_value_text(name);
	row[1] = op_value_text(count);
	row[1].number = true;
	l->rc = l->call->face->ops->rows_row(l->call->face, row);
	return l->rc == RC_OK;
}

static enum rc
run_tag_list(struct op_call *c)
{
	static const char *const names[] = {"tag", "records"};
	static const char *const labels[] = {"TAG", "RECORDS"};
	struct listing l = {c, RC_OK};
	enum rc rc = c->face->ops->rows_begin(c->face, NULL, names, labels, 2);

	if (rc == RC_OK)
		rc = tag_list(c->v, each_tag, &l);
	if (rc == RC_OK)
		rc = l.rc;
	return rc == RC_OK ? c->face->ops->rows_end(c->face) : rc;
}

const struct op op_tag_list = {
    .name = "tag list",
    .args = "",
    .summary = "print the tags in use, and how many records have each",
    .examples = "strongroom tag list customers.vault\n",
    .flags = OP_VAULT | OP_ROWS,
    .run = run_tag_list,
};
