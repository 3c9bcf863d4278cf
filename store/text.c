/*
 * Unicode text made safe and measurable for a terminal.
 *
 * 1. What text_visible writes holds no character that moves the cursor, turns the writing
 *    direction, or is invisible: it is shown as an escape instead.
 * 2. A combining mark never stands alone: it would join the cell before it, which is not
 *    the text's own. Beyond MARKS_MAX marks on one base the rest are escaped, since a
 *    terminal cell holds no more.
 * 3. Output is cut between grapheme clusters only, escapes included.
 * 4. Widths are sums over code points. Terminals without knowledge of clusters draw emoji
 *    sequences so, and a zero-width joiner is shown as an escape anyway.
 */
#include "store/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

#define MARKS_MAX   4
#define REPLACEMENT 0xfffd
#define ELLIPSIS    "\xe2\x80\xa6"
#define SPOT_MAX    12 /* bytes of one code point's escape, with room */

/* One code point at ${s}: its length, 1 for a byte that is not UTF-8. */
static size_t
code_point(const char *s, size_t len, int32_t *cp)
{
	utf8proc_ssize_t n;

	if ((unsigned char)*s < 0x80) {
		*cp = (unsigned char)*s;
		return 1;
	}
	n = utf8proc_iterate(
	    (const utf8proc_uint8_t *)s, len > 4 ? 4 : (utf8proc_ssize_t)len, cp);
	if (n > 0)
		return (size_t)n;
	*cp = REPLACEMENT;
	return 1;
}

bool
text_is_utf8(const char *s, size_t len)
{
	size_t i = 0, n;
	uint64_t eight;
	int32_t cp;

	while (i < len) {
		if (len - i >= 8) {
			memcpy(&eight, s + i, 8);
			if (!(eight & UINT64_C(0x8080808080808080))) {
				i += 8;
				continue;
			}
		}
		n = code_point(s + i, len - i, &cp);
		if (n == 1 && (unsigned char)s[i] >= 0x80)
			return false;
		i += n;
	}
	return true;
}

size_t
text_next(const char *s, size_t len)
{
	utf8proc_int32_t state = 0;
	int32_t before, cp;
	size_t at, n;

	if (len == 0)
		return 0;
	at = code_point(s, len, &before);
	while (at < len) {
		n = code_point(s + at, len - at, &cp);
		if (utf8proc_grapheme_break_stateful(before, cp, &state))
			break;
		before = cp;
		at += n;
	}
	return at;
}

size_t
text_prev(const char *s, size_t at)
{
	size_t begin = 0, n;

	for (;;) {
		n = text_next(s + begin, at - begin);
		if (begin + n >= at)
			return begin;
		begin += n;
	}
}

/* Must be shown as an escape wherever it stands. */
static bool
is_hidden(int32_t cp)
{
	const utf8proc_property_t *p;

	if (cp < 0x7f)
		return cp < 0x20;
	p = utf8proc_get_property(cp);
	switch (p->category) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return true;
	case UTF8PROC_CATEGORY_CF: /* Arabic number signs are of this kind, and visible */
		return p->boundclass != UTF8PROC_BOUNDCLASS_PREPEND;
	default:
		return p->ignorable;
	}
}

static bool
is_mark(int32_t cp)
{
	utf8proc_category_t c;

	if (cp < 0x300)
		return false;
	c = utf8proc_category(cp);
	return c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_ME;
}

bool
text_is_harmless(const char *s, size_t len)
{
	int32_t cp;
	size_t i, n;

	for (i = 0; i < len; i += n) {
		n = code_point(s + i, len - i, &cp);
		if (is_hidden(cp) || (n == 1 && (unsigned char)s[i] >= 0x80))
			return false;
	}
	return true;
}

static size_t
escape(int32_t cp, char out[SPOT_MAX])
{
	switch (cp) {
	case '\n':
		return (size_t)snprintf(out, SPOT_MAX, "\\n");
	case '\r':
		return (size_t)snprintf(out, SPOT_MAX, "\\r");
	case '\t':
		return (size_t)snprintf(out, SPOT_MAX, "\\t");
	default:
		break;
	}
	if (cp < 0x80)
		return (size_t)snprintf(out, SPOT_MAX, "\\x%02x", (unsigned)cp);
	if (cp < 0x10000)
		return (size_t)snprintf(out, SPOT_MAX, "\\u%04x", (unsigned)cp);
	return (size_t)snprintf(out, SPOT_MAX, "\\U%08x", (unsigned)cp);
}

/*
 * Render the cluster s[0..len) at ${out}; false when it does not fit into ${cap}. ${out}
 * may be NULL: measure only.
 */
static bool
cluster(const char *s, size_t len, char *out, size_t cap, size_t *wrote, int *width)
{
	char spot[SPOT_MAX];
	bool base = false;
	int32_t cp;
	size_t at, n, k, done = 0;
	int marks = 0;

	*width = 0;
	for (at = 0; at < len; at += n) {
		n = code_point(s + at, len - at, &cp);
		if (is_hidden(cp) || (is_mark(cp) && (!base || ++marks > MARKS_MAX))) {
			k = escape(cp, spot);
			*width += (int)k;
			base = false;
		} else {
			k = (size_t)utf8proc_encode_char(cp, (utf8proc_uint8_t *)spot);
			*width += cp < 0x7f ? 1 : utf8proc_charwidth(cp);
			base = true;
		}
		if (out) {
			if (k > cap - done)
				return false;
			memcpy(out + done, spot, k);
		}
		done += k;
	}
	*wrote = done;
	return true;
}

int
text_width(const char *s, size_t len)
{
	size_t at, n, bytes;
	int w, sum = 0;

	for (at = 0; at < len; at += n) {
		n = text_next(s + at, len - at);
		cluster(s + at, n, NULL, 0, &bytes, &w);
		sum += w;
	}
	return sum;
}

size_t
text_visible(const char *s, size_t len, char *out, size_t cap)
{
	size_t at, n, bytes, done = 0;
	int w;

	if (cap == 0)
		return 0;
	for (at = 0; at < len; at += n) {
		n = text_next(s + at, len - at);
		if (!cluster(s + at, n, out + done, cap - 1 - done, &bytes, &w))
			break;
		done += bytes;
	}
	out[done] = '\0';
	return done;
}

size_t
text_clip(
    const char *s, size_t len, int width, bool pad, bool utf8, char *out, size_t cap)
{
	const char *dots = utf8 ? ELLIPSIS : "~";
	size_t at, n, bytes, room, done = 0, keep = 0;
	int w, sum = 0, keep_sum = 0;
	bool cut = false;

	if (cap == 0)
		return 0;
	room = cap - 1 > strlen(dots) ? cap - 1 - strlen(dots) : 0;
	for (at = 0; at < len && !cut; at += n) {
		n = text_next(s + at, len - at);
		if (!cluster(s + at, n, out + done, room - done, &bytes, &w) ||
		    sum + w > width) {
			cut = true;
			break;
		}
		done += bytes;
		sum += w;
		if (sum < width) {
			keep = done;
			keep_sum = sum;
		}
	}
	if (cut) {
		done = keep;
		sum = keep_sum;
		if (width > 0 && strlen(dots) <= cap - 1 - done) {
			memcpy(out + done, dots, strlen(dots));
			done += strlen(dots);
			sum++;
		}
	}
	for (; pad && sum < width && done + 1 < cap; sum++)
		out[done++] = ' ';
	out[done] = '\0';
	return done;
}

void
text_ascii(char *s)
{
	char *to = s;
	int width;

	while (*s) {
		size_t n = text_next(s, strlen(s));

		if ((unsigned char)*s < 0x80) {
			*to++ = *s++;
			continue;
		}
		for (width = text_width(s, n); width > 0; width--)
			*to++ = '?';
		s += n;
	}
	*to = '\0';
}
