/*
 * Undo and redo of the session's changes.
 *
 * 1. What is refused, since somebody else changed the record meanwhile, stays where it is
 *    in the stack: nothing is lost by trying.
 * 2. That is not so with what can never be taken back, since nothing of it is left: it
 *    would stand before all others.
 * 3. A new change forgets what had been undone.
 * 4. An import that was taken back is not done again: its records are gone for good.
 * 5. What another session has undone or redone first counts as done here too.
 */
#include "ui/tui/undo_stack.h"

#include <stdlib.h>
#include <string.h>

#include "store/import_runs.h"
#include "store/undo.h"
#include "ui/tui/app_int.h"

struct undo_job {
	struct job job;
	struct app *app;
	struct undo_item item;
	bool redo;
	struct undo_report report;
	struct import_undone undone;
};

static void
did(struct app *a, struct undo_item item)
{
	struct undo_stack *u = &a->undo;

	if (item.step == 0)
		return;
	if (u->done == UNDO_STACK_MAX) {
		memmove(u->items, u->items + 1, (UNDO_STACK_MAX - 1) * sizeof *u->items);
		u->done--;
	}
	u->items[u->done++] = item;
	u->n = u->done;
}

void
app_did(struct app *a, int64_t step)
{
	did(a, (struct undo_item){step, false});
}

void
app_did_import(struct app *a, int64_t run)
{
	did(a, (struct undo_item){run, true});
}

static void
forget(struct app *a, struct undo_item item)
{
	struct undo_stack *u = &a->undo;
	size_t i;

	for (i = 0; i < u->n; i++)
		if (u->items[i].import == item.import && u->items[i].step == item.step)
			break;
	if (i == u->n)
		return;
	memmove(u->items + i, u->items + i + 1, (u->n - i - 1) * sizeof *u->items);
	u->n--;
	u->done -= i < u->done;
}

void
app_undid_import(struct app *a, int64_t run)
{
	forget(a, (struct undo_item){run, true});
}

static void
undo_run(struct job *job, struct vault *v)
{
	struct undo_job *j = (struct undo_job *)job;

	if (!v)
		job->rc = RC_LOCKED;
	else if (j->item.import)
		job->rc = import_undo(v, j->item.step, &j->undone);
	else
		job->rc = undo_step(v, j->item.step, j->redo, &j->report);
	if (job->rc != RC_OK && v)
		err_set(&job->err, job->rc, "%s", vault_err(v));
}

/* Its records were erased, its field was dropped; of an import: or it was taken back
 * elsewhere. */
static bool
nothing_left(const struct undo_job *j)
{
	return j->job.rc == RC_NOTFOUND || (j->item.import && j->job.rc == RC_INPUT) ||
	       (!j->item.import && j->job.rc == RC_OK && j->report.records == 0);
}

static void
undo_done(struct job *job)
{
	struct undo_job *j = (struct undo_job *)job;
	struct app *a = j->app;
	const char *verb = j->redo ? "done again" : "undone";

	if (j->item.import)
		app_work_end(a);
	if (nothing_left(j)) {
		forget(a, j->item);
		app_say(a, STYLE_WARN,
		    "nothing is left of that change; %s goes on with the %s",
		    j->redo ? "^R" : "u", j->redo ? "next" : "one before");
		return;
	}
	if (job->rc != RC_OK && !j->report.already) {
		app_failed(a, job);
		return;
	}
	if (j->item.import)
		app_undid_import(a, j->item.step);
	else if (j->redo)
		a->undo.done++;
	else
		a->undo.done--;
	if (j->report.already)
		app_say(a, STYLE_WARN, "%s already, in another session", verb);
	else if (j->item.import)
		app_say(a, STYLE_GOOD,
		    "undone: import %lld: %lld records removed, %lld put back",
		    (long long)j->item.step, (long long)j->undone.removed,
		    (long long)j->undone.put_back);
	else if (j->report.id)
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

static void undo_import(void *arg);

static void
undo(struct app *a, bool redo, bool sure)
{
	struct undo_stack *u = &a->undo;
	struct undo_item item;
	struct undo_job *j;

	if (u->busy)
		return;
	if (redo ? u->done == u->n : u->done == 0) {
		app_say(a, STYLE_WARN,
		    redo ? "nothing was undone that could be done again"
			 : "nothing was changed in this session that could be undone");
		return;
	}
	item = u->items[redo ? u->done : u->done - 1];
	if (item.import && !sure) {
		view_confirm_open(
		    a, "Take the import back? Its records go for good.", undo_import, a);
		return;
	}
	j = calloc(1, sizeof *j);
	if (!j || (item.import && !app_work_begin(a, "undo"))) {
		free(j);
		return;
	}
	j->job.ops = &undo_ops;
	j->job.owner = a;
	j->app = a;
	j->redo = redo;
	j->item = item;
	u->busy = true;
	worker_post(item.import ? app_back(a) : app_front(a), &j->job);
}

/* What the question was about may have been taken back meanwhile. */
static void
undo_import(void *arg)
{
	struct app *a = arg;
	const struct undo_stack *u = &a->undo;

	if (u->done > 0 && u->items[u->done - 1].import)
		undo(a, false, true);
}

void
app_undo(struct app *a, bool redo)
{
	undo(a, redo, false);
}
