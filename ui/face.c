/* Messages of an operation, formatted for whichever face runs it. */

#include "ui/face.h"

#include <stdio.h>

#define FACE_SAY_MAX 1024 /* bytes; a message never holds a field's value */

static void
say(struct face *f, bool warn, const char *fmt, va_list ap)
{
	char text[FACE_SAY_MAX];

	vsnprintf(text, sizeof(text), fmt, ap);
	f->ops->say(f, warn, text);
}

void
face_say(struct face *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(f, false, fmt, ap);
	va_end(ap);
}

void
face_warn(struct face *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(f, true, fmt, ap);
	va_end(ap);
}
