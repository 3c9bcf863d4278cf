/*
 * Check of the whole vault: it runs on the second worker, the verdict is a dialog.
 *
 * 1. The verdict is always seen. Where not all parts fit, what is bad or not known stands
 *    before what is well.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ui/tui/view.h"

#define PAGE_PARTS 3
#define PARTS	   9

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

	job->rc = v ? vault_verify(v, &progress, &j->verdict) : RC_LOCKED;
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

enum standing {
	PART_BAD,
	PART_UNKNOWN,
	PART_GOOD,
	STANDINGS
};

struct part {
	enum standing standing;
	const char *what, *why; /* why: "", or what more there is to say */
};

static void
verdict_size(struct view *v, int *rows, int *cols)
{
	(void)v;
	*rows = PARTS + 4;
	*cols = 76;
}

static enum standing
standing(bool good)
{
	return good ? PART_GOOD : PART_BAD;
}

static void
list_pages(const struct vault_verdict *d, const char *bad_pages, struct part *out)
{
	out[0] = (struct part){standing(d->bad_pages == 0 && !d->bad_log), "page tags",
	    d->bad_pages ? bad_pages
	    : d->bad_log ? "the log beside it was altered"
			 : ""};
	out[1] = (struct part){standing(!d->header_copy_damaged), "both header copies", ""};
	out[2] = (struct part){standing(d->fresh != VAULT_STALE), "pages are current",
	    d->fresh == VAULT_FRESH_NOT_KNOWN ? "not known: it was not closed cleanly before"
	    : d->fresh == VAULT_STALE         ? "older ones were put back"
					      : ""};
}

static void
list_contents(const struct vault_verdict *d, struct part *out)
{
	out[0] = (struct part){
	    standing(d->structure_ok), "structure of the database", d->structure};
	out[1] = d->fts_checked
	    ? (struct part){standing(d->fts_ok), "search index", ""}
	    : (struct part){PART_UNKNOWN, "search index", "it takes a vault that can be written"};
	out[2] = (struct part){standing(d->tables_ok), "tables", d->tables};
	out[3] = (struct part){standing(d->bad_cells == 0), "values fit their columns", d->cells};
	out[4] = d->sealed_checked
	    ? (struct part){standing(d->bad_sealed == 0), "sealed values", d->sealed}
	    : (struct part){PART_UNKNOWN, "sealed values",
		  d->sealed_ended ? "not all of them could be looked at"
				  : "this slot opens none"};
	out[5] = d->audit_checked || !d->audit_ok
	    ? (struct part){standing(d->audit_ok), "audit chain", d->audit}
	    : (struct part){
		  PART_UNKNOWN, "audit chain", "this slot holds no key to check it"};
}

static void
draw_part(struct pane *p, int row, const struct part *t)
{
	static const char *const words[] = {"BAD", "?", "ok"};
	static const enum style styles[] = {STYLE_BAD, STYLE_WARN, STYLE_GOOD};

	pane_put(p, row, 2, 6, styles[t->standing], words[t->standing]);
	pane_putf(p, row, 8, pane_cols(p) - 9, STYLE_TEXT, "%s%s%s", t->what,
	    t->why[0] ? ": " : "", t->why);
}

static void
draw_parts(struct pane *p, const struct part *parts, int room)
{
	int row = 1, s, i;

	if (room >= PARTS) {
		for (i = 0; i < PARTS; i++)
			draw_part(p, row++, &parts[i]);
		return;
	}
	for (s = 0; s < STANDINGS; s++)
		for (i = 0; i < PARTS && row <= room; i++)
			if ((int)parts[i].standing == s)
				draw_part(p, row++, &parts[i]);
}

static void
verdict_draw(struct view *v)
{
	const struct view_verify *w = (struct view_verify *)v;
	const struct vault_verdict *d = &w->verdict;
	struct part parts[PARTS];
	struct pane *p = v->pane;
	int last = pane_rows(p) - 2;
	char text[120];

	snprintf(text, sizeof text, "%llu of %llu pages do not verify",
	    (unsigned long long)d->bad_pages, (unsigned long long)d->pages);
	list_pages(d, text, parts);
	list_contents(d, parts + PAGE_PARTS);
	pane_frame(p, "Check of the vault");
	draw_parts(p, parts, last > PARTS + 1 ? PARTS : last - 1);
	pane_put(p, last, 2, pane_cols(p) - 3, w->rc == RC_OK ? STYLE_GOOD : STYLE_BAD,
	    w->rc != RC_OK ? "The vault is NOT well.   q closes"
	    : d->sealed_checked && d->audit_checked
		? "The vault is well.   q closes"
		: "What this slot can look at is well.   q closes");
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
