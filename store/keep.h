#ifndef STORE_KEEP_H
#define STORE_KEEP_H

/* Until when a record is kept: a day, at whose beginning (UTC) it is due for a decision. */

#include "store/vault.h"

/**
 * keep_parse(text, len, out): a day as a date field takes it, or "never" for none (0), as UTC
 * microseconds. Whether it was one.
 */
bool keep_parse(const char *text, size_t len, int64_t *out);

/**
 * keep_set(v, id, until): 0: no date. RC_OK; RC_NOTFOUND. Audited.
 */
enum rc keep_set(struct vault *v, int64_t id, int64_t until);

/**
 * keep_due(v, until, each, arg): records with a date of at most ${until}, also in the trash,
 * the oldest date first. ${each} returns false to stop.
 */
typedef bool keep_each_fn(void *arg, int64_t id, int64_t keep_until, bool trashed);
enum rc keep_due(struct vault *v, int64_t until, keep_each_fn *each, void *arg);

#endif
