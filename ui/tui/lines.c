/* Lines of text that a view scrolls through. */
#include "ui/tui/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/text.h"
#include "ui/tui/cursor.h"

static bool
grow(struct lines *l)
{
	struct line *more;

	if (l->n < l->cap)
		return true;
	more = realloc(l->at, (l->cap * 2 + 32) * sizeof *more);
	if (!more)
		return false;
	l->at = more;
	l->cap = l->cap * 2 + 32;
	return true;
}

void
lines_add(struct lines *l, enum style style, int tag, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		return;
	if (!grow(l)) {
		secret_wipe(text, (size_t)len);
		free(text);
		return;
	}
	l->at[l->n++] = (struct line){.style = style, .tag = tag, .text = text};
}

void
lines_clear(struct lines *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (l->at[i].text)
			secret_wipe(l->at[i].text, strlen(l->at[i].text));
		free(l->at[i].text);
	}
	free(l->at);
	l->at = NULL;
	l->n = l->cap = 0;
}

size_t
lines_fit(const char *s, size_t len, int width)
{
	size_t at = 0, n;
	int used = 0;

	while (at < len && s[at] != '\n' && (n = text_next(s + at, len - at)) > 0) {
		used += text_width(s + at, n);
		if (used > width && at > 0)
			break;
		at += n;
	}
	return at;
}

void
lines_add_text(struct lines *l, enum style style, const char *text, size_t len, int width)
{
	size_t n;

	do {
		n = lines_fit(text, len, width);
		if (!grow(l))
			return;
		l->at[l->n++] = (struct line){
		    .style = style, .tag = LINE_NONE, .part = text, .len = n};
		n += n < len && text[n] == '\n';
		text += n;
		len -= n;
	} while (len > 0 && n > 0);
}

void
lines_draw(struct lines *l, struct pane *p, int row)
{
	const size_t height = pane_rows(p) > row ? (size_t)(pane_rows(p) - row) : 1;
	size_t i;

	if (l->cursor >= l->n)
		l->cursor = l->n ? l->n - 1 : 0;
	if (l->cursor < l->top)
		l->top = l->cursor;
	if (l->cursor >= l->top + height)
		l->top = l->cursor - height + 1;
	for (i = 0; i < height && l->top + i < l->n; i++) {
		const struct line *at = &l->at[l->top + i];
		const bool here = l->top + i == l->cursor;

		pane_put(p, row + (int)i, 0, 2, here ? STYLE_SELECTED : at->style,
		    here ? "> " : "");
		pane_putn(p, row + (int)i, 2, pane_cols(p) - 2,
		    here && at->tag != LINE_NONE ? STYLE_SELECTED : at->style,
		    at->text ? at->text : at->part,
		    at->text ? strlen(at->text) : at->len);
		if (here && term_plain())
			pane_cursor(p, row + (int)i, 0);
	}
}

bool
lines_key(struct lines *l, enum act act, const struct term_event *e, size_t height)
{
	return cursor_key(act, e, l->n, height, &l->cursor);
}

int
lines_tag(const struct lines *l)
{
	return l->cursor < l->n ? l->at[l->cursor].tag : LINE_NONE;
}
