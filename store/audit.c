/*
 * The audit: appending.
 *
 * 1. An entry is appended in the transaction of what it tells of: both are durable or none.
 * 2. Never a field's value in an entry.
 * 3. Entries are numbered from 1 without gaps; the chain's state counts them.
 * 4. The system's log hears of each hundredth entry once it is durable; where one transaction
 *    has several, of the last, whose code covers them all.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "keyring/keyring.h"
#include "keyring/secret.h"
#include "store/audit_int.h"
#include "store/notice.h"
#include "store/unlocked.h"

#define NOTICE_EVERY 100

static enum rc
insert(struct vault *v, const struct audit_entry *e, const uint8_t mac[SHA256_LEN])
{
	sqlite3_stmt *st;
	enum rc rc;

	rc = sql_keep(v, &v->kept[KEPT_INSERT],
	    "INSERT INTO audit(seq, at, event, actor, slot, field, reason, mac, record_uuid, count)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "iiizizzbbi", e->seq, e->at, (int64_t)e->event, e->actor,
		    (int64_t)e->slot, e->field, e->reason, mac, (size_t)SHA256_LEN,
		    e->has_record ? e->record_uuid : NULL, sizeof e->record_uuid, e->count);
	if (rc == RC_OK)
		rc = sql_done(v, st);
	sql_release(st);
	return rc;
}

static enum rc
append(struct vault *v, struct audit_entry *e, struct audit_chain *chain)
{
	uint8_t mac[SHA256_LEN];
	enum rc rc;

	e->seq = (int64_t)chain->count + 1;
	rc = audit_chain_mac(chain, e, mac);
	if (rc == RC_OK)
		rc = insert(v, e, mac);
	if (rc == RC_OK)
		rc = audit_chain_next(chain, mac);
	if (rc == RC_OK)
		rc = audit_chain_save(v, chain);
	if (rc == RC_OK && chain->count % NOTICE_EVERY == 0) {
		v->audit_due = chain->count;
		memcpy(v->audit_due_mac, mac, SHA256_LEN);
	}
	return rc;
}

void
audit_committed(struct vault *v)
{
	uint8_t id[VAULT_ID_LEN];

	if (v->audit_due == 0)
		return;
	keyring_vault_id(unlocked_keyring(v->unlocked), id);
	notice_audit(id, v->audit_due, v->audit_due_mac);
	v->audit_due = 0;
}

static enum rc
too_long(struct vault *v)
{
	return err_set(&v->err, RC_INPUT, "the reason is longer than %d bytes: shorten it",
	    AUDIT_REASON_MAX);
}

enum rc
audit_reason(struct vault *v, char out[AUDIT_REASON_MAX + 1], const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(out, AUDIT_REASON_MAX + 1, fmt, ap);
	va_end(ap);
	return n < 0 || n > AUDIT_REASON_MAX ? too_long(v) : RC_OK;
}

enum rc
audit_append_at(struct vault *v, const struct audit_entry *e, int64_t at)
{
	struct audit_entry full = *e;
	struct audit_chain chain;
	int64_t before = sqlite3_total_changes64(v->db);
	enum rc rc;

	full.at = at;
	full.actor = vault_actor();
	full.slot = v->slot;
	if (full.reason && !*full.reason)
		full.reason = NULL;
	if (full.reason && strlen(full.reason) > AUDIT_REASON_MAX)
		return too_long(v);
	rc = audit_chain_load(v, &chain);
	if (rc == RC_OK)
		rc = append(v, &full, &chain);
	v->audit_changes += sqlite3_total_changes64(v->db) - before;
	secret_wipe(&chain, sizeof chain);
	return err_default(&v->err, rc);
}

enum rc
audit_record(struct vault *v, enum audit_event event, const uint8_t uuid[16],
    const char *field, int64_t count, const char *reason)
{
	struct audit_entry e = { .event = event, .has_record = true, .field = field,
		.count = count, .reason = reason };

	memcpy(e.record_uuid, uuid, sizeof e.record_uuid);
	return audit_append_at(v, &e, vault_now());
}

enum rc
audit_append(struct vault *v, const struct audit_entry *e)
{
	bool own;
	enum rc rc;

	if (!v->in_tx)
		vault_err_start(v);
	rc = vault_join(v, &own);
	return rc == RC_OK ? vault_leave(v, own, audit_append_at(v, e, vault_now())) : rc;
}
