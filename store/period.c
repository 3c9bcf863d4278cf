/*
 * Stretches of time as people write them.
 *
 * 1. A day is a day of the calendar here: it begins at the local midnight, whatever the
 *    clock does that day.
 * 2. A month back from the 31st is the last day of a shorter month.
 */
#include "store/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "store/type.h"

#define TEXT_MAX  32
#define COUNT_MAX 99999 /* of days and the like, back or ahead */
#define YEAR_MAX  9999

struct day {
	int year, month, day; /* month and day from 1 */
};

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static struct day
add_months(struct day d, int n)
{
	int months = d.year * 12 + d.month - 1 + n, most;

	d.year = months / 12;
	d.month = months % 12 + 1;
	most = month_days(d.year, d.month);
	d.day = d.day < most ? d.day : most;
	return d;
}

static struct tm
noon(struct day d)
{
	struct tm tm = { .tm_year = d.year - 1900, .tm_mon = d.month - 1,
		.tm_mday = d.day, .tm_hour = 12, .tm_isdst = -1 };

	return tm;
}

static struct day
add_days(struct day d, int n)
{
	struct tm tm = noon(d);

	tm.tm_mday += n;
	mktime(&tm);
	return (struct day){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday };
}

static struct day
day_of(int64_t at)
{
	time_t seconds = (time_t)(at / 1000000);
	struct tm tm = { 0 };

	localtime_r(&seconds, &tm);
	return (struct day){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday };
}

static int64_t
midnight(struct day d)
{
	struct tm tm = noon(d);

	tm.tm_hour = 0;
	return (int64_t)mktime(&tm) * 1000000;
}

static void
put_day(struct day d, char out[PERIOD_DATE_LEN], int64_t *at)
{
	snprintf(out, PERIOD_DATE_LEN, "%04u-%02u-%02u", (unsigned)d.year % 10000,
	    (unsigned)d.month % 100, (unsigned)d.day % 100);
	*at = midnight(d);
}

static bool
put(struct day from, struct day upto, struct period *out)
{
	if (from.year < 1 || upto.year > YEAR_MAX)
		return false;
	put_day(from, out->from, &out->from_at);
	put_day(upto, out->upto, &out->upto_at);
	return true;
}

static bool
put_one_day(struct day d, struct period *out)
{
	return put(d, add_days(d, 1), out);
}

/* 7d, 2w, 3m, 1y; +7d */
static bool
parse_distance(const char *s, struct day today, struct period *out)
{
	bool ahead = *s == '+';
	char *end;
	long n;
	int by;

	s += ahead;
	if (*s < '0' || *s > '9')
		return false;
	n = strtol(s, &end, 10);
	if (n > COUNT_MAX || !*end || end[1])
		return false;
	by = (int)(ahead ? n : -n);
	switch (*end) {
	case 'd':
		return put_one_day(add_days(today, by), out);
	case 'w':
		return put_one_day(add_days(today, by * 7), out);
	case 'm':
	case 'y':
		by *= *end == 'y' ? 12 : 1;
		if (by < 0 && -by >= today.year * 12)
			return false;
		return put_one_day(add_months(today, by), out);
	default:
		return false;
	}
}

static bool
is_shape(const char *s, const char *shape)
{
	for (; *shape; s++, shape++)
		if (*shape == '9' ? *s < '0' || *s > '9' : *s != *shape)
			return false;
	return !*s;
}

/* 2026, 2026-01, 2026-01-31 */
static bool
parse_calendar(const char *s, struct period *out)
{
	struct day d = { (int)strtol(s, NULL, 10), 1, 1 };

	if (is_shape(s, "9999"))
		return put(d, add_months(d, 12), out);
	if (!is_shape(s, "9999-99") && !is_shape(s, "9999-99-99"))
		return false;
	d.month = (int)strtol(s + 5, NULL, 10);
	if (d.month < 1 || d.month > 12)
		return false;
	if (is_shape(s, "9999-99"))
		return put(d, add_months(d, 1), out);
	d.day = (int)strtol(s + 8, NULL, 10);
	if (d.day < 1 || d.day > month_days(d.year, d.month))
		return false;
	return put_one_day(d, out);
}

bool
period_parse(const char *text, int64_t now, struct period *out)
{
	char date[TEXT_MAX * 2 + 32];
	struct day today = day_of(now);

	if (!*text || strlen(text) > TEXT_MAX)
		return false;
	if (strcasecmp(text, "today") == 0)
		return put_one_day(today, out);
	if (strcasecmp(text, "yesterday") == 0)
		return put_one_day(add_days(today, -1), out);
	if (strcasecmp(text, "tomorrow") == 0)
		return put_one_day(add_days(today, 1), out);
	if (parse_distance(text, today, out) || parse_calendar(text, out))
		return true;
	return type_normalise(TYPE_DATE, text, strlen(text), date, sizeof date, NULL) &&
	    parse_calendar(date, out);
}
