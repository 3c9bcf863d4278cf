/* The secret that opened the vault, changed for another of its kind. */

#include "ui/op_secret.h"

static enum rc
change_secret(
    struct op_call *c, const struct vault_secret *old, const struct vault_secret *fresh)
{
	struct vault_kdf kdf = {0};
	struct op_object o = {0};
	enum rc rc = vault_change_secret(c->v, old, fresh, &kdf, &c->err);

	if (rc != RC_OK)
		return rc;
	op_object_value(&o, "path", "Vault", op_value_text(c->vault_path));
	op_object_kdf(&o, &kdf);
	return op_object_emit(&o, c,
	    old->kind == VAULT_KEYFILE ? "Key file changed"
	    : old->kind == VAULT_BOTH  ? "Passphrase and key file changed"
				       : "Passphrase changed");
}

/* A code can't be typed in by two prompts; and who has forgotten a passphrase comes here.
 */
static enum rc
refuse_recovery(struct op_call *c)
{
	return err_set(&c->err, RC_INPUT,
	    "the vault was opened with a recovery code: key change SLOT gives another "
	    "code; "
	    "for a passphrase that is forgotten, key add makes another slot and key "
	    "remove "
	    "takes the old one away");
}

static enum rc
run_passwd(struct op_call *c)
{
	struct vault_secret old = {VAULT_PASSPHRASE, NULL};
	struct secret *asked = NULL;
	struct op_secret fresh = {0};
	enum rc rc = RC_OK;

	if (c->secret != NULL) {
		old = *c->secret;
	} else {
		rc = c->face->ops->ask_secret(
		    c->face, ASK_OLD, "Present passphrase", &asked);
		old.bytes = asked;
	}
	if (rc == RC_OK && old.kind == VAULT_RECOVERY)
		rc = refuse_recovery(c);
	if (rc == RC_OK)
		rc = op_secret_fresh(c, old.kind, NULL, &fresh);
	if (rc == RC_OK)
		rc = change_secret(c, &old, &fresh.secret);
	op_secret_free(&fresh);
	secret_free(asked);
	return rc;
}

const struct op op_passwd = {
    .name = "passwd",
    .args = "",
    .summary = "change the passphrase or the key file",
    .details =
	"Changes the slot that the present secret opens; the records are not written "
	"again. Until the change is on disk the old secret opens the vault, after it "
	"only the new one. A vault that opens with a key file needs --key-file OLD "
	"and --new-key-file NEW.",
    .examples =
	"strongroom passwd customers.vault\n"
	"strongroom passwd customers.vault --passphrase-fd 3 --new-passphrase-fd 4 "
	"3<old 4<new\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_SLOW,
    .opts = {{"new-passphrase-fd", 0, OPT_NUMBER, "N",
		 "read the new passphrase from descriptor N (first line)"},
	{"new-key-file", 0, OPT_FILE, "FILE", "the new key file"}},
    .run = run_passwd,
};
