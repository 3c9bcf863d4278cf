/*
 * Days and moments as people type them.
 *
 * 1. A day that no calendar has is none: the C library would take the 30th of February for
 *    the 2nd of March.
 */
#include "ui/moment.h"

#include <string.h>
#include <time.h>

#define FORMS (sizeof(forms) / sizeof(forms[0]))

static const char *const forms[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"};

static int64_t
micros(struct tm tm, bool utc)
{
	return (int64_t)(utc ? timegm(&tm) : mktime(&tm)) * 1000000;
}

static bool
in_calendar(struct tm tm)
{
	const int day = tm.tm_mday;

	timegm(&tm);
	return tm.tm_mday == day;
}

bool
moment_parse(const char *text, bool end, int64_t *out)
{
	const char *rest = NULL;
	struct tm tm;
	size_t i;

	*out = 0;
	for (i = 0; i < FORMS; i++) {
		memset(&tm, 0, sizeof(tm));
		tm.tm_isdst = -1;
		rest = strptime(text, forms[i], &tm);
		if (rest != NULL && (rest[0] == '\0' || strcmp(rest, "Z") == 0))
			break;
		rest = NULL;
	}
	if (rest == NULL || !in_calendar(tm))
		return false;
	if (end && i == FORMS - 1)
		tm.tm_mday++;
	*out = micros(tm, rest[0] == 'Z');
	return true;
}
