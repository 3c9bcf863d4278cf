#ifndef TEST_FUZZ_SOURCE_H
#define TEST_FUZZ_SOURCE_H

/* Bytes in memory as a source that is read in steps: a csv_read_fn over struct source. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "keyring/rc.h"

struct source {
	const uint8_t *bytes;
	size_t len, at, step;
};

/**
 * source_of(data, size): the bytes behind the first, which chooses the size of the reads.
 * ${size} > 0.
 */
static inline struct source
source_of(const uint8_t *data, size_t size)
{
	return (struct source){ data + 1, size - 1, 0,
		data[0] & 0x80 ? 1 + (data[0] & 0x0f) : 65536 };
}

static inline enum rc
source_read(void *arg, void *buf, size_t cap, size_t *got)
{
	struct source *s = arg;
	size_t n = s->len - s->at;

	if (n > cap)
		n = cap;
	if (n > s->step)
		n = s->step;
	if (n)
		memcpy(buf, s->bytes + s->at, n);
	s->at += n;
	*got = n;
	return RC_OK;
}

#endif
