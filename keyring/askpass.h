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

/*
 * The parts of askpass_run, for askpass_far.c too.
 *
 * askpass_check(program, err): RC_INPUT where it is no path.
 * askpass_exec(program, prompt, to): in a child: become the program, which writes to ${to}.
 * askpass_take(fd, out, err): as askpass_line, and all that follows is read and dropped.
 * askpass_ended(status, program, err): what waitpid said of it, or -1.
 */
enum rc askpass_check(const char *program, struct err *err);
_Noreturn void askpass_exec(const char *program, const char *prompt, int to);
enum rc askpass_take(int fd, struct secret **out, struct err *err);
enum rc askpass_ended(int status, const char *program, struct err *err);

#endif
