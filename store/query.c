/*
 * The parser of the query language (grammar in query.h): one function for each rule. By hand,
 * since a generated one has no place of a fault to show.
 *
 *     parse_any -> parse_all -> parse_part -> parse_group -> parse_any
 *                                          -> parse_term -> parse_value
 *
 * 1. Every value is unescaped into one buffer that is big enough for all, made before
 *    parsing: no node points into the caller's text, and none into freed memory.
 * 2. A fault says where: byte offset and length in the query as it was typed.
 * 3. The number of nodes and the depth are bounded; a group of one part is that part.
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
	size_t depth; /* groups that are open */
	struct query *q;
	size_t used; /* of q->text */
	struct search_error *err;
};

enum word { WORD_NONE, WORD_OR, WORD_AND, WORD_NOT };

static enum rc parse_any(struct parser *p, struct query_node **out);

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

static void
skip_blanks(struct parser *p)
{
	while (p->at < p->len && is_blank(p->s[p->at]))
		p->at++;
}

static bool
is_name_char(char ch, bool first)
{
	if ((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_')
		return true;
	return !first && ((ch >= '0' && ch <= '9') || ch == '-' || ch == '.');
}

/* Whether what stands here ends a word: a blank, the end, the end of a group. */
static bool
is_end(const struct parser *p, size_t at)
{
	return at >= p->len || is_blank(p->s[at]) || (p->depth > 0 && p->s[at] == ')');
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

/* The operator that stands here as a word of its own. */
static enum word
peek_word(const struct parser *p)
{
	static const struct {
		const char *text;
		size_t len;
		enum word word;
	} words[] = { { "OR", 2, WORD_OR }, { "AND", 3, WORD_AND }, { "NOT", 3, WORD_NOT } };
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (p->len - p->at >= words[i].len &&
		    memcmp(p->s + p->at, words[i].text, words[i].len) == 0 &&
		    (is_end(p, p->at + words[i].len) || p->s[p->at + words[i].len] == '('))
			return words[i].word;
	return WORD_NONE;
}

static enum rc
new_node(struct parser *p, enum query_kind kind, struct query_node **out)
{
	*out = NULL;
	if (p->q->n == QUERY_NODES_MAX) {
		query_fault(p->err, p->at, p->len - p->at,
		    "the query has too many parts: search for less at once");
		return RC_INPUT;
	}
	*out = &p->q->nodes[p->q->n++];
	(*out)->kind = kind;
	(*out)->at = p->at;
	return RC_OK;
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
parse_phrase(struct parser *p, struct query_node *t)
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
	if (!is_end(p, p->at))
		return query_fault(
		    p->err, p->at, 1, "a blank is missing after the phrase");
	return RC_OK;
}

/* Take "a..b" apart; a word that holds no ".." is left alone. */
static void
split_range(struct parser *p, struct query_node *t, const char *word, size_t n)
{
	size_t i;

	for (i = 0; i + 1 < n && (word[i] != '.' || word[i + 1] != '.'); i++)
		;
	if (!t->name || t->op != QUERY_IS || i + 1 >= n || n == 2)
		return;
	t->op = QUERY_RANGE;
	t->prefix = false;
	t->value = keep(p, word, i);
	t->upto = keep(p, word + i + 2, n - i - 2);
}

static enum rc
parse_word(struct parser *p, struct query_node *t)
{
	size_t from = p->at, n, open = 0;

	for (; p->at < p->len && !is_blank(p->s[p->at]); p->at++) {
		if (p->s[p->at] == '"')
			return query_fault(p->err, p->at, 1,
			    "a quote inside a word: put the whole in quotes, \\\" inside");
		if (p->s[p->at] == '(') {
			open++;
		} else if (p->s[p->at] == ')' && open > 0) {
			open--;
		} else if (p->s[p->at] == ')') {
			if (p->depth > 0)
				break;
			return query_fault(p->err, p->at, 1,
			    "no group is open that ) could close: in quotes it is a word");
		}
	}
	if (open > 0)
		return query_fault(p->err, from, p->at - from,
		    "a ( inside the word is not closed: put the word in quotes");
	n = p->at - from;
	split_range(p, t, p->s + from, n);
	if (t->op == QUERY_RANGE)
		return RC_OK;
	if (n > 0 && p->s[from + n - 1] == '*') {
		t->prefix = true;
		n--;
	}
	t->value = keep(p, p->s + from, n);
	return RC_OK;
}

/* The sign of a comparison, after a name. */
static enum query_op
parse_sign(struct parser *p)
{
	char sign = p->at < p->len ? p->s[p->at] : '\0';
	bool equal = p->at + 1 < p->len && p->s[p->at + 1] == '=';

	if (sign != '>' && sign != '<')
		return QUERY_IS;
	p->at += equal ? 2 : 1;
	if (sign == '>')
		return equal ? QUERY_FROM : QUERY_ABOVE;
	return equal ? QUERY_UPTO : QUERY_BELOW;
}

static enum rc
parse_value(struct parser *p, struct query_node *t)
{
	enum rc rc;

	if (t->name)
		t->op = parse_sign(p);
	t->value_at = p->at;
	if (p->at < p->len && p->s[p->at] == '"')
		rc = parse_phrase(p, t);
	else
		rc = parse_word(p, t);
	t->value_len = p->at - t->value_at;
	return rc;
}

static enum rc
check_term(const struct parser *p, const struct query_node *t)
{
	bool empty = !*t->value;

	if (t->op != QUERY_IS && t->prefix)
		return query_fault(p->err, t->value_at, t->value_len,
		    "a * can't be compared with: leave it out");
	if (t->op != QUERY_IS && t->op != QUERY_RANGE && empty)
		return query_fault(p->err, t->at, t->len,
		    "a value is missing: %.64s:>2026-01-31, %.64s:>=100", t->name, t->name);
	if (!empty || t->op == QUERY_RANGE)
		return RC_OK;
	if (t->name && (t->quoted || t->prefix))
		return RC_OK;
	if (t->quoted || t->prefix)
		return query_fault(
		    p->err, t->at, t->len, "there is nothing to search for here");
	if (!t->name)
		return query_fault(p->err, t->at, t->len, "a word is missing here");
	return query_fault(p->err, t->at, t->len,
	    "a value is missing: %.64s:word, %.64s:* (any) or %.64s:\"\" (empty)", t->name,
	    t->name, t->name);
}

static enum rc
parse_term(struct parser *p, struct query_node **out)
{
	struct query_node *t;
	enum rc rc = new_node(p, QUERY_TERM, &t);
	size_t n;

	if (rc == RC_OK && p->q->term_n++ == QUERY_TERMS_MAX)
		rc = query_fault(p->err, p->at, p->len - p->at,
		    "more than %d terms: search for less at once", QUERY_TERMS_MAX);
	if (rc != RC_OK)
		return rc;
	t->name_at = p->at;
	n = name_len(p);
	if (n > 0) {
		t->name = keep(p, p->s + p->at, n);
		p->at += n + 1;
	}
	rc = parse_value(p, t);
	if (rc != RC_OK)
		return rc;
	t->len = p->at - t->at;
	*out = t;
	return check_term(p, t);
}

/* "(" any ")" */
static enum rc
parse_group(struct parser *p, struct query_node **out)
{
	size_t open = p->at++;
	enum rc rc;

	if (++p->depth > QUERY_DEPTH_MAX)
		return query_fault(p->err, open, 1,
		    "more than %d groups inside each other", QUERY_DEPTH_MAX);
	skip_blanks(p);
	if (p->at < p->len && p->s[p->at] == ')')
		return query_fault(
		    p->err, open, p->at + 1 - open, "there is nothing between ( and )");
	rc = parse_any(p, out);
	if (rc != RC_OK)
		return rc;
	if (p->at == p->len)
		return query_fault(p->err, open, p->len - open,
		    "the group is not closed: put a ) at its end");
	p->at++;
	if (--p->depth > 0 || p->at == p->len || is_blank(p->s[p->at]))
		return RC_OK;
	return query_fault(p->err, p->at, 1, "a blank is missing after the )");
}

/* Step over ${what}, which something must follow; a minus stands right before it. */
static enum rc
must_follow(struct parser *p, const char *what)
{
	size_t at = p->at, len = strlen(what);

	p->at += len;
	if (len > 1)
		skip_blanks(p);
	if (!is_end(p, p->at) && peek_word(p) != WORD_OR && peek_word(p) != WORD_AND)
		return RC_OK;
	return query_fault(p->err, at, len, "a word is missing after the %s", what);
}

static enum rc
parse_not(struct parser *p, struct query_node **out)
{
	struct query_node *opposite;
	bool sign = p->s[p->at] == '-';
	enum rc rc = new_node(p, QUERY_NOT, &opposite);

	if (rc != RC_OK)
		return rc;
	rc = must_follow(p, sign ? "-" : "NOT");
	if (rc == RC_OK && p->s[p->at] == '(')
		rc = parse_group(p, &opposite->first);
	else if (rc == RC_OK)
		rc = parse_term(p, &opposite->first);
	opposite->len = p->at - opposite->at;
	*out = opposite;
	return rc;
}

static enum rc
parse_part(struct parser *p, struct query_node **out)
{
	*out = NULL;
	if (p->s[p->at] == '-' || peek_word(p) == WORD_NOT)
		return parse_not(p, out);
	if (p->s[p->at] == '(')
		return parse_group(p, out);
	if (peek_word(p) != WORD_NONE)
		return query_fault(p->err, p->at, peek_word(p) == WORD_OR ? 2 : 3,
		    "%s stands between two parts; in quotes or small letters it is a word",
		    peek_word(p) == WORD_OR ? "OR" : "AND");
	return parse_term(p, out);
}

/* Whether a list of parts goes on here. */
static bool
goes_on(struct parser *p)
{
	skip_blanks(p);
	return p->at < p->len && !(p->depth > 0 && p->s[p->at] == ')');
}

/* ${list} becomes the parent of what it has, or that itself when it is but one. */
static struct query_node *
settle(struct parser *p, struct query_node *list)
{
	if (!list->first || !list->first->next)
		return list->first;
	list->len = p->at - list->at;
	return list;
}

static struct query_node **
place_after(struct query_node *n)
{
	return n ? &n->next : NULL;
}

static enum rc
parse_all(struct parser *p, struct query_node **out)
{
	struct query_node *all, **last;
	enum rc rc = new_node(p, QUERY_ALL, &all);

	if (rc != RC_OK)
		return rc;
	for (last = &all->first; rc == RC_OK && last; last = place_after(*last)) {
		rc = parse_part(p, last);
		if (rc != RC_OK || !goes_on(p) || peek_word(p) == WORD_OR)
			break;
		if (peek_word(p) != WORD_AND)
			continue;
		rc = must_follow(p, "AND");
	}
	*out = settle(p, all);
	return rc;
}

static enum rc
parse_any(struct parser *p, struct query_node **out)
{
	struct query_node *any, **last;
	enum rc rc = new_node(p, QUERY_ANY, &any);

	*out = NULL;
	if (rc != RC_OK)
		return rc;
	for (last = &any->first; rc == RC_OK && last; last = place_after(*last)) {
		rc = parse_all(p, last);
		if (rc != RC_OK || !goes_on(p))
			break;
		rc = must_follow(p, "OR"); /* parse_all ends before nothing else */
	}
	*out = settle(p, any);
	return rc;
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
	struct parser p = { .s = text ? text : "", .err = err };
	enum rc rc;

	*out = NULL;
	p.len = strlen(p.s);
	rc = check_text(p.s, p.len, err);
	if (rc != RC_OK)
		return rc;
	p.q = calloc(1, sizeof *p.q);
	if (!p.q)
		return RC_NOMEM;
	/* Each term takes its bytes and three NULs at most. */
	p.q->text_cap = p.len + 3 * (QUERY_TERMS_MAX + 1);
	p.q->text = calloc(1, p.q->text_cap);
	if (!p.q->text) {
		rc = RC_NOMEM;
		goto err0;
	}
	if (goes_on(&p))
		rc = parse_any(&p, &p.q->root);
	if (rc != RC_OK)
		goto err0;
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
