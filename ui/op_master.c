/*
 * New master keys: each slot presents its secret, or is dropped after consent.
 *
 * 1. Nothing is changed before all slots have answered and the user has seen which ones go.
 */

#include "ui/op_master.h"

#include <stdio.h>
#include <string.h>

#include "ui/op_secret.h"

#define LIST_LEN     900
#define QUESTION_LEN 1100

struct slots {
	struct op_secret held[KEYS_SLOTS];
	const struct vault_secret *kept[KEYS_SLOTS];
	char dropped[LIST_LEN]; /* in words; "" when none is */
};

/* "slot 2 (recovery code, "safe")". */
static void
name_slot(const struct key_slot *s, char *out, size_t cap)
{
	snprintf(out, cap, "slot %d (%s%s%s%s)", s->number, s->type,
	    s->label[0] != '\0' ? ", \"" : "", s->label, s->label[0] != '\0' ? "\"" : "");
}

static void
drop(struct slots *all, const struct key_slot *s)
{
	size_t len = strlen(all->dropped);
	char name[128];

	name_slot(s, name, sizeof(name));
	snprintf(all->dropped + len, sizeof(all->dropped) - len, "%s%s",
	    len > 0 ? ", " : "", name);
}

static bool
opens_it(struct op_call *c, const struct key_slot *s)
{
	struct vault_info info;

	return vault_info(c->v, &info) == RC_OK && info.slot == s->number;
}

/* Whether the slot's secret is to be asked for. */
static enum rc
wanted(struct op_call *c, const struct key_slot *s, bool *ask)
{
	char name[128], question[QUESTION_LEN];
	bool file = s->kind == VAULT_KEYFILE || s->kind == VAULT_BOTH;
	enum rc rc;

	*ask = true;
	if (!s->usable || opens_it(c, s) || op_flag(c, "slot-passphrase-fd") ||
	    (file && op_flag(c, "slot-key-file")))
		return RC_OK;
	*ask = false;
	if (file || op_flag(c, "drop-slots"))
		return RC_OK;
	name_slot(s, name, sizeof(name));
	snprintf(question, sizeof(question),
	    "Have you the secret of %s at hand? Type yes, or the slot is dropped", name);
	rc = c->face->ops->confirm(c->face, question);
	*ask = rc == RC_OK;
	if (rc == RC_INPUT)
		return err_set(&c->err, rc,
		    "there is no terminal to ask for the secret of %s: give it with "
		    "--slot-passphrase-fd N or --slot-key-file FILE, or drop such slots with "
		    "--drop-slots", name);
	return rc == RC_CANCELLED ? RC_OK : rc;
}

static enum rc
present(struct op_call *c, const struct key_slot *s, struct slots *all)
{
	struct op_secret *held = &all->held[s->number];
	bool ask;
	enum rc rc = wanted(c, s, &ask);

	if (rc == RC_OK && ask)
		rc = op_secret_of(c, s, held);
	if (rc == RC_OK && ask) {
		all->kept[s->number] = &held->secret;
		return rc;
	}
	if (rc == RC_OK || rc == RC_NOTFOUND) {
		drop(all, s);
		return RC_OK;
	}
	return rc;
}

static enum rc
present_all(struct op_call *c, struct slots *all)
{
	struct keys keys;
	enum rc rc = keys_read(c->v, &keys);
	size_t i;

	for (i = 0; rc == RC_OK && i < keys.slot_n; i++)
		rc = present(c, &keys.slots[i], all);
	return rc;
}

static enum rc
consent(struct op_call *c, const struct slots *all)
{
	char question[QUESTION_LEN];
	enum rc rc;

	if (all->dropped[0] == '\0')
		return RC_OK;
	face_warn(c->face, "These slots can't be carried over and will open nothing any more: %s",
	    all->dropped);
	if (op_flag(c, "drop-slots"))
		return RC_OK;
	snprintf(question, sizeof(question), "Drop %s? Type yes", all->dropped);
	rc = c->face->ops->confirm(c->face, question);
	if (rc == RC_CANCELLED)
		return err_set(&c->err, rc, "nothing was changed");
	return rc == RC_INPUT
		   ? err_set(&c->err, rc,
			 "there is no terminal to ask on, and %s would be dropped: --drop-slots "
			 "says so without a question", all->dropped)
		   : rc;
}

enum rc
op_master(struct op_call *c)
{
	struct slots all = {0};
	enum rc rc = keys_may_master(c->v, &c->err);
	int i;

	if (rc == RC_OK)
		rc = present_all(c, &all);
	if (rc == RC_OK)
		rc = consent(c, &all);
	if (rc == RC_OK)
		rc = keys_new_master(c->v, all.kept, &c->err);
	if (rc == RC_OK)
		face_say(c->face, "The master keys are new. The pages get new keys next; if it "
				  "is interrupted, strongroom rotate goes on.");
	for (i = 0; i < KEYS_SLOTS; i++)
		op_secret_free(&all.held[i]);
	return rc;
}
