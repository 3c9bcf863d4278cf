/* Numbers as little pictures of block characters. */
#include "ui/spark.h"

#include <langinfo.h>
#include <string.h>

static const char *const signs[] = {".", ":", "-", "=", "+", "*", "%", "#"};
static const char *const blocks[] = {"\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83",
    "\xe2\x96\x84", "\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88"};

#define LEVELS 8
_Static_assert(sizeof blocks / sizeof *blocks == LEVELS, "a block for each level");
_Static_assert(sizeof signs / sizeof *signs == LEVELS, "a sign for each level");

/* Blocks where the terminal has them. */
static const char *
level_sign(size_t level)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? blocks[level] : signs[level];
}

static const char *
cell_of(int64_t value, int64_t most)
{
	size_t level;

	if (value <= 0 || most <= 0)
		return " ";
	level = (size_t)((double)value / (double)most * LEVELS + 0.5);
	return level_sign(level < 1 ? 0 : level > LEVELS ? LEVELS - 1 : level - 1);
}

static size_t
put(const char *cell, char *out, size_t used, size_t cap)
{
	const size_t len = strlen(cell);

	if (used + len + 1 > cap)
		return used;
	memcpy(out + used, cell, len + 1);
	return used + len;
}

void
spark_line(const int64_t *values, size_t n, char *out, size_t cap)
{
	int64_t most = 0;
	size_t i, used = 0;

	out[0] = '\0';
	for (i = 0; i < n; i++)
		if (values[i] > most)
			most = values[i];
	for (i = 0; i < n; i++)
		used = put(cell_of(values[i], most), out, used, cap);
}

void
spark_bar(int64_t value, int64_t most, int width, char *out, size_t cap)
{
	size_t used = 0;
	int i, full = 0;

	out[0] = '\0';
	if (value > 0 && most > 0)
		full = (int)((double)value / (double)most * width + 0.5);
	if (value > 0 && full < 1)
		full = 1;
	for (i = 0; i < full; i++)
		used = put(level_sign(LEVELS - 1), out, used, cap);
}
