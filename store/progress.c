/*
 * How often a long call says how far it is. The clock is read at each 64th call only: a
 * call stands for a row.
 */
#include "store/progress.h"

#include <time.h>

#define EACH_CALLS 64
#define EACH_MS    100

bool
progress_tick(struct progress_clock *clock, const struct progress *progress,
    uint64_t done, uint64_t all)
{
	struct timespec now;
	int64_t ms;

	if (!progress->step || clock->calls++ % EACH_CALLS != 0)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	if (clock->last_ms && ms - clock->last_ms < EACH_MS)
		return false;
	clock->last_ms = ms;
	return progress->step(progress->arg, done, all);
}
