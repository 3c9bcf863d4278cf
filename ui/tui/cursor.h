#ifndef UI_TUI_CURSOR_H
#define UI_TUI_CURSOR_H

/* The keys that move through rows, for all views that keep their rows in memory. */

#include <stdbool.h>
#include <stddef.h>

#include "ui/tui/keymap.h"
#include "ui/tui/term.h"

/**
 * cursor_key(act, e, n, height, cursor):
 * Move ${cursor} among ${n} rows, of which ${height} are on the screen: by a row, by a page, to
 * an end, by three rows with the wheel. It stays below ${n}; 0 where there is no row. False: it
 * is no key that moves, and nothing changed.
 */
bool cursor_key(
    enum act act, const struct term_event *e, size_t n, size_t height, size_t *cursor);

#endif
