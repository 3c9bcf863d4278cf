/*
 * Erasure, and the trash's purge.
 *
 * 1. The records and the entries in the audit are one transaction; only then are full text
 *    and log cleaned, which can be repeated and loses nothing.
 * 2. Nothing is purged that nobody asked for, and nothing before its keep-until date.
 * 3. The transaction may spill: it may take away more pages than memory is to hold.
 */
#include "store/erase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/audit_int.h"
#include "store/change.h"
#include "store/schema.h"

#define DAY	    (INT64_C(86400) * 1000000)
#define MERGE_PAGES 500 /* of full text, between two looks at the progress */
#define META_DAYS   "trash_days"

struct eraser {
	struct vault *v;
	sqlite3_stmt *st[5];
};

static const char *const deletions[] = { "DELETE FROM sealed WHERE record_id = ?1",
	"DELETE FROM tag WHERE record_id = ?1", "DELETE FROM history WHERE record_id = ?1",
	"DELETE FROM draft WHERE view GLOB 'edit ' || ?1 || ' *'", "DELETE FROM record WHERE id = ?1" };

#define DELETIONS (sizeof deletions / sizeof *deletions)

static enum rc
eraser_begin(struct eraser *e)
{
	enum rc rc = schema_settle(e->v);
	size_t i;

	for (i = 0; rc == RC_OK && i < DELETIONS; i++)
		rc = sql_prepare(e->v, deletions[i], &e->st[i]);
	return rc;
}

static void
eraser_end(struct eraser *e)
{
	size_t i;

	for (i = 0; i < DELETIONS; i++)
		sqlite3_finalize(e->st[i]);
}

static enum rc
erase_one(struct eraser *e, int64_t id)
{
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < DELETIONS; i++) {
		rc = sql_bind(e->v, e->st[i], "i", id);
		if (rc == RC_OK)
			rc = sql_done(e->v, e->st[i]);
	}
	return rc;
}

/* In a transaction. ${each}: one event a record. */
static enum rc
erase_all(struct vault *v, const int64_t *ids, size_t n, bool each,
    const struct progress *progress)
{
	struct eraser e = { .v = v };
	struct record_facts facts;
	enum rc rc = eraser_begin(&e);
	size_t i;

	for (i = 0; rc == RC_OK && i < n; i++) {
		rc = record_facts(v, ids[i], &facts);
		if (rc == RC_OK && each)
			rc = audit_record(v, AUDIT_ERASED, facts.uuid, NULL, -1, NULL);
		if (rc == RC_OK)
			rc = erase_one(&e, ids[i]);
		if (rc == RC_OK && progress && progress->step && i % 256 == 255 &&
		    progress->step(progress->arg, i, n))
			rc = RC_CANCELLED;
	}
	eraser_end(&e);
	return rc == RC_OK ? change_forget(v) : rc;
}

/* Until one segment is left: then nothing of what was deleted is in it. */
static bool
merge_text(struct vault *v, const struct progress *progress)
{
	char sql[96];
	int64_t before;
	bool first = true;

	do {
		before = sqlite3_total_changes64(v->db);
		snprintf(sql, sizeof sql,
		    "INSERT INTO record_fts(record_fts, rank) VALUES('merge', %d)",
		    first ? -MERGE_PAGES : MERGE_PAGES);
		first = false;
		if (sql_exec(v, sql) != RC_OK)
			return false;
		if (progress && progress->step && progress->step(progress->arg, 0, 0))
			return false;
	} while (sqlite3_total_changes64(v->db) - before >= 2);
	return true;
}

void
erase_clean(struct vault *v, const struct progress *progress, struct erase_report *out)
{
	int log = -1, moved = 0;

	out->merged = merge_text(v, progress);
	out->emptied = sqlite3_wal_checkpoint_v2(v->db, "main", SQLITE_CHECKPOINT_TRUNCATE,
			   &log, &moved) == SQLITE_OK;
	v->err.text[0] = '\0';
}

enum rc
erase_records(struct vault *v, const int64_t *ids, size_t n,
    const struct progress *progress, struct erase_report *out)
{
	enum rc rc;

	memset(out, 0, sizeof *out);
	vault_err_start(v);
	if (v->in_tx)
		return err_set(&v->err, RC_INTERNAL, "records are erased outside of changes only");
	v->bulk = true;
	rc = vault_begin(v);
	if (rc == RC_OK)
		rc = vault_leave(v, true, erase_all(v, ids, n, true, progress));
	v->bulk = false;
	if (rc != RC_OK)
		return rc;
	out->records = (int64_t)n;
	erase_clean(v, progress, out);
	return RC_OK;
}

enum rc
trash_days(struct vault *v, int *out)
{
	char text[16] = "";
	size_t len;
	enum rc rc;

	*out = TRASH_DAYS;
	vault_err_start(v);
	rc = sql_meta_get(v, META_DAYS, text, sizeof text - 1, &len);
	if (rc == RC_NOTFOUND)
		return RC_OK;
	if (rc == RC_OK)
		*out = (int)strtol(text, NULL, 10);
	if (rc == RC_OK && (*out < 0 || *out > TRASH_DAYS_MAX))
		rc = err_set(&v->err, RC_DAMAGED, "the vault's setting %s is no number of days",
		    META_DAYS);
	return rc;
}

enum rc
trash_set_days(struct vault *v, int days)
{
	const struct audit_entry e = { .event = AUDIT_KEEP_SET, .count = days,
		.reason = "days in the trash" };
	char text[16];
	bool own;
	enum rc rc;

	vault_err_start(v);
	if (days < 0 || days > TRASH_DAYS_MAX)
		return err_set(&v->err, RC_INPUT, "the trash keeps records for 0 to %d days",
		    TRASH_DAYS_MAX);
	rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	snprintf(text, sizeof text, "%d", days);
	rc = sql_meta_put(v, META_DAYS, text, strlen(text));
	if (rc == RC_OK)
		rc = audit_append(v, &e);
	return vault_leave(v, own, rc);
}

/* All of the trash in the order in which it goes: id, deleted, goes, keep until. */
#define TRASH                                                                            \
	"SELECT id, deleted_at, max(deleted_at + ?1, coalesce(keep_until, 0)) AS goes,"  \
	" keep_until FROM record WHERE deleted_at IS NOT NULL"

enum rc
trash_list(struct vault *v, trash_each_fn *each, void *arg)
{
	struct trash_entry e;
	sqlite3_stmt *st = NULL;
	int days;
	enum rc rc = trash_days(v, &days);

	if (rc == RC_OK)
		rc = sql_prepare(v, TRASH " ORDER BY goes, id", &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", days * DAY);
	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK) {
		e.id = sqlite3_column_int64(st, 0);
		e.deleted_at = sqlite3_column_int64(st, 1);
		e.purge_at = sqlite3_column_int64(st, 2);
		e.keep_until = sqlite3_column_int64(st, 3);
		if (!each(arg, &e))
			break;
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

struct ids {
	int64_t *at;
	size_t n, cap;
};

static enum rc
ids_add(struct ids *ids, int64_t id)
{
	size_t cap = ids->cap ? 2 * ids->cap : 256;
	int64_t *fresh;

	if (ids->n == ids->cap) {
		fresh = realloc(ids->at, cap * sizeof *fresh);
		if (!fresh)
			return RC_NOMEM;
		ids->at = fresh;
		ids->cap = cap;
	}
	ids->at[ids->n++] = id;
	return RC_OK;
}

/* What is past its purge date, and how many only the keep-until date holds back. */
static enum rc
find_past(struct vault *v, struct ids *ids, int64_t *kept)
{
	sqlite3_stmt *st = NULL;
	int64_t now = vault_now();
	int days;
	enum rc rc = trash_days(v, &days);

	if (rc == RC_OK)
		rc = sql_prepare(v, TRASH " AND deleted_at + ?1 <= ?2", &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "ii", days * DAY, now);
	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK) {
		if (sqlite3_column_int64(st, 2) > now)
			++*kept;
		else
			rc = err_default(&v->err, ids_add(ids, sqlite3_column_int64(st, 0)));
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
purge(struct vault *v, const struct ids *ids, const struct progress *progress)
{
	const struct audit_entry e = { .event = AUDIT_PURGED, .count = (int64_t)ids->n };
	enum rc rc = erase_all(v, ids->at, ids->n, false, progress);

	return rc == RC_OK ? audit_append_at(v, &e, vault_now()) : rc;
}

enum rc
trash_count(struct vault *v, struct erase_report *out)
{
	struct ids ids = { NULL, 0, 0 };
	enum rc rc;

	memset(out, 0, sizeof *out);
	vault_err_start(v);
	rc = vault_read_begin(v);
	if (rc != RC_OK)
		return rc;
	rc = find_past(v, &ids, &out->kept);
	vault_read_end(v);
	if (rc == RC_OK)
		out->records = (int64_t)ids.n;
	free(ids.at);
	return rc;
}

/* More may be past their day than were counted, or fewer: others use the vault too. */
static enum rc
purge_agreed(struct vault *v, int64_t agreed, const struct ids *ids,
    const struct progress *progress)
{
	if (agreed != 0 && agreed != (int64_t)ids->n)
		return err_set(&v->err, RC_BUSY,
		    "nothing was purged: %zu records are past their purge date now, and %lld "
		    "were agreed to; look at the trash and begin again",
		    ids->n, (long long)agreed);
	return ids->n ? purge(v, ids, progress) : RC_OK;
}

enum rc
trash_purge(struct vault *v, int64_t agreed, const struct progress *progress,
    struct erase_report *out)
{
	struct ids ids = { NULL, 0, 0 };
	enum rc rc;

	memset(out, 0, sizeof *out);
	v->bulk = true;
	rc = vault_begin(v);
	if (rc == RC_OK) {
		rc = find_past(v, &ids, &out->kept);
		if (rc == RC_OK)
			rc = purge_agreed(v, agreed, &ids, progress);
		rc = vault_leave(v, true, rc);
	}
	v->bulk = false;
	if (rc == RC_OK)
		out->records = (int64_t)ids.n;
	if (rc == RC_OK && ids.n)
		erase_clean(v, progress, out);
	free(ids.at);
	return rc;
}
