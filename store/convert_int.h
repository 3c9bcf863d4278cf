#ifndef STORE_CONVERT_INT_H
#define STORE_CONVERT_INT_H

/* What the files of a field's conversion share. Each call is in the transaction that is open. */

#include "store/convert.h"
#include "store/sql.h"

/**
 * storage_begin(v, f): where the values of ${f} go: its column, or nothing for a sealed one.
 * storage_column(t, f): append how that column is declared.
 * storage_index(v, f): the index that such a field has, if any.
 * storage_end(v, f): its values, its index and its column. Nothing may refer to them any more.
 * storage_invalid(t, f): append the expression that is 1 where the value of ${f} in the row of
 * record does not parse.
 */
enum rc storage_begin(struct vault *v, const struct field *f);
void storage_column(struct sql_text *t, const struct field *f);
enum rc storage_index(struct vault *v, const struct field *f);
enum rc storage_end(struct vault *v, const struct field *f);
void storage_invalid(struct sql_text *t, const struct field *f);

/**
 * field_forget(v, id): the row of the catalogue, whose number is never given again.
 * field_next_id(v, id): a number that no field ever had.
 */
enum rc field_forget(struct vault *v, int id);
enum rc field_next_id(struct vault *v, int *id);

/**
 * history_convert(v, from, to): what history keeps of ${from} becomes that of ${to}, in its
 * class; NULL: it goes.
 */
enum rc history_convert(struct vault *v, const struct field *from, const struct field *to);

/**
 * convert_allowed(v, index, f, keeps_search): whether field ${index} may be changed, and a copy
 * of it. RC_OK; RC_DENIED; RC_INPUT; RC_BUSY (it is not the one that the caller saw).
 * convert_still(v, f, keeps_search): whether, in the transaction that is open, it is what it was
 * when it was allowed. RC_OK; RC_BUSY (somebody changed it); RC_INPUT.
 * convert_tell(v, from, to, how, count): the entry in the audit.
 * convert_label(v, f, wish): another class where no value moves, in a transaction of its own.
 */
enum rc convert_allowed(struct vault *v, int index, struct field *f, bool keeps_search);
enum rc convert_still(struct vault *v, const struct field *f, bool keeps_search);
enum rc convert_tell(struct vault *v, const struct field *from, const struct convert_wish *to,
    const char *how, int64_t count);
enum rc convert_label(
    struct vault *v, const struct field *f, const struct convert_wish *wish);

/**
 * convert_kept_check(v, f): whether no saved view or template would keep a value of ${f}, which is
 * to be taken out of sight. RC_OK; RC_INPUT (the sentence names it).
 * convert_kept_hide(v, f): its values in the log of exports.
 */
enum rc convert_kept_check(struct vault *v, const struct field *f);
enum rc convert_kept_hide(struct vault *v, const struct field *f);

/**
 * convert_watch(v, from, to): the triggers that take a value of ${to}, which is in the making,
 * away when that of ${from} changes.
 */
enum rc convert_watch(struct vault *v, const struct field *from, const struct field *to);

/**
 * convert_abandon(v, f): whatever ${f} was being converted to is gone.
 */
enum rc convert_abandon(struct vault *v, const struct field *f);

#endif
