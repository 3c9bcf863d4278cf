/*
 * Looking at a vault without its secret, and unlocking it.
 *
 *     path -> header -> locked keyring -> (KDF) -> unlocked -> connection -> repair ->
 * audit
 *
 * 1. The KDF runs before any lock or connection: nobody waits for it.
 * 2. A vault is given out only when "unlocked" stands in its audit, durably, unless the
 *    file can't be written at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/bytes.h"
#include "store/attempts.h"
#include "store/audit_int.h"
#include "store/schema.h"
#include "store/vault_db.h"
#include "vfs/vfs.h"

#define LAST_UNLOCK "last_unlock" /* in meta: UTC microseconds, 8 bytes */

/* The sentence of a lower floor does not know the file's name. */
static enum rc
name_file(struct err *err, enum rc rc, const char *path)
{
	struct err said;

	if (rc == RC_OK || !err)
		return rc;
	err_default(err, rc);
	said = *err;
	if (strstr(said.text, path))
		return rc;
	return err_set(err, rc, "%s: %s", path, said.text);
}

/* The keyring of the file, locked. ${size} (may be NULL): bytes of the header area there.
 */
static enum rc
read_keyring(const char *path, struct keyring **out, struct err *err)
{
	uint8_t *area = malloc(HEADER_AREA_LEN);
	enum rc rc = area ? RC_OK : RC_NOMEM;
	size_t len = 0;

	*out = NULL;
	if (rc == RC_OK)
		rc = vfs_header_read(VFS_NAME, path, area, &len, err);
	if (rc == RC_OK && len == 0)
		rc = err_set(
		    err, RC_FORMAT, "%s is empty: it is no vault; init makes one", path);
	if (rc == RC_OK)
		rc = keyring_parse(area, len, out, err);
	free(area);
	return name_file(err, rc, path);
}

static void
peek_slot(const struct slot_info *in, int number, struct vault_slot *out)
{
	out->number = number;
	out->takes_passphrase =
	    in->type == SLOT_PASSPHRASE || in->type == SLOT_PASSPHRASE_KEYFILE;
	out->takes_keyfile =
	    in->type == SLOT_KEYFILE || in->type == SLOT_PASSPHRASE_KEYFILE;
	out->browse = in->role == ROLE_BROWSE;
	memcpy(out->label, in->label, sizeof out->label);
	out->kdf =
	    (struct vault_kdf){in->kdf.memory_kib, in->kdf.passes, in->kdf.lanes, 0};
	out->created = in->created;
}

static void
peek_header(struct keyring *kr, const struct header *h, struct vault_peek *out)
{
	struct slot_info slots[HEADER_SLOTS];
	int i;

	out->created = h->created;
	out->format_major = h->major;
	out->format_minor = h->minor;
	out->page_size = h->page_size;
	out->copy_damaged = keyring_needs_repair(kr);
	vault_id_text(h->vault_id, out->id);
	keyring_slots(kr, slots);
	for (i = 0; i < HEADER_SLOTS; i++)
		if (slots[i].type != SLOT_EMPTY)
			peek_slot(&slots[i], i, &out->slots[out->slot_count++]);
}

enum rc
vault_peek(const char *path, struct vault_peek *out, struct err *err)
{
	struct header *h = malloc(sizeof *h);
	struct keyring *kr = NULL;
	struct stat st;
	enum rc rc = h ? RC_OK : RC_NOMEM;

	memset(out, 0, sizeof *out);
	if (rc == RC_OK)
		rc = read_keyring(path, &kr, err);
	if (rc == RC_OK) {
		keyring_header(kr, h);
		peek_header(kr, h, out);
		if (stat(path, &st) == 0)
			out->size = (uint64_t)st.st_size;
	}
	keyring_free(kr);
	free(h);
	return err_default(err, rc);
}

static enum rc
unlock(const char *path, struct keyring *kr, const struct vault_secret *secret,
    struct err *err)
{
	struct keyring_secret s;
	struct secret *own;
	uint8_t id[VAULT_ID_LEN];
	enum rc rc;

	rc = vault_secret_ready(secret, &s, &own, err);
	if (rc != RC_OK)
		return rc;
	rc = keyring_unlock(kr, KEYRING_ANY, &s, err);
	secret_free(own);
	if (rc == RC_NOTFOUND)
		rc = err_set(err, RC_PASS,
		    "%s: no slot takes a %s; see what it takes with info", path,
		    secret->kind == VAULT_KEYFILE ? "key file" : "passphrase");
	if (rc == RC_PASS) {
		keyring_vault_id(kr, id);
		attempts_note(id);
	}
	return name_file(err, rc, path);
}

/* Only the file's own bytes are repaired; that it can't be done now keeps nobody out. */
static void
repair(struct vault *v, struct keyring *kr)
{
	if (v->readonly || !keyring_needs_repair(kr))
		return;
	v->repaired = vfs_header_update(v->db, "main", NULL, NULL, NULL) == RC_OK;
}

static enum rc
append_attempts(struct vault *v, const struct attempts *a)
{
	struct audit_entry e = {.event = AUDIT_UNLOCK_FAILED, .count = -1};
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < a->n; i++)
		rc = audit_append_at(v, &e, a->at[i]);
	e.count = (int64_t)a->more;
	if (rc == RC_OK && a->more)
		rc = audit_append_at(v, &e, vault_now());
	return rc;
}

static enum rc
swap_last_unlock(struct vault *v)
{
	uint8_t raw[8];
	size_t len = 0;
	enum rc rc = sql_meta_get(v, LAST_UNLOCK, raw, sizeof raw, &len);

	if (rc == RC_OK && len == sizeof raw)
		v->last_unlock = be64_get(raw);
	if (rc != RC_OK && rc != RC_NOTFOUND)
		return rc;
	be64_put(raw, (uint64_t)vault_now());
	return sql_meta_put(v, LAST_UNLOCK, raw, sizeof raw);
}

static enum rc
append_all(struct vault *v, const struct attempts *a)
{
	const struct audit_entry e = {.event = AUDIT_UNLOCKED, .count = -1};
	enum rc rc;

	rc = vault_begin(v);
	if (rc != RC_OK)
		return rc;
	rc = append_attempts(v, a);
	if (rc == RC_OK)
		rc = swap_last_unlock(v);
	if (rc == RC_OK)
		rc = audit_append(v, &e);
	if (rc == RC_OK)
		return vault_commit(v);
	vault_rollback(v);
	return rc;
}

static enum rc
tell_unlock(struct vault *v, struct keyring *kr)
{
	struct attempts a;
	uint8_t id[VAULT_ID_LEN], raw[8];
	struct header *h;
	size_t len;
	enum rc rc;

	if (v->readonly) {
		if (sql_meta_get(v, LAST_UNLOCK, raw, sizeof raw, &len) == RC_OK &&
		    len == 8)
			v->last_unlock = be64_get(raw);
		return RC_OK;
	}
	h = malloc(sizeof *h);
	if (!h)
		return err_default(&v->err, RC_NOMEM);
	keyring_header(kr, h);
	keyring_vault_id(kr, id);
	attempts_begin(id, (int64_t)h->created, &a);
	free(h);
	rc = append_all(v, &a);
	attempts_end(&a, rc == RC_OK);
	v->failed_since = (int)(a.n + a.more);
	return rc;
}

/* The connection is there: what must be done before it is given out. */
static enum rc
begin_session(struct vault *v, struct keyring *kr)
{
	enum rc rc;

	vault_slot(v, kr);
	repair(v, kr);
	rc = schema_check(v);
	if (rc == RC_OK && !v->readonly)
		rc = sql_exec(v, "PRAGMA journal_mode = WAL");
	if (rc == RC_OK)
		rc = field_load(v);
	if (rc == RC_OK)
		rc = tell_unlock(v, kr);
	if (rc == RC_OK)
		vault_changed(v);
	return rc;
}

static enum rc
open_unlocked(const char *path, struct keyring *kr, struct vault **out, struct err *err)
{
	char *real = realpath(path, NULL);
	struct unlocked *u;
	struct vault *v;
	enum rc rc;

	if (!real)
		return err_set(err, RC_IO, "%s: %s", path, strerror(errno));
	rc = unlocked_add(real, kr, &u);
	free(real);
	if (rc != RC_OK)
		return err_default(err, rc);
	rc = vault_connect(
	    u, path, faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0, &v, err);
	if (rc != RC_OK) {
		unlocked_leave(u);
		unlocked_drop(u);
		return rc;
	}
	rc = begin_session(v, kr);
	if (rc != RC_OK) {
		err_set(err, rc, "%s", v->err.text);
		unlocked_leave(u);
		vault_disconnect(v);
		return rc;
	}
	*out = v;
	return RC_OK;
}

enum rc
vault_open(const char *path, const struct vault_secret *secret, struct vault **out,
    struct err *err)
{
	struct keyring *kr;
	enum rc rc;

	*out = NULL;
	rc = read_keyring(path, &kr, err);
	if (rc == RC_OK)
		rc = unlock(path, kr, secret, err);
	if (rc == RC_OK)
		rc = open_unlocked(path, kr, out, err);
	keyring_free(kr);
	return err_default(err, rc);
}
