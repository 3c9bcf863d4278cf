#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

/*
 * The versions of a record: who changed what, when, and what it was before. As everywhere,
 * old values are masked by class; one leaves in the clear only through history_reveal.
 */

#include "store/field.h"

enum history_what {
	HISTORY_VALUE = 1, /* a field had the value below before */
	HISTORY_TAGGED,
	HISTORY_UNTAGGED,
	HISTORY_TRASHED,
	HISTORY_RESTORED,
	HISTORY_KEEP, /* the keep-until date was the time below before; 0: none */
	HISTORY_ADDED /* the record was made */
};

struct history_item {
	enum history_what what;
	int index;	  /* of the field; -1: of none, or of one that was dropped */
	const char *text; /* the old value, or the tag; NUL-terminated */
	size_t len;
	bool masked;
	int64_t time;
};

struct history_entry {
	int64_t version; /* that the change made */
	int64_t at;
	const char *actor;
	const char *step; /* "edit", "undo", ... */
	size_t n;
	const struct history_item *items;
};

/**
 * history_list(v, id, before, limit, each, arg):
 * Newest first, versions below ${before} (0: from the newest), at most ${limit} (0: all).
 * ${each} returns false to stop; what it is given lives during the call only. RC_OK;
 * RC_NOTFOUND (no such record); RC_DAMAGED.
 */
typedef bool history_each_fn(void *arg, const struct history_entry *e);
enum rc history_list(struct vault *v, int64_t id, int64_t before, int limit,
    history_each_fn *each, void *arg);

/**
 * history_reveal(v, id, version, index, reason, out):
 * The value that field ${index} had before ${version}. The event "revealed" is durable before
 * a masked or sealed one is read. RC_OK (an empty one is of length 0); RC_NOTFOUND (that
 * version did not change the field); RC_DENIED.
 */
enum rc history_reveal(struct vault *v, int64_t id, int64_t version, int index,
    const char *reason, struct secret **out);

/**
 * history_revert(v, id, version, now):
 * Make fields, tags, keep-until date and place in the trash what they were at ${version}; one
 * more change, which ${now} (may be NULL) is the version of. RC_OK; RC_INPUT (it is at that
 * version, or not every change since is known); RC_NOTFOUND; RC_DENIED. Audited.
 */
enum rc history_revert(struct vault *v, int64_t id, int64_t version, int64_t *now);

#endif
