#ifndef UI_MOMENT_H
#define UI_MOMENT_H

/* Days and moments as people type them. */

#include <stdbool.h>
#include <stdint.h>

/**
 * moment_parse(text, end, out):
 * 2026-01-31, 2026-01-31T12:00[:00][Z], with a blank for the T: UTC microseconds; local time
 * unless it ends in Z. ${end}: a day means the end of it. False: it is none of these.
 */
bool moment_parse(const char *text, bool end, int64_t *out);

#endif
