/*
 * The order of numbers. They are kept as text, so that none is ever rounded.
 *
 * 1. Equal means equal as numbers: 1.5 and 1.50 are one value of an index.
 */
#include "store/collate.h"

#include <stdbool.h>
#include <string.h>

struct number { /* a decimal, taken apart; zeros at both ends left out */
	bool valid, negative;
	const char *whole, *fraction;
	int whole_n, fraction_n;
};

static int
digits(const char *s, int n)
{
	int i;

	for (i = 0; i < n && s[i] >= '0' && s[i] <= '9'; i++)
		;
	return i;
}

static struct number
parse(const char *s, int n)
{
	struct number x = { false, false, NULL, NULL, 0, 0 };
	int before;

	if (n > 0 && *s == '-') {
		x.negative = true;
		s++;
		n--;
	}
	before = digits(s, n);
	x.whole = s;
	x.whole_n = before;
	if (before < n && s[before] == '.') {
		x.fraction = s + before + 1;
		x.fraction_n = digits(x.fraction, n - before - 1);
		x.valid = before + 1 + x.fraction_n == n && before + x.fraction_n > 0;
	} else {
		x.valid = before == n && n > 0;
	}
	for (; x.whole_n > 0 && *x.whole == '0'; x.whole++)
		x.whole_n--;
	while (x.fraction_n > 0 && x.fraction[x.fraction_n - 1] == '0')
		x.fraction_n--;
	if (x.whole_n + x.fraction_n == 0)
		x.negative = false;
	return x;
}

static int
sign(int a, int b)
{
	return (a > b) - (a < b);
}

static int
compare_bytes(const void *a, int an, const void *b, int bn)
{
	int less = an < bn ? an : bn;
	int c = less > 0 && a && b ? memcmp(a, b, (size_t)less) : 0;

	return c ? c : sign(an, bn);
}

static int
compare_size(const struct number *a, const struct number *b)
{
	int c = sign(a->whole_n, b->whole_n);

	if (!c)
		c = compare_bytes(a->whole, a->whole_n, b->whole, b->whole_n);
	return c ? c : compare_bytes(a->fraction, a->fraction_n, b->fraction, b->fraction_n);
}

/*
 * Decimal numbers as numbers, of any length and exactly; what is no number comes after them, by
 * its bytes. A total order: SQLite's xCompare.
 */
static int
collate_number(void *arg, int an, const void *a, int bn, const void *b)
{
	struct number x = parse(a, an), y = parse(b, bn);

	(void)arg;
	if (!x.valid && !y.valid)
		return compare_bytes(a, an, b, bn);
	if (x.valid != y.valid)
		return x.valid ? -1 : 1;
	if (x.negative != y.negative)
		return x.negative ? -1 : 1;
	return x.negative ? compare_size(&y, &x) : compare_size(&x, &y);
}

int
collate_compare(const char *a, const char *b)
{
	return collate_number(NULL, (int)strlen(a), a, (int)strlen(b), b);
}

int
collate_register(sqlite3 *db)
{
	return sqlite3_create_collation_v2(
	    db, COLLATE_NUMBER, SQLITE_UTF8, NULL, collate_number, NULL);
}
