/*
 * A secret text on the terminal, for a moment.
 *
 * 1. It is written to the terminal itself, never to the standard output, which may be a
 * file.
 * 2. On the other screen it is in no scrollback, and that screen is cleared before it is
 *    left, on every way out. A terminal without one is cleared, and the user is told that
 *    its memory of lines may still hold the text.
 * 3. It can't be stopped (^Z): the shell would go on beside the text.
 */

#include "ui/cli/sheet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "ui/cli/prompt.h"

#define CLEAR	     "\033[H\033[2J"
#define OTHER_SCREEN "\033[?1049h" CLEAR
#define BACK	     CLEAR "\033[?1049l"
#define FORGET	     CLEAR "\033[3J" /* with the scrollback, where that is known */

static bool
put(int fd, const void *bytes, size_t len)
{
	const char *p = bytes;
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return true;
}

static bool
put_text(int fd, const char *text)
{
	return put(fd, text, strlen(text));
}

/* By its name: the families that have the other screen all call themselves so. */
static bool
has_other_screen(void)
{
	static const char *const families[] = {"xterm", "screen", "tmux", "rxvt",
	    "alacritty", "foot", "st", "konsole", "gnome", "vte", "wezterm", "putty",
	    "ghostty"};
	const char *term = getenv("TERM");
	size_t i;

	for (i = 0; term != NULL && i < sizeof(families) / sizeof(families[0]); i++)
		if (strncmp(term, families[i], strlen(families[i])) == 0)
			return true;
	return false;
}

static enum rc
ask(int fd, const char *prompt, const char *clear, struct secret **typed, struct err *err)
{
	struct secret *seen;
	enum rc rc;

	rc = prompt_line(
	    "Copy it by hand or print it, then press Return: ", false, &seen, err);
	if (rc != RC_OK)
		return rc;
	secret_free(seen);
	if (!put_text(fd, clear) || !put_text(fd, prompt))
		return RC_IO;
	return prompt_line(": ", true, typed, err);
}

/* Show, ask, and take away. */
static enum rc
show(int fd, const struct secret *text, const char *prompt, struct secret **typed,
    struct err *err)
{
	bool other = has_other_screen();
	enum rc rc = RC_IO;

	if (put_text(fd, other ? OTHER_SCREEN : "\n") &&
	    put(fd, secret_view(text), secret_len(text)) && put_text(fd, "\n"))
		rc = ask(fd, prompt, other ? CLEAR : FORGET, typed, err);
	put_text(fd, other ? BACK : FORGET);
	if (!other)
		put_text(fd, "Your terminal may still hold the code among the lines that "
			     "it remembers: clear them, or close it.\n");
	return rc;
}

enum rc
sheet_show(
    const struct secret *text, const char *prompt, struct secret **typed, struct err *err)
{
	struct termios before, here;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	enum rc rc = RC_IO;

	*typed = NULL;
	if (fd < 0)
		return err_set(err, RC_INPUT,
		    "there is no terminal to show the code on: give --sheet FILE, which "
		    "it is written to");
	if (tcgetattr(fd, &before) == 0) {
		here = before;
		here.c_cc[VSUSP] = _POSIX_VDISABLE;
		tcsetattr(fd, TCSANOW, &here);
		rc = show(fd, text, prompt, typed, err);
		tcsetattr(fd, TCSANOW, &before);
	}
	close(fd);
	return rc == RC_IO ? err_set(err, rc, "the terminal can't be used") : rc;
}
