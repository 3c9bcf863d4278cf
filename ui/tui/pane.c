/* What is put on a pane by way of pane_putn. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "keyring/secret.h"
#include "ui/tui/term.h"

int
pane_put(struct pane *p, int row, int col, int width, enum style style, const char *text)
{
	return pane_putn(p, row, col, width, style, text, strlen(text));
}

int
pane_putf(
    struct pane *p, int row, int col, int width, enum style style, const char *fmt, ...)
{
	char buf[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof buf, fmt, ap);
	va_end(ap);
	width = pane_put(p, row, col, width, style, buf);
	secret_wipe(buf, sizeof buf);
	return width;
}
