#ifndef UI_TUI_KEYMAP_H
#define UI_TUI_KEYMAP_H

/* Keys to actions. Each view has a table; the help overlay and the bottom bar print it.
 */

#include <stddef.h>

enum act {
	ACT_NONE,
	ACT_UP,
	ACT_DOWN,
	ACT_LEFT,
	ACT_RIGHT,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_FIRST,
	ACT_LAST,
	ACT_OPEN,
	ACT_BACK,
	ACT_NEXT,
	ACT_PREVIOUS,
	ACT_TOGGLE,
	ACT_SAVE,
	ACT_SEARCH,
	ACT_SORT,
	ACT_FILTER,
	ACT_COLUMNS,
	ACT_ADD,
	ACT_EDIT,
	ACT_TRASH,
	ACT_RESTORE,
	ACT_ERASE,
	ACT_PURGE,
	ACT_KEEP,
	ACT_TRASH_LIST,
	ACT_DUE,
	ACT_ALIKE,
	ACT_COMPARE,
	ACT_TAG,
	ACT_TAG_ALL,
	ACT_MANY,
	ACT_UNDO,
	ACT_REDO,
	ACT_HISTORY,
	ACT_REVEAL,
	ACT_REVEAL_ALL,
	ACT_COPY,
	ACT_EXPORT,
	ACT_IMPORT,
	ACT_TRY,
	ACT_TYPE,
	ACT_CLASS,
	ACT_RULE,
	ACT_ENCODING,
	ACT_MAPPING,
	ACT_REJECTS,
	ACT_AUDIT,
	ACT_REPORT,
	ACT_STATS,
	ACT_DOCTOR,
	ACT_VERIFY,
	ACT_PASSWD,
	ACT_KEYS,
	ACT_TEST,
	ACT_ROTATE,
	ACT_PAUSE,
	ACT_KEY_BACKUP,
	ACT_MASTER,
	ACT_COMMAND,
	/* everywhere */
	ACT_HELP,
	ACT_CANCEL,
	ACT_REDRAW,
	ACT_LOCK,
	ACT_SUSPEND,
	ACT_QUIT
};

struct binding {
	int key;
	enum act act;
	const char *bar;  /* for a function key in the bottom bar; or NULL */
	const char *help; /* NULL: one more key of the row before */
};

/* The keys that move in each view with rows; the help's words for them. */
#define MOVE_KEYS(down, up, first, last)                                                 \
	{'j', ACT_DOWN, NULL, down}, {K_DOWN, ACT_DOWN, NULL, NULL},                     \
	    {'k', ACT_UP, NULL, up}, {K_UP, ACT_UP, NULL, NULL},                         \
	    {K_CTRL('d'), ACT_PAGE_DOWN, NULL, "page down"},                             \
	    {K_PAGE_DOWN, ACT_PAGE_DOWN, NULL, NULL},                                    \
	    {K_CTRL('u'), ACT_PAGE_UP, NULL, "page up"},                                 \
	    {K_PAGE_UP, ACT_PAGE_UP, NULL, NULL}, {K_GG, ACT_FIRST, NULL, first},        \
	    {K_HOME, ACT_FIRST, NULL, NULL}, {'G', ACT_LAST, NULL, last},                \
	    {K_END, ACT_LAST, NULL, NULL}

extern const struct binding keymap_global[]; /* ends with key 0 */

/**
 * keymap_find(table, key): the action of ${key}, ACT_NONE when it has none.
 * keymap_bar(table, n): the row of function key ${n} with a label; or NULL.
 * keymap_key_name(key, out, cap): "^D", "PgUp", "F5", "gg".
 */
enum act keymap_find(const struct binding *table, int key);
const struct binding *keymap_bar(const struct binding *table, int n);
void keymap_key_name(int key, char *out, size_t cap);

#endif
