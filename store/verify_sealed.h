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
 * sealed_middle(v): the id that ends the first half. Both halves are to be given one and the
 * same, or a record that is added between them is in neither. When it can't be read it is 0:
 * whatever is wrong, the looks meet it again.
 * verify_sealed(v, half, middle, stop, arg, out): open each sealed value of half of the records,
 * and compare its hint and its blind index with it. ${stop} is called now and then; true ends it.
 * RC_OK (${out} says what was found); RC_DENIED (a browse slot); RC_CANCELLED; RC_NOMEM; the
 * codes of a read.
 */
int64_t sealed_middle(struct vault *v);
enum rc verify_sealed(struct vault *v, enum sealed_half half, int64_t middle,
    bool (*stop)(void *arg), void *arg, struct sealed_verdict *out);

#endif
