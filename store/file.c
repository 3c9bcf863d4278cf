/*
 * Files that are written whole or not at all.
 *
 * 1. Nobody sees the target's name on an unfinished file: the bytes go to a file without a
 *    name in the same folder (O_TMPFILE), which the kernel takes back when the process dies
 *    in any way. Where the file system has none, to a new temporary name beside the target
 *    (O_EXCL, mode 0600, no symbolic link followed).
 * 2. The name is given after fsync, without force by a call that fails when it exists
 *    (link; RENAME_NOREPLACE for a temporary name, or link where there is none).
 * 3. A temporary name is removed on every path but success. A nameless file that replaces
 *    another has one for the moment between link and rename, since link replaces nothing.
 * 4. What is replaced by force is gone with the rename: no process that dies leaves it under
 *    another name. After file_keep_replaced it lives on under the temporary name until
 *    file_free, so that file_withdraw can put it back; not where a file system can't exchange
 *    two names.
 * 5. A vault is never replaced.
 * 6. The buffer held values: it is wiped.
 */
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/header.h"
#include "keyring/secret.h"

#define BUF_LEN  (64 * 1024)
#define TRIES    8
#define NAME_LEN 32 /* of a temporary file */
#define TOLD_MAX 200 /* bytes of a path in a sentence that still says what is wrong */

struct file {
	char *path;
	const char *base; /* in path */
	char temp[NAME_LEN];
	bool force, keep_replaced;
	bool named; /* temp is a name in the folder: of this file, or of the one it replaced */
	bool given; /* the target's name is on it */
	int dir, fd;
	size_t used;
	char buf[BUF_LEN];
};

/* The end of a path that is too long to be told, where its name is. */
static const char *
told(const char *path)
{
	const size_t len = strlen(path);

	return len > TOLD_MAX ? path + len - TOLD_MAX : path;
}

static enum rc
fail(struct err *err, int e, const char *what, const char *whole)
{
	const enum rc rc = rc_of_errno(e);
	const char *path = told(whole);

	if (rc == RC_FULL)
		return err_set(
		    err, rc, "%s %s: %s; make room, then try again", path, what, rc_text(rc));
	return err_set(err, rc, "%s %s: %s", path, what, strerror(e));
}

static enum rc
exists(struct err *err, const char *path)
{
	return err_set(err, RC_EXISTS,
	    "%s exists already: it is not replaced unless that is forced", told(path));
}

/*
 * Whether a regular file with the target's name is a vault: this or any other one. One that
 * opens and can't be read could be. RC_OK; RC_NOMEM.
 */
static enum rc
is_vault(const struct file *f, bool *is)
{
	int fd = openat(f->dir, f->base, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	uint8_t *area = malloc(HEADER_AREA_LEN);
	enum rc rc = area ? RC_OK : RC_NOMEM;
	struct err err = { "" };
	struct header h;
	bool damaged;
	ssize_t n;
	int copy;

	n = area && fd >= 0 ? read(fd, area, HEADER_AREA_LEN) : -1;
	*is = fd >= 0 && n < 0;
	if (n > 0)
		*is = header_pick(area, (size_t)n, &h, &copy, &damaged, &err) != RC_FORMAT;
	if (fd >= 0)
		close(fd);
	free(area);
	return rc;
}

static enum rc
check_kind(const char *path, mode_t mode, struct err *err)
{
	if (S_ISDIR(mode))
		return err_set(
		    err, RC_INPUT, "%s is a folder: name a file in it", told(path));
	if (!S_ISREG(mode))
		return err_set(err, RC_INPUT,
		    "%s is not a regular file: write to - and send that there", told(path));
	return RC_OK;
}

/* What has the target's name now must be nothing, or a file that may be replaced. */
static enum rc
check_target(const struct file *f, struct err *err)
{
	struct stat st;
	enum rc rc;
	bool is;

	/* Set with dir. NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
	if (fstatat(f->dir, f->base, &st, 0) != 0) {
		if (errno == ENAMETOOLONG)
			return err_set(err, RC_INPUT,
			    "a name of %zu bytes is longer than the file system takes: choose "
			    "a shorter one than %s",
			    strlen(f->base), f->base);
		/* A dangling symbolic link is a name that is taken, too. */
		if (fstatat(f->dir, f->base, &st, AT_SYMLINK_NOFOLLOW) != 0)
			return RC_OK;
		return f->force ? RC_OK : exists(err, f->path);
	}
	rc = check_kind(f->path, st.st_mode, err);
	if (rc == RC_OK && !f->force)
		return exists(err, f->path);
	if (rc != RC_OK)
		return rc;
	rc = is_vault(f, &is);
	if (rc != RC_OK)
		return err_default(err, rc);
	if (is)
		return err_set(err, RC_INPUT,
		    "%s is a vault: it is not replaced, not even when that is forced",
		    f->path);
	return RC_OK;
}

/* A folder that can't be opened, as /dev in a sandbox, may hold what is no file to begin with. */
static enum rc
no_folder(const char *path, int e, struct err *err)
{
	struct stat st;
	enum rc rc = lstat(path, &st) == 0 ? check_kind(path, st.st_mode, err) : RC_OK;

	return rc == RC_OK
	    ? fail(err, e, "can't be written, its folder can't be opened", path) : rc;
}

static enum rc
open_folder(struct file *f, struct err *err)
{
	char *slash = strrchr(f->path, '/');
	char folder[PATH_MAX];
	size_t n;

	f->base = slash ? slash + 1 : f->path;
	n = (size_t)(f->base - f->path);
	if (!*f->base)
		return err_set(err, RC_INPUT, "%s is a folder: name a file in it",
		    *f->path ? f->path : "\"\"");
	if (n >= sizeof folder)
		return fail(err, ENAMETOOLONG, "can't be written", f->path);
	memcpy(folder, f->path, n);
	folder[n] = '\0';
	f->dir = open(n ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return f->dir < 0 ? no_folder(f->path, errno, err) : RC_OK;
}

static bool
name_temporary(struct file *f)
{
	uint64_t salt;

	if (getrandom(&salt, sizeof salt, 0) != (ssize_t)sizeof salt)
		return false;
	snprintf(f->temp, sizeof f->temp, ".strongroom-%016llx", (unsigned long long)salt);
	return true;
}

static void
proc_name(const struct file *f, char out[NAME_LEN])
{
	snprintf(out, NAME_LEN, "/proc/self/fd/%d", f->fd);
}

/* A file without a name; false where it could not be given one later. */
static bool
open_nameless(struct file *f)
{
	char proc[NAME_LEN];
	struct stat st;

	f->fd = openat(f->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (f->fd < 0)
		return false;
	proc_name(f, proc);
	if (stat(proc, &st) == 0)
		return true;
	close(f->fd);
	f->fd = -1;
	return false;
}

static enum rc
open_temporary(struct file *f, struct err *err)
{
	int i;

	if (open_nameless(f))
		return RC_OK;
	for (i = 0; i < TRIES && name_temporary(f); i++) {
		f->fd = openat(f->dir, f->temp,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (f->fd >= 0) {
			f->named = true;
			return RC_OK;
		}
		if (errno != EEXIST)
			break;
	}
	return fail(err, errno, "can't be written", f->path);
}

enum rc
file_new(const char *path, bool force, struct file **out, struct err *err)
{
	struct file *f = calloc(1, sizeof *f);
	enum rc rc;

	*out = NULL;
	if (!f)
		return err_default(err, RC_NOMEM);
	f->force = force;
	f->dir = f->fd = -1;
	f->path = strdup(path);
	rc = f->path ? open_folder(f, err) : err_default(err, RC_NOMEM);
	if (rc == RC_OK)
		rc = check_target(f, err);
	if (rc == RC_OK)
		rc = open_temporary(f, err);
	if (rc != RC_OK) {
		file_free(f);
		return rc;
	}
	*out = f;
	return RC_OK;
}

enum rc
file_write_fd(int fd, const void *bytes, size_t len, const char *name, struct err *err)
{
	const char *p = bytes;
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EPIPE)
			return err_set(err, RC_IO, "%s: the reader has closed it", name);
		if (n < 0)
			return fail(err, errno, "can't be written", name);
		p += n;
		len -= (size_t)n;
	}
	return RC_OK;
}

static enum rc
flush(struct file *f, struct err *err)
{
	size_t used = f->used;

	f->used = 0;
	return file_write_fd(f->fd, f->buf, used, f->path, err);
}

enum rc
file_write(struct file *f, const void *bytes, size_t len, struct err *err)
{
	enum rc rc;

	if (len > BUF_LEN - f->used) {
		rc = flush(f, err);
		if (rc != RC_OK)
			return rc;
	}
	if (len > BUF_LEN)
		return file_write_fd(f->fd, bytes, len, f->path, err);
	if (len)
		memcpy(f->buf + f->used, bytes, len);
	f->used += len;
	return RC_OK;
}

/* Give the nameless file a first name. */
static int
link_name(const struct file *f, const char *name)
{
	char proc[NAME_LEN];

	if (linkat(f->fd, "", f->dir, name, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno == EEXIST)
		return -1;
	proc_name(f, proc); /* what older kernels let anyone do */
	return linkat(AT_FDCWD, proc, f->dir, name, AT_SYMLINK_FOLLOW);
}

/* A nameless file that may replace another needs a temporary name to be renamed from. */
static int
link_temporary(struct file *f)
{
	int i;

	for (i = 0; i < TRIES && name_temporary(f); i++) {
		if (link_name(f, f->temp) == 0) {
			f->named = true;
			return 0;
		}
		if (errno != EEXIST)
			break;
	}
	return -1;
}

/*
 * The temporary name for the target's; what had that has the temporary one then if it is to be
 * kept, unless the two can't be exchanged: there is nothing yet, the file system can't, or
 * a sandbox lets none make a link, which the target is.
 */
static int
replace(struct file *f)
{
	if (f->keep_replaced &&
	    renameat2(f->dir, f->temp, f->dir, f->base, RENAME_EXCHANGE) == 0)
		return 0;
	if (renameat(f->dir, f->temp, f->dir, f->base) != 0)
		return -1;
	f->named = false;
	return 0;
}

/* Put the target's name on the file; errno tells why not. */
static int
give_name(struct file *f)
{
	if (!f->named && link_name(f, f->base) == 0)
		return 0;
	if (!f->named && !f->force)
		return -1;
	if (!f->named && link_temporary(f) != 0)
		return -1;
	if (f->force)
		return replace(f);
	f->named = renameat2(f->dir, f->temp, f->dir, f->base, RENAME_NOREPLACE) != 0;
	if (!f->named)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (linkat(f->dir, f->temp, f->dir, f->base, 0) != 0)
		return -1;
	f->named = unlinkat(f->dir, f->temp, 0) != 0;
	return 0;
}

void
file_keep_replaced(struct file *f)
{
	f->keep_replaced = true;
}

enum rc
file_settle(struct file *f, struct err *err)
{
	enum rc rc = flush(f, err);

	if (rc == RC_OK && fsync(f->fd) != 0)
		return fail(err, errno, "can't be written", f->path);
	return rc;
}

enum rc
file_commit(struct file *f, struct err *err)
{
	enum rc rc = file_settle(f, err);

	if (rc != RC_OK)
		return rc;
	if (give_name(f) != 0) {
		if (errno == EEXIST)
			return exists(err, f->path);
		return fail(err, errno, "can't be given its name", f->path);
	}
	f->given = true;
	if (fsync(f->dir) != 0 && errno != EINVAL)
		return fail(
		    err, errno, "is written, but its folder can't be synced", f->path);
	return RC_OK;
}

bool
file_given(const struct file *f)
{
	return f->given;
}

void
file_withdraw(struct file *f)
{
	struct stat ours, there;

	if (!f->given || fstat(f->fd, &ours) != 0 ||
	    fstatat(f->dir, f->base, &there, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	f->given = false;
	if (ours.st_dev != there.st_dev || ours.st_ino != there.st_ino)
		return;
	if (f->named)
		f->named = renameat(f->dir, f->temp, f->dir, f->base) != 0;
	else
		unlinkat(f->dir, f->base, 0);
}

void
file_free(struct file *f)
{
	if (!f)
		return;
	if (f->named)
		unlinkat(f->dir, f->temp, 0);
	if (f->fd >= 0)
		close(f->fd);
	if (f->dir >= 0)
		close(f->dir);
	secret_wipe(f->buf, sizeof f->buf);
	free(f->path);
	free(f);
}

/* The folder's real path and the last part of the name; false when there is no folder. */
static bool
resolve(const char *path, char out[PATH_MAX * 2])
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX], real[PATH_MAX];
	size_t n = slash ? (size_t)(slash - path) + 1 : 0;

	if (n >= sizeof folder)
		return false;
	memcpy(folder, path, n);
	folder[n] = '\0';
	if (!realpath(n ? folder : ".", real))
		return false;
	snprintf(out, PATH_MAX * 2, "%s/%s", real, slash ? slash + 1 : path);
	return true;
}

static bool
same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
}

bool
file_is_same(const char *a, const char *b)
{
	char at_a[PATH_MAX * 2], at_b[PATH_MAX * 2];

	return same_file(a, b) ||
	    (resolve(a, at_a) && resolve(b, at_b) && strcmp(at_a, at_b) == 0);
}

bool
file_is_part_of(const char *path, const char *vault)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-journal",
		"-rotate" };
	char whole[PATH_MAX], real[PATH_MAX];
	const char *base = realpath(vault, real) ? real : vault;
	size_t i;

	for (i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		if (snprintf(whole, sizeof whole, "%s%s", base, suffixes[i]) >=
		    (int)sizeof whole)
			return false;
		if (file_is_same(path, whole))
			return true;
	}
	return false;
}
