#ifndef STORE_TEXT_H
#define STORE_TEXT_H

/*
 * Unicode text for people: width, graphemes, clipping, and making it harmless for a
 * terminal. By utf8proc. Pure; input that is not UTF-8 is treated byte by byte as U+FFFD.
 */

#include <stdbool.h>
#include <stddef.h>

bool text_is_utf8(const char *s, size_t len);

/**
 * text_is_harmless(s, len): UTF-8 without any character that text_visible always escapes.
 */
bool text_is_harmless(const char *s, size_t len);

/**
 * text_next(s, len): bytes of the first grapheme cluster of ${s}; 0 at the end.
 * text_prev(s, at): offset where the cluster before offset ${at} begins.
 * text_width(s, len): terminal columns of ${s} after text_visible would have escaped it.
 */
size_t text_next(const char *s, size_t len);
size_t text_prev(const char *s, size_t at);
int text_width(const char *s, size_t len);

/**
 * text_visible(s, len, out, cap):
 * Copy with C0 and C1 control characters, DEL, bidi controls, zero-width and other
 * default-ignorable characters and unassigned ones shown as visible escapes (\n, \x1b,
 * \u202e); cut at a whole cluster when ${cap} is too small. Always NUL-terminated.
 * Returns bytes written without the NUL.
 */
size_t text_visible(const char *s, size_t len, char *out, size_t cap);

/**
 * text_clip(s, len, width, out, cap):
 * text_visible, cut to ${width} columns with an ellipsis ("…", or "~" when not ${utf8})
 * if it does not fit, and padded with blanks to exactly ${width} columns when ${pad}.
 * Returns bytes written.
 */
size_t text_clip(const char *s, size_t len, int width, bool pad, bool utf8, char *out,
    size_t cap);

/**
 * text_ascii(s): for a locale without UTF-8, in place: what is not ASCII becomes question
 * marks of the same width.
 */
void text_ascii(char *s);

#endif
