#ifndef STORE_VAULT_INT_H
#define STORE_VAULT_INT_H

/* What the store's own files know of a vault. */

#include <sqlite3.h>
#include <stdatomic.h>

#include "store/field.h"
#include "store/vault.h"

struct unlocked; /* store/unlocked.h */
struct sealed_keys;
struct kept_orders;

struct catalogue { /* the fields, as one state of the vault had them */
	struct catalogue *older; /* kept until the vault closes: callers hold pointers */
	int64_t cookie;          /* SQLite's schema version that it was read at */
	size_t n;
	struct field fields[];
};

enum { KEPT_LOAD, KEPT_INSERT, KEPT_SAVE, KEPT_ALL }; /* what writes an entry of the audit */

#define SEALED_ASKED_MAX 8

struct sealed_asked { /* one look-up by blind index */
	int field_id;
	uint8_t blind[16];
};

#define TYPED_KEPT    4
#define TYPED_COLUMNS (FIELD_MAX + 24)

struct typed { /* what the columns of one statement are declared as (typed.c) */
	sqlite3_stmt *st; /* NULL: free */
	uint8_t kinds[TYPED_COLUMNS];
};

struct vault {
	sqlite3 *db;
	struct unlocked *unlocked;
	char *path; /* as the user gave it */
	struct err err;
	struct catalogue *catalogue;
	struct sealed_keys *sealed_keys; /* store/sealed_keys.c; NULL: none so far */
	sqlite3_stmt *sealed_rows;       /* store/record_read.c; NULL: not needed so far */
	bool readonly, browse;
	int slot; /* that opened it */
	char slot_label[65];
	bool in_tx;    /* vault_begin (or vault_join) has begun a transaction */
	bool fts_stale; /* in a transaction: schema_settle is due */
	bool bulk;      /* the transaction that begins next may spill */
	bool spills;    /* the connection is set so */
	bool step_used;
	enum rc tx_rc; /* not RC_OK: SQLite rolled it back, for this reason */
	int64_t step;   /* of the changes in this transaction; 0: none yet (change.h) */
	int64_t last_step; /* that was committed on this connection; 0: none */
	sqlite3_stmt *undo; /* ROLLBACK, prepared: it must not fail for want of memory */
	sqlite3_stmt *kept[KEPT_ALL]; /* prepared once: sql_keep */
	uint64_t audit_due; /* an entry that the system's log is to hear of at the commit; 0: none */
	uint8_t audit_due_mac[32];
	struct typed typed[TYPED_KEPT]; /* of the statements that were stepped last */
	unsigned typed_next;
	atomic_bool interrupted;
	size_t asked_n; /* what the last search of sealed fields asked: it is in the audit */
	struct sealed_asked asked[SEALED_ASKED_MAX];
	struct kept_orders *orders; /* store/search_kept.c; NULL: none so far */
	int64_t audit_changes; /* of the connection's count of changes, those of the audit */
	bool asked_in_tx; /* by the transaction that is open: it goes with that */
	int64_t data_version;
	uint64_t last_unlock; /* vault_info */
	int failed_since, failed_n;
	int64_t failed_at[VAULT_FAILED_TIMES];
	uint64_t clock_behind;
	bool repaired;
	bool older; /* than the last seen state */
	bool seen; /* it is no older than the last seen state: this one is the next */
};

/**
 * vault_err_start(v):
 * Every public call begins with it: forget the last sentence and, outside a transaction, an
 * interrupt that came after the last call. Returns where the new sentence goes. An interrupt
 * inside a transaction holds until the transaction ends.
 */
struct err *vault_err_start(struct vault *v);

/**
 * vault_join(v, own): begin a write transaction unless one is open; ${own}: it was begun.
 * vault_leave(v, own, rc): with ${own} commit when ${rc} is RC_OK, else roll back. Returns
 * ${rc}, or what went wrong with the commit. Without ${own}, a failure to write dooms the
 * transaction that is open: its commit answers ${rc}. Validate before the first write.
 */
enum rc vault_join(struct vault *v, bool *own);
enum rc vault_leave(struct vault *v, bool own, enum rc rc);

/**
 * vault_let_in(): between two steps of long work: so long that who waits to write looks again.
 */
void vault_let_in(void);

/**
 * vault_read_begin(v), vault_read_end(v):
 * One snapshot for several reads; nothing when a transaction is open. The catalogue is
 * brought up to date with it: take field_list after vault_read_begin. They do not nest.
 * A write transaction can't begin between them.
 */
enum rc vault_read_begin(struct vault *v);
void vault_read_end(struct vault *v);

/**
 * vault_now(): UTC microseconds. vault_actor(): login name of the user of this process, by
 * the user id: a static string.
 */
int64_t vault_now(void);
const char *vault_actor(void);

/**
 * field_load(v): read the catalogue when there is none or another connection changed it.
 */
enum rc field_load(struct vault *v);

/**
 * field_same(v, was, n): whether places in ${was}, which field_list gave before another
 * connection may have changed the catalogue, still mean the same fields. RC_OK; RC_BUSY.
 */
enum rc field_same(struct vault *v, const struct field *was, size_t n);

/**
 * field_at(v, index, out): the field at ${index} of field_list, in a catalogue that is up to
 * date. RC_OK; RC_INPUT (there is none); RC_BUSY.
 */
enum rc field_at(struct vault *v, int index, const struct field **out);

#endif
