/*
 * A copy of a whole vault.
 *
 *     audit -> keys of the copy -> pages, under a temporary name -> audit of the copy -> closed
 *     -> opened again, verified, closed -> seen to be closed -> its name -> folder synced
 *
 * 1. What stands under the name is whole and has been verified from the disk.
 * 2. One snapshot is copied: who writes meanwhile waits for nothing and is not waited for.
 * 3. The vault's sequence number goes ahead of the copy's before there is a copy: of the two
 *    it is the copy that is older, on a machine that has seen the vault.
 */

#include "store/backup.h"

#include <stdio.h>
#include <string.h>

#include "store/audit.h"
#include "store/file.h"
#include "store/progress.h"
#include "store/site.h"
#include "store/sql.h"
#include "store/unlocked.h"
#include "store/vault_open.h"
#include "vfs/vfs.h"

#define STEP_PAGES 256
#define SAY_MS     100
#define AHEAD      65536 /* header writes of the copy until it catches up with the vault */

struct copying {
	struct vault *v;
	const struct progress *progress; /* may be NULL */
	struct backup_report *out;
	struct err *err;
	struct site site;
	struct keyring *kr; /* of the copy */
	uint64_t bytes, done; /* of the copy; written and read back so far */
	int64_t said_ms; /* 0: it is to be said at once */
};

static bool
stopped(struct copying *c)
{
	const struct progress *p = c->progress;
	const int64_t now = progress_now();

	if (atomic_load(&c->v->interrupted))
		return true;
	if (!p || !p->step || now - c->said_ms < SAY_MS)
		return false;
	c->said_ms = now;
	return p->step(p->arg, c->done, 2 * c->bytes);
}

static enum rc
allowed(struct vault *v, const char *path, struct err *err)
{
	if (v->readonly)
		return err_set(err, RC_READONLY,
		    "%s is open for reading only, and a backup is recorded in its audit", v->path);
	if (v->in_tx)
		return err_set(
		    err, RC_INTERNAL, "a vault is backed up outside of transactions only");
	if (file_is_part_of(path, unlocked_path(v->unlocked)))
		return err_set(err, RC_INPUT,
		    "%s is the vault itself or a part of it: choose another name for the copy",
		    path);
	if (vfs_name_check(path, err) != RC_OK)
		return RC_INPUT;
	return keyring_need_full(unlocked_keyring(v->unlocked),
	    "make a backup, which is verified with its audit", err);
}

static enum rc
record(struct vault *v, const char *what)
{
	const struct audit_entry e = { .event = AUDIT_BACKED_UP, .count = -1, .reason = what };

	return audit_append(v, &e);
}

/* The slots and master keys as they are now, and the vault ahead of its copy. */
static enum rc
take_keys(void *arg, struct keyring *kr)
{
	struct copying *c = arg;
	enum rc rc = keyring_copy(kr, &c->kr);

	if (rc == RC_OK)
		keyring_go_ahead(kr, AHEAD);
	return rc;
}

/* Take a step; whether there is one more to take. */
static bool
step(struct copying *c, sqlite3_backup *b, int *code)
{
	const uint64_t page_size = keyring_page_size(unlocked_keyring(c->v->unlocked));

	*code = sqlite3_backup_step(b, STEP_PAGES);
	c->bytes = (uint64_t)sqlite3_backup_pagecount(b) * page_size;
	c->done = c->bytes - (uint64_t)sqlite3_backup_remaining(b) * page_size;
	return *code == SQLITE_OK && !stopped(c);
}

/* The copy is only written meanwhile: what does not verify is the vault. */
static enum rc
failed(struct copying *c, struct vault *copy, int code)
{
	enum rc rc;

	if (code != SQLITE_IOERR_DATA && (code & 0xff) != SQLITE_CORRUPT)
		return sql_code(copy, code, "the copy can't be written");
	rc = sql_code(c->v, code, "it can't be copied");
	return err_set(c->err, rc, "%s", c->v->err.text);
}

static enum rc
copy_snapshot(struct copying *c, struct vault *copy)
{
	sqlite3_backup *b = sqlite3_backup_init(copy->db, "main", c->v->db, "main");
	int code, end;

	if (!b)
		return sql_code(copy, sqlite3_errcode(copy->db), "the copy can't be begun");
	while (step(c, b, &code))
		;
	end = sqlite3_backup_finish(b);
	if (code == SQLITE_OK)
		return RC_CANCELLED;
	if (code == SQLITE_DONE)
		code = end;
	return code == SQLITE_OK ? RC_OK : failed(c, copy, code);
}

/* A snapshot is held from here on: else each commit of others would begin the copy anew. */
static enum rc
copy_pages(struct copying *c, struct vault *copy)
{
	int64_t n;
	enum rc rc = vault_read_begin(c->v);

	if (rc == RC_OK)
		rc = sql_int(c->v, "SELECT count(*) FROM sqlite_master", &n);
	if (rc != RC_OK)
		err_set(c->err, rc, "%s", c->v->err.text);
	else /* spilled: the cache need not hold the whole vault, and nothing can be lost yet */
		rc = sql_exec(copy, "PRAGMA cache_spill = ON");
	if (rc == RC_OK)
		rc = copy_snapshot(c, copy);
	vault_read_end(c->v);
	return rc;
}

/* The vault that is made, on its temporary name. */
static enum rc
open_copy(struct copying *c, bool create, struct vault **out)
{
	enum rc rc = vault_new(c->site.path, out);

	if (rc != RC_OK)
		return rc;
	(*out)->slot = c->v->slot;
	rc = unlocked_add(c->site.temp, c->kr, &(*out)->unlocked);
	if (rc == RC_OK)
		rc = vault_connect(*out, c->site.temp, create);
	return rc;
}

static enum rc
close_copy(struct copying *c, struct vault *copy, enum rc rc)
{
	if (rc != RC_OK && copy)
		err_default(&copy->err, rc);
	if (rc != RC_OK && copy && c->err && !c->err->text[0])
		err_set(c->err, rc, "%s", copy->err.text);
	vault_abandon(copy);
	return rc;
}

static enum rc
write_copy(struct copying *c)
{
	struct vault *copy;
	enum rc rc = open_copy(c, true, &copy);

	if (rc == RC_OK)
		rc = copy_pages(c, copy);
	if (rc == RC_OK)
		rc = sql_exec(copy, "PRAGMA cache_spill = OFF");
	if (rc == RC_OK)
		rc = field_load(copy);
	if (rc == RC_OK)
		rc = record(copy, "this is the copy");
	return close_copy(c, copy, rc);
}

static bool
verified_step(void *arg, uint64_t done, uint64_t all)
{
	struct copying *c = arg;
	const uint64_t at = all ? c->bytes + (uint64_t)((double)done / (double)all *
	    (double)c->bytes) : 0;

	if (at > c->done) /* the pages are read more than once */
		c->done = at;
	return stopped(c);
}

static enum rc
verify_copy(struct copying *c)
{
	const struct progress progress = { verified_step, c };
	struct vault_verdict verdict = { 0 };
	struct vault *copy;
	enum rc rc = open_copy(c, false, &copy);

	c->said_ms = 0;
	if (rc == RC_OK)
		rc = field_load(copy);
	if (rc == RC_OK)
		rc = vault_verify(copy, &progress, &verdict);
	if (rc == RC_OK && (verdict.fresh != VAULT_FRESH || !verdict.audit_checked))
		rc = err_set(&copy->err, RC_INTERNAL, "the copy was not sealed when it was closed");
	c->out->pages = verdict.pages;
	c->out->audit_entries = verdict.audit_entries;
	return close_copy(c, copy, rc);
}

/* What a close can't do it does not tell. */
static enum rc
check_closed(struct copying *c)
{
	struct keyring *kr;
	uint64_t pages;
	bool sealed;
	enum rc rc = vault_read_header(c->site.temp, &kr, c->err);

	if (rc != RC_OK)
		return rc;
	sealed = keyring_sealed(kr, &pages) && !keyring_needs_repair(kr);
	keyring_free(kr);
	return sealed && !site_has_log(&c->site)
	    ? RC_OK
	    : err_set(c->err, RC_IO, "%s could not be closed cleanly: its disk fails or is full",
	          c->site.path);
}

static enum rc
make(struct copying *c)
{
	enum rc rc = record(c->v, "the whole vault");

	if (rc != RC_OK)
		return err_set(c->err, rc, "no copy is made, since the audit can't be written: %s",
		    c->v->err.text);
	rc = vfs_header_update(c->v->db, NULL, take_keys, c, c->err);
	if (rc == RC_OK)
		rc = write_copy(c);
	if (rc == RC_OK)
		rc = verify_copy(c);
	if (rc == RC_OK)
		rc = check_closed(c);
	if (rc == RC_OK)
		rc = site_publish(&c->site, c->err);
	return rc;
}

/* A failure to record it changes nothing. */
static void
record_failure(struct copying *c, enum rc why)
{
	char text[160];

	snprintf(text, sizeof text, "no copy was made: %s", rc_text(why));
	(void)record(c->v, text);
}

enum rc
backup_run(struct vault *v, const char *path, const struct progress *progress,
    struct backup_report *out, struct err *err)
{
	struct copying c = { .v = v, .progress = progress, .out = out, .err = err };
	const int64_t from = progress_now();
	enum rc rc;

	memset(out, 0, sizeof *out);
	vault_err_start(v);
	rc = allowed(v, path, err);
	if (rc != RC_OK)
		return err_default(err, rc);
	rc = site_begin(&c.site, path, err);
	if (rc == RC_OK) {
		rc = make(&c);
		if (rc != RC_OK)
			record_failure(&c, rc);
	}
	if (rc == RC_CANCELLED)
		err_set(err, rc, "cancelled: there is no copy");
	site_end(&c.site, rc == RC_OK);
	if (rc == RC_OK) {
		out->page_size = keyring_page_size(c.kr);
		out->epoch = keyring_page_epoch(c.kr);
	}
	keyring_free(c.kr);
	out->ms = (uint64_t)(progress_now() - from);
	return err_default(err, rc);
}
