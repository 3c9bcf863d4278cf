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
