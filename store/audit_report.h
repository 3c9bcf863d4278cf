#ifndef STORE_AUDIT_REPORT_H
#define STORE_AUDIT_REPORT_H

/* The audit as a whole: what stands out, how much of what, by whom. */

#include "store/audit_rules.h"

struct audit_count {
	char name[AUDIT_NAME_LEN];
	int64_t n;
};

struct audit_report { /* of the time that was asked for */
	int64_t entries;
	int64_t first, last; /* their times; 0: none */
	struct audit_finding *findings;
	size_t finding_n;
	struct audit_day *days;
	size_t day_n;
	struct audit_count *events, *actors; /* the most frequent first */
	size_t event_n, actor_n;
};

/**
 * audit_report(v, since, until, progress, out):
 * Read the whole audit (what is usual for a day is told by the days before it) and report on
 * ${since} <= time < ${until} (0: open). ${progress} may be NULL. RC_OK; RC_CANCELLED;
 * RC_NOMEM; the codes of reading. On failure ${out} is empty.
 * audit_report_free(out): harmless for an empty one.
 */
enum rc audit_report(struct vault *v, int64_t since, int64_t until,
    const struct progress *progress, struct audit_report *out);
void audit_report_free(struct audit_report *out);

/**
 * audit_news(v, progress, n): how many findings there are since the unlock before this one.
 */
enum rc audit_news(struct vault *v, const struct progress *progress, size_t *n);

#endif
