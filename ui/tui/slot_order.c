/*
 * Orders about slots, carried out on the worker's thread.
 *
 * 1. Whoever finds an unlocked terminal can neither make nor remove a slot: the secret
 *    that opened the vault is asked for again, and tried first.
 * 2. One secret in two slots would open the first of them, whatever the other may do: it
 *    is refused.
 */
#include "ui/tui/slot_order.h"

#include <stdlib.h>
#include <unistd.h>

#include "ui/keyfile.h"

const char *
slot_kind_name(enum vault_secret_kind kind)
{
	static const char *const names[] = {[VAULT_PASSPHRASE] = "passphrase",
	    [VAULT_KEYFILE] = "key file",
	    [VAULT_BOTH] = "passphrase and key file together",
	    [VAULT_RECOVERY] = "recovery code"};

	return names[kind];
}

bool
slot_takes_text(enum vault_secret_kind kind)
{
	return kind != VAULT_KEYFILE;
}

bool
slot_takes_file(enum vault_secret_kind kind)
{
	return kind == VAULT_KEYFILE || kind == VAULT_BOTH;
}

enum rc
slot_secret_read(const struct slot_secret *s, struct vault_secret *out,
    struct secret **own, struct err *err)
{
	struct secret *file = NULL;
	enum rc rc = RC_OK;

	*own = NULL;
	out->kind = s->kind;
	out->bytes = s->typed;
	if (!slot_takes_file(s->kind) || !s->file)
		return RC_OK;
	rc = keyfile_read(s->file, &file, err);
	if (rc == RC_OK && s->kind == VAULT_BOTH) {
		rc = keys_combine(s->typed, file, own, err);
		secret_free(file);
	} else {
		*own = file;
	}
	out->bytes = *own;
	return rc;
}

enum rc
slot_order_allowed(const struct slot_order *o, struct vault *v, struct err *err)
{
	switch (o->task) {
	case SLOT_ADD:
		return keys_may_add(v, o->browse, o->label ? o->label : "", err);
	case SLOT_CHANGE:
		return keys_may_change(v, o->slot, err);
	case SLOT_REMOVE:
		return keys_may_remove(v, o->slot, err);
	case SLOT_TEST:
		break;
	}
	return RC_OK;
}

enum rc
slot_order_prove(struct slot_order *o, struct vault *v, struct err *err)
{
	struct vault_secret present;
	struct secret *own;
	enum rc rc = slot_order_allowed(o, v, err);

	if (rc == RC_OK)
		rc = slot_secret_read(&o->present, &present, &own, err);
	else
		return rc;
	if (rc == RC_OK)
		rc = keys_test(v, o->presents, &present, err);
	o->proved = rc == RC_OK;
	secret_free(own);
	return rc;
}

static enum rc
add(struct slot_order *o, struct vault *v, const struct vault_secret *present,
    const struct vault_secret *fresh, struct err *err)
{
	if (present->kind == fresh->kind && secret_equal(present->bytes, fresh->bytes))
		return err_set(err, RC_INPUT,
		    "this secret opens slot %d already: choose another for the new slot",
		    o->presents);
	return keys_add(v, fresh, o->browse, o->label, &o->slot, &o->kdf, err);
}

/* The old secret of a change is tried by the change itself. */
static enum rc
renew(struct slot_order *o, struct vault *v, struct err *err)
{
	struct vault_secret present, fresh;
	struct secret *own = NULL, *own_fresh = NULL;
	enum rc rc = RC_OK;

	if (o->task == SLOT_ADD && !o->proved)
		rc = slot_order_prove(o, v, err);
	if (rc == RC_OK)
		rc = slot_secret_read(&o->present, &present, &own, err);
	if (rc == RC_OK)
		rc = slot_secret_read(&o->fresh, &fresh, &own_fresh, err);
	if (rc == RC_OK && o->task == SLOT_ADD)
		rc = add(o, v, &present, &fresh, err);
	else if (rc == RC_OK)
		rc = keys_change(v, o->slot, &present, &fresh, &o->kdf, err);
	secret_free(own);
	secret_free(own_fresh);
	return rc;
}

enum rc
slot_order_run(struct slot_order *o, struct vault *v, struct err *err)
{
	enum rc rc;

	if (o->task == SLOT_ADD || o->task == SLOT_CHANGE)
		rc = renew(o, v, err);
	else
		rc = slot_order_prove(o, v, err);
	if (rc == RC_OK && o->task == SLOT_REMOVE)
		rc = keys_remove(v, o->slot, err);
	o->done = rc == RC_OK;
	return rc;
}

void
slot_secret_free(struct slot_secret *s)
{
	secret_free(s->typed);
	free(s->file);
	*s = (struct slot_secret){.kind = s->kind};
}

void
slot_order_free(struct slot_order *o)
{
	if (o->sheet && !o->done)
		unlink(o->sheet);
	slot_secret_free(&o->present);
	slot_secret_free(&o->fresh);
	free(o->label);
	free(o->sheet);
	*o = (struct slot_order){.task = SLOT_TEST};
}
