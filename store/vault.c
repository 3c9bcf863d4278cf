/*
 * A vault that is open: set up the process, clone, close, say what it is, change its
 * secret.
 *
 *     vault_create, vault_open -> open <-> vault_clone
 *                                  | vault_close
 *                                  v
 *     the process's last one: "locked" in the audit, log emptied, keys wiped
 */
#include <stdlib.h>
#include <string.h>

#include "store/audit.h"
#include "store/mem.h"
#include "store/sql.h"
#include "store/vault_db.h"
#include "vfs/vfs.h"

enum rc
vault_setup(struct err *err)
{
	enum rc rc;

	rc = secret_setup(err);
	if (rc == RC_OK)
		rc = mem_setup(err);
	if (rc == RC_OK)
		rc = err_default(
		    err, vfs_register(VFS_NAME, unlocked_provide, NULL, false));
	return rc;
}

enum rc
vault_clone(struct vault *v, struct vault **out, struct err *err)
{
	struct unlocked *u = unlocked_ref(v->unlocked);
	struct vault *fresh;
	enum rc rc;

	*out = NULL;
	rc = vault_connect(u, v->path, v->readonly, &fresh, err);
	if (rc != RC_OK) {
		unlocked_leave(u);
		unlocked_drop(u);
		return rc;
	}
	fresh->slot = v->slot;
	fresh->browse = v->browse;
	fresh->repaired = v->repaired;
	fresh->last_unlock = v->last_unlock;
	fresh->failed_since = v->failed_since;
	memcpy(fresh->slot_label, v->slot_label, sizeof fresh->slot_label);
	rc = field_load(fresh);
	if (rc != RC_OK) {
		err_set(err, rc, "%s", vault_err(fresh));
		unlocked_leave(u);
		vault_disconnect(fresh);
		return rc;
	}
	vault_changed(fresh);
	*out = fresh;
	return RC_OK;
}

void
vault_close(struct vault *v)
{
	const struct audit_entry locked = {.event = AUDIT_LOCKED, .count = -1};

	if (!v)
		return;
	vault_rollback(v);
	/* Whether this works or not, the vault is closed: there is nobody left to be
	 * told. */
	if (unlocked_leave(v->unlocked) && !v->readonly) {
		audit_append(v, &locked);
		sqlite3_wal_checkpoint_v2(
		    v->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	}
	vault_disconnect(v);
}

void
vault_id_text(const uint8_t id[VAULT_ID_LEN], char out[37])
{
	static const char hex[] = "0123456789abcdef";
	int i;

	for (i = 0; i < VAULT_ID_LEN; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = hex[id[i] >> 4];
		*out++ = hex[id[i] & 15];
	}
	*out = '\0';
}

static enum rc
count_records(struct vault *v, struct vault_info *out)
{
	int64_t version;
	enum rc rc;

	rc = vault_read_begin(v);
	if (rc != RC_OK)
		return rc;
	rc = sql_int(
	    v, "SELECT count(*) FROM record WHERE deleted_at IS NULL", &out->records);
	if (rc == RC_OK)
		rc =
		    sql_int(v, "SELECT count(*) FROM record WHERE deleted_at IS NOT NULL",
			&out->trashed);
	if (rc == RC_OK)
		rc = sql_int(v, "PRAGMA user_version", &version);
	if (rc == RC_OK)
		out->schema_version = (int)version;
	vault_read_end(v);
	return rc;
}

enum rc
vault_info(struct vault *v, struct vault_info *out)
{
	struct keyring *kr = unlocked_keyring(v->unlocked);
	struct header *h = malloc(sizeof *h);
	uint8_t id[VAULT_ID_LEN];

	memset(out, 0, sizeof *out);
	vault_err_start(v);
	if (!h)
		return err_default(&v->err, RC_NOMEM);
	keyring_header(kr, h);
	out->created = h->created;
	free(h);
	keyring_vault_id(kr, id);
	vault_id_text(id, out->id);
	out->path = v->path;
	out->readonly = v->readonly;
	out->browse = v->browse;
	out->slot = v->slot;
	memcpy(out->slot_label, v->slot_label, sizeof out->slot_label);
	out->last_unlock = v->last_unlock;
	out->failed_since = v->failed_since;
	out->repaired = v->repaired;
	return count_records(v, out);
}

bool
vault_changed(struct vault *v)
{
	int64_t now, before = v->data_version;

	vault_err_start(v);
	if (sql_int(v, "PRAGMA data_version", &now) != RC_OK)
		return false;
	v->data_version = now;
	return now != before;
}

static enum rc
apply(void *arg, struct keyring *kr)
{
	return keyring_apply(kr, arg);
}

/*
 * The entry comes first: a change that nobody can tell of is not made. One that then
 * fails is told of as well.
 */
static enum rc
put_slot(struct vault *v, struct slot_change *change)
{
	struct audit_entry e = {.event = AUDIT_SLOT_CHANGED, .count = -1};
	struct err failed = {""};
	enum rc rc;

	rc = audit_append(v, &e);
	if (rc != RC_OK)
		return rc;
	rc = vfs_header_update(v->db, "main", apply, change, &failed);
	if (rc == RC_OK)
		return RC_OK;
	err_default(&failed, rc);
	e.reason = "it failed: the secret is the old one";
	audit_append(v, &e);
	return err_set(&v->err, rc, "%s", failed.text);
}

static enum rc
change_secret(struct vault *v, const struct keyring_secret *old,
    const struct keyring_secret *fresh, struct vault_kdf *kdf)
{
	struct kdf_params params;
	struct slot_change change;
	enum rc rc;

	rc = vault_kdf_choose(&params, kdf, &v->err);
	if (rc == RC_OK)
		rc = keyring_change_secret(unlocked_keyring(v->unlocked), KEYRING_ANY,
		    old, fresh, &params, &change, &v->err);
	if (rc == RC_NOTFOUND)
		rc = err_set(
		    &v->err, RC_PASS, "no slot of %s opens with such a secret", v->path);
	return rc == RC_OK ? put_slot(v, &change) : rc;
}

static enum rc
check_change(
    struct vault *v, const struct vault_secret *old, const struct vault_secret *fresh)
{
	if (v->readonly)
		return err_set(&v->err, RC_READONLY,
		    "%s is open for reading only, so that its secret can't be changed",
		    v->path);
	if (v->in_tx)
		return err_set(&v->err, RC_INTERNAL,
		    "the secret can't be changed while a transaction is open");
	if (old->kind != fresh->kind)
		return err_set(&v->err, RC_INPUT,
		    "a passphrase can be changed for a passphrase only, a key file for a "
		    "key file");
	return RC_OK;
}

enum rc
vault_change_secret(struct vault *v, const struct vault_secret *old,
    const struct vault_secret *fresh, struct vault_kdf *kdf, struct err *err)
{
	struct keyring_secret was = { 0 }, is = { 0 };
	struct secret *own_was = NULL, *own_is = NULL;
	enum rc rc;

	vault_err_start(v);
	rc = check_change(v, old, fresh);
	if (rc == RC_OK)
		rc = vault_secret_ready(old, &was, &own_was, &v->err);
	if (rc == RC_OK)
		rc = vault_secret_ready(fresh, &is, &own_is, &v->err);
	if (rc == RC_OK && secret_equal(was.bytes, is.bytes))
		rc = err_set(
		    &v->err, RC_INPUT, "the new secret is the old one: choose another");
	if (rc == RC_OK)
		rc = change_secret(v, &was, &is, kdf);
	secret_free(own_was);
	secret_free(own_is);
	err_default(&v->err, rc);
	if (rc != RC_OK)
		err_set(err, rc, "%s", v->err.text);
	return rc;
}
