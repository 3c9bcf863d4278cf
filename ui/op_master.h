#ifndef UI_OP_MASTER_H
#define UI_OP_MASTER_H

/* The first half of "rotate --master". */

#include "ui/op.h"

/**
 * op_master(c):
 * Ask for the secrets of the slots, for consent to drop the others, and replace the master
 * keys. The rotation that it begins is to be brought to its end. The codes of
 * keys_new_master and of the questions.
 */
enum rc op_master(struct op_call *c);

#endif
