#ifndef UI_SERIES_H
#define UI_SERIES_H

/* The days of the audit's report as a line of little bars, for both faces. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/audit_report.h"
#include "ui/spark.h"

#define SERIES_DAYS_MAX 366

struct series {
	char line[SERIES_DAYS_MAX * SPARK_CELL + 1]; /* a bar for each day */
	char marks[SERIES_DAYS_MAX + 1]; /* ^ below each day that stands out; "": none does */
	int64_t most;                    /* of a day */
};

/**
 * series_of(days, n, exports, out): the records exported on each of ${n} days, at the most
 * SERIES_DAYS_MAX of them; without ${exports} the values revealed.
 */
void series_of(const struct audit_day *days, size_t n, bool exports, struct series *out);

#endif
