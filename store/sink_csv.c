/*
 * CSV as RFC 4180 has it: commas, CRLF, quotes where they are needed.
 *
 * 1. What a spreadsheet would take for a formula gets an apostrophe in front, unless
 *    opts.raw (OWASP, "CSV Injection"). The full-width forms count as well: some
 *    spreadsheets read them as their narrow ones. A telephone number of digits, blanks,
 *    hyphens and parentheses after its + can call nothing: it stays as it is. A mask may
 *    begin with the first character of its value, and is guarded like that.
 * 2. A cell stands as it is, with any byte it has, unless the output is a terminal: there
 *    the escapes of text_visible stand for what could change the screen.
 * 3. A row of one empty cell is written as "": an empty line is no row to most readers.
 */
#include "store/sink_int.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/text.h"

#define DIGITS_MIN 3 /* of a telephone number, as type_phone_rule has it */
#define DIGITS_MAX 20

static bool
is_plain_number(const char *s, size_t len)
{
	size_t i = 0, digits = 0, points = 0;

	if (len && (s[0] == '-' || s[0] == '+'))
		i = 1;
	for (; i < len; i++) {
		if (s[i] >= '0' && s[i] <= '9')
			digits++;
		else if (s[i] == '.' && points == 0 && digits)
			points++;
		else
			return false;
	}
	return digits > 0;
}

/* "+1 (555) 010-0199", and nothing else in it. */
static bool
is_dialled(const char *s, size_t len)
{
	size_t i, digits = 0;

	if (len == 0 || s[0] != '+')
		return false;
	for (i = 1; i < len; i++) {
		if (s[i] >= '0' && s[i] <= '9')
			digits++;
		else if (!memchr(" -()", s[i], 4))
			return false;
	}
	return digits >= DIGITS_MIN && digits <= DIGITS_MAX;
}

static bool
is_formula(const char *s, size_t len)
{
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b",
		"\xef\xbc\x8d", "\xef\xbc\xa0" }; /* full-width = + - @ */
	static const bool begins[256] = { ['='] = true, ['+'] = true, ['-'] = true,
		['@'] = true, ['\t'] = true, ['\r'] = true, ['\n'] = true, [0xef] = true };
	size_t i;

	if (len == 0 || !begins[(unsigned char)*s])
		return false;
	if (*s != wide[0][0])
		return !is_plain_number(s, len);
	for (i = 0; len >= 3 && i < sizeof wide / sizeof *wide; i++)
		if (memcmp(s, wide[i], 3) == 0)
			return true;
	return false;
}

/* One pass: cells are short, and most of an export is spent here. */
static bool
needs_quotes(const char *s, size_t len)
{
	static const bool special[256] = { [','] = true, ['"'] = true, ['\n'] = true,
		['\r'] = true };
	bool found = s[0] == ' ' || s[len - 1] == ' ';
	size_t i;

	for (i = 0; i < len; i++)
		found |= special[(unsigned char)s[i]];
	return found;
}

static enum rc
put_quoted(struct sink *s, bool guard, const char *text, size_t len)
{
	const char *q;
	size_t n;
	enum rc rc;

	rc = sink_puts(s, guard ? "\"'" : "\"");
	while (rc == RC_OK && (q = memchr(text, '"', len)) != NULL) {
		n = (size_t)(q - text) + 1;
		rc = sink_put(s, text, n);
		if (rc == RC_OK)
			rc = sink_put(s, "\"", 1);
		text += n;
		len -= n;
	}
	if (rc == RC_OK)
		rc = sink_put(s, text, len);
	return rc == RC_OK ? sink_put(s, "\"", 1) : rc;
}

static enum rc
put_cell(struct sink *s, const char *text, size_t len, bool guard)
{
	enum rc rc = RC_OK;

	if (len == 0)
		return s->n == 1 ? sink_puts(s, "\"\"") : RC_OK;
	if (guard)
		s->guarded++;
	if (needs_quotes(text, len))
		return put_quoted(s, guard, text, len);
	if (guard)
		rc = sink_put(s, "'", 1);
	return rc == RC_OK ? sink_put(s, text, len) : rc;
}

/* put_cell, for a screen. */
static enum rc
put_shown(struct sink *s, const char *text, size_t len, bool guard)
{
	size_t cap = 4 * len + 1; /* a byte becomes \x1b at most */
	char *shown;
	enum rc rc;

	if (text_is_harmless(text, len))
		return put_cell(s, text, len, guard);
	shown = malloc(cap);
	if (!shown)
		return RC_NOMEM;
	rc = put_cell(s, shown, text_visible(text, len, shown, cap), guard);
	secret_wipe(shown, cap);
	free(shown);
	return rc;
}

typedef enum rc put_fn(struct sink *s, const char *text, size_t len, bool guard);

static put_fn *
put_to(const struct sink *s)
{
	return s->opts.terminal ? put_shown : put_cell;
}

static enum rc
csv_begin(struct sink *s)
{
	put_fn *put = put_to(s);
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < s->n; i++) {
		rc = i ? sink_put(s, ",", 1) : RC_OK;
		if (rc == RC_OK)
			rc = put(s, s->names[i], strlen(s->names[i]), false);
	}
	return rc == RC_OK ? sink_puts(s, "\r\n") : rc;
}

static enum rc
csv_row(struct sink *s, const struct sink_value *values)
{
	put_fn *put = put_to(s);
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < s->n; i++) {
		const struct sink_value *v = &values[i];
		const char *text = v->text ? v->text : "";
		size_t len = v->text ? v->len : 0;
		bool tame = s->opts.raw || (v->phone && is_dialled(text, len));

		rc = i ? sink_put(s, ",", 1) : RC_OK;
		if (rc == RC_OK)
			rc = put(s, text, len, !tame && is_formula(text, len));
	}
	return rc == RC_OK ? sink_puts(s, "\r\n") : rc;
}

static enum rc
csv_end(struct sink *s)
{
	(void)s;
	return RC_OK;
}

const struct sink_ops sink_csv_ops = { csv_begin, csv_row, csv_end, NULL };
