/*
 * Failed attempts to unlock, kept while there is no key to write them into the audit with.
 *
 * The file holds a time of 8 bytes per attempt, big-endian; each is appended by one write.
 *
 * 1. Folders are made with mode 0700, the file with 0600; no symbolic link is followed to it.
 * 2. The file grows to FILE_MAX bytes and no more.
 * 3. What is read is not believed: a time out of range is left out.
 */
#include "store/attempts.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/bytes.h"
#include "store/vault_int.h"

#define TIME_LEN 8
#define FILE_MAX (10000 * TIME_LEN)

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
attempts_folder(char *path, size_t len)
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
file_path(const uint8_t id[16], char path[PATH_MAX])
{
	char folder[PATH_MAX], hex[33];
	int i, n;

	if (!attempts_folder(folder, sizeof(folder)))
		return false;
	for (i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", id[i]);
	n = snprintf(path, PATH_MAX, "%s/%s/attempts", folder, hex);
	return n > 0 && n < PATH_MAX;
}

/* ${wait}: for another process that has it locked; else that is a failure. */
static int
open_file(const uint8_t id[16], int flags, bool wait)
{
	char path[PATH_MAX];
	struct stat st;
	int fd;

	if (!file_path(id, path))
		return -1;
	if (flags & O_CREAT)
		make_folders(path);
	fd = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Where that fails attempts are told once more, or a time is out of range. */
static void
cut(int fd, off_t size)
{
	if (ftruncate(fd, size) != 0)
		return;
}

void
attempts_note(const uint8_t id[16])
{
	int fd = open_file(id, O_WRONLY | O_APPEND | O_CREAT, true);
	uint8_t raw[TIME_LEN];
	struct stat st;

	if (fd < 0)
		return;
	be64_put(raw, (uint64_t)vault_now());
	/* A time cut short would shift all that follow: it is taken away again. */
	if (fstat(fd, &st) == 0 && st.st_size < FILE_MAX &&
	    write(fd, raw, sizeof raw) != sizeof raw)
		cut(fd, st.st_size);
	close(fd);
}

static void
take(struct attempts *a, int64_t at)
{
	if (a->n < ATTEMPTS_MAX)
		a->at[a->n++] = at;
	else
		a->more++;
}

void
attempts_begin(const uint8_t id[16], int64_t since, struct attempts *out)
{
	int64_t now = vault_now(), at;
	uint8_t raw[TIME_LEN];
	off_t off;

	memset(out, 0, sizeof *out);
	out->fd = open_file(id, O_RDWR, false);
	if (out->fd < 0)
		return;
	for (off = 0; off < FILE_MAX; off += TIME_LEN) {
		if (pread(out->fd, raw, sizeof raw, off) != sizeof raw)
			return;
		at = (int64_t)be64_get(raw);
		if (at >= since && at <= now)
			take(out, at);
	}
}

void
attempts_end(struct attempts *a, bool done)
{
	if (a->fd < 0)
		return;
	if (done)
		cut(a->fd, 0);
	close(a->fd);
	a->fd = -1;
}
