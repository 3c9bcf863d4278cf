/*
 * Drafts between the editor and the vault.
 *
 * 1. Nobody waits for them: a draft that can't be kept now is kept with the next words,
 *    and a lock goes before it.
 * 2. Values travel in secret memory.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/draft.h"
#include "ui/tui/draft.h"
#include "ui/tui/view.h"

struct save_job {
	struct job job;
	struct draft draft;
};

static void
save_run(struct job *job, struct vault *v)
{
	struct save_job *j = (struct save_job *)job;
	struct change *ch = calloc(j->draft.n + 1, sizeof *ch);
	size_t n;

	job->rc = !ch ? RC_NOMEM : v ? RC_OK : RC_LOCKED;
	if (job->rc == RC_OK) {
		change_places(v, j->draft.changes, j->draft.n, ch, &n);
		job->rc = draft_save(v, j->draft.id, j->draft.version, ch, n);
	}
	free(ch);
}

static void
save_done(struct job *job)
{
	const struct save_job *j = (struct save_job *)job;

	app_set_draft_state(job->owner, job->rc != RC_OK ? DRAFT_FAILED
				    : j->draft.n > 0 ? DRAFT_KEPT
						     : DRAFT_NONE);
}

static void
save_free(struct job *job)
{
	struct save_job *j = (struct save_job *)job;
	size_t i;

	for (i = 0; i < j->draft.n; i++)
		secret_free(j->draft.changes[i].text);
	free(j->draft.changes);
	free(j);
}

static const struct job_ops save_ops = {save_run, save_done, save_free};

void
draft_keep(
    struct app *a, int64_t id, int64_t version, struct change_text *changes, size_t n)
{
	struct save_job *j = calloc(1, sizeof *j);
	size_t i;

	app_set_draft_state(a, j ? DRAFT_POSTED : DRAFT_FAILED);
	if (!j) {
		for (i = 0; i < n; i++)
			secret_free(changes[i].text);
		free(changes);
		return;
	}
	j->job.ops = &save_ops;
	j->job.owner = a;
	j->draft = (struct draft){id, version, changes, n};
	worker_post(app_front(a), &j->job);
}

struct find_job {
	struct job job;
	struct app *app;
	bool open; /* without asking: that was done */
	struct draft_kept *kept;
};

static void find_post(struct app *a, bool open);

static void
find_run(struct job *job, struct vault *v)
{
	struct find_job *j = (struct find_job *)job;

	job->rc = v ? draft_find(v, &j->kept) : RC_LOCKED;
}

/* What was found as what the editor takes. */
static struct draft *
convert(struct draft_kept *k)
{
	struct draft *d = calloc(1, sizeof *d);
	size_t i;

	if (d)
		d->changes = calloc(k->n + 1, sizeof *d->changes);
	if (!d || !d->changes) {
		free(d);
		return NULL;
	}
	d->id = k->id;
	d->version = k->version;
	for (i = 0; i < k->n; i++) {
		d->changes[i] =
		    (struct change_text){k->values[i].field, k->values[i].text};
		k->values[i].text = NULL;
	}
	d->n = k->n;
	return d;
}

static void
resume(void *arg)
{
	find_post(arg, true);
}

static void
offer(struct app *a, const struct draft_kept *k)
{
	char question[120], when[32];

	app_time((uint64_t)k->at, when, sizeof when);
	if (k->id)
		snprintf(question, sizeof question,
		    "A draft of record %lld was not saved on %s. Open it?",
		    (long long)k->id, when);
	else
		snprintf(question, sizeof question,
		    "A draft of a new record was not saved on %s. Open it?", when);
	view_confirm_open(a, question, resume, a);
}

static void
find_done(struct job *job)
{
	struct find_job *j = (struct find_job *)job;
	struct draft *d;

	if (job->rc != RC_OK || j->kept->n == 0)
		return;
	if (!j->open) {
		offer(j->app, j->kept);
		return;
	}
	d = convert(j->kept);
	if (d)
		view_edit_resume(j->app, d);
}

static void
find_free(struct job *job)
{
	struct find_job *j = (struct find_job *)job;

	draft_kept_free(j->kept);
	free(j);
}

static const struct job_ops find_ops = {find_run, find_done, find_free};

static void
find_post(struct app *a, bool open)
{
	struct find_job *j = calloc(1, sizeof *j);

	if (!j)
		return;
	j->job.ops = &find_ops;
	j->job.owner = a;
	j->app = a;
	j->open = open;
	worker_post(app_front(a), &j->job);
}

void
draft_offer(struct app *a)
{
	find_post(a, false);
}
