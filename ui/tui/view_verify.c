/*
 * Check of the whole vault: it runs on the second worker, the verdict is a dialog.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ui/tui/view.h"

struct verify_job {
	struct slow_job slow;
	struct vault_verdict verdict;
};

struct view_verify {
	struct view view;
	struct vault_verdict verdict;
	enum rc rc;
};

static void verdict_open(struct app *a, const struct verify_job *j);

static void
verify_run(struct job *job, struct vault *v)
{
	struct verify_job *j = (struct verify_job *)job;
	struct progress progress = {app_step, j};

	job->rc = vault_verify(v, &progress, &j->verdict);
	if (job->rc != RC_OK && v)
		err_set(&job->err, job->rc, "%s", vault_err(v));
}

static void
verify_done(struct job *job)
{
	struct app *a = job->owner;

	app_work_end(a);
	if (job->rc == RC_OK || job->rc == RC_TAMPER || job->rc == RC_DAMAGED)
		verdict_open(a, (struct verify_job *)job);
	else
		app_failed(a, job);
}

static void
verify_free(struct job *job)
{
	free(job);
}

static const struct job_ops verify_ops = {verify_run, verify_done, verify_free};

static void
verdict_size(struct view *v, int *rows, int *cols)
{
	(void)v;
	*rows = 10;
	*cols = 76;
}

static void
draw_part(struct pane *p, int row, bool good, const char *what, const char *why)
{
	pane_put(p, row, 2, 6, good ? STYLE_GOOD : STYLE_BAD, good ? "ok" : "BAD");
	pane_putf(p, row, 8, pane_cols(p) - 9, STYLE_TEXT, "%s%s%s", what,
	    why[0] ? ": " : "", why);
}

static void
verdict_draw(struct view *v)
{
	const struct view_verify *w = (struct view_verify *)v;
	const struct vault_verdict *d = &w->verdict;
	struct pane *p = v->pane;
	char text[120];

	pane_frame(p, "Check of the vault");
	snprintf(text, sizeof text, "%llu of %llu pages do not verify",
	    (unsigned long long)d->bad_pages, (unsigned long long)d->pages);
	draw_part(p, 1, d->bad_pages == 0, "page tags", d->bad_pages ? text : "");
	draw_part(p, 2, !d->header_copy_damaged, "both header copies", "");
	draw_part(p, 3, d->fresh != VAULT_STALE, "pages are current",
	    d->fresh == VAULT_FRESH_NOT_KNOWN ? "not known: it was not closed cleanly before"
	    : d->fresh == VAULT_STALE         ? "older ones were put back"
					      : "");
	draw_part(p, 4, d->structure_ok, "structure of the database", d->structure);
	draw_part(p, 5, d->fts_ok, "search index", "");
	if (d->sealed_checked)
		draw_part(p, 6, d->bad_sealed == 0, "sealed values", d->sealed);
	else
		pane_put(p, 6, 2, pane_cols(p) - 3, STYLE_WARN,
		    "?     sealed values: this slot opens none");
	if (d->audit_checked || !d->audit_ok)
		draw_part(p, 7, d->audit_ok, "audit chain", d->audit);
	else
		pane_put(p, 7, 2, pane_cols(p) - 3, STYLE_WARN,
		    "?     audit chain: this slot holds no key to check it");
	pane_put(p, 9, 2, pane_cols(p) - 3, w->rc == RC_OK ? STYLE_GOOD : STYLE_BAD,
	    w->rc == RC_OK ? "The vault is well.   q closes"
			   : "The vault is NOT well.   q closes");
}

static const struct view_ops verdict_ops = {.title = "Verdict",
    .keys = view_shown_keys,
    .dialog = true,
    .size = verdict_size,
    .draw = verdict_draw,
    .key = view_shown_key,
    .close = view_shown_close};

static void
verdict_open(struct app *a, const struct verify_job *j)
{
	struct view_verify *w = calloc(1, sizeof *w);

	if (!w)
		return;
	w->view.ops = &verdict_ops;
	w->verdict = j->verdict;
	w->rc = j->slow.job.rc;
	app_push(a, &w->view);
}

void
view_verify_open(struct app *a)
{
	struct verify_job *j = calloc(1, sizeof *j);

	if (!j)
		return;
	if (!app_work_begin(a, "check")) {
		free(j);
		return;
	}
	j->slow.job.ops = &verify_ops;
	j->slow.job.owner = a;
	j->slow.work = app_work(a);
	worker_post(app_back(a), &j->slow.job);
}
