/* The report on the audit: findings in words, each day's reveals and exports, who and what. */
#include "ui/op_report.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "store/audit_report.h"
#include "store/text.h"
#include "ui/op_util.h"
#include "ui/series.h"

#define DAYS_SHOWN 50 /* with the days at both ends they fit 80 columns */
#define BAR_WIDTH  30
#define WORDS_LEN  300
#define NAME_WIDTH 20
#define NAME_LEN   256
#define BAR_BYTES  (BAR_WIDTH * SPARK_CELL + 1)

static void
day_text(int64_t at, char out[OP_TIME_LEN])
{
	time_t t = (time_t)(at / 1000000);
	struct tm tm;

	out[0] = '\0';
	if (localtime_r(&t, &tm) != NULL)
		strftime(out, OP_TIME_LEN, "%Y-%m-%d", &tm);
}

static void
write_findings(struct op_text *t, struct op_call *c, const struct audit_report *r)
{
	char at[OP_TIME_LEN], words[WORDS_LEN], shown[2 * WORDS_LEN];
	size_t i;

	if (r->finding_n == 0)
		op_text_add(t, "Nothing stands out.\n");
	else
		op_text_add(
		    t, "%zu finding%s:\n", r->finding_n, r->finding_n == 1 ? "" : "s");
	for (i = 0; i < r->finding_n; i++) {
		if (r->findings[i].rule == RULE_DAY)
			day_text(r->findings[i].at, at);
		else
			op_time(c->face, r->findings[i].at, at);
		audit_finding_words(&r->findings[i], words, sizeof words);
		text_visible(words, strlen(words), shown, sizeof shown);
		op_text_add(t, "  %-19s  %s\n", at, shown);
	}
}

static void
write_series(struct op_text *t, const char *title, const struct audit_day *days, size_t n,
    bool exports)
{
	char from[OP_TIME_LEN], to[OP_TIME_LEN];
	struct series series;

	series_of(days, n, exports, &series);
	day_text(days[0].at, from);
	day_text(days[n - 1].at, to);
	op_text_add(
	    t, "\n%s, at most %" PRId64 ":\n  %s |%s| %s\n", title, series.most, from,
	    series.line, to);
	if (series.marks[0])
		op_text_add(t,
		    "  %10s  %s\n  ^ stands out: over mean + 3 sigma of the 30 days before\n",
		    "", series.marks);
}

static void
write_days(struct op_text *t, const struct audit_report *r)
{
	const size_t n = r->day_n < DAYS_SHOWN ? r->day_n : DAYS_SHOWN;
	const struct audit_day *days = r->days + (r->day_n - n);

	if (n == 0)
		return;
	write_series(t, "Values revealed a day", days, n, false);
	write_series(t, "Records exported a day", days, n, true);
}

static void
write_counts(
    struct op_text *t, const char *title, const struct audit_count *counts, size_t n)
{
	char bar[BAR_BYTES], name[NAME_LEN];
	size_t i;

	if (n > 0)
		op_text_add(t, "\n%s:\n", title);
	for (i = 0; i < n; i++) {
		spark_bar(counts[i].n, counts[0].n, BAR_WIDTH, bar, sizeof bar);
		text_clip(counts[i].name, strlen(counts[i].name), NAME_WIDTH, true, true,
		    name, sizeof name);
		op_text_add(t, "  %s %8" PRId64 "  %s\n", name, counts[i].n, bar);
	}
}

static void
write_report(struct op_text *t, struct op_call *c, const struct audit_report *r)
{
	char first[OP_TIME_LEN], last[OP_TIME_LEN];

	op_time(c->face, r->first, first);
	op_time(c->face, r->last, last);
	if (r->entries == 0)
		op_text_add(t, "No entries.\n");
	else
		op_text_add(
		    t, "%" PRId64 " entries, %s to %s.\n", r->entries, first, last);
	write_findings(t, c, r);
	write_days(t, r);
	write_counts(t, "Events", r->events, r->event_n);
	write_counts(t, "By whom", r->actors, r->actor_n);
}

/* A time as RFC 3339, or null. */
static json_t *
json_time(struct op_call *c, int64_t at)
{
	char text[OP_TIME_LEN];

	op_time(c->face, at, text);
	return text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *
json_findings(struct op_call *c, const struct audit_report *r)
{
	json_t *list = json_array();
	char words[WORDS_LEN];
	size_t i;

	for (i = 0; list != NULL && i < r->finding_n; i++) {
		const struct audit_finding *f = &r->findings[i];

		audit_finding_words(f, words, sizeof words);
		list = op_json_grown(
		    list, json_pack("{s:s, s:o, s:o, s:I, s:I, s:i, s:s, s:s}", "rule",
			      audit_rule_name(f->rule), "at", json_time(c, f->at),
			      "until", json_time(c, f->until), "entry",
			      (json_int_t)f->seq, "count", (json_int_t)f->count, "slot",
			      f->slot, "actor", f->actor, "text", words));
	}
	return list;
}

static json_t *
json_days(const struct audit_report *r)
{
	json_t *list = json_array();
	char day[OP_TIME_LEN];
	size_t i;

	for (i = 0; list != NULL && i < r->day_n; i++) {
		day_text(r->days[i].at, day);
		list = op_json_grown(
		    list, json_pack("{s:s, s:I, s:I, s:b, s:b}", "day", day, "revealed",
			      (json_int_t)r->days[i].reveals, "exported",
			      (json_int_t)r->days[i].exports, "revealed_stands_out",
			      r->days[i].reveals_high, "exported_stands_out",
			      r->days[i].exports_high));
	}
	return list;
}

static json_t *
json_counts(const char *name, const struct audit_count *counts, size_t n)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; list != NULL && i < n; i++)
		list = op_json_grown(list, json_pack("{s:s, s:I}", name, counts[i].name,
					       "count", (json_int_t)counts[i].n));
	return list;
}

static void
report_json(struct op_text *t, struct op_call *c, const struct audit_report *r)
{
	op_text_json(
	    t, json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "entries",
		   (json_int_t)r->entries, "first", json_time(c, r->first), "last",
		   json_time(c, r->last), "findings", json_findings(c, r), "days",
		   json_days(r), "events", json_counts("event", r->events, r->event_n),
		   "actors", json_counts("actor", r->actors, r->actor_n)));
}

static enum rc
run_audit_report(struct op_call *c)
{
	struct audit_report r;
	struct op_step step;
	struct progress progress = op_progress(&step, c, "audit report");
	struct audit_filter when = {0};
	struct op_text text = {0};
	enum rc rc;

	rc = op_moment(c, "since", false, &when.since);
	if (rc == RC_OK)
		rc = op_moment(c, "until", true, &when.until);
	if (rc == RC_OK)
		rc = audit_filter_check(c->v, &when);
	if (rc == RC_OK)
		rc = audit_report(c->v, when.since, when.until, &progress, &r);
	if (rc != RC_OK)
		return rc;
	if (c->face->json)
		report_json(&text, c, &r);
	else
		write_report(&text, c, &r);
	audit_report_free(&r);
	return op_text_emit(&text, c);
}

const struct op op_audit_report = {
    .name = "audit report",
    .args = "",
    .summary = "say what stands out in the audit, and count it by day, event and user",
    .details = "What stands out: 5 failed attempts to unlock within 10 minutes; more "
	       "than 20 values "
	       "revealed or copied within 5 minutes, or on one day more than the mean and three "
	       "standard deviations "
	       "of the 30 days before; an export of 100 records or more; the first use "
	       "of a slot; any use "
	       "of a recovery code; a field whose values are less protected than before; a clock that was set back; a copy older than the "
	       "last one seen here; "
	       "missing entries; tampering that a check has found. The exit status says "
	       "nothing of "
	       "findings.\n"
	       "With --json an object: entries, first, last, findings (rule, at, until, "
	       "entry, count, slot, "
	       "actor, text), days (day, revealed, exported, revealed_stands_out, "
	       "exported_stands_out), "
	       "events (event, count), actors (actor, count).",
    .examples = "strongroom audit report customers.vault --since 2026-01-01\n"
		"strongroom audit report customers.vault --json\n",
    .flags = OP_VAULT | OP_RESULT | OP_SLOW,
    .opts = {{"since", 0, OPT_TEXT, "TIME", "from this day or moment on"},
	{"until", 0, OPT_TEXT, "TIME", "up to this day (whole) or moment"}},
    .run = run_audit_report,
};
