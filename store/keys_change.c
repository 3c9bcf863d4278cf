/*
 * Slots of a vault: added, tested, given another secret, removed.
 *
 * 1. The entry in the audit is durable before the header is changed: there is no moment to
 *    be killed at that leaves a change unrecorded, and what can't be recorded is not done.
 * 2. A change that then fails is recorded as one that did not happen.
 */

#include <stdio.h>

#include "store/audit_int.h"
#include "store/keys.h"
#include "store/unlocked.h"
#include "store/vault_open.h"
#include "vfs/vfs.h"

static enum rc
apply(void *arg, struct keyring *kr)
{
	return keyring_apply(kr, arg);
}

enum rc
vault_keys_ready(struct vault *v, struct err *err)
{
	vault_err_start(v);
	if (v->readonly)
		return err_set(err, RC_READONLY,
		    "%s is open for reading only: its keys can't be changed here", v->path);
	if (v->in_tx)
		return err_set(
		    err, RC_INTERNAL, "keys are changed outside of transactions only");
	return RC_OK;
}

static enum rc
calibrate(enum vault_secret_kind kind, struct kdf_params *out, struct vault_kdf *kdf)
{
	uint32_t ms = 0;
	enum rc rc = RC_OK;

	*out = (struct kdf_params){ .kind = KDF_NONE };
	if (kind != VAULT_RECOVERY)
		rc = kdf_calibrate(out, &ms);
	if (kdf)
		*kdf = (struct vault_kdf){ out->memory_kib, out->passes, out->lanes, ms };
	return rc;
}

static enum rc
record(struct vault *v, enum audit_event event, const char *text, struct err *err)
{
	const struct audit_entry e = { .event = event, .count = -1, .reason = text };
	enum rc rc = audit_append(v, &e);

	if (rc != RC_OK)
		err_set(err, rc, "nothing was changed, since the audit can't be written: %s",
		    v->err.text);
	return rc;
}

/* Record ${event} with ${text}, then change the header. */
static enum rc
carry_out(struct vault *v, enum audit_event event, const char *text,
    struct slot_change *change, struct err *err)
{
	char failed[256];
	enum rc rc;

	rc = record(v, event, text, err);
	if (rc != RC_OK)
		return rc;
	rc = vfs_header_update(v->db, NULL, apply, change, err);
	if (rc == RC_OK)
		return rc;
	snprintf(failed, sizeof failed, "%s: it failed, and nothing was changed", text);
	record(v, event, failed, NULL);
	if (rc == RC_BUSY)
		err_set(err, rc,
		    "another process changed the slots meanwhile: look at key list and try again");
	return rc;
}

static enum rc
make_change(struct vault *v, int slot, const struct vault_secret *old,
    const struct vault_secret *fresh, struct slot_change *change, struct vault_kdf *kdf,
    struct err *err)
{
	struct keyring_secret ks_old, ks_fresh;
	struct secret *normal_old = NULL, *normal_fresh = NULL;
	struct kdf_params params;
	enum rc rc;

	rc = vault_present(old, &ks_old, &normal_old, err);
	if (rc == RC_OK)
		rc = vault_present(fresh, &ks_fresh, &normal_fresh, err);
	if (rc == RC_OK && ks_old.type == ks_fresh.type &&
	    secret_equal(ks_old.bytes, ks_fresh.bytes))
		rc = err_set(err, RC_INPUT, "the new secret is the old one; choose another");
	if (rc == RC_OK)
		rc = calibrate(fresh->kind, &params, kdf);
	if (rc == RC_OK)
		rc = keyring_change_secret(unlocked_keyring(v->unlocked), slot, &ks_old,
		    &ks_fresh, &params, change, err);
	secret_free(normal_old);
	secret_free(normal_fresh);
	return rc;
}

enum rc
keys_change(struct vault *v, int slot, const struct vault_secret *old,
    const struct vault_secret *fresh, struct vault_kdf *kdf, struct err *err)
{
	struct slot_change change = { .slot = KEYRING_ANY };
	char text[64];
	enum rc rc = vault_keys_ready(v, err);

	if (rc == RC_OK)
		rc = make_change(v, slot, old, fresh, &change, kdf, err);
	if (rc == RC_OK) {
		snprintf(text, sizeof text, "slot %d", change.slot);
		rc = carry_out(v, AUDIT_SLOT_CHANGED, text, &change, err);
	}
	if (rc == RC_NOTFOUND)
		rc = RC_PASS;
	return err_default(err, rc);
}

enum rc
vault_change_secret(struct vault *v, const struct vault_secret *old,
    const struct vault_secret *fresh, struct vault_kdf *kdf, struct err *err)
{
	return keys_change(v, KEYRING_ANY, old, fresh, kdf, err);
}

/* "slot 3, recovery code, full access, "safe"". */
static void
describe(const struct key_slot *slot, char *out, size_t cap)
{
	snprintf(out, cap, "slot %d, %s, %s%s%s%s", slot->number, slot->type,
	    slot->browse ? "browse only" : "full access", slot->label[0] ? ", \"" : "",
	    slot->label, slot->label[0] ? "\"" : "");
}

static enum rc
make_slot(struct vault *v, const struct vault_secret *secret, bool browse,
    const char *label, struct slot_change *change, struct vault_kdf *kdf, struct err *err)
{
	struct keyring_secret ks;
	struct secret *normal;
	struct kdf_params params;
	struct slot_new asked = { &ks, browse ? ROLE_BROWSE : ROLE_FULL, label, &params };
	enum rc rc;

	rc = vault_present(secret, &ks, &normal, err);
	if (rc == RC_OK)
		rc = calibrate(secret->kind, &params, kdf);
	if (rc == RC_OK)
		rc = keyring_add_slot(unlocked_keyring(v->unlocked), &asked, change, err);
	secret_free(normal);
	return rc;
}

enum rc
keys_add(struct vault *v, const struct vault_secret *secret, bool browse, const char *label,
    int *slot, struct vault_kdf *kdf, struct err *err)
{
	struct slot_change change;
	struct slot_info info;
	struct key_slot made = { .browse = browse };
	char text[200];
	enum rc rc = vault_keys_ready(v, err);

	*slot = KEYRING_ANY;
	if (rc == RC_OK)
		rc = make_slot(v, secret, browse, label, &change, kdf, err);
	if (rc == RC_OK)
		rc = slot_info(change.raw, &info, err);
	if (rc == RC_OK) {
		made.number = change.slot;
		made.type = slot_type_name(info.type);
		snprintf(made.label, sizeof made.label, "%s", info.label);
		describe(&made, text, sizeof text);
		rc = carry_out(v, AUDIT_SLOT_ADDED, text, &change, err);
	}
	if (rc == RC_OK)
		*slot = change.slot;
	return err_default(err, rc);
}

/* A recovery code costs no key derivation: one is made and thrown away. */
enum rc
keys_may_add(struct vault *v, bool browse, const char *label, struct err *err)
{
	struct vault_secret secret = { VAULT_RECOVERY, NULL };
	struct slot_change change;
	struct secret *code = NULL;
	enum rc rc = vault_keys_ready(v, err);

	if (rc == RC_OK)
		rc = keys_recovery_new(&code, err);
	secret.bytes = code;
	if (rc == RC_OK)
		rc = make_slot(v, &secret, browse, label, &change, NULL, err);
	secret_free(code);
	return err_default(err, rc);
}

enum rc
keys_may_change(struct vault *v, int slot, struct err *err)
{
	struct key_slot s;
	enum rc rc = vault_keys_ready(v, err);

	if (rc == RC_OK)
		rc = keys_slot(v, slot, &s, err);
	if (rc == RC_OK && !s.browse)
		rc = keyring_need_full(
		    unlocked_keyring(v->unlocked), "change a full slot", err);
	return err_default(err, rc);
}

enum rc
keys_may_remove(struct vault *v, int slot, struct err *err)
{
	struct slot_change change;
	enum rc rc = vault_keys_ready(v, err);

	if (rc == RC_OK)
		rc = keyring_remove_slot(unlocked_keyring(v->unlocked), slot, &change, err);
	return err_default(err, rc);
}

enum rc
keys_test(struct vault *v, int slot, const struct vault_secret *secret, struct err *err)
{
	struct keyring_secret ks;
	struct secret *normal;
	char text[64];
	enum rc rc = vault_keys_ready(v, err), tested;

	if (rc == RC_OK)
		rc = vault_present(secret, &ks, &normal, err);
	if (rc != RC_OK)
		return err_default(err, rc);
	tested = keyring_test_slot(unlocked_keyring(v->unlocked), slot, &ks, err);
	secret_free(normal);
	snprintf(text, sizeof text, "slot %d: %s", slot,
	    tested == RC_OK         ? "opens"
	        : tested == RC_PASS ? "wrong secret"
	                            : rc_text(tested));
	rc = record(v, AUDIT_SLOT_TESTED, text, tested == RC_OK ? err : NULL);
	return err_default(err, tested != RC_OK ? tested : rc);
}

enum rc
keys_remove(struct vault *v, int slot, struct err *err)
{
	struct slot_change change;
	struct key_slot gone;
	char text[200];
	enum rc rc = vault_keys_ready(v, err);

	if (rc == RC_OK)
		rc = keys_slot(v, slot, &gone, err);
	if (rc == RC_OK)
		rc = keyring_remove_slot(unlocked_keyring(v->unlocked), slot, &change, err);
	if (rc == RC_OK) {
		describe(&gone, text, sizeof text);
		rc = carry_out(v, AUDIT_SLOT_REMOVED, text, &change, err);
	}
	return err_default(err, rc);
}
