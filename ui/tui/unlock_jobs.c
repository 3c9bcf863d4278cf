/*
 * Jobs of the unlock screen.
 *
 * 1. Neither looks at the vault before the other worker has closed it: closing writes the
 *    header.
 * 2. The secret goes with the job, as soon as the vault has answered.
 */
#include "ui/tui/unlock_jobs.h"

#include <stdlib.h>
#include <string.h>

#include "ui/schema_file.h"
#include "ui/tui/catalogue.h"

static void
peek_run(struct job *j, struct vault *v)
{
	struct peek_job *p = (struct peek_job *)j;

	(void)v;
	worker_wait_locked(p->other);
	j->rc = vault_peek(p->path, &p->peek, &j->err);
}

static void
peek_told(struct job *j)
{
	struct peek_job *p = (struct peek_job *)j;

	p->done(p);
}

static void
peek_free(struct job *j)
{
	free(j);
}

static const struct job_ops peek_ops = {peek_run, peek_told, peek_free};

bool
unlock_peek(struct app *a, void *owner, peek_done *done)
{
	struct peek_job *p = calloc(1, sizeof *p);

	if (!p)
		return false;
	p->job.ops = &peek_ops;
	p->job.owner = owner;
	p->done = done;
	p->path = app_opts(a)->path;
	p->other = app_back(a);
	worker_post(app_front(a), &p->job);
	return true;
}

static enum rc
create(struct open_job *o, const struct vault_secret *secret, struct vault **out)
{
	struct vault_create_opts opts = {.path = o->path,
	    .secret = *secret,
	    .label = o->make.label,
	    .page_size = o->make.page_size};
	char *schema;
	enum rc rc = schema_file_read(o->make.schema, &o->job.cancel, &schema, &o->job.err);

	opts.schema = schema;
	if (rc == RC_OK)
		rc = vault_create(&opts, &o->kdf, out, &o->job.err);
	free(schema);
	return rc;
}

static enum rc
unlock(struct open_job *o, struct vault **out)
{
	struct vault_secret secret;
	struct secret *own;
	enum rc rc;

	*out = NULL;
	rc = slot_secret_read(&o->present, &secret, &own, &o->job.err);
	if (rc == RC_OK && o->makes)
		rc = create(o, &secret, out);
	else if (rc == RC_OK)
		rc = vault_open_older(o->path, &secret, &o->older, out, &o->job.err);
	secret_free(own);
	return rc;
}

static void
open_run(struct job *j, struct vault *none)
{
	struct open_job *o = (struct open_job *)j;
	struct vault *v;

	(void)none;
	worker_wait_locked(o->other);
	j->rc = unlock(o, &v);
	if (j->rc != RC_OK)
		return;
	vault_about(v, &o->info); /* the list is there before its records are counted */
	j->rc = catalogue_copy(v, &o->fields, &o->field_n);
	if (j->rc == RC_OK)
		j->rc = vault_clone(v, &o->clone, &j->err);
	if (atomic_load(&j->cancel)) /* a lock that came while it was opened */
		j->rc = RC_CANCELLED;
	if (j->rc == RC_OK)
		j->opened = v;
	else
		vault_close(v);
}

static void
open_told(struct job *j)
{
	struct open_job *o = (struct open_job *)j;

	o->done(o);
}

static void
open_free(struct job *j)
{
	struct open_job *o = (struct open_job *)j;

	vault_close(o->clone);
	free(o->fields);
	slot_secret_free(&o->present);
	free(o->make.label);
	free(o->make.schema);
	free(o);
}

static const struct job_ops open_ops = {open_run, open_told, open_free};

static struct open_job *
open_new(struct app *a, void *owner, struct slot_secret *present, open_done *done)
{
	struct open_job *o = calloc(1, sizeof *o);

	if (!o) {
		slot_secret_free(present);
		return NULL;
	}
	o->job.ops = &open_ops;
	o->job.owner = owner;
	o->done = done;
	o->path = app_opts(a)->path;
	o->present = *present;
	o->other = app_back(a);
	return o;
}

bool
unlock_open(struct app *a, void *owner, struct slot_secret *present, bool older,
    open_done *done)
{
	struct open_job *o = open_new(a, owner, present, done);

	if (!o)
		return false;
	o->older = older;
	worker_post(app_front(a), &o->job);
	return true;
}

bool
unlock_make(struct app *a, void *owner, struct slot_secret *present,
    struct unlock_make *make, open_done *done)
{
	struct open_job *o = open_new(a, owner, present, done);

	if (!o) {
		free(make->label);
		free(make->schema);
		return false;
	}
	o->makes = true;
	o->make = *make;
	worker_post(app_front(a), &o->job);
	return true;
}
