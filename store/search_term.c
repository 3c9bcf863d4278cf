/*
 * What the terms of a query mean.
 *
 * 1. Nothing that was typed becomes part of SQL text: values are bound, and inside an FTS5
 *    expression each is a string of FTS5 with its quotes doubled. Column names are made from
 *    field ids.
 * 2. A word without a letter or digit can't be found in full text; beside other words
 *    ("smith & sons") it is passed over.
 * 3. Values of masked fields can't be searched for: hits would tell them. Sealed fields:
 *    search_sealed.c.
 * 4. Dates and numbers are compared by value. What was kept though it is neither is found
 *    by is:invalid, or as a text in quotes, and is above and below nothing.
 * 5. A comparison that lacks its colon is a fault: as words it would find next to nothing, and
 *    look like an answer.
 */
#include "store/search_term.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

#include "store/collate.h"
#include "store/period.h"

const char *
term_text(struct compiler *c, const char *fmt, ...)
{
	struct search_sql *s = c->s;
	size_t room = sizeof s->text - s->used;
	char *at = s->text + s->used;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(at, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room) {
		c->full = true;
		return "";
	}
	s->used += (size_t)n + 1;
	return at;
}

static size_t
bind(struct compiler *c, struct search_bind value)
{
	if (c->s->bind_n == SEARCH_BINDS_MAX) {
		c->full = true;
		return SEARCH_BIND_FIRST;
	}
	c->s->binds[c->s->bind_n] = value;
	return SEARCH_BIND_FIRST + c->s->bind_n++;
}

size_t
term_bind_text(struct compiler *c, const char *text)
{
	return bind(c, (struct search_bind){ .kind = BIND_TEXT, .text = text });
}

size_t
term_bind_number(struct compiler *c, int64_t n)
{
	return bind(c, (struct search_bind){ .kind = BIND_NUMBER, .number = n });
}

size_t
term_bind_blind(struct compiler *c, const uint8_t *blind)
{
	return bind(c, (struct search_bind){ .kind = BIND_BLIND, .blind = blind });
}

static bool
has_token(const char *s)
{
	utf8proc_ssize_t n, len = (utf8proc_ssize_t)strlen(s);
	utf8proc_int32_t cp;

	for (; len > 0; s += n, len -= n) {
		n = utf8proc_iterate((const utf8proc_uint8_t *)s, len, &cp);
		if (n <= 0)
			return false;
		switch (utf8proc_category(cp)) {
		case UTF8PROC_CATEGORY_LU:
		case UTF8PROC_CATEGORY_LL:
		case UTF8PROC_CATEGORY_LT:
		case UTF8PROC_CATEGORY_LM:
		case UTF8PROC_CATEGORY_LO:
		case UTF8PROC_CATEGORY_ND:
		case UTF8PROC_CATEGORY_NL:
		case UTF8PROC_CATEGORY_NO:
		case UTF8PROC_CATEGORY_CO:
			return true;
		default:
			break;
		}
	}
	return false;
}

/* ${value} with each character of ${which} doubled, or a ${mark} before it. */
static const char *
escape(struct compiler *c, const char *value, const char *which, char mark)
{
	struct search_sql *s = c->s;
	char *at = s->text + s->used;
	size_t n = 0;

	if (sizeof s->text - s->used < strlen(value) * 2 + 1) {
		c->full = true;
		return "";
	}
	for (; *value; value++) {
		if (strchr(which, *value))
			at[n++] = mark;
		at[n++] = *value;
	}
	at[n++] = '\0';
	s->used += n;
	return at;
}

const char *
term_like(struct compiler *c, const char *value, bool before)
{
	return term_text(
	    c, "%s%s%%", before ? "%" : "", escape(c, value, "%_\\", '\\'));
}

/* ${value} in full text, in one column or (0) in any. */
static void
mean_words(struct compiler *c, int column, const char *value, bool prefix,
    struct search_meaning *m)
{
	const char *words = escape(c, value, "\"", '"');

	if (column)
		m->match = term_text(
		    c, "f_%d : \"%s\"%s", column, words, prefix ? " *" : "");
	else
		m->match = term_text(c, "\"%s\"%s", words, prefix ? " *" : "");
}

static bool
is_number(enum field_type t)
{
	return t == TYPE_NUMBER || t == TYPE_MONEY;
}

const char *
term_normal(struct compiler *c, const struct field *f, const char *value, bool prefix,
    bool *valid)
{
	struct search_sql *s = c->s;
	size_t room = sizeof s->text - s->used, len = strlen(value);
	char *at = s->text + s->used;

	*valid = false;
	if (room < len * 2 + 32) {
		c->full = true;
		return "";
	}
	*valid = type_normalise(f->type, value, len, at, room, NULL);
	if (!*valid || prefix)
		return term_composed(c, value);
	s->used += strlen(at) + 1;
	return at;
}

const char *
term_composed(struct compiler *c, const char *value)
{
	struct search_sql *s = c->s;
	size_t room = sizeof s->text - s->used, len = strlen(value);
	char *at = s->text + s->used;

	if (len >= room) {
		c->full = true;
		return "";
	}
	s->used += type_compose(value, len, at, room) + 1;
	return at;
}

/* Text that full text does not hold. */
static enum rc
mean_like(struct compiler *c, const struct query_node *t, const struct field *f,
    const char *value, struct search_meaning *m)
{
	bool within = !t->prefix && !is_number(f->type) && f->type != TYPE_DATE;

	m->condition = term_text(c, "ifnull(r.f_%d, '') LIKE ?%zu ESCAPE '\\'", f->id,
	    term_bind_text(c, term_like(c, value, within)));
	return RC_OK;
}

enum rc
term_upside_down(const struct compiler *c, const struct query_node *t)
{
	return query_fault(c->err, t->value_at, t->value_len,
	    "the range ends before it begins: write %.64s:%.64s..%.64s", t->name, t->upto,
	    t->value);
}

static enum rc
no_number(const struct compiler *c, const struct query_node *t, const struct field *f)
{
	return query_fault(c->err, t->value_at, t->value_len,
	    "%s is a number: %s:5, %s:>=100 or %s:5..9; in quotes it is a text", f->name,
	    f->name, f->name, f->name);
}

/* By the column's own collation, in which all numbers are before "" and it before the rest. */
static enum rc
mean_number(struct compiler *c, const struct query_node *t, const struct field *f,
    struct search_meaning *m)
{
	static const char *const signs[] = { "=", ">", ">=", "<", "<=", ">=" };
	bool valid = true, range = t->op == QUERY_RANGE;
	const char *value = NULL, *upto, *condition;

	m->condition = condition = term_text(c, "r.f_%d < ''", f->id);
	if (*t->value) {
		value = term_normal(c, f, t->value, false, &valid);
		condition = term_text(c, "%s AND r.f_%d %s ?%zu", condition, f->id,
		    signs[t->op], term_bind_text(c, value));
	}
	if (!valid)
		return no_number(c, t, f);
	if (range && *t->upto == '.')
		return query_fault(c->err, t->value_at, t->value_len,
		    "a range has two dots: write %s:5..9; a number begins with a digit: 0.5",
		    f->name);
	if (range && *t->upto) {
		upto = term_normal(c, f, t->upto, false, &valid);
		if (valid && value && !c->full && collate_compare(value, upto) > 0)
			return term_upside_down(c, t);
		condition = term_text(c, "%s AND r.f_%d <= ?%zu", condition, f->id,
		    term_bind_text(c, upto));
	}
	if (!valid)
		return no_number(c, t, f);
	m->condition = condition;
	return RC_OK;
}

static enum rc
mean_text(struct compiler *c, const struct query_node *t, const struct field *f,
    struct search_meaning *m)
{
	const char *value;
	bool valid;

	if (t->op != QUERY_IS)
		return query_fault(c->err, t->at, t->len,
		    "%s is %s: only numbers and dates can be compared; put the value in "
		    "quotes to search for it", f->name, type_name(f->type));
	value = term_normal(c, f, t->value, t->prefix, &valid);
	if (!f->searchable)
		return mean_like(c, t, f, value, m);
	if (!has_token(value))
		return query_fault(c->err, t->value_at, t->value_len,
		    "there is no letter or digit to search for here");
	mean_words(c, f->id, value, t->prefix, m);
	return RC_OK;
}

/* Whether the value of a number or a date is looked for as it is written. */
static bool
is_text(struct compiler *c, const struct query_node *t, const struct field *f)
{
	struct period p;
	bool valid;

	if (t->op != QUERY_IS || (!t->prefix && !t->quoted))
		return false;
	if (t->prefix)
		return true;
	if (f->type == TYPE_DATE)
		return !period_parse(t->value, c->now, &p);
	term_normal(c, f, t->value, false, &valid);
	return !valid;
}

static enum rc
mean_field(struct compiler *c, const struct query_node *t, const struct field *f,
    struct search_meaning *m)
{
	char column[32];
	bool as_text;

	if (f->cls == CLASS_SEALED)
		return sealed_mean(c, t, f, m);
	if (f->cls != CLASS_OPEN)
		return query_fault(c->err, t->at, t->len,
		    "%s is %s: its values can't be searched for, as hits would tell them",
		    f->name, class_name(f->cls));
	if (t->op == QUERY_IS && !*t->value) {
		m->condition = term_text(
		    c, "ifnull(r.f_%d, '') %s ''", f->id, t->prefix ? "<>" : "=");
		return RC_OK;
	}
	as_text = is_text(c, t, f);
	if (f->type == TYPE_DATE && !as_text) {
		snprintf(column, sizeof column, "r.f_%d", f->id);
		return term_days(c, t, column, true, m);
	}
	if (is_number(f->type) && !as_text)
		return mean_number(c, t, f, m);
	if (is_number(f->type) || f->type == TYPE_DATE)
		return mean_like(c, t, f, t->value, m);
	return mean_text(c, t, f, m);
}

/* Whether ${t}, an unquoted word without a name, is all by itself the name of a field. */
static bool
is_name(const struct compiler *c, const struct query_node *t)
{
	return t->kind == QUERY_TERM && !t->name && !t->quoted && term_known(c, t->value);
}

/* How a comparison is written that someone begins with ${sign} right after a name. */
static const char *
right_sign(const char *sign)
{
	if (*sign == '=' || *sign == ':')
		return "";
	if (*sign == '>')
		return sign[1] == '=' ? ">=" : ">";
	return sign[1] == '=' ? "<=" : "<";
}

/*
 * Rule 5: "visits>5", "visits > 5", "visits : 5", "city!=lima". The value may be a secret: it
 * is not said again.
 */
static enum rc
check_colon(const struct compiler *c, const struct query_node *t)
{
	size_t n = strcspn(t->value, "<>=!:");
	const char *sign = t->value + n, *name = t->value;
	char own[FIELD_NAME_MAX + 1] = "";
	bool is_not = strncmp(sign, "!=", 2) == 0 || strncmp(sign, "<>", 2) == 0;

	if (t->quoted || n > FIELD_NAME_MAX || !*sign || (*sign == '!' && !is_not))
		return RC_OK;
	if (n > 0)
		name = memcpy(own, name, n);
	else if (t > c->q->nodes && is_name(c, t - 1))
		name = t[-1].value;
	if (!term_known(c, name))
		return RC_OK;
	return query_fault(c->err, t->at + n, strspn(sign, "<>=!:"),
	    "write %s%s:%sVALUE, without a blank at the colon; in quotes it is a word",
	    is_not ? "-" : "", name, is_not ? "" : right_sign(sign));
}

enum rc
term_mean(struct compiler *c, const struct query_node *t)
{
	struct search_meaning *m = &c->means[t - c->q->nodes];
	const struct field *f;
	bool done = false;
	enum rc rc = RC_OK;

	if (!t->name) {
		if (has_token(t->value))
			mean_words(c, 0, t->value, t->prefix, m);
		return check_colon(c, t);
	}
	f = term_field(c, t->name);
	if (!f || strcmp(f->name, t->name) != 0)
		rc = own_mean(c, t, &done, m);
	if (rc != RC_OK || done)
		return rc;
	return f ? mean_field(c, t, f, m) : term_unknown(c, t);
}
