/*
 * The audit, newest first.
 *
 * 1. Entries come a page at a time, as far as one scrolls; never all of them.
 * 2. An entry never holds a field's value, so nothing here is masked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/audit.h"
#include "ui/tui/audit_ask.h"
#include "ui/tui/cursor.h"
#include "ui/tui/view.h"

#define PAGE	  100
#define ENTRY_MAX 100000 /* entries kept on one screen's list */

struct audit_line {
	int64_t seq, at, record_id, count;
	enum audit_event event;
	int slot;
	char actor[48], field[65], reason[120];
};

struct view_audit {
	struct view view;
	struct audit_line *lines;
	size_t n, cursor, top, height;
	bool pending, whole;
	struct audit_ask ask;
	unsigned round; /* how often it was changed: answers to older questions are dropped */
	uint64_t generation;
};

struct audit_job {
	struct job job;
	struct audit_ask ask;
	unsigned round;
	int64_t before;
	struct audit_line lines[PAGE];
	size_t n;
};

static void
copy(char *to, size_t cap, const char *from)
{
	snprintf(to, cap, "%s", from ? from : "");
}

static bool
take(void *arg, const struct audit_entry *e)
{
	struct audit_job *j = arg;
	struct audit_line *l = &j->lines[j->n++];

	l->seq = e->seq;
	l->at = e->at;
	l->record_id = e->record_id;
	l->count = e->count;
	l->event = e->event;
	l->slot = e->slot;
	copy(l->actor, sizeof l->actor, e->actor);
	copy(l->field, sizeof l->field, e->field);
	copy(l->reason, sizeof l->reason, e->reason);
	return j->n < PAGE;
}

static void
audit_run(struct job *job, struct vault *v)
{
	struct audit_job *j = (struct audit_job *)job;

	job->rc = v ? audit_filter_check(v, &j->ask.filter) : RC_LOCKED;
	if (job->rc == RC_OK)
		job->rc = audit_list(v, &j->ask.filter, j->before, PAGE, take, j);
	if (job->rc != RC_OK && v)
		err_set(&job->err, job->rc, "%s", vault_err(v));
}

static void
audit_done(struct job *job)
{
	struct audit_job *j = (struct audit_job *)job;
	struct view_audit *w = job->owner;
	struct audit_line *more;

	if (j->round != w->round)
		return;
	w->pending = false;
	if (job->rc != RC_OK) {
		w->whole = true;
		if (j->before == 0) /* the entries of another filter are not this one's */
			w->n = w->cursor = 0;
		app_failed(w->view.app, job);
		return;
	}
	if (j->before == 0)
		w->n = 0;
	w->whole = j->n < PAGE || w->n + j->n > ENTRY_MAX;
	more = realloc(w->lines, (w->n + j->n + 1) * sizeof *more);
	if (!more)
		return;
	w->lines = more;
	memcpy(w->lines + w->n, j->lines, j->n * sizeof *j->lines);
	w->n += j->n;
	if (w->cursor >= w->n)
		w->cursor = w->n ? w->n - 1 : 0;
}

static void
audit_free(struct job *job)
{
	free(job);
}

static const struct job_ops audit_ops = {audit_run, audit_done, audit_free};

static void
load(struct view_audit *w, int64_t before)
{
	struct audit_job *j = calloc(1, sizeof *j);

	if (!j)
		return;
	j->job.ops = &audit_ops;
	j->job.owner = w;
	audit_ask_copy(&j->ask, &w->ask);
	j->round = w->round;
	j->before = before;
	w->pending = true;
	worker_post(app_front(w->view.app), &j->job);
}

static bool
is_warning(enum audit_event event)
{
	return event == AUDIT_TAMPER || event == AUDIT_UNLOCK_FAILED ||
	       event == AUDIT_OLDER_ACCEPTED;
}

static void
draw_line(struct view_audit *w, int row, const struct audit_line *l, bool at)
{
	struct pane *p = w->view.pane;
	enum style style = at ? STYLE_SELECTED : STYLE_TEXT;
	char when[32], what[400];
	int used;

	app_time((uint64_t)l->at, when, sizeof when);
	used = snprintf(what, sizeof what, "%s", audit_event_name(l->event));
	if (l->record_id > 0)
		used += snprintf(what + used, sizeof what - (size_t)used, " record %lld",
		    (long long)l->record_id);
	if (l->field[0])
		used +=
		    snprintf(what + used, sizeof what - (size_t)used, " %s", l->field);
	if (l->count >= 0)
		used += snprintf(what + used, sizeof what - (size_t)used, " (%lld)",
		    (long long)l->count);
	if (l->reason[0])
		snprintf(what + used, sizeof what - (size_t)used, ": %s", l->reason);
	pane_put(p, row, 0, 2, style, at ? "> " : "");
	pane_put(p, row, 2, 17, style, when);
	if (pane_cols(p) >= 60) {
		pane_putf(p, row, 19, 7, STYLE_DIM, "%lld", (long long)l->seq);
		pane_put(p, row, 26, 12, STYLE_DIM, l->actor);
		pane_put(p, row, 39, pane_cols(p) - 39,
		    is_warning(l->event) ? STYLE_WARN : STYLE_TEXT,
		    what);
	} else {
		pane_put(p, row, 19, pane_cols(p) - 19, STYLE_TEXT, what);
	}
}

static void
audit_draw(struct view *v)
{
	struct view_audit *w = (struct view_audit *)v;
	char words[200];
	size_t i;

	w->height = pane_rows(v->pane) > 1 ? (size_t)pane_rows(v->pane) - 1 : 1;
	if (w->cursor < w->top)
		w->top = w->cursor;
	if (w->cursor >= w->top + w->height)
		w->top = w->cursor - w->height + 1;
	audit_ask_words(&w->ask, words, sizeof words);
	pane_putf(v->pane, 0, 1, 0, STYLE_STRONG, "Audit%s%s", *words ? ": " : "", words);
	for (i = 0; i < w->height && w->top + i < w->n; i++) {
		bool at = w->top + i == w->cursor;

		draw_line(w, 1 + (int)i, &w->lines[w->top + i], at);
		if (at && term_plain())
			pane_cursor(v->pane, 1 + (int)i, 0);
	}
	if (w->n > 0 && !w->pending && !w->whole && w->cursor + w->height >= w->n)
		load(w, w->lines[w->n - 1].seq);
}

static void
filter_changed(void *arg)
{
	struct view_audit *w = arg;

	w->cursor = w->top = 0;
	w->round++;
	load(w, 0);
}

struct chain_job {
	struct slow_job slow;
	struct audit_verdict verdict;
};

static void
chain_run(struct job *job, struct vault *v)
{
	struct chain_job *j = (struct chain_job *)job;
	struct progress progress = {app_step, j};

	job->rc = v ? audit_verify(v, &progress, &j->verdict) : RC_LOCKED;
	if (job->rc != RC_OK && v)
		err_set(&job->err, job->rc, "%s", vault_err(v));
}

static void
chain_done(struct job *job)
{
	const struct chain_job *j = (const struct chain_job *)job;
	struct app *a = job->owner;

	app_work_end(a);
	if (job->rc == RC_OK)
		app_say(a, STYLE_GOOD, "the chain of all %llu entries holds",
		    (unsigned long long)j->verdict.entries);
	else
		app_failed_aloud(a, "The audit does not verify", job);
}

static const struct job_ops chain_ops = {chain_run, chain_done, audit_free};

static void
check_chain(struct app *a)
{
	struct chain_job *j = calloc(1, sizeof *j);

	if (!j || !app_work_begin(a, "check of the audit")) {
		free(j);
		return;
	}
	j->slow.job.ops = &chain_ops;
	j->slow.job.owner = a;
	j->slow.work = app_work(a);
	worker_post(app_back(a), &j->slow.job);
}

static bool
audit_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_audit *w = (struct view_audit *)v;

	if (act == ACT_SEARCH)
		audit_ask_open(v->app, &w->ask, filter_changed, w);
	else if (act == ACT_REPORT)
		view_report_open(v->app);
	else if (act == ACT_TEST)
		check_chain(v->app);
	else if (act == ACT_OPEN && w->cursor < w->n && w->lines[w->cursor].record_id > 0)
		view_record_open(v->app, w->lines[w->cursor].record_id);
	else if (act == ACT_VERIFY)
		view_verify_open(v->app);
	else if (act == ACT_BACK)
		app_pop(v->app, v);
	else
		return cursor_key(act, e, w->n, w->height, &w->cursor);
	return true;
}

static void
audit_tick(struct view *v)
{
	struct view_audit *w = (struct view_audit *)v;

	if (w->generation != app_generation(v->app) && !w->pending && w->cursor == 0) {
		w->generation = app_generation(v->app);
		load(w, 0);
	}
}

static void
audit_status(struct view *v, char *out, size_t cap)
{
	struct view_audit *w = (struct view_audit *)v;

	if (w->n > 0)
		snprintf(out, cap, "entry %zu of %s%zu", w->cursor + 1,
		    w->whole ? "" : "over ", w->n);
}

static void
audit_close(struct view *v)
{
	struct view_audit *w = (struct view_audit *)v;

	free(w->lines);
	free(w);
}

static const struct binding audit_keys[] = {
    MOVE_KEYS("older", "newer", "newest", "oldest one loaded"),
    {K_ENTER, ACT_OPEN, NULL, "open the record"},
    {'f', ACT_SEARCH, NULL, "filter"}, {'/', ACT_SEARCH, NULL, NULL},
    {K_F0 + 4, ACT_SEARCH, "Filter", NULL},
    {'r', ACT_REPORT, NULL, "report: what stands out"},
    {K_F0 + 2, ACT_REPORT, "Report", NULL},
    {'v', ACT_TEST, NULL, "check the chain of the entries"},
    {'C', ACT_VERIFY, NULL, "check the whole vault"},
    {K_F0 + 5, ACT_VERIFY, "Check", NULL}, {'q', ACT_BACK, NULL, "back"},
    {K_ESC, ACT_BACK, NULL, NULL}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops audit_view_ops = {.title = "Audit",
    .keys = audit_keys,
    .draw = audit_draw,
    .key = audit_key,
    .tick = audit_tick,
    .status = audit_status,
    .close = audit_close};

void
view_audit_open(struct app *a)
{
	struct view_audit *w = calloc(1, sizeof *w);

	if (!w)
		return;
	w->view.ops = &audit_view_ops;
	w->generation = app_generation(a);
	if (app_push(a, &w->view))
		load(w, 0);
}
