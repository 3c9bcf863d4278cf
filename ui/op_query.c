/*
 * Queries: the language in a table, for every help text that tells of it; what the arguments
 * of an operation ask; what is wrong with it.
 *
 * 1. A query may hold what is masked elsewhere. It is shown again, with a mark under the
 *    fault, only on the terminal of who typed it, and never in a sentence.
 * 2. No query of --where or the standard input asks for all records by being empty: it may
 *    come from a program that failed.
 */

#include "ui/op_util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/text.h"

#define READ_MAX     8192 /* bytes of a query; the store takes fewer */
#define SHOWN_BEFORE 40 /* bytes of a query before and after its fault */
#define SHOWN_MAX    72

const struct op_word op_query_words[] = {
    {"smith", "the word in any searchable field, whatever case and accents"},
    {"smi*", "words that begin so"},
    {"\"van dyke\"", "words next to each other; \\\" is a quote in them"},
    {"smith garis", "both: what stands side by side must all hold"},
    {"smith OR jones", "one at least; OR in capitals binds less than a blank"},
    {"-smith", "not that; also NOT smith"},
    {"(a OR b) -(c d)", "parts in groups"},
    {"city:garis", "in that field: a word, city:gar*, city:\"new orleans\""},
    {"email:*", "the field has a value; email:\"\": it has none"},
    {"visits:5", "a number; also visits:>5 :>=5 :<5 :<=5 :5..9 :5.. :..9"},
    {"joined:2026-01", "a date by day, month or year; also :<2026 :2025..2026-03"},
    {"joined:>=7d", "in days (or w, m, y) back, +7d ahead; also today, yesterday"},
    {"updated:today", "the last change; also created: deleted: keep: (until when)"},
    {"id:17", "the record's number; also id:>=100 and id:5..9"},
    {"tag:vip", "has the tag; tag:vi*, tag:* any, tag:\"\" none"},
    {"is:trash", "in the trash; without it and deleted: all is outside of it"},
    {"is:invalid", "a value does not fit its type"},
    {"is:due", "the date to be kept until has come"},
    {"ssn:900-12-3456", "a sealed field: the whole value; the audit tells of it"},
    {NULL, NULL},
};

/* Up to the first line feed, the end or READ_MAX bytes; a NUL counts as one of the bytes. */
static enum rc
read_line(struct op_call *c, char *text, size_t *len, bool *ended)
{
	ssize_t n = 1;
	size_t got = 0;
	char *end;

	while (n > 0 && got < READ_MAX && memchr(text, '\n', got) == NULL) {
		n = read(STDIN_FILENO, text + got, READ_MAX - got);
		if (n < 0 && errno == EINTR && !atomic_load(&c->cancel))
			n = 1;
		else if (n > 0)
			got += (size_t)n;
	}
	if (n < 0 && atomic_load(&c->cancel))
		return RC_CANCELLED;
	if (n < 0)
		return err_set(&c->err, RC_IO, "the query can't be read: %s", strerror(errno));
	end = memchr(text, '\n', got);
	*ended = end != NULL;
	*len = end != NULL ? (size_t)(end - text) : got;
	secret_wipe(text + *len, got - *len);
	return RC_OK;
}

static bool
is_blank(const char *query)
{
	return query[strspn(query, " \t")] == '\0';
}

/* Rule 2. A line that did not end was perhaps cut, and one with a NUL ends elsewhere. */
static enum rc
check_line(struct op_call *c, const char *text, size_t len, bool ended)
{
	if (memchr(text, '\0', len) != NULL)
		return err_set(&c->err, RC_INPUT,
		    "the query on the standard input has a NUL byte: nothing was done");
	if (is_blank(text))
		return err_set(&c->err, RC_INPUT,
		    "the standard input holds no query, and nothing was done: "
		    "all records are id:>=1");
	if (!ended && len < READ_MAX)
		return err_set(&c->err, RC_INPUT,
		    "the query on the standard input does not end with a line feed and may "
		    "have been cut off: nothing was done");
	return RC_OK;
}

/* One line of the standard input. */
static enum rc
read_query(struct op_call *c, char **out)
{
	char *text = calloc(1, READ_MAX + 1);
	bool ended = false;
	size_t len = 0;
	enum rc rc;

	*out = text;
	if (text == NULL)
		return RC_NOMEM;
	rc = read_line(c, text, &len, &ended);
	if (rc == RC_OK && len > 0 && text[len - 1] == '\r')
		text[--len] = '\0';
	return rc == RC_OK ? check_line(c, text, len, ended) : rc;
}

enum rc
op_query(struct op_call *c, int first, char **out)
{
	size_t len = 1, n;
	char *p;
	int i;

	if (c->arg_n == first + 1 && strcmp(c->args[first], "-") == 0 && c->face->reads)
		return read_query(c, out);
	for (i = first; i < c->arg_n; i++)
		len += strlen(c->args[i]) + 1;
	*out = p = calloc(1, len);
	if (p == NULL)
		return RC_NOMEM;
	for (i = first; i < c->arg_n; i++) {
		if (i > first)
			*p++ = ' ';
		n = strlen(c->args[i]);
		memcpy(p, c->args[i], n);
		p += n;
	}
	return RC_OK;
}

enum rc
op_where_query(struct op_call *c, char **out)
{
	const char *where = op_text(c, "where"), *from = op_text(c, "from");

	*out = NULL;
	if (where == NULL)
		return RC_OK;
	if (is_blank(where))
		return err_set(&c->err, RC_INPUT,
		    "--where has no query, and nothing was done: all records are id:>=1");
	if (strcmp(where, "-") != 0 || !c->face->reads) {
		*out = strdup(where);
		return *out != NULL ? RC_OK : RC_NOMEM;
	}
	if (from != NULL && strcmp(from, "-") == 0)
		return err_set(&c->err, RC_INPUT,
		    "--where and --from can't both be read from the standard input: give a file "
		    "to --from");
	return read_query(c, out);
}

void
op_query_free(char *query)
{
	if (query != NULL)
		secret_wipe(query, strlen(query));
	free(query);
}

/* Up to ${to}, but no further than whole characters go. */
static size_t
whole(const char *s, size_t from, size_t to)
{
	while (to > from && ((unsigned char)s[to] & 0xc0) == 0x80)
		to--;
	return to;
}

/* The query from ${from} to ${to} in one line, and under it a mark. */
static void
show_place(struct op_call *c, const char *query, size_t from, size_t to, size_t at, size_t n)
{
	char line[SHOWN_BEFORE + SHOWN_MAX + 8], mark[SHOWN_MAX * 2], *feed;
	int before, marks;

	snprintf(line, sizeof(line), "%.*s", (int)(to - from), query + from);
	while ((feed = strchr(line, '\n')) != NULL)
		*feed = ' ';
	before = text_width(line, at - from);
	marks = text_width(line + (at - from), n);
	marks = marks < 1 ? 1 : marks > SHOWN_MAX ? SHOWN_MAX : marks;
	memset(mark, '^', sizeof(mark));
	face_say(c->face, "  %s\n  %*s%.*s", line, before, "", marks, mark);
	secret_wipe(line, sizeof(line));
}

enum rc
op_search_failed(
    struct op_call *c, enum rc rc, const char *query, const struct search_error *serr)
{
	size_t len = query != NULL ? strlen(query) : 0, from, to, n = serr->len;

	if ((rc != RC_INPUT && rc != RC_DENIED) || serr->text[0] == '\0')
		return rc;
	err_set(&c->err, rc, "the query, at byte %zu: %s", serr->at + 1, serr->text);
	if (!c->face->watched || serr->at > len || !text_is_utf8(query, len))
		return rc;
	from = serr->at > SHOWN_BEFORE ? whole(query, 0, serr->at - SHOWN_BEFORE) : 0;
	to = len - from > SHOWN_MAX ? whole(query, from, from + SHOWN_MAX) : len;
	if (n > to - serr->at)
		n = to - serr->at;
	show_place(c, query, from, to, serr->at, n);
	return rc;
}
