#ifndef UI_OP_BULK_H
#define UI_OP_BULK_H

/* What edit, tag, rm, restore and keep do with --where: the same change to all hits of a query. */

#include "store/bulk.h"
#include "ui/op_util.h"

#define BULK_OPTS                                                                        \
	{"where", 0, OPT_TEXT, "QUERY|-",                                                \
	    "all that match, instead of an ID; -: a whole line of the standard input"},  \
	    {"dry-run", 0, OPT_FLAG, NULL, "with --where: only count them"},             \
	{                                                                                \
		"yes", 0, OPT_FLAG, NULL, "with --where: don't ask"                    \
	}

/**
 * op_where(c): whether --where was given; then the first argument is no ID.
 * op_id_or_where(c): RC_INPUT with a sentence unless it is one of both, and what goes with
 * the other is not given.
 * op_bulk_edit(c, ch, n), op_bulk_tag(c, edits, n), op_bulk_trash(c), op_bulk_restore(c),
 * op_bulk_keep(c, until):
 * Count the hits, ask (but with --yes; with --dry-run that is all), change them, tell how
 * many.
 */
bool op_where(const struct op_call *c);
enum rc op_id_or_where(struct op_call *c);
enum rc op_bulk_edit(struct op_call *c, const struct change *ch, size_t n);
enum rc op_bulk_tag(struct op_call *c, const struct tag_edit *edits, size_t n);
enum rc op_bulk_trash(struct op_call *c);
enum rc op_bulk_restore(struct op_call *c);
enum rc op_bulk_keep(struct op_call *c, int64_t until);

#endif
