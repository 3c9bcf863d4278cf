/* The keys that move through rows. */
#include "ui/tui/cursor.h"

#include <stdint.h>

#define WHEEL 3

static void
move(size_t *cursor, size_t n, int64_t by)
{
	int64_t to = (int64_t)*cursor + by;

	if (to >= (int64_t)n)
		to = (int64_t)n - 1;
	*cursor = to < 0 ? 0 : (size_t)to;
}

bool
cursor_key(enum act act, const struct term_event *e, size_t n, size_t height, size_t *cursor)
{
	const int64_t page = (int64_t)height, all = (int64_t)n;

	if (act == ACT_UP || act == ACT_DOWN)
		move(cursor, n, act == ACT_UP ? -1 : 1);
	else if (act == ACT_PAGE_UP || act == ACT_PAGE_DOWN)
		move(cursor, n, act == ACT_PAGE_UP ? -page : page);
	else if (act == ACT_FIRST || act == ACT_LAST)
		move(cursor, n, act == ACT_FIRST ? -all : all);
	else if (e->key == K_WHEEL_UP || e->key == K_WHEEL_DOWN)
		move(cursor, n, e->key == K_WHEEL_UP ? -WHEEL : WHEEL);
	else
		return false;
	return true;
}
