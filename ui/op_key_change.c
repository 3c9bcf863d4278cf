/* Slots added, tested, changed and removed. */

#include "ui/op_secret.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The slot that the first argument names. */
static enum rc
named_slot(struct op_call *c, struct key_slot *out)
{
	const char *text = c->args[0];
	int n = 0;

	while (*text >= '0' && *text <= '9' && n < KEYS_SLOTS)
		n = n * 10 + (*text++ - '0');
	if (*text != '\0' || text == c->args[0])
		return err_set(&c->err, RC_INPUT,
		    "\"%s\" is not the number of a slot: key list shows them",
		    c->args[0]);
	return keys_slot(c->v, n, out, &c->err);
}

static enum rc
show_slot(struct op_call *c, const struct key_slot *s, const struct vault_kdf *kdf,
    const char *title)
{
	struct op_object o = {0};

	op_object_fmt(&o, "slot", "Slot", true, "%d", s->number);
	op_object_value(&o, "type", "Type", op_value_text(op_slot_type(c->face, s)));
	op_object_value(&o, "role", "Role", op_value_text(s->browse ? "browse" : "full"));
	op_object_fmt(&o, "label", "Label", false, "%s", s->label);
	if (kdf != NULL && kdf->memory_kib != 0)
		op_object_kdf(&o, kdf);
	return op_object_emit(&o, c, title);
}

static enum rc
parse_role(struct op_call *c, bool *browse)
{
	const char *role = op_text(c, "role");

	*browse = role != NULL && strcmp(role, "browse") == 0;
	if (role == NULL || *browse || strcmp(role, "full") == 0)
		return RC_OK;
	return err_set(&c->err, RC_INPUT, "--role is full or browse, not \"%s\"", role);
}

/* Options that another type of slot would take. */
static enum rc
check_options(struct op_call *c, enum vault_secret_kind kind)
{
	if (kind != VAULT_RECOVERY && op_flag(c, "sheet"))
		return err_set(
		    &c->err, RC_INPUT, "--sheet is for a recovery code: --type recovery");
	if (kind == VAULT_RECOVERY &&
	    (op_flag(c, "new-key-file") || op_flag(c, "new-passphrase-fd")))
		return err_set(&c->err, RC_INPUT,
		    "a recovery code is made here and not given: leave --new-key-file "
		    "and "
		    "--new-passphrase-fd away");
	return RC_OK;
}

static enum rc
fresh(struct op_call *c, enum vault_secret_kind kind, const char *label, bool browse,
    struct op_secret *out)
{
	if (kind == VAULT_RECOVERY)
		return op_recovery_new(c, label, browse, out);
	return op_secret_fresh(c, kind, "the slot", out);
}

/* One secret in two slots would open the first of them, whatever the other may do. */
static enum rc
check_other(struct op_call *c, const struct op_secret *fresh)
{
	struct vault_info info;

	if (c->secret == NULL || c->secret->kind != fresh->secret.kind ||
	    !secret_equal(c->secret->bytes, fresh->secret.bytes) ||
	    vault_info(c->v, &info) != RC_OK)
		return RC_OK;
	return err_set(&c->err, RC_INPUT,
	    "this secret opens slot %d already: choose another for the new slot",
	    info.slot);
}

static enum rc
add(struct op_call *c, enum vault_secret_kind kind, bool browse, const char *label)
{
	struct vault_kdf kdf = {0};
	struct op_secret secret;
	struct key_slot made;
	int slot;
	enum rc rc = fresh(c, kind, label, browse, &secret);

	if (rc != RC_OK)
		return rc;
	rc = check_other(c, &secret);
	if (rc == RC_OK)
		rc = keys_add(c->v, &secret.secret, browse, label, &slot, &kdf, &c->err);
	if (rc != RC_OK && kind == VAULT_RECOVERY)
		op_recovery_undo(c);
	op_secret_free(&secret);
	if (rc == RC_OK)
		rc = keys_slot(c->v, slot, &made, &c->err);
	return rc == RC_OK ? show_slot(c, &made, &kdf, "Slot added") : rc;
}

static enum rc
run_add(struct op_call *c)
{
	const char *label = op_text(c, "label");
	enum vault_secret_kind kind = VAULT_PASSPHRASE;
	bool browse = false;
	enum rc rc = op_kind_parse(c, op_text(c, "type"), &kind);

	if (label == NULL)
		label = "";
	if (rc == RC_OK)
		rc = parse_role(c, &browse);
	if (rc == RC_OK)
		rc = check_options(c, kind);
	if (rc == RC_OK)
		rc = keys_may_add(c->v, browse, label, &c->err);
	return rc == RC_OK ? add(c, kind, browse, label) : rc;
}

#define NEW_SECRET_OPTS                                                                  \
	{"new-passphrase-fd", 0, OPT_NUMBER, "N",                                        \
	    "read the new passphrase from descriptor N (first line)"},                   \
	    {"new-key-file", 0, OPT_FILE, "FILE", "the new key file"},                   \
	{                                                                                \
		"sheet", 0, OPT_OUT, "FILE",                                            \
		    "write the recovery sheet there instead of showing it"               \
	}

#define SLOT_SECRET_OPTS                                                                 \
	{"slot-passphrase-fd", 0, OPT_NUMBER, "N",                                       \
	    "read the slot's passphrase or recovery code from descriptor N"},            \
	{                                                                                \
		"slot-key-file", 0, OPT_FILE, "FILE", "the slot's key file"              \
	}

const struct op op_key_add = {
    .name = "key add",
    .args = "",
    .summary = "add a slot that opens the vault with another secret",
    .details =
	"With a browse slot nothing masked is revealed, and the key to sealed fields is "
	"not "
	"there; to add a full slot the vault must be opened with a full one. The new "
	"slot is opened once from "
	"its bytes before it is written.\n"
	"--type both takes a passphrase and a key file, and opens with both together "
	"only. --type recovery makes a code of 150 random bits, shows it once, on a "
	"screen of its own that leaves nothing behind, and asks for it back; with "
	"--sheet "
	"FILE the sheet is written to a new file that only you can read, and nothing is "
	"asked. Print it and remove the file.",
    .examples =
	"strongroom key add customers.vault --type passphrase --label laptop\n"
	"strongroom key add customers.vault --type keyfile --role browse --new-key-file "
	"desk.key\n"
	"strongroom key add customers.vault --type recovery --label safe\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_CLI | OP_SLOW,
    .opts = {{"type", 0, OPT_TEXT, "TYPE", "passphrase, keyfile, both or recovery"},
	{"role", 0, OPT_TEXT, "ROLE", "full (default) or browse"},
	{"label", 0, OPT_TEXT, "TEXT", "a name for the slot, at most 64 bytes"},
	NEW_SECRET_OPTS},
    .run = run_add,
};

static enum rc
run_test(struct op_call *c)
{
	struct op_secret secret = {0};
	struct key_slot slot = {0};
	enum rc rc = named_slot(c, &slot);

	if (rc == RC_OK)
		rc = op_secret_present(c, &slot, &secret);
	if (rc == RC_OK)
		rc = keys_test(c->v, slot.number, &secret.secret, &c->err);
	op_secret_free(&secret);
	return rc == RC_OK ? show_slot(c, &slot, NULL, "The secret opens the slot") : rc;
}

const struct op op_key_test = {
    .name = "key test",
    .args = "SLOT",
    .args_min = 1,
    .args_max = 1,
    .summary = "see whether a secret still opens its slot",
    .details =
	"Asks for the slot's secret and opens the slot with it; nothing is changed but "
	"the audit, which notes the test. The exit status is 3 when the secret is wrong. "
	"Test a recovery code once a year.",
    .examples = "strongroom key test customers.vault 2\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_CLI | OP_SLOW,
    .opts = {SLOT_SECRET_OPTS},
    .run = run_test,
};

static enum rc
change(struct op_call *c, const struct key_slot *slot, const struct op_secret *old)
{
	struct vault_kdf kdf = {0};
	struct op_secret secret;
	struct key_slot now;
	enum rc rc = fresh(c, slot->kind, slot->label, slot->browse, &secret);

	if (rc != RC_OK)
		return rc;
	rc = keys_change(c->v, slot->number, &old->secret, &secret.secret, &kdf, &c->err);
	if (rc != RC_OK && slot->kind == VAULT_RECOVERY)
		op_recovery_undo(c);
	op_secret_free(&secret);
	if (rc == RC_OK)
		rc = keys_slot(c->v, slot->number, &now, &c->err);
	return rc == RC_OK ? show_slot(c, &now, &kdf, "Slot changed") : rc;
}

static enum rc
run_change(struct op_call *c)
{
	struct op_secret old = {0};
	struct key_slot slot = {0};
	enum rc rc = named_slot(c, &slot);

	if (rc == RC_OK && slot.usable)
		rc = check_options(c, slot.kind);
	if (rc == RC_OK)
		rc = keys_may_change(c->v, slot.number, &c->err);
	if (rc == RC_OK)
		rc = op_secret_present(c, &slot, &old);
	if (rc == RC_OK)
		rc = keys_test(c->v, slot.number, &old.secret, &c->err);
	if (rc == RC_OK)
		rc = change(c, &slot, &old);
	op_secret_free(&old);
	return rc;
}

const struct op op_key_change = {
    .name = "key change",
    .args = "SLOT",
    .args_min = 1,
    .args_max = 1,
    .summary = "give a slot another secret of the same type",
    .details =
	"Asks for the slot's present secret, unless it is the one that opened the vault, "
	"then for the new one. A full slot is changed only when the vault was opened "
	"with "
	"a full one. If the present secret is forgotten, add another slot and remove "
	"this "
	"one.\n"
	"Copies of the file that were made before open with the old secret as ever.",
    .examples = "strongroom key change customers.vault 2\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_CLI | OP_SLOW,
    .opts = {SLOT_SECRET_OPTS, NEW_SECRET_OPTS},
    .run = run_change,
};

static enum rc
confirm_removal(struct op_call *c, const struct key_slot *s)
{
	struct vault_info info;
	char question[400];
	enum rc rc = vault_info(c->v, &info);

	if (rc != RC_OK || op_flag(c, "yes"))
		return rc;
	snprintf(question, sizeof(question),
	    "Remove slot %d (%s, %s%s%s%s)%s? Its secret will not open the vault any "
	    "more; "
	    "type yes",
	    s->number, s->type, s->browse ? "browse" : "full",
	    s->label[0] != '\0' ? ", \"" : "", s->label, s->label[0] != '\0' ? "\"" : "",
	    info.slot == s->number ? ", the one you opened the vault with" : "");
	rc = c->face->ops->confirm(c->face, question);
	if (rc == RC_CANCELLED)
		return err_set(&c->err, rc, "nothing was removed");
	return rc == RC_INPUT
		   ? err_set(&c->err, rc,
			 "there is no terminal to ask on: --yes removes slot %d "
			 "without a question",
			 s->number)
		   : rc;
}

static enum rc
run_remove(struct op_call *c)
{
	struct key_slot slot = {0};
	enum rc rc = named_slot(c, &slot);

	if (rc == RC_OK)
		rc = keys_may_remove(c->v, slot.number, &c->err);
	if (rc == RC_OK)
		rc = confirm_removal(c, &slot);
	if (rc == RC_OK)
		rc = keys_remove(c->v, slot.number, &c->err);
	if (rc == RC_OK)
		face_say(c->face, "Copies of the vault that were made before still open "
				  "with it. If the "
				  "secret leaked, strongroom rotate gives new keys.");
	return rc == RC_OK ? show_slot(c, &slot, NULL, "Slot removed") : rc;
}

const struct op op_key_remove = {
    .name = "key remove",
    .args = "SLOT",
    .args_min = 1,
    .args_max = 1,
    .summary = "remove a slot, so that its secret opens nothing any more",
    .details =
	"Needs a vault that was opened with a full slot, and asks before it removes. The "
	"last full slot can't be removed. Copies of the file that were made before open "
	"with the secret as ever.",
    .examples = "strongroom key remove customers.vault 2\n"
		"strongroom key remove customers.vault 2 --yes\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_CLI,
    .opts = {{"yes", 'y', OPT_FLAG, NULL, "don't ask"}},
    .run = run_remove,
};
