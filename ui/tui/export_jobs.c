/*
 * The export dialog's work: the plan and the templates on the first worker, the export itself
 * on the second.
 *
 * 1. An answer to an old question is not taken: each change takes the running one away. From
 *    Enter until it is known whether the file can be made, none is: what was on the screen is
 *    written, and nothing opens above a dialog that is about to be left.
 * 2. A template brings format, columns, treatments, query and order; reason and word are
 *    typed each time. Where the marked records are the source, they stay it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/template.h"
#include "ui/tui/view_export.h"

struct export_job { /* of each kind; only its own parts are set */
	struct slow_job slow;
	char query[EXPORT_QUERY_MAX];
	char *path, *reason, *keep;
	struct export_column *columns;
	struct field *fields; /* a copy: the interface takes others while a worker is at work */
	int64_t *ids;
	struct export_opts opts;
	struct export_report report;
	size_t row; /* of the dialog, that is to be mended */
	struct export_plan *plan;
	struct export_template *template;
	char **names;
	size_t name_n;
	struct search_error serr;
};

static void
job_free(struct job *j)
{
	struct export_job *x = (struct export_job *)j;
	size_t i;

	secret_wipe(x->query, sizeof x->query);
	export_plan_free(x->plan);
	export_template_free(x->template);
	for (i = 0; i < x->name_n; i++)
		free(x->names[i]);
	free(x->names);
	free(x->path);
	free(x->reason);
	free(x->keep);
	free(x->columns);
	free(x->fields);
	free(x->ids);
	free(x);
}

static void
tell(struct export_job *x, struct vault *v, enum rc rc)
{
	struct job *j = &x->slow.job;

	j->rc = rc;
	if (rc != RC_OK && v)
		err_set(&j->err, rc, "%s", x->serr.text[0] ? x->serr.text : vault_err(v));
}

/* Which records: false without memory. */
static bool
set_source(const struct view_export *x, struct export_job *j)
{
	struct search *s = &j->opts.search;

	s->query = j->query;
	if (x->source == SOURCE_HITS)
		snprintf(j->query, sizeof j->query, "%s", x->query);
	if (x->source != SOURCE_MARKED)
		return true;
	s->ids = j->ids = calloc(x->mark_n, sizeof *j->ids);
	s->id_n = x->mark_n;
	if (j->ids)
		memcpy(j->ids, x->marks, x->mark_n * sizeof *j->ids);
	return j->ids != NULL;
}

/* What the columns have the places of: false without memory. */
static bool
set_fields(const struct view_export *x, struct export_job *j)
{
	const struct field *fields = app_fields(x->view.app, &j->opts.field_n);

	j->opts.fields = j->fields = calloc(j->opts.field_n + 1, sizeof *j->fields);
	if (j->fields && j->opts.field_n > 0)
		memcpy(j->fields, fields, j->opts.field_n * sizeof *fields);
	return j->fields != NULL;
}

/* A job of the dialog with its columns and its source in it; NULL without memory. */
static struct export_job *
new_job(struct view_export *x, const struct job_ops *ops, void *owner)
{
	struct export_job *j = calloc(1, sizeof *j);

	if (!j)
		return NULL;
	j->columns = calloc(x->n + 1, sizeof *j->columns);
	if (!j->columns || !set_fields(x, j) || !set_source(x, j)) {
		job_free(&j->slow.job);
		return NULL;
	}
	j->slow.job.ops = ops;
	j->slow.job.owner = owner;
	j->opts.search.sort = x->sort;
	j->opts.search.descending = x->descending;
	j->opts.columns = j->columns;
	j->opts.column_n = export_chosen(x, j->columns);
	j->opts.sink.format = x->format;
	j->opts.sink.utf8 = true;
	return j;
}

/*
 * The export.
 */
static void
write_run(struct job *j, struct vault *v)
{
	struct export_job *x = (struct export_job *)j;

	tell(x, v, v ? export_run(v, &x->opts, &x->report, &x->serr) : RC_LOCKED);
}

static void
write_done(struct job *j)
{
	struct app *a = j->owner;
	struct export_job *x = (struct export_job *)j;

	app_work_end(a);
	if (j->rc != RC_OK)
		app_failed(a, j);
	else
		app_say(a, STYLE_GOOD, "%llu record%s written to %s%s",
		    (unsigned long long)x->report.rows, x->report.rows == 1 ? "" : "s",
		    x->path,
		    x->report.guarded
			? "; cells that look like formulas have an apostrophe"
			: "");
}

static const struct job_ops write_ops = {write_run, write_done, job_free};

/* A job that has all that is typed in it; NULL, and told, without memory. */
static struct export_job *
new_write(struct view_export *x, const struct job_ops *ops, void *owner)
{
	struct export_job *j = new_job(x, ops, owner);

	if (j) {
		j->path = strdup(lineedit_text(x->file));
		j->reason = strdup(lineedit_text(x->reason));
		j->keep = strdup(lineedit_text(x->keep));
	}
	if (j && j->path && j->reason && j->keep) {
		j->opts.path = j->path;
		j->opts.fd = -1;
		j->opts.force = x->replace;
		j->opts.plaintext = true;
		j->opts.manifest = true;
		j->opts.reason = j->reason;
		j->opts.keep_as = j->keep[0] ? j->keep : NULL;
		return j;
	}
	app_say(x->view.app, STYLE_BAD, "out of memory");
	if (j)
		job_free(&j->slow.job);
	return NULL;
}

static void
write_start(struct view_export *x)
{
	struct app *a = x->view.app;
	struct export_job *j = new_write(x, &write_ops, a);

	if (j && app_work_begin(a, "export")) {
		j->slow.work = app_work(a);
		j->opts.progress = (struct progress){app_step, j};
		worker_post(app_back(a), &j->slow.job);
		app_pop(a, &x->view);
	} else if (j) {
		job_free(&j->slow.job);
	}
}

/*
 * The plan.
 */
static void
plan_run(struct job *j, struct vault *v)
{
	struct export_job *x = (struct export_job *)j;

	tell(x, v, v ? export_plan(v, &x->opts, &x->plan, &x->serr) : RC_LOCKED);
}

/* The plan has the chosen columns, in the order in which the dialog has them. */
static void
plan_done(struct job *j)
{
	struct export_job *p = (struct export_job *)j;
	struct view_export *x = j->owner;
	size_t i, k = 0;

	if (j->rc == RC_CANCELLED)
		return;
	export_forget_first(x);
	x->plan_wrong = j->err;
	if (j->rc != RC_OK)
		return;
	x->count = (int64_t)p->plan->count;
	for (i = 0; i < x->n && k < p->plan->n; i++) {
		if (x->columns[i].treat == TREAT_DROP)
			continue;
		x->first[i] = p->plan->columns[k].first;
		p->plan->columns[k++].first = NULL;
	}
}

static const struct job_ops plan_ops = {plan_run, plan_done, job_free};

void
export_replan(struct view_export *x)
{
	struct app *a = x->view.app;
	struct export_job *j = new_job(x, &plan_ops, x);

	worker_cancel(app_front(a), x, &plan_ops);
	export_forget_first(x);
	x->plan_wrong.text[0] = '\0';
	x->count = -1;
	if (j && j->opts.column_n > 0)
		worker_post(app_front(a), &j->slow.job);
	else if (j)
		job_free(&j->slow.job);
}

/*
 * Templates.
 */
static void
load_run(struct job *j, struct vault *v)
{
	struct export_job *x = (struct export_job *)j;

	tell(x, v, v ? export_template_load(v, x->keep, &x->template) : RC_LOCKED);
}

static void
take_columns(struct view_export *x, const struct export_template *t)
{
	size_t fields, i;

	app_fields(x->view.app, &fields);
	x->n = 0;
	for (i = 0; i < t->column_n; i++)
		if (!export_has(x, t->columns[i].index) &&
		    t->columns[i].index < (int)fields)
			export_add_column(x, t->columns[i].index, t->columns[i].treat);
	for (i = 0; i < fields; i++)
		if (!export_has(x, (int)i))
			export_add_column(
			    x, (int)i, t->column_n ? TREAT_DROP : TREAT_DEFAULT);
	if (!export_has(x, SORT_ID))
		export_add_column(x, SORT_ID, TREAT_DROP);
}

static void
load_done(struct job *j)
{
	struct export_job *p = (struct export_job *)j;
	struct view_export *x = j->owner;
	const struct export_template *t = p->template;

	if (x->starting)
		return;
	if (j->rc != RC_OK) {
		app_failed(x->view.app, j);
		return;
	}
	export_forget_first(x);
	snprintf(x->query, sizeof x->query, "%s", t->query);
	if (x->source != SOURCE_MARKED)
		x->source = x->query[0] ? SOURCE_HITS : SOURCE_ALL;
	x->sort = t->search.sort;
	x->descending = t->search.descending;
	x->format = t->format;
	snprintf(x->template, sizeof x->template, "%s", p->keep);
	take_columns(x, t);
	export_replan(x);
}

static const struct job_ops load_ops = {load_run, load_done, job_free};

static enum rc
note_name(void *arg, const char *kind, const char *name, const char *body)
{
	struct export_job *x = arg;
	char **more = realloc(x->names, (x->name_n + 1) * sizeof *more);

	(void)kind;
	(void)body;
	if (!more)
		return RC_NOMEM;
	x->names = more;
	x->names[x->name_n] = strdup(name);
	return x->names[x->name_n] ? (x->name_n++, RC_OK) : RC_NOMEM;
}

static void
names_run(struct job *j, struct vault *v)
{
	struct export_job *x = (struct export_job *)j;

	tell(x, v, v ? template_list(v, TEMPLATE_EXPORT, note_name, x) : RC_LOCKED);
}

/* What the chooser chooses from; it stands above the dialog, which has it. */
static void
take_name(void *arg, size_t index)
{
	struct view_export *x = arg;
	struct export_job *j;

	if (index >= x->name_n)
		return;
	j = new_job(x, &load_ops, x);
	if (!j)
		return;
	j->keep = strdup(x->names[index]);
	if (j->keep)
		worker_post(app_front(x->view.app), &j->slow.job);
	else
		job_free(&j->slow.job);
}

static void
names_done(struct job *j)
{
	struct export_job *p = (struct export_job *)j;
	struct view_export *x = j->owner;

	if (x->starting)
		return;
	if (j->rc != RC_OK) {
		app_failed(x->view.app, j);
	} else if (p->name_n == 0) {
		app_say(x->view.app, STYLE_TEXT,
		    "the vault has no export templates: \"Keep as\" makes one");
	} else {
		export_forget_names(x);
		x->names = p->names;
		x->name_n = p->name_n;
		p->names = NULL;
		p->name_n = 0;
		view_choose_open(x->view.app, "Template", (const char *const *)x->names,
		    x->name_n, 0, take_name, x);
	}
}

static const struct job_ops names_ops = {names_run, names_done, job_free};

void
export_choose_template(struct view_export *x)
{
	struct export_job *j = new_job(x, &names_ops, x);

	if (j)
		worker_post(app_front(x->view.app), &j->slow.job);
}

/*
 * Whether the file can be made: if not, nothing that was typed is lost.
 */
static void
ready_run(struct job *j, struct vault *v)
{
	struct export_job *x = (struct export_job *)j;
	enum rc rc = v ? export_ready(v, &x->opts) : RC_LOCKED;

	x->row = rc == RC_EXISTS ? ROW_REPLACE : rc == RC_DENIED ? ROW_REASON : ROW_FILE;
	if (rc == RC_OK && x->opts.keep_as) {
		rc = export_template_check(v, x->opts.keep_as, &x->opts);
		x->row = ROW_KEEP;
	}
	tell(x, v, rc);
}

static void
ready_done(struct job *j)
{
	struct view_export *x = j->owner;

	x->starting = false;
	if (j->rc == RC_OK) {
		write_start(x);
		return;
	}
	x->cursor = ((struct export_job *)j)->row;
	app_failed(x->view.app, j);
}

static const struct job_ops ready_ops = {ready_run, ready_done, job_free};

void
export_start(struct view_export *x)
{
	struct worker *w = app_front(x->view.app);
	struct export_job *j = new_write(x, &ready_ops, x);

	if (!j)
		return;
	worker_cancel(w, x, &names_ops);
	worker_cancel(w, x, &load_ops);
	x->starting = true;
	worker_post(w, &j->slow.job);
}
