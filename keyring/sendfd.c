/* Descriptors over a socket (SCM_RIGHTS). */

#include "keyring/sendfd.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

union passed { /* room for one descriptor, aligned as the kernel wants it */
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

bool
sendfd_put(int to, const void *bytes, size_t len, int fd)
{
	union passed with;
	struct iovec part = {(void *)(uintptr_t)bytes, len};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *c;
	ssize_t n;

	memset(&with, 0, sizeof with);
	if (fd >= 0) {
		m.msg_control = &with;
		m.msg_controllen = sizeof with;
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(c), &fd, sizeof fd);
	}
	do
		n = sendmsg(to, &m, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n >= 0;
}

ssize_t
sendfd_get(int from, void *bytes, size_t cap, int *fd)
{
	union passed with;
	struct iovec part = {bytes, cap};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &with,
	    .msg_controllen = sizeof with};
	struct cmsghdr *c;
	ssize_t n;

	*fd = -1;
	do
		n = recvmsg(from, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n;
	c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof *fd))
		memcpy(fd, CMSG_DATA(c), sizeof *fd);
	return n;
}
