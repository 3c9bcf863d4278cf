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
#include <sys/stat.h>
#include <unistd.h>

#include "store/file.h"
#include "store/import_mapping.h"
#include "store/template.h"
#include "ui/tui/catalogue.h"

struct told_job { /* a job and who is told */
	struct import_job job;
	import_told *told;
};

/* A folder is told by the store. The descriptor is closed on failure. */
static enum rc
check_file(struct import_job *j)
{
	struct stat st;

	if (fstat(j->opts.fd, &st) != 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		return RC_OK;
	close(j->opts.fd);
	return err_set(&j->slow.job.err, RC_INPUT,
	    "%s is no regular file, and this reads a file more than once: import a pipe or a "
	    "device by the command line", j->ask.path);
}

/* To close the vault's own file would let go of the process's locks on it. */
static enum rc
open_file(struct import_job *j, struct vault *v)
{
	struct vault_info info;
	enum rc rc = vault_info(v, &info);

	if (rc == RC_OK && file_is_part_of(j->ask.path, info.path))
		rc = err_set(&j->slow.job.err, RC_INPUT,
		    "%s belongs to the vault itself: name another file", j->ask.path);
	if (rc != RC_OK)
		return rc;
	/* A pipe without a writer would keep the worker. */
	j->opts.fd = open(j->ask.path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (j->opts.fd >= 0)
		return check_file(j);
	return err_set(&j->slow.job.err, errno == ENOENT ? RC_NOTFOUND : RC_IO,
	    "%s can't be read: %s", j->ask.path, strerror(errno));
}

/* What a mapping of the vault says of the file goes before what is detected. */
static enum rc
use_mapping(struct import_job *j, struct vault *v, struct import_mapping **out)
{
	const char *name = j->ask.mapping;
	char *body;
	enum rc rc;

	*out = NULL;
	if (!name)
		return RC_OK;
	rc = template_get(v, TEMPLATE_IMPORT, name, &body);
	if (rc != RC_OK)
		return rc;
	rc = import_mapping_read(body, strlen(body), name, out, &j->slow.job.err);
	free(body);
	return rc == RC_OK ? import_mapping_apply(*out, &j->opts, &j->slow.job.err) : rc;
}

/* The user's own word goes before the mapping's. */
static void
set_opts(struct import_job *j)
{
	const struct import_ask *ask = &j->ask;

	j->opts.name = ask->path;
	if (ask->encoding != IMPORT_DETECT)
		j->opts.encoding = ask->encoding;
	if (ask->task == IMPORT_LOOK)
		return;
	j->opts.map = j->map;
	j->opts.map_n = j->map_n;
	j->opts.duplicates = ask->duplicates;
	j->opts.dry_run = ask->task == IMPORT_TRY;
	if (ask->task != IMPORT_RUN)
		return;
	j->opts.rejects = ask->rejects;
	j->opts.reason = ask->reason;
	j->opts.rejects_plaintext = ask->rejects && ask->reason;
	j->opts.force = ask->replace;
}

static enum rc
note_name(void *arg, const char *kind, const char *name, const char *body)
{
	struct import_job *j = arg;
	char **more = realloc(j->names, (j->name_n + 1) * sizeof *more);

	(void)kind;
	(void)body;
	if (!more)
		return RC_NOMEM;
	j->names = more;
	j->names[j->name_n] = strdup(name);
	return j->names[j->name_n] ? (j->name_n++, RC_OK) : RC_NOMEM;
}

static enum rc
look(struct import_job *j, struct vault *v)
{
	enum rc rc = import_look(v, &j->opts, &j->report);

	return rc == RC_OK ? template_list(v, TEMPLATE_IMPORT, note_name, j) : rc;
}

static enum rc
run(struct import_job *j, struct vault *v)
{
	enum rc rc = import_run(v, &j->opts, &j->report);

	/* Without memory for it there is none to keep: what was imported stays. */
	if (rc == RC_OK)
		import_mapping_write(&j->opts, &j->report, &j->text);
	return rc == RC_OK && j->ask.task == IMPORT_RUN
		   ? catalogue_copy(v, &j->fields, &j->field_n)
		   : rc;
}

static enum rc
read_file(struct import_job *j, struct vault *v)
{
	struct import_mapping *mapping;
	enum rc rc = use_mapping(j, v, &mapping);

	set_opts(j);
	if (rc == RC_OK)
		rc = open_file(j, v);
	if (rc == RC_OK) {
		rc = j->ask.task == IMPORT_LOOK ? look(j, v) : run(j, v);
		close(j->opts.fd);
	}
	import_mapping_free(mapping);
	return rc;
}

static enum rc
work(struct import_job *j, struct vault *v)
{
	if (j->ask.task == IMPORT_UNDO)
		return import_undo(v, j->ask.run, &j->undone);
	if (j->ask.task == IMPORT_KEEP)
		return template_save(
		    v, TEMPLATE_IMPORT, j->ask.keep, j->ask.text, j->ask.replace);
	return read_file(j, v);
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

void
import_names_free(char **names, size_t n)
{
	while (n)
		free(names[--n]);
	free(names);
}

static void
free_texts(struct import_ask *ask)
{
	free((char *)ask->path);
	free((char *)ask->mapping);
	free((char *)ask->rejects);
	free((char *)ask->reason);
	free((char *)ask->keep);
	free((char *)ask->text);
}

static void
import_job_free(struct job *job)
{
	struct import_job *j = (struct import_job *)job;

	import_report_free(&j->report);
	import_names_free(j->names, j->name_n);
	free_texts(&j->ask);
	free(j->text);
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
		struct import_map *m;

		*c = columns[i];
		if (c->nameless && !c->field[0])
			continue; /* to name it would be to say that its values are lost */
		m = &j->map[j->map_n++];
		memset(c->first, 0, sizeof c->first);
		snprintf(j->places[i], sizeof j->places[i], "#%u", (unsigned)i + 1);
		m->column = j->places[i];
		m->field = c->field[0] ? c->field : "-";
		m->type = c->field[0] && c->made ? type_name(c->type) : NULL;
		m->cls = c->field[0] && c->made ? class_name(c->cls) : NULL;
	}
	return true;
}

/* False without memory. */
static bool
copy(const char **text)
{
	if (*text)
		*text = strdup(*text);
	else
		return true;
	return *text != NULL;
}

static bool
copy_texts(struct import_ask *ask)
{
	const char **texts[] = {&ask->path, &ask->mapping, &ask->rejects, &ask->reason,
	    &ask->keep, &ask->text};
	size_t i, n = sizeof texts / sizeof *texts;
	bool ok = true;

	for (i = 0; i < n; i++)
		ok = copy(texts[i]) && ok;
	return ok;
}

static struct told_job *
new_job(const struct import_ask *ask)
{
	struct told_job *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->job.ask = *ask;
	if (copy_texts(&t->job.ask) && set_map(&t->job, ask->columns, ask->n))
		return t;
	import_job_free(&t->job.slow.job);
	return NULL;
}

bool
import_job_post(struct app *a, void *owner, const struct import_ask *ask, import_told *told)
{
	static const char *const labels[] = {
	    "look", "dry run", "import", "mapping", "undo"};
	struct told_job *t = new_job(ask);
	struct import_job *j;

	if (!t) {
		app_say(a, STYLE_BAD, "out of memory");
		return false;
	}
	j = &t->job;
	if (!app_work_begin(a, labels[ask->task])) {
		import_job_free(&j->slow.job);
		return false;
	}
	t->told = told;
	j->ask.columns = NULL; /* the asker's */
	j->slow.job.ops = &import_job_ops;
	j->slow.job.owner = owner;
	j->slow.work = app_work(a);
	j->opts.progress = (struct progress){app_step, j};
	worker_post(app_back(a), &j->slow.job);
	return true;
}
