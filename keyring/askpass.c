/* Secrets from other programs. They never pass through memory that is not secret. */

#include "keyring/askpass.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_MAX_LEN   8192
#define STATUS_NO_EXEC 127

enum rc
askpass_line(int fd, struct secret **out, struct err *err)
{
	struct secret *line;
	uint8_t *bytes;
	size_t len = 0;
	ssize_t n;
	enum rc rc = secret_new(LINE_MAX_LEN, &line);

	*out = NULL;
	if (rc != RC_OK)
		return rc;
	bytes = secret_bytes(line);
	while (len < LINE_MAX_LEN) {
		n = read(fd, bytes + len, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = err_set(err, RC_IO, "descriptor %d can't be read: %s", fd,
			    strerror(errno));
		if (n <= 0 || bytes[len] == '\n')
			break;
		len++;
	}
	if (rc == RC_OK && len == LINE_MAX_LEN)
		rc = err_set(err, RC_INPUT, "the passphrase is too long");
	secret_set_len(line, len);
	if (rc == RC_OK)
		*out = line;
	else
		secret_free(line);
	return rc;
}

/* A program that says more than a line is not to die of a closed pipe. */
static void
drain(int fd)
{
	char rest[256];
	ssize_t n;

	do
		n = read(fd, rest, sizeof(rest));
	while (n > 0 || (n < 0 && errno == EINTR));
	secret_wipe(rest, sizeof(rest));
}

enum rc
askpass_take(int fd, struct secret **out, struct err *err)
{
	enum rc rc = askpass_line(fd, out, err);

	if (rc == RC_OK)
		drain(fd);
	return rc;
}

void
askpass_exec(const char *program, const char *prompt, int to)
{
	const char *const argv[] = {program, prompt, NULL};

	signal(SIGPIPE, SIG_DFL);
	if (dup2(to, STDOUT_FILENO) >= 0)
		execve(program, (char *const *)argv, environ);
	_exit(STATUS_NO_EXEC);
}

enum rc
askpass_ended(int status, const char *program, struct err *err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return RC_OK;
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_NO_EXEC)
		return err_set(err, RC_INPUT, "%s can't be run", program);
	return err_set(err, RC_CANCELLED, "%s gave no passphrase", program);
}

static enum rc
wait_for(pid_t pid, const char *program, struct err *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return RC_INTERNAL;
	return askpass_ended(status, program, err);
}

enum rc
askpass_check(const char *program, struct err *err)
{
	if (strchr(program, '/') != NULL)
		return RC_OK;
	return err_set(err, RC_INPUT,
	    "STRONGROOM_ASKPASS must be a program's path, /usr/bin/..., not \"%s\"", program);
}

enum rc
askpass_run(const char *program, const char *prompt, struct secret **out, struct err *err)
{
	struct secret *line = NULL;
	int fds[2];
	pid_t pid;
	enum rc rc, ended;

	*out = NULL;
	if (askpass_check(program, err) != RC_OK)
		return RC_INPUT;
	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_set(err, RC_IO, "no pipe can be made: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		askpass_exec(program, prompt, fds[1]);
	close(fds[1]);
	rc = pid > 0 ? askpass_take(fds[0], &line, err) : RC_NOMEM;
	close(fds[0]);
	ended = pid > 0 ? wait_for(pid, program, err) : RC_OK;
	if (rc == RC_OK)
		rc = ended;
	if (rc == RC_OK)
		*out = line;
	else
		secret_free(line);
	return rc;
}
