/*
 * What is known of a vault's keys, and the secrets that are made of more than what is typed.
 *
 * 1. When a slot was used last is told by the audit, and only since the slot has its present
 *    secret: a number is given again when a slot is removed.
 */

#include "store/keys.h"

#include <stdio.h>
#include <string.h>

#include "keyring/combined.h"
#include "keyring/passphrase.h"
#include "keyring/recovery.h"
#include "store/sql.h"
#include "store/unlocked.h"
#include "store/vault_open.h"

#define DAY           (86400ull * 1000000)
#define CRYPTO_PERIOD (365 * DAY)              /* NIST SP 800-57, part 1, 5.3.6 */
#define DUE_SOON      (CRYPTO_PERIOD / 10 * 9) /* after so long it is told */

static void
describe_slot(int number, const struct slot_info *info, struct key_slot *out)
{
	out->number = number;
	out->type = slot_type_name(info->type);
	out->usable = vault_kind_of(info->type, &out->kind);
	out->browse = info->role == ROLE_BROWSE;
	out->created = info->created;
	memcpy(out->label, info->label, sizeof out->label);
	out->kdf.memory_kib = info->kdf.memory_kib;
	out->kdf.passes = info->kdf.passes;
	out->kdf.lanes = info->kdf.lanes;
}

static enum rc
last_used(struct vault *v, struct key_slot *slot)
{
	const char *sql = "SELECT coalesce(max(at), 0) FROM audit"
			  " WHERE event = 2 AND slot = ?1 AND at >= ?2";
	sqlite3_stmt *st;
	enum rc rc = sql_prepare(v, sql, &st);

	if (rc == RC_OK)
		rc = sql_bind(v, st, "ii", (int64_t)slot->number, (int64_t)slot->created);
	if (rc == RC_OK)
		rc = sql_step(v, st);
	if (rc == RC_OK)
		slot->last_used = (uint64_t)sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return rc;
}

static void
describe_epoch(const struct epoch *e, uint64_t now, struct key_epoch *out)
{
	static const char *const states[] = { "", "active", "decrypt-only", "destroyed" };

	out->number = e->number;
	out->field = e->purpose == EPOCH_FIELD;
	out->state = states[e->state];
	out->created = e->created;
	out->retired = e->retired;
	out->writes = e->leased;
	if (e->state != EPOCH_ACTIVE)
		return;
	out->due = e->created + CRYPTO_PERIOD;
	out->due_soon = now >= e->created + DUE_SOON;
}

static void
read_epochs(const struct header *h, struct keys *out)
{
	static const enum epoch_purpose purposes[] = { EPOCH_PAGE, EPOCH_FIELD };
	const uint64_t now = (uint64_t)vault_now();
	struct key_epoch e;
	size_t p, i, at, first;

	for (p = 0; p < sizeof purposes / sizeof *purposes; p++) {
		first = out->epoch_n;
		for (i = 0; i < HEADER_EPOCHS; i++) {
			if (!h->epochs[i].number || h->epochs[i].purpose != purposes[p])
				continue;
			memset(&e, 0, sizeof e);
			describe_epoch(&h->epochs[i], now, &e);
			for (at = out->epoch_n++; at > first &&
			     out->epochs[at - 1].number > e.number; at--)
				out->epochs[at] = out->epochs[at - 1];
			out->epochs[at] = e;
		}
	}
}

enum rc
keys_read(struct vault *v, struct keys *out)
{
	struct slot_info info;
	struct header h;
	enum rc rc = RC_OK;
	int i;

	memset(out, 0, sizeof *out);
	vault_err_start(v);
	keyring_header(unlocked_keyring(v->unlocked), &h);
	for (i = 0; rc == RC_OK && i < HEADER_SLOTS; i++) {
		struct key_slot *slot = &out->slots[out->slot_n];

		if (slot_info(h.slots[i], &info, NULL) != RC_OK || info.type == SLOT_EMPTY)
			continue;
		describe_slot(i, &info, slot);
		rc = last_used(v, slot);
		out->slot_n++;
	}
	read_epochs(&h, out);
	return rc;
}

enum rc
keys_slot(struct vault *v, int number, struct key_slot *out, struct err *err)
{
	struct slot_info slots[HEADER_SLOTS];

	memset(out, 0, sizeof *out);
	keyring_slots(unlocked_keyring(v->unlocked), slots);
	if (number < 0 || number >= HEADER_SLOTS || slots[number].type == SLOT_EMPTY)
		return err_set(err, RC_NOTFOUND,
		    "there is no slot %d in this vault: key list shows those that are there",
		    number);
	describe_slot(number, &slots[number], out);
	return RC_OK;
}

enum rc
keys_combine(const struct secret *passphrase, const struct secret *keyfile,
    struct secret **out, struct err *err)
{
	struct secret *normal;
	enum rc rc;

	*out = NULL;
	if (secret_len(keyfile) < KEYFILE_MIN)
		return err_set(err, RC_INPUT,
		    "the key file is shorter than %d bytes; make one of random bytes",
		    KEYFILE_MIN);
	rc = passphrase_normalise(passphrase, &normal, NULL, err);
	if (rc == RC_OK)
		rc = err_default(err, combined_make(normal, keyfile, out));
	secret_free(normal);
	return rc;
}

enum rc
keys_recovery_new(struct secret **out, struct err *err)
{
	return err_default(err, recovery_make(out));
}

enum rc
keys_recovery_check(const struct secret *typed, struct err *err)
{
	struct secret *bits;
	enum rc rc = recovery_read(typed, &bits, err);

	secret_free(bits);
	return rc;
}

enum rc
keys_recovery_confirm(
    const struct secret *typed, const struct secret *code, struct err *err)
{
	struct secret *a, *b = NULL;
	enum rc rc = recovery_read(typed, &a, err);

	if (rc == RC_OK)
		rc = recovery_read(code, &b, err);
	if (rc == RC_OK && !secret_equal(a, b))
		rc = err_set(err, RC_INPUT,
		    "this is another recovery code than the one on the sheet: type that one");
	secret_free(a);
	secret_free(b);
	return rc;
}
