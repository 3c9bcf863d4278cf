#ifndef UI_OP_EXPORT_H
#define UI_OP_EXPORT_H

/* What the files of the export share. */

#include "store/export.h"
#include "ui/op_util.h"

/**
 * op_export_plan(c, opts):
 * Say what an export would write, column by column with the first record, where to, and what
 * the audit would say. RC_OK; what export_plan answers, with a sentence.
 * op_export_report(c, path, r): say what was written.
 */
enum rc op_export_plan(struct op_call *c, const struct export_opts *opts);
enum rc op_export_report(
    struct op_call *c, const char *path, const struct export_report *r);

#endif
