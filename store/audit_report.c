/*
 * The report on the audit: one pass over its entries, oldest first.
 *
 * 1. The rules see every entry; the time asked for chooses among what they found.
 * 2. A mark that does not fit the entries is a finding of now: it is no entry's. It is looked
 *    for before the entries are read: a session that ends meanwhile puts the marks further.
 */
#include "store/audit_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/audit_mark.h"
#include "store/text.h"

#define STEP_ROWS 1024 /* between two calls of progress */
#define EVENTS	  256
#define DAY_US	  86400000000ll

struct pass {
	struct vault *v;
	int64_t since, until;
	const struct progress *progress; /* may be NULL */
	struct audit_rules *rules;
	struct audit_report *out;
	int64_t events[EVENTS];
	int64_t all; /* entries to be read */
	bool mark_unfit;
	struct audit_finding mark; /* that one */
};

static bool
asked(const struct pass *p, int64_t at)
{
	return at >= p->since && (p->until == 0 || at < p->until);
}

static enum rc
count_actor(struct audit_report *out, const char *actor)
{
	char name[AUDIT_NAME_LEN]; /* as it is told: two that differ behind its end are one */
	struct audit_count *more;
	size_t i;

	text_visible(actor, strlen(actor), name, sizeof name);
	for (i = 0; i < out->actor_n; i++)
		if (strcmp(out->actors[i].name, name) == 0) {
			out->actors[i].n++;
			return RC_OK;
		}
	more = realloc(out->actors, (out->actor_n + 1) * sizeof *more);
	if (!more)
		return RC_NOMEM;
	out->actors = more;
	memcpy(more[out->actor_n].name, name, sizeof name);
	more[out->actor_n++].n = 1;
	return RC_OK;
}

static enum rc
take(struct pass *p, const struct audit_entry *e)
{
	struct audit_report *out = p->out;
	enum rc rc = audit_rules_feed(p->rules, e);

	if (rc != RC_OK || !asked(p, e->at))
		return rc;
	out->entries++;
	if (out->first == 0 || e->at < out->first)
		out->first = e->at;
	if (e->at > out->last)
		out->last = e->at;
	if ((unsigned)e->event < EVENTS)
		p->events[e->event]++;
	return count_actor(out, e->actor ? e->actor : "");
}

static bool
stopped(const struct pass *p, int64_t done)
{
	const struct progress *g = p->progress;

	return g && g->step && done % STEP_ROWS == 0 &&
	       g->step(g->arg, (uint64_t)done, (uint64_t)p->all);
}

static enum rc
read_all(struct pass *p)
{
	struct audit_entry e;
	sqlite3_stmt *st;
	int64_t done = 0;
	enum rc rc;

	rc = sql_int(p->v, "SELECT coalesce(max(seq), 0) FROM audit", &p->all);
	if (rc == RC_OK)
		rc = sql_prepare(
		    p->v, "SELECT " AUDIT_COLUMNS " FROM audit a ORDER BY a.seq", &st);
	if (rc != RC_OK)
		return rc;
	while (rc == RC_OK && (rc = sql_step(p->v, st)) == RC_OK) {
		audit_read(st, &e);
		rc = take(p, &e);
		if (rc == RC_OK && stopped(p, ++done))
			rc = err_set(&p->v->err, RC_CANCELLED, "cancelled");
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static int
most_first(const void *a, const void *b)
{
	const struct audit_count *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->name, y->name);
}

static enum rc
keep_events(struct pass *p)
{
	struct audit_report *out = p->out;
	int i;

	out->events = calloc(EVENTS, sizeof *out->events);
	if (!out->events)
		return RC_NOMEM;
	for (i = 0; i < EVENTS; i++) {
		struct audit_count *c = &out->events[out->event_n];

		if (p->events[i] == 0)
			continue;
		snprintf(
		    c->name, sizeof c->name, "%s", audit_event_name((enum audit_event)i));
		c->n = p->events[i];
		out->event_n++;
	}
	qsort(out->events, out->event_n, sizeof *out->events, most_first);
	if (out->actor_n > 0)
		qsort(out->actors, out->actor_n, sizeof *out->actors, most_first);
	return RC_OK;
}

/* The findings of the time asked for, and that of the marks. */
static enum rc
keep_findings(struct pass *p)
{
	const struct audit_finding *f;
	size_t n, i;

	f = audit_rules_findings(p->rules, &n);
	p->out->findings = calloc(n + 1, sizeof *f);
	if (!p->out->findings)
		return RC_NOMEM;
	for (i = 0; i < n; i++)
		if (asked(p, f[i].until) ||
		    (f[i].rule == RULE_DAY && f[i].at + DAY_US > p->since &&
			(p->until == 0 || f[i].at < p->until)))
			p->out->findings[p->out->finding_n++] = f[i];
	if (p->mark_unfit)
		p->out->findings[p->out->finding_n++] = p->mark;
	return RC_OK;
}

static enum rc
keep_days(struct pass *p)
{
	const struct audit_day *d;
	size_t n, i;

	d = audit_rules_days(p->rules, &n);
	p->out->days = calloc(n + 1, sizeof *d);
	if (!p->out->days)
		return RC_NOMEM;
	for (i = 0; i < n; i++)
		if (d[i].at + DAY_US > p->since && (p->until == 0 || d[i].at < p->until))
			p->out->days[p->out->day_n++] = d[i];
	return RC_OK;
}

static enum rc
look_at_marks(struct pass *p)
{
	struct audit_finding *f = &p->mark;
	enum rc rc = audit_mark_check(p->v, f->what, sizeof f->what);

	if (rc != RC_TAMPER)
		return rc;
	f->rule = RULE_GAP;
	f->slot = -1;
	f->at = f->until = vault_now();
	p->mark_unfit = true;
	return RC_OK;
}

enum rc
audit_report(struct vault *v, int64_t since, int64_t until,
    const struct progress *progress, struct audit_report *out)
{
	struct pass p = {.v = v,
	    .since = since,
	    .until = until,
	    .progress = progress,
	    .rules = audit_rules_new(),
	    .out = out};
	enum rc rc;

	memset(out, 0, sizeof *out);
	vault_err_start(v);
	rc = p.rules ? look_at_marks(&p) : RC_NOMEM;
	if (rc == RC_OK)
		rc = vault_read_begin(v);
	if (rc == RC_OK) {
		rc = read_all(&p);
		if (rc == RC_OK)
			rc = audit_rules_end(p.rules);
		if (rc == RC_OK)
			rc = keep_events(&p);
		if (rc == RC_OK)
			rc = keep_findings(&p);
		if (rc == RC_OK)
			rc = keep_days(&p);
		vault_read_end(v);
	}
	audit_rules_free(p.rules);
	if (rc != RC_OK)
		audit_report_free(out);
	return err_default(&v->err, rc);
}

void
audit_report_free(struct audit_report *out)
{
	free(out->findings);
	free(out->days);
	free(out->events);
	free(out->actors);
	memset(out, 0, sizeof *out);
}

enum rc
audit_news(struct vault *v, const struct progress *progress, size_t *n)
{
	struct audit_report r;
	enum rc rc = audit_report(v, (int64_t)v->last_unlock, 0, progress, &r);

	*n = rc == RC_OK ? r.finding_n : 0;
	audit_report_free(&r);
	return rc;
}
