/*
 * The rules that speak up.
 *
 *     entry -> burst of failures, burst of reveals, export, slot, recovery, field class, clock,
 *              gap, its day
 *     end   -> open bursts, days that stand out
 *
 * 1. One burst is one finding: it begins with the entry that passes the limit, and lasts as
 *    long as the entries behind it pass it too.
 * 2. A day is compared with days before it only, and with at least a week of them.
 * 3. What happened while the vault was locked was written later: its times say nothing of
 *    the clock.
 * 4. A mad clock makes neither a huge table nor an overflow.
 */
#include "store/audit_rules.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/field.h"
#include "store/text.h"

#define SECOND		1000000ll
#define FAILURES	5
#define FAILURES_WITHIN (600 * SECOND)
#define REVEALS		21 /* over 20 */
#define REVEALS_WITHIN	(300 * SECOND)
#define RING_MAX	REVEALS
#define EXPORT_LARGE	100
#define CLOCK_SLACK	(120 * SECOND) /* what a clock may be corrected by */
#define BASE_DAYS	30
#define BASE_LEAST	7  /* days before which there is nothing to compare with */
#define DAY_LEAST	10 /* reveals that a day has before it can stand out */
#define DAYS_MAX	(100 * 366)
#define SLOTS		16
#define TIME_MOST	(253402300799 * SECOND) /* the end of the year 9999 */
#define COUNT_MOST	1000000000000ll

struct burst { /* the last times, as many as make one */
	int limit;
	int64_t within;
	int64_t ring[RING_MAX];
	int n, next;
	bool open;
	struct audit_finding finding; /* while open */
};

struct audit_rules {
	struct burst failures, reveals;
	struct audit_finding *findings;
	size_t n, cap;
	struct audit_day *days;
	size_t day_n, day_cap;
	int64_t day_from, day_to; /* of the day that was asked for last */
	size_t day_at;
	int64_t last_seq, last_at;
	bool used[SLOTS];
};

struct audit_rules *
audit_rules_new(void)
{
	struct audit_rules *r = calloc(1, sizeof *r);

	if (r) {
		r->failures.limit = FAILURES;
		r->failures.within = FAILURES_WITHIN;
		r->reveals.limit = REVEALS;
		r->reveals.within = REVEALS_WITHIN;
	}
	return r;
}

void
audit_rules_free(struct audit_rules *r)
{
	if (!r)
		return;
	free(r->findings);
	free(r->days);
	free(r);
}

/* Whole characters, and what can be told as text: who can open the pages can write anything. */
static void
put_name(const char *name, char out[AUDIT_NAME_LEN])
{
	text_visible(name ? name : "", name ? strlen(name) : 0, out, AUDIT_NAME_LEN);
}

static void
begin(struct audit_finding *f, enum audit_rule rule, const struct audit_entry *e)
{
	memset(f, 0, sizeof *f);
	f->rule = rule;
	f->seq = e->seq;
	f->at = f->until = e->at;
	f->slot = e->slot;
	put_name(e->actor, f->actor);
}

static enum rc
add(struct audit_rules *r, const struct audit_finding *f)
{
	struct audit_finding *more;

	if (r->n == r->cap) {
		more = realloc(r->findings, (r->cap * 2 + 16) * sizeof *more);
		if (!more)
			return RC_NOMEM;
		r->findings = more;
		r->cap = r->cap * 2 + 16;
	}
	r->findings[r->n++] = *f;
	return RC_OK;
}

static enum rc
say(struct audit_rules *r, enum audit_rule rule, const struct audit_entry *e,
    int64_t count)
{
	struct audit_finding f;

	begin(&f, rule, e);
	f.count = count;
	return add(r, &f);
}

static enum rc
burst_end(struct audit_rules *r, struct burst *b)
{
	if (!b->open)
		return RC_OK;
	b->open = false;
	return add(r, &b->finding);
}

/* Whether the last entries, as many as make a burst, lie close enough. */
static bool
burst_holds(const struct burst *b, int64_t at, int64_t *first)
{
	if (b->n < b->limit)
		return false;
	*first = b->ring[b->next];
	return at - *first <= b->within && *first - at <= b->within;
}

static enum rc
burst_feed(struct audit_rules *r, struct burst *b, enum audit_rule rule,
    const struct audit_entry *e)
{
	const int64_t times = e->count > 0 ? e->count : 1;
	int64_t first, i;
	bool holds;

	for (i = 0; i < times && i < b->limit; i++) {
		b->ring[b->next] = e->at;
		b->next = (b->next + 1) % b->limit;
		b->n += b->n < b->limit;
	}
	holds = burst_holds(b, e->at, &first);
	if (holds && b->open) {
		b->finding.until = e->at;
		b->finding.count += times;
		return RC_OK;
	}
	if (!holds)
		return burst_end(r, b);
	b->open = true;
	begin(&b->finding, rule, e);
	b->finding.at = first;
	b->finding.count = times > b->limit ? times : b->limit;
	return RC_OK;
}

/* Midnight before ${at} and the next one, local time. */
static void
bounds(int64_t at, int64_t *from, int64_t *to)
{
	time_t t = (time_t)(at / SECOND);
	struct tm tm;

	if (!localtime_r(&t, &tm)) {
		*from = at - at % (86400 * SECOND);
		*to = *from + 86400 * SECOND;
		return;
	}
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	*from = (int64_t)mktime(&tm) * SECOND;
	tm.tm_mday++;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	*to = (int64_t)mktime(&tm) * SECOND;
}

static enum rc
add_day(struct audit_rules *r, int64_t from)
{
	struct audit_day *more;

	if (r->day_n == r->day_cap) {
		more = realloc(r->days, (r->day_cap * 2 + 64) * sizeof *more);
		if (!more)
			return RC_NOMEM;
		r->days = more;
		r->day_cap = r->day_cap * 2 + 64;
	}
	memset(&r->days[r->day_n], 0, sizeof *r->days);
	r->days[r->day_n++].at = from;
	return RC_OK;
}

static enum rc
add_days_until(struct audit_rules *r, int64_t from)
{
	int64_t at = from, next;
	enum rc rc = RC_OK;

	if (r->day_n == 0)
		return add_day(r, from);
	while (rc == RC_OK && r->days[r->day_n - 1].at < from && r->day_n < DAYS_MAX) {
		bounds(r->days[r->day_n - 1].at + SECOND, &at, &next);
		if (next <= r->days[r->day_n - 1].at)
			break;
		rc = add_day(r, next);
	}
	return rc;
}

/* The day of ${at}; what claims to be before the first day counts there. */
static enum rc
day_of(struct audit_rules *r, int64_t at, struct audit_day **out)
{
	size_t low = 0, high;
	enum rc rc;

	if (r->day_n > 0 && at >= r->day_from && at < r->day_to) {
		*out = &r->days[r->day_at];
		return RC_OK;
	}
	bounds(at, &r->day_from, &r->day_to);
	rc = add_days_until(r, r->day_from);
	if (rc != RC_OK) {
		r->day_to = r->day_from;
		return rc;
	}
	for (high = r->day_n; low + 1 < high;) {
		const size_t middle = (low + high) / 2;

		if (r->days[middle].at <= r->day_from)
			low = middle;
		else
			high = middle;
	}
	r->day_at = low;
	*out = &r->days[low];
	return RC_OK;
}

/* The audit says which slot a change was made to by "slot 3, ..." in its reason. */
static void
slot_changed(struct audit_rules *r, const struct audit_entry *e)
{
	unsigned long slot;

	if (!e->reason || strncmp(e->reason, "slot ", 5) != 0 || !isdigit((unsigned char)e->reason[5]))
		return;
	slot = strtoul(e->reason + 5, NULL, 10);
	if (slot < SLOTS)
		r->used[slot] = false;
}

static enum rc
unlocked(struct audit_rules *r, const struct audit_entry *e)
{
	const bool known = e->slot < 0 || e->slot >= SLOTS || r->used[e->slot];
	enum rc rc = RC_OK;

	if (!known) {
		r->used[e->slot] = true;
		rc = say(r, RULE_SLOT, e, 1);
	}
	if (rc == RC_OK && e->reason && strcmp(e->reason, AUDIT_BY_RECOVERY) == 0)
		rc = say(r, RULE_RECOVERY, e, 1);
	return rc;
}

static enum rc
exported(struct audit_rules *r, const struct audit_entry *e)
{
	struct audit_day *day;
	enum rc rc = day_of(r, e->at, &day);

	if (rc == RC_OK && e->count > 0)
		day->exports += e->count;
	return rc == RC_OK && e->count >= EXPORT_LARGE ? say(r, RULE_EXPORT, e, e->count)
						       : rc;
}

/* An export that reveals has its own finding; the days count what was looked at by hand. */
static enum rc
revealed(struct audit_rules *r, const struct audit_entry *e)
{
	struct audit_day *day;
	enum rc rc = day_of(r, e->at, &day);

	if (rc == RC_OK && e->count < 0)
		day->reveals++;
	return rc == RC_OK ? burst_feed(r, &r->reveals, RULE_REVEALS, e) : rc;
}

/* To copy a value that nothing protects is no look at a secret. */
static bool
copied_open(const struct audit_entry *e)
{
	const char *open = class_name(CLASS_OPEN);
	const size_t len = strlen(open);

	return e->reason && strncmp(e->reason, open, len) == 0 &&
	       (e->reason[len] == '\0' || e->reason[len] == ':');
}

static bool
starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/*
 * "sealed text to open text ...: why" is what the audit says of a field. A conversion is told
 * when it begins, for its values lie open from then on; its other entries are of the same one.
 */
static enum rc
field_changed(struct audit_rules *r, const struct audit_entry *e)
{
	char was[16], becomes[16];
	enum field_class from, to;
	struct audit_finding f;
	struct audit_day *day;
	char name[AUDIT_NAME_LEN];
	int how = 0;
	enum rc rc = day_of(r, e->at, &day);

	if (rc != RC_OK || !e->reason || e->count >= 0 ||
	    sscanf(e->reason, "%15s %*s to %15s %*s %n", was, becomes, &how) != 2 || how == 0 ||
	    !class_parse(was, &from) || !class_parse(becomes, &to) || to >= from ||
	    (!starts(e->reason + how, AUDIT_FIELD_BEGINS) &&
		!starts(e->reason + how, AUDIT_FIELD_DONE)))
		return rc;
	begin(&f, RULE_CLASS, e);
	put_name(e->field, name);
	snprintf(f.what, sizeof f.what, "field %s was %s and is made %s", name,
	    class_name(from), class_name(to));
	return add(r, &f);
}

static enum rc
judge_event(struct audit_rules *r, const struct audit_entry *e)
{
	struct audit_day *day;

	switch (e->event) {
	case AUDIT_CREATED:
		if (e->slot >= 0 && e->slot < SLOTS)
			r->used[e->slot] = true;
		return RC_OK;
	case AUDIT_UNLOCK_FAILED:
		return burst_feed(r, &r->failures, RULE_FAILURES, e);
	case AUDIT_UNLOCKED:
		return unlocked(r, e);
	case AUDIT_REVEALED:
		return revealed(r, e);
	case AUDIT_COPIED:
		return copied_open(e) ? day_of(r, e->at, &day) : revealed(r, e);
	case AUDIT_EXPORTED:
	case AUDIT_SUBJECT_EXPORTED:
		return exported(r, e);
	case AUDIT_SLOT_ADDED:
	case AUDIT_SLOT_REMOVED:
		slot_changed(r, e);
		return RC_OK;
	case AUDIT_FIELD_CHANGED:
		return field_changed(r, e);
	case AUDIT_OLDER_ACCEPTED:
		return say(r, RULE_OLDER, e, 1);
	case AUDIT_TAMPER:
		return say(r, RULE_TAMPER, e, 1);
	default:
		return day_of(r, e->at, &day);
	}
}

static enum rc
feed(struct audit_rules *r, const struct audit_entry *e)
{
	/* than it happened: kept while there was no key */
	const bool late =
	    e->event == AUDIT_UNLOCK_FAILED || e->event == AUDIT_OLDER_ACCEPTED;
	enum rc rc = RC_OK;

	if (e->seq > r->last_seq + 1)
		rc = say(r, RULE_GAP, e, e->seq - r->last_seq - 1);
	if (rc == RC_OK && !late && r->last_at - CLOCK_SLACK > e->at)
		rc = say(r, RULE_CLOCK, e, (r->last_at - e->at) / SECOND);
	r->last_seq = e->seq;
	if (!late)
		r->last_at = e->at;
	return rc == RC_OK ? judge_event(r, e) : rc;
}

static int64_t
within(int64_t x, int64_t least, int64_t most)
{
	return x < least ? least : x > most ? most : x;
}

enum rc
audit_rules_feed(struct audit_rules *r, const struct audit_entry *entry)
{
	struct audit_entry sane = *entry;

	sane.seq = within(entry->seq, 0, INT64_MAX - 1);
	sane.at = within(entry->at, 0, TIME_MOST);
	sane.count = within(entry->count, -1, COUNT_MOST);
	return feed(r, &sane);
}

/* Mean and standard deviation of the days before ${day}; false: there are too few. */
static bool
base(const struct audit_rules *r, size_t day, bool exports, double *mean, double *sigma)
{
	const size_t from = day > BASE_DAYS ? day - BASE_DAYS : 0, n = day - from;
	double sum = 0, squares = 0;
	size_t i;

	if (n < BASE_LEAST)
		return false;
	for (i = from; i < day; i++) {
		const double x =
		    (double)(exports ? r->days[i].exports : r->days[i].reveals);

		sum += x;
		squares += x * x;
	}
	*mean = sum / (double)n;
	*sigma = sqrt(fmax(0, squares / (double)n - *mean * *mean));
	return true;
}

static enum rc
judge_day(struct audit_rules *r, size_t i)
{
	struct audit_day *d = &r->days[i];
	struct audit_finding f = {
	    .rule = RULE_DAY, .at = d->at, .until = d->at, .slot = -1};
	double mean, sigma;

	if (base(r, i, true, &mean, &sigma))
		d->exports_high =
		    d->exports >= DAY_LEAST && (double)d->exports > mean + 3 * sigma;
	if (!base(r, i, false, &mean, &sigma) || d->reveals < DAY_LEAST ||
	    (double)d->reveals <= mean + 3 * sigma)
		return RC_OK;
	d->reveals_high = true;
	f.count = d->reveals;
	f.mean = mean;
	return add(r, &f);
}

static int
by_time(const void *a, const void *b)
{
	const struct audit_finding *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

enum rc
audit_rules_end(struct audit_rules *r)
{
	enum rc rc = burst_end(r, &r->failures);
	size_t i;

	if (rc == RC_OK)
		rc = burst_end(r, &r->reveals);
	for (i = 0; rc == RC_OK && i < r->day_n; i++)
		rc = judge_day(r, i);
	if (r->n > 0)
		qsort(r->findings, r->n, sizeof *r->findings, by_time);
	return rc;
}

const struct audit_finding *
audit_rules_findings(const struct audit_rules *r, size_t *n)
{
	*n = r->n;
	return r->findings;
}

const struct audit_day *
audit_rules_days(const struct audit_rules *r, size_t *n)
{
	*n = r->day_n;
	return r->days;
}
