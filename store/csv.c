/*
 * The CSV reader; of our own, since libcsv ends at the first fault of form, and keeps values
 * in memory that nobody wipes. The bytes of the row that is being read stand together in
 * ${buf}, from ${at} on; its fields are unescaped into ${text}.
 *
 *   csv_next -> skip_empty -> parse_row -> field_plain | field_quoted
 *                                |  a fault of form
 *                                `-> first_line (the row is its first line, no more)
 *
 * 1. Positions inside a row are relative to its first byte (${pos}), since filling the
 *    buffer moves it.
 * 2. A row with a fault of form (quotes, too long, too many columns) ends with its first
 *    line whatever quotes stand in it. So one stray quote costs one row; and no input is
 *    read more than twice: a line that leaves a quote open at its end closes it when it
 *    is itself read inside quotes.
 * 3. A row with a fault of content (NUL, UTF-8) keeps its form.
 * 4. What held a value is wiped before it is freed or given up.
 */
#include "store/csv.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/csv_detect.h"
#include "store/text.h"

#define CHUNK (64 * 1024)

struct csv {
	csv_read_fn *read;
	void *arg;
	char delimiter;
	bool eof, quoted;

	char *buf;
	size_t cap, at, len; /* the row begins at ${at}, bytes end at ${len} */
	size_t pos;          /* reading position, from ${at} */
	size_t row_len;      /* of the row handed out, with its line end */

	uint64_t number, line;
	char *text;
	size_t text_cap, text_len;
	size_t n;
	size_t starts[CSV_COLUMNS_MAX], lens[CSV_COLUMNS_MAX];
	const char *fields[CSV_COLUMNS_MAX];
	enum csv_fault fault;
	size_t fault_column;
};

const char *
csv_fault_text(enum csv_fault f)
{
	switch (f) {
	case CSV_FINE:
		return "";
	case CSV_NUL:
		return "a NUL byte";
	case CSV_NOT_UTF8:
		return "not UTF-8";
	case CSV_QUOTE_INSIDE:
		return "a quote inside a field that does not begin with one";
	case CSV_AFTER_QUOTE:
		return "text between the closing quote and the delimiter";
	case CSV_OPEN_QUOTE:
		return "a quote is opened and not closed";
	case CSV_FIELD_LONG:
		return "a field of more than 1 MiB";
	case CSV_COLUMNS:
		return "more than 1000 columns";
	case CSV_ROW_LONG:
		return "a row of more than 16 MiB";
	case JSONL_FORM:
		return "not valid JSON";
	case JSONL_OBJECT:
		return "not a JSON object";
	case JSONL_NESTED:
		return "an array or an object where a value is wanted";
	case JSONL_TWICE:
		return "a name that stands twice in its object";
	case JSONL_NAME:
		return "a name that stands in none of the first objects";
	case JSONL_DEEP:
		return "JSON nested too deeply";
	case JSONL_NUMBER:
		return "a number that is too large";
	}
	return "";
}

/* A bigger copy of ${*p}; the old one is wiped. */
static enum rc
grow(char **p, size_t used, size_t *cap, size_t want)
{
	size_t fresh = *cap ? *cap : CHUNK;
	char *q;

	while (fresh < want)
		fresh *= 2;
	q = malloc(fresh);
	if (!q)
		return RC_NOMEM;
	if (used)
		memcpy(q, *p, used);
	if (*p)
		secret_wipe(*p, *cap);
	free(*p);
	*p = q;
	*cap = fresh;
	return RC_OK;
}

/* Read one chunk more behind what there is. */
static enum rc
fill(struct csv *c)
{
	enum rc rc;
	size_t got;

	if (c->at > 0) {
		memmove(c->buf, c->buf + c->at, c->len - c->at);
		c->len -= c->at;
		c->at = 0;
	}
	if (c->cap - c->len < CHUNK) {
		rc = grow(&c->buf, c->len, &c->cap, c->len + CHUNK);
		if (rc != RC_OK)
			return rc;
	}
	rc = c->read(c->arg, c->buf + c->len, CHUNK, &got);
	if (rc != RC_OK)
		return rc;
	c->eof = got == 0;
	c->len += got;
	return RC_OK;
}

/* The byte ${ahead} of the reading position; -1 at the end of the input. */
static enum rc
peek(struct csv *c, size_t ahead, int *ch)
{
	enum rc rc;

	while (c->at + c->pos + ahead >= c->len) {
		if (c->eof) {
			*ch = -1;
			return RC_OK;
		}
		rc = fill(c);
		if (rc != RC_OK)
			return rc;
	}
	*ch = (unsigned char)c->buf[c->at + c->pos + ahead];
	return RC_OK;
}

static enum rc
text_put(struct csv *c, const char *bytes, size_t n)
{
	enum rc rc;

	if (c->text_cap - c->text_len < n) {
		rc = grow(&c->text, c->text_len, &c->text_cap, c->text_len + n);
		if (rc != RC_OK)
			return rc;
	}
	memcpy(c->text + c->text_len, bytes, n);
	c->text_len += n;
	return RC_OK;
}

static bool
is_form_fault(enum csv_fault f)
{
	return f != CSV_FINE && f != CSV_NUL && f != CSV_NOT_UTF8;
}

static void
set_fault(struct csv *c, enum csv_fault f)
{
	if (c->fault != CSV_FINE)
		return;
	c->fault = f;
	c->fault_column = c->n + 1;
}

/* Bytes of the line end at the reading position: 0 (none), 1, or 2 for CRLF. */
static enum rc
line_end(struct csv *c, size_t *n)
{
	enum rc rc;
	int ch;

	*n = 0;
	rc = peek(c, 0, &ch);
	if (rc != RC_OK || (ch != '\n' && ch != '\r'))
		return rc;
	*n = 1;
	if (ch == '\n')
		return RC_OK;
	rc = peek(c, 1, &ch);
	if (rc == RC_OK && ch == '\n')
		*n = 2;
	return rc;
}

/* Copy the bytes up to one of ${stop}, all of what is in the buffer at most. */
static enum rc
take_until(struct csv *c, char stop, bool quoted)
{
	const char *p = c->buf + c->at + c->pos, *end = c->buf + c->len;
	const char *q = p;
	enum rc rc;

	if (quoted)
		q = memchr(p, '"', (size_t)(end - p));
	else
		while (q < end && *q != stop && *q != '\n' && *q != '\r' && *q != '"')
			q++;
	if (!q)
		q = end;
	rc = text_put(c, p, (size_t)(q - p));
	if (rc == RC_OK)
		c->pos += (size_t)(q - p);
	return rc;
}

/* One field without quotes; stops before the delimiter, the line end or the end. */
static enum rc
field_plain(struct csv *c, size_t start)
{
	enum rc rc;
	int ch;

	for (;;) {
		rc = peek(c, 0, &ch);
		if (rc != RC_OK)
			return rc;
		if (ch == -1 || ch == c->delimiter || ch == '\n' || ch == '\r')
			return RC_OK;
		if (ch == '"')
			set_fault(c, CSV_QUOTE_INSIDE);
		else
			rc = take_until(c, c->delimiter, false);
		if (rc == RC_OK && c->text_len - start > CSV_FIELD_MAX)
			set_fault(c, CSV_FIELD_LONG);
		if (rc != RC_OK || c->fault != CSV_FINE)
			return rc;
	}
}

/* Whether the value that is too long spans lines: then a quote was left open. */
static void
set_long_fault(struct csv *c, size_t start)
{
	if (memchr(c->text + start, '\n', c->text_len - start) ||
	    memchr(c->text + start, '\r', c->text_len - start))
		set_fault(c, CSV_OPEN_QUOTE);
	else
		set_fault(c, CSV_FIELD_LONG);
}

/* One quoted field, from its opening quote to the byte after the closing one. */
static enum rc
field_quoted(struct csv *c, size_t start)
{
	enum rc rc;
	int ch, after;

	c->quoted = true;
	c->pos++;
	for (;;) {
		rc = peek(c, 0, &ch);
		if (rc == RC_OK && ch == '"')
			rc = peek(c, 1, &after);
		if (rc != RC_OK)
			return rc;
		if (ch == -1) {
			set_fault(c, CSV_OPEN_QUOTE);
		} else if (ch != '"') {
			rc = take_until(c, '"', true);
		} else if (after == '"') {
			rc = text_put(c, "\"", 1);
			c->pos += 2;
		} else {
			c->pos++;
			if (after != -1 && after != c->delimiter && after != '\n' &&
			    after != '\r')
				set_fault(c, CSV_AFTER_QUOTE);
			return RC_OK;
		}
		if (rc == RC_OK && c->text_len - start > CSV_FIELD_MAX)
			set_long_fault(c, start);
		if (rc != RC_OK || c->fault != CSV_FINE)
			return rc;
	}
}

/* One field with its NUL; false in ${*more} when it was the row's last. */
static enum rc
parse_field(struct csv *c, bool *more)
{
	size_t start = c->text_len;
	enum rc rc;
	int ch;

	*more = false;
	rc = peek(c, 0, &ch);
	if (rc != RC_OK)
		return rc;
	rc = ch == '"' ? field_quoted(c, start) : field_plain(c, start);
	if (rc != RC_OK || c->fault != CSV_FINE)
		return rc;
	c->starts[c->n] = start;
	c->lens[c->n] = c->text_len - start;
	c->n++;
	rc = text_put(c, "", 1);
	if (rc == RC_OK)
		rc = peek(c, 0, &ch);
	if (rc != RC_OK || ch != c->delimiter)
		return rc;
	c->pos++;
	*more = true;
	if (c->n == CSV_COLUMNS_MAX)
		set_fault(c, CSV_COLUMNS);
	if (c->pos > CSV_ROW_MAX)
		set_fault(c, CSV_ROW_LONG);
	return RC_OK;
}

/* Give up the bytes of a line beyond CSV_ROW_MAX as they come. */
static enum rc
drop_tail(struct csv *c)
{
	size_t q, given = 0;
	enum rc rc;

	for (;;) {
		for (q = c->at + c->pos; q < c->len; q++)
			if (c->buf[q] == '\n' || c->buf[q] == '\r')
				break;
		memmove(c->buf + c->at + c->pos, c->buf + q, c->len - q);
		given += q - (c->at + c->pos);
		if (given > CSV_LINE_MAX)
			return RC_LIMIT;
		c->len -= q - (c->at + c->pos);
		if (c->len > c->at + c->pos || c->eof)
			return RC_OK;
		rc = fill(c);
		if (rc != RC_OK)
			return rc;
	}
}

/* Move to the end of the line in which the row begins. */
static enum rc
first_line(struct csv *c)
{
	enum rc rc;
	int ch;

	for (c->pos = 0; c->pos < CSV_ROW_MAX; c->pos++) {
		rc = peek(c, 0, &ch);
		if (rc != RC_OK || ch == -1 || ch == '\n' || ch == '\r')
			return rc;
	}
	return drop_tail(c);
}

static void
check_content(struct csv *c)
{
	const char *raw = c->buf + c->at;
	size_t i;

	if (!memchr(raw, '\0', c->pos) && text_is_utf8(raw, c->pos))
		return;
	for (i = 0; i < c->n && c->fault == CSV_FINE; i++) {
		const char *s = c->text + c->starts[i];

		if (memchr(s, '\0', c->lens[i]))
			c->fault = CSV_NUL;
		else if (!text_is_utf8(s, c->lens[i]))
			c->fault = CSV_NOT_UTF8;
		c->fault_column = i + 1;
	}
}

static enum rc
parse_row(struct csv *c)
{
	bool more = true;
	enum rc rc;

	c->pos = c->text_len = c->n = c->fault_column = 0;
	c->fault = CSV_FINE;
	while (more && c->fault == CSV_FINE) {
		rc = parse_field(c, &more);
		if (rc != RC_OK)
			return rc;
	}
	if (is_form_fault(c->fault))
		return first_line(c);
	check_content(c);
	return RC_OK;
}

/* Lines that end within the first ${n} bytes of the row. */
static uint64_t
lines_in(const struct csv *c, size_t n)
{
	const char *s = c->buf + c->at;
	uint64_t lines = 0;
	size_t i;

	for (i = 0; i < n; i++)
		lines +=
		    s[i] == '\n' || (s[i] == '\r' && (i + 1 == n || s[i + 1] != '\n'));
	return lines;
}

/* Give up the row handed out last and the empty lines after it. */
static enum rc
skip_empty(struct csv *c)
{
	enum rc rc;
	size_t n;

	c->at += c->row_len;
	c->row_len = 0;
	c->pos = 0;
	for (;;) {
		rc = line_end(c, &n);
		if (rc != RC_OK || n == 0)
			return rc;
		c->at += n;
		c->line++;
	}
}

enum rc
csv_next(struct csv *c, struct csv_row *row)
{
	enum rc rc;
	size_t i, end;
	int ch;

	memset(row, 0, sizeof *row);
	c->line += lines_in(c, c->row_len);
	rc = skip_empty(c);
	if (rc == RC_OK)
		rc = peek(c, 0, &ch);
	if (rc != RC_OK)
		return rc;
	if (ch == -1)
		return RC_NOTFOUND;
	rc = parse_row(c);
	if (rc == RC_OK)
		rc = line_end(c, &end);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < c->n; i++)
		c->fields[i] = c->text + c->starts[i];
	row->number = ++c->number;
	row->line = c->line;
	row->n = c->n;
	row->fields = c->fields;
	row->lens = c->lens;
	row->fault = c->fault;
	row->fault_column = c->fault_column;
	row->raw = c->buf + c->at;
	row->raw_len = c->pos;
	c->row_len = c->pos + end;
	return RC_OK;
}

/* Have the first 64 KiB (or all of a shorter input) in the buffer. */
static enum rc
first_fill(struct csv *c)
{
	enum rc rc;

	while (!c->eof && c->len < CHUNK) {
		rc = fill(c);
		if (rc != RC_OK)
			return rc;
	}
	if (c->len >= 2 &&
	    (!memcmp(c->buf, "\xff\xfe", 2) || !memcmp(c->buf, "\xfe\xff", 2)))
		return RC_INPUT;
	if (c->len >= 3 && !memcmp(c->buf, "\xef\xbb\xbf", 3))
		c->at = 3;
	return RC_OK;
}

/* The user's word, that of the file, or the best guess. */
static void
settle_delimiter(struct csv *c, char delimiter)
{
	char named = 0;
	size_t n = csv_sep(c->buf + c->at, c->len - c->at, &named);

	c->at += n;
	c->line += n > 0;
	c->delimiter = delimiter ? delimiter : named;
	if (!c->delimiter)
		c->delimiter = csv_detect(c->buf + c->at, c->len - c->at, c->eof);
}

enum rc
csv_new(csv_read_fn *read, void *arg, char delimiter, struct csv **out)
{
	struct csv *c = calloc(1, sizeof *c);
	enum rc rc;

	*out = NULL;
	if (!c)
		return RC_NOMEM;
	c->read = read;
	c->arg = arg;
	c->line = 1;
	rc = first_fill(c);
	if (rc != RC_OK)
		goto err0;
	settle_delimiter(c, delimiter);
	*out = c;
	return RC_OK;

err0:
	csv_free(c);
	return rc;
}

char
csv_delimiter(const struct csv *c)
{
	return c->delimiter;
}

bool
csv_quoted(const struct csv *c)
{
	return c->quoted;
}

void
csv_free(struct csv *c)
{
	if (!c)
		return;
	if (c->buf)
		secret_wipe(c->buf, c->cap);
	if (c->text)
		secret_wipe(c->text, c->text_cap);
	free(c->buf);
	free(c->text);
	free(c);
}
