#ifndef UI_OP_CHOICES_H
#define UI_OP_CHOICES_H

/* What an option or an argument can be, where that is one of a few words: for completion. */

#include "ui/op.h"

/**
 * op_choice(op, opt, n):
 * The n-th word that ${opt} of ${op} takes (behind the "=" where it takes FIELD=WORD), or,
 * with ${opt} NULL, that its last argument can be. NULL: no more, or it is not of a few words.
 * A blank in a word may be written as a hyphen.
 */
const char *op_choice(const struct op *op, const struct op_opt *opt, int n);

/**
 * op_choice_after_equals(opt): whether ${opt} takes FIELD=WORD.
 */
bool op_choice_after_equals(const struct op_opt *opt);

#endif
