/*
 * Signals that end a command.
 *
 * 1. The handler touches lock-free atomics, sqlite3_interrupt (by vault_interrupt), and
 * on the second signal tcsetattr and _exit: all safe at any moment.
 * 2. The call is watched only while its vault is open, so the handler never sees a freed
 * one.
 */

#include "ui/cli/interrupt.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/cli/prompt.h"

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

#define ENDING (sizeof(ending) / sizeof(ending[0]))

static volatile sig_atomic_t came;
static struct op_call *_Atomic watched;

static void
on_signal(int sig)
{
	struct op_call *c = atomic_load(&watched);

	if (came != 0) {
		prompt_restore();
		_exit(128 + sig);
	}
	came = sig;
	if (c == NULL)
		return;
	atomic_store(&c->cancel, true);
	if (c->v != NULL)
		vault_interrupt(c->v);
}

void
interrupt_setup(void)
{
	struct sigaction action, old;
	size_t i;

	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	action.sa_handler = on_signal;
	interrupt_mask(&action.sa_mask);
	for (i = 0; i < ENDING; i++) {
		/* nohup and shells' background jobs have some of them ignored: so they
		 * stay. */
		if (sigaction(ending[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(ending[i], &action, NULL);
	}
}

void
interrupt_watch(struct op_call *c)
{
	atomic_store(&watched, c);
}

int
interrupt_signal(void)
{
	return (int)came;
}

void
interrupt_mask(sigset_t *set)
{
	size_t i;

	sigemptyset(set);
	for (i = 0; i < ENDING; i++)
		sigaddset(set, ending[i]);
}
