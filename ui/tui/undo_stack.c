/*
 * Undo and redo of the session's changes.
 *
 * 1. What is refused, since somebody else changed the record meanwhile, stays where it is in
 *    the stack: nothing is lost by trying.
 * 2. A new change forgets what had been undone.
 */
#include "ui/tui/undo_stack.h"

#include <stdlib.h>
#include <string.h>

#include "store/undo.h"
#include "ui/tui/app_int.h"

struct undo_job {
	struct job job;
	struct app *app;
	int64_t step;
	bool redo;
	struct undo_report report;
};

void
app_did(struct app *a, int64_t step)
{
	struct undo_stack *u = &a->undo;

	if (step == 0)
		return;
	if (u->done == UNDO_STACK_MAX) {
		memmove(u->steps, u->steps + 1, (UNDO_STACK_MAX - 1) * sizeof *u->steps);
		u->done--;
	}
	u->steps[u->done++] = step;
	u->n = u->done;
}

static void
undo_run(struct job *job, struct vault *v)
{
	struct undo_job *j = (struct undo_job *)job;

	job->rc = v ? undo_step(v, j->step, &j->report) : RC_LOCKED;
	if (job->rc != RC_OK && v)
		err_set(&job->err, job->rc, "%s", vault_err(v));
}

static void
undo_done(struct job *job)
{
	struct undo_job *j = (struct undo_job *)job;
	struct app *a = j->app;
	const char *verb = j->redo ? "done again" : "undone";

	if (job->rc != RC_OK) {
		app_failed(a, job);
		return;
	}
	if (j->redo)
		a->undo.done++;
	else
		a->undo.done--;
	if (j->report.id)
		app_say(a, STYLE_GOOD, "%s: %s of record %lld", verb, j->report.name,
		    (long long)j->report.id);
	else
		app_say(a, STYLE_GOOD, "%s: %s of %lld records", verb, j->report.name,
		    (long long)j->report.records);
	app_changed(a);
}

/* In every case, also when a lock has dropped the job. */
static void
undo_free(struct job *job)
{
	struct undo_job *j = (struct undo_job *)job;

	j->app->undo.busy = false;
	free(j);
}

static const struct job_ops undo_ops = {undo_run, undo_done, undo_free};

void
app_undo(struct app *a, bool redo)
{
	struct undo_stack *u = &a->undo;
	struct undo_job *j;

	if (u->busy)
		return;
	if (redo ? u->done == u->n : u->done == 0) {
		app_say(a, STYLE_WARN,
		    redo ? "nothing was undone that could be done again"
			 : "nothing was changed in this session that could be undone");
		return;
	}
	j = calloc(1, sizeof *j);
	if (!j)
		return;
	j->job.ops = &undo_ops;
	j->job.owner = a;
	j->app = a;
	j->redo = redo;
	j->step = u->steps[redo ? u->done : u->done - 1];
	u->busy = true;
	worker_post(app_front(a), &j->job);
}
