#ifndef STORE_DRAFT_H
#define STORE_DRAFT_H

/*
 * What somebody has typed into a record and not saved: kept in the vault, sealed, so that a
 * lock, a crash or the end of the program loses nothing. One for each record and user.
 */

#include "store/record.h"

struct draft_kept {
	int64_t id, version; /* id 0: a new record */
	int64_t at;          /* UTC microseconds */
	struct draft_value {
		int index; /* in field_list */
		int field; /* the field's id */
		struct secret *text;
	} *values;
	size_t n;
};

/**
 * draft_save(v, id, version, ch, n):
 * Keep ${ch}, as typed, in place of what was kept before; n 0: nothing is kept any more.
 * RC_OK; RC_DENIED (a browse slot can't seal it: nothing is kept); RC_READONLY; RC_BUSY;
 * RC_NOMEM (more than secret memory holds).
 */
enum rc draft_save(struct vault *v, int64_t id, int64_t version, const struct change *ch,
    size_t n);

/**
 * draft_find(v, out): the newest draft of this user. RC_OK; RC_NOTFOUND; RC_DENIED (a browse
 * slot); RC_TAMPER. Of a field that was dropped since nothing comes back.
 * draft_kept_free(d): wipes; NULL is harmless.
 */
enum rc draft_find(struct vault *v, struct draft_kept **out);
void draft_kept_free(struct draft_kept *d);

/**
 * draft_of_record(v, id, each, arg): what anybody has typed into record ${id}, in a read
 * transaction. ${each} is given the user and returns RC_OK to go on. RC_OK; RC_DENIED; RC_TAMPER.
 */
typedef enum rc draft_each_fn(void *arg, const char *user, const struct draft_kept *d);
enum rc draft_of_record(struct vault *v, int64_t id, draft_each_fn *each, void *arg);

/**
 * draft_reseal(v): in a write transaction, drafts under older field epochs are sealed again
 * under the active one. RC_OK; RC_TAMPER. draft_count_old(v, n): how many are not yet.
 */
enum rc draft_reseal(struct vault *v);
enum rc draft_count_old(struct vault *v, uint64_t *n);

#endif
