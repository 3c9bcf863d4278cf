/* Edit distance (two neighbours exchanged count as one), for words of a few letters. */

#include "ui/op_near.h"

#include <string.h>

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

static size_t
distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t d[NEAR_WORD_MAX + 1][NEAR_WORD_MAX + 1], i, j;

	for (i = 0; i <= n; i++)
		d[i][0] = i;
	for (j = 0; j <= m; j++)
		d[0][j] = j;
	for (i = 1; i <= n; i++)
		for (j = 1; j <= m; j++) {
			d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1,
			    d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1, d[i][j]);
		}
	return d[n][m];
}

void
near_start(struct near *n, const char *word, size_t len)
{
	n->word = word;
	n->len = len;
	n->distance = 2 + len / 5;
	n->best = NULL;
}

void
near_try(struct near *n, const char *name)
{
	size_t m = strlen(name), d;

	if (n->len > NEAR_WORD_MAX || m > NEAR_WORD_MAX)
		return;
	d = distance(n->word, n->len, name, m);
	if (d < n->distance && d < m) {
		n->distance = d;
		n->best = name;
	}
}
