#ifndef KEYRING_SENDFD_H
#define KEYRING_SENDFD_H

/* A message with a descriptor, over a socket between processes (SOCK_SEQPACKET). */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * sendfd_put(to, bytes, len, fd): false when it can't be sent. The caller keeps ${fd}; -1: none.
 * sendfd_get(from, bytes, cap, fd): the length of the next message; 0 or less: there is none
 * any more. ${fd}: the receiver's own, close-on-exec; -1: none came.
 */
bool sendfd_put(int to, const void *bytes, size_t len, int fd);
ssize_t sendfd_get(int from, void *bytes, size_t cap, int *fd);

#endif
