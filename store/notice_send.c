/* The way to the system's log, apart from what is said: the tests listen here. */
#include "store/notice.h"

#include <syslog.h>

void
notice_send(bool warn, const char *text)
{
	syslog(LOG_AUTHPRIV | (warn ? LOG_WARNING : LOG_NOTICE), "%s", text);
}
