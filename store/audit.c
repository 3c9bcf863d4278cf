/*
 * The audit: appending, listing, verifying.
 *
 * 1. An entry is appended in the transaction of what it tells of: both are durable or none.
 * 2. Never a field's value in an entry.
 * 3. Entries are numbered from 1 without gaps; the chain's state counts them.
 */
#include "store/audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/audit_int.h"

#define STEP_ROWS 1024 /* between two calls of progress */

static const char *const names[] = {
	[AUDIT_CREATED] = "created",
	[AUDIT_UNLOCKED] = "unlocked",
	[AUDIT_UNLOCK_FAILED] = "unlock failed",
	[AUDIT_LOCKED] = "locked",
	[AUDIT_ADDED] = "added",
	[AUDIT_CHANGED] = "changed",
	[AUDIT_TRASHED] = "trashed",
	[AUDIT_RESTORED] = "restored",
	[AUDIT_ERASED] = "erased",
	[AUDIT_REVEALED] = "revealed",
	[AUDIT_COPIED] = "copied",
	[AUDIT_SEARCHED_SEALED] = "searched sealed",
	[AUDIT_IMPORTED] = "imported",
	[AUDIT_EXPORTED] = "exported",
	[AUDIT_SLOT_ADDED] = "slot added",
	[AUDIT_SLOT_CHANGED] = "slot changed",
	[AUDIT_SLOT_REMOVED] = "slot removed",
	[AUDIT_SLOT_TESTED] = "slot tested",
	[AUDIT_ROTATED] = "rotated",
	[AUDIT_EPOCH_DESTROYED] = "epoch destroyed",
	[AUDIT_BACKED_UP] = "backed up",
	[AUDIT_RESTORED_BACKUP] = "backup restored",
	[AUDIT_VERIFIED] = "verified",
	[AUDIT_TAMPER] = "tamper found",
	[AUDIT_FIELD_ADDED] = "field added",
	[AUDIT_PURGED] = "purged",
	[AUDIT_UNDONE] = "undone",
	[AUDIT_REDONE] = "redone",
	[AUDIT_TAGGED] = "tagged",
	[AUDIT_UNTAGGED] = "untagged",
	[AUDIT_FIELD_DROPPED] = "field dropped",
	[AUDIT_FIELD_CHANGED] = "field changed",
	[AUDIT_OLDER_ACCEPTED] = "older copy accepted",
	[AUDIT_IMPORT_UNDONE] = "import undone",
	[AUDIT_MIGRATED] = "migrated",
	[AUDIT_SUBJECT_EXPORTED] = "subject exported",
	[AUDIT_KEEP_SET] = "retention set",
};

#define NAMES_END (sizeof names / sizeof *names)

const char *
audit_event_name(enum audit_event e)
{
	return e >= AUDIT_CREATED && e < NAMES_END ? names[e] : "unknown";
}

/* A blank of a name may be written as a hyphen or an underscore. */
static bool
same_name(const char *typed, const char *name)
{
	for (; *typed && *name; typed++, name++)
		if (*typed != *name && !(*name == ' ' && (*typed == '-' || *typed == '_')))
			return false;
	return *typed == *name;
}

bool
audit_event_parse(const char *name, enum audit_event *out)
{
	size_t i;

	for (i = AUDIT_CREATED; i < NAMES_END; i++) {
		if (same_name(name, names[i])) {
			*out = (enum audit_event)i;
			return true;
		}
	}
	return false;
}

static enum rc
insert(struct vault *v, const struct audit_entry *e, const uint8_t mac[SHA256_LEN])
{
	sqlite3_stmt *st;
	enum rc rc;

	rc = sql_prepare(v,
	    "INSERT INTO audit(seq, at, event, actor, slot, field, reason, mac, record_uuid, count)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "iiizizzbbi", e->seq, e->at, (int64_t)e->event, e->actor,
		    (int64_t)e->slot, e->field, e->reason, mac, (size_t)SHA256_LEN,
		    e->has_record ? e->record_uuid : NULL, sizeof e->record_uuid, e->count);
	if (rc == RC_OK)
		rc = sql_done(v, st);
	sqlite3_finalize(st);
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
	return rc == RC_OK ? audit_chain_save(v, chain) : rc;
}

enum rc
audit_append_at(struct vault *v, const struct audit_entry *e, int64_t at)
{
	struct audit_entry full = *e;
	struct audit_chain chain;
	enum rc rc;

	full.at = at;
	full.actor = vault_actor();
	full.slot = v->slot;
	if (full.reason && !*full.reason)
		full.reason = NULL;
	if (full.reason && strlen(full.reason) > AUDIT_REASON_MAX)
		return err_set(&v->err, RC_INPUT, "the reason is longer than %d bytes: shorten it",
		    AUDIT_REASON_MAX);
	rc = audit_chain_load(v, &chain);
	if (rc == RC_OK)
		rc = append(v, &full, &chain);
	secret_wipe(&chain, sizeof chain);
	return err_default(&v->err, rc);
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

void
audit_read(sqlite3_stmt *st, struct audit_entry *e)
{
	const void *uuid = sqlite3_column_blob(st, 5);

	memset(e, 0, sizeof *e);
	e->seq = sqlite3_column_int64(st, 0);
	e->at = sqlite3_column_int64(st, 1);
	e->event = (enum audit_event)sqlite3_column_int(st, 2);
	e->actor = (const char *)sqlite3_column_text(st, 3);
	e->slot = sqlite3_column_int(st, 4);
	e->has_record = uuid && sqlite3_column_bytes(st, 5) == sizeof e->record_uuid;
	if (e->has_record)
		memcpy(e->record_uuid, uuid, sizeof e->record_uuid);
	e->field = (const char *)sqlite3_column_text(st, 6);
	e->count = sqlite3_column_int64(st, 7);
	e->reason = (const char *)sqlite3_column_text(st, 8);
}

static enum rc
prepare_list(struct vault *v, const struct audit_filter *f, int64_t before, int limit,
    sqlite3_stmt **out)
{
	char buf[1024];
	struct sql_text t;
	enum rc rc;

	sql_text_init(&t, buf, sizeof buf);
	sql_add(&t, "SELECT " AUDIT_COLUMNS ", r.id FROM audit a"
		    " LEFT JOIN record r ON r.uuid = a.record_uuid WHERE 1");
	if (before > 0)
		sql_add(&t, " AND a.seq < ?1");
	if (f->event)
		sql_add(&t, " AND a.event = ?2");
	if (f->record_id)
		sql_add(&t, " AND a.record_uuid = (SELECT uuid FROM record WHERE id = ?3)");
	if (f->since)
		sql_add(&t, " AND a.at >= ?4");
	if (f->until)
		sql_add(&t, " AND a.at < ?5");
	if (f->actor)
		sql_add(&t, " AND a.actor = ?6");
	sql_add(&t, " ORDER BY a.seq DESC LIMIT ?7");
	rc = sql_prepare(v, sql_end(&t), out);
	if (rc != RC_OK)
		return rc;
	return sql_bind(v, *out, "iiiiizi", before, (int64_t)f->event, f->record_id, f->since,
	    f->until, f->actor, (int64_t)limit);
}

enum rc
audit_list(struct vault *v, const struct audit_filter *filter, int64_t before, int limit,
    audit_each_fn *each, void *arg)
{
	static const struct audit_filter all;
	struct audit_entry e;
	sqlite3_stmt *st;
	enum rc rc;

	vault_err_start(v);
	rc = prepare_list(v, filter ? filter : &all, before, limit, &st);
	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK) {
		audit_read(st, &e);
		e.record_id = sqlite3_column_int64(st, 9);
		if (!each(arg, &e))
			break;
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

struct walk { /* along the chain */
	struct vault *v;
	struct audit_chain chain; /* as the seed makes it, up to the entry looked at */
	struct audit_chain kept;  /* as it stands in the vault */
	struct audit_verdict *out;
	const struct progress *progress;
};

static void __attribute__((format(printf, 3, 4)))
bad(struct walk *w, int64_t seq, const char *fmt, ...)
{
	va_list ap;

	w->out->first_bad = seq;
	va_start(ap, fmt);
	vsnprintf(w->out->what, sizeof w->out->what, fmt, ap);
	va_end(ap);
}

/* RC_TAMPER: the chain is broken here, w->out says how. */
static enum rc
check_entry(struct walk *w, sqlite3_stmt *st)
{
	long long want = (long long)w->chain.count + 1, got = sqlite3_column_int64(st, 0);
	uint8_t mac[SHA256_LEN];
	struct audit_entry e;
	enum rc rc;

	audit_read(st, &e);
	if (got == want + 1)
		bad(w, want, "entry %lld is missing", want);
	else if (got != want)
		bad(w, want, "entries %lld to %lld are missing", want, got - 1);
	if (got != want)
		return RC_TAMPER;
	rc = audit_chain_mac(&w->chain, &e, mac);
	if (rc == RC_OK && (sqlite3_column_bytes(st, 9) != SHA256_LEN ||
	    !equal_ct(sqlite3_column_blob(st, 9), mac, SHA256_LEN)))
		rc = RC_TAMPER;
	if (rc == RC_LIMIT || rc == RC_TAMPER) {
		bad(w, want, "entry %lld was changed", want);
		return RC_TAMPER;
	}
	if (rc == RC_OK)
		rc = audit_chain_next(&w->chain, mac);
	w->out->entries = w->chain.count;
	return rc;
}

static enum rc
check_end(struct walk *w)
{
	long long at = (long long)w->chain.count + 1;

	if (w->chain.count < w->kept.count)
		bad(w, at, "entries %lld to %llu are missing", at,
		    (unsigned long long)w->kept.count);
	else if (w->chain.count > w->kept.count)
		bad(w, at - 1, "there are more entries than were written");
	else if (!equal_ct(w->chain.key, w->kept.key, KEY_LEN) ||
	    !equal_ct(w->chain.mac, w->kept.mac, SHA256_LEN))
		bad(w, at - 1, "the chain's state is not the one that its last entry left");
	return w->out->first_bad ? RC_TAMPER : RC_OK;
}

static bool
stopped(struct walk *w)
{
	const struct progress *p = w->progress;

	return p && p->step && w->chain.count % STEP_ROWS == 0 &&
	    p->step(p->arg, w->chain.count, w->kept.count);
}

static enum rc
walk(struct walk *w)
{
	sqlite3_stmt *st;
	enum rc rc;

	rc = audit_chain_load(w->v, &w->kept);
	if (rc == RC_OK)
		rc = sql_prepare(w->v,
		    "SELECT " AUDIT_COLUMNS ", a.mac FROM audit a ORDER BY a.seq", &st);
	if (rc != RC_OK)
		return rc;
	while (rc == RC_OK && (rc = sql_step(w->v, st)) == RC_OK) {
		rc = check_entry(w, st);
		if (rc == RC_OK && stopped(w))
			rc = err_set(&w->v->err, RC_CANCELLED, "cancelled");
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? check_end(w) : rc;
}

enum rc
audit_verify(struct vault *v, const struct progress *progress, struct audit_verdict *out)
{
	struct walk w = { .v = v, .out = out, .progress = progress };
	enum rc rc;

	memset(out, 0, sizeof *out);
	vault_err_start(v);
	rc = vault_read_begin(v);
	if (rc != RC_OK)
		return rc;
	rc = audit_chain_seed(v, &w.chain);
	if (rc == RC_OK)
		rc = walk(&w);
	vault_read_end(v);
	secret_wipe(&w, sizeof w);
	if (rc == RC_TAMPER && *out->what)
		err_set(&v->err, rc, "%s: the audit does not verify: %s", v->path, out->what);
	return err_default(&v->err, rc);
}
