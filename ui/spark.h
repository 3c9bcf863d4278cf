#ifndef UI_SPARK_H
#define UI_SPARK_H

/* Numbers as little pictures of block characters. */

#include <stddef.h>
#include <stdint.h>

#define SPARK_CELL 3 /* bytes at most for one number */

/**
 * spark_line(values, n, out, cap): one character a number, from a blank for zero to a full
 * block for the greatest; other signs where the locale has no blocks.
 * spark_bar(value, most, width, out, cap): a bar of at most ${width} characters, and at least
 * one for what is not zero. What does not fit is left out.
 */
void spark_line(const int64_t *values, size_t n, char *out, size_t cap);
void spark_bar(int64_t value, int64_t most, int width, char *out, size_t cap);

#endif
