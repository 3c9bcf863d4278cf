/*
 * A thread with a connection of its own.
 *
 * 1. The connection belongs to the thread from its begin to its end; others only interrupt it.
 * 2. No thread outlives beside_end, and with it go the keys that its connection holds.
 */
#include "store/beside.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_MS 10 /* between two questions whether to stop */

struct beside {
	struct vault *v;
	beside_fn *run;
	void *arg;
	enum rc rc;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool has_ended;
};

static void *
serve(void *arg)
{
	struct beside *b = arg;
	enum rc rc = b->run(b->v, b->arg);

	pthread_mutex_lock(&b->lock);
	b->rc = rc;
	b->has_ended = true;
	pthread_cond_signal(&b->ended);
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

static void
dispose(struct beside *b)
{
	pthread_cond_destroy(&b->ended);
	pthread_mutex_destroy(&b->lock);
	vault_close(b->v);
	free(b);
}

void
beside_begin(struct vault *v, beside_fn *run, void *arg, struct beside **out)
{
	struct beside *b = calloc(1, sizeof *b);
	pthread_condattr_t by_uptime;

	*out = NULL;
	if (!b)
		return;
	if (vault_clone(v, &b->v, NULL) != RC_OK) {
		free(b);
		return;
	}
	b->run = run;
	b->arg = arg;
	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_init(&by_uptime); /* the time of day may be set meanwhile */
	pthread_condattr_setclock(&by_uptime, CLOCK_MONOTONIC);
	pthread_cond_init(&b->ended, &by_uptime);
	pthread_condattr_destroy(&by_uptime);
	if (pthread_create(&b->thread, NULL, serve, b) != 0)
		dispose(b);
	else
		*out = b;
}

static void
in_a_moment(struct timespec *t)
{
	clock_gettime(CLOCK_MONOTONIC, t);
	t->tv_nsec += LOOK_MS * 1000000;
	if (t->tv_nsec >= 1000000000) {
		t->tv_nsec -= 1000000000;
		t->tv_sec++;
	}
}

void
beside_wait(struct beside *b, bool (*stop)(void *arg), void *stop_arg)
{
	struct timespec until;

	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	while (!b->has_ended) {
		in_a_moment(&until);
		pthread_cond_timedwait(&b->ended, &b->lock, &until);
		if (b->has_ended)
			break;
		pthread_mutex_unlock(&b->lock); /* a stop may take its time */
		if (stop(stop_arg))
			vault_interrupt(b->v);
		pthread_mutex_lock(&b->lock);
	}
	pthread_mutex_unlock(&b->lock);
}

static bool
at_once(void *arg)
{
	(void)arg;
	return true;
}

enum rc
beside_end(struct beside *b, struct err *err)
{
	enum rc rc;

	if (!b)
		return RC_OK;
	/* Again and again: a call of the store that just begins knows nothing of the one before. */
	beside_wait(b, at_once, NULL);
	pthread_join(b->thread, NULL);
	rc = b->rc;
	if (rc != RC_OK && err)
		*err = b->v->err;
	dispose(b);
	return rc;
}
