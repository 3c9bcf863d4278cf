/*
 * The place where a vault is made.
 *
 *     site_begin: private temporary file -> filled and closed by the caller
 *     -> site_publish: its name -> folder synced
 *
 * 1. A name that is taken is never replaced, also not one that was taken in the meantime.
 * 2. What is left in the folder is the whole vault or nothing.
 */

#include "store/site.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/crypto.h"

static enum rc
failed(struct err *err, const char *path, int code)
{
	return err_set(err, rc_of_errno(code), "%s can't be made: %s", path, strerror(code));
}

static enum rc
exists(struct err *err, const char *path)
{
	return err_set(err, RC_EXISTS,
	    "%s exists already and is left as it is; choose another name", path);
}

static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name, *real;

	if (!slash)
		return realpath(".", NULL);
	name = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (!name)
		return NULL;
	real = realpath(name, NULL);
	free(name);
	return real;
}

enum rc
site_begin(struct site *s, const char *path, struct err *err)
{
	uint8_t r[8];
	struct stat st;
	int fd, n;

	s->path = path;
	s->temp[0] = '\0';
	s->folder = NULL;
	if (lstat(path, &st) == 0)
		return exists(err, path);
	if (path[0] == '\0' || path[strlen(path) - 1] == '/')
		return err_set(err, RC_INPUT, "name a file for the vault");
	s->folder = folder_of(path);
	if (!s->folder)
		return failed(err, path, errno);
	if (random_bytes(r, sizeof r) != RC_OK)
		return RC_INTERNAL;
	n = snprintf(s->temp, sizeof s->temp, "%s/.strongroom-%02x%02x%02x%02x%02x%02x%02x%02x",
	    s->folder, r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]);
	if (n < 0 || (size_t)n >= sizeof s->temp - 16) {
		s->temp[0] = '\0';
		return failed(err, path, ENAMETOOLONG);
	}
	fd = open(s->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		s->temp[0] = '\0';
		return failed(err, path, errno);
	}
	close(fd);
	return RC_OK;
}

void
site_end(struct site *s, bool keep)
{
	static const char *const beside[] = { "", "-wal", "-shm", "-journal" };
	char name[PATH_MAX + 16];
	size_t i;

	for (i = 0; !keep && s->temp[0] && i < sizeof beside / sizeof *beside; i++) {
		snprintf(name, sizeof name, "%s%s", s->temp, beside[i]);
		unlink(name);
	}
	free(s->folder);
}

static enum rc
sync_folder(const struct site *s)
{
	int fd = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum rc rc = fd >= 0 && fsync(fd) == 0 ? RC_OK : RC_IO;

	if (fd >= 0)
		close(fd);
	return rc;
}

/* Closing may leave an empty journal, where it could not be deleted. */
static void
drop_empty_journal(const struct site *s)
{
	char name[PATH_MAX + 16];
	struct stat st;

	snprintf(name, sizeof name, "%s-journal", s->temp);
	if (lstat(name, &st) == 0 && st.st_size == 0)
		unlink(name);
}

bool
site_has_log(const struct site *s)
{
	static const char *const logs[] = { "-wal", "-journal" };
	char name[PATH_MAX + 16];
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof logs / sizeof *logs; i++) {
		snprintf(name, sizeof name, "%s%s", s->temp, logs[i]);
		if (lstat(name, &st) == 0 && st.st_size > 0)
			return true;
	}
	return false;
}

/* File systems that can't rename without replacing have hard links, which never do. */
static int
give_name(const struct site *s)
{
	if (renameat2(AT_FDCWD, s->temp, AT_FDCWD, s->path, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	return link(s->temp, s->path) == 0 ? unlink(s->temp) : -1;
}

enum rc
site_publish(struct site *s, struct err *err)
{
	drop_empty_journal(s);
	if (give_name(s) != 0)
		return errno == EEXIST ? exists(err, s->path) : failed(err, s->path, errno);
	/* What is to be removed if a later step fails. */
	snprintf(s->temp, sizeof s->temp, "%s", s->path);
	return err_default(err, sync_folder(s));
}
