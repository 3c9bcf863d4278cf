/*
 * The job that replaces the master keys.
 *
 *     the other worker closes -- this one is alone: keys_new_master --> a clone for the other
 *
 * 1. What is asked of the vault meanwhile waits in the front worker's queue; the other one is
 *    taken (app_work_begin) for as long.
 */
#include "ui/tui/master_job.h"

#include <stdlib.h>

struct master_job {
	struct slow_job slow;
	struct app *app;
	master_done *done;
	struct master_given given;
	struct vault *clone;
};

void
master_given_free(struct master_given *g)
{
	int i;

	for (i = 0; i < KEYS_SLOTS; i++)
		slot_secret_free(&g->secrets[i]);
	*g = (struct master_given){.kept = {false}};
}

static enum rc
replace(struct master_job *m, struct vault *v)
{
	struct vault_secret held[KEYS_SLOTS];
	const struct vault_secret *kept[KEYS_SLOTS] = {NULL};
	struct secret *own[KEYS_SLOTS] = {NULL};
	struct err *err = &m->slow.job.err;
	enum rc rc = RC_OK;
	int i;

	for (i = 0; rc == RC_OK && i < KEYS_SLOTS; i++)
		if (m->given.kept[i]) {
			rc = slot_secret_read(
			    &m->given.secrets[i], &held[i], &own[i], err);
			kept[i] = &held[i];
		}
	if (rc == RC_OK)
		rc = keys_new_master(v, kept, err);
	for (i = 0; i < KEYS_SLOTS; i++)
		secret_free(own[i]);
	return rc;
}

static void
master_run(struct job *j, struct vault *v)
{
	struct master_job *m = (struct master_job *)j;

	if (!v) {
		j->rc = RC_LOCKED;
		return;
	}
	worker_wait_locked(app_back(m->app));
	j->rc = replace(m, v);
	if (vault_clone(v, &m->clone, NULL) != RC_OK && j->rc == RC_OK)
		j->rc = err_set(&j->err, RC_IO,
		    "the master keys are new, but the vault can't be opened again here");
}

static void
master_told(struct job *j)
{
	struct master_job *m = (struct master_job *)j;
	struct app *a = m->app;
	void *owner = j->owner;

	app_work_end(a);
	if (!m->clone) {
		app_lock(a, j->err.text);
		return;
	}
	worker_give(app_back(a), m->clone);
	m->clone = NULL;
	m->done(owner, j);
}

static void
master_free(struct job *j)
{
	struct master_job *m = (struct master_job *)j;

	vault_close(m->clone);
	master_given_free(&m->given);
	free(m);
}

static const struct job_ops master_ops = {master_run, master_told, master_free};

bool
master_job_start(
    struct app *a, void *owner, struct master_given *given, master_done *done)
{
	struct master_job *m = calloc(1, sizeof *m);

	if (!m) {
		app_say(a, STYLE_BAD, "out of memory");
		return false;
	}
	if (!app_work_begin(a, "new master keys")) {
		free(m);
		return false;
	}
	m->slow.job.ops = &master_ops;
	m->slow.job.owner = owner;
	m->slow.work = app_work(a);
	m->app = a;
	m->done = done;
	m->given = *given;
	*given = (struct master_given){.kept = {false}};
	worker_lock(app_back(a));
	worker_post(app_front(a), &m->slow.job);
	return true;
}
