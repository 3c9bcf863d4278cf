#ifndef STORE_AUDIT_INT_H
#define STORE_AUDIT_INT_H

/* The audit for the store's own files. */

#include "store/audit.h"
#include "store/sql.h"

#include "keyring/crypto.h"

#define AUDIT_REASON_MAX 1000 /* bytes */

struct audit_chain { /* what the next entry is made with */
	uint8_t key[KEY_LEN];
	uint8_t mac[SHA256_LEN]; /* of the last entry */
	uint64_t count;          /* entries so far */
};

/**
 * audit_reason(v, out, fmt, ...): the reason of an entry, put together. RC_INPUT when it is
 * too long: what somebody gave as a reason is not cut.
 */
enum rc audit_reason(struct vault *v, char out[AUDIT_REASON_MAX + 1], const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * audit_start(v): the seed of a new vault's chain, in the transaction that creates it.
 * audit_append_at(v, e, at): as audit_append inside a transaction, with a time of its own.
 */
enum rc audit_start(struct vault *v);
enum rc audit_append_at(struct vault *v, const struct audit_entry *e, int64_t at);

/**
 * audit_record(v, event, uuid, field, count, reason): inside a transaction, now, of one record.
 * ${field}, ${reason}: NULL for none; ${count}: -1.
 */
enum rc audit_record(struct vault *v, enum audit_event event, const uint8_t uuid[16],
    const char *field, int64_t count, const char *reason);

/**
 * audit_committed(v): the transaction with what was appended is durable: the system's log hears
 * what it is to hear.
 */
void audit_committed(struct vault *v);

/**
 * audit_chain_seed(v, chain): the chain before its first entry, from the wrapped seed.
 * RC_DENIED on a browse slot. audit_chain_load, audit_chain_save: as it stands in the vault.
 * audit_chain_mac(chain, e, mac): the MAC of ${e} as the next entry.
 * audit_chain_next(chain, mac): go on to the entry after it; the old key is overwritten.
 */
enum rc audit_chain_seed(struct vault *v, struct audit_chain *chain);
enum rc audit_chain_load(struct vault *v, struct audit_chain *chain);
enum rc audit_chain_save(struct vault *v, const struct audit_chain *chain);
enum rc audit_chain_mac(const struct audit_chain *chain, const struct audit_entry *e,
    uint8_t mac[SHA256_LEN]);
enum rc audit_chain_next(struct audit_chain *chain, const uint8_t mac[SHA256_LEN]);

/**
 * audit_seed_add(v, kek): inside a transaction, wrap the seed under ${kek} too, which shall be
 * what AUDIT_WRAP_LABEL derives. RC_OK; RC_TAMPER; RC_DENIED.
 * audit_seed_settle(v): where there are several wraps, keep that alone which opens now.
 */
#define AUDIT_WRAP_LABEL "audit-seed-wrap" /* of the field master key */
enum rc audit_seed_add(struct vault *v, const uint8_t kek[KEY_LEN]);
enum rc audit_seed_settle(struct vault *v);

#define AUDIT_COLUMNS                                                                    \
	"a.seq, a.at, a.event, a.actor, a.slot, a.record_uuid, a.field, a.count, a.reason"

/**
 * audit_read(st, e): the entry that ${st} stands on (AUDIT_COLUMNS first). Strings live
 * until the next step.
 */
void audit_read(sqlite3_stmt *st, struct audit_entry *e);

#endif
