/* Failed attempts to unlock, in words. */
#include "ui/failed.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DATE_LEN 16

/* One time behind ${used} bytes; ${date} is that of the one before. */
static size_t
put_time(char out[FAILED_TIMES_LEN], size_t used, int64_t at, char date[DATE_LEN])
{
	time_t t = (time_t)(at / 1000000);
	char today[DATE_LEN], hour[DATE_LEN];
	struct tm tm;
	int n;

	if (!localtime_r(&t, &tm))
		return used;
	strftime(today, sizeof today, "%Y-%m-%d", &tm);
	strftime(hour, sizeof hour, "%H:%M:%S", &tm);
	n = snprintf(out + used, FAILED_TIMES_LEN - used, "%s%s%s%s", used ? ", " : "",
	    strcmp(today, date) != 0 ? today : "", strcmp(today, date) != 0 ? " " : "",
	    hour);
	memcpy(date, today, sizeof today);
	return n < 0 || used + (size_t)n >= FAILED_TIMES_LEN ? FAILED_TIMES_LEN - 1
							     : used + (size_t)n;
}

void
failed_times(const struct vault_info *info, int most, char out[FAILED_TIMES_LEN])
{
	const int n = info->failed_n < most ? info->failed_n : most;
	char date[DATE_LEN] = "";
	size_t used = 0;
	int i;

	out[0] = '\0';
	for (i = 0; i < n; i++)
		used = put_time(out, used, info->failed_at[i], date);
	if (n > 0 && info->failed_since > n)
		snprintf(out + used, FAILED_TIMES_LEN - used, " and %d more",
		    info->failed_since - n);
}
