/*
 * Transactions of a vault, and what every call begins with.
 *
 *     idle -- vault_begin, vault_join --> in_tx -- vault_commit, vault_rollback --> idle
 *      ^                                    | a failure to write (sql_code, vault_leave)
 *      |------- vault_commit (its code) -- doomed (tx_rc)
 *
 * 1. A transaction that SQLite rolled back on its own goes on as "doomed": statements are
 *    refused, and commit answers why.
 * 2. An interrupt counts for the call that runs, and inside a transaction for all of it: it
 *    never meets a call that began later.
 * 3. Nothing is begun, and nothing ends well, on a file that its name no longer leads to.
 */
#include <pwd.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "keyring/kdf.h"
#include "store/audit_int.h"
#include "store/change.h"
#include "store/schema.h"
#include "store/sql.h"

#define ACTOR_MAX 64

struct err *
vault_err_start(struct vault *v)
{
	v->err.text[0] = '\0';
	if (!v->in_tx)
		atomic_store(&v->interrupted, false);
	return &v->err;
}

const char *
vault_err(const struct vault *v)
{
	return v->err.text;
}

void
vault_interrupt(struct vault *v)
{
	atomic_store(&v->interrupted, true);
	if (v->db)
		sqlite3_interrupt(v->db);
}

void
vault_stop_by(const atomic_bool *flag)
{
	kdf_stop_by(flag);
}

/* Not sql_exec: no interrupt and no want of memory may keep a transaction from ending. */
static void
roll_back(struct vault *v)
{
	if (sqlite3_get_autocommit(v->db))
		return;
	sqlite3_step(v->undo);
	sqlite3_reset(v->undo);
}

static void
end(struct vault *v, bool undo)
{
	if (undo)
		roll_back(v);
	v->in_tx = false;
	v->tx_rc = RC_OK;
	v->fts_stale = false;
	if (!undo && v->step)
		v->last_step = v->step;
	v->step = 0;
	v->step_used = false;
	v->audit_due = 0;
	if (undo && v->asked_in_tx)
		v->asked_n = 0;
	v->asked_in_tx = false;
	atomic_store(&v->interrupted, false);
	/* A field that was added is gone again, and its number may be another's. */
	if (undo && v->catalogue) {
		v->catalogue->cookie = -1;
		field_load(v);
	}
}

/*
 * What changes many records spills, nothing else does. SQLite hears of that outside a
 * transaction only; what can't be set back now must be before the next one begins.
 */
static enum rc
settle_spill(struct vault *v)
{
	enum rc rc;

	if (v->spills == v->bulk)
		return RC_OK;
	rc = sql_exec(v, v->bulk ? "PRAGMA cache_spill = ON" : "PRAGMA cache_spill = OFF");
	if (rc == RC_OK)
		v->spills = v->bulk;
	return rc;
}

/* What is written to a file that has lost its name is lost with it. */
static enum rc
check_place(struct vault *v)
{
	int moved = 0;

	if (sqlite3_file_control(v->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK ||
	    !moved)
		return RC_OK;
	return err_set(&v->err, RC_IO,
	    "%s was removed, renamed or replaced while it was open, and nothing is written to "
	    "it: put it back, or close it and open the one that you mean",
	    v->path);
}

static enum rc
begin(struct vault *v)
{
	enum rc rc;

	if (v->readonly)
		return err_set(&v->err, RC_READONLY,
		    "%s is open for reading only: copy it to a place where you may write",
		    v->path);
	rc = settle_spill(v);
	if (rc == RC_OK)
		rc = sql_exec(v, "BEGIN IMMEDIATE");
	if (rc != RC_OK)
		return rc;
	v->in_tx = true;
	v->tx_rc = RC_OK;
	rc = check_place(v);
	if (rc == RC_OK)
		rc = field_load(v);
	if (rc != RC_OK)
		end(v, true);
	return rc;
}

enum rc
vault_begin(struct vault *v)
{
	vault_err_start(v);
	if (v->in_tx)
		return err_set(&v->err, RC_INTERNAL, "a transaction is open already");
	return begin(v);
}

static enum rc
commit(struct vault *v)
{
	enum rc rc = v->tx_rc;

	if (rc == RC_OK)
		rc = schema_settle(v);
	if (rc == RC_OK)
		rc = change_settle(v);
	if (rc == RC_OK)
		rc = check_place(v);
	if (rc == RC_OK)
		rc = sql_exec(v, "COMMIT");
	if (rc == RC_OK)
		audit_committed(v);
	end(v, rc != RC_OK);
	return err_default(&v->err, rc);
}

enum rc
vault_commit(struct vault *v)
{
	if (!v->in_tx)
		return err_set(vault_err_start(v), RC_INTERNAL, "no transaction is open");
	if (v->tx_rc == RC_OK)
		vault_err_start(v);
	return commit(v);
}

void
vault_rollback(struct vault *v)
{
	if (v->in_tx)
		end(v, true);
}

enum rc
vault_join(struct vault *v, bool *own)
{
	*own = !v->in_tx;
	return *own ? begin(v) : err_default(&v->err, v->tx_rc);
}

/* Failures that were found before anything was written. */
static bool
is_refusal(enum rc rc)
{
	return rc == RC_INPUT || rc == RC_EXISTS || rc == RC_NOTFOUND ||
	       rc == RC_DENIED || rc == RC_LIMIT || rc == RC_BUSY;
}

enum rc
vault_leave(struct vault *v, bool own, enum rc rc)
{
	if (own && rc == RC_OK)
		return commit(v);
	if (own)
		end(v, true);
	else if (rc != RC_OK && v->tx_rc == RC_OK && !is_refusal(rc))
		v->tx_rc = rc;
	return rc;
}

enum rc
vault_read_begin(struct vault *v)
{
	enum rc rc;

	if (v->in_tx && v->tx_rc != RC_OK)
		return err_default(&v->err, v->tx_rc);
	if (v->in_tx)
		return schema_settle(v);
	rc = sql_exec(v, "BEGIN");
	if (rc == RC_OK)
		rc = field_load(v);
	if (rc != RC_OK)
		vault_read_end(v);
	return rc;
}

void
vault_read_end(struct vault *v)
{
	if (!v->in_tx)
		roll_back(v);
}

int64_t
vault_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

const char *
vault_actor(void)
{
	static _Thread_local char name[ACTOR_MAX];
	static _Thread_local uid_t of;
	struct passwd pw, *found = NULL;
	char buf[4096];

	if (*name && of == getuid()) /* asked for with each record, and a file to be read */
		return name;
	of = getuid();
	if (getpwuid_r(getuid(), &pw, buf, sizeof buf, &found) == 0 && found)
		snprintf(name, sizeof name, "%s", pw.pw_name);
	else
		snprintf(name, sizeof name, "uid %ld", (long)getuid());
	return name;
}
