/*
 * Dates and numbers.
 *
 * A date is YYYY-MM-DD, m/d/yyyy or d.m.yyyy of the Gregorian calendar, years 1 to 9999. A
 * year of two digits is no date: nobody can say which century was meant. strptime would take
 * 30 February, and what the locale says.
 * A number is decimal, of any length, with a point; commas may group thousands.
 */
#include "store/type_int.h"

#include <string.h>

static const char not_date[] = "not a date: write it as 2026-01-31";
static const char not_number[] = "not a number: write it as 1234.56";

struct scan {
	const char *at, *end;
};

/* A decimal integer of ${least} to ${most} digits. */
static bool
scan_int(struct scan *s, int least, int most, int *out)
{
	int n = 0;

	*out = 0;
	for (; s->at < s->end && type_digit(*s->at) && n < most; s->at++, n++)
		*out = *out * 10 + (*s->at - '0');
	return n >= least && !(s->at < s->end && type_digit(*s->at));
}

static bool
scan_sign(struct scan *s, char ch)
{
	if (s->at == s->end || *s->at != ch)
		return false;
	s->at++;
	return true;
}

static int
days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool
parse_date(const char *in, size_t len, int *year, int *month, int *day)
{
	struct scan s = { in, in + len };
	char sign;

	if (len > 4 && in[4] == '-')
		return scan_int(&s, 4, 4, year) && scan_sign(&s, '-') &&
		    scan_int(&s, 1, 2, month) && scan_sign(&s, '-') &&
		    scan_int(&s, 1, 2, day) && s.at == s.end;
	sign = memchr(in, '/', len) ? '/' : '.';
	return scan_int(&s, 1, 2, sign == '/' ? month : day) && scan_sign(&s, sign) &&
	    scan_int(&s, 1, 2, sign == '/' ? day : month) && scan_sign(&s, sign) &&
	    scan_int(&s, 4, 4, year) && s.at == s.end;
}

/* ${n} digits of ${value}; where the next character goes. */
static char *
put_digits(char *out, int value, int n)
{
	int i;

	for (i = n; i-- > 0; value /= 10)
		out[i] = (char)('0' + value % 10);
	return out + n;
}

const char *
type_date_rule(const char *in, size_t len, char *out)
{
	int year, month, day;

	if (!parse_date(in, len, &year, &month, &day) || year < 1 || month < 1 ||
	    month > 12 || day < 1 || day > days_in(year, month))
		return not_date;
	out = put_digits(out, year, 4);
	*out++ = '-';
	out = put_digits(out, month, 2);
	*out++ = '-';
	*put_digits(out, day, 2) = '\0';
	return NULL;
}

/* Copy the digits of ${s} to ${out}; commas must group by three. Returns how many, -1. */
static int
scan_whole(struct scan *s, char *out)
{
	int n = 0, since = 0;
	bool grouped = false;

	for (; s->at < s->end && (type_digit(*s->at) || *s->at == ','); s->at++) {
		if (type_digit(*s->at)) {
			out[n++] = *s->at;
			since++;
			continue;
		}
		if (since == 0 || since > 3 || (grouped && since != 3))
			return -1;
		grouped = true;
		since = 0;
	}
	return grouped && since != 3 ? -1 : n;
}

const char *
type_number_rule(const char *in, size_t len, char *out)
{
	struct scan s = { in, in + len };
	char *digits;
	int whole, zeros, fraction = 0;

	if (scan_sign(&s, '-'))
		*out++ = '-';
	else
		scan_sign(&s, '+');
	digits = out;
	whole = scan_whole(&s, digits);
	if (whole < 0)
		return not_number;
	for (zeros = 0; zeros < whole - 1 && digits[zeros] == '0'; zeros++)
		;
	memmove(digits, digits + zeros, (size_t)(whole - zeros));
	out = digits + (whole - zeros);
	if (whole == 0)
		*out++ = '0';
	if (scan_sign(&s, '.')) {
		*out++ = '.';
		for (; s.at < s.end && type_digit(*s.at); fraction++)
			*out++ = *s.at++;
		if (fraction == 0)
			out--;
	}
	*out = '\0';
	return s.at == s.end && whole + fraction > 0 ? NULL : not_number;
}

const char *
type_money_rule(const char *in, size_t len, char *out)
{
	if (type_number_rule(in, len, out))
		return "not an amount: write it as 1234.56, without the currency";
	return NULL;
}
