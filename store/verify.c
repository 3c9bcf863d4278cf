/*
 * The whole vault looked over, by two threads with a connection each.
 *
 *     pages and header copies -> freshness -> audit chain -> tables and cells -> structure
 *         <- sealed values, in parts <- full text;   then verdict -> audit
 *
 * 1. What was found is told before what was only suspected: an altered page is TAMPER,
 *    whatever it makes of the structure above it.
 * 2. A step that finds harm does not end the look; a cancel and a failure to read do.
 * 3. Each look writes parts of the verdict that no other one does.
 * 4. What can't be read, for want of a disk or of memory, is no harm that was found.
 * 5. A look that harm has ended early has not seen all, so the vault is not well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/audit_mark.h"
#include "store/beside.h"
#include "store/shape.h"
#include "store/sql.h"
#include "store/vault_open.h"
#include "store/verify_cells.h"
#include "store/verify_sealed.h"
#include "vfs/vfs.h"

/* Steps of SQLite's virtual machine between two looks at a cancel. */
#define STEPS_PER_LOOK 100000
#define PASSING_KIB    1024 /* of SQLite's cache where no page is read again */
#define LOOKS          (6 + SEALED_PARTS)

struct ended { /* RC_OK, or the harm that a look did not get past */
	enum rc rc;
	struct err err;
};

struct shared { /* between two threads that look at one vault */
	bool quick;
	struct sealed_range range; /* the same for all parts */
	struct ended ended[LOOKS];
	atomic_bool taken[LOOKS];
	struct sealed_verdict sealed[SEALED_PARTS];
	bool sealed_checked[SEALED_PARTS], sealed_ended[SEALED_PARTS];
};

struct look {
	struct vault *v;                 /* the thread's own */
	const struct progress *progress; /* may be NULL */
	struct vault_verdict *out;
	struct shared *shared;
	struct ended *ended; /* the place of the look that runs */
	int part;            /* of the sealed values */
	uint64_t done, all; /* as said last */
};

static bool
stopped(struct look *l)
{
	const struct progress *p = l->progress;

	return atomic_load(&l->v->interrupted) ||
	       (p && p->step && p->step(p->arg, l->done, l->all));
}

static bool
page_step(void *arg, uint64_t done, uint64_t all)
{
	struct look *l = arg;

	l->done = done;
	l->all = all;
	return stopped(l);
}

static int
sqlite_step(void *arg)
{
	return stopped(arg);
}

static enum rc
cancelled(struct look *l)
{
	return err_set(&l->v->err, RC_CANCELLED, "cancelled");
}

static enum rc
look_at_pages(struct look *l)
{
	struct vault_verdict *out = l->out;
	struct vfs_verify found;
	enum rc rc;

	rc = vfs_verify(l->v->db, "main", page_step, l, &found, &l->v->err);
	out->pages = found.pages;
	out->bad_pages = found.bad_pages;
	out->bad_log = found.wal_bad;
	memcpy(out->first_bad, found.first_bad, sizeof out->first_bad);
	out->header_copy_damaged = found.second_copy_damaged;
	if (rc == RC_CANCELLED)
		cancelled(l);
	return rc;
}

/* Harm is told by the verdict, not by an error that would end the look. */
static enum rc
is_harm(struct look *l, enum rc rc)
{
	if (rc != RC_TAMPER && rc != RC_DAMAGED)
		return rc;
	l->v->err.text[0] = '\0';
	return RC_OK;
}

/* As is_harm, of a look whose part of the verdict says only what it came to see. */
static enum rc
is_end(struct look *l, enum rc rc)
{
	if (rc == RC_TAMPER || rc == RC_DAMAGED) {
		l->ended->rc = err_default(&l->v->err, rc);
		l->ended->err = l->v->err;
	}
	return is_harm(l, rc);
}

static enum rc
look_at_freshness(struct look *l)
{
	enum vfs_fresh_state state;
	enum rc rc = vfs_fresh(l->v->db, "main", page_step, l, &state, &l->v->err);

	l->out->fresh = state == VFS_FRESH ? VAULT_FRESH
	    : state == VFS_STALE           ? VAULT_STALE
	                                   : VAULT_FRESH_NOT_KNOWN;
	return rc == RC_CANCELLED ? cancelled(l) : is_end(l, rc);
}

/* That a page could not be read is no fault of the structure, though it is told as one. */
static enum rc
read_failure(struct vault *v, const char *line)
{
	static const char code[] = "error code=", page[] = "failed to get page";
	const char *at = strstr(line, code);

	if (at)
		return sql_code(v, (int)strtol(at + strlen(code), NULL, 10), "the vault can't be read");
	return strstr(line, page) && vfs_last_bad_page(v->db, "main") == 0
	    ? sql_code(v, SQLITE_IOERR, "the vault can't be read") : RC_OK;
}

static enum rc
read_structure(struct look *l, sqlite3_stmt *st)
{
	const char *line;
	enum rc rc = sql_step(l->v, st);

	if (rc != RC_OK)
		return rc;
	line = (const char *)sqlite3_column_text(st, 0);
	l->out->structure_ok = line && strcmp(line, "ok") == 0;
	if (l->out->structure_ok)
		return RC_OK;
	snprintf(l->out->structure, sizeof l->out->structure, "%s", line ? line : "");
	return read_failure(l->v, l->out->structure);
}

static enum rc
look_at_structure(struct look *l)
{
	sqlite3_stmt *st;
	enum rc rc = sql_prepare(l->v, "PRAGMA integrity_check(1)", &st);

	if (rc == RC_OK)
		rc = read_structure(l, st);
	sqlite3_finalize(st);
	if (rc == RC_TAMPER || rc == RC_DAMAGED)
		snprintf(l->out->structure, sizeof l->out->structure, "%s", rc_text(rc));
	return is_harm(l, rc);
}

/*
 * FTS5's check compares the index with the records. It is asked for by an INSERT, which
 * changes nothing but can't run on what is open for reading only.
 */
static enum rc
look_at_fts(struct look *l)
{
	enum rc rc = RC_OK;

	if (!l->v->readonly)
		rc = sql_exec(l->v, "INSERT INTO record_fts(record_fts, rank) "
				    "VALUES('integrity-check', 1)");
	l->out->fts_ok = rc == RC_OK;
	return is_harm(l, rc);
}

static bool
stop_looks(void *arg)
{
	return stopped(arg);
}

/* What the tables are first: the cells are compared with what they say. */
static enum rc
look_at_tables(struct look *l)
{
	enum rc rc = shape_check(l->v, true, l->out->tables);

	l->out->tables_ok = rc == RC_OK;
	if (!l->out->tables_ok && !*l->out->tables)
		snprintf(l->out->tables, sizeof l->out->tables, "%s", rc_text(rc));
	return is_harm(l, rc);
}

static enum rc
look_at_contents(struct look *l)
{
	struct cells_verdict w = { 0 };
	enum rc rc = look_at_tables(l);

	if (rc == RC_OK && l->out->tables_ok)
		rc = verify_cells(l->v, stop_looks, l, &w);
	l->out->bad_cells = w.bad;
	snprintf(l->out->cells, sizeof l->out->cells, "%s", w.first);
	return is_end(l, rc);
}

/* What a browse slot can't open is no harm; that it was not looked at is told. */
static enum rc
look_at_sealed(struct look *l)
{
	struct shared *s = l->shared;
	const int part = l->part;
	enum rc rc = verify_sealed(l->v, s->range, part, stop_looks, l, &s->sealed[part]);

	s->sealed_checked[part] = rc == RC_OK;
	s->sealed_ended[part] = rc == RC_TAMPER || rc == RC_DAMAGED;
	return rc == RC_DENIED ? RC_OK : is_end(l, rc);
}

/* What the parts have found. */
static void
join_sealed(const struct shared *s, struct vault_verdict *out)
{
	int i;

	out->sealed_checked = true;
	for (i = 0; i < SEALED_PARTS; i++) {
		out->sealed_values += s->sealed[i].values;
		out->bad_sealed += s->sealed[i].bad;
		out->sealed_checked &= s->sealed_checked[i];
		out->sealed_ended |= s->sealed_ended[i];
		if (!*out->sealed)
			snprintf(out->sealed, sizeof out->sealed, "%s", s->sealed[i].first);
	}
}

static enum rc
look_at_audit(struct look *l)
{
	struct vault_verdict *out = l->out;
	struct audit_verdict chain;
	enum rc rc = audit_verify(l->v, l->progress, &chain);

	out->audit_entries = chain.entries;
	out->audit_checked = rc == RC_OK || rc == RC_TAMPER || rc == RC_DAMAGED;
	if (rc == RC_DENIED) { /* a browse slot has no key for the chain; the marks need none */
		l->v->err.text[0] = '\0';
		rc = audit_mark_check(l->v, out->audit, sizeof out->audit);
	}
	out->audit_ok = rc == RC_OK;
	if (!out->audit_ok && !*out->audit)
		snprintf(out->audit, sizeof out->audit, "%s",
		    *chain.what ? chain.what : rc_text(rc));
	return is_harm(l, rc);
}

/*
 * From the cheap to the dear ones: who shares them begins at the ends, and all get done. Those
 * in the middle are small, so that both come to an end together.
 */
static const struct {
	enum rc (*run)(struct look *);
	bool once; /* each page is read once, by a quick look too */
	int part;
} looks[LOOKS] = { { look_at_pages, true, 0 }, { look_at_freshness, true, 0 },
	{ look_at_audit, true, 0 }, { look_at_contents, true, 0 }, { look_at_structure, false, 0 },
	{ look_at_sealed, true, 0 }, { look_at_sealed, true, 1 }, { look_at_sealed, true, 2 },
	{ look_at_sealed, true, 3 }, { look_at_sealed, true, 4 }, { look_at_sealed, true, 5 },
	{ look_at_sealed, true, 6 }, { look_at_sealed, true, 7 }, { look_at_fts, false, 0 } };

/* Look ${i}, unless the other one has taken it. */
static enum rc
take(struct look *l, size_t i)
{
	if ((l->shared->quick && !looks[i].once) || atomic_exchange(&l->shared->taken[i], true))
		return RC_OK;
	l->ended = &l->shared->ended[i];
	l->part = looks[i].part;
	if (stopped(l))
		return cancelled(l);
	vault_cache(l->v, looks[i].once ? PASSING_KIB : VAULT_CACHE_KIB);
	return looks[i].run(l);
}

static enum rc
take_backwards(struct vault *v, void *arg)
{
	const struct look *first = arg;
	struct look l = { .v = v, .out = first->out, .shared = first->shared };
	enum rc rc = RC_OK;
	size_t i;

	sqlite3_progress_handler(v->db, STEPS_PER_LOOK, sqlite_step, &l);
	for (i = 0; rc == RC_OK && i < LOOKS; i++)
		rc = take(&l, LOOKS - 1 - i);
	sqlite3_progress_handler(v->db, 0, NULL, NULL);
	return rc;
}

/* In two threads: each has a half of the looks to do, and what it finds has its own place. */
static enum rc
look_at_all(struct look *l)
{
	enum rc rc = RC_OK, other;
	struct beside *beside;
	size_t i;

	beside_begin(l->v, take_backwards, l, &beside);
	for (i = 0; rc == RC_OK && i < LOOKS; i++)
		rc = take(l, i);
	if (rc == RC_OK)
		beside_wait(beside, stop_looks, l);
	other = beside_end(beside, rc == RC_OK ? &l->v->err : NULL);
	return rc == RC_OK ? other : rc;
}

static enum rc
say_stale(struct vault *v)
{
	return err_set(&v->err, RC_TAMPER,
	    "%s: its pages are authentic, but they are not those that were there when it was "
	    "closed last: older ones were put back, or the header is an older one; keep a copy "
	    "of it and restore a backup",
	    v->path);
}

/* What kept a look from its end, if that is ${which}; else RC_OK. */
static enum rc
judge_ends(struct vault *v, const struct shared *s, enum rc which)
{
	size_t i;

	for (i = 0; i < LOOKS; i++)
		if (s->ended[i].rc == which) {
			v->err = s->ended[i].err;
			return which;
		}
	return RC_OK;
}

static enum rc
judge(struct vault *v, const struct vault_verdict *w, const struct shared *s)
{
	if (w->bad_pages)
		return err_set(&v->err, RC_TAMPER,
		    "%s: %llu of %llu pages do not verify, the first is page %u: the file was "
		    "altered, or its disk is failing; keep a copy of it and restore a backup",
		    v->path, (unsigned long long)w->bad_pages,
		    (unsigned long long)w->pages, (unsigned)w->first_bad[0]);
	if (w->bad_log)
		return err_set(&v->err, RC_TAMPER,
		    "%s: a committed page in the log beside it does not verify: the log was "
		    "altered, or its disk is failing; keep a copy of both and restore a backup",
		    v->path);
	if (w->fresh == VAULT_STALE)
		return say_stale(v);
	if (!w->audit_ok)
		return err_set(&v->err, RC_TAMPER, "%s: the audit does not verify: %s",
		    v->path, w->audit);
	if (!w->tables_ok)
		return err_set(&v->err, RC_TAMPER,
		    "%s: its tables are not those that strongroom makes: %s; keep a copy of it and "
		    "restore a backup", v->path, w->tables);
	if (w->bad_cells)
		return err_set(&v->err, RC_TAMPER,
		    "%s: %llu values are not what their column is for, the first is in %s: "
		    "somebody who can open the pages wrote them; restore a backup",
		    v->path, (unsigned long long)w->bad_cells, w->cells);
	if (w->bad_sealed)
		return err_set(&v->err, RC_TAMPER,
		    "%s: %llu of %llu sealed values do not verify, the first is %s: somebody who "
		    "can open the pages altered or moved them; restore a backup",
		    v->path, (unsigned long long)w->bad_sealed,
		    (unsigned long long)w->sealed_values, w->sealed);
	if (judge_ends(v, s, RC_TAMPER) != RC_OK)
		return RC_TAMPER;
	if (!w->structure_ok)
		return err_set(&v->err, RC_DAMAGED,
		    "%s: the structure is damaged: %s; export what can be read and restore a "
		    "backup",
		    v->path, w->structure);
	if (!w->fts_ok)
		return err_set(&v->err, RC_DAMAGED,
		    "%s: the full text index does not fit the records, a search may miss some; "
		    "export the records and import them into a new vault",
		    v->path);
	if (judge_ends(v, s, RC_DAMAGED) != RC_OK)
		return err_set(&v->err, RC_DAMAGED,
		    "%s: not all of it could be looked at: its structure is damaged; export what "
		    "can be read and restore a backup", v->path);
	if (w->header_copy_damaged)
		return err_set(&v->err, RC_DAMAGED,
		    "%s: one of the two copies of the header is damaged; close the vault and "
		    "open it again, which repairs it",
		    v->path);
	return RC_OK;
}

/* What a look that has found nothing has left out; NULL: nothing. */
static const char *
left_out(const struct vault_verdict *w)
{
	const bool sealed = w->sealed_checked && w->audit_checked;

	return sealed && w->structure_checked ? NULL
	    : sealed                          ? "without the structure"
	    : w->structure_checked ? "without the sealed values and the audit's chain"
	                           : "without the structure, the sealed values and the audit's chain";
}

/* What was found stands in ${rc}; its sentence outlives the entry. */
static enum rc
record_verdict(struct vault *v, enum rc rc, const struct vault_verdict *w)
{
	const struct audit_entry e = { .event = rc == RC_OK ? AUDIT_VERIFIED : AUDIT_TAMPER,
		.count = -1,
		.reason = rc != RC_OK ? rc_text(rc) : left_out(w) };
	struct err found = v->err;
	enum rc written = v->readonly ? RC_OK : audit_append(v, &e);

	if (rc == RC_OK)
		return written;
	v->err = found;
	return rc;
}

static enum rc
verify(struct vault *v, bool quick, const struct progress *progress,
    struct vault_verdict *out)
{
	struct shared shared = { .quick = quick };
	struct look l = { .v = v, .progress = progress, .out = out, .shared = &shared };
	enum rc rc;

	memset(out, 0, sizeof *out);
	out->structure_checked = !quick;
	out->fts_checked = !quick && !v->readonly;
	out->structure_ok = out->fts_ok = quick;
	vault_err_start(v);
	sqlite3_progress_handler(v->db, STEPS_PER_LOOK, sqlite_step, &l);
	shared.range = sealed_range(v);
	rc = look_at_all(&l);
	join_sealed(&shared, out);
	sqlite3_progress_handler(v->db, 0, NULL, NULL);
	vault_cache(v, VAULT_CACHE_KIB);
	if (rc == RC_OK)
		rc = record_verdict(v, judge(v, out, &shared), out);
	sql_without_verify(v);
	return err_default(&v->err, rc);
}

enum rc
vault_verify(struct vault *v, const struct progress *progress, struct vault_verdict *out)
{
	return verify(v, false, progress, out);
}

enum rc
vault_verify_quick(
    struct vault *v, const struct progress *progress, struct vault_verdict *out)
{
	return verify(v, true, progress, out);
}

enum rc
vault_current(struct vault *v, const struct progress *progress, enum vault_freshness *out)
{
	struct vault_verdict w = { 0 };
	struct ended ended = { RC_OK, { "" } };
	struct look l = { .v = v, .progress = progress, .out = &w, .ended = &ended };
	enum rc rc;

	vault_err_start(v);
	rc = look_at_freshness(&l);
	*out = w.fresh;
	if (rc != RC_OK)
		return err_default(&v->err, rc);
	if (ended.rc != RC_OK) {
		v->err = ended.err;
		return record_verdict(v, ended.rc, &w);
	}
	return w.fresh == VAULT_STALE ? record_verdict(v, say_stale(v), &w) : RC_OK;
}
