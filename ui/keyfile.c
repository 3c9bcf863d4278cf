/*
 * Key files: read into secret memory, whole.
 *
 * 1. One that group or others can read is refused: it is no secret.
 * 2. What is no regular file is refused before it is read: a pipe would block, and a
 * device never ends.
 */

#include "ui/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYFILE_LEAST 32
#define KEYFILE_MOST  (64 * 1024)

static enum rc
check_keyfile(const char *path, const struct stat *st, struct err *err)
{
	if (!S_ISREG(st->st_mode))
		return err_set(
		    err, RC_INPUT, "the key file %s is not a regular file", path);
	if ((st->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return err_set(err, RC_DENIED,
		    "the key file %s can be read by others: chmod 600 it, and make a new "
		    "one if "
		    "somebody may have read it",
		    path);
	if (st->st_size < KEYFILE_LEAST || st->st_size > KEYFILE_MOST)
		return err_set(err, RC_INPUT,
		    "the key file %s must have %d to %d bytes: head -c 64 /dev/urandom "
		    "makes a "
		    "good one",
		    path, KEYFILE_LEAST, KEYFILE_MOST);
	return RC_OK;
}

static enum rc
read_all(int fd, size_t len, struct secret **out)
{
	struct secret *s;
	size_t done = 0;
	ssize_t n = 1;
	enum rc rc = secret_new(len, &s);

	if (rc != RC_OK)
		return rc;
	while (n != 0 && done < len) {
		n = read(fd, secret_bytes(s) + done, len - done);
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			done += (size_t)n;
	}
	secret_set_len(s, done);
	if (done < len) {
		secret_free(s);
		return RC_IO;
	}
	*out = s;
	return RC_OK;
}

enum rc
keyfile_read(const char *path, struct secret **out, struct err *err)
{
	struct stat st;
	enum rc rc;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	*out = NULL;
	if (fd < 0)
		return err_set(err, errno == ENOENT ? RC_NOTFOUND : RC_IO,
		    "the key file %s can't be read: %s", path, strerror(errno));
	rc = fstat(fd, &st) == 0 ? check_keyfile(path, &st, err) : RC_IO;
	if (rc == RC_OK)
		rc = read_all(fd, (size_t)st.st_size, out);
	close(fd);
	return rc == RC_IO ? err_set(err, rc, "the key file %s can't be read", path) : rc;
}
