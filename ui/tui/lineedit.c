/*
 * A line editor; readline and ncurses keep what is typed in ordinary memory.
 *
 * 1. The text lives in secret memory only: a passphrase and a revealed value are edited
 *    by the same code as a search.
 * 2. The cursor stands between grapheme clusters, whatever was typed.
 * 3. It always holds whole UTF-8 characters and never a NUL.
 */
#include "ui/tui/lineedit.h"

#include <stdlib.h>
#include <string.h>

#include "store/text.h"

#define FIRST_CAP   128
#define HIDDEN_DOTS 12

struct lineedit {
	struct secret *text;
	size_t at;     /* of the cursor, bytes */
	size_t scroll; /* first byte shown */
	bool changed;
};

enum rc
lineedit_new(struct lineedit **out)
{
	struct lineedit *e = calloc(1, sizeof *e);

	*out = NULL;
	if (!e)
		return RC_NOMEM;
	if (secret_new(FIRST_CAP, &e->text) != RC_OK) {
		free(e);
		return RC_NOMEM;
	}
	*out = e;
	return RC_OK;
}

void
lineedit_free(struct lineedit *e)
{
	if (!e)
		return;
	secret_free(e->text);
	free(e);
}

static enum rc
reserve(struct lineedit *e, size_t need)
{
	struct secret *bigger;
	size_t cap = secret_cap(e->text);
	enum rc rc;

	if (need <= cap)
		return RC_OK;
	if (need > LINEEDIT_MAX)
		return RC_LIMIT;
	while (cap < need)
		cap *= 2;
	rc = secret_new(cap, &bigger);
	if (rc != RC_OK)
		return rc;
	rc = secret_append(bigger, secret_view(e->text), secret_len(e->text));
	secret_free(e->text);
	e->text = bigger;
	return rc;
}

enum rc
lineedit_set(struct lineedit *e, const char *text, size_t len)
{
	enum rc rc = reserve(e, len);

	if (rc != RC_OK)
		return rc;
	secret_set_len(e->text, 0);
	rc = secret_append(e->text, text, len);
	e->at = secret_len(e->text);
	e->scroll = 0;
	e->changed = true;
	return rc;
}

const char *
lineedit_text(const struct lineedit *e)
{
	return (const char *)secret_view(e->text);
}

size_t
lineedit_len(const struct lineedit *e)
{
	return secret_len(e->text);
}

const struct secret *
lineedit_secret(const struct lineedit *e)
{
	return e->text;
}

bool
lineedit_changed(struct lineedit *e)
{
	bool changed = e->changed;

	e->changed = false;
	return changed;
}

static void
cut(struct lineedit *e, size_t from, size_t to)
{
	size_t len = lineedit_len(e);
	uint8_t *s = secret_bytes(e->text);

	if (from >= to)
		return;
	memmove(s + from, s + to, len - to);
	secret_set_len(e->text, len - (to - from));
	e->at = from;
	e->changed = true;
}

static size_t
utf8_put(int c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 63));
	out[2] = (char)(0x80 | (c >> 6 & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

void
lineedit_put(struct lineedit *e, int c)
{
	char bytes[4];
	size_t n = utf8_put(c, bytes), len = lineedit_len(e);
	uint8_t *s;

	if (reserve(e, len + n) != RC_OK)
		return;
	secret_set_len(e->text, len + n);
	s = secret_bytes(e->text);
	memmove(s + e->at + n, s + e->at, len - e->at);
	memcpy(s + e->at, bytes, n);
	secret_wipe(bytes, sizeof bytes);
	e->at += n;
	e->changed = true;
}

static size_t
word_start(const struct lineedit *e)
{
	const char *s = lineedit_text(e);
	size_t at = e->at;

	while (at > 0 && s[at - 1] == ' ')
		at--;
	while (at > 0 && s[at - 1] != ' ')
		at--;
	return at;
}

static size_t
after(const struct lineedit *e)
{
	return e->at + text_next(lineedit_text(e) + e->at, lineedit_len(e) - e->at);
}

static size_t
before(const struct lineedit *e)
{
	return e->at ? text_prev(lineedit_text(e), e->at) : 0;
}

bool
lineedit_key(struct lineedit *e, int key)
{
	switch (key) {
	case K_LEFT:
	case K_CTRL('b'):
		e->at = before(e);
		return true;
	case K_RIGHT:
	case K_CTRL('f'):
		e->at = after(e);
		return true;
	case K_HOME:
	case K_CTRL('a'):
		e->at = 0;
		return true;
	case K_END:
	case K_CTRL('e'):
		e->at = lineedit_len(e);
		return true;
	case K_BACKSPACE:
		cut(e, before(e), e->at);
		return true;
	case K_DELETE:
	case K_CTRL('d'):
		cut(e, e->at, after(e));
		return true;
	case K_CTRL('k'):
		cut(e, e->at, lineedit_len(e));
		return true;
	case K_CTRL('u'):
		cut(e, 0, e->at);
		return true;
	case K_CTRL('w'):
		cut(e, word_start(e), e->at);
		return true;
	default:
		if (key < 32 || key == 127 || key >= 0x110000 ||
		    (key >= 0xd800 && key < 0xe000))
			return false;
		lineedit_put(e, key);
		return true;
	}
}

static int
width_between(const struct lineedit *e, size_t from, size_t to)
{
	return text_width(lineedit_text(e) + from, to - from);
}

void
lineedit_draw(
    struct lineedit *e, struct pane *p, int row, int col, int width, bool active)
{
	const char *s = lineedit_text(e);
	size_t len = lineedit_len(e), n;
	int before;

	if (width < 2)
		return;
	if (e->scroll > e->at)
		e->scroll = e->at;
	before = width_between(e, e->scroll, e->at);
	for (; before > width - 1; e->scroll += n) {
		n = text_next(s + e->scroll, e->at - e->scroll);
		before -= text_width(s + e->scroll, n);
	}
	pane_putn(p, row, col, width, STYLE_INPUT, s + e->scroll, len - e->scroll);
	if (active)
		pane_cursor(p, row, col + before);
}

void
lineedit_draw_hidden(
    struct lineedit *e, struct pane *p, int row, int col, int width, bool active)
{
	char dots[HIDDEN_DOTS + 1];

	memset(dots, '*', HIDDEN_DOTS);
	dots[HIDDEN_DOTS] = '\0';
	if (lineedit_len(e) == 0)
		dots[0] = '\0';
	pane_put(p, row, col, width, STYLE_INPUT, dots);
	if (active)
		pane_cursor(p, row, col + (lineedit_len(e) ? HIDDEN_DOTS : 0));
}
