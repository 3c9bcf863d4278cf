#ifndef UI_TUI_TERM_H
#define UI_TUI_TERM_H

/*
 * The terminal: panes, styles, keys. The only door to curses; no other file includes it.
 * All text goes through pane_put, which makes it harmless first.
 */

#include <stdbool.h>
#include <stddef.h>

#include "keyring/rc.h"

#define TERM_COLS_MIN 40
#define TERM_ROWS_MIN 10

enum style {
	STYLE_TEXT,
	STYLE_DIM,
	STYLE_STRONG,
	STYLE_SELECTED,
	STYLE_BAR,   /* header and status line */
	STYLE_KEY,   /* a key's name in the bottom bar */
	STYLE_LABEL, /* what the key does */
	STYLE_GOOD,
	STYLE_WARN,
	STYLE_BAD,
	STYLE_MASKED,
	STYLE_REVEALED,
	STYLE_INPUT,
	STYLE_COUNT
};

/* Keys: a code point (control characters included), or one of these. */
enum term_key {
	K_NONE = 0,
	K_ENTER = 13,
	K_ESC = 27,
	K_UP = 0x110000,
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_PAGE_UP,
	K_PAGE_DOWN,
	K_HOME,
	K_END,
	K_DELETE,
	K_BACKSPACE,
	K_BACKTAB,
	K_CLICK,
	K_WHEEL_UP,
	K_WHEEL_DOWN,
	K_PASTE_BEGIN,
	K_PASTE_END,
	K_FOCUS_OUT,
	K_FOCUS_IN,
	K_GG, /* g twice */
	K_FOREIGN, /* a byte that is no character in this locale */
	K_OTHER,
	K_F0 = 0x110100 /* K_F0 + n is function key n */
};
#define K_CTRL(c) ((c)&31)

struct term_event {
	int key;
	int row, col; /* of a click or wheel, on the screen */
};

/**
 * term_open(plain, mono, err):
 * Take the terminal. RC_OK; RC_INPUT (no terminal, TERM unset, unknown or dumb).
 * term_close(): overwrite every cell, leave the alternate screen, give the modes back.
 * Harmless when it is not open.
 */
enum rc term_open(bool plain, bool mono, struct err *err);
void term_close(void);

/**
 * term_colours(type): how many colours a terminal of this type has; -1: it is not known
 * here. Not while a terminal is taken.
 * term_version(): the version of curses, a static string.
 */
int term_colours(const char *type);
const char *term_version(void);

/**
 * term_wipe(): overwrite every cell of the screen and of curses' memory of it, at once.
 * Only erasing would let terminals push the old picture into their scrollback.
 * term_suspend(), term_resume(): wipe and give the terminal back for a while; take it
 * again.
 */
void term_wipe(void);
void term_suspend(void);
void term_resume(void);

void term_size(int *rows, int *cols);
void term_resize(void);		      /* the window has another size now */
void term_redraw(void);		      /* write everything again at the next flush */
bool term_read(struct term_event *e); /* false: no more keys now */
void term_forget_keys(void);	      /* overwrite what is kept of the keys typed */
bool term_plain(void);

struct pane; /* a rectangle of the screen, one above the other */

/**
 * pane_new(out), pane_free(p): a new pane is above the others; RC_NOMEM.
 * pane_place(p, rows, cols, y, x): where it stands; its contents go. RC_NOMEM.
 */
enum rc pane_new(struct pane **out);
void pane_free(struct pane *p);
enum rc pane_place(struct pane *p, int rows, int cols, int y, int x);
int pane_rows(const struct pane *p);
int pane_cols(const struct pane *p);
int pane_y(const struct pane *p);
int pane_x(const struct pane *p);
void pane_erase(struct pane *p);
void pane_frame(struct pane *p, const char *title); /* plain: the title alone */

/**
 * pane_put(p, row, col, width, style, text):
 * Write ${text} made visible, cut to ${width} columns and padded to it; width 0: as long
 * as it is, up to the edge. What lies outside is left out. Returns the columns written.
 * pane_putn: the same with a length.
 * pane_cursor(p, row, col): where the terminal's cursor stands after the next flush.
 * term_flush(alone): bring all panes to the screen, in one piece; or ${alone} and no other,
 * whose places may be outside of a screen that has shrunk: curses does not bear that.
 */
void term_flush(const struct pane *alone);
int pane_put(
    struct pane *p, int row, int col, int width, enum style style, const char *text);
int pane_putn(struct pane *p, int row, int col, int width, enum style style,
    const char *text, size_t len);
int pane_putf(struct pane *p, int row, int col, int width, enum style style,
    const char *fmt, ...) __attribute__((format(printf, 6, 7)));
void pane_cursor(struct pane *p, int row, int col);

#endif
