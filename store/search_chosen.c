/*
 * A search among records that were chosen one by one.
 *
 * 1. The ids go to SQLite as one bound text, however many they are.
 * 2. What was chosen is found in the trash too: the user has seen it there.
 */
#include "store/search_sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ID_LEN 21 /* digits, sign and comma */

enum rc
search_choose(struct search_sql *s, const int64_t *ids, size_t n)
{
	char *to;
	size_t i;

	if (n > SIZE_MAX / ID_LEN - 1)
		return RC_LIMIT;
	s->chosen = to = malloc(n * ID_LEN + 3);
	if (!to)
		return RC_NOMEM;
	to += sprintf(to, "[");
	for (i = 0; i < n; i++)
		to += sprintf(to, "%s%" PRId64, i ? "," : "", ids[i]);
	sprintf(to, "]");
	s->only_match = false;
	s->binds[0] = (struct search_bind){ .kind = BIND_TEXT, .text = s->chosen };
	s->bind_n = 1;
	snprintf(s->where, sizeof s->where,
	    " AND r.id IN (SELECT value FROM json_each(?%d))", SEARCH_BIND_FIRST);
	return RC_OK;
}
