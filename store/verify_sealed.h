#ifndef STORE_VERIFY_SEALED_H
#define STORE_VERIFY_SEALED_H

/* Every sealed value opened. */

#include "store/vault_int.h"

struct sealed_verdict {
	uint64_t values, bad;
	char first[160]; /* where the first bad one is, and what is wrong; no value */
};

#define SEALED_PARTS 8 /* of all records, by their ids */

struct sealed_range { /* of ids: what is to be cut into parts */
	int64_t from, to;
};

/**
 * sealed_range(v): the ids that there are. All parts are to be given one and the same, or a
 * record that is added between them is in none. When it can't be read it is empty: whatever is
 * wrong, the looks meet it again.
 * verify_sealed(v, range, part, stop, arg, out): open each sealed value of part ${part} of the
 * records, 0 to SEALED_PARTS - 1, and compare its hint and its blind index with it. What lies
 * outside of the range is in the first and the last part. ${stop} is called now and then; true
 * ends it. RC_OK (${out} says what was found); RC_DENIED (a browse slot); RC_CANCELLED;
 * RC_NOMEM; the codes of a read.
 */
struct sealed_range sealed_range(struct vault *v);
enum rc verify_sealed(struct vault *v, struct sealed_range range, int part,
    bool (*stop)(void *arg), void *arg, struct sealed_verdict *out);

#endif
