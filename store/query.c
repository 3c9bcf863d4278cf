/*
 * The parser of the query language (grammar in query.h).
 *
 * 1. Every value is unescaped into one buffer that is big enough for all, made before
 *    parsing: no term points into the caller's text, and none into freed memory.
 * 2. A fault says where: byte offset and length in the query as it was typed.
 */
#include "store/query.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/text.h"

struct parser {
	const char *s;
	size_t len, at;
	struct query *q;
	size_t used; /* of q->text */
	struct search_error *err;
};

enum rc
query_fault(struct search_error *err, size_t at, size_t len, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return RC_INPUT;
	err->at = at;
	err->len = len;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	return RC_INPUT;
}

static bool
is_blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r';
}

static bool
is_name_char(char ch, bool first)
{
	if ((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_')
		return true;
	return !first && ((ch >= '0' && ch <= '9') || ch == '-' || ch == '.');
}

/* Bytes of a name that a colon follows; 0: none begins here. */
static size_t
name_len(const struct parser *p)
{
	size_t i = p->at;

	while (i < p->len && is_name_char(p->s[i], i == p->at))
		i++;
	return i < p->len && p->s[i] == ':' ? i - p->at : 0;
}

/* Copy bytes as a string into the query's own buffer. */
static const char *
keep(struct parser *p, const char *bytes, size_t len)
{
	char *to = p->q->text + p->used;

	memcpy(to, bytes, len);
	to[len] = '\0';
	p->used += len + 1;
	return to;
}

static enum rc
parse_phrase(struct parser *p, struct query_term *t)
{
	size_t open = p->at++;
	char *to = p->q->text + p->used;
	size_t n = 0;

	for (; p->at < p->len && p->s[p->at] != '"'; p->at++) {
		if (p->s[p->at] == '\\' && p->at + 1 < p->len &&
		    (p->s[p->at + 1] == '"' || p->s[p->at + 1] == '\\'))
			p->at++;
		to[n++] = p->s[p->at];
	}
	if (p->at == p->len)
		return query_fault(p->err, open, p->len - open,
		    "the phrase is not closed: put a \" at its end");
	p->at++;
	to[n] = '\0';
	p->used += n + 1;
	t->value = to;
	t->quoted = true;
	if (p->at < p->len && p->s[p->at] == '*') {
		t->prefix = true;
		p->at++;
	}
	if (p->at < p->len && !is_blank(p->s[p->at]))
		return query_fault(
		    p->err, p->at, 1, "a blank is missing after the phrase");
	return RC_OK;
}

static enum rc
parse_word(struct parser *p, struct query_term *t)
{
	size_t from = p->at, n;

	while (p->at < p->len && !is_blank(p->s[p->at])) {
		if (p->s[p->at] == '"')
			return query_fault(p->err, p->at, 1,
			    "a quote inside a word: put the whole in quotes, \\\" inside");
		p->at++;
	}
	n = p->at - from;
	if (n > 0 && p->s[from + n - 1] == '*') {
		t->prefix = true;
		n--;
	}
	t->value = keep(p, p->s + from, n);
	return RC_OK;
}

static enum rc
parse_value(struct parser *p, struct query_term *t)
{
	enum rc rc;

	t->value_at = p->at;
	if (p->at < p->len && p->s[p->at] == '"')
		rc = parse_phrase(p, t);
	else
		rc = parse_word(p, t);
	t->value_len = p->at - t->value_at;
	return rc;
}

static enum rc
check_term(struct parser *p, struct query_term *t)
{
	if (t->kind == QUERY_FIELD && strcmp(t->name, "is") == 0) {
		if (strcmp(t->value, "trash") != 0 || t->prefix)
			return query_fault(p->err, t->at, t->len,
			    "there is only is:trash (records in the trash)");
		t->kind = QUERY_TRASH;
		return RC_OK;
	}
	/* parse_value has set it. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
	if (*t->value || t->quoted || t->prefix) {
		if (*t->value || t->kind == QUERY_FIELD)
			return RC_OK;
		return query_fault(
		    p->err, t->at, t->len, "there is nothing to search for here");
	}
	if (t->kind == QUERY_FIELD)
		return query_fault(p->err, t->at, t->len,
		    "a value is missing: %.64s:word, %.64s:* (any) or %.64s:\"\" (empty)",
		    t->name, t->name, t->name);
	return query_fault(p->err, t->at, 1, "a word is missing after the -");
}

static enum rc
parse_term(struct parser *p)
{
	struct query_term *t;
	enum rc rc;
	size_t n;

	if (p->q->n == QUERY_TERMS_MAX)
		return query_fault(p->err, p->at, p->len - p->at,
		    "more than %d terms: search for less at once", QUERY_TERMS_MAX);
	t = &p->q->terms[p->q->n];
	t->at = p->at;
	if (p->s[p->at] == '-') {
		t->negated = true;
		p->at++;
	}
	t->name_at = p->at;
	n = name_len(p);
	if (n > 0) {
		t->kind = QUERY_FIELD;
		t->name = keep(p, p->s + p->at, n);
		p->at += n + 1;
	}
	rc = parse_value(p, t);
	if (rc != RC_OK)
		return rc;
	t->len = p->at - t->at;
	p->q->n++;
	return check_term(p, t);
}

static enum rc
check_text(const char *text, size_t len, struct search_error *err)
{
	size_t i;

	if (len > QUERY_LEN_MAX)
		return query_fault(err, QUERY_LEN_MAX, len - QUERY_LEN_MAX,
		    "the query is longer than %d bytes", QUERY_LEN_MAX);
	if (!text_is_utf8(text, len))
		return query_fault(err, 0, len, "the query is not UTF-8");
	for (i = 0; i < len; i++)
		if (((unsigned char)text[i] < 0x20 && !is_blank(text[i])) ||
		    text[i] == 0x7f)
			return query_fault(
			    err, i, 1, "a control character can't be searched for");
	return RC_OK;
}

enum rc
query_parse(const char *text, struct query **out, struct search_error *err)
{
	struct parser p = { text ? text : "", 0, 0, NULL, 0, err };
	enum rc rc;

	*out = NULL;
	p.len = strlen(p.s);
	rc = check_text(p.s, p.len, err);
	if (rc != RC_OK)
		return rc;
	p.q = calloc(1, sizeof *p.q);
	if (!p.q)
		return RC_NOMEM;
	/* Each term takes its bytes and two NULs at most, for at least one byte typed. */
	p.q->text_cap = p.len + 2 * QUERY_TERMS_MAX + 2;
	p.q->text = calloc(1, p.q->text_cap);
	if (!p.q->text) {
		rc = RC_NOMEM;
		goto err0;
	}
	for (;;) {
		while (p.at < p.len && is_blank(p.s[p.at]))
			p.at++;
		if (p.at == p.len)
			break;
		rc = parse_term(&p);
		if (rc != RC_OK)
			goto err0;
	}
	*out = p.q;
	return RC_OK;

err0:
	query_free(p.q);
	return rc;
}

void
query_free(struct query *q)
{
	if (!q)
		return;
	if (q->text)
		secret_wipe(q->text, q->text_cap);
	free(q->text);
	free(q);
}
