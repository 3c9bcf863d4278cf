/* Days and moments as people type them. */
#include "ui/moment.h"

#include <string.h>
#include <time.h>

#define FORMS (sizeof(forms) / sizeof(forms[0]))

static const char *const forms[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"};

bool
moment_parse(const char *text, bool end, int64_t *out)
{
	const char *rest = NULL;
	struct tm tm;
	time_t at;
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
	if (rest == NULL)
		return false;
	if (end && i == FORMS - 1)
		tm.tm_mday++;
	at = rest[0] == 'Z' ? timegm(&tm) : mktime(&tm);
	*out = (int64_t)at * 1000000;
	return true;
}
