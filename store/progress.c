/*
 * How often a long call says how far it is. The clock is read at each 64th call only: a
 * call stands for a row.
 */
#include "store/progress.h"

#include <time.h>

#define EACH_CALLS 64
#define EACH_MS    100

int64_t
progress_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool
progress_tick(struct progress_clock *clock, const struct progress *progress,
    uint64_t done, uint64_t all)
{
	int64_t ms;

	if (!progress->step || clock->calls++ % EACH_CALLS != 0)
		return false;
	ms = progress_now();
	if (clock->last_ms && ms - clock->last_ms < EACH_MS)
		return false;
	clock->last_ms = ms;
	return progress->step(progress->arg, done, all);
}
