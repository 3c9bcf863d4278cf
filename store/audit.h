#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

/* The audit chain: who looked at what, when; forward-secure MACs (store.md, "Audit"). */

#include "store/vault.h"

/* The numbers stand in vaults: one that is given stays, and a new event takes the next. */
enum audit_event {
	AUDIT_CREATED = 1,
	AUDIT_UNLOCKED = 2,
	AUDIT_UNLOCK_FAILED = 3,
	AUDIT_LOCKED = 4,
	AUDIT_ADDED = 5,
	AUDIT_CHANGED = 6,
	AUDIT_TRASHED = 7,
	AUDIT_RESTORED = 8,
	AUDIT_ERASED = 9,
	AUDIT_REVEALED = 10,
	AUDIT_COPIED = 11,
	AUDIT_SEARCHED_SEALED = 12,
	AUDIT_IMPORTED = 13,
	AUDIT_EXPORTED = 14,
	AUDIT_SLOT_ADDED = 15,
	AUDIT_SLOT_CHANGED = 16,
	AUDIT_SLOT_REMOVED = 17,
	AUDIT_SLOT_TESTED = 18,
	AUDIT_ROTATED = 19,
	AUDIT_EPOCH_DESTROYED = 20,
	AUDIT_BACKED_UP = 21,
	AUDIT_RESTORED_BACKUP = 22,
	AUDIT_VERIFIED = 23,
	AUDIT_TAMPER = 24,
	AUDIT_FIELD_ADDED = 25,
	AUDIT_PURGED = 26, /* the trash, by its date */
	AUDIT_UNDONE = 27,
	AUDIT_REDONE = 28,
	AUDIT_TAGGED = 29,
	AUDIT_UNTAGGED = 30,
	AUDIT_FIELD_DROPPED = 31,
	AUDIT_FIELD_CHANGED = 32, /* its class, type or name */
	AUDIT_OLDER_ACCEPTED = 33, /* a copy older than the last one seen here */
	AUDIT_IMPORT_UNDONE = 34,
	AUDIT_MIGRATED = 35, /* to newer tables */
	AUDIT_SUBJECT_EXPORTED = 36,
	AUDIT_KEEP_SET = 37, /* the date until which a record is kept, or the trash's days */
	AUDIT_EVENT_LAST = AUDIT_KEEP_SET
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

#define AUDIT_BY_RECOVERY "by a recovery code" /* the reason of such an unlock */
#define AUDIT_FIELD_BEGINS "it begins" /* "sealed text to open text it begins: reason" */
#define AUDIT_FIELD_DONE   "done"

const char *audit_event_name(enum audit_event e); /* "revealed" */
bool audit_event_parse(const char *name, enum audit_event *out);

struct audit_filter { /* zero: everything */
	enum audit_event event;
	int64_t record_id;
	const char *actor, *field;
	int64_t since, until; /* UTC microseconds; 0: open */
	bool has_slot;
	int slot;
};

/**
 * audit_filter_check(v, filter):
 * Whether ${filter} names what there is, so that an empty list says that nothing was done and
 * not that a name was mistyped. RC_OK; RC_INPUT (a slot or field that there is not and that no
 * entry names; a time that ends before it begins); RC_NOTFOUND (record, user).
 */
enum rc audit_filter_check(struct vault *v, const struct audit_filter *filter);

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
	uint64_t header, state; /* entries that the marks there told of; 0: there was none */
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
