/*
 * What the views of the trash, of what is due and of what is alike ask of the vault.
 *
 * 1. Records that are changed together are changed in one step, which u takes back.
 * 2. The answer to a change is never lost: its view does not close before (shelf_leave), unless
 *    a lock closes all of them.
 * 3. A record is known by its first cells in their masked form: nothing is revealed here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/bulk.h"
#include "store/keep.h"
#include "store/text.h"
#include "store/undo.h"
#include "ui/tui/shelf.h"
#include "ui/tui/undo_stack.h"

#define CELLS	   3  /* that a record is known by */
#define CELL_WIDTH 24 /* columns of each at most */

static struct shelf_row *
next_row(struct shelf_job *j)
{
	struct shelf *s = &j->shelf;

	if (s->n == SHELF_MAX) {
		s->more = true;
		return NULL;
	}
	return &s->rows[s->n++];
}

static bool
take_trashed(void *arg, const struct trash_entry *e)
{
	struct shelf_row *r = next_row(arg);

	if (!r)
		return false;
	r->id = e->id;
	r->deleted_at = e->deleted_at;
	r->purge_at = e->purge_at;
	r->keep_until = e->keep_until;
	r->trashed = true;
	return true;
}

static bool
take_due(void *arg, int64_t id, int64_t keep_until, bool trashed)
{
	struct shelf_row *r = next_row(arg);

	if (!r)
		return false;
	r->id = id;
	r->keep_until = keep_until;
	r->trashed = trashed;
	return true;
}

/* A group is shown whole or not at all; one that is too large hides none after it. */
static bool
take_group(void *arg, const int64_t *ids, size_t n)
{
	struct shelf_job *j = arg;
	struct shelf *s = &j->shelf;
	const int group = s->n ? s->rows[s->n - 1].group + 1 : 1;
	size_t i;

	if (s->n + n > SHELF_MAX) {
		s->more = true;
		return s->n + 2 <= SHELF_MAX;
	}
	for (i = 0; i < n; i++) {
		s->rows[s->n].id = ids[i];
		s->rows[s->n++].group = group;
	}
	return true;
}

static void
know(struct shelf_row *row, const struct record *r)
{
	size_t i, used = 0, cells = 0;

	for (i = 0; i < r->n && cells < CELLS; i++) {
		if (r->cells[i].len == 0 || used + 2 >= sizeof row->who)
			continue;
		if (used > 0)
			used += (size_t)snprintf(
			    row->who + used, sizeof row->who - used, "  ");
		used += text_clip(r->cells[i].text, r->cells[i].len, CELL_WIDTH, false,
		    true, row->who + used, sizeof row->who - used);
		cells++;
	}
	row->keep_until = r->keep_until;
}

static enum rc
know_all(struct shelf_job *j, struct vault *v)
{
	struct record *r;
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < j->shelf.n; i++) {
		if (atomic_load(&j->slow.job.cancel))
			return RC_CANCELLED;
		rc = record_get(v, j->shelf.rows[i].id, &r);
		if (rc == RC_OK)
			know(&j->shelf.rows[i], r);
		else if (rc == RC_NOTFOUND) /* erased since */
			rc = RC_OK;
		record_free(r);
	}
	return rc;
}

static enum rc
load(struct shelf_job *j, struct vault *v)
{
	enum rc rc;

	j->shelf.rows = calloc(SHELF_MAX, sizeof *j->shelf.rows);
	if (!j->shelf.rows)
		return err_set(&j->slow.job.err, RC_NOMEM, "out of memory");
	switch (j->list) {
	case SHELF_TRASH:
		rc = trash_days(v, &j->days);
		if (rc == RC_OK)
			rc = trash_list(v, take_trashed, j);
		break;
	case SHELF_DUE:
		rc = keep_due(v, j->until, take_due, j);
		break;
	default:
		rc = duplicates_find(v, j->fields, j->field_n, 0, take_group, j);
	}
	return rc == RC_OK ? know_all(j, v) : rc;
}

static enum rc
run_task(struct shelf_job *j, struct vault *v)
{
	const struct progress progress = {app_step, j};
	const struct bulk b = {.ids = j->ids, .id_n = j->id_n, .progress = progress};
	struct search_error serr;

	switch (j->task) {
	case SHELF_LOAD:
		return load(j, v);
	case SHELF_DO_TRASH:
		return bulk_trash(v, &b, &j->changed, &serr);
	case SHELF_DO_RESTORE:
		return bulk_restore(v, &b, &j->changed, &serr);
	case SHELF_DO_KEEP:
		return bulk_keep(v, &b, j->until, &j->changed, &serr);
	case SHELF_COUNT_PURGE:
		return trash_count(v, &j->report);
	case SHELF_DO_PURGE:
		return trash_purge(v, j->agreed, &progress, &j->report);
	}
	return RC_INTERNAL;
}

static void
shelf_run(struct job *job, struct vault *v)
{
	struct shelf_job *j = (struct shelf_job *)job;
	int64_t before;

	if (!v) {
		job->rc = RC_LOCKED;
		return;
	}
	before = undo_last_step(v);
	job->rc = run_task(j, v);
	if (job->rc != RC_OK && !job->err.text[0])
		err_set(&job->err, job->rc, "%s", vault_err(v));
	if (undo_last_step(v) != before)
		j->step = undo_last_step(v);
}

static void
shelf_done(struct job *job)
{
	struct shelf_job *j = (struct shelf_job *)job;

	j->told(job->owner, j);
}

static void
shelf_job_free(struct job *job)
{
	struct shelf_job *j = (struct shelf_job *)job;

	shelf_free(&j->shelf);
	free(j->ids);
	free(j);
}

static const struct job_ops shelf_ops = {shelf_run, shelf_done, shelf_job_free};

struct shelf_job *
shelf_job_new(void *owner, enum shelf_task task, enum shelf_list list,
    void (*told)(void *owner, struct shelf_job *j))
{
	struct shelf_job *j = calloc(1, sizeof *j);

	if (!j)
		return NULL;
	j->slow.job.ops = &shelf_ops;
	j->slow.job.owner = owner;
	j->task = task;
	j->list = list;
	j->told = told;
	return j;
}

static const char *
label_of(enum shelf_task task)
{
	switch (task) {
	case SHELF_DO_TRASH:
		return "to the trash";
	case SHELF_DO_RESTORE:
		return "back from the trash";
	case SHELF_DO_KEEP:
		return "keep until";
	case SHELF_DO_PURGE:
		return "purge";
	default:
		return NULL;
	}
}

bool
shelf_job_post(struct app *a, struct shelf_job *j)
{
	const char *label = label_of(j->task);

	if (label && !app_work_begin(a, label)) {
		shelf_job_free(&j->slow.job);
		return false;
	}
	j->slow.work = app_work(a);
	worker_post(label ? app_back(a) : app_front(a), &j->slow.job);
	return true;
}

void
shelf_change(struct shelf *s, struct app *a, struct shelf_job *j)
{
	if (shelf_job_post(a, j))
		s->changing = true;
}

bool
shelf_changed(struct shelf *s, struct app *a, struct shelf_job *j)
{
	size_t i;

	app_work_end(a);
	s->changing = false;
	if (j->slow.job.rc != RC_OK)
		return false;
	for (i = 0; i < s->n; i++)
		s->rows[i].marked = false;
	app_changed(a);
	return true;
}

void
shelf_undoable(struct shelf *s, struct app *a, struct shelf_job *j)
{
	static const char *const words[] = {[SHELF_DO_TRASH] = "in the trash",
	    [SHELF_DO_RESTORE] = "back",
	    [SHELF_DO_KEEP] = "with another keep-until date"};

	app_did(a, j->step);
	if (!shelf_changed(s, a, j)) {
		app_failed(a, &j->slow.job);
		return;
	}
	app_say(a, STYLE_GOOD, "%" PRId64 " record%s %s; u takes it back", j->changed,
	    j->changed == 1 ? " is" : "s are", words[j->task]);
}
