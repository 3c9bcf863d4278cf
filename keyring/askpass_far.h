#ifndef KEYRING_ASKPASS_FAR_H
#define KEYRING_ASKPASS_FAR_H

/* The program that gives passphrases, for a process that may run none any more. */

#include "keyring/secret.h"

struct askpass_far;

/**
 * askpass_far_begin(program, out, err):
 * Fork a process that runs ${program} (a path; no shell), and nothing else, when it is asked:
 * to be called before this one gives up that right. What the program says comes straight from
 * it; the process between sees no secret. RC_OK; RC_INPUT (not a path); RC_IO; RC_NOMEM.
 * askpass_far_run(a, prompt, out, err): as askpass_run.
 * askpass_far_end(a): end that process. NULL is harmless.
 */
enum rc askpass_far_begin(const char *program, struct askpass_far **out, struct err *err);
enum rc askpass_far_run(
    struct askpass_far *a, const char *prompt, struct secret **out, struct err *err);
void askpass_far_end(struct askpass_far *a);

#endif
