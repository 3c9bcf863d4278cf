/* The answers of every floor: texts, exit statuses, sentences. */

#include "keyring/rc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	const char *text;
	int status;
} answers[] = {
#define X(name, status, text) { #name, text, status },
	RC_LIST(X)
#undef X
};

#define ANSWERS (sizeof answers / sizeof *answers)

_Static_assert(ANSWERS <= 20, "architecture.md: at most 20 codes");

static size_t
known(enum rc rc)
{
	return (size_t)rc < ANSWERS ? (size_t)rc : (size_t)RC_INTERNAL;
}

const char *
rc_text(enum rc rc)
{
	return answers[known(rc)].text;
}

const char *
rc_name(enum rc rc)
{
	return answers[known(rc)].name;
}

int
rc_exit(enum rc rc)
{
	return answers[known(rc)].status;
}

enum rc
rc_of_errno(int code)
{
	switch (code) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG: /* the limit of a file's size */
		return RC_FULL;
	case EROFS:
	case EACCES:
	case EPERM:
		return RC_READONLY;
	case ENOENT:
	case ENOTDIR:
		return RC_NOTFOUND;
	case EEXIST:
		return RC_EXISTS;
	case ENOMEM:
		return RC_NOMEM;
	default:
		return RC_IO;
	}
}

/* Where a text that was cut at ERR_LEN ends so that no character is halved. */
static size_t
whole_characters(const char *s, size_t len)
{
	size_t start = len;

	while (start > 0 && ((unsigned char)s[start - 1] & 0xc0) == 0x80)
		start--;
	return start > 0 ? start - 1 : 0;
}

enum rc
err_set(struct err *err, enum rc rc, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (!err)
		return rc;
	va_start(ap, fmt);
	n = vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	if (n < 0)
		err->text[0] = '\0';
	else if ((size_t)n >= sizeof err->text)
		err->text[whole_characters(err->text, sizeof err->text - 1)] = '\0';
	return rc;
}

enum rc
err_default(struct err *err, enum rc rc)
{
	if (err && rc != RC_OK && err->text[0] == '\0')
		return err_set(err, rc, "%s", rc_text(rc));
	return rc;
}
