/* The days of the audit's report as a line of little bars. */
#include "ui/series.h"

void
series_of(const struct audit_day *days, size_t n, bool exports, struct series *out)
{
	int64_t values[SERIES_DAYS_MAX];
	size_t i, marked = 0;

	out->most = 0;
	n = n < SERIES_DAYS_MAX ? n : SERIES_DAYS_MAX;
	for (i = 0; i < n; i++) {
		const bool high = exports ? days[i].exports_high : days[i].reveals_high;

		values[i] = exports ? days[i].exports : days[i].reveals;
		out->most = values[i] > out->most ? values[i] : out->most;
		out->marks[i] = high ? '^' : ' ';
		marked = high ? i + 1 : marked;
	}
	out->marks[marked] = '\0';
	spark_line(values, n, out->line, sizeof out->line);
}
