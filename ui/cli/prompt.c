/*
 * Questions on the terminal, without echo.
 *
 * 1. The terminal's settings are saved before echo goes and restored on every way out:
 *    an answer, an error, a signal that ends the program, a stop (^Z).
 * 2. Signals are let in while it waits and once more before it reads: none is lost
 * between a check and a wait, and none loses to input that came with it.
 * 3. The line is read from the kernel straight into secret memory.
 */

#include "ui/cli/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "ui/cli/interrupt.h"

static struct {
	int fd;
	struct termios saved;
	volatile sig_atomic_t silent; /* echo is off: saved is to be restored */
	volatile sig_atomic_t stop;   /* ^Z came */
} tty = {.fd = -1};

static void
on_stop(int sig)
{
	(void)sig;
	tty.stop = 1;
}

void
prompt_restore(void)
{
	if (tty.silent)
		tcsetattr(tty.fd, TCSAFLUSH, &tty.saved);
	tty.silent = 0;
}

static bool
silence(void)
{
	struct termios quiet;

	if (tcgetattr(tty.fd, &tty.saved) != 0)
		return false;
	quiet = tty.saved;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	tty.silent = 1;
	if (tcsetattr(tty.fd, TCSAFLUSH, &quiet) == 0)
		return true;
	tty.silent = 0;
	return false;
}

static void
put(const char *text)
{
	size_t len = strlen(text);
	ssize_t n;

	while (len > 0) {
		n = write(tty.fd, text, len);
		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
}

bool
prompt_possible(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Stop as the user asked, with the terminal as the shell expects it. */
static bool
stop(const char *prompt, bool echo)
{
	struct sigaction by_default = {.sa_handler = SIG_DFL}, ours;
	sigset_t set, old;

	tty.stop = 0;
	prompt_restore();
	sigaction(SIGTSTP, &by_default, &ours);
	raise(SIGTSTP);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	sigaction(SIGTSTP, &ours, NULL);
	/* The prompt comes last: what is typed before echo goes is thrown away. */
	if (!echo && !silence())
		return false;
	put(prompt);
	return true;
}

/* A signal that came together with input must not lose to it. */
static void
let_in(const sigset_t *open_mask)
{
	sigset_t blocked;

	sigprocmask(SIG_SETMASK, open_mask, &blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* Wait for input with the signals let in. RC_OK: the terminal can be read. */
static enum rc
wait_input(const sigset_t *open_mask, const char *prompt, bool echo)
{
	struct pollfd p = {.fd = tty.fd, .events = POLLIN};
	bool ready;

	while (interrupt_signal() == 0) {
		ready = ppoll(&p, 1, NULL, open_mask) > 0;
		if (!ready && errno != EINTR)
			return RC_IO;
		let_in(open_mask);
		if (!tty.stop && ready && interrupt_signal() == 0)
			return RC_OK;
		if (tty.stop && !stop(prompt, echo))
			return RC_IO;
	}
	return RC_CANCELLED;
}

static enum rc
read_line(const sigset_t *open_mask, const char *prompt, bool echo, struct secret *line)
{
	uint8_t *bytes = secret_bytes(line);
	size_t len = 0;
	ssize_t n;
	enum rc rc;

	do {
		rc = wait_input(open_mask, prompt, echo);
		if (rc != RC_OK)
			return rc;
		n = read(tty.fd, bytes + len, secret_cap(line) - len);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return RC_IO;
		if (n == 0 && len == 0)
			return RC_CANCELLED;
		if (n > 0)
			len += (size_t)n;
	} while (
	    n != 0 && len < secret_cap(line) && (len == 0 || bytes[len - 1] != '\n'));
	if (len > 0 && bytes[len - 1] == '\n')
		len--;
	secret_set_len(line, len);
	return RC_OK;
}

static enum rc
ask(const char *prompt, bool echo, struct secret *line)
{
	struct sigaction on = {.sa_handler = on_stop}, before;
	sigset_t block, open_mask;
	enum rc rc = RC_IO;

	interrupt_mask(&block);
	sigaddset(&block, SIGTSTP);
	sigprocmask(SIG_BLOCK, &block, &open_mask);
	sigaction(SIGTSTP, &on, &before);
	tty.stop = 0;
	if (echo || silence()) {
		put(prompt);
		rc = read_line(&open_mask, prompt, echo, line);
		if (!echo || rc != RC_OK)
			put("\n");
	}
	prompt_restore();
	sigaction(SIGTSTP, &before, NULL);
	sigprocmask(SIG_SETMASK, &open_mask, NULL);
	return rc;
}

enum rc
prompt_line(const char *prompt, bool echo, struct secret **out, struct err *err)
{
	struct secret *line;
	enum rc rc;

	*out = NULL;
	tty.fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty.fd < 0)
		return err_set(err, RC_INPUT, "there is no terminal to ask on");
	rc = secret_new(2 * PROMPT_MAX, &line);
	if (rc == RC_OK)
		rc = ask(prompt, echo, line);
	close(tty.fd);
	tty.fd = -1;
	/* A terminal drops what is beyond its own bound and says nothing. */
	if (rc == RC_OK && secret_len(line) >= PROMPT_MAX - 2)
		rc = err_set(
		    err, RC_INPUT, "the line is longer than a terminal passes on");
	if (rc == RC_OK)
		*out = line;
	else
		secret_free(line);
	if (rc == RC_IO)
		return err_set(err, rc, "the terminal can't be read");
	return rc;
}
