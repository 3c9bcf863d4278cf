#ifndef TEST_FAULTCALL_H
#define TEST_FAULTCALL_H

/* Calls that fail on demand, for the files that stand in a library's place. */

#include <stdatomic.h>
#include <stdbool.h>
#include <tcl.h>

struct faultcall {
	atomic_ullong counted, fired, target; /* target 0: nothing fails */
	atomic_bool for_good;
	_Atomic(const char *) source; /* what fired first */
};

/**
 * faultcall_fails(f, name): count a call of ${name}; whether it is to fail.
 * faultcall_commands(interp, f, arm, off): the commands
 *   ARM N ?-persistent?   the Nth call from now fails, or all from it on
 *   OFF                   {fired N calls N source NAME}: the call that fired first
 */
bool faultcall_fails(struct faultcall *f, const char *name);
void faultcall_commands(
    Tcl_Interp *interp, struct faultcall *f, const char *arm, const char *off);

/*
 * What the linker calls in place of the library, and how to reach that one. Where this is used
 * fails(name) says whether it is to fail.
 */
#define FAULTCALL_WRAP(type, name, params, args, refusal)                                \
	type __real_##name params;                                                       \
	type __wrap_##name params;                                                       \
	type __wrap_##name params                                                        \
	{                                                                                \
		return fails(#name) ? (refusal) : __real_##name args;                    \
	}

#endif
