/*
 * Keys to actions, and the names of keys.
 *
 * 1. A view's table comes before the global one: a view may give a key its own sense.
 * 2. What the help shows is what is looked up: there is no second list.
 */
#include "ui/tui/keymap.h"

#include <stdio.h>

#include "ui/tui/term.h"

const struct binding keymap_global[] = {{K_F0 + 1, ACT_HELP, "Help", "this help"},
    {'?', ACT_HELP, NULL, NULL},
    {K_CTRL('g'), ACT_CANCEL, NULL, "cancel the running work"},
    {K_CTRL('c'), ACT_CANCEL, NULL, NULL},
    {K_CTRL('l'), ACT_REDRAW, NULL, "draw the screen again"},
    {K_F0 + 9, ACT_LOCK, "Lock", "lock now"}, {K_CTRL('x'), ACT_LOCK, NULL, NULL},
    {K_CTRL('z'), ACT_SUSPEND, NULL, "lock, wipe the screen and suspend"},
    {K_F0 + 10, ACT_QUIT, "Quit", "quit"}, {0, ACT_NONE, NULL, NULL}};

enum act
keymap_find(const struct binding *table, int key)
{
	for (; table && table->key; table++)
		if (table->key == key)
			return table->act;
	return ACT_NONE;
}

const struct binding *
keymap_bar(const struct binding *table, int n)
{
	for (; table && table->key; table++)
		if (table->key == K_F0 + n && table->bar)
			return table;
	return NULL;
}

void
keymap_key_name(int key, char *out, size_t cap)
{
	static const struct {
		int key;
		const char *name;
	} names[] = {{K_ENTER, "Enter"}, {K_ESC, "Esc"}, {K_UP, "Up"}, {K_DOWN, "Down"},
	    {K_LEFT, "Left"}, {K_RIGHT, "Right"}, {K_PAGE_UP, "PgUp"},
	    {K_PAGE_DOWN, "PgDn"}, {K_HOME, "Home"}, {K_END, "End"}, {K_DELETE, "Del"},
	    {K_BACKSPACE, "Backspace"}, {K_BACKTAB, "Shift-Tab"}, {'\t', "Tab"},
	    {' ', "Space"}, {K_GG, "gg"}, {K_WHEEL_UP, "wheel"}, {K_WHEEL_DOWN, "wheel"},
	    {K_CLICK, "click"}};
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		if (names[i].key == key) {
			snprintf(out, cap, "%s", names[i].name);
			return;
		}
	}
	if (key > K_F0)
		snprintf(out, cap, "F%d", key - K_F0);
	else if (key < 32)
		snprintf(out, cap, "^%c", key + '@');
	else
		snprintf(out, cap, "%c", key);
}
