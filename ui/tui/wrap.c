/* Sentences broken at blanks, by what they take on the screen. */
#include "ui/tui/wrap.h"

#include <string.h>

#include "store/text.h"

/* Bytes of ${s} that fit on one line. */
static size_t
line_of(const char *s, int width)
{
	size_t len = strlen(s), n = 0, blank = 0, next;

	while (
	    (next = text_next(s + n, len - n)) > 0 && text_width(s, n + next) <= width) {
		n += next;
		if (s[n] == ' ')
			blank = n;
	}
	if (n < len && blank > 0)
		return blank;
	return n > 0 ? n : next;
}

int
wrap_put(struct pane *p, int row, int col, int width, int rows, enum style style,
    const char *text)
{
	int used = 0;

	while (*text && used < rows) {
		size_t n = line_of(text, width);

		if (used + 1 == rows) /* pane_put says by its sign that there is more */
			n = strlen(text);
		if (p)
			pane_putn(p, row + used, col, width, style, text, n);
		used++;
		for (text += n; *text == ' ';)
			text++;
	}
	return used;
}
