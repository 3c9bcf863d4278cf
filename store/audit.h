#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

/* The audit chain: who looked at what, when; forward-secure MACs (store.md, "Audit"). */

#include "store/vault.h"

enum audit_event {
	AUDIT_CREATED = 1,
	AUDIT_UNLOCKED,
	AUDIT_UNLOCK_FAILED,
	AUDIT_LOCKED,
	AUDIT_ADDED,
	AUDIT_CHANGED,
	AUDIT_TRASHED,
	AUDIT_RESTORED,
	AUDIT_ERASED,
	AUDIT_REVEALED,
	AUDIT_COPIED,
	AUDIT_SEARCHED_SEALED,
	AUDIT_IMPORTED,
	AUDIT_EXPORTED,
	AUDIT_SLOT_ADDED,
	AUDIT_SLOT_CHANGED,
	AUDIT_SLOT_REMOVED,
	AUDIT_SLOT_TESTED,
	AUDIT_ROTATED,
	AUDIT_EPOCH_DESTROYED,
	AUDIT_BACKED_UP,
	AUDIT_RESTORED_BACKUP,
	AUDIT_VERIFIED,
	AUDIT_TAMPER,
	AUDIT_FIELD_ADDED
};

struct audit_entry {
	int64_t seq, at; /* from 1; UTC microseconds */
	enum audit_event event;
	const char *actor;
	int slot;
	bool has_record;
	uint8_t record_uuid[16];
	int64_t record_id; /* 0: no such record now */
	const char *field; /* NULL: none */
	int64_t count;     /* -1: none */
	const char *reason; /* NULL: none; never a field's value */
};

const char *audit_event_name(enum audit_event e); /* "revealed" */
bool audit_event_parse(const char *name, enum audit_event *out);

struct audit_filter { /* zero: everything */
	enum audit_event event;
	int64_t record_id;
	const char *actor;
	int64_t since, until; /* UTC microseconds; 0: open */
};

/**
 * audit_list(v, filter, before, limit, each, arg):
 * Newest first, entries with seq < ${before} (0: from the newest), at most ${limit}. ${each}
 * returns false to stop. Strings live during the call only. RC_OK.
 */
typedef bool audit_each_fn(void *arg, const struct audit_entry *e);
enum rc audit_list(struct vault *v, const struct audit_filter *filter, int64_t before,
    int limit, audit_each_fn *each, void *arg);

struct audit_verdict {
	uint64_t entries;
	int64_t first_bad; /* seq; 0: none */
	char what[200];    /* "entry 17 was changed", "entries 5 to 9 are missing", "" */
};

/**
 * audit_verify(v, progress, out):
 * Walk the chain from its wrapped seed. RC_OK; RC_TAMPER; RC_DENIED (browse slot: it can't
 * unwrap the seed); RC_CANCELLED.
 */
enum rc audit_verify(
    struct vault *v, const struct progress *progress, struct audit_verdict *out);

/**
 * audit_append(v, e):
 * Append one entry inside the transaction that is open, or in one of its own; seq, at, actor
 * and slot are filled in here. For the store's own use and for events of the faces (copied).
 */
enum rc audit_append(struct vault *v, const struct audit_entry *e);

#endif
