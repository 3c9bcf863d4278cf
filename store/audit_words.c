/* Findings in words. */
#include "store/audit_rules.h"

#include <stdio.h>

static const char *const names[] = {
    [RULE_FAILURES] = "failures",
    [RULE_REVEALS] = "reveals",
    [RULE_DAY] = "reveals of a day",
    [RULE_EXPORT] = "export",
    [RULE_SLOT] = "first use",
    [RULE_RECOVERY] = "recovery",
    [RULE_CLOCK] = "clock",
    [RULE_OLDER] = "older copy",
    [RULE_GAP] = "gap",
    [RULE_TAMPER] = "tampering",
    [RULE_CLASS] = "field class",
};

const char *
audit_rule_name(enum audit_rule rule)
{
	return names[rule];
}

static void
clock_words(long long seconds, char *out, size_t cap)
{
	if (seconds >= 2 * 86400)
		snprintf(
		    out, cap, "the clock was set back by %lld days", seconds / 86400);
	else if (seconds >= 2 * 3600)
		snprintf(
		    out, cap, "the clock was set back by %lld hours", seconds / 3600);
	else
		snprintf(
		    out, cap, "the clock was set back by %lld minutes", seconds / 60);
}

static void
gap_words(const struct audit_finding *f, char *out, size_t cap)
{
	const long long last = (long long)f->seq - 1,
			first = last - (long long)f->count + 1;

	if (f->what[0])
		snprintf(out, cap, "the audit was altered: %s", f->what);
	else if (first == last)
		snprintf(out, cap, "entry %lld of the audit is missing", first);
	else
		snprintf(out, cap, "entries %lld to %lld of the audit are missing", first,
		    last);
}

void
audit_finding_words(const struct audit_finding *f, char *out, size_t cap)
{
	const long long n = (long long)f->count;

	switch (f->rule) {
	case RULE_FAILURES:
		snprintf(out, cap, "%lld failed attempts to unlock within minutes", n);
		break;
	case RULE_REVEALS:
		snprintf(
		    out, cap, "%lld values revealed within minutes by %s", n, f->actor);
		break;
	case RULE_DAY:
		snprintf(out, cap, "%lld values revealed on one day, %.1f a day before",
		    n, f->mean);
		break;
	case RULE_EXPORT:
		snprintf(out, cap, "%lld records exported at once by %s", n, f->actor);
		break;
	case RULE_SLOT:
		snprintf(
		    out, cap, "slot %d opened the vault for the first time", f->slot);
		break;
	case RULE_RECOVERY:
		snprintf(out, cap, "a recovery code opened the vault (slot %d)", f->slot);
		break;
	case RULE_CLOCK:
		clock_words(n, out, cap);
		break;
	case RULE_OLDER:
		snprintf(
		    out, cap, "a copy older than the last one seen here was accepted");
		break;
	case RULE_GAP:
		gap_words(f, out, cap);
		break;
	case RULE_TAMPER:
		snprintf(out, cap, "a check of the vault found tampering");
		break;
	case RULE_CLASS:
		snprintf(out, cap, "%s by %s", f->what, f->actor);
		break;
	}
}
