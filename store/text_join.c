/*
 * Invisible characters that shape what they stand between.
 *
 * 1. One that shapes nothing is none, nor is a second one: it could only hide there.
 */
#include "store/text_join.h"

#include <stdbool.h>
#include <stdint.h>

#include <utf8proc.h>

#define NON_JOINER    0x200c
#define JOINER	      0x200d
#define STYLE_TEXT    0xfe0e
#define STYLE_PICTURE 0xfe0f
#define CLASS_VIRAMA  9

enum side {
	SIDE_OTHER,
	SIDE_CURSIVE, /* a letter of a script that joins its letters */
	SIDE_LETTER,  /* of another one without upper and lower case */
	SIDE_VIRAMA,
	SIDE_PICTURE,
	SIDE_STYLED, /* a picture that has its style already */
	SIDE_SAME /* it belongs to what is before it */
};

static size_t
code_point(const char *s, size_t len, int32_t *cp)
{
	utf8proc_ssize_t n = utf8proc_iterate(
	    (const utf8proc_uint8_t *)s, len > 4 ? 4 : (utf8proc_ssize_t)len, cp);

	if (n > 0)
		return (size_t)n;
	*cp = 0xfffd;
	return 1;
}

/* Arabic and Syriac; N'Ko; Mandaic and more of Arabic; Mongolian. */
static bool
is_cursive(int32_t cp)
{
	return (cp >= 0x620 && cp < 0x780) || (cp >= 0x7ca && cp < 0x7eb) ||
	    (cp >= 0x840 && cp < 0x900) || (cp >= 0x1820 && cp < 0x18ab);
}

static enum side
side_of(int32_t cp)
{
	const utf8proc_property_t *p = utf8proc_get_property(cp);

	if (p->combining_class == CLASS_VIRAMA)
		return SIDE_VIRAMA;
	if (p->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC)
		return SIDE_PICTURE;
	if (p->category == UTF8PROC_CATEGORY_LO || p->category == UTF8PROC_CATEGORY_LM)
		return is_cursive(cp) ? SIDE_CURSIVE : SIDE_LETTER;
	return p->boundclass == UTF8PROC_BOUNDCLASS_EXTEND ? SIDE_SAME : SIDE_OTHER;
}

static bool
joins(int32_t cp, enum side before, enum side after)
{
	if (cp == STYLE_TEXT || cp == STYLE_PICTURE)
		return before == SIDE_PICTURE;
	if (cp == JOINER && (before == SIDE_PICTURE || before == SIDE_STYLED))
		return after == SIDE_PICTURE;
	if (cp != JOINER && cp != NON_JOINER)
		return false;
	return (before == SIDE_CURSIVE && after == SIDE_CURSIVE) ||
	    (before == SIDE_VIRAMA && after == SIDE_LETTER);
}

/* What ${cp} is to the next one. */
static enum side
side_after(int32_t cp, enum side before)
{
	enum side side = side_of(cp);

	if ((cp == STYLE_TEXT || cp == STYLE_PICTURE) && before == SIDE_PICTURE)
		return SIDE_STYLED;
	return side == SIDE_SAME ? before : side;
}

bool
text_join_next(const char *s, size_t len, struct text_join *j)
{
	enum side before = (enum side)j->before, after;
	int32_t cp, next;
	bool found = false;

	for (j->at += j->len; j->at < len && !found; j->at += found ? 0 : j->len) {
		j->len = code_point(s + j->at, len - j->at, &cp);
		after = SIDE_OTHER;
		if (j->at + j->len < len) {
			code_point(s + j->at + j->len, len - j->at - j->len, &next);
			after = side_of(next);
		}
		found = joins(cp, before, after);
		before = side_after(cp, before);
	}
	j->before = (int)before;
	return found;
}
