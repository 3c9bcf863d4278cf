/*
 * Opening a vault.
 *
 *     header -> keyring -> KDF -> connection -> schema -> mended copy -> migration -> audit
 *
 * 1. The KDF runs before anything of SQLite's is open, and under no lock.
 * 2. A vault that can't be written is open for reading only: it changes nothing, and so it
 *    reveals nothing, since a reveal must be recorded.
 * 3. An attempt that failed is noted beside the vault, and told at the next unlock.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keyring/passphrase.h"
#include "keyring/recovery.h"
#include "store/attempts.h"
#include "store/audit_mark.h"
#include "store/schema.h"
#include "store/seen.h"
#include "store/unlocked.h"
#include "store/vault_open.h"
#include "vfs/vfs.h"

#define HEADER_LOOKS 3
#define CLOCK_SLACK  (2 * 60 * 1000000ll) /* microseconds: what a clock may be corrected by */

static const enum slot_type slot_types[] = {
	[VAULT_PASSPHRASE] = SLOT_PASSPHRASE,
	[VAULT_KEYFILE] = SLOT_KEYFILE,
	[VAULT_BOTH] = SLOT_PASSPHRASE_KEYFILE,
	[VAULT_RECOVERY] = SLOT_RECOVERY,
};

bool
vault_kind_of(enum slot_type type, enum vault_secret_kind *out)
{
	size_t i;

	for (i = 0; i < sizeof slot_types / sizeof *slot_types; i++)
		if (slot_types[i] == type) {
			*out = (enum vault_secret_kind)i;
			return true;
		}
	return false;
}

enum rc
vault_present(const struct vault_secret *s, struct keyring_secret *out,
    struct secret **normal, struct err *err)
{
	enum rc rc = RC_OK;

	*normal = NULL;
	out->type = slot_types[s->kind];
	out->bytes = s->bytes;
	if (s->kind == VAULT_KEYFILE && secret_len(s->bytes) < KEYFILE_MIN)
		return err_set(err, RC_INPUT,
		    "the key file is shorter than %d bytes; make one of random bytes",
		    KEYFILE_MIN);
	if (s->kind == VAULT_PASSPHRASE)
		rc = passphrase_normalise(s->bytes, normal, NULL, err);
	if (s->kind == VAULT_RECOVERY)
		rc = recovery_read(s->bytes, normal, err);
	if (*normal)
		out->bytes = *normal;
	return rc;
}

/* The time of the last "unlocked" entry, before this one is written. */
static enum rc
last_unlock(struct vault *v)
{
	int64_t at = 0;
	enum rc rc;

	rc = sql_int(v, "SELECT coalesce(max(at), 0) FROM (SELECT at FROM audit WHERE event = 2"
			" ORDER BY seq DESC LIMIT 1)", &at);
	v->last_unlock = (uint64_t)at;
	return rc;
}

/* A clock that was set back shows against the times of the audit; the latest are enough. */
static enum rc
look_at_clock(struct vault *v)
{
	int64_t at, now = vault_now();
	enum rc rc = sql_int(v, "SELECT coalesce(max(at), 0) FROM (SELECT at FROM audit"
				" ORDER BY seq DESC LIMIT 1000)", &at);

	if (rc == RC_OK && at - now > CLOCK_SLACK)
		v->clock_behind = (uint64_t)(at - now) / 1000000;
	return rc;
}

static enum rc
record_times(struct vault *v, enum audit_event event, const struct attempts *times)
{
	const struct audit_entry one = { .event = event, .count = -1 };
	const struct audit_entry others = { .event = event, .count = (int64_t)times->more };
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < times->n; i++)
		rc = audit_append_at(v, &one, times->at[i]);
	return rc == RC_OK && times->more ? audit_append_at(v, &others, vault_now()) : rc;
}

static bool
by_recovery(struct vault *v)
{
	struct slot_info slots[HEADER_SLOTS];

	keyring_slots(unlocked_keyring(v->unlocked), slots);
	return v->slot >= 0 && slots[v->slot].type == SLOT_RECOVERY;
}

/* What happened while it was locked, then this unlock: one transaction. */
static enum rc
record_unlock(struct vault *v, const struct attempts *failed, const struct attempts *older)
{
	const struct audit_entry unlock = { .event = AUDIT_UNLOCKED, .count = -1,
		.reason = by_recovery(v) ? AUDIT_BY_RECOVERY : NULL };
	enum rc rc;

	rc = vault_begin(v);
	if (rc != RC_OK)
		return rc;
	rc = record_times(v, AUDIT_UNLOCK_FAILED, failed);
	if (rc == RC_OK)
		rc = record_times(v, AUDIT_OLDER_ACCEPTED, older);
	if (rc == RC_OK)
		rc = audit_append_at(v, &unlock, vault_now());
	if (rc != RC_OK) {
		vault_rollback(v);
		return rc;
	}
	return vault_commit(v);
}

static void
note_failed(struct vault *v, const struct attempts *failed)
{
	const size_t n = failed->n < VAULT_FAILED_TIMES ? failed->n : VAULT_FAILED_TIMES;

	v->failed_since = (int)(failed->n + failed->more);
	v->failed_n = (int)n;
	memcpy(v->failed_at, failed->at, n * sizeof *v->failed_at);
}

static enum rc
greet(struct vault *v, const struct header *h)
{
	struct attempts failed, older;
	enum rc rc;

	if (v->readonly)
		return RC_OK;
	attempts_begin(h->vault_id, (int64_t)h->created, &failed);
	attempts_older_begin(h->vault_id, (int64_t)h->created, &older);
	note_failed(v, &failed);
	rc = record_unlock(v, &failed, &older);
	if (rc == RC_FULL)
		err_set(&v->err, rc,
		    "%s is not opened, since its audit must say so and no space is left on the "
		    "device; make room, then try again", v->path);
	attempts_end(&older, rc == RC_OK);
	attempts_end(&failed, rc == RC_OK);
	return rc;
}

static enum rc
note_harm(void *arg, struct keyring *kr)
{
	*(bool *)arg = keyring_needs_repair(kr);
	return RC_OK;
}

/* Read without the lock, a copy that another process was just writing looked damaged too. */
static enum rc
mend_header(struct vault *v, struct keyring *kr)
{
	bool harm = false;
	enum rc rc;

	if (v->readonly || !keyring_needs_repair(kr))
		return RC_OK;
	rc = vfs_header_update(v->db, NULL, note_harm, &harm, &v->err);
	if (rc == RC_FULL)
		err_set(&v->err, rc,
		    "a copy of %s's header is damaged, and to mend it no space is left on the device; "
		    "make room, then try again", v->path);
	v->repaired = rc == RC_OK && harm;
	return rc;
}

static void
note_slot(struct vault *v, struct keyring *kr)
{
	struct slot_info slots[HEADER_SLOTS];

	keyring_slots(kr, slots);
	v->slot = keyring_slot_used(kr);
	v->browse = keyring_role(kr) == ROLE_BROWSE;
	if (v->slot >= 0)
		snprintf(v->slot_label, sizeof v->slot_label, "%s", slots[v->slot].label);
}

/* The connection, on keys that the whole process shares, and what it finds there. */
static enum rc
connect(struct vault *v, struct keyring *kr)
{
	char *real = realpath(v->path, NULL);
	enum rc rc = real ? RC_OK : RC_IO;

	if (rc == RC_OK)
		rc = unlocked_add(real, kr, &v->unlocked);
	if (rc == RC_BUSY)
		err_set(&v->err, rc,
		    "%s: another vault that was here is still open in this program: close it first",
		    v->path);
	free(real);
	if (rc == RC_OK)
		rc = vault_connect(v, unlocked_path(v->unlocked), false);
	if (rc == RC_OK)
		rc = schema_check(v);
	if (rc == RC_OK)
		rc = field_load(v);
	return err_default(&v->err, rc);
}

enum rc
vault_enter(struct vault *v, struct keyring *kr)
{
	enum rc rc = connect(v, kr);
	struct header h;

	if (rc != RC_OK)
		return rc;
	kr = unlocked_keyring(v->unlocked); /* another's, if the process had it open by this slot */
	rc = seen_check(kr, v->db, v->path, &v->older, &v->err);
	if (rc != RC_OK)
		return rc;
	v->seen = true;
	note_slot(v, kr);
	/* what others commit from here on counts */
	rc = sql_int(v, "PRAGMA data_version", &v->data_version);
	if (rc == RC_OK)
		rc = mend_header(v, kr);
	if (rc == RC_OK)
		rc = schema_migrate(v);
	if (rc == RC_OK)
		rc = last_unlock(v);
	if (rc == RC_OK)
		rc = look_at_clock(v);
	keyring_header(kr, &h);
	return rc == RC_OK ? greet(v, &h) : rc;
}

/* The header area of ${path}, or the sentence that says why there is none. */
static enum rc
load_header(const char *path, uint8_t *area, struct keyring **out, struct err *err)
{
	struct err why = { "" };
	size_t len;
	enum rc rc;

	*out = NULL;
	rc = vfs_header_read(VFS_NAME, path, area, &len, err);
	if (rc != RC_OK)
		return rc;
	if (len == 0)
		return err_set(err, RC_FORMAT,
		    "%s is empty: it is not a vault; make one under another name with init", path);
	rc = keyring_parse(area, len, out, &why);
	if (rc != RC_OK)
		err_set(err, rc, "%s: %s", path, why.text[0] ? why.text : rc_text(rc));
	return rc;
}

/*
 * A copy that is damaged may be one that another process is just writing: it is damaged
 * only if it still is after a while.
 */
static enum rc
load_settled(const char *path, uint8_t *area, struct keyring **out, struct err *err)
{
	const struct timespec pause = { 0, 20 * 1000 * 1000 };
	enum rc rc;
	int i;

	for (i = 0; i < HEADER_LOOKS; i++) {
		keyring_free(*out);
		rc = load_header(path, area, out, err);
		if (rc != RC_DAMAGED && !(rc == RC_OK && keyring_needs_repair(*out)))
			break;
		nanosleep(&pause, NULL);
	}
	return rc;
}

enum rc
vault_read_header(const char *path, struct keyring **out, struct err *err)
{
	uint8_t *area = malloc(HEADER_AREA_LEN);
	enum rc rc = RC_NOMEM;

	*out = NULL;
	if (area)
		rc = load_settled(path, area, out, err);
	free(area);
	return err_default(err, rc);
}

enum rc
vault_unlock(const char *path, struct keyring *kr, const struct vault_secret *secret,
    struct err *err)
{
	struct keyring_secret ks;
	struct secret *normal;
	struct err why = { "" };
	uint8_t id[VAULT_ID_LEN];
	enum rc rc;

	rc = vault_present(secret, &ks, &normal, err);
	if (rc != RC_OK)
		return rc;
	rc = keyring_unlock(kr, KEYRING_ANY, &ks, &why);
	secret_free(normal);
	if (rc == RC_PASS) {
		keyring_vault_id(kr, id);
		attempts_note(id);
	}
	if (rc == RC_NOTFOUND)
		rc = RC_PASS; /* NOTFOUND is for files and records: nothing here fits the secret */
	if (rc != RC_OK)
		err_set(err, rc, "%s: %s", path, why.text[0] ? why.text : rc_text(rc));
	return rc;
}

static enum rc
open_unlocked(const char *path, struct keyring *kr, bool *older, struct vault **out,
    struct err *err)
{
	struct vault *v;
	enum rc rc = vault_new(path, &v);

	*out = NULL;
	*older = false;
	if (rc != RC_OK)
		return err_default(err, rc);
	rc = vault_enter(v, kr);
	if (rc != RC_OK) {
		sql_without_verify(v);
		err_set(err, rc, "%s", v->err.text);
		*older = v->older;
		vault_abandon(v);
		return err_default(err, rc);
	}
	*out = v;
	return RC_OK;
}

enum rc
vault_open_unlocked(
    const char *path, struct keyring *kr, struct vault **out, struct err *err)
{
	bool older;

	return open_unlocked(path, kr, &older, out, err);
}

static enum rc
accept_older(const char *path, struct keyring *kr, struct err *err)
{
	uint8_t id[VAULT_ID_LEN];
	bool seen, mark;

	keyring_vault_id(kr, id);
	seen = seen_forget(id);
	mark = audit_mark_forget(id);
	if (!seen || !mark)
		return err_set(err, RC_READONLY,
		    "what was seen last of %s can't be forgotten: its file in the folder of state "
		    "can't be written; strongroom doctor names that folder", path);
	attempts_note_older(id);
	return RC_OK;
}

enum rc
vault_open_older(const char *path, const struct vault_secret *secret, bool *older,
    struct vault **out, struct err *err)
{
	const bool agreed = *older;
	struct keyring *kr;
	enum rc rc;

	*out = NULL;
	*older = false;
	rc = vault_read_header(path, &kr, err);
	if (rc == RC_OK)
		rc = vault_unlock(path, kr, secret, err);
	if (rc == RC_OK)
		rc = open_unlocked(path, kr, older, out, err);
	if (*older && agreed) { /* of the vault that the secret has opened */
		rc = accept_older(path, kr, err);
		if (rc == RC_OK)
			rc = open_unlocked(path, kr, older, out, err);
	}
	keyring_free(kr);
	return err_default(err, rc);
}

enum rc
vault_open(const char *path, const struct vault_secret *secret, struct vault **out,
    struct err *err)
{
	bool older = false;

	return vault_open_older(path, secret, &older, out, err);
}

enum rc
vault_accept_older(const char *path, struct err *err)
{
	struct keyring *kr;
	enum rc rc = vault_read_header(path, &kr, err);

	if (rc == RC_OK)
		rc = accept_older(path, kr, err);
	keyring_free(kr);
	return rc;
}
