#ifndef STORE_PROGRESS_H
#define STORE_PROGRESS_H

/* How often a long call says how far it is, and how long it took. */

#include "store/vault.h"

struct progress_clock { /* zero at the beginning */
	uint64_t calls;
	int64_t last_ms;
};

/**
 * progress_tick(clock, progress, done, all):
 * Tell ${progress} at most each 100 ms; true when the caller shall stop.
 */
bool progress_tick(struct progress_clock *clock, const struct progress *progress,
    uint64_t done, uint64_t all);

/**
 * progress_now(): milliseconds of a clock that nobody sets, from any beginning.
 */
int64_t progress_now(void);

#endif
