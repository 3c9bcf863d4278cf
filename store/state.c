/* The state folder: paths, folders, files that belong to nobody else. */
#include "store/state.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each folder of ${path} that is missing; the last part is the file's name. */
static void
make_folders(char *path)
{
	char *slash;

	for (slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

bool
state_folder(char *path, size_t len)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n;

	/* The XDG specification: a relative path is to be ignored. */
	if (state && *state == '/')
		n = snprintf(path, len, "%s/strongroom", state);
	else if (home && *home == '/')
		n = snprintf(path, len, "%s/.local/state/strongroom", home);
	else
		return false;
	return n > 0 && (size_t)n < len;
}

static bool
file_path(const uint8_t id[16], const char *name, char path[PATH_MAX])
{
	char folder[PATH_MAX], hex[33];
	int i, n;

	if (!state_folder(folder, sizeof folder))
		return false;
	for (i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", id[i]);
	n = snprintf(path, PATH_MAX, "%s/%s/%s", folder, hex, name);
	return n > 0 && n < PATH_MAX;
}

/* Locked; -1 where it is no file that this user can read and write. */
static int
open_file(const char *path, int flags, int wait)
{
	struct stat st;
	int fd = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* What stands in the place of a file and is none of ours: a link, a pipe, a folder. */
static bool
clear_place(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0 || S_ISREG(st.st_mode))
		return false;
	return (S_ISDIR(st.st_mode) ? rmdir(path) : unlink(path)) == 0;
}

int
state_open(const uint8_t id[16], const char *name, int flags, int wait)
{
	char path[PATH_MAX];
	int fd;

	if (!file_path(id, name, path))
		return -1;
	if (flags & O_CREAT)
		make_folders(path);
	fd = open_file(path, flags, wait);
	if (fd < 0 && (flags & O_CREAT) && clear_place(path))
		fd = open_file(path, flags, wait);
	return fd;
}

bool
state_empty(const uint8_t id[16], const char *name)
{
	int fd = state_open(id, name, O_WRONLY | O_TRUNC, true);
	const bool done = fd >= 0;

	if (!done) /* nothing to empty, unless it can be read */
		fd = state_open(id, name, O_RDONLY, true);
	if (fd >= 0)
		close(fd);
	return done || fd < 0;
}
