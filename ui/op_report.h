#ifndef UI_OP_REPORT_H
#define UI_OP_REPORT_H

/* What the operations that report share: texts put together, times as they are given. */

#include "ui/op.h"

/**
 * op_moment(c, name, end, out):
 * The option ${name} as UTC microseconds, 0 when it was not given: a day or a moment,
 * 2026-01-31, 2026-01-31T12:00[:00][Z]; local time unless it ends in Z. ${end}: a day means
 * the end of it. RC_OK; RC_INPUT with a sentence.
 */
enum rc op_moment(struct op_call *c, const char *name, bool end, int64_t *out);

/**
 * op_emit_text(c, text): a result that is a text. ${text} NULL: there was no memory for it.
 */
enum rc op_emit_text(struct op_call *c, const char *text);

#endif
