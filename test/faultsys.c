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

#include "test/testfixture.h"

static atomic_ullong counted, fired, target; /* target 0: nothing fails */
static atomic_bool for_good, no_tmpfile;
static _Atomic(const char *) source;

static bool
fails(const char *name)
{
	unsigned long long nth = atomic_load(&target), call;
	const char *none = NULL;

	if (!nth)
		return false;
	call = atomic_fetch_add(&counted, 1) + 1;
	if (call != nth && !(atomic_load(&for_good) && call > nth))
		return false;
	atomic_fetch_add(&fired, 1);
	atomic_compare_exchange_strong(&source, &none, name);
	errno = EIO;
	return true;
}

/* What the linker calls in place of the C library, and how to reach that one. */
#define WRAP(type, name, params, args, refusal)                                          \
	type __real_##name params;                                                       \
	type __wrap_##name params;                                                       \
	type __wrap_##name params                                                        \
	{                                                                                \
		return fails(#name) ? (refusal) : __real_##name args;                    \
	}

WRAP(ssize_t, read, (int fd, void *to, size_t n), (fd, to, n), -1)
WRAP(ssize_t, write, (int fd, const void *from, size_t n), (fd, from, n), -1)
WRAP(int, fsync, (int fd), (fd), -1)
WRAP(int, fstat, (int fd, struct stat *st), (fd, st), -1)
WRAP(int, stat, (const char *path, struct stat *st), (path, st), -1)
WRAP(int, lstat, (const char *path, struct stat *st), (path, st), -1)
WRAP(int, link, (const char *from, const char *to), (from, to), -1)
WRAP(int, linkat, (int a, const char *from, int b, const char *to, int flags),
    (a, from, b, to, flags), -1)
WRAP(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), -1)
WRAP(int, renameat2, (int a, const char *from, int b, const char *to, unsigned flags),
    (a, from, b, to, flags), -1)
WRAP(char *, realpath, (const char *path, char *to), (path, to), NULL)

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
arm_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	Tcl_WideInt n;

	(void)cd;
	if (argc < 2 || argc > 3 || Tcl_GetWideIntFromObj(interp, argv[1], &n) != TCL_OK) {
		Tcl_WrongNumArgs(interp, 1, argv, "N ?-persistent?");
		return TCL_ERROR;
	}
	atomic_store(&counted, 0);
	atomic_store(&fired, 0);
	atomic_store(&source, NULL);
	atomic_store(&for_good, argc > 2);
	atomic_store(&target, (unsigned long long)n);
	return TCL_OK;
}

static int
off_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	const char *name = atomic_load(&source);

	(void)cd;
	(void)argc;
	(void)argv;
	atomic_store(&target, 0);
	Tcl_SetObjResult(interp,
	    Tcl_ObjPrintf("fired %d calls %d source {%s}", (int)atomic_load(&fired),
	        (int)atomic_load(&counted), name ? name : ""));
	return TCL_OK;
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
	Tcl_CreateObjCommand(interp, "fault_sys", arm_cmd, NULL, NULL);
	Tcl_CreateObjCommand(interp, "fault_sys_off", off_cmd, NULL, NULL);
	Tcl_CreateObjCommand(interp, "sys_tmpfile", tmpfile_cmd, NULL, NULL);
	return TCL_OK;
}
