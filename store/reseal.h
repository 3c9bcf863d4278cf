#ifndef STORE_RESEAL_H
#define STORE_RESEAL_H

/* What is sealed under older field epochs, sealed again under the active one. */

#include "store/vault_int.h"

enum reseal_stage { RESEAL_CELLS, RESEAL_HISTORY, RESEAL_DONE };

struct reseal { /* zero before the first step */
	enum reseal_stage stage;
	int64_t record;   /* gone through last, and its */
	int64_t part;     /* field, or version */
	uint64_t renewed; /* values, by these steps; */
	uint64_t pages;   /* and how many were written for them */
};

/**
 * reseal_step(v, r):
 * Go through some more values, in one transaction; those under older epochs are sealed under
 * the active one, their blind index is made again. Stopped anywhere it may begin anew: each
 * value says its own epoch. RC_OK; RC_TAMPER (a value does not verify: the sentence names
 * where); RC_DENIED; RC_BUSY.
 * reseal_left(v, n): how many values are under older epochs, as one snapshot has them.
 */
enum rc reseal_step(struct vault *v, struct reseal *r);
enum rc reseal_left(struct vault *v, uint64_t *n);

#endif
