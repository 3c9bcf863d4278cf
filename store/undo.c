/*
 * Undo and redo.
 *
 *     step (root) --undo_step--> step "undo" --undo_step--> step "redo" --undo_step--> ...
 *
 * All of them have the same root; root.last is the newest, whose rows of history say how to
 * get back, and root.undone whether the change stands.
 *
 * 1. A record is taken back only when everything that was done to it after root.last has
 *    itself been taken back: then it is what it was after root.last. Each step toggles what
 *    its root did, so "taken back" means an even number of later steps of every other root.
 *    An import that was undone, and its undoing (undone = 2), cancel each other out.
 * 2. That every later change is known is checked by their number: versions have no gaps.
 * 3. A change of which nothing is left (its field was dropped, or made it no difference) is
 *    no change any more: undone = 2, and the one before it has its turn.
 * 4. Who undoes says so: when another session was faster, it would be done again instead.
 */
#include "store/undo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/audit_int.h"
#include "store/import_runs.h"
#include "store/rewind.h"

struct undoing {
	struct vault *v;
	struct undo_report *out;
	int64_t root, last;
	uint8_t uuid[16];
	struct changer *changer;
	struct rewind *rewind;
	sqlite3_stmt *later;
	bool found; /* any row of history */
};

int64_t
undo_last_step(const struct vault *v)
{
	return v->last_step;
}

static enum rc
load_step(struct undoing *u, int64_t step, bool redo)
{
	struct vault *v = u->v;
	sqlite3_stmt *st;
	int undone = 0;
	enum rc rc = sql_prepare(v,
	    "SELECT r.id, r.last, r.undone, r.name FROM step s JOIN step r ON r.id = s.root"
	    " WHERE s.id = ?1", &st);

	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", step);
	if (rc == RC_OK && (rc = sql_step(v, st)) == RC_NOTFOUND)
		err_set(&v->err, rc, "there is no such change to undo");
	if (rc == RC_OK) {
		u->root = sqlite3_column_int64(st, 0);
		u->last = sqlite3_column_int64(st, 1);
		undone = sqlite3_column_int(st, 2);
		u->out->undone = !redo;
		snprintf(u->out->name, sizeof u->out->name, "%s",
		    sql_text(st, 3));
	}
	sqlite3_finalize(st);
	if (rc != RC_OK || undone == redo)
		return rc;
	if (undone == 2) /* rule 3 */
		return err_set(&v->err, RC_NOTFOUND, "there is nothing left of this change");
	u->out->already = true;
	return err_set(&v->err, RC_BUSY,
	    "this change was %s already, in another session: look at what is there now",
	    redo ? "redone" : "undone");
}

/* Rule 1 and 2: whether the record is as it was after ${version}. */
static enum rc
check_later(struct undoing *u, const struct record_facts *facts, int64_t version)
{
	struct vault *v = u->v;
	int64_t rows = 0;
	bool odd = false;
	enum rc rc = RC_OK;

	if (facts->version == version)
		return RC_OK;
	if (!u->later)
		rc = sql_prepare(v,
		    "SELECT count(*), count(DISTINCT h.step) % 2 AND max(r.undone) < 2"
		    " FROM history h JOIN step s ON s.id = h.step"
		    " JOIN step r ON r.id = s.root"
		    " WHERE h.record_id = ?1 AND h.version > ?2 GROUP BY s.root", &u->later);
	if (rc == RC_OK)
		rc = sql_bind(v, u->later, "ii", facts->id, version);
	while (rc == RC_OK && (rc = sql_step(v, u->later)) == RC_OK) {
		rows += sqlite3_column_int64(u->later, 0);
		odd |= sqlite3_column_int64(u->later, 1) != 0;
	}
	sqlite3_reset(u->later);
	if (rc != RC_NOTFOUND)
		return rc;
	if (odd || rows != facts->version - version)
		return err_set(&v->err, RC_BUSY,
		    "not %s: record %lld was changed since, which would be lost; see its history",
		    u->out->undone ? "undone" : "redone", (long long)facts->id);
	return RC_OK;
}

/* Put the record back whose rows have been gathered; ${version}: of the last of them. */
static enum rc
put_back(struct undoing *u, struct record_facts *facts, int64_t version)
{
	bool changed = false;
	enum rc rc;

	if (facts->id == 0)
		return RC_OK;
	u->found = true;
	rc = check_later(u, facts, version);
	if (rc == RC_OK)
		rc = changer_apply(u->changer, facts, rewind_change(u->rewind), &changed);
	rewind_reset(u->rewind);
	if (rc != RC_OK || !changed)
		return rc;
	u->out->id = facts->id;
	memcpy(u->uuid, facts->uuid, sizeof u->uuid);
	u->out->records++;
	return RC_OK;
}

/* All rows of the step, a record's together with the oldest first. */
static enum rc
walk(struct undoing *u, sqlite3_stmt *st)
{
	struct record_facts facts = { .id = 0 };
	int64_t version = 0;
	enum rc rc;

	while ((rc = sql_step(u->v, st)) == RC_OK) {
		if (sqlite3_column_int64(st, 0) != facts.id) {
			rc = put_back(u, &facts, version);
			if (rc == RC_OK)
				rc = record_facts(u->v, sqlite3_column_int64(st, 0), &facts);
		}
		version = sqlite3_column_int64(st, 1);
		if (rc == RC_OK)
			rc = rewind_add(u->rewind, &facts, sqlite3_column_blob(st, 2),
			    (size_t)sqlite3_column_bytes(st, 2));
		if (rc != RC_OK)
			return rc;
	}
	return rc == RC_NOTFOUND ? put_back(u, &facts, version) : rc;
}

static enum rc
take_all_back(struct undoing *u)
{
	struct vault *v = u->v;
	sqlite3_stmt *st;
	enum rc rc = sql_prepare(v,
	    "SELECT record_id, version, change FROM history WHERE step = ?1"
	    " ORDER BY record_id, version", &st);

	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", u->last);
	if (rc == RC_OK)
		rc = walk(u, st);
	sqlite3_finalize(st);
	if (rc == RC_OK && !u->found)
		rc = err_set(&v->err, RC_NOTFOUND,
		    "there is nothing left of this change: its records have been erased");
	if (u->out->records > 1)
		u->out->id = 0;
	return rc;
}

/* The new step takes its place in the chain of the root. */
static enum rc
settle(struct undoing *u)
{
	struct vault *v = u->v;
	struct audit_entry e = { .event = u->out->undone ? AUDIT_UNDONE : AUDIT_REDONE,
		.has_record = u->out->id != 0, .reason = u->out->name,
		.count = u->out->id ? -1 : u->out->records };
	enum rc rc;

	if (u->out->records == 0) /* rule 3 */
		return sql_run(v, "UPDATE step SET undone = 2 WHERE id = ?1", "i", u->root);
	rc = sql_run(
	    v, "UPDATE step SET root = ?2 WHERE id = ?1", "ii", change_step(v), u->root);
	if (rc == RC_OK)
		rc = sql_run(v, "UPDATE step SET last = ?2, undone = ?3 WHERE id = ?1", "iii",
		    u->root, change_step(v), (int64_t)u->out->undone);
	memcpy(e.record_uuid, u->uuid, sizeof e.record_uuid);
	return rc == RC_OK ? audit_append_at(v, &e, vault_now()) : rc;
}

static enum rc
toggle(struct undoing *u, int64_t step, bool redo)
{
	enum rc rc = load_step(u, step, redo);

	if (rc == RC_OK)
		rc = rewind_new(u->v, true, &u->rewind);
	if (rc == RC_OK)
		rc = changer_new(u->v, u->out->undone ? "undo" : "redo", &u->changer);
	if (rc == RC_OK)
		rc = take_all_back(u);
	if (rc == RC_OK)
		rc = settle(u);
	sqlite3_finalize(u->later);
	changer_free(u->changer);
	rewind_free(u->rewind);
	return rc;
}

enum rc
undo_import_of(struct vault *v, int64_t step, int64_t *run)
{
	sqlite3_stmt *st = NULL;
	enum rc rc = sql_prepare(v, "SELECT import_run FROM step WHERE id = ?1", &st);

	*run = 0;
	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", step);
	if (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK)
		*run = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
undo_import(struct vault *v, int64_t run, struct undo_report *out)
{
	struct import_undone done;
	enum rc rc = import_undo(v, run, &done);

	snprintf(out->name, sizeof out->name, "import");
	out->undone = true;
	out->records = done.removed + done.put_back;
	return rc;
}

enum rc
undo_step(struct vault *v, int64_t step, bool redo, struct undo_report *out)
{
	struct undoing u = { .v = v, .out = out };
	int64_t run;
	enum rc rc;

	memset(out, 0, sizeof *out);
	vault_err_start(v);
	if (v->in_tx)
		return err_set(&v->err, RC_INTERNAL, "a change is undone in no other change");
	rc = undo_import_of(v, step, &run);
	if (rc == RC_OK && run && redo)
		rc = err_set(&v->err, RC_INPUT,
		    "an import that was undone can't be redone: import its file again");
	else if (rc == RC_OK && run)
		return undo_import(v, run, out);
	if (rc == RC_OK)
		rc = vault_begin(v);
	if (rc != RC_OK)
		return rc;
	return vault_leave(v, true, toggle(&u, step, redo));
}

enum rc
undo_find(struct vault *v, bool redo, int64_t *step)
{
	/* A new change, whether it stands or not, forgets what had been undone before it. */
	static const char again[] =
	    "SELECT max(id) FROM (SELECT id, max(last) FROM step WHERE actor = ?1"
	    " AND root = id AND undone = 1 AND last > (SELECT max(id) FROM step"
	    " WHERE actor = ?1 AND root = id AND undone < 2))";
	static const char back[] =
	    "SELECT max(id) FROM step WHERE actor = ?1 AND root = id AND undone = 0";
	sqlite3_stmt *st = NULL;
	enum rc rc;

	*step = 0;
	vault_err_start(v);
	rc = sql_prepare(v, redo ? again : back, &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "z", vault_actor());
	if (rc == RC_OK)
		rc = sql_step(v, st);
	if (rc == RC_OK)
		*step = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	if (rc == RC_OK && *step == 0)
		rc = err_set(&v->err, RC_NOTFOUND, "there is no change of yours to %s",
		    redo ? "redo; an import that was taken back is done again from its file"
			 : "undo");
	return rc;
}
