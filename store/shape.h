#ifndef STORE_SHAPE_H
#define STORE_SHAPE_H

/* Whether the tables of a vault are those that strongroom makes. */

#include "store/vault_int.h"

#define SHAPE_WHAT 200

/**
 * shape_check(v, all, what):
 * Compare the schema of ${v}, which has the tables of its own version, with one that is made
 * anew for the same fields. Whatever could make a statement do something else counts: tables,
 * triggers and views. ${all}: foreign tables and the indexes too. RC_OK; RC_TAMPER: ${what}
 * says what differs first, and so does the sentence; RC_NOMEM; the codes of a read.
 */
enum rc shape_check(struct vault *v, bool all, char what[SHAPE_WHAT]);

#endif
