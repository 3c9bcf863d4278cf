#ifndef KEYRING_ASKPASS_H
#define KEYRING_ASKPASS_H

/* Secrets from a program (STRONGROOM_ASKPASS) and from descriptors. */

#include "keyring/secret.h"

/**
 * askpass_line(fd, out, err):
 * The first line that ${fd} gives, without its end, into a new secret; not a byte more is
 * read, so what follows is another reader's. RC_OK; RC_INPUT (too long); RC_IO.
 */
enum rc askpass_line(int fd, struct secret **out, struct err *err);

/**
 * askpass_run(program, prompt, out, err):
 * Run ${program} (a path; no shell) with ${prompt} as its argument; the first line of its
 * standard output. RC_OK; RC_INPUT (not a path, or it can't be run); RC_CANCELLED (it
 * ended with a failure).
 */
enum rc askpass_run(
    const char *program, const char *prompt, struct secret **out, struct err *err);

#endif
