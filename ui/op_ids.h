#ifndef UI_OP_IDS_H
#define UI_OP_IDS_H

/* Numbers of records from the arguments, or from a file. */

#include "ui/op.h"

/**
 * op_ids(c, ids): all arguments. RC_OK; RC_INPUT with a sentence: one is none, or given twice.
 */
enum rc op_ids(struct op_call *c, int64_t ids[OP_ARGS_MAX]);

/**
 * op_ids_read(c, path, ids, n):
 * The numbers in ${path} ("-": the standard input), with blanks, commas or lines between, each
 * once and in order; a first word "id", as "list --fields id --csv" prints it, is passed over.
 * The caller frees ${ids}, which is never NULL then. RC_OK; RC_INPUT; RC_NOTFOUND; RC_IO;
 * RC_CANCELLED; RC_NOMEM.
 */
enum rc op_ids_read(struct op_call *c, const char *path, int64_t **ids, size_t *n);

#endif
