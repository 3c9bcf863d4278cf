/*
 * Landlock by its system calls, for which there is no library, and seccomp by libseccomp.
 *
 * 1. A right that this kernel does not know is left out; nothing is ever asked for that
 * it would refuse as a whole.
 * 2. No path that can't be opened keeps the others from being allowed: it stays
 * forbidden.
 * 3. A failure leaves the process as free as it was, and confine_state says so.
 */

#include "ui/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct confine_state state;

/* What newer kernels have than the headers here may know. */
#define FS_REFER     (1ull << 13) /* version 2 */
#define FS_TRUNCATE  (1ull << 14) /* version 3 */
#define NET_ALL	     3ull	  /* version 4: bind and connect by TCP */
#define SCOPE_SOCKET 1ull	  /* version 6: to connect to abstract sockets */

struct ruleset {
	uint64_t fs, net, scope;
};

#define FS_READ	  (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_CHANGE (LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE)
#define FS_FOLDER                                                                        \
	(FS_READ | FS_CHANGE | LANDLOCK_ACCESS_FS_MAKE_REG |                             \
	    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define FS_OF_FILE (LANDLOCK_ACCESS_FS_READ_FILE | FS_CHANGE)
#define FS_OTHER                                                                         \
	(LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_CHAR |                  \
	    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                \
	    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | FS_REFER)

static int
landlock_version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
	    LANDLOCK_CREATE_RULESET_VERSION);
}

static struct ruleset
ruleset_for(const struct confine *c, int version)
{
	struct ruleset r = {FS_FOLDER | FS_OTHER, 0, 0};

	if (!c->reads)
		r.fs &= ~(uint64_t)FS_READ;
	if (!c->programs)
		r.fs |= LANDLOCK_ACCESS_FS_EXECUTE;
	if (version < 2)
		r.fs &= ~(uint64_t)FS_REFER;
	if (version < 3)
		r.fs &= ~(uint64_t)FS_TRUNCATE;
	if (version >= 4 && !c->programs)
		r.net = NET_ALL;
	if (version >= 6 && !c->programs)
		r.scope = SCOPE_SOCKET;
	return r;
}

static size_t
ruleset_len(int version)
{
	return version >= 6   ? sizeof(struct ruleset)
	       : version >= 4 ? offsetof(struct ruleset, scope)
			      : offsetof(struct ruleset, net);
}

static void
allow_one(int ruleset, const struct ruleset *r, const char *path, bool write)
{
	struct landlock_path_beneath_attr rule = {0, -1};
	struct stat st;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return;
	rule.allowed_access = write ? FS_FOLDER : FS_READ;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= FS_OF_FILE;
	rule.allowed_access &= r->fs;
	/* A pipe has no place in the tree and needs no rule: its refusal is harmless. */
	if (rule.allowed_access != 0)
		syscall(
		    SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
}

/* The folder that ${path} is in, and where a link leads: its journals go beside that. */
static void
allow_made(int ruleset, const struct ruleset *r, const char *path)
{
	char real[PATH_MAX], *slash;
	struct stat st;

	if (realpath(path, real) == NULL && strlen(path) < sizeof(real))
		memcpy(real, path, strlen(path) + 1);
	if (stat(real, &st) == 0 && !S_ISREG(st.st_mode)) {
		allow_one(ruleset, r, real, !S_ISDIR(st.st_mode));
		return;
	}
	slash = strrchr(real, '/');
	if (slash == NULL)
		allow_one(ruleset, r, ".", true);
	else if (slash == real)
		allow_one(ruleset, r, "/", true);
	if (slash != NULL && slash != real) {
		*slash = '\0';
		allow_one(ruleset, r, real, true);
	}
}

static void
enter_landlock(const struct confine *c)
{
	int version = landlock_version(), fd, i;
	struct ruleset r;

	state.landlock = -1;
	if (version < 1)
		return;
	r = ruleset_for(c, version);
	fd = (int)syscall(SYS_landlock_create_ruleset, &r, ruleset_len(version), 0);
	state.landlock = 0;
	if (fd < 0)
		return;
	for (i = 0; i < c->n; i++)
		if (c->paths[i].right == CONFINE_MAKE)
			allow_made(fd, &r, c->paths[i].path);
		else
			allow_one(
			    fd, &r, c->paths[i].path, c->paths[i].right == CONFINE_WRITE);
	if (syscall(SYS_landlock_restrict_self, fd, 0) == 0)
		state.landlock = version;
	close(fd);
}

/* io_uring would do what is refused as a system call. */
static bool
refuse_calls(scmp_filter_ctx filter, bool programs)
{
	static const int never[] = {SCMP_SYS(bpf), SCMP_SYS(perf_event_open),
	    SCMP_SYS(userfaultfd), SCMP_SYS(keyctl), SCMP_SYS(add_key),
	    SCMP_SYS(request_key), SCMP_SYS(mount), SCMP_SYS(umount2),
	    SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(unshare), SCMP_SYS(setns),
	    SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(kexec_load),
	    SCMP_SYS(open_by_handle_at), SCMP_SYS(process_vm_readv),
	    SCMP_SYS(process_vm_writev)};
	size_t i;
	bool ok = seccomp_rule_add(
		      filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(io_uring_setup), 0) == 0;

	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		ok = ok &&
		     seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), never[i], 0) == 0;
	if (programs)
		return ok;
	ok = ok &&
	     seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(execve), 0) == 0;
	ok = ok &&
	     seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(execveat), 0) == 0;
	return ok && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
			 SCMP_A0(SCMP_CMP_NE, AF_UNIX, 0)) == 0;
}

static void
enter_seccomp(const struct confine *c)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (filter == NULL)
		return;
	/* Calls of another architecture's table would pass by the rules. */
	seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
	state.seccomp = refuse_calls(filter, c->programs) && seccomp_load(filter) == 0;
	seccomp_release(filter);
}

void
confine_allow(struct confine *c, const char *path, enum confine_right right)
{
	if (path == NULL || path[0] == '\0' || strcmp(path, "-") == 0 ||
	    c->n == CONFINE_PATHS_MAX)
		return;
	c->paths[c->n].path = path;
	c->paths[c->n++].right = right;
}

void
confine_enter(const struct confine *c)
{
	enter_landlock(c);
	enter_seccomp(c);
}

struct confine_state
confine_state(void)
{
	return state;
}
