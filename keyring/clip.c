/*
 * The asking end of the clipboard's process.
 *
 * 1. The value goes by a pipe from secret memory straight to the tool; the process between
 *    gets its salted sum.
 * 2. Nothing here waits longer than the tool's runs take at most.
 * 3. A value that did not go whole is no success, and what did go is taken off.
 */

#include "keyring/clip_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keyring/sendfd.h"

#define RUNS	    4 /* a clearing before, two of them; the copy; the clearing if it fails */
#define PATIENCE_MS (RUNS * CLIP_TOOL_MS + 2000)
#define FORK_FAILED 1

struct clip {
	int fd;
	pthread_mutex_t lock; /* one order with its answer at a time */
	uint64_t number;      /* of the last order to copy */
	struct clip_tool tool;
};

/*
 * Forked twice: the process is nobody's child, so that nobody has to wait for it. Who started
 * us may have ignored SIGCHLD, which leaves no status to wait for.
 */
static enum rc
start(const struct clip *c, const struct clip_opts *opts, int far)
{
	const struct sigaction by_default = {.sa_handler = SIG_DFL};
	struct sigaction before;
	pid_t pid, twice;
	int status = -1;

	sigaction(SIGCHLD, &by_default, &before);
	pid = fork();
	if (pid == 0) {
		twice = fork();
		if (twice == 0)
			clip_serve(&c->tool, opts->seconds, opts->stays, far);
		_exit(twice < 0 ? FORK_FAILED : 0);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	sigaction(SIGCHLD, &before, NULL);
	return status == 0 ? RC_OK : RC_NOMEM;
}

enum rc
clip_begin(const struct clip_opts *opts, struct clip **out, struct err *err)
{
	const struct timeval patience = {PATIENCE_MS / 1000, 0};
	struct clip *c = calloc(1, sizeof *c);
	int fds[2];
	enum rc rc;

	*out = NULL;
	if (!c)
		return RC_NOMEM;
	rc = clip_tool_find(opts->tool, &c->tool, err);
	if (rc == RC_OK && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		rc = err_set(err, RC_IO, "no socket can be made: %s", strerror(errno));
	if (rc != RC_OK) {
		free(c);
		return rc;
	}
	c->fd = fds[0];
	pthread_mutex_init(&c->lock, NULL);
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	rc = start(c, opts, fds[1]);
	close(fds[1]);
	if (rc == RC_OK)
		*out = c;
	else
		clip_end(c);
	return rc;
}

static enum rc
mark_of(const struct secret *value, struct clip_mark *out)
{
	struct sha256 *h = NULL;
	enum rc rc = random_bytes(out->salt, sizeof out->salt);

	out->len = secret_len(value);
	if (rc == RC_OK)
		rc = sha256_new(&h);
	if (rc == RC_OK)
		rc = sha256_add(h, out->salt, sizeof out->salt);
	if (rc == RC_OK)
		rc = sha256_add(h, secret_view(value), secret_len(value));
	if (rc == RC_OK)
		rc = sha256_end(h, out->sum);
	sha256_free(h);
	return rc;
}

/*
 * Whether all of it went. The tool may have to wait for a clearing before it. One that ends
 * before it has read all gives no signal but an answer.
 */
static bool
write_value(int fd, const struct secret *value)
{
	struct pollfd p = {fd, POLLOUT, 0};
	sigset_t pipe_signal, before, pending;
	size_t at = 0;
	ssize_t n;
	int ready;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
	while (at < secret_len(value)) {
		ready = poll(&p, 1, PATIENCE_MS);
		n = ready > 0 ? write(fd, secret_view(value) + at, secret_len(value) - at) : -1;
		if (ready == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
			break;
		at += n > 0 ? (size_t)n : 0;
	}
	sigpending(&pending);
	if (sigismember(&pending, SIGPIPE) == 1 && sigismember(&before, SIGPIPE) == 0)
		sigtimedwait(&pipe_signal, NULL, &(struct timespec){0, 0});
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return at == secret_len(value);
}

static void
clear(const struct clip *c, bool blind)
{
	const struct clip_order order = {.step = CLIP_CLEAR, .blind = blind};

	sendfd_put(c->fd, &order, sizeof order, -1);
}

/* An answer that comes after its order was given up is of no use to the next order. */
static enum rc
answer_of(const struct clip *c, bool whole, struct err *err)
{
	struct clip_answer answer;
	ssize_t n;

	do
		n = recv(c->fd, &answer, sizeof answer, 0);
	while ((n < 0 && errno == EINTR) ||
	       (n == sizeof answer && answer.number != c->number));
	if (n < 0 && errno == EAGAIN) {
		clear(c, true);
		return err_set(err, RC_IO,
		    "%s did not answer in time: what it took is taken off again",
		    c->tool.copy);
	}
	if (n != sizeof answer)
		return err_set(err, RC_CANCELLED, "the clipboard's process is gone");
	if (answer.result == CLIP_NOT_RUN)
		return err_set(err, RC_INPUT, "%s can't be run", c->tool.copy);
	if (answer.result == CLIP_DONE && !whole)
		clear(c, true);
	if (answer.result == CLIP_FAILED || !whole)
		return err_set(err, RC_IO,
		    "%s did not take the value: try it by hand, \"echo test | %s\"",
		    c->tool.copy, c->tool.copy);
	return RC_OK;
}

enum rc
clip_copy(struct clip *c, const struct secret *value, struct err *err)
{
	struct clip_order order = {.step = CLIP_COPY};
	bool whole = false;
	int fds[2];
	enum rc rc;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_set(err, RC_IO, "no pipe can be made: %s", strerror(errno));
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	pthread_mutex_lock(&c->lock);
	order.number = ++c->number;
	rc = mark_of(value, &order.mark);
	if (rc == RC_OK && !sendfd_put(c->fd, &order, sizeof order, fds[0]))
		rc = err_set(err, RC_CANCELLED, "the clipboard's process is gone");
	close(fds[0]);
	if (rc == RC_OK)
		whole = write_value(fds[1], value);
	close(fds[1]);
	if (rc == RC_OK)
		rc = answer_of(c, whole, err);
	pthread_mutex_unlock(&c->lock);
	secret_wipe(&order, sizeof order);
	return rc;
}

void
clip_clear(struct clip *c)
{
	if (c)
		clear(c, false);
}

void
clip_end(struct clip *c)
{
	if (!c)
		return;
	close(c->fd);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
