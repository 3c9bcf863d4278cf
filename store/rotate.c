/*
 * A rotation from its beginning, or from where it was, to its end.
 *
 *     audit -> new epochs -> sealed values, step by step -> pages, step by step -> audit
 *         -> old keys destroyed
 *
 * 1. What is done to keys stands in the audit, durably, before it is done; what then fails is
 *    recorded as not done.
 * 2. Between two steps others have time to get in.
 * 3. Field keys are destroyed when no sealed value is under them in one snapshot: none can be
 *    sealed under them after it (reseal.c). That is known of one rotation, not of one that
 *    others have begun after it.
 */

#include "store/rotate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/audit_int.h"
#include "store/progress.h"
#include "store/reseal.h"
#include "store/unlocked.h"
#include "store/vault_int.h"
#include "vfs/rotate.h"

#define SAY_MS      100 /* between two reports of progress */
#define BUSY_MS     20   /* between two tries while others hold a lock */
#define BUSY_MAX_MS 15000

struct run {
	struct vault *v;
	const struct progress *progress; /* may be NULL */
	struct rotate_report *out;
	struct err *err;
	struct vfs_rotation at;
	struct reseal values;
	int64_t last_record; /* 0: no need to guess what all values take */
	uint64_t all;     /* pages that this call has to write, as far as it is known */
	int64_t said_ms;  /* when progress was told last */
	struct err sealed; /* why values could not be sealed again */
	bool altered;      /* one of them does not verify */
	int64_t busy_ms;  /* since when every try has met a lock; 0: the last one has not */
};

static void
sleep_ms(int64_t ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static enum rc
record(struct run *r, enum audit_event event, const char *what)
{
	const struct audit_entry e = { .event = event, .count = -1, .reason = what };
	enum rc rc = audit_append(r->v, &e);

	return rc == RC_OK ? rc
			   : err_set(r->err, rc, "nothing was done, since the audit can't be "
						 "written: %s", r->v->err.text);
}

/* For what has happened already: a failure to record it changes nothing. */
static void
record_after(struct run *r, const char *what, enum rc why)
{
	char text[160];
	const struct audit_entry e = { .event = AUDIT_ROTATED, .count = -1, .reason = text };

	snprintf(text, sizeof text, "%s: %s", what, rc_text(why));
	(void)audit_append(r->v, &e);
}

/* To be written for all values: guessed from how far their records are gone through. */
static uint64_t
pages_for_values(const struct run *r)
{
	const struct reseal *at = &r->values;

	if (at->record < 1 || at->record >= r->last_record)
		return at->pages;
	return (uint64_t)((double)at->pages * (double)r->last_record / (double)at->record);
}

/* In bytes of pages: those written for values, and then each page. */
static bool
ask(struct run *r)
{
	const struct progress *p = r->progress;
	const uint64_t pages = r->all > r->at.rewritten ? r->all : r->at.rewritten;

	if (!p || !p->step)
		return false;
	r->said_ms = progress_now();
	return p->step(p->arg, (r->values.pages + r->at.rewritten) * r->out->page_size,
	    (pages_for_values(r) + pages) * r->out->page_size);
}

static bool
stopped(struct run *r)
{
	if (atomic_load(&r->v->interrupted))
		return true;
	return progress_now() - r->said_ms >= SAY_MS && ask(r);
}

/* Whether ${rc} was a lock of someone else, and it is worth another try. */
static bool
again(struct run *r, enum rc rc)
{
	if (rc != RC_BUSY || stopped(r))
		return false;
	if (r->busy_ms == 0)
		r->busy_ms = progress_now();
	if (progress_now() - r->busy_ms > BUSY_MAX_MS)
		return false;
	sleep_ms(BUSY_MS);
	r->err->text[0] = '\0';
	return true;
}

static enum rc
begin(struct run *r)
{
	const char *what = r->out->resumed ? "page keys: it goes on" : "page keys: it begins";
	enum rc rc = record(r, AUDIT_ROTATED, what);

	if (rc != RC_OK)
		return rc;
	do
		rc = vfs_rotate_begin(r->v->db, NULL, r->err);
	while (again(r, rc));
	if (rc == RC_EXISTS) {
		r->out->resumed = true;
		r->err->text[0] = '\0';
		return RC_OK;
	}
	if (rc != RC_OK)
		record_after(r, "page keys: it has not begun", rc);
	return rc;
}

static enum rc
steps(struct run *r)
{
	enum rc rc = RC_OK;

	while (rc == RC_OK && !r->at.done) {
		if (stopped(r))
			return RC_CANCELLED;
		rc = vfs_rotate_step(r->v->db, NULL, &r->at, r->err);
		if (rc == RC_OK) {
			r->busy_ms = 0;
			sleep_ms(r->at.gap_ms);
		} else if (again(r, rc)) {
			rc = RC_OK;
		}
	}
	return rc;
}

/* Values under older field epochs, before the pages: theirs are written again by it. */
static enum rc
reseal(struct run *r)
{
	struct reseal *at = &r->values;
	enum rc rc = RC_OK;

	at->stage = RESEAL_CELLS;
	at->record = at->part = 0;
	while (rc == RC_OK && at->stage != RESEAL_DONE) {
		rc = stopped(r) ? RC_CANCELLED : reseal_step(r->v, at);
		if (at->stage != RESEAL_CELLS)
			r->last_record = 0;
		if (rc == RC_OK) {
			r->busy_ms = 0;
			vault_let_in();
		} else if (again(r, rc)) {
			rc = RC_OK;
		}
	}
	r->out->values = at->renewed;
	if (rc == RC_CANCELLED)
		return rc;
	return rc == RC_OK || r->err->text[0] ? rc : err_set(r->err, rc, "%s", r->v->err.text);
}

/* Until no value is left: one may have come back out of history meanwhile. Each pass leaves
 * fewer, or no pass ever will. */
static enum rc
reseal_all(struct run *r)
{
	uint64_t left = UINT64_MAX, before;
	enum rc rc = sql_int(r->v, "SELECT coalesce(max(record_id), 0) FROM sealed",
	    &r->last_record);

	if (rc != RC_OK)
		return err_set(r->err, rc, "%s", r->v->err.text);
	do {
		before = left;
		rc = reseal(r);
		if (rc == RC_OK) {
			rc = reseal_left(r->v, &left);
			if (rc != RC_OK)
				err_set(r->err, rc, "%s", r->v->err.text);
		}
	} while (rc == RC_OK && left > 0 && left < before);
	if (rc == RC_OK && left > 0)
		return err_set(r->err, RC_DAMAGED,
		    "%" PRIu64 " sealed values can't be sealed again, since the records that they "
		    "are of are damaged: the older keys are kept; run verify", left);
	return rc;
}

static enum rc
finish(struct run *r)
{
	struct keyring *kr = unlocked_keyring(r->v->unlocked);
	char what[96];
	enum rc rc;

	rc = audit_seed_settle(r->v); /* after new master keys there are several */
	if (rc != RC_OK)
		return err_set(r->err, rc, "%s", r->v->err.text);
	snprintf(what, sizeof what,
	    "page keys before epoch %" PRIu32 " and field keys before epoch %" PRIu32,
	    keyring_rotation(kr).to, keyring_field_epoch(kr, NULL));
	rc = record(r, AUDIT_EPOCH_DESTROYED, what);
	if (rc != RC_OK)
		return rc;
	if (ask(r)) {
		record_after(r, "the older page keys are kept", RC_CANCELLED);
		return RC_CANCELLED;
	}
	do {
		rc = steps(r);
		if (rc == RC_OK)
			rc = vfs_rotate_finish(r->v->db, NULL, !r->altered, &r->at, r->err);
	} while (again(r, rc));
	if (rc != RC_OK && rc != RC_NOTFOUND)
		record_after(r, "the older page keys are kept", rc);
	return rc;
}

static enum rc
leave(struct run *r, enum rc rc)
{
	struct vfs_rotate_status s;

	vfs_rotate_pause(r->v->db, NULL, NULL);
	if (vfs_rotate_status(r->v->db, NULL, &s, NULL) == RC_OK)
		r->out->left = s.left;
	if (rc == RC_FULL)
		return err_set(r->err, rc,
		    "the rotation of %s stopped, since no space is left on its device: make room, "
		    "then the same command goes on; %" PRIu64 " pages wait for their new key",
		    r->v->path, r->out->left);
	if (rc != RC_CANCELLED)
		return rc;
	record_after(r, "page keys: it is paused", rc);
	return err_set(r->err, rc,
	    "paused: %" PRIu64 " of %" PRIu64 " pages wait for their new key. The vault is "
	    "whole; the same command goes on", s.left, s.pages);
}

static enum rc
run(struct run *r)
{
	struct vfs_rotate_status s;
	enum rc rc = vfs_rotate_status(r->v->db, NULL, &s, r->err);

	if (rc != RC_OK)
		return rc;
	r->out->resumed = s.active;
	r->all = s.active ? s.left : s.pages;
	rc = begin(r);
	if (rc != RC_OK)
		return rc;
	r->at.to = keyring_rotation(unlocked_keyring(r->v->unlocked)).to;
	/* What interrupted the entry in the audit ended with it, and is asked for again. */
	rc = ask(r) ? RC_CANCELLED : reseal_all(r);
	if (rc == RC_TAMPER) { /* of an altered page the steps say more */
		r->altered = true;
		r->sealed = *r->err;
		r->err->text[0] = '\0';
		rc = RC_OK;
	}
	if (rc == RC_OK)
		rc = steps(r);
	if (rc == RC_OK && r->altered && r->at.bad == 0) {
		*r->err = r->sealed;
		record_after(r, "the older keys are kept", RC_TAMPER);
		rc = RC_TAMPER;
	}
	if (rc == RC_OK)
		rc = finish(r);
	if (rc == RC_NOTFOUND) { /* another process has brought it to its end */
		r->err->text[0] = '\0';
		rc = RC_OK;
	}
	return rc == RC_OK ? rc : leave(r, rc);
}

static enum rc
allowed(struct vault *v, struct err *err)
{
	if (v->readonly)
		return err_set(err, RC_READONLY,
		    "%s is open for reading only: its keys can't be rotated here", v->path);
	if (v->in_tx)
		return err_set(err, RC_INTERNAL, "keys are rotated outside of transactions only");
	return keyring_need_full(unlocked_keyring(v->unlocked), "rotate the keys", err);
}

enum rc
rotate_run(struct vault *v, const struct progress *progress, struct rotate_report *out,
    struct err *err)
{
	struct run r = { .v = v, .progress = progress, .out = out, .err = err };
	const int64_t from = progress_now();
	enum rc rc;

	memset(out, 0, sizeof *out);
	vault_err_start(v);
	rc = allowed(v, err);
	if (rc != RC_OK)
		return rc;
	out->page_size = keyring_page_size(unlocked_keyring(v->unlocked));
	r.said_ms = from;
	rc = run(&r);
	out->pages = r.at.rewritten;
	out->longest_ms = r.at.longest_ms;
	out->ms = (uint64_t)(progress_now() - from);
	out->epoch = keyring_page_epoch(unlocked_keyring(v->unlocked));
	return err_default(err, rc);
}

enum rc
rotate_status(struct vault *v, struct rotate_status *out, struct err *err)
{
	struct vfs_rotate_status s;
	enum rc rc;

	memset(out, 0, sizeof *out);
	vault_err_start(v);
	rc = vfs_rotate_status(v->db, NULL, &s, err);
	out->active = s.active;
	out->begun = s.begun;
	out->epoch = s.epoch;
	out->pages = s.pages;
	out->left = s.left;
	out->page_size = keyring_page_size(unlocked_keyring(v->unlocked));
	return rc;
}
