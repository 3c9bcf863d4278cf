/*
 * Taking an import back.
 *
 *   import_undo -> find_run -> check_added -> put_back -> remove_added -> settle
 *
 * 1. One transaction: a vault has all of an import or nothing of it.
 * 2. A record is taken back only when nobody changed it since, but for changes that were
 *    taken back themselves: since its first row of history by the run, or since it was added,
 *    it has no version that is neither the run's nor one of those.
 * 3. What is removed goes with its tags, sealed values and history: nothing tells that it was
 *    there but the audit.
 */
#include "store/import_runs.h"

#include <stdio.h>
#include <string.h>

#include "store/audit.h"
#include "store/erase.h"
#include "store/rewind.h"
#include "store/vault_int.h"

/* The ids that run ?1 added. */
#define ADDED(id)                                                                          \
	" EXISTS (SELECT 1 FROM step s WHERE s.import_run = ?1 AND " id                    \
	" BETWEEN s.first_id AND s.last_id)"

/* Rows of history of record r that say nothing: their change was taken back. */
#define NEUTRAL(from)                                                                      \
	" (SELECT count(*) FROM history h JOIN step s ON s.id = h.step JOIN step root"     \
	" ON root.id = s.root WHERE h.record_id = " from " AND root.undone <> 0"           \
	" AND s.import_run IS NOT ?1)"

struct undoing {
	struct vault *v;
	struct import_undone *out;
	char name[IMPORT_RUN_TEXT];
	struct changer *changer;
	struct rewind *rewind;
};

struct one { /* record that is being put back */
	struct record_facts facts;
	int64_t first, rows; /* version of the run's first row of history, and how many */
};

static enum rc
find_run(struct undoing *u, int64_t run)
{
	struct vault *v = u->v;
	sqlite3_stmt *st = NULL;
	enum rc rc = sql_prepare(v,
	    "SELECT id, undone_at, name FROM import_run"
	    " WHERE id = ?1 OR (?1 = 0 AND undone_at IS NULL) ORDER BY id DESC LIMIT 1", &st);

	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", run);
	if (rc == RC_OK && (rc = sql_step(v, st)) == RC_NOTFOUND)
		rc = run ? err_set(&v->err, rc, "there is no import %lld: see import list",
			       (long long)run)
			 : err_set(&v->err, rc, "there is no import that could be undone");
	if (rc == RC_OK) {
		u->out->run = sqlite3_column_int64(st, 0);
		if (sqlite3_column_bytes(st, 2) > 0)
			snprintf(u->name, sizeof u->name, "%s",
			    sql_text(st, 2));
		if (sqlite3_column_int64(st, 1))
			rc = err_set(&v->err, RC_INPUT, "import %lld is undone already",
			    (long long)u->out->run);
	}
	sqlite3_finalize(st);
	return rc;
}

static enum rc
refuse(struct undoing *u)
{
	const struct import_undone *o = u->out;
	char list[IMPORT_EDITED * 24] = "";
	size_t i, at = 0;

	for (i = 0; i < o->edited_n; i++)
		at += (size_t)snprintf(list + at, sizeof list - at, "%s%lld", i ? ", " : "",
		    (long long)o->edited[i]);
	return err_set(&u->v->err, RC_BUSY,
	    "import %lld is not undone: changed since %s %s%s, which would be lost; take those "
	    "changes back before",
	    (long long)o->run, o->edited_n > 1 ? "were the records" : "was the record", list,
	    o->edited_n == IMPORT_EDITED ? " and perhaps more" : "");
}

static void
name_edited(struct undoing *u, int64_t id)
{
	if (u->out->edited_n < IMPORT_EDITED)
		u->out->edited[u->out->edited_n++] = id;
}

/* Rule 2, of the records that the run added. */
static enum rc
check_added(struct undoing *u)
{
	struct vault *v = u->v;
	sqlite3_stmt *st = NULL;
	enum rc rc = sql_prepare(v,
	    "SELECT r.id FROM step a JOIN record r ON r.id BETWEEN a.first_id AND a.last_id"
	    " WHERE a.import_run = ?1 AND r.version > 1 + (SELECT count(*) FROM history h"
	    " WHERE h.record_id = r.id AND h.step IN"
	    " (SELECT id FROM step WHERE import_run = ?1)) +" NEUTRAL("r.id") " LIMIT 10", &st);

	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", u->out->run);
	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK)
		name_edited(u, sqlite3_column_int64(st, 0));
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* Rule 2, of a record that the run changed. */
static enum rc
check_changed(struct undoing *u, const struct one *one, bool *ok)
{
	struct vault *v = u->v;
	sqlite3_stmt *st = NULL;
	enum rc rc = sql_prepare(v, "SELECT" NEUTRAL("?2 AND h.version >= ?3"), &st);

	if (rc == RC_OK)
		rc = sql_bind(v, st, "iii", u->out->run, one->facts.id, one->first);
	if (rc == RC_OK)
		rc = sql_step(v, st);
	if (rc == RC_OK)
		*ok = one->facts.version - one->first + 1 ==
		      one->rows + sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return rc;
}

/* The record whose rows have been gathered. */
static enum rc
put_one(struct undoing *u, struct one *one)
{
	bool ok = false;
	enum rc rc;

	if (one->facts.id == 0)
		return RC_OK;
	rc = check_changed(u, one, &ok);
	if (rc == RC_OK && ok) {
		rc = changer_apply(
		    u->changer, &one->facts, rewind_change(u->rewind), NULL);
		u->out->put_back++;
	} else if (rc == RC_OK) {
		name_edited(u, one->facts.id);
	}
	rewind_reset(u->rewind);
	one->facts.id = 0;
	return rc;
}

/* Stand on the record of another row of history; one that was erased has none. */
static enum rc
start_one(struct undoing *u, struct one *one, int64_t id, int64_t version)
{
	enum rc rc = put_one(u, one);

	if (rc == RC_OK)
		rc = record_facts(u->v, id, &one->facts);
	one->first = version;
	one->rows = 0;
	return rc;
}

static enum rc
walk(struct undoing *u, sqlite3_stmt *st)
{
	struct one one = { .rows = 0 };
	int64_t id, version;
	enum rc rc;

	while ((rc = sql_step(u->v, st)) == RC_OK) {
		id = sqlite3_column_int64(st, 0);
		version = sqlite3_column_int64(st, 1);
		if (id != one.facts.id)
			rc = start_one(u, &one, id, version);
		if (rc == RC_OK)
			rc = rewind_add(u->rewind, &one.facts, sqlite3_column_blob(st, 2),
			    (size_t)sqlite3_column_bytes(st, 2));
		if (rc != RC_OK)
			return rc;
		one.rows++;
	}
	return rc == RC_NOTFOUND ? put_one(u, &one) : rc;
}

/* What the run changed and had not added. */
static enum rc
put_back(struct undoing *u)
{
	struct vault *v = u->v;
	sqlite3_stmt *st = NULL;
	enum rc rc = changer_new(v, "import undo", &u->changer);

	if (rc == RC_OK)
		rc = rewind_new(v, true, &u->rewind);
	if (rc == RC_OK)
		rc = sql_prepare(v,
		    "SELECT h.record_id, h.version, h.change FROM history h"
		    " WHERE h.step IN (SELECT id FROM step WHERE import_run = ?1)"
		    " AND NOT" ADDED("h.record_id")
		    " AND EXISTS (SELECT 1 FROM record r WHERE r.id = h.record_id)"
		    " ORDER BY h.record_id, h.version", &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", u->out->run);
	if (rc == RC_OK)
		rc = walk(u, st);
	sqlite3_finalize(st);
	return rc;
}

static enum rc
remove_added(struct undoing *u)
{
	static const char *const parts[] = {
		"DELETE FROM tag WHERE" ADDED("record_id"),
		"DELETE FROM sealed WHERE" ADDED("record_id"),
		"DELETE FROM history WHERE" ADDED("record_id"),
		("DELETE FROM draft WHERE view GLOB 'edit *' AND"
		 ADDED("CAST(substr(view, 6) AS INTEGER)")),
		("DELETE FROM record WHERE id IN (SELECT r.id FROM step a JOIN record r"
		 " ON r.id BETWEEN a.first_id AND a.last_id WHERE a.import_run = ?1)"),
	};
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < sizeof parts / sizeof *parts; i++)
		rc = sql_run(u->v, parts[i], "i", u->out->run);
	if (rc == RC_OK)
		u->out->removed = sqlite3_changes(u->v->db);
	return rc;
}

/* undone = 2: nothing that u or ^R would find. */
static enum rc
settle(struct undoing *u)
{
	struct audit_entry e = { .event = AUDIT_IMPORT_UNDONE,
		.count = u->out->removed + u->out->put_back };
	char reason[IMPORT_RUN_TEXT + 32];
	enum rc rc;

	snprintf(reason, sizeof reason, "import %lld, %s", (long long)u->out->run, u->name);
	e.reason = reason;
	rc = sql_run(u->v, "UPDATE import_run SET undone_at = ?2 WHERE id = ?1", "ii",
	    u->out->run, vault_now());
	if (rc == RC_OK)
		rc = sql_run(u->v,
		    "UPDATE step SET undone = 2 WHERE import_run = ?1 OR id = ?2", "ii",
		    u->out->run, change_step(u->v));
	if (rc == RC_OK)
		rc = change_forget(u->v);
	return rc == RC_OK ? audit_append(u->v, &e) : rc;
}

static enum rc
take_back(struct undoing *u, int64_t run)
{
	enum rc rc = find_run(u, run);

	if (rc == RC_OK)
		rc = check_added(u);
	if (rc == RC_OK)
		rc = put_back(u);
	if (rc == RC_OK && u->out->edited_n)
		rc = refuse(u);
	if (rc == RC_OK)
		rc = remove_added(u);
	if (rc == RC_OK)
		rc = settle(u);
	changer_free(u->changer);
	rewind_free(u->rewind);
	return rc;
}

enum rc
import_undo(struct vault *v, int64_t run, struct import_undone *out)
{
	struct undoing u = { .v = v, .out = out };
	struct erase_report cleaned = { .merged = true, .emptied = true };
	const int64_t last = v->last_step;
	enum rc rc;

	memset(out, 0, sizeof *out);
	vault_err_start(v);
	if (v->in_tx)
		return err_set(&v->err, RC_INTERNAL, "an import is undone in no other change");
	v->bulk = true;
	rc = vault_begin(v);
	if (rc == RC_OK)
		rc = vault_leave(v, true, take_back(&u, run));
	v->bulk = false;
	v->last_step = last;
	if (rc == RC_OK && out->removed)
		erase_clean(v, NULL, &cleaned);
	out->cleaned = cleaned.merged && cleaned.emptied;
	return rc;
}
