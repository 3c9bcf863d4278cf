/* attach PID: what the kernel says to one who would trace that process. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

int
main(int argc, char **argv)
{
	const int pid = argc == 2 ? (int)strtol(argv[1], NULL, 10) : 0;

	if (pid <= 0)
		return 2;
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) != 0) {
		printf("%s\n", errno == EPERM ? "EPERM" : strerror(errno));
		return 0;
	}
	waitpid(pid, NULL, 0);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	printf("attached\n");
	return 0;
}
