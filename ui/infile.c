/*
 * Files that somebody names to be read.
 *
 * 1. Nothing waits without looking at the flag that cancels: a pipe without a writer, or one
 *    whose writer is silent, keeps neither a terminal nor a thread.
 */
#include "ui/infile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define LOOK_MS 100 /* how often the flag is looked at: a signal may have gone elsewhere */

static enum rc
failed(const char *name, struct err *err)
{
	return err_set(err, errno == ENOENT ? RC_NOTFOUND : RC_IO, "%s can't be read: %s", name,
	    strerror(errno));
}

/* Until there is something to read, or its end. */
static enum rc
wait_for(int fd, const atomic_bool *cancel)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n = 0;

	while (n == 0 || (n < 0 && errno == EINTR)) {
		if (atomic_load(cancel))
			return RC_CANCELLED;
		n = poll(&p, 1, LOOK_MS);
	}
	return RC_OK; /* what fails here is told by the read */
}

enum rc
infile_open(const char *path, const atomic_bool *cancel, int *fd, struct err *err)
{
	enum rc rc;

	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*fd < 0)
		return failed(path, err);
	rc = wait_for(*fd, cancel);
	if (rc == RC_OK && fcntl(*fd, F_SETFL, O_RDONLY) != 0)
		rc = failed(path, err);
	if (rc != RC_OK) {
		close(*fd);
		*fd = -1;
	}
	return rc;
}

enum rc
infile_read(int fd, const char *name, const atomic_bool *cancel, void *buf, size_t cap,
    size_t *len, struct err *err)
{
	ssize_t got = 1;
	enum rc rc;

	*len = 0;
	while (got != 0 && *len < cap) {
		rc = wait_for(fd, cancel);
		if (rc != RC_OK)
			return rc;
		got = read(fd, (char *)buf + *len, cap - *len);
		if (got < 0 && errno != EINTR)
			return failed(name, err);
		if (got > 0)
			*len += (size_t)got;
	}
	return RC_OK;
}
