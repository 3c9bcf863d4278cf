/*
 * without landlock|seccomp COMMAND...: run the command as on a kernel that lacks it. A
 * filter answers for the kernel.
 */

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int
take_away(scmp_filter_ctx filter, const char *what)
{
	if (strcmp(what, "landlock") == 0)
		return seccomp_rule_add(
		    filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0);
	if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0) != 0)
		return -1;
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
	    SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0));
}

int
main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (argc < 3 || filter == NULL || take_away(filter, argv[1]) != 0 ||
	    seccomp_load(filter) != 0)
		return 2;
	execv(argv[2], argv + 2);
	perror(argv[2]);
	return 2;
}
