/*
 * The import wizard's work. Each question opens the file anew: it may have changed, and
 * between two of them nothing of it is kept but names.
 */
#include "ui/tui/import_jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/file.h"

struct told_job { /* a job and who is told */
	struct import_job job;
	import_told *told;
};

/* To close the vault's own file would let go of the process's locks on it. */
static enum rc
open_file(struct import_job *j, struct vault *v)
{
	struct vault_info info;
	enum rc rc = vault_info(v, &info);

	if (rc == RC_OK && file_is_part_of(j->path, info.path))
		rc = err_set(&j->slow.job.err, RC_INPUT,
		    "%s belongs to the vault itself: name another file", j->path);
	if (rc != RC_OK)
		return rc;
	/* A pipe without a writer would keep the worker. */
	j->opts.fd = open(j->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (j->opts.fd >= 0)
		return RC_OK;
	return err_set(&j->slow.job.err, errno == ENOENT ? RC_NOTFOUND : RC_IO,
	    "%s can't be read: %s", j->path, strerror(errno));
}

static enum rc
copy_fields(struct import_job *j, struct vault *v)
{
	const struct field *fields = field_list(v, &j->field_n);

	j->fields = calloc(j->field_n + 1, sizeof *j->fields);
	if (!j->fields)
		return RC_NOMEM;
	memcpy(j->fields, fields, j->field_n * sizeof *fields);
	return RC_OK;
}

static enum rc
work(struct import_job *j, struct vault *v)
{
	enum rc rc;

	if (j->task == IMPORT_UNDO)
		return import_undo(v, j->run, &j->undone);
	rc = open_file(j, v);
	if (rc != RC_OK)
		return rc;
	rc = j->task == IMPORT_LOOK ? import_look(v, &j->opts, &j->report)
				    : import_run(v, &j->opts, &j->report);
	close(j->opts.fd);
	if (rc == RC_OK && j->task == IMPORT_RUN)
		rc = copy_fields(j, v);
	return rc;
}

static void
import_job_run(struct job *job, struct vault *v)
{
	struct import_job *j = (struct import_job *)job;

	job->rc = v ? work(j, v) : RC_LOCKED;
	if (job->rc != RC_OK && v && job->err.text[0] == '\0')
		err_set(&job->err, job->rc, "%s", vault_err(v));
}

static void
import_job_done(struct job *job)
{
	struct told_job *t = (struct told_job *)job;

	t->told(job->owner, &t->job);
}

static void
import_job_free(struct job *job)
{
	struct import_job *j = (struct import_job *)job;

	import_report_free(&j->report);
	free(j->path);
	free(j->map);
	free(j->places);
	free(j->columns);
	free(j->fields);
	free(j);
}

static const struct job_ops import_job_ops = {
    import_job_run, import_job_done, import_job_free};

/* The user's choices as rules, by place: no header is mistaken for another. */
static bool
set_map(struct import_job *j, const struct import_column *columns, size_t n)
{
	size_t i;

	j->map = calloc(n + 1, sizeof *j->map);
	j->places = calloc(n + 1, sizeof *j->places);
	j->columns = calloc(n + 1, sizeof *j->columns);
	if (!j->map || !j->places || !j->columns)
		return false;
	for (i = 0; i < n; i++) {
		struct import_column *c = &j->columns[i];
		struct import_map *m = &j->map[i];

		*c = columns[i];
		memset(c->first, 0, sizeof c->first);
		snprintf(j->places[i], sizeof j->places[i], "#%u", (unsigned)i + 1);
		m->column = j->places[i];
		m->field = c->field[0] ? c->field : "-";
		m->type = c->field[0] && c->made ? type_name(c->type) : NULL;
		m->cls = c->field[0] && c->made ? class_name(c->cls) : NULL;
	}
	j->opts.map = j->map;
	j->opts.map_n = n;
	return true;
}

static struct told_job *
new_job(const char *path, const struct import_column *columns, size_t n)
{
	struct told_job *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->job.path = strdup(path);
	if (t->job.path && set_map(&t->job, columns, n))
		return t;
	import_job_free(&t->job.slow.job);
	return NULL;
}

bool
import_job_post(struct app *a, void *owner, enum import_task task, const char *path,
    const struct import_column *columns, size_t n, enum import_duplicates duplicates,
    int64_t run, import_told *told)
{
	static const char *const labels[] = {"look", "dry run", "import", "undo"};
	struct told_job *t = new_job(path, columns, n);
	struct import_job *j;

	if (!t) {
		app_say(a, STYLE_BAD, "out of memory");
		return false;
	}
	j = &t->job;
	if (!app_work_begin(a, labels[task])) {
		import_job_free(&j->slow.job);
		return false;
	}
	t->told = told;
	j->task = task;
	j->run = run;
	j->slow.job.ops = &import_job_ops;
	j->slow.job.owner = owner;
	j->slow.work = app_work(a);
	j->opts.name = j->path;
	j->opts.dry_run = task == IMPORT_TRY;
	j->opts.duplicates = duplicates;
	j->opts.progress = (struct progress){app_step, j};
	worker_post(app_back(a), &j->slow.job);
	return true;
}
