#ifndef UI_INFILE_H
#define UI_INFILE_H

/* Files that somebody names to be read: opened, and read whole when they are small. */

#include <stdatomic.h>
#include <stddef.h>

#include "keyring/rc.h"

/**
 * infile_open(path, cancel, fd, err):
 * A pipe that has a name is waited for until somebody writes to it or ${cancel} is set.
 * RC_OK; RC_NOTFOUND; RC_IO; RC_CANCELLED.
 * infile_read(fd, name, cancel, buf, cap, len, err): all of ${fd}, as far as it fits: ${len} is
 * ${cap} then. RC_OK; RC_IO; RC_CANCELLED.
 */
enum rc infile_open(const char *path, const atomic_bool *cancel, int *fd, struct err *err);
enum rc infile_read(int fd, const char *name, const atomic_bool *cancel, void *buf, size_t cap,
    size_t *len, struct err *err);

#endif
