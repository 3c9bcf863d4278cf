/*
 * The worker thread.
 *
 *   worker_post -> waiting -- serve --> running -> finished -- worker_collect --> done
 *
 * 1. The vault of a worker is used by its thread alone; vault_interrupt is the one call
 *    from outside, under the mutex while a job runs, so that it can't hit the next.
 * 2. done and free are called in the event loop, never on the thread; a job that was
 *    forgotten is freed without being told.
 * 3. Nothing but worker_free and worker_wait_locked waits for the thread.
 */
#include "ui/tui/worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define AGAIN_NS (20 * 1000000L) /* until it is told again to stop */

struct worker {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake, idle;
	struct vault *v;
	struct job *waiting, *running, *finished;
	int wake_fd;
	bool ending, locking;
};

static void
append(struct job **list, struct job *j)
{
	while (*list)
		list = &(*list)->next;
	j->next = NULL;
	*list = j;
}

static struct job *
take_first(struct job **list)
{
	struct job *j = *list;

	if (j)
		*list = j->next;
	return j;
}

static void
tell(struct worker *w)
{
	uint64_t one = 1;

	if (write(w->wake_fd, &one, sizeof one) < 0)
		return; /* the counter is full: the loop is awake anyway */
}

static void
close_vault(struct worker *w)
{
	struct vault *v = w->v;

	w->v = NULL;
	pthread_mutex_unlock(&w->mutex);
	vault_close(v);
	pthread_mutex_lock(&w->mutex);
	w->locking = false;
	pthread_cond_broadcast(&w->idle);
	tell(w);
}

static void
run_job(struct worker *w, struct job *j)
{
	struct vault *v = w->v;

	w->running = j;
	pthread_mutex_unlock(&w->mutex);
	vault_stop_by(&j->cancel);
	if (atomic_load(&j->cancel))
		j->rc = RC_CANCELLED;
	else
		j->ops->run(j, v);
	vault_stop_by(NULL);
	pthread_mutex_lock(&w->mutex);
	w->running = NULL;
	if (j->opened) {
		w->v = j->opened;
		j->opened = NULL;
	}
	append(&w->finished, j);
	tell(w);
}

static void *
serve(void *arg)
{
	struct worker *w = arg;

	pthread_mutex_lock(&w->mutex);
	for (;;) {
		if (w->locking || (w->ending && w->v))
			close_vault(w);
		else if (w->ending)
			break;
		else if (w->waiting)
			run_job(w, take_first(&w->waiting));
		else
			pthread_cond_wait(&w->wake, &w->mutex);
	}
	pthread_mutex_unlock(&w->mutex);
	return NULL;
}

enum rc
worker_new(int wake, struct worker **out)
{
	struct worker *w = calloc(1, sizeof *w);

	*out = NULL;
	if (!w)
		return RC_NOMEM;
	w->wake_fd = wake;
	pthread_mutex_init(&w->mutex, NULL);
	pthread_cond_init(&w->wake, NULL);
	pthread_cond_init(&w->idle, NULL);
	if (pthread_create(&w->thread, NULL, serve, w) != 0) {
		pthread_cond_destroy(&w->idle);
		pthread_cond_destroy(&w->wake);
		pthread_mutex_destroy(&w->mutex);
		free(w);
		return RC_NOMEM;
	}
	*out = w;
	return RC_OK;
}

static void
free_all(struct job **list)
{
	struct job *j;

	while ((j = take_first(list)) != NULL)
		j->ops->free(j);
}

static void
stop_running(struct worker *w)
{
	if (!w->running)
		return;
	atomic_store(&w->running->cancel, true);
	if (w->v)
		vault_interrupt(w->v);
}

void
worker_free(struct worker *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->mutex);
	w->ending = true;
	free_all(&w->waiting);
	stop_running(w);
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->mutex);
	pthread_join(w->thread, NULL);
	free_all(&w->finished);
	pthread_cond_destroy(&w->idle);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->mutex);
	free(w);
}

void
worker_give(struct worker *w, struct vault *v)
{
	pthread_mutex_lock(&w->mutex);
	w->v = v;
	pthread_mutex_unlock(&w->mutex);
}

void
worker_lock(struct worker *w)
{
	pthread_mutex_lock(&w->mutex);
	w->locking = true;
	free_all(&w->waiting);
	free_all(&w->finished);
	if (w->running)
		w->running->owner = NULL;
	stop_running(w);
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->mutex);
}

bool
worker_press(struct worker *w)
{
	bool locking;

	pthread_mutex_lock(&w->mutex);
	locking = w->locking;
	if (locking)
		stop_running(w);
	pthread_mutex_unlock(&w->mutex);
	return locking;
}

void
worker_wait_locked(struct worker *w)
{
	struct timespec at;

	pthread_mutex_lock(&w->mutex);
	while (w->locking) {
		stop_running(w); /* see worker_press */
		clock_gettime(CLOCK_REALTIME, &at);
		at.tv_sec += (at.tv_nsec + AGAIN_NS) / 1000000000L;
		at.tv_nsec = (at.tv_nsec + AGAIN_NS) % 1000000000L;
		pthread_cond_timedwait(&w->idle, &w->mutex, &at);
	}
	pthread_mutex_unlock(&w->mutex);
}

void
worker_post(struct worker *w, struct job *j)
{
	pthread_mutex_lock(&w->mutex);
	append(&w->waiting, j);
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->mutex);
}

static bool
fits(const struct job *j, const void *owner, const struct job_ops *ops)
{
	return (!owner || j->owner == owner) && (!ops || j->ops == ops);
}

static void
drop_fitting(struct job **list, const void *owner, const struct job_ops *ops)
{
	struct job *j;

	for (j = *list; j != NULL; j = *list) {
		if (fits(j, owner, ops)) {
			*list = j->next;
			j->ops->free(j);
		} else {
			list = &j->next;
		}
	}
}

void
worker_cancel(struct worker *w, const void *owner, const struct job_ops *ops)
{
	pthread_mutex_lock(&w->mutex);
	drop_fitting(&w->waiting, owner, ops);
	if (w->running && fits(w->running, owner, ops))
		stop_running(w);
	pthread_mutex_unlock(&w->mutex);
}

void
worker_forget(struct worker *w, const void *owner)
{
	pthread_mutex_lock(&w->mutex);
	drop_fitting(&w->waiting, owner, NULL);
	drop_fitting(&w->finished, owner, NULL);
	if (w->running && fits(w->running, owner, NULL)) {
		w->running->owner = NULL;
		stop_running(w);
	}
	pthread_mutex_unlock(&w->mutex);
}

void
worker_stop(struct worker *w, const struct job_ops *ops)
{
	struct job *j;

	pthread_mutex_lock(&w->mutex);
	for (j = w->waiting; j; j = j->next)
		if (fits(j, NULL, ops))
			atomic_store(&j->cancel, true);
	if (w->running && fits(w->running, NULL, ops))
		stop_running(w);
	pthread_mutex_unlock(&w->mutex);
}

void
worker_collect(struct worker *w)
{
	struct job *j;

	for (;;) {
		pthread_mutex_lock(&w->mutex);
		j = take_first(&w->finished);
		pthread_mutex_unlock(&w->mutex);
		if (!j)
			return;
		if (j->owner)
			j->ops->done(j);
		j->ops->free(j);
	}
}

bool
worker_busy(struct worker *w)
{
	bool busy;

	pthread_mutex_lock(&w->mutex);
	busy = w->running || w->waiting;
	pthread_mutex_unlock(&w->mutex);
	return busy;
}
