#ifndef UI_TUI_WRAP_H
#define UI_TUI_WRAP_H

/* Sentences that may be longer than a line. */

#include "ui/tui/term.h"

/**
 * wrap_put(p, row, col, width, rows, style, text):
 * Write ${text} at most ${rows} lines deep, broken at blanks where it can be; ${p} NULL:
 * measure only. Returns the lines used.
 */
int wrap_put(struct pane *p, int row, int col, int width, int rows, enum style style,
    const char *text);

#endif
