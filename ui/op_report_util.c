/* Texts put together, times as they are given. */
#include "ui/op_report.h"

#include <string.h>
#include <time.h>

enum rc
op_moment(struct op_call *c, const char *name, bool end, int64_t *out)
{
	static const char *const forms[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M",
	    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"};
	const char *text = op_text(c, name), *rest = NULL;
	struct tm tm;
	time_t at;
	size_t i;

	*out = 0;
	if (text == NULL)
		return RC_OK;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		memset(&tm, 0, sizeof(tm));
		tm.tm_isdst = -1;
		rest = strptime(text, forms[i], &tm);
		if (rest != NULL && (rest[0] == '\0' || strcmp(rest, "Z") == 0))
			break;
		rest = NULL;
	}
	if (rest == NULL)
		return err_set(&c->err, RC_INPUT,
		    "--%s takes a date, 2026-01-31, or a time, 2026-01-31T12:00", name);
	if (end && i == sizeof(forms) / sizeof(forms[0]) - 1)
		tm.tm_mday++;
	at = rest[0] == 'Z' ? timegm(&tm) : mktime(&tm);
	*out = (int64_t)at * 1000000;
	return RC_OK;
}

enum rc
op_emit_text(struct op_call *c, const char *text)
{
	if (text == NULL)
		return RC_NOMEM;
	if (c->face->ops->text != NULL)
		c->face->ops->text(c->face, text);
	else
		c->face->ops->say(c->face, false, text);
	return RC_OK;
}
