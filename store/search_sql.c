/*
 * From the tree of a query to SQL.
 *
 * 1. What can be one expression of FTS5 is one: its index answers in the order of ids, and
 *    stops early. Such a part at the top is `match`, which the rows are found by; below, its
 *    hits are a set that the row's id is looked up in.
 * 2. "Not" is IS NOT TRUE: of a row whose value is empty nothing holds, so each opposite does.
 * 3. What few records are (in the trash, due) is a set too, where nothing else finds them:
 *    the order of ids would have SQLite read all records to meet them.
 * 4. Parts that are passed over (search_term.c, 2) count for nothing; a query of nothing else
 *    is a fault.
 */
#include "store/search_sql.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/search_term.h"
#include "store/sql.h"

static const struct search_meaning *
meaning(const struct compiler *c, const struct query_node *n)
{
	return &c->means[n - c->q->nodes];
}

/* Whether there is anything to search for in ${n}. */
static bool
counts(const struct compiler *c, const struct query_node *n)
{
	const struct query_node *child;

	if (n->kind == QUERY_TERM)
		return meaning(c, n)->match || meaning(c, n)->condition;
	for (child = n->first; child; child = child->next)
		if (counts(c, child))
			return true;
	return false;
}

/* Whether ${n} can be one expression of FTS5, which needs a positive part. */
static bool
is_match(const struct compiler *c, const struct query_node *n)
{
	const struct query_node *child;
	bool any = false;

	if (n->kind == QUERY_TERM)
		return meaning(c, n)->match;
	if (n->kind == QUERY_NOT)
		return false;
	for (child = n->first; child; child = child->next) {
		if (!counts(c, child))
			continue;
		if (n->kind == QUERY_ALL && child->kind == QUERY_NOT
			? !is_match(c, child->first)
			: !is_match(c, child))
			return false;
		any = any || child->kind != QUERY_NOT;
	}
	return any;
}

/* Whether ${child} of a list that all must hold goes into the list's expression of FTS5. */
static bool
joins_match(const struct compiler *c, const struct query_node *child, bool negated)
{
	if (negated)
		return child->kind == QUERY_NOT && is_match(c, child->first);
	return is_match(c, child);
}

static void put_match(struct compiler *c, const struct query_node *n, struct sql_text *t);

/* The parts of a list that one expression can hold, one after the other. */
static void
put_parts(struct compiler *c, const struct query_node *first, bool negated,
    const char *between, struct sql_text *t)
{
	const struct query_node *child;
	const char *sign = "";

	for (child = first; child; child = child->next) {
		if (!counts(c, child) || !joins_match(c, child, negated))
			continue;
		sql_add(t, "%s", sign);
		put_match(c, negated ? child->first : child, t);
		sign = between;
	}
}

static bool
has_part(const struct compiler *c, const struct query_node *first, bool negated)
{
	const struct query_node *child;

	for (child = first; child; child = child->next)
		if (counts(c, child) && joins_match(c, child, negated))
			return true;
	return false;
}

/* a AND b, without c and d */
static void
put_match_list(struct compiler *c, const struct query_node *first, struct sql_text *t)
{
	sql_add(t, "(");
	put_parts(c, first, false, " AND ", t);
	sql_add(t, ")");
	if (!has_part(c, first, true))
		return;
	sql_add(t, " NOT (");
	put_parts(c, first, true, " OR ", t);
	sql_add(t, ")");
}

static void
put_match(struct compiler *c, const struct query_node *n, struct sql_text *t)
{
	if (n->kind == QUERY_TERM) {
		sql_add(t, "%s", meaning(c, n)->match);
		return;
	}
	sql_add(t, "(");
	if (n->kind == QUERY_ALL)
		put_match_list(c, n->first, t);
	else
		put_parts(c, n->first, false, " OR ", t);
	sql_add(t, ")");
}

/* An expression of FTS5 in the memory of the result: ${n}, or a list that begins with it. */
static const char *
match_text(struct compiler *c, const struct query_node *n, bool list)
{
	struct search_sql *s = c->s;
	struct sql_text t;
	const char *text;

	sql_text_init(&t, s->text + s->used, sizeof s->text - s->used);
	if (list)
		put_match_list(c, n, &t);
	else
		put_match(c, n, &t);
	text = sql_end(&t);
	if (!text) {
		c->full = true;
		return "";
	}
	s->used += t.len + 1;
	return text;
}

static void put_condition(
    struct compiler *c, const struct query_node *n, struct sql_text *where);

static void
put_set(struct compiler *c, const char *match, struct sql_text *where)
{
	sql_add(where,
	    "r.id IN (SELECT rowid FROM record_fts WHERE record_fts MATCH ?%zu)",
	    term_bind_text(c, match));
}

/* A list that all must hold: its words as one set, and the rest. */
static void
put_all(struct compiler *c, const struct query_node *first, struct sql_text *where)
{
	const struct query_node *child;
	bool words = has_part(c, first, false);

	sql_add(where, "(1");
	if (words) {
		sql_add(where, " AND ");
		put_set(c, match_text(c, first, true), where);
	}
	for (child = first; child; child = child->next) {
		if (!counts(c, child) || joins_match(c, child, false) ||
		    (words && joins_match(c, child, true)))
			continue;
		sql_add(where, " AND ");
		put_condition(c, child, where);
	}
	sql_add(where, ")");
}

static void
put_any(struct compiler *c, const struct query_node *first, struct sql_text *where)
{
	const struct query_node *child;

	sql_add(where, "(0");
	for (child = first; child; child = child->next) {
		if (!counts(c, child))
			continue;
		sql_add(where, " OR ");
		put_condition(c, child, where);
	}
	sql_add(where, ")");
}

static void
put_condition(struct compiler *c, const struct query_node *n, struct sql_text *where)
{
	if (is_match(c, n)) {
		put_set(c, match_text(c, n, false), where);
	} else if (n->kind == QUERY_TERM) {
		sql_add(where, "(%s)", meaning(c, n)->condition);
	} else if (n->kind == QUERY_NOT) {
		sql_add(where, "(");
		put_condition(c, n->first, where);
		sql_add(where, ") IS NOT TRUE");
	} else if (n->kind == QUERY_ANY) {
		put_any(c, n->first, where);
	} else {
		put_all(c, n->first, where);
	}
}

/* The top: what each hit must have is found by full text where it can be. */
static void
put_top(struct compiler *c, const struct query_node *root, struct sql_text *where)
{
	const struct query_node *first = root->kind == QUERY_ALL ? root->first : root;
	const struct query_node *child;
	bool words = has_part(c, first, false);

	if (words)
		c->s->match = match_text(c, first, true);
	c->s->only_match = words && !c->trash;
	for (child = first; child; child = child->next) {
		if (!counts(c, child) || joins_match(c, child, false) ||
		    (words && joins_match(c, child, true)))
			continue;
		c->s->only_match = false;
		sql_add(where, " AND ");
		if (!words && child->kind == QUERY_TERM && meaning(c, child)->set)
			sql_add(where, "r.id IN (%s)", meaning(c, child)->set);
		else
			put_condition(c, child, where);
	}
}

static enum rc
compile(struct compiler *c)
{
	const struct query_node *root = c->q->root;
	struct sql_text where;
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < c->q->n; i++)
		if (c->q->nodes[i].kind == QUERY_TERM)
			rc = term_mean(c, &c->q->nodes[i]);
	if (rc != RC_OK)
		return rc;
	if (root && !counts(c, root))
		return query_fault(c->err, root->at, root->len,
		    "there is no letter or digit to search for here");
	sql_text_init(&where, c->s->where, sizeof c->s->where);
	if (!c->trash)
		sql_add(&where, " AND r.deleted_at IS NULL");
	if (root)
		put_top(c, root, &where);
	if (c->full || !sql_end(&where))
		return query_fault(
		    c->err, 0, 0, "the query is too long: search for less at once");
	return RC_OK;
}

enum rc
search_compile(struct vault *v, const struct query *q, bool live,
    struct search_sql **out, struct search_error *err)
{
	struct compiler *c = calloc(1, sizeof *c);
	enum rc rc = RC_NOMEM;

	*out = NULL;
	if (!c)
		return rc;
	*c = (struct compiler){
		.v = v, .q = q, .now = vault_now(), .live = live, .err = err
	};
	c->fields = field_list(v, &c->n);
	c->s = calloc(1, sizeof *c->s);
	if (c->s)
		rc = compile(c);
	if (rc == RC_OK) {
		*out = c->s;
		c->s = NULL;
	}
	search_sql_free(c->s);
	free(c);
	return rc;
}

void
search_sql_free(struct search_sql *s)
{
	if (!s)
		return;
	if (s->chosen)
		secret_wipe(s->chosen, strlen(s->chosen));
	free(s->chosen);
	secret_wipe(s, sizeof *s);
	free(s);
}
