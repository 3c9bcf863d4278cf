/*
 * The form of a value that is shown while it is not revealed.
 *
 * 1. A mask tells nothing of the value's length.
 * 2. What a mask shows of a value is never all of it: a short one is masked whole.
 * 3. A value that does not parse as its type is masked as text: no part of it is taken for
 *    the part that may be shown.
 */
#include "store/type_int.h"

#include <stdio.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/text.h"

#define YEAR 4 /* digits that a date shows */
#define LAST 4 /* digits that card, ssn, iban and phone show */

/* Both texts to ${out}, as far as they fit: a mask is made for each cell of an export. */
static void
join(const char *a, size_t a_len, const char *b, size_t b_len, char *out, size_t cap)
{
	const size_t an = a_len < cap ? a_len : cap - 1;
	const size_t bn = b_len < cap - an ? b_len : cap - an - 1;

	memcpy(out, a, an);
	memcpy(out + an, b, bn);
	out[an + bn] = '\0';
}

static void
mask_text(const char *in, size_t len, char *out, size_t cap)
{
	size_t first = text_next(in, len);

	if (first >= len || !text_is_utf8(in, len) || first > 16)
		first = 0;
	join(in, first, "***", 3, out, cap);
}

static void
mask_last(const char *in, size_t len, const char *before, char *out, size_t cap)
{
	char last[LAST];
	size_t n = 0, more = 0;

	while (len-- > 0) {
		if (!type_digit(in[len]) && !type_letter(in[len]))
			continue;
		if (n < LAST)
			last[LAST - ++n] = in[len];
		else
			more++;
	}
	join(before, strlen(before), last, n == LAST && more >= LAST ? LAST : 0, out, cap);
	secret_wipe(last, sizeof last);
}

static void
mask_email(const char *in, size_t len, char *out, size_t cap)
{
	const char *at = memrchr(in, '@', len);
	size_t first = text_next(in, (size_t)(at - in));

	if (first >= (size_t)(at - in) || first > 16)
		first = 0;
	snprintf(out, cap, "%.*s***%.*s", (int)first, in, (int)(len - (size_t)(at - in)), at);
}

static void
mask_valid(enum field_type t, const char *in, size_t len, char *out, size_t cap)
{
	switch (t) {
	case TYPE_CARD:
		mask_last(in, len, "**** ", out, cap);
		break;
	case TYPE_SSN:
		mask_last(in, len, "***-**-", out, cap);
		break;
	case TYPE_PHONE:
	case TYPE_IBAN:
		mask_last(in, len, "***", out, cap);
		break;
	case TYPE_EMAIL:
		mask_email(in, len, out, cap);
		break;
	case TYPE_DATE:
		join(in, YEAR, "-**-**", 6, out, cap);
		break;
	default:
		mask_text(in, len, out, cap);
	}
}

void
type_mask(enum field_type t, const char *in, size_t len, char *out, size_t cap)
{
	char normal[TYPE_RULE_ROOM];
	size_t used = 6 * len + 64; /* the most that composing and a rule write */

	out[0] = '\0';
	if (len == 0)
		return;
	if (len > TYPE_RULE_MAX) {
		mask_text(in, len, out, cap);
		return;
	}
	if (type_normalise(t, in, len, normal, sizeof normal, NULL))
		mask_valid(t, normal, strlen(normal), out, cap);
	else
		mask_text(in, len, out, cap);
	secret_wipe(normal, used < sizeof normal ? used : sizeof normal);
}
