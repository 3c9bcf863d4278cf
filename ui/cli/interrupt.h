#ifndef UI_CLI_INTERRUPT_H
#define UI_CLI_INTERRUPT_H

/* Signals that end a command, turned into a cancel that is heard in time. */

#include <signal.h>

#include "ui/op.h"

/**
 * interrupt_setup(): from now on INT, TERM, HUP and QUIT cancel the watched call; PIPE is
 * ignored. A second one ends the process at once, with the terminal's echo restored.
 * interrupt_watch(c): the call to be cancelled; NULL before its vault is closed.
 * interrupt_signal(): the signal that came, or 0.
 * interrupt_mask(set): the set of these signals.
 */
void interrupt_setup(void);
void interrupt_watch(struct op_call *c);
int interrupt_signal(void);
void interrupt_mask(sigset_t *set);

#endif
