/*
 * Two processes and a socket between them:
 *
 *   asking (confined)  -- the prompt, the writing end of a pipe -->  the broker (free)
 *          ^                                                            | fork, exec
 *          |  how it ended  <------------------------------------------ |
 *          '-- the secret, by the pipe ------------------------------ program
 *
 * 1. The broker is forked before there is any secret, and reads none: it passes the pipe on.
 * 2. It runs the one program that it was begun with, whatever it is sent.
 * 3. It ends when the asking process does, however that ends.
 */

#include "keyring/askpass_far.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keyring/askpass.h"
#include "keyring/sendfd.h"

#define PROMPT_MAX 4096

struct askpass_far {
	int fd;
	pid_t broker;
	char program[];
};

/* The next request; false when there is none any more. */
static bool
get_request(int from, char text[PROMPT_MAX], int *fd)
{
	ssize_t n = sendfd_get(from, text, PROMPT_MAX - 1, fd);

	if (n <= 0)
		return false;
	text[n] = '\0';
	return *fd >= 0;
}

static int
run_program(const char *program, const char *prompt, int to)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		askpass_exec(program, prompt, to);
	close(to);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

static void
serve(const struct askpass_far *a, int fd)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
	char prompt[PROMPT_MAX];
	int status, to;
	size_t i;

	for (i = 0; i < sizeof ending / sizeof *ending; i++)
		signal(ending[i], SIG_DFL);
	while (get_request(fd, prompt, &to)) {
		status = run_program(a->program, prompt, to);
		if (send(fd, &status, sizeof status, MSG_NOSIGNAL) != sizeof status)
			break;
	}
	_exit(0);
}

static struct askpass_far *
far_new(const char *program)
{
	size_t len = strlen(program) + 1;
	struct askpass_far *a = malloc(sizeof *a + len);

	if (a)
		memcpy(a->program, program, len);
	return a;
}

enum rc
askpass_far_begin(const char *program, struct askpass_far **out, struct err *err)
{
	struct askpass_far *a;
	int fds[2];
	enum rc rc = askpass_check(program, err);

	*out = NULL;
	if (rc != RC_OK)
		return rc;
	a = far_new(program);
	if (!a)
		return RC_NOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
		free(a);
		return err_set(err, RC_IO, "no socket can be made: %s", strerror(errno));
	}
	a->broker = fork();
	if (a->broker == 0) {
		close(fds[0]);
		serve(a, fds[1]);
	}
	close(fds[1]);
	a->fd = fds[0];
	if (a->broker < 0) {
		close(a->fd);
		free(a);
		return RC_NOMEM;
	}
	*out = a;
	return RC_OK;
}

/* How the program ended; that the broker has ended counts as if it were the program. */
static int
ended(const struct askpass_far *a)
{
	int status = -1;
	ssize_t n;

	do
		n = recv(a->fd, &status, sizeof status, 0);
	while (n < 0 && errno == EINTR);
	return n == sizeof status ? status : -1;
}

enum rc
askpass_far_run(
    struct askpass_far *a, const char *prompt, struct secret **out, struct err *err)
{
	struct secret *line = NULL;
	int fds[2];
	enum rc rc, how;

	*out = NULL;
	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_set(err, RC_IO, "no pipe can be made: %s", strerror(errno));
	rc = sendfd_put(a->fd, prompt, strlen(prompt) + 1, fds[1])
		 ? RC_OK
		 : err_set(err, RC_CANCELLED, "%s can't be run any more", a->program);
	close(fds[1]);
	if (rc == RC_OK)
		rc = askpass_take(fds[0], &line, err);
	close(fds[0]);
	how = rc == RC_CANCELLED ? rc : askpass_ended(ended(a), a->program, err);
	if (rc == RC_OK)
		rc = how;
	if (rc == RC_OK)
		*out = line;
	else
		secret_free(line);
	return rc;
}

void
askpass_far_end(struct askpass_far *a)
{
	if (!a)
		return;
	close(a->fd);
	while (waitpid(a->broker, NULL, 0) < 0 && errno == EINTR)
		continue;
	free(a);
}
