#ifndef STORE_PERIOD_H
#define STORE_PERIOD_H

/* Stretches of time as people write them, in local time. Pure, but for the time zone. */

#include <stdbool.h>
#include <stdint.h>

#define PERIOD_DATE_LEN 11 /* "2026-01-31" and its NUL */

struct period { /* from its first day up to the first one after it */
	char from[PERIOD_DATE_LEN], upto[PERIOD_DATE_LEN];
	int64_t from_at, upto_at; /* the same as UTC microseconds: midnights here */
};

/* What period_parse takes, for the sentence of a fault. */
#define PERIOD_FORMS "2026, 2026-01, 2026-01-31, today, yesterday, 7d (days ago) or +7d"

/**
 * period_parse(text, now, out):
 * A year, a month, a day (as type_normalise takes dates), today, yesterday, tomorrow, or
 * the day that lies a number of days, weeks, months or years back (7d, 2w, 3m, 1y) or, with
 * a plus, ahead. ${now}: UTC microseconds. False: it is none of these.
 */
bool period_parse(const char *text, int64_t now, struct period *out);

#endif
