/*
 * Loaded before a program (LD_PRELOAD): it stops itself when it has done all it does, its
 * memory as it leaves it, until it is told to go on. Bound at once
 * (-z now): the dynamic linker would otherwise put the vector registers, and what memcpy
 * left in them, on the stack.
 */

#include <signal.h>

static void __attribute__((destructor)) stop_at_exit(void)
{
	raise(SIGSTOP);
}
