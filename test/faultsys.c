/*
 * System calls of the project's own code that fail on demand: files that no VFS opens, that is
 * the names and folders of new vaults, what is imported and what is exported. The fixture is
 * linked with --wrap for each. (SQLite's and Tcl's own calls are not among them.)
 *
 *   fault_sys N ?-persistent?   the Nth call from now answers EIO, or all from it on
 *   fault_sys_off               {fired N calls N source NAME}: the call that fired first
 *   sys_tmpfile BOOL            whether the file system has files without a name
 *
 * 1. Closing and removing never fail: what was begun can be taken back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/faultcall.h"
#include "test/testfixture.h"

static struct faultcall faults;
static atomic_bool no_tmpfile;

static bool
fails(const char *name)
{
	if (!faultcall_fails(&faults, name))
		return false;
	errno = EIO;
	return true;
}

FAULTCALL_WRAP(ssize_t, read, (int fd, void *to, size_t n), (fd, to, n), -1)
FAULTCALL_WRAP(ssize_t, write, (int fd, const void *from, size_t n), (fd, from, n), -1)
FAULTCALL_WRAP(int, fsync, (int fd), (fd), -1)
FAULTCALL_WRAP(int, fstat, (int fd, struct stat *st), (fd, st), -1)
FAULTCALL_WRAP(int, stat, (const char *path, struct stat *st), (path, st), -1)
FAULTCALL_WRAP(int, lstat, (const char *path, struct stat *st), (path, st), -1)
FAULTCALL_WRAP(int, link, (const char *from, const char *to), (from, to), -1)
FAULTCALL_WRAP(int, linkat, (int a, const char *from, int b, const char *to, int flags),
    (a, from, b, to, flags), -1)
FAULTCALL_WRAP(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), -1)
FAULTCALL_WRAP(int, renameat2, (int a, const char *from, int b, const char *to, unsigned flags),
    (a, from, b, to, flags), -1)
FAULTCALL_WRAP(char *, realpath, (const char *path, char *to), (path, to), NULL)

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int
__wrap_open(const char *path, int flags, ...)
{
	mode_t mode;
	va_list rest;

	va_start(rest, flags);
	mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
	va_end(rest);
	return fails("open") ? -1 : __real_open(path, flags, mode);
}

int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int
__wrap_openat(int dir, const char *path, int flags, ...)
{
	mode_t mode;
	va_list rest;

	va_start(rest, flags);
	mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t)
								   : 0;
	va_end(rest);
	if (atomic_load(&no_tmpfile) && (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return fails("openat") ? -1 : __real_openat(dir, path, flags, mode);
}

static int
tmpfile_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	int has;

	(void)cd;
	if (argc != 2 || Tcl_GetBooleanFromObj(interp, argv[1], &has) != TCL_OK)
		return TCL_ERROR;
	atomic_store(&no_tmpfile, !has);
	return TCL_OK;
}

int
sys_Init(Tcl_Interp *interp)
{
	faultcall_commands(interp, &faults, "fault_sys", "fault_sys_off");
	Tcl_CreateObjCommand(interp, "sys_tmpfile", tmpfile_cmd, NULL, NULL);
	return TCL_OK;
}
