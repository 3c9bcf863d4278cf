#ifndef UI_OP_REPORT_H
#define UI_OP_REPORT_H

/* What the operations that report share: texts put together, times as they are given. */

#include <jansson.h>

#include "ui/op.h"

/**
 * op_moment(c, name, end, out):
 * The option ${name} as moment_parse (moment.h) reads it, 0 when it was not given. RC_OK;
 * RC_INPUT with a sentence.
 */
enum rc op_moment(struct op_call *c, const char *name, bool end, int64_t *out);

struct op_text { /* a text that is the result; zero at the beginning */
	char *at;
	size_t len, cap;
	bool failed; /* no memory */
};

/**
 * op_text_add(t, fmt, ...): go on. op_text_json(t, all): go on with ${all}, which is taken over;
 * NULL: there was no memory for it.
 * op_text_emit(t, c): hand it to the face, wipe it, free it. RC_OK; RC_NOMEM.
 */
void op_text_add(struct op_text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void op_text_json(struct op_text *t, json_t *all);
enum rc op_text_emit(struct op_text *t, struct op_call *c);

/**
 * op_json_grown(list, item): ${list} with one more, which is taken over; NULL, and nothing is
 * left of either, when there was no memory for one of them.
 */
json_t *op_json_grown(json_t *list, json_t *item);

#endif
