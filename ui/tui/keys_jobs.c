/*
 * Jobs of the keys screen.
 *
 * 1. A rotation belongs to the app and not to the screen that began it: it goes on while
 *    other views are used, and has the second worker's connection to itself.
 */
#include "ui/tui/keys_jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
keys_run(struct job *job, struct vault *v)
{
	struct keys_job *j = (struct keys_job *)job;
	struct progress progress = {app_step, j};

	if (!v) {
		job->rc = RC_LOCKED;
		return;
	}
	switch (j->task) {
	case KEYS_READ:
		job->rc = keys_read(v, &j->keys);
		break;
	case KEYS_STATUS:
		job->rc = rotate_status(v, &j->status, &job->err);
		break;
	case KEYS_ROTATE:
		job->rc = rotate_run(v, &progress, &j->report, &job->err);
		break;
	case KEYS_ALLOWED:
		job->rc = slot_order_allowed(&j->order, v, &job->err);
		break;
	case KEYS_PROVE:
		job->rc = slot_order_prove(&j->order, v, &job->err);
		break;
	case KEYS_ORDER:
		job->rc = slot_order_run(&j->order, v, &job->err);
		break;
	}
	if (job->rc != RC_OK && !job->err.text[0])
		err_set(&job->err, job->rc, "%s", vault_err(v));
}

static void
keys_told(struct job *job)
{
	struct keys_job *j = (struct keys_job *)job;

	j->done(j);
}

static void
keys_free(struct job *job)
{
	slot_order_free(&((struct keys_job *)job)->order);
	free(job);
}

static const struct job_ops keys_ops = {keys_run, keys_told, keys_free};
static const struct job_ops rotation_ops = {keys_run, keys_told, keys_free};

struct keys_job *
keys_job_new(void *owner, enum keys_task task, keys_done *done)
{
	struct keys_job *j = calloc(1, sizeof *j);

	if (!j)
		return NULL;
	j->slow.job.ops = task == KEYS_ROTATE ? &rotation_ops : &keys_ops;
	j->slow.job.owner = owner;
	j->task = task;
	j->done = done;
	return j;
}

void
keys_job_free(struct keys_job *j)
{
	keys_free(&j->slow.job);
}

static bool
is_quick(enum keys_task task)
{
	return task == KEYS_READ || task == KEYS_ALLOWED;
}

void
keys_job_post(struct app *a, struct keys_job *j)
{
	if (!j)
		app_say(a, STYLE_BAD, "out of memory");
	else
		worker_post(is_quick(j->task) ? app_front(a) : app_back(a), &j->slow.job);
}

bool
keys_job_work(struct app *a, struct keys_job *j, const char *label)
{
	if (j && !app_work_begin(a, label)) {
		keys_free(&j->slow.job);
		return false;
	}
	if (j)
		j->slow.work = app_work(a);
	keys_job_post(a, j);
	return j != NULL;
}

const struct key_epoch *
keys_due(const struct keys *k)
{
	const struct key_epoch *first = NULL;
	size_t i;

	for (i = 0; i < k->epoch_n; i++) {
		const struct key_epoch *e = &k->epochs[i];

		if (e->due_soon && (!first || e->due < first->due))
			first = e;
	}
	return first;
}

static void
reminded(struct keys_job *j)
{
	const struct key_epoch *due = keys_due(&j->keys);

	if (j->slow.job.rc == RC_OK)
		app_set_due(j->slow.job.owner, due ? due->due : 0);
}

void
keys_remind(struct app *a)
{
	keys_job_post(a, keys_job_new(a, KEYS_READ, reminded));
}

bool
keys_rotating(struct app *a)
{
	return strcmp(app_work(a)->label, KEYS_ROTATION) == 0;
}

static void
rotated(struct keys_job *j)
{
	struct app *a = j->slow.job.owner;
	const struct rotate_report *r = &j->report;
	double ms = r->ms > 0 ? (double)r->ms : 1;

	app_work_end(a);
	if (j->slow.job.rc == RC_OK)
		app_say(a, STYLE_GOOD,
		    "page keys of epoch %u: %llu pages, %.1f s, %.1f MB/s; older keys "
		    "destroyed",
		    r->epoch, (unsigned long long)r->pages, ms / 1000,
		    (double)r->pages * r->page_size / 1000 / ms);
	else if (j->slow.job.rc == RC_CANCELLED && r->page_size == 0)
		app_say(a, STYLE_WARN, "the rotation did not begin");
	else if (j->slow.job.rc == RC_CANCELLED)
		app_say(a, STYLE_WARN,
		    "the rotation is paused, %llu pages are left; in the keys (K) r goes "
		    "on",
		    (unsigned long long)r->left);
	else
		app_failed_aloud(a, "The rotation has stopped", &j->slow.job);
	app_changed(a);
	keys_remind(a);
}

void
keys_rotate(struct app *a)
{
	keys_job_work(a, keys_job_new(a, KEYS_ROTATE, rotated), KEYS_ROTATION);
}

void
keys_pause(struct app *a)
{
	if (!keys_rotating(a)) {
		app_say(a, STYLE_WARN, "no rotation is running here");
		return;
	}
	worker_stop(app_back(a), &rotation_ops);
	app_say(a, STYLE_WARN, "pausing the rotation");
}
