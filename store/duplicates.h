#ifndef STORE_DUPLICATES_H
#define STORE_DUPLICATES_H

/* Records that are probably the same person: alike in some fields. */

#include "store/field.h"

#define DUPLICATES_FIELDS_MAX 8

/**
 * duplicates_find(v, fields, n, limit, each, arg):
 * Records that are not in the trash and have the same value in each of ${fields} (indexes of
 * field_list), group by group; ${limit} groups at most (0: all). Values are the same when
 * their letters are, whatever their case and form; phone numbers when their digits are;
 * sealed ones by their blind index. An empty value is like no other. ${each} returns false to
 * stop. RC_OK; RC_INPUT (a field twice, none, too many, or sealed of a type that can't be looked
 * up); RC_DENIED (a masked or sealed field on a browse slot). That a masked or sealed field was
 * looked at is in the audit before.
 */
typedef bool duplicates_fn(void *arg, const int64_t *ids, size_t n);
enum rc duplicates_find(struct vault *v, const int *fields, size_t n, int limit,
    duplicates_fn *each, void *arg);

#endif
