#ifndef STORE_VERIFY_SEALED_H
#define STORE_VERIFY_SEALED_H

/* Every sealed value opened. */

#include "store/vault_int.h"

struct sealed_verdict {
	uint64_t values, bad;
	char first[160]; /* where the first bad one is, and what is wrong; no value */
};

enum sealed_half { SEALED_FIRST, SEALED_SECOND, SEALED_HALVES }; /* by the records' ids */

/**
 * verify_sealed(v, half, stop, arg, out): open each sealed value of half of the records, and
 * compare its hint and its blind index with it. ${stop} is called now and then; true ends it.
 * RC_OK (${out} says what was found); RC_DENIED (a browse slot); RC_CANCELLED; RC_NOMEM; the
 * codes of a read.
 */
enum rc verify_sealed(struct vault *v, enum sealed_half half, bool (*stop)(void *arg),
    void *arg, struct sealed_verdict *out);

#endif
