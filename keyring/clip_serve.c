/*
 * The process that keeps a clipboard for another one, and outlives it.
 *
 *   asking (confined) -- a mark, the reading end of a pipe --> this process (free)
 *          |  the value, by the pipe                              | fork, exec
 *          '----------------------------------------------->  wl-copy, xclip, xsel
 *
 * 1. It never has the value to copy: that goes past it, to the tool. It keeps a salted sum, by
 *    which it knows the value again when it has to take it off.
 * 2. It takes off what it knows, and leaves what others have copied since. Where it can't look,
 *    it looks again for a while, and then takes off whatever is there. So it does at once where
 *    a copy failed, of which nobody knows what it left.
 * 3. What it reads to compare passes through one locked buffer, which is wiped.
 * 4. It runs nothing but the tool that it was begun with, each for seconds only, and ends when
 *    the asking process has ended, however that was, and nothing is left to take off.
 */

#include "keyring/clip_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "keyring/sendfd.h"

#define BUFFER_LEN 4096
#define LOOKS	   4 /* and then without one */
#define AGAIN_MS   2000
#define TRIES	   30 /* a locked screen may let nobody clear */
#define LATER_MS   60000

enum found { MARKED, DIFFERS, LONGER, UNKNOWN };

struct server {
	const struct clip_tool *tool;
	int fd; /* -1: nobody asks any more */
	int64_t time;
	bool stays, holds;
	bool blind;	/* to be taken off without a look */
	unsigned tries; /* to take it off */
	int64_t until;	/* when to take off what it holds */
	struct clip_mark mark;
	uint8_t buffer[BUFFER_LEN];
};

static volatile sig_atomic_t asked_to_end;

static void
on_term(int sig)
{
	asked_to_end = sig;
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* The status of ${pid}, -1 when it had to be killed: its time is over, or ${kill_it}. */
static int
wait_tool(pid_t pid, int64_t until, bool kill_it)
{
	sigset_t child;
	int64_t left;
	int status;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	while (pid > 0 && waitpid(pid, &status, WNOHANG) == 0) {
		left = until - now_ms();
		if (left <= 0 || kill_it) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
			return -1;
		}
		sigtimedwait(&child, NULL,
		    &(struct timespec){left / 1000, left % 1000 * 1000000});
	}
	return pid > 0 ? status : -1;
}

static int
run_tool(const struct server *s, enum clip_step step, int in)
{
	const int64_t until = now_ms() + CLIP_TOOL_MS;
	pid_t pid = fork();

	if (pid == 0)
		clip_tool_exec(s->tool, step, in, -1);
	return wait_tool(pid, until, false);
}

static ssize_t
read_until(int fd, void *out, size_t cap, int64_t until)
{
	struct pollfd p = {fd, POLLIN, 0};
	int64_t left = until - now_ms();
	ssize_t n;

	if (left <= 0 || poll(&p, 1, (int)left) == 0)
		return -1;
	do
		n = read(fd, out, cap);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Whether what ${fd} gives is what the mark is of; one byte more tells that it is not. */
static enum found
compare(struct server *s, int fd, int64_t until)
{
	uint8_t sum[SHA256_LEN];
	struct sha256 *h = NULL;
	uint64_t left = s->mark.len + 1;
	ssize_t n = -1;
	bool sums = sha256_new(&h) == RC_OK &&
		    sha256_add(h, s->mark.salt, sizeof s->mark.salt) == RC_OK;

	while (sums && left > 0 && n != 0) {
		n = read_until(fd, s->buffer, left < BUFFER_LEN ? left : BUFFER_LEN, until);
		sums = n >= 0 && sha256_add(h, s->buffer, (size_t)n) == RC_OK;
		left -= n > 0 ? (uint64_t)n : 0;
	}
	sums = sums && sha256_end(h, sum) == RC_OK;
	sha256_free(h);
	secret_wipe(s->buffer, BUFFER_LEN);
	if (!sums)
		return UNKNOWN;
	if (left == 0)
		return LONGER;
	return left == 1 && memcmp(sum, s->mark.sum, sizeof sum) == 0 ? MARKED : DIFFERS;
}

/* What a tool gave before it failed may be a part; most fail for an empty clipboard too. */
static enum found
look(struct server *s)
{
	const int64_t until = now_ms() + CLIP_TOOL_MS;
	enum found found;
	int fds[2], status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return UNKNOWN;
	pid = fork();
	if (pid == 0)
		clip_tool_exec(s->tool, CLIP_PASTE, -1, fds[1]);
	close(fds[1]);
	found = pid > 0 ? compare(s, fds[0], until) : UNKNOWN;
	close(fds[0]);
	status = wait_tool(pid, until, found == LONGER || found == UNKNOWN);
	return found == DIFFERS && status != 0 ? UNKNOWN : found;
}

/* Now, or, where that fails, after a while. Who is told to end has no time to try again. */
static void
take_off(struct server *s)
{
	bool last, off;
	enum found found;

	if (!s->holds)
		return;
	s->tries++;
	last = s->tries >= TRIES || asked_to_end;
	found = s->blind ? MARKED : look(s);
	off = found == DIFFERS || found == LONGER;
	if (found == MARKED || (found == UNKNOWN && (s->tries >= LOOKS || last)))
		off = run_tool(s, CLIP_CLEAR, -1) == 0;
	if (!off && !last) {
		s->until = now_ms() + (s->tries < LOOKS ? AGAIN_MS : LATER_MS);
		return;
	}
	secret_wipe(&s->mark, sizeof s->mark);
	s->holds = false;
}

static void
take_off_blindly(struct server *s)
{
	s->holds = s->blind = true;
	s->tries = 0;
	take_off(s);
}

static enum clip_result
copy(struct server *s, const struct clip_mark *mark, int fd)
{
	int status = run_tool(s, CLIP_COPY, fd);

	if (WIFEXITED(status) && WEXITSTATUS(status) == CLIP_NO_EXEC)
		return CLIP_NOT_RUN;
	if (status != 0) {
		take_off_blindly(s);
		return CLIP_FAILED;
	}
	s->mark = *mark;
	s->holds = true;
	s->blind = false;
	s->tries = 0;
	s->until = now_ms() + s->time;
	return CLIP_DONE;
}

static void
serve_one(struct server *s)
{
	struct clip_order order = {.step = CLIP_CLEAR};
	struct clip_answer answer = {0};
	int value;

	if (sendfd_get(s->fd, &order, sizeof order, &value) != (ssize_t)sizeof order) {
		close(s->fd);
		s->fd = -1;
		if (!s->stays)
			take_off(s);
		return;
	}
	if (order.step == CLIP_COPY && value >= 0) {
		answer.number = order.number;
		answer.result = copy(s, &order.mark, value);
		close(value);
		send(s->fd, &answer, sizeof answer, MSG_NOSIGNAL);
	} else if (order.blind) {
		take_off_blindly(s);
	} else {
		take_off(s);
	}
	secret_wipe(&order, sizeof order);
}

/* Nothing of the asking process is kept open: who waits for its output would wait for us. */
static int
leave_all(int fd)
{
	static const int ignored[] = {SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGPIPE};
	struct sigaction term = {.sa_handler = on_term};
	int null = open("/dev/null", O_RDWR);
	sigset_t blocked;
	size_t i;
	bool left;

	for (i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigaction(SIGTERM, &term, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* first: it may be where /dev/null belongs */
	left = fd >= 0 && null >= 0;
	for (i = 0; left && i < 3; i++)
		left = dup2(null, (int)i) >= 0;
	if (left && fd > 3)
		fd = dup3(fd, 3, O_CLOEXEC);
	left = left && fd == 3 && close_range(4, ~0u, 0) == 0 && chdir("/") == 0;
	return left ? fd : -1;
}

/* Until an order comes, it is time, or the asking process has ended. */
static void
wait_for_order(struct server *s)
{
	struct pollfd p = {s->fd, POLLIN, 0};
	int64_t left = s->holds ? s->until - now_ms() : 0;
	struct timespec ts = {left / 1000, left % 1000 * 1000000};
	sigset_t none;

	sigemptyset(&none);
	if (s->holds && left <= 0)
		take_off(s);
	else if (ppoll(&p, 1, s->holds ? &ts : NULL, &none) > 0)
		serve_one(s);
}

void
clip_serve(const struct clip_tool *t, unsigned seconds, bool stays, int fd)
{
	static struct server s;

	setsid();
	s.tool = t;
	s.time = (int64_t)seconds * 1000;
	s.stays = stays;
	s.fd = leave_all(fd);
	mlock(&s, sizeof s);
	while (!asked_to_end && (s.fd >= 0 || s.holds))
		wait_for_order(&s);
	take_off(&s);
	_exit(0);
}
