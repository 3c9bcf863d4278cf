/*
 * From the terms of a query to SQL.
 *
 *     word, "phrase", prefix*     full text, all searchable fields
 *     f:word, f:"phrase", f:pre*  full text in that field, when it is searchable text
 *                                 number, money, date: equal, else it begins with that;
 *                                 other text: it contains that; f:pre*: it begins with
 *                                 that (ASCII without case)
 *     f:""  f:*                   empty; any value
 *     is:trash                    what is in the trash, instead of what is not
 *     -term                       the opposite
 *
 * 1. Nothing that was typed becomes part of SQL text: values are bound, and inside the
 *    one bound FTS5 expression each is a string of FTS5 with its quotes doubled. Column
 *    names are made from field ids.
 * 2. A word without a letter or digit can't be found in full text; beside other words
 *    ("smith & sons") it is passed over, alone it is a fault.
 * 3. Values of masked fields can't be searched for: hits would tell them.
 */
#include "store/search_sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <utf8proc.h>

#include "keyring/secret.h"

#define NEAR_MAX 3 /* typing errors in a field name that is still proposed */

struct compiler {
	struct search_sql *s;
	const struct field *fields;
	size_t n;
	struct search_error *err;
	size_t passed_over; /* words by rule 2 */
	const struct query_term *last_passed;
};

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

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's distance of two names, without case. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[FIELD_NAME_MAX + 2], i, j, diagonal, above;
	size_t n = strlen(b);

	if (n > FIELD_NAME_MAX || strlen(a) > FIELD_NAME_MAX)
		return SIZE_MAX;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= n; j++) {
			above = row[j];
			row[j] = min3(above + 1, row[j - 1] + 1,
			    diagonal + (strncasecmp(&a[i - 1], &b[j - 1], 1) != 0));
			diagonal = above;
		}
	}
	return row[n];
}

static enum rc
unknown_field(const struct compiler *c, const struct query_term *t)
{
	size_t i, d, best = NEAR_MAX + 1, which = 0, len = strlen(t->name);

	for (i = 0; i < c->n; i++) {
		d = distance(t->name, c->fields[i].name);
		if (d < best) {
			best = d;
			which = i;
		}
	}
	if (best <= NEAR_MAX && best * 2 <= len)
		return query_fault(c->err, t->name_at, len,
		    "there is no field \"%.64s\"; did you mean %s:?", t->name,
		    c->fields[which].name);
	return query_fault(c->err, t->name_at, len,
	    "there is no field \"%.64s\"; put the word in quotes if it is no field",
	    t->name);
}

static const struct field *
find_field(const struct compiler *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (strcasecmp(c->fields[i].name, name) == 0)
			return &c->fields[i];
	for (i = 0; i < c->n; i++)
		if (strcasecmp(c->fields[i].label, name) == 0)
			return &c->fields[i];
	return NULL;
}

/* ${value} as a string of FTS5, in ${column} (0: any). The caller wipes and frees it. */
static char *
fts_string(int column, const char *value, bool prefix)
{
	size_t n = strlen(value) * 2 + 48, used;
	char *out = malloc(n);

	if (!out)
		return NULL;
	used = column ? (size_t)snprintf(out, n, "f_%d : \"", column)
		      : (size_t)snprintf(out, n, "\"");
	for (; *value; value++) {
		if (*value == '"')
			out[used++] = '"';
		out[used++] = *value;
	}
	snprintf(out + used, n - used, prefix ? "\" *" : "\"");
	return out;
}

static void
wipe_free(char *s)
{
	if (s)
		secret_wipe(s, strlen(s));
	free(s);
}

/* One more term of the expression that all must match. */
static enum rc
add_match(struct search_sql *s, const char *term)
{
	size_t used = s->match ? strlen(s->match) : 0;
	size_t want = used + strlen(term) + sizeof " AND ";
	char *grown = malloc(want);

	if (!grown)
		return RC_NOMEM;
	snprintf(
	    grown, want, "%s%s%s", s->match ? s->match : "", used ? " AND " : "", term);
	wipe_free(s->match);
	s->match = grown;
	return RC_OK;
}

/*
 * " AND (before ?N after)" with one value for ?N; ${bind} is taken over. 64 terms of less
 * than 96 bytes fit.
 */
static enum rc
add_where(struct search_sql *s, bool negated, const char *before, const char *after,
    char *bind)
{
	if (!bind)
		return RC_NOMEM;
	s->where_len += (size_t)snprintf(s->where + s->where_len,
	    sizeof s->where - s->where_len, " AND%s (%s ?%zu%s)", negated ? " NOT" : "",
	    before, s->bind_n + SEARCH_BIND_FIRST, after);
	s->binds[s->bind_n++] = bind;
	return RC_OK;
}

static enum rc
add_text(struct compiler *c, const struct query_term *t, int column, const char *value)
{
	char *term = fts_string(column, value, t->prefix);
	enum rc rc;

	if (!term)
		return RC_NOMEM;
	if (t->negated)
		return add_where(c->s, true,
		    "r.id IN (SELECT rowid FROM record_fts WHERE record_fts MATCH", ")",
		    term);
	rc = add_match(c->s, term);
	wipe_free(term);
	return rc;
}

/* ${value} as a pattern of LIKE: escaped, with % before and after where asked for. */
static char *
like_pattern(const char *value, bool before)
{
	char *out = malloc(strlen(value) * 2 + 3);
	size_t n = 0;

	if (!out)
		return NULL;
	if (before)
		out[n++] = '%';
	for (; *value; value++) {
		if (strchr("%_\\", *value))
			out[n++] = '\\';
		out[n++] = *value;
	}
	out[n++] = '%';
	out[n] = '\0';
	return out;
}

static bool
is_exact(enum field_type t)
{
	return t == TYPE_DATE || t == TYPE_NUMBER || t == TYPE_MONEY;
}

static enum rc
add_compare(struct compiler *c, const struct query_term *t, const struct field *f,
    const char *value, bool valid)
{
	bool equal = is_exact(f->type) && valid && !t->prefix;
	char condition[48];

	if (equal) {
		snprintf(condition, sizeof condition, "r.f_%d IS", f->id);
		return add_where(c->s, t->negated, condition, "", strdup(value));
	}
	snprintf(condition, sizeof condition, "ifnull(r.f_%d, '') LIKE", f->id);
	return add_where(c->s, t->negated, condition, " ESCAPE '\\'",
	    like_pattern(value, !t->prefix && !is_exact(f->type)));
}

/* f:"" and f:* */
static enum rc
add_presence(struct compiler *c, const struct query_term *t, const struct field *f)
{
	char condition[48];

	snprintf(condition, sizeof condition, "ifnull(r.f_%d, '') %s", f->id,
	    t->prefix ? "<>" : "=");
	return add_where(c->s, t->negated, condition, "", strdup(""));
}

static enum rc
compile_field(struct compiler *c, const struct query_term *t)
{
	const struct field *f = find_field(c, t->name);
	size_t cap = strlen(t->value) * 2 + 32;
	char *normal;
	bool valid;
	enum rc rc;

	if (!f)
		return unknown_field(c, t);
	if (f->cls != CLASS_OPEN)
		return query_fault(c->err, t->at, t->len,
		    "%s is %s: its values can't be searched for", f->name,
		    class_name(f->cls));
	if (!*t->value)
		return add_presence(c, t, f);
	normal = malloc(cap);
	if (!normal)
		return RC_NOMEM;
	valid = type_normalise(f->type, t->value, strlen(t->value), normal, cap, NULL);
	if (!valid || t->prefix)
		snprintf(normal, cap, "%s", t->value);
	if (!f->searchable || is_exact(f->type))
		rc = add_compare(c, t, f, normal, valid);
	else if (has_token(normal))
		rc = add_text(c, t, f->id, normal);
	else
		rc = query_fault(c->err, t->value_at, t->value_len,
		    "there is no letter or digit to search for here");
	wipe_free(normal);
	return rc;
}

static enum rc
compile_term(struct compiler *c, const struct query_term *t)
{
	switch (t->kind) {
	case QUERY_TRASH:
		c->s->trash = !t->negated;
		return RC_OK;
	case QUERY_FIELD:
		return compile_field(c, t);
	case QUERY_ANYWHERE:
		break;
	}
	if (has_token(t->value))
		return add_text(c, t, 0, t->value);
	c->passed_over++;
	c->last_passed = t;
	return RC_OK;
}

enum rc
search_compile(const struct query *q, const struct field *fields, size_t n,
    struct search_sql **out, struct search_error *err)
{
	struct compiler c = { NULL, fields, n, err, 0, NULL };
	enum rc rc = RC_OK;
	size_t i;

	*out = NULL;
	c.s = calloc(1, sizeof *c.s);
	if (!c.s)
		return RC_NOMEM;
	for (i = 0; rc == RC_OK && i < q->n; i++)
		rc = compile_term(&c, &q->terms[i]);
	if (rc == RC_OK && q->n > 0 && c.passed_over == q->n)
		rc = query_fault(err, c.last_passed->at, c.last_passed->len,
		    "there is no letter or digit to search for here");
	if (rc != RC_OK) {
		search_sql_free(c.s);
		return rc;
	}
	*out = c.s;
	return RC_OK;
}

void
search_sql_free(struct search_sql *s)
{
	size_t i;

	if (!s)
		return;
	wipe_free(s->match);
	for (i = 0; i < s->bind_n; i++)
		wipe_free(s->binds[i]);
	free(s);
}
