#ifndef UI_TUI_UNLOCK_DRAW_H
#define UI_TUI_UNLOCK_DRAW_H

/* What stands above the unlock screen's form. */

#include "store/vault.h"
#include "ui/tui/term.h"

#define UNLOCK_COL 13 /* where values begin, behind their labels */

/**
 * unlock_draw_facts(p, path, peek, row, end):
 * The vault and what is known of it (${peek} NULL: nothing yet), from ${row} on in the lines
 * before ${end}: on a small screen some of it. Returns the line after.
 */
int unlock_draw_facts(struct pane *p, const char *path, const struct vault_peek *peek,
    int row, int end);

#endif
