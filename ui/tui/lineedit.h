#ifndef UI_TUI_LINEEDIT_H
#define UI_TUI_LINEEDIT_H

/* One line of text being edited, by grapheme, in secret memory. */

#include "keyring/secret.h"
#include "ui/tui/term.h"

#define LINEEDIT_MAX (1024 * 1024) /* bytes: as many as a record's value may have */

struct lineedit;

/**
 * lineedit_new(out): an empty one; RC_NOMEM. lineedit_free(e): wipes; NULL is harmless.
 * lineedit_set(e, text, len): put ${text} there, cursor at its end. RC_LIMIT (too long),
 * RC_NOMEM: unchanged.
 * lineedit_text, lineedit_len: what is there, NUL-terminated; until the next change.
 * lineedit_secret(e): the same as a secret; stays the editor's.
 */
enum rc lineedit_new(struct lineedit **out);
void lineedit_free(struct lineedit *e);
enum rc lineedit_set(struct lineedit *e, const char *text, size_t len);
const char *lineedit_text(const struct lineedit *e);
size_t lineedit_len(const struct lineedit *e);
const struct secret *lineedit_secret(const struct lineedit *e);

/**
 * lineedit_key(e, key): whether ${key} was one of editing: moves, deletes, ^A ^E ^K ^U ^W
 * and printable characters. lineedit_put(e, c): insert any character but NUL, a line
 * break for instance. lineedit_changed(e): whether the text has changed since the last
 * call.
 */
bool lineedit_key(struct lineedit *e, int key);
void lineedit_put(struct lineedit *e, int c);
bool lineedit_changed(struct lineedit *e);

/**
 * lineedit_draw(e, p, row, col, width, active): show it, scrolled so that the cursor is
 * seen; active: with the terminal's cursor.
 * lineedit_draw_hidden(...): dots that do not betray the length.
 */
void lineedit_draw(
    struct lineedit *e, struct pane *p, int row, int col, int width, bool active);
void lineedit_draw_hidden(
    struct lineedit *e, struct pane *p, int row, int col, int width, bool active);

#endif
