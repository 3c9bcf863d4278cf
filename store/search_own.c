/*
 * What a query can ask of every record, whatever its fields: number, times, tags, state.
 *
 * 1. A field that is called so (in a vault of an older version) goes before.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store/period.h"
#include "store/search_term.h"

static enum rc
own_is(struct compiler *c, const struct query_node *t, struct search_meaning *m)
{
	bool plain = t->op == QUERY_IS && !t->prefix;
	size_t now;

	if (plain && strcasecmp(t->value, "trash") == 0) {
		c->trash = true;
		m->condition = "r.deleted_at IS NOT NULL";
		m->set = "SELECT id FROM record WHERE deleted_at IS NOT NULL";
	} else if (plain && strcasecmp(t->value, "invalid") == 0) {
		m->condition = "r.invalid > 0";
	} else if (plain && strcasecmp(t->value, "due") == 0) {
		now = term_bind_number(c, c->now);
		m->condition = term_text(c, "r.keep_until <= ?%zu", now);
		m->set =
		    term_text(c, "SELECT id FROM record WHERE keep_until <= ?%zu", now);
	} else {
		return query_fault(c->err, t->at, t->len,
		    "there is is:trash, is:invalid (a value does not fit its type) and "
		    "is:due (its time to be kept is over)");
	}
	return RC_OK;
}

static enum rc
own_tag(struct compiler *c, const struct query_node *t, struct search_meaning *m)
{
	if (t->op != QUERY_IS)
		return query_fault(c->err, t->at, t->len,
		    "tags can't be compared: tag:word, tag:wo* or tag:* (any)");
	if (!*t->value)
		m->condition = term_text(c,
		    "%sEXISTS (SELECT 1 FROM tag WHERE record_id = r.id)",
		    t->prefix ? "" : "NOT ");
	else if (t->prefix)
		m->condition = term_text(c,
		    "r.id IN (SELECT record_id FROM tag WHERE tag LIKE ?%zu ESCAPE '\\')",
		    term_bind_text(c, term_like(c, term_composed(c, t->value), false)));
	else
		m->condition =
		    term_text(c, "r.id IN (SELECT record_id FROM tag WHERE tag = ?%zu)",
			term_bind_text(c, term_composed(c, t->value)));
	return RC_OK;
}

static bool
whole(const char *s, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll(s, &end, 10);
	return *s >= '0' && *s <= '9' && !*end && errno == 0;
}

static enum rc
own_id(struct compiler *c, const struct query_node *t, struct search_meaning *m)
{
	static const char *const signs[] = { "=", ">", ">=", "<", "<=" };
	int64_t from = 0, upto = INT64_MAX;
	bool range = t->op == QUERY_RANGE;
	bool valid = (range && !*t->value) || whole(t->value, &from);

	if (range && *t->upto)
		valid = valid && whole(t->upto, &upto);
	if (!valid || t->prefix)
		return query_fault(c->err, t->value_at, t->value_len,
		    "a record's number is meant: id:17, id:>=100 or id:5..9");
	if (range && from > upto)
		return term_upside_down(c, t);
	if (range)
		m->condition = term_text(c, "r.id BETWEEN ?%zu AND ?%zu",
		    term_bind_number(c, from), term_bind_number(c, upto));
	else
		m->condition =
		    term_text(c, "r.id %s ?%zu", signs[t->op], term_bind_number(c, from));
	return RC_OK;
}

static enum rc
own_time(struct compiler *c, const struct query_node *t, const char *column,
    struct search_meaning *m)
{
	if (t->op != QUERY_IS || *t->value)
		return term_days(c, t, column, false, m);
	m->condition = term_text(c, "%s IS %sNULL", column, t->prefix ? "NOT " : "");
	return RC_OK;
}

enum rc
own_mean(struct compiler *c, const struct query_node *t, bool *done,
    struct search_meaning *m)
{
	*done = true;
	if (strcasecmp(t->name, "is") == 0)
		return own_is(c, t, m);
	if (strcasecmp(t->name, "tag") == 0)
		return own_tag(c, t, m);
	if (strcasecmp(t->name, "id") == 0)
		return own_id(c, t, m);
	if (strcasecmp(t->name, "created") == 0)
		return own_time(c, t, "r.created_at", m);
	if (strcasecmp(t->name, "updated") == 0)
		return own_time(c, t, "r.updated_at", m);
	if (strcasecmp(t->name, "keep") == 0)
		return own_time(c, t, "r.keep_until", m);
	if (strcasecmp(t->name, "deleted") == 0) {
		c->trash = true;
		return own_time(c, t, "r.deleted_at", m);
	}
	*done = false;
	return RC_OK;
}

/* The parameter of one end of a stretch of time. */
static size_t
bind_day(struct compiler *c, bool text, const char *day, int64_t at)
{
	if (text)
		return term_bind_text(c, term_text(c, "%s", day));
	return term_bind_number(c, at);
}

enum rc
term_days(struct compiler *c, const struct query_node *t, const char *column, bool text,
    struct search_meaning *m)
{
	bool range = t->op == QUERY_RANGE, above = t->op == QUERY_ABOVE;
	bool below = t->op == QUERY_BELOW, upto = below || t->op == QUERY_UPTO;
	bool lower = range ? *t->value : !upto;
	bool upper = range ? *t->upto : !above && t->op != QUERY_FROM;
	struct period a = { 0 }, b;

	if (((!range || lower) && (t->prefix || !period_parse(t->value, c->now, &a))) ||
	    (range && upper && !period_parse(t->upto, c->now, &b)))
		return query_fault(c->err, t->value_at, t->value_len,
		    "a date is meant: %s", PERIOD_FORMS);
	if (!range)
		b = a;
	if (range && lower && upper && a.from_at >= b.upto_at)
		return term_upside_down(c, t);
	m->condition = "1";
	if (lower)
		m->condition = term_text(c, "%s >= ?%zu", column,
		    bind_day(c, text, above ? a.upto : a.from, above ? a.upto_at : a.from_at));
	if (upper)
		m->condition = term_text(c, "%s AND %s < ?%zu", m->condition, column,
		    bind_day(c, text, below ? b.from : b.upto, below ? b.from_at : b.upto_at));
	/* What was kept though it is no date has no place in time. */
	if (text)
		m->condition = term_text(c,
		    "%s AND %s GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'",
		    m->condition, column);
	return RC_OK;
}
