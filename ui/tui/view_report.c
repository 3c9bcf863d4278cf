/*
 * The report on the audit: findings in words, a line of little bars for each day's reveals
 * and exports, and who did how much of what.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/audit_report.h"
#include "ui/series.h"
#include "ui/tui/lines.h"
#include "ui/tui/view.h"

#define BAR_WIDTH 24
#define BAR_BYTES (BAR_WIDTH * SPARK_CELL + 1)
#define WORDS_LEN 300
#define SIDES	  30 /* columns beside the line of the days */

struct view_report {
	struct view view;
	struct audit_report report;
	struct lines lines;
	int cols; /* that the lines were made for; 0: they are to be made */
	bool pending, there;
};

struct report_job {
	struct slow_job slow;
	struct audit_report report;
};

static void
report_run(struct job *job, struct vault *v)
{
	struct report_job *j = (struct report_job *)job;
	struct progress progress = {app_step, j};

	job->rc = v ? audit_report(v, 0, 0, &progress, &j->report) : RC_LOCKED;
	if (job->rc != RC_OK && v)
		err_set(&job->err, job->rc, "%s", vault_err(v));
}

static void
report_done(struct job *job)
{
	struct report_job *j = (struct report_job *)job;
	struct view_report *w = job->owner;

	app_work_end(w->view.app);
	w->pending = false;
	if (job->rc != RC_OK) {
		app_failed(w->view.app, job);
		return;
	}
	audit_report_free(&w->report);
	w->report = j->report;
	memset(&j->report, 0, sizeof j->report);
	w->there = true;
	w->cols = 0;
}

static void
report_free(struct job *job)
{
	audit_report_free(&((struct report_job *)job)->report);
	free(job);
}

static const struct job_ops report_ops = {report_run, report_done, report_free};

static void
put_findings(struct lines *l, const struct audit_report *r)
{
	char when[32], words[WORDS_LEN];
	size_t i;

	if (r->finding_n == 0)
		lines_add(l, STYLE_GOOD, LINE_NONE, "Nothing stands out.");
	else
		lines_add(l, STYLE_WARN, LINE_NONE, "%zu finding%s", r->finding_n,
		    r->finding_n == 1 ? "" : "s");
	/* The latest first, as the audit. */
	for (i = r->finding_n; i-- > 0;) {
		app_time((uint64_t)r->findings[i].at, when, sizeof when);
		if (r->findings[i].rule == RULE_DAY)
			when[10] = '\0';
		audit_finding_words(&r->findings[i], words, sizeof words);
		lines_add(l, STYLE_TEXT, (int)i, "%-16s  %s", when, words);
	}
}

static void
put_series(struct lines *l, const char *title, const struct audit_day *days, size_t n,
    bool exports)
{
	char from[32], to[32];
	struct series series;

	series_of(days, n, exports, &series);
	app_time((uint64_t)days[0].at, from, sizeof from);
	app_time((uint64_t)days[n - 1].at, to, sizeof to);
	lines_add(l, STYLE_TEXT, LINE_NONE, "%s", "");
	lines_add(l, STYLE_STRONG, LINE_NONE, "%s, at most %" PRId64, title, series.most);
	lines_add(l, STYLE_TEXT, LINE_NONE, "%.10s |%s| %.10s", from, series.line, to);
	if (series.marks[0])
		lines_add(l, STYLE_WARN, LINE_NONE, "%10s  %s stands out", "", series.marks);
}

static void
put_counts(struct lines *l, const char *title, const struct audit_count *counts, size_t n)
{
	char bar[BAR_BYTES];
	size_t i;

	lines_add(l, STYLE_TEXT, LINE_NONE, "%s", "");
	lines_add(l, STYLE_STRONG, LINE_NONE, "%s", title);
	for (i = 0; i < n; i++) {
		spark_bar(counts[i].n, counts[0].n, BAR_WIDTH, bar, sizeof bar);
		lines_add(l, STYLE_TEXT, LINE_NONE, "%-20s %8" PRId64 "  %s",
		    counts[i].name, counts[i].n, bar);
	}
}

static void
make_lines(struct view_report *w, int cols)
{
	const struct audit_report *r = &w->report;
	size_t n = cols > SIDES + 7 ? (size_t)(cols - SIDES) : 7;

	if (n > SERIES_DAYS_MAX)
		n = SERIES_DAYS_MAX;
	if (n > r->day_n)
		n = r->day_n;
	lines_clear(&w->lines);
	put_findings(&w->lines, r);
	if (n > 0) {
		put_series(&w->lines, "Values revealed a day", r->days + (r->day_n - n),
		    n, false);
		put_series(&w->lines, "Records exported a day", r->days + (r->day_n - n),
		    n, true);
	}
	put_counts(&w->lines, "Events", r->events, r->event_n);
	put_counts(&w->lines, "By whom", r->actors, r->actor_n);
	w->cols = cols;
}

static void
report_draw(struct view *v)
{
	struct view_report *w = (struct view_report *)v;

	pane_putf(v->pane, 0, 1, 0, STYLE_STRONG, "Report on the audit%s",
	    w->pending ? ": it is being read; ^G stops it" : "");
	if (!w->there)
		return;
	if (w->cols != pane_cols(v->pane))
		make_lines(w, pane_cols(v->pane));
	lines_draw(&w->lines, v->pane, 1);
}

/* All of a finding, where the screen is narrow. */
static void
tell(struct app *a, const struct audit_finding *f)
{
	char words[WORDS_LEN];

	audit_finding_words(f, words, sizeof words);
	view_tell_open(a, "Finding", words);
}

static bool
report_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_report *w = (struct view_report *)v;

	if (act == ACT_BACK)
		app_pop(v->app, v);
	else if (act == ACT_VERIFY)
		view_verify_open(v->app);
	else if (act == ACT_OPEN && lines_tag(&w->lines) != LINE_NONE)
		tell(v->app, &w->report.findings[lines_tag(&w->lines)]);
	else
		return lines_key(&w->lines, act, e, (size_t)pane_rows(v->pane));
	return true;
}

static void
report_status(struct view *v, char *out, size_t cap)
{
	struct view_report *w = (struct view_report *)v;

	if (w->there)
		snprintf(out, cap, "%" PRId64 " entries", w->report.entries);
}

static void
report_close(struct view *v)
{
	struct view_report *w = (struct view_report *)v;

	if (w->pending)
		app_work_end(v->app);
	lines_clear(&w->lines);
	audit_report_free(&w->report);
	free(w);
}

static const struct binding report_keys[] = {
    MOVE_KEYS("line after", "line before", "first line", "last line"),
    {K_ENTER, ACT_OPEN, NULL, "all of a finding"},
    {'C', ACT_VERIFY, NULL, "check the whole vault"}, {'q', ACT_BACK, NULL, "back"},
    {K_ESC, ACT_BACK, NULL, NULL}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops report_view_ops = {.title = "Report",
    .keys = report_keys,
    .draw = report_draw,
    .key = report_key,
    .status = report_status,
    .close = report_close};

void
view_report_open(struct app *a)
{
	struct view_report *w = calloc(1, sizeof *w);
	struct report_job *j = calloc(1, sizeof *j);

	if (!w || !j || !app_work_begin(a, "report")) {
		free(w);
		free(j);
		return;
	}
	w->view.ops = &report_view_ops;
	j->slow.job.ops = &report_ops;
	j->slow.work = app_work(a);
	j->slow.job.owner = w;
	w->pending = true; /* a push that fails closes the view, and so ends the work */
	if (!app_push(a, &w->view)) {
		free(j);
		return;
	}
	worker_post(app_back(a), &j->slow.job);
}
