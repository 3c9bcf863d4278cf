/*
 * Guesses the delimiter of a CSV file from its beginning.
 *
 * 1. A quote opens only where a field may begin, so that an inch sign or a stray quote
 *    inside text does not turn the rest of the sample inside out.
 * 2. A row that the sample cuts off is not counted.
 */
#include "store/csv_detect.h"

#include <string.h>
#include <strings.h>

#define CANDIDATES 4

static const char candidates[CANDIDATES] = { ',', ';', '\t', '|' };

struct tally {
	size_t first;   /* delimiters in the first row */
	size_t matching; /* rows with as many */
	size_t now;     /* in the row being read */
};

static int
candidate(char ch)
{
	int i;

	for (i = 0; i < CANDIDATES; i++)
		if (ch == candidates[i])
			return i;
	return -1;
}

static void
end_row(struct tally t[CANDIDATES], bool first)
{
	int i;

	for (i = 0; i < CANDIDATES; i++) {
		if (first)
			t[i].first = t[i].now;
		if (t[i].now == t[i].first)
			t[i].matching++;
		t[i].now = 0;
	}
}

/* The offset after the quoted field that begins at ${i}. */
static size_t
skip_quoted(const char *s, size_t len, size_t i)
{
	const char *q;

	for (i++; i < len; i++) {
		q = memchr(s + i, '"', len - i);
		if (!q)
			return len;
		i = (size_t)(q - s) + 1;
		if (i == len || s[i] != '"')
			return i;
	}
	return len;
}

static char
best(const struct tally t[CANDIDATES])
{
	int i, win = -1;

	for (i = 0; i < CANDIDATES; i++) {
		if (t[i].first == 0)
			continue;
		if (win < 0 || t[i].matching > t[win].matching ||
		    (t[i].matching == t[win].matching && t[i].first > t[win].first))
			win = i;
	}
	return win < 0 ? ',' : candidates[win];
}

size_t
csv_sep(const char *s, size_t len, char *delimiter)
{
	size_t quote = len > 0 && s[0] == '"', n = quote + 5; /* sep=; */

	if (len < n + quote || strncasecmp(s + quote, "sep=", 4) != 0 ||
	    candidate(s[n - 1]) < 0 || (quote && s[n++] != '"'))
		return 0;
	if (n < len && s[n] != '\r' && s[n] != '\n')
		return 0;
	*delimiter = s[quote + 4];
	n += n < len && s[n] == '\r';
	n += n < len && s[n] == '\n';
	return n;
}

char
csv_detect(const char *s, size_t len, bool whole)
{
	struct tally t[CANDIDATES];
	bool first = true, fresh = true, empty = true;
	size_t i = 0;
	int k;

	memset(t, 0, sizeof t);
	while (i < len) {
		if (s[i] == '"' && fresh) {
			i = skip_quoted(s, len, i);
			fresh = empty = false;
			continue;
		}
		k = candidate(s[i]);
		if (k >= 0)
			t[k].now++;
		fresh = k >= 0 || s[i] == '\n' || s[i] == '\r';
		if (s[i] != '\n' && s[i] != '\r') {
			empty = false;
		} else if (!empty) {
			end_row(t, first);
			first = false;
			empty = true;
		}
		i++;
	}
	if (!empty && (whole || first))
		end_row(t, first);
	return best(t);
}
