/*
 * One record's jobs.
 *
 * 1. Values travel in secret memory or in a struct record, which is wiped when freed.
 * 2. A failure carries the store's own sentence.
 * 3. What was read by other fields than the views have is shown nowhere: the views get the
 *    new fields first.
 */
#include "ui/tui/jobs.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/tag.h"
#include "store/undo.h"
#include "ui/tui/catalogue.h"
#include "ui/tui/undo_stack.h"
#include "ui/tui/view.h"

void
change_places(struct vault *v, const struct change_text *in, size_t n, struct change *out,
    size_t *out_n)
{
	size_t i, at, fields;
	const struct field *f = field_list(v, &fields);

	*out_n = 0;
	for (i = 0; i < n; i++) {
		for (at = 0; at < fields && f[at].id != in[i].field; at++)
			;
		if (at < fields)
			out[(*out_n)++] = (struct change){(int)at,
			    (const char *)secret_view(in[i].text),
			    secret_len(in[i].text)};
	}
}

static enum rc
save(struct record_job *r, struct vault *v)
{
	struct change *ch = calloc(r->change_n + 1, sizeof *ch);
	enum rc rc;
	size_t n;

	if (!ch)
		return RC_NOMEM;
	change_places(v, r->changes, r->change_n, ch, &n);
	if (n != r->change_n)
		rc = err_set(&r->job.err, RC_BUSY, "a field that you filled is gone");
	else if (r->id == 0)
		rc = record_add(v, ch, n, &r->id);
	else
		rc = record_edit(v, r->id, r->version, ch, n);
	free(ch);
	return rc;
}

static enum rc
tag(struct record_job *r, struct vault *v)
{
	struct tag_edit edits[TAGS_MAX];
	size_t n;
	enum rc rc = tag_parse(r->reason, edits, &n, &r->job.err);

	return rc == RC_OK ? tag_edit(v, r->id, edits, n) : rc;
}

static void
record_run(struct job *j, struct vault *v)
{
	struct record_job *r = (struct record_job *)j;
	int64_t before;

	if (!v) {
		j->rc = RC_LOCKED;
		return;
	}
	before = undo_last_step(v);
	switch (r->task) {
	case TASK_GET:
		j->rc = record_get(v, r->id, &r->record);
		break;
	case TASK_REVEAL:
		j->rc = record_reveal(v, r->id, r->index, r->reason, &r->value);
		break;
	case TASK_TRASH:
		j->rc = record_trash(v, r->id);
		break;
	case TASK_RESTORE:
		j->rc = record_restore(v, r->id);
		break;
	case TASK_SAVE:
		j->rc = save(r, v);
		break;
	case TASK_TAG:
		j->rc = tag(r, v);
		break;
	}
	if (j->rc != RC_OK && !j->err.text[0])
		err_set(&j->err, j->rc, "%s", vault_err(v));
	if (undo_last_step(v) != before)
		r->step = undo_last_step(v);
	if (r->task == TASK_GET || r->task == TASK_REVEAL)
		catalogue_copy(v, &r->fields, &r->field_n);
}

static void
record_told(struct job *j)
{
	struct record_job *r = (struct record_job *)j;
	struct app *a = ((struct view *)j->owner)->app;

	app_did(a, r->step);
	if (!app_outran(a, &r->fields, r->field_n))
		r->done(r);
}

void
record_job_free(struct job *j)
{
	struct record_job *r = (struct record_job *)j;
	size_t i;

	if (!r)
		return;
	record_free(r->record);
	secret_free(r->value);
	for (i = 0; i < r->change_n; i++)
		secret_free(r->changes[i].text);
	free(r->changes);
	free(r->fields);
	free(r);
}

static const struct job_ops record_ops = {record_run, record_told, record_job_free};

struct record_job *
record_job_new(void *owner, enum record_task task, int64_t id, record_done *done)
{
	struct record_job *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	r->job.ops = &record_ops;
	r->job.owner = owner;
	r->task = task;
	r->id = id;
	r->done = done;
	return r;
}

void
record_job_post(struct app *a, struct record_job *r)
{
	if (r)
		worker_post(app_front(a), &r->job);
	else
		app_say(a, STYLE_BAD, "out of memory");
}
