/*
 * Statistics: which fields are filled, how the records grew, who came in by which key; Enter on
 * a field counts its values.
 *
 * 1. Of a masked or sealed field only how many records have it: the store counts no more.
 * 2. Values are wiped with their lines.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/stats.h"
#include "store/text.h"
#include "ui/spark.h"
#include "ui/tui/lines.h"
#include "ui/tui/view.h"

#define BAR_WIDTH  24
#define BAR_BYTES  (BAR_WIDTH * SPARK_CELL + 1)
#define NAME_WIDTH 24
#define NAME_LEN   256
#define VALUES_MAX 200

struct view_stats {
	struct view view;
	struct lines lines, values; /* of all; of one field */
	int field;		    /* whose values are shown; LINE_NONE: none */
	bool pending;
};

struct stats_job {
	struct slow_job slow;
	int field; /* LINE_NONE: all of them */
	struct stats stats;
	struct stats_field values;
};

static void
stats_run(struct job *job, struct vault *v)
{
	struct stats_job *j = (struct stats_job *)job;
	struct progress progress = {app_step, j};

	if (!v)
		job->rc = RC_LOCKED;
	else if (j->field == LINE_NONE)
		job->rc = stats_read(v, &progress, &j->stats);
	else
		job->rc = stats_of_field(v, j->field, VALUES_MAX, &progress, &j->values);
	if (job->rc != RC_OK && v)
		err_set(&job->err, job->rc, "%s", vault_err(v));
}

static void
put_bar(struct lines *l, int tag, const char *name, int64_t n, int64_t most, int64_t all)
{
	char shown[NAME_LEN], bar[BAR_BYTES];

	text_clip(name, strlen(name), NAME_WIDTH, true, true, shown, sizeof shown);
	spark_bar(n, most, BAR_WIDTH, bar, sizeof bar);
	lines_add(l, STYLE_TEXT, tag, "%s %9" PRId64 " %5.1f %%  %s", shown, n,
	    all > 0 ? 100.0 * (double)n / (double)all : 0.0, bar);
}

static void
title(struct lines *l, const char *text)
{
	if (l->n > 0)
		lines_add(l, STYLE_TEXT, LINE_NONE, "%s", "");
	lines_add(l, STYLE_STRONG, LINE_NONE, "%s", text);
}

static void
put_months(struct lines *l, const struct stats *s)
{
	char bar[BAR_BYTES];
	int64_t most = 0;
	size_t i;

	title(l, "Added per month, and all up to then");
	for (i = 0; i < s->month_n; i++)
		most = s->months[i].added > most ? s->months[i].added : most;
	for (i = s->month_n; i-- > 0;) {
		spark_bar(s->months[i].added, most, BAR_WIDTH, bar, sizeof bar);
		lines_add(l, STYLE_TEXT, LINE_NONE,
		    "%04d-%02d %9" PRId64 " %9" PRId64 "  %s", s->months[i].year,
		    s->months[i].month, s->months[i].added, s->months[i].all, bar);
	}
}

static void
put_keys(struct lines *l, const struct stats *s)
{
	char when[32];
	size_t i;

	title(l, "Keys used: slot, by whom, unlocks, the last one");
	for (i = 0; i < s->key_n; i++) {
		app_time((uint64_t)s->keys[i].last, when, sizeof when);
		lines_add(l, STYLE_TEXT, LINE_NONE,
		    "%2d %-20.20s %-16.16s %8" PRId64 "  %s", s->keys[i].slot,
		    s->keys[i].label, s->keys[i].actor, s->keys[i].times, when);
	}
}

static void
take_all(struct view_stats *w, const struct stats *s)
{
	const struct field *fields;
	size_t n, i;

	fields = app_fields(w->view.app, &n);
	lines_clear(&w->lines);
	title(&w->lines, "Filled: Enter counts the values of a field");
	for (i = 0; i < s->fill_n && i < n; i++)
		put_bar(&w->lines, (int)i, fields[i].label, s->fills[i].filled,
		    s->records, s->records);
	put_months(&w->lines, s);
	put_keys(&w->lines, s);
	if (w->lines.cursor == 0)
		w->lines.cursor = 1;
}

static void
take_field(struct view_stats *w, int index, const struct stats_field *s)
{
	const int64_t all = s->filled + s->empty;
	struct lines *l = &w->values;
	int64_t shown = 0;
	size_t i;

	lines_clear(l);
	l->cursor = 0;
	w->field = index;
	lines_add(l, STYLE_TEXT, LINE_NONE, "%" PRId64 " filled, %" PRId64 " empty",
	    s->filled, s->empty);
	if (s->counted)
		lines_add(l, STYLE_TEXT, LINE_NONE, "%" PRId64 " different%s",
		    s->different, s->years ? " years" : "");
	else
		lines_add(l, STYLE_WARN, LINE_NONE,
		    "its values are masked or sealed: they are not counted");
	for (i = 0; i < s->n; i++) {
		put_bar(
		    l, LINE_NONE, s->values[i].text, s->values[i].n, s->values[0].n, all);
		shown += s->values[i].n;
	}
	if (s->counted && shown < s->filled)
		lines_add(l, STYLE_DIM, LINE_NONE, "and %" PRId64 " with other values",
		    s->filled - shown);
}

static void
stats_done(struct job *job)
{
	struct stats_job *j = (struct stats_job *)job;
	struct view_stats *w = job->owner;

	app_work_end(w->view.app);
	w->pending = false;
	if (job->rc != RC_OK)
		app_failed(w->view.app, job);
	else if (j->field == LINE_NONE)
		take_all(w, &j->stats);
	else
		take_field(w, j->field, &j->values);
}

static void
stats_job_free(struct job *job)
{
	struct stats_job *j = (struct stats_job *)job;

	stats_free(&j->stats);
	stats_field_free(&j->values);
	free(j);
}

static const struct job_ops stats_ops = {stats_run, stats_done, stats_job_free};

static void
count(struct view_stats *w, int field)
{
	struct app *a = w->view.app;
	struct stats_job *j = calloc(1, sizeof *j);

	if (!j || !app_work_begin(a, "statistics")) {
		free(j);
		return;
	}
	j->slow.job.ops = &stats_ops;
	j->slow.job.owner = w;
	j->slow.work = app_work(a);
	j->field = field;
	w->pending = true;
	worker_post(app_back(a), &j->slow.job);
}

static void
stats_draw(struct view *v)
{
	struct view_stats *w = (struct view_stats *)v;
	const struct field *fields;
	const char *what = "";
	size_t n;

	fields = app_fields(v->app, &n);
	if (w->field != LINE_NONE && (size_t)w->field < n)
		what = fields[w->field].label;
	pane_putf(v->pane, 0, 1, 0, STYLE_STRONG, "Statistics%s%s%s", *what ? ": " : "",
	    what, w->pending ? " (counting; ^G stops it)" : "");
	lines_draw(*what ? &w->values : &w->lines, v->pane, 1);
}

static void
back(struct view_stats *w)
{
	if (w->field == LINE_NONE) {
		app_pop(w->view.app, &w->view);
		return;
	}
	w->field = LINE_NONE;
	lines_clear(&w->values);
}

static bool
stats_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_stats *w = (struct view_stats *)v;
	struct lines *l = w->field == LINE_NONE ? &w->lines : &w->values;

	if (act == ACT_BACK)
		back(w);
	else if (act == ACT_OPEN && lines_tag(l) != LINE_NONE)
		count(w, lines_tag(l));
	else
		return lines_key(l, act, e, (size_t)pane_rows(v->pane));
	return true;
}

static void
stats_close(struct view *v)
{
	struct view_stats *w = (struct view_stats *)v;

	if (w->pending)
		app_work_end(v->app);
	lines_clear(&w->lines);
	lines_clear(&w->values);
	free(w);
}

static const struct binding stats_keys[] = {
    MOVE_KEYS("line after", "line before", "first line", "last line"),
    {K_ENTER, ACT_OPEN, NULL, "count a field's values"},
    {'q', ACT_BACK, NULL, "back"}, {K_ESC, ACT_BACK, NULL, NULL},
    {0, ACT_NONE, NULL, NULL}};

static const struct view_ops stats_view_ops = {.title = "Statistics",
    .keys = stats_keys,
    .draw = stats_draw,
    .key = stats_key,
    .close = stats_close};

void
view_stats_open(struct app *a)
{
	struct view_stats *w = calloc(1, sizeof *w);

	if (!w)
		return;
	w->view.ops = &stats_view_ops;
	w->field = LINE_NONE;
	if (app_push(a, &w->view))
		count(w, LINE_NONE);
}
