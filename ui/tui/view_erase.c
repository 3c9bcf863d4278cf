/*
 * Erasing records for good: what goes, what stays behind, and a word to be typed.
 *
 * 1. Nothing is erased before ERASE was typed in full, after the dialog has said what goes.
 * 2. What is said afterwards names what still holds the records.
 */
#include "ui/tui/view_erase.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/record.h"
#include "ui/tui/lineedit.h"
#include "ui/tui/view.h"
#include "ui/tui/wrap.h"

#define COLS 70
#define WORD "ERASE"

struct view_erase {
	struct view view;
	struct lineedit *line;
	int64_t *ids;
	size_t n;
	int64_t kept; /* of them to be kept until a later day; -1: not known yet */
	bool running;
	erase_fn *gone;
	void *arg;
	char text[500], wrong[100];
};

struct erase_job {
	struct slow_job slow;
	int64_t *ids;
	size_t n;
	int64_t kept;
	bool look; /* count only what is to be kept */
	struct erase_report report;
};

static enum rc
count_kept(struct erase_job *j, struct vault *v)
{
	struct record *r;
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < j->n; i++) {
		rc = record_get(v, j->ids[i], &r);
		if (rc == RC_OK)
			j->kept += r->keep_until > app_clock();
		record_free(r);
	}
	return rc;
}

static void
erase_run(struct job *job, struct vault *v)
{
	struct erase_job *j = (struct erase_job *)job;
	const struct progress progress = {app_step, j};

	if (!v)
		job->rc = RC_LOCKED;
	else if (j->look)
		job->rc = count_kept(j, v);
	else
		job->rc = erase_records(v, j->ids, j->n, &progress, &j->report);
	if (job->rc != RC_OK && v)
		err_set(&job->err, job->rc, "%s", vault_err(v));
}

void
view_erase_told(struct app *a, const struct erase_report *r)
{
	char text[500];

	app_say(a, STYLE_GOOD, "%" PRId64 " record%s erased for good", r->records,
	    r->records == 1 ? " is" : "s are");
	snprintf(text, sizeof text,
	    "%" PRId64 " record%s gone.%s%s Backups and other copies of the vault still hold "
	    "what was erased; so may older pages on the disk, until a rotation (K, r) "
	    "destroys their keys.",
	    r->records, r->records == 1 ? " is" : "s are",
	    r->merged ? "" : " The full text still holds words of it: the next erase or "
			     "purge takes them away.",
	    r->emptied ? "" : " Another program reads the vault: its log holds it until "
			      "that one closes it.");
	view_tell_open(a, "Erased", text);
}

static void
looked(struct view_erase *w, const struct erase_job *j)
{
	char what[120];

	w->kept = j->kept;
	if (w->n == 1)
		snprintf(what, sizeof what, "Record %" PRId64 "%s", w->ids[0],
		    j->kept ? " is to be kept until a later day! It" : "");
	else if (j->kept > 0)
		snprintf(what, sizeof what,
		    "%" PRId64 " of %zu records %s to be kept until a later day! They",
		    j->kept, w->n, j->kept == 1 ? "is" : "are");
	else
		snprintf(what, sizeof what, "%zu records", w->n);
	snprintf(w->text, sizeof w->text,
	    "%s %s for good with %s history; u does not bring %s back.", what,
	    w->n == 1 ? "goes" : "go", w->n == 1 ? "its" : "their", w->n == 1 ? "it" : "them");
	app_place(w->view.app);
}

static void
erased(struct view_erase *w, const struct erase_job *j)
{
	struct app *a = w->view.app;
	erase_fn *gone = w->gone;
	void *arg = w->arg;

	app_pop(a, &w->view);
	if (gone)
		gone(arg);
	view_erase_told(a, &j->report);
	app_changed(a);
}

static void
erase_done(struct job *job)
{
	struct erase_job *j = (struct erase_job *)job;
	struct view_erase *w = job->owner;
	struct app *a = w->view.app;

	if (!j->look)
		app_work_end(a);
	w->running = false;
	if (job->rc != RC_OK) {
		app_pop(a, &w->view);
		app_failed_aloud(a, "Erase", job);
	} else if (j->look) {
		looked(w, j);
	} else {
		erased(w, j);
	}
}

static void
erase_free(struct job *job)
{
	free(((struct erase_job *)job)->ids);
	free(job);
}

static const struct job_ops erase_ops = {erase_run, erase_done, erase_free};

static struct erase_job *
new_job(struct view_erase *w, bool look)
{
	struct erase_job *j = calloc(1, sizeof *j);

	if (j)
		j->ids = calloc(w->n + 1, sizeof *j->ids);
	if (!j || !j->ids) {
		free(j);
		app_say(w->view.app, STYLE_BAD, "out of memory");
		return NULL;
	}
	memcpy(j->ids, w->ids, w->n * sizeof *j->ids);
	j->n = w->n;
	j->look = look;
	j->slow.job.ops = &erase_ops;
	j->slow.job.owner = w;
	j->slow.work = app_work(w->view.app);
	return j;
}

static void
begin(struct view_erase *w)
{
	struct erase_job *j;

	if (w->kept < 0 || w->running)
		return;
	if (strcmp(lineedit_text(w->line), WORD) != 0) {
		snprintf(w->wrong, sizeof w->wrong,
		    "nothing was erased: type " WORD " in capitals");
		lineedit_set(w->line, "", 0);
		return;
	}
	if (!app_work_begin(w->view.app, "erase"))
		return;
	j = new_job(w, false);
	if (!j) {
		app_work_end(w->view.app);
		return;
	}
	w->running = true;
	worker_post(app_back(w->view.app), &j->slow.job);
}

static void
erase_size(struct view *v, int *rows, int *cols)
{
	const struct view_erase *w = (const struct view_erase *)v;
	const int most = *cols < COLS ? *cols : COLS;

	*cols = most;
	*rows = 6 + wrap_put(NULL, 0, 0, most - 4, 8, STYLE_TEXT, w->text);
}

static void
erase_draw(struct view *v)
{
	struct view_erase *w = (struct view_erase *)v;
	struct pane *p = v->pane;
	const int cols = pane_cols(p);
	int row = 1;

	pane_frame(p, "Erase for good");
	row += wrap_put(p, row, 2, cols - 4, pane_rows(p) - 5, STYLE_TEXT,
	    w->kept < 0 ? "looking at what goes" : w->text);
	if (w->running)
		pane_put(p, row, 2, cols - 4, STYLE_DIM, "erasing");
	else
		pane_put(p, row, 2, cols - 4, w->wrong[0] ? STYLE_BAD : STYLE_TEXT,
		    w->wrong[0] ? w->wrong : "Type " WORD " to go on:");
	pane_put(p, pane_rows(p) - 2, 2, cols - 4, STYLE_DIM,
	    "Enter: erase   Esc: leave them as they are");
	lineedit_draw(w->line, p, row + 1, 2, cols - 4, !w->running);
}

static bool
erase_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_erase *w = (struct view_erase *)v;

	if (w->running)
		return true;
	if (act == ACT_BACK)
		app_pop(v->app, v);
	else if (act == ACT_OPEN)
		begin(w);
	else
		return lineedit_key(w->line, e->key);
	return true;
}

static bool
erase_typing(struct view *v)
{
	(void)v;
	return true;
}

static void
erase_close(struct view *v)
{
	struct view_erase *w = (struct view_erase *)v;

	if (w->running)
		app_work_end(v->app);
	lineedit_free(w->line);
	free(w->ids);
	free(w);
}

static const struct binding erase_keys[] = {{K_ENTER, ACT_OPEN, NULL, "erase"},
    {K_ESC, ACT_BACK, NULL, "leave them as they are"}, {0, ACT_NONE, NULL, NULL}};

/* A paste is dropped: the word is to be typed. */
static const struct view_ops erase_view_ops = {.title = "Erase for good",
    .keys = erase_keys,
    .dialog = true,
    .size = erase_size,
    .draw = erase_draw,
    .key = erase_key,
    .typing = erase_typing,
    .close = erase_close};

void
view_erase_open(
    struct app *a, const int64_t *ids, size_t n, erase_fn *gone, void *arg)
{
	struct view_erase *w = calloc(1, sizeof *w);
	struct erase_job *j;

	if (w)
		w->ids = calloc(n + 1, sizeof *w->ids);
	if (!w || !w->ids || lineedit_new(&w->line) != RC_OK) {
		if (w)
			free(w->ids);
		free(w);
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	w->view.ops = &erase_view_ops;
	memcpy(w->ids, ids, n * sizeof *ids);
	w->n = n;
	w->gone = gone;
	w->arg = arg;
	w->kept = -1;
	if (!app_push(a, &w->view))
		return;
	j = new_job(w, true);
	if (j)
		worker_post(app_front(a), &j->slow.job);
}
