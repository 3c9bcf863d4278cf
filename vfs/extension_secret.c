/*
 * Where the secret of a vault comes from in a program that is not ours.
 *
 * 1. The terminal is put back on every way out. While it asks, the signals of the terminal
 *    come as characters and others wait, so that none finds it without echo.
 * 2. What is typed or read goes from the kernel straight into secret memory.
 * 3. The vault itself is never opened here: to close it would drop SQLite's locks.
 */

#include "vfs/extension.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "keyring/askpass.h"
#include "keyring/passphrase.h"

#define KEYFILE_MOST (64 * 1024)
#define PROMPT_LEN   512

static enum rc
check_keyfile(const char *path, const char *vault, struct err *err)
{
	struct stat key, own;

	if (stat(path, &key) != 0)
		return err_set(err, RC_INPUT, "the key file %s: %s", path, strerror(errno));
	if (!S_ISREG(key.st_mode) || key.st_size < KEYFILE_MIN || key.st_size > KEYFILE_MOST)
		return err_set(err, RC_INPUT,
		    "%s is no key file: it must be a file of %d to %d bytes", path, KEYFILE_MIN,
		    KEYFILE_MOST);
	if ((key.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return err_set(err, RC_DENIED,
		    "the key file %s can be read by others: chmod 600 it", path);
	if (stat(vault, &own) != 0 || (own.st_dev == key.st_dev && own.st_ino == key.st_ino))
		return err_set(err, RC_INPUT, "%s is the vault; name its key file", path);
	return RC_OK;
}

static enum rc
read_whole(int fd, struct secret *s)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, secret_bytes(s) + len, secret_cap(s) - len);
		if (n > 0)
			len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	secret_set_len(s, len);
	return n < 0 ? RC_IO : RC_OK;
}

static enum rc
read_keyfile(const char *path, const char *vault, struct secret **out, struct err *err)
{
	enum rc rc = check_keyfile(path, vault, err);
	int fd;

	if (rc != RC_OK)
		return rc;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(
		    err, RC_IO, "the key file %s can't be read: %s", path, strerror(errno));
	rc = secret_new(KEYFILE_MOST, out);
	if (rc == RC_OK)
		rc = read_whole(fd, *out);
	close(fd);
	return rc;
}

static void
put(int tty, const char *text)
{
	if (write(tty, text, strlen(text)) < 0)
		return; /* who can't be asked gives no answer: the read tells */
}

/* Whole lines; the keys that interrupt and stop end one, as characters. */
static bool
silence(int tty, struct termios *saved)
{
	struct termios quiet;

	if (tcgetattr(tty, saved) != 0)
		return false;
	quiet = *saved;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL | ISIG);
	quiet.c_lflag |= ICANON;
	quiet.c_cc[VEOL] = saved->c_cc[VINTR];
	return tcsetattr(tty, TCSAFLUSH, &quiet) == 0;
}

static enum rc
read_line(int tty, struct secret *line)
{
	uint8_t *bytes = secret_bytes(line);
	ssize_t n;

	do
		n = read(tty, bytes, secret_cap(line));
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n == 0 ? RC_CANCELLED : RC_IO;
	if (bytes[n - 1] != '\n') /* ^C, or the end of input within the line */
		return RC_CANCELLED;
	secret_set_len(line, (size_t)n - 1);
	return RC_OK;
}

static enum rc
ask(int tty, const char *prompt, struct secret *line)
{
	struct termios saved;
	sigset_t all, before;
	enum rc rc = RC_IO;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	if (silence(tty, &saved)) {
		put(tty, prompt);
		rc = read_line(tty, line);
		put(tty, "\n");
		tcsetattr(tty, TCSAFLUSH, &saved);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static enum rc
ask_terminal(const char *prompt, struct secret **out, struct err *err)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	enum rc rc;

	if (tty < 0)
		return err_set(err, RC_INPUT,
		    "there is no terminal to ask on; use key_file= or STRONGROOM_ASKPASS");
	rc = secret_new(PASSPHRASE_MAX, out);
	if (rc == RC_OK)
		rc = ask(tty, prompt, *out);
	close(tty);
	return rc == RC_IO ? err_set(err, rc, "the terminal can't be read") : rc;
}

/* Normalised, in the place of what was typed. */
static enum rc
get_passphrase(const char *vault, struct secret **out, struct err *err)
{
	const char *program = getenv("STRONGROOM_ASKPASS");
	struct secret *typed = NULL;
	char prompt[PROMPT_LEN];
	enum rc rc;

	snprintf(prompt, sizeof prompt, "Passphrase for %.400s: ", vault);
	if (program && *program)
		rc = askpass_run(program, prompt, &typed, err);
	else
		rc = ask_terminal(prompt, &typed, err);
	if (rc == RC_OK)
		rc = passphrase_normalise(typed, out, NULL, err);
	secret_free(typed);
	return rc;
}

enum rc
extension_secret(const char *path, struct keyring_secret *out, struct secret **owned,
    struct err *err)
{
	const char *key_file = sqlite3_uri_parameter(path, "key_file");
	enum rc rc;

	*owned = NULL;
	if (key_file)
		rc = read_keyfile(key_file, path, owned, err);
	else
		rc = get_passphrase(path, owned, err);
	out->type = key_file ? SLOT_KEYFILE : SLOT_PASSPHRASE;
	out->bytes = *owned;
	return rc;
}
