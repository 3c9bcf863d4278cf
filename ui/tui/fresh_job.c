/*
 * The look at all pages after the unlock. It reads the whole file, and so it may not keep
 * anybody waiting: it runs behind, a lock ends it, and what could not be looked at is left to
 * verify.
 */
#include "ui/tui/fresh_job.h"

#include <stdlib.h>

#include "ui/tui/worker.h"

static void
look(struct job *j, struct vault *v)
{
	enum vault_freshness state;

	j->rc = v ? vault_current(v, NULL, &state) : RC_LOCKED;
	if (v && j->rc != RC_OK)
		err_set(&j->err, j->rc, "%s", vault_err(v));
}

static void
told(struct job *j)
{
	if (j->rc == RC_TAMPER)
		app_failed_aloud(j->owner, "Older pages were put back", j);
}

static void
end(struct job *j)
{
	free(j);
}

static const struct job_ops fresh_ops = {look, told, end};

void
fresh_look(struct app *a)
{
	struct job *j = calloc(1, sizeof *j);

	if (!j)
		return;
	j->ops = &fresh_ops;
	j->owner = a;
	worker_post(app_back(a), j);
}
