#ifndef UI_OP_VALUES_H
#define UI_OP_VALUES_H

/* The values that a user gives for a record's fields. */

#include "ui/op_util.h"

struct op_values; /* changes and the memory that they point into; wiped when freed */

/**
 * op_values_new(c, out):
 * Collect --from, --set, --ask and --clear of ${c}. RC_OK; RC_INPUT (unknown field, a
 * field given twice, not a JSON object); RC_DENIED (a masked field on the command line);
 * the codes of the face's questions. op_values_ask(c, v): ask for every field in turn,
 * for a call without such options.
 */
enum rc op_values_new(struct op_call *c, struct op_values **out);
enum rc op_values_ask(struct op_call *c, struct op_values *v);
const struct change *op_values_list(const struct op_values *v, size_t *n);
void op_values_free(struct op_values *v);

#endif
