/* A crash must not leave a terminal without echo. */

#include "ui/tui/rescue.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct {
	struct termios saved;
	char bytes[256];
	size_t len;
} rescue;

void
rescue_write(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

static void
on_crash(int sig)
{
	rescue_write(rescue.bytes, rescue.len);
	tcsetattr(STDIN_FILENO, TCSANOW, &rescue.saved);
	raise(sig);
}

static void
catch_crashes(void)
{
#ifndef __SANITIZE_ADDRESS__
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	struct sigaction sa = { .sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND };
	size_t i;

	for (i = 0; i < sizeof fatal / sizeof *fatal; i++)
		sigaction(fatal[i], &sa, NULL);
#else
	(void)on_crash; /* the sanitizer reports them itself */
#endif
}

void
rescue_begin(const struct termios *saved)
{
	rescue.len = 0;
	rescue.saved = *saved;
	catch_crashes();
}

void
rescue_add(const char *bytes)
{
	size_t len = strlen(bytes);

	if (len > sizeof rescue.bytes - rescue.len)
		return;
	memcpy(rescue.bytes + rescue.len, bytes, len);
	rescue.len += len;
}
