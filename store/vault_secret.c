/*
 * Another passphrase or key file for the slot that the old one opens.
 *
 * 1. The entry in the audit is durable before the header is changed: there is no moment to
 *    be killed at that leaves a change unrecorded, and what can't be recorded is not done.
 * 2. A change that then fails is recorded as one that did not happen.
 */

#include <stdio.h>

#include "store/audit_int.h"
#include "store/unlocked.h"
#include "store/vault_open.h"
#include "vfs/vfs.h"

static enum rc
apply(void *arg, struct keyring *kr)
{
	return keyring_apply(kr, arg);
}

static enum rc
make_change(struct vault *v, const struct keyring_secret *old,
    const struct keyring_secret *fresh, struct slot_change *change, struct vault_kdf *kdf,
    struct err *err)
{
	struct kdf_params params;
	uint32_t ms;
	enum rc rc;

	if (old->type == fresh->type && secret_equal(old->bytes, fresh->bytes))
		return err_set(err, RC_INPUT, "the new secret is the old one; choose another");
	rc = kdf_calibrate(&params, &ms);
	if (rc == RC_OK)
		rc = keyring_change_secret(unlocked_keyring(v->unlocked), KEYRING_ANY, old,
		    fresh, &params, change, err);
	if (rc == RC_OK && kdf)
		*kdf = (struct vault_kdf){ params.memory_kib, params.passes, params.lanes, ms };
	return rc;
}

static enum rc
record_change(struct vault *v, int slot, const char *outcome, struct err *err)
{
	char text[64];
	const struct audit_entry e = { .event = AUDIT_SLOT_CHANGED, .count = -1,
		.reason = text };
	enum rc rc;

	snprintf(text, sizeof text, "slot %d%s", slot, outcome);
	rc = audit_append(v, &e);
	if (rc != RC_OK)
		err_set(err, rc, "nothing was changed, since the audit can't be written: %s",
		    v->err.text);
	return rc;
}

static enum rc
carry_out(struct vault *v, struct slot_change *change, struct err *err)
{
	enum rc rc;

	rc = record_change(v, change->slot, "", err);
	if (rc != RC_OK)
		return rc;
	rc = vfs_header_update(v->db, NULL, apply, change, err);
	if (rc != RC_OK)
		record_change(v, change->slot, ": the change failed, the old secret holds", NULL);
	return rc;
}

enum rc
vault_change_secret(struct vault *v, const struct vault_secret *old,
    const struct vault_secret *fresh, struct vault_kdf *kdf, struct err *err)
{
	struct keyring_secret ks_old, ks_fresh;
	struct secret *normal_old = NULL, *normal_fresh = NULL;
	struct slot_change change = { .slot = KEYRING_ANY };
	enum rc rc;

	vault_err_start(v);
	if (v->readonly)
		return err_set(err, RC_READONLY,
		    "%s is open for reading only: its passphrase can't be changed here", v->path);
	if (v->in_tx)
		return err_set(err, RC_INTERNAL, "a secret is changed outside of transactions only");
	rc = vault_present(old, &ks_old, &normal_old, err);
	if (rc == RC_OK)
		rc = vault_present(fresh, &ks_fresh, &normal_fresh, err);
	if (rc == RC_OK)
		rc = make_change(v, &ks_old, &ks_fresh, &change, kdf, err);
	if (rc == RC_OK)
		rc = carry_out(v, &change, err);
	secret_free(normal_old);
	secret_free(normal_fresh);
	if (rc == RC_NOTFOUND)
		rc = RC_PASS;
	return err_default(err, rc);
}
