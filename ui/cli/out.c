/*
 * The standard output. It may carry revealed values, therefore not by stdio, whose buffer
 * nobody wipes.
 */

#include "ui/cli/out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keyring/secret.h"

#define OUT_LEN (64 * 1024)

static struct {
	char bytes[OUT_LEN];
	size_t len;
	int failed; /* errno */
} out;

int
out_errno(void)
{
	return out.failed;
}

static enum rc
answer(void)
{
	return out.failed == 0 ? RC_OK : rc_of_errno(out.failed);
}

enum rc
out_flush(void)
{
	size_t done = 0;
	ssize_t n;

	while (out.failed == 0 && done < out.len) {
		n = write(STDOUT_FILENO, out.bytes + done, out.len - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			out.failed = errno;
	}
	secret_wipe(out.bytes, out.len);
	out.len = 0;
	return answer();
}

enum rc
out_write(void *arg, const void *bytes, size_t len)
{
	const char *from = bytes;
	size_t n;

	(void)arg;
	while (out.failed == 0 && len > 0) {
		if (out.len == OUT_LEN && out_flush() != RC_OK)
			break;
		n = OUT_LEN - out.len < len ? OUT_LEN - out.len : len;
		memcpy(out.bytes + out.len, from, n);
		out.len += n;
		from += n;
		len -= n;
	}
	return answer();
}

enum rc
out_text(const char *text)
{
	return out_write(NULL, text, strlen(text));
}

enum rc
out_fmt(const char *fmt, ...)
{
	char *text;
	va_list ap;
	int len;
	enum rc rc;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		return RC_NOMEM;
	rc = out_write(NULL, text, (size_t)len);
	secret_wipe(text, (size_t)len);
	free(text);
	return rc;
}
