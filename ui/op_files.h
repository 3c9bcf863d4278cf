#ifndef UI_OP_FILES_H
#define UI_OP_FILES_H

/* The files that a command line names. */

#include "ui/op.h"

/**
 * op_files_apart(c):
 * Whether each file that would be written is another than those that are read and than those
 * written besides, by whatever name, and none that is read belongs to the vault; before anything is
 * opened. RC_OK; RC_INPUT.
 */
enum rc op_files_apart(struct op_call *c);

#endif
