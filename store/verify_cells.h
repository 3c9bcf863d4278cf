#ifndef STORE_VERIFY_CELLS_H
#define STORE_VERIFY_CELLS_H

/* Every cell of every table, and whether it can be what it is declared as. */

#include "store/vault_int.h"

struct cells_verdict {
	uint64_t bad;
	char first[200]; /* table, row, column and what is wrong; no value */
};

/**
 * verify_cells(v, stop, arg, out): look at each cell. ${stop} is called now and then; true ends
 * it. RC_OK (${out} says what was found); RC_CANCELLED; RC_NOMEM; the codes of a read.
 */
enum rc verify_cells(
    struct vault *v, bool (*stop)(void *arg), void *arg, struct cells_verdict *out);

#endif
