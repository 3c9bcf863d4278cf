/*
 * The audit's chain walked from its seed, and held against the marks that were kept of it.
 *
 * 1. Nothing in the database is believed but the wrapped seed: every key and every code is
 *    computed again.
 * 2. A code is over an entry as it is read; what the row holds besides is an alteration.
 * 3. A chain without a fault is not enough: who holds a full slot can make one. The marks
 *    (audit_mark.h) lie where the entries do not.
 * 4. The marks are read before the entries: a session that ends meanwhile puts them further.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/audit_mark.h"

#define STEP_ROWS 1024 /* between two calls of progress */

struct walk { /* along the chain */
	struct vault *v;
	struct audit_chain chain; /* as the seed makes it, up to the entry looked at */
	struct audit_chain kept;  /* as it stands in the vault */
	struct audit_mark marks[AUDIT_MARKS];
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

static enum rc
check_marks(struct walk *w, const uint8_t mac[SHA256_LEN])
{
	int i;

	for (i = 0; i < AUDIT_MARKS; i++) {
		const struct audit_mark *m = &w->marks[i];

		if (m->entries != w->chain.count || equal_ct(m->mac, mac, SHA256_LEN))
			continue;
		bad(w, (int64_t)m->entries,
		    "entry %llu is not the one that %s knows: those up to it were made "
		    "anew",
		    (unsigned long long)m->entries, m->where);
		return RC_TAMPER;
	}
	return RC_OK;
}

static bool
is_whole(sqlite3_stmt *st, int column, const char *text)
{
	return (text ? strlen(text) : 0) == (size_t)sqlite3_column_bytes(st, column);
}

/* Whether the row holds what was read of it and nothing besides: the code is over what was read. */
static bool
is_exact(sqlite3_stmt *st, const struct audit_entry *e)
{
	return sqlite3_column_int64(st, 2) == (int64_t)e->event &&
	       sqlite3_column_int64(st, 4) == e->slot &&
	       (e->has_record || sqlite3_column_type(st, 5) == SQLITE_NULL) &&
	       sqlite3_column_type(st, 7) == SQLITE_INTEGER && is_whole(st, 3, e->actor) &&
	       is_whole(st, 6, e->field) && is_whole(st, 8, e->reason);
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
	if (got < want)
		bad(w, want, "there is an entry %lld, and none is numbered so", got);
	else if (got == want + 1)
		bad(w, want, "entry %lld is missing", want);
	else if (got != want)
		bad(w, want, "entries %lld to %lld are missing", want, got - 1);
	if (got != want)
		return RC_TAMPER;
	rc = is_exact(st, &e) ? audit_chain_mac(&w->chain, &e, mac) : RC_TAMPER;
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
	return rc == RC_OK ? check_marks(w, mac) : rc;
}

/* A chain that ends where it says it does, and went on once. */
static enum rc
check_length(struct walk *w)
{
	int i;

	for (i = 0; i < AUDIT_MARKS; i++) {
		const struct audit_mark *m = &w->marks[i];

		if (m->entries <= w->chain.count)
			continue;
		bad(w, (int64_t)w->chain.count + 1,
		    "%s knows %llu entries, and there are %llu: the end was cut off",
		    m->where, (unsigned long long)m->entries,
		    (unsigned long long)w->chain.count);
		return RC_TAMPER;
	}
	return RC_OK;
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
		bad(w, at - 1,
		    "the chain's state is not the one that its last entry left");
	return w->out->first_bad ? RC_TAMPER : check_length(w);
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
	struct walk w = {.v = v, .out = out, .progress = progress};
	enum rc rc;

	memset(out, 0, sizeof *out);
	vault_err_start(v);
	audit_marks(v, w.marks);
	rc = vault_read_begin(v);
	if (rc != RC_OK)
		return rc;
	rc = audit_chain_seed(v, &w.chain);
	out->header = w.marks[0].entries;
	out->state = w.marks[1].entries;
	if (rc == RC_OK)
		rc = walk(&w);
	vault_read_end(v);
	secret_wipe(&w, sizeof w);
	if (rc == RC_TAMPER && *out->what)
		err_set(
		    &v->err, rc, "%s: the audit does not verify: %s", v->path, out->what);
	return err_default(&v->err, rc);
}
