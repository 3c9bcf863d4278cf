#ifndef UI_TUI_WORKER_H
#define UI_TUI_WORKER_H

/*
 * A thread with a vault connection of its own. The event loop posts jobs; the thread runs
 * them one after the other and hands them back; an eventfd wakes the loop.
 */

#include <stdatomic.h>

#include "store/vault.h"

struct job;

struct job_ops {
	/* On the thread; may be slow; fills rc and err. ${v} is NULL while locked. */
	void (*run)(struct job *j, struct vault *v);
	/* In the event loop, unless the owner has forgotten it. */
	void (*done)(struct job *j);
	/* Wipe and free what the job holds, and the job: in every case. */
	void (*free)(struct job *j);
};

struct job { /* first member of each kind's own struct */
	const struct job_ops *ops;
	void *owner; /* who asked: a view; NULL: nobody is told */
	atomic_bool cancel;
	enum rc rc;
	struct err err;
	struct vault *opened; /* run sets it: from now on the thread's vault */
	struct job *next;
};

struct worker;

/**
 * worker_new(wake, out): start a thread; ${wake} is an eventfd, written when a job is
 * done. worker_free(w): cancel, close the vault, end the thread; waits for it. NULL is
 * harmless.
 */
enum rc worker_new(int wake, struct worker **out);
void worker_free(struct worker *w);

/**
 * worker_give(w, v): the thread owns ${v} from now on (it has none).
 * worker_lock(w): drop what waits, cancel what runs, close the vault; does not wait.
 * worker_press(w): whether a lock is still to come about; what keeps it waiting is told
 * again to stop, for a call may begin just when it was told. To be called now and then.
 * worker_wait_locked(w): wait until it has come about.
 */
void worker_give(struct worker *w, struct vault *v);
void worker_lock(struct worker *w);
bool worker_press(struct worker *w);
void worker_wait_locked(struct worker *w);

/**
 * worker_post(w, j): run ${j}, which is the worker's until its done.
 * worker_cancel(w, owner, ops): take away the jobs of ${owner} of this kind; those that wait
 * are not told, the one that runs is interrupted, its done is still called with
 * RC_CANCELLED. worker_forget(w, owner): the same with those of any kind, and none of them
 * is told any more. worker_stop(w, ops): ask all jobs of this kind (NULL: of any) to stop,
 * also those that wait; each is told with RC_CANCELLED. worker_collect(w): call done for
 * what has finished; in the event loop.
 * worker_busy(w): whether something runs or waits.
 */
void worker_post(struct worker *w, struct job *j);
void worker_cancel(struct worker *w, const void *owner, const struct job_ops *ops);
void worker_forget(struct worker *w, const void *owner);
void worker_stop(struct worker *w, const struct job_ops *ops);
void worker_collect(struct worker *w);
bool worker_busy(struct worker *w);

#endif
