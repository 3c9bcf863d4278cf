/*
 * Lines as they come, in one buffer: what was looked at and not taken yet stays in it.
 *
 * 1. A line is bounded; of one that is longer the beginning is kept and the rest given up
 *    as it comes.
 * 2. What held a line is wiped.
 */
#include "store/jsonl_lines.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"

#define CHUNK (64 * 1024)

struct jsonl_lines {
	csv_read_fn *read;
	void *arg;
	char *buf;
	size_t cap, at, len;
	size_t ahead; /* from ${at}: the line to be looked at next */
	uint64_t number, ahead_number;
	bool eof;
};

/* Room for one chunk more; what was taken goes first. */
static enum rc
make_room(struct jsonl_lines *l)
{
	size_t cap = l->cap ? l->cap : 2 * CHUNK;
	char *fresh;

	memmove(l->buf, l->buf + l->at, l->len - l->at);
	l->len -= l->at;
	l->at = 0;
	while (cap - l->len < CHUNK)
		cap *= 2;
	if (cap == l->cap)
		return RC_OK;
	fresh = malloc(cap);
	if (!fresh)
		return RC_NOMEM;
	memcpy(fresh, l->buf, l->len);
	secret_wipe(l->buf, l->cap);
	free(l->buf);
	l->buf = fresh;
	l->cap = cap;
	return RC_OK;
}

static enum rc
fill(struct jsonl_lines *l)
{
	size_t got;
	enum rc rc = make_room(l);

	if (rc == RC_OK)
		rc = l->read(l->arg, l->buf + l->len, CHUNK, &got);
	if (rc != RC_OK)
		return rc;
	l->eof = got == 0;
	l->len += got;
	return RC_OK;
}

/* Bytes of the line that begins at ${from}, past the line's start, up to its LF or the end. */
static enum rc
measure(struct jsonl_lines *l, size_t from, size_t *len, bool *cut)
{
	const char *lf;
	size_t seen = 0;
	enum rc rc;

	*cut = false;
	for (;;) {
		lf = memchr(l->buf + l->at + from + seen, '\n',
		    l->len - l->at - from - seen);
		*len = lf ? (size_t)(lf - (l->buf + l->at + from))
			  : l->len - l->at - from;
		if (*len >= CSV_ROW_MAX) { /* and so again after its tail was given up */
			*len = CSV_ROW_MAX;
			*cut = true;
			return RC_OK;
		}
		if (lf || l->eof)
			return RC_OK;
		seen = *len;
		rc = fill(l);
		if (rc != RC_OK)
			return rc;
	}
}

/* Give up what is left of a line that was cut, up to its LF. */
static enum rc
drop_tail(struct jsonl_lines *l, size_t from)
{
	const char *lf;
	char *begin;
	size_t left, given = 0;
	enum rc rc;

	for (;;) {
		begin = l->buf + l->at + from;
		left = l->len - l->at - from;
		lf = memchr(begin, '\n', left);
		if (lf || l->eof) {
			left = lf ? left - (size_t)(lf - begin) : 0;
			memmove(begin, lf ? lf : begin, left);
			l->len = l->at + from + left;
			return RC_OK;
		}
		given += left;
		if (given > CSV_LINE_MAX)
			return RC_LIMIT;
		l->len = l->at + from;
		rc = fill(l);
		if (rc != RC_OK)
			return rc;
	}
}

/* The line at ${from}; ${*next}: where the one after it begins. */
static enum rc
line_at(struct jsonl_lines *l, size_t from, struct jsonl_line *out, size_t *next)
{
	enum rc rc;

	rc = measure(l, from, &out->len, &out->cut);
	if (rc == RC_OK && out->cut)
		rc = drop_tail(l, from + out->len);
	if (rc != RC_OK)
		return rc;
	if (out->len == 0 && l->at + from == l->len)
		return RC_NOTFOUND;
	out->at = l->buf + l->at + from;
	*next = from + out->len + (l->at + from + out->len < l->len);
	return RC_OK;
}

enum rc
jsonl_line_ahead(struct jsonl_lines *l, struct jsonl_line *out)
{
	enum rc rc;

	if (l->ahead > JSONL_AHEAD_MAX)
		return RC_NOTFOUND;
	rc = line_at(l, l->ahead, out, &l->ahead);
	if (rc == RC_OK)
		out->number = ++l->ahead_number;
	return rc;
}

enum rc
jsonl_line(struct jsonl_lines *l, struct jsonl_line *out)
{
	size_t next;
	enum rc rc;

	rc = line_at(l, 0, out, &next);
	if (rc != RC_OK)
		return rc;
	l->at += next;
	out->number = ++l->number;
	return RC_OK;
}

enum rc
jsonl_lines_new(csv_read_fn *read, void *arg, struct jsonl_lines **out)
{
	struct jsonl_lines *l = calloc(1, sizeof *l);

	*out = NULL;
	if (!l)
		return RC_NOMEM;
	l->read = read;
	l->arg = arg;
	l->cap = 2 * CHUNK;
	l->buf = malloc(l->cap);
	if (!l->buf) {
		free(l);
		return RC_NOMEM;
	}
	*out = l;
	return RC_OK;
}

void
jsonl_lines_free(struct jsonl_lines *l)
{
	if (!l)
		return;
	secret_wipe(l->buf, l->cap);
	free(l->buf);
	free(l);
}
