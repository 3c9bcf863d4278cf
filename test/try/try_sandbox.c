/*
 * try_sandbox CALLS COMMAND...: confine this process as strongroom does for the command
 * line COMMAND, then make the calls, "VERB PATH" one after the other with commas between,
 * and print for each what came of it: "ok" or the name of the error. As an attacker would
 * who had taken the program over.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ui/cli/cli.h"
#include "ui/confine.h"
#include "ui/op_all.h"
#include "ui/sandbox.h"

static int
opened(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	return fd < 0 ? -1 : close(fd);
}

static int
socketed(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -1 : close(fd);
}

static void *
in_thread(void *out)
{
	*(int *)out = socketed(AF_INET) == 0 ? 0 : errno;
	return NULL;
}

static int
threaded(void)
{
	pthread_t t;
	int e = EAGAIN;

	if (pthread_create(&t, NULL, in_thread, &e) == 0)
		pthread_join(t, NULL);
	errno = e;
	return e == 0 ? 0 : -1;
}

static int
call_of_system(const char *verb, const char *path)
{
	char *none[] = {NULL};

	if (strcmp(verb, "inet") == 0)
		return socketed(AF_INET);
	if (strcmp(verb, "inet6") == 0)
		return socketed(AF_INET6);
	if (strcmp(verb, "netlink") == 0)
		return socketed(AF_NETLINK);
	if (strcmp(verb, "unix") == 0)
		return socketed(AF_UNIX);
	if (strcmp(verb, "thread") == 0)
		return threaded();
	if (strcmp(verb, "uring") == 0)
		return (int)syscall(SYS_io_uring_setup, 1, NULL);
	if (strcmp(verb, "exec") == 0)
		return execve(path, none, none);
	errno = ENOTSUP;
	return -1;
}

static int
call(const char *verb, const char *path)
{
	if (strcmp(verb, "read") == 0)
		return opened(path, O_RDONLY);
	if (strcmp(verb, "list") == 0)
		return opened(path, O_RDONLY | O_DIRECTORY);
	if (strcmp(verb, "write") == 0)
		return opened(path, O_WRONLY);
	if (strcmp(verb, "make") == 0)
		return opened(path, O_WRONLY | O_CREAT | O_EXCL);
	if (strcmp(verb, "cut") == 0)
		return truncate(path, 0);
	if (strcmp(verb, "remove") == 0)
		return unlink(path);
	if (strcmp(verb, "link") == 0)
		return symlink("/etc", path);
	return call_of_system(verb, path);
}

static int
confine(int argc, char **argv)
{
	static struct op_call c;
	int words;

	c.common = cli_options;
	c.op = op_find(argv[0], argc > 1 ? argv[1] : NULL, &words);
	if (c.op == NULL || op_parse_words(&c, argv + words, argc - words) != RC_OK ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	if (c.op == &op_open)
		sandbox_screen(&c);
	else
		sandbox_command(&c);
	return 0;
}

int
main(int argc, char **argv)
{
	struct confine_state state;
	char *verb, *path, *rest = argc > 2 ? argv[1] : NULL;

	if (argc < 3 || confine(argc - 2, argv + 2) != 0)
		return 2;
	while ((verb = strsep(&rest, ",")) != NULL) {
		path = verb + strcspn(verb, " ");
		if (*path != '\0')
			*path++ = '\0';
		printf("%s ", call(verb, path) == 0 ? "ok" : strerrorname_np(errno));
	}
	state = confine_state();
	printf("%s %s\n", state.landlock > 0 ? "landlock" : "-",
	    state.seccomp ? "seccomp" : "-");
	return 0;
}
