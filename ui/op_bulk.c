/*
 * The same change to all hits of a query.
 *
 * 1. Nobody changes many records by mistake: they are counted, and the number is
 *    confirmed. When there are more or fewer by then, nothing is changed.
 */

#include "ui/op_bulk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool
op_where(const struct op_call *c)
{
	return op_flag(c, "where");
}

/* What one way of naming records has no use for: done silently, it would surprise. */
static enum rc
check_options(struct op_call *c)
{
	if (op_where(c) && op_flag(c, "version"))
		return err_set(&c->err, RC_INPUT,
		    "--version is for one record: leave it out with --where");
	if (!op_where(c) && op_flag(c, "dry-run"))
		return err_set(&c->err, RC_INPUT,
		    "nothing was done: --dry-run counts what --where matches");
	return RC_OK;
}

enum rc
op_id_or_where(struct op_call *c)
{
	if (op_where(c) && c->op->args_min == 0 && c->arg_n > 0)
		return err_set(
		    &c->err, RC_INPUT, "give an ID or --where QUERY, not both");
	if (!op_where(c) && c->arg_n == 0)
		return err_set(&c->err, RC_INPUT,
		    "say which record: its ID, or --where QUERY for all that match");
	return check_options(c);
}

struct bulk_call {
	struct op_call *call;
	struct bulk bulk;
	struct op_step step;
	struct search_error serr;
	char *query;	  /* ours */
	const char *what; /* "Change", for the question */
	int64_t hits, changed;
};

/* Whether to go on; otherwise all is said. */
static enum rc
count(struct bulk_call *b, struct op_call *c, const char *what, bool *go_on)
{
	struct search s = {.sort = SORT_ID};
	char question[120];
	enum rc rc;

	memset(b, 0, sizeof(*b));
	*go_on = false;
	b->call = c;
	b->what = what;
	rc = op_where_query(c, &b->query);
	if (rc != RC_OK)
		return rc;
	b->bulk.query = s.query = b->query;
	b->bulk.progress = op_progress(&b->step, c, what);
	rc = search_count(c->v, &s, 0, &b->hits, &b->serr);
	if (rc != RC_OK)
		return rc;
	*go_on = b->hits > 0 && !op_flag(c, "dry-run");
	if (!*go_on)
		return RC_OK;
	b->bulk.agreed = op_flag(c, "yes") ? 0 : b->hits;
	snprintf(question, sizeof(question), "%" PRId64 " record%s match%s. %s?", b->hits,
	    b->hits == 1 ? "" : "s", b->hits == 1 ? "es" : "", what);
	return op_confirm(c, question);
}

static enum rc
finish(struct bulk_call *b, enum rc rc)
{
	struct op_object o = {0};

	if (rc != RC_OK)
		rc = op_search_failed(b->call, rc, b->query, &b->serr);
	op_query_free(b->query);
	if (rc != RC_OK)
		return rc;
	op_object_fmt(&o, "hits", "Hits", true, "%" PRId64, b->hits);
	op_object_fmt(&o, "records", "Records", true, "%" PRId64, b->changed);
	return op_object_emit(
	    &o, b->call, op_flag(b->call, "dry-run") ? "Nothing was done" : "Done");
}

enum rc
op_bulk_edit(struct op_call *c, const struct change *ch, size_t n)
{
	struct bulk_call b;
	bool go_on;
	enum rc rc = count(&b, c, "Change them all", &go_on);

	if (rc == RC_OK && go_on)
		rc = bulk_edit(c->v, &b.bulk, ch, n, &b.changed, &b.serr);
	return finish(&b, rc);
}

enum rc
op_bulk_tag(struct op_call *c, const struct tag_edit *edits, size_t n)
{
	struct bulk_call b;
	bool go_on;
	enum rc rc = count(&b, c, "Tag them all", &go_on);

	if (rc == RC_OK && go_on)
		rc = bulk_tag(c->v, &b.bulk, edits, n, &b.changed, &b.serr);
	return finish(&b, rc);
}

enum rc
op_bulk_trash(struct op_call *c)
{
	struct bulk_call b;
	bool go_on;
	enum rc rc = count(&b, c, "Move them all to the trash", &go_on);

	if (rc == RC_OK && go_on)
		rc = bulk_trash(c->v, &b.bulk, &b.changed, &b.serr);
	return finish(&b, rc);
}

enum rc
op_bulk_restore(struct op_call *c)
{
	struct bulk_call b;
	bool go_on;
	enum rc rc = count(&b, c, "Bring them all back", &go_on);

	if (rc == RC_OK && go_on)
		rc = bulk_restore(c->v, &b.bulk, &b.changed, &b.serr);
	return finish(&b, rc);
}

enum rc
op_bulk_keep(struct op_call *c, int64_t until)
{
	struct bulk_call b;
	bool go_on;
	enum rc rc = count(&b, c, "Set the day of them all", &go_on);

	if (rc == RC_OK && go_on)
		rc = bulk_keep(c->v, &b.bulk, until, &b.changed, &b.serr);
	return finish(&b, rc);
}
