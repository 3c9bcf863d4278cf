/*
 * A value onto the clipboard.
 *
 *   y -> front worker: record_copy (audited), clip_copy -> done: told
 *                                     or, by OSC 52,  -> done: osc52_copy
 *
 * 1. The event is durable before the value is read; what can't be recorded is not copied.
 * 2. A lock takes the value off the clipboard, also one whose copying is still under way.
 */
#include "ui/tui/copy.h"

#include <stdlib.h>

#include "keyring/clip.h"
#include "ui/tui/app_int.h"
#include "ui/tui/osc52.h"

struct copy_job {
	struct job job;
	struct clip *clip; /* NULL: by OSC 52 */
	struct copied what;
	struct secret *value;
};

static void
copy_run(struct job *job, struct vault *v)
{
	struct copy_job *j = (struct copy_job *)job;

	job->rc = v ? record_copy(v, j->what.id, j->what.index, "", &j->value) : RC_LOCKED;
	if (job->rc != RC_OK && v)
		err_set(&job->err, job->rc, "%s", vault_err(v));
	if (job->rc != RC_OK || !j->clip)
		return;
	job->rc = clip_copy(j->clip, j->value, &job->err);
	secret_free(j->value);
	j->value = NULL;
	if (atomic_load(&job->cancel)) {
		clip_clear(j->clip);
		job->rc = RC_CANCELLED;
	}
}

static void
copy_done(struct job *job)
{
	struct copy_job *j = (struct copy_job *)job;
	struct app *a = job->owner;
	const unsigned seconds = a->opts.face->clip_seconds;

	if (job->rc == RC_OK && !j->clip)
		job->rc = osc52_copy(j->value, &job->err);
	if (job->rc != RC_OK) {
		app_failed(a, job);
		return;
	}
	a->copied = j->what;
	a->copied.until = app_now(a) + (int64_t)seconds * 1000;
	app_say(a, STYLE_GOOD, "%s is %s for %u s; y takes it off",
	    (size_t)j->what.index < a->field_n ? a->fields[j->what.index].label : "the value",
	    j->clip ? "on the clipboard" : "on the terminal's clipboard", seconds);
}

static void
copy_free(struct job *job)
{
	struct copy_job *j = (struct copy_job *)job;

	secret_free(j->value);
	free(j);
}

static const struct job_ops copy_ops = {copy_run, copy_done, copy_free};

static void
tell_off(struct app *a)
{
	view_tell_open(a, "Copying is off",
	    "Every program of this session can read the clipboard, and clipboard managers keep "
	    "what they saw. To copy nevertheless, start the interface with --clipboard auto: y "
	    "then puts the value under the cursor there for 30 s, and the audit keeps that it "
	    "did. Over ssh, --clipboard osc52 hands values to the terminal at the other end.");
}

static void
post(struct app *a, int64_t id, int index)
{
	struct copy_job *j = calloc(1, sizeof *j);

	if (!j) {
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	j->job.ops = &copy_ops;
	j->job.owner = a;
	j->clip = a->opts.osc52 ? NULL : a->opts.face->clip;
	j->what.id = id;
	j->what.index = index;
	worker_post(a->front, &j->job);
}

void
copy_field(struct app *a, int64_t id, int index)
{
	if (!a->opts.osc52 && !a->opts.face->clip) {
		tell_off(a);
	} else if (copy_left(a, id, index) > 0) {
		copy_clear(a);
		app_say(a, STYLE_GOOD, "taken off the clipboard");
	} else {
		post(a, id, index);
	}
}

int64_t
copy_left(const struct app *a, int64_t id, int index)
{
	const struct copied *c = &a->copied;

	return c->until > app_now(a) && c->id == id && c->index == index
		   ? c->until - app_now(a)
		   : 0;
}

void
copy_clear(struct app *a)
{
	if (a->opts.osc52 && a->copied.until)
		osc52_clear();
	else if (!a->opts.osc52)
		clip_clear(a->opts.face->clip);
	a->copied.until = 0;
}

/* The clipboard's process has a clock of its own; a terminal has none. */
void
copy_tick(struct app *a)
{
	if (!a->copied.until || a->copied.until > app_now(a))
		return;
	if (a->opts.osc52)
		copy_clear(a);
	a->copied.until = 0;
}
