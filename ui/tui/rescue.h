#ifndef UI_TUI_RESCUE_H
#define UI_TUI_RESCUE_H

/* Giving the terminal back when the program crashes: no curses, signal-safe calls only. */

#include <stddef.h>
#include <termios.h>

/**
 * rescue_begin(saved): from now on a crash writes what rescue_add was given and sets the
 * modes ${saved}, then dies of its signal. rescue_add(bytes): more to write, ends with NUL;
 * what does not fit is left out whole.
 * rescue_write(bytes, len): straight to the terminal.
 */
void rescue_begin(const struct termios *saved);
void rescue_add(const char *bytes);
void rescue_write(const char *bytes, size_t len);

#endif
