#ifndef UI_CLI_PROMPT_H
#define UI_CLI_PROMPT_H

/* Questions on the terminal itself (/dev/tty), whatever the standard streams are. */

#include "keyring/secret.h"

#define PROMPT_MAX 4096 /* bytes of a line: what a terminal gives at once */

/**
 * prompt_possible(): whether there is a terminal to ask on.
 * prompt_line(prompt, echo, out, err): one line without its end into a new secret.
 * RC_OK (may be empty); RC_CANCELLED (a signal, or the end of input); RC_INPUT (no
 * terminal, or a line longer than a terminal passes on). The terminal is as before in
 * every case, also while the process is stopped. prompt_restore(): put the terminal back
 * at once; for the signal handler's last exit.
 */
bool prompt_possible(void);
enum rc prompt_line(const char *prompt, bool echo, struct secret **out, struct err *err);
void prompt_restore(void);

#endif
