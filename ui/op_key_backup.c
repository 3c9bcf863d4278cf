/* The key backup: the header sealed into a file, and put back. */

#include "ui/op_secret.h"

#include <inttypes.h>
#include <stdio.h>

static enum rc
run_backup(struct op_call *c)
{
	struct vault_kdf kdf = {0};
	struct op_object o = {0};
	struct secret *fresh = NULL;
	struct vault_info info;
	enum rc rc = vault_info(c->v, &info);

	if (rc == RC_OK)
		rc = c->face->ops->ask_secret(
		    c->face, ASK_NEW, "Passphrase for the key backup", &fresh);
	if (rc == RC_OK)
		rc = keys_backup(c->v, c->args[0], fresh, &kdf, &c->err);
	secret_free(fresh);
	if (rc != RC_OK)
		return rc;
	op_object_value(&o, "file", "Key backup", op_value_text(c->args[0]));
	op_object_fmt(&o, "id", "Vault's id", false, "%s", info.id);
	op_object_kdf(&o, &kdf);
	rc = op_object_emit(&o, c, "Keys backed up");
	if (rc == RC_OK)
		face_say(c->face, "It holds the slots as they are now: make a new one "
				  "when they change, "
				  "and destroy the old ones.");
	return rc;
}

const struct op op_key_backup = {
    .name = "key backup",
    .args = "FILE",
    .args_min = 1,
    .args_max = 1,
    .summary = "write the vault's header to a file, sealed under a passphrase of its own",
    .details =
	"Without its header nobody opens a vault. The backup holds the header alone, no "
	"record, and is good for this vault only. A secret that opens the vault now "
	"opens "
	"it again after a restore, also when its slot was removed meanwhile: destroy old "
	"backups after a change of slots, and make a new one after a rotation.",
    .examples = "strongroom key backup customers.vault header.bak\n"
		"strongroom key backup customers.vault header.bak --passphrase-fd 3 "
		"--new-passphrase-fd 4 3<vault 4<backup\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_CLI | OP_SLOW | OP_MAKES,
    .opts = {{"new-passphrase-fd", 0, OPT_NUMBER, "N",
	"read the backup's passphrase from descriptor N (first line)"}},
    .run = run_backup,
};

/* A header that is whole is replaced only by one who knows what that means. */
static enum rc
confirm(struct op_call *c, const struct keys_backup *b)
{
	const struct face people = {.json = false};
	char made[OP_TIME_LEN], now[OP_TIME_LEN], question[400];
	enum rc rc;

	op_time(&people, (int64_t)b->made, made);
	if (b->present == KEYS_HEADER_DAMAGED) {
		face_say(c->face,
		    "The vault's header is damaged; the key backup is of %s.", made);
		return RC_OK;
	}
	op_time(&people, (int64_t)b->present_modified, now);
	face_warn(c->face,
	    "the vault's header is whole and of %s, the key backup is of %s: the slots "
	    "will "
	    "be as they were then, and secrets that were changed or removed since open "
	    "the "
	    "vault again",
	    now, made);
	if (op_flag(c, "yes"))
		return RC_OK;
	snprintf(question, sizeof(question),
	    "Replace the %sheader by the one of %s? type yes",
	    b->present == KEYS_HEADER_NEWER ? "newer " : "", made);
	rc = c->face->ops->confirm(c->face, question);
	if (rc == RC_CANCELLED)
		return err_set(&c->err, rc, "nothing was restored");
	return rc == RC_INPUT
		   ? err_set(&c->err, rc,
			 "the vault's header is whole, and there is no terminal to ask "
			 "whether it shall be replaced: --yes does it")
		   : rc;
}

static enum rc
ask_vault_secret(struct op_call *c, struct op_secret *out)
{
	char prompt[280];
	enum rc rc;

	if (c->secret != NULL) {
		out->secret = *c->secret;
		return RC_OK;
	}
	snprintf(prompt, sizeof(prompt), "Passphrase for %.200s", c->vault_path);
	rc = c->face->ops->ask_secret(c->face, ASK_UNLOCK, prompt, &out->bytes);
	out->secret.kind = VAULT_PASSPHRASE;
	out->secret.bytes = out->bytes;
	return rc;
}

static enum rc
restored(struct op_call *c, const struct keys_backup *b)
{
	struct op_object o = {0};
	char made[OP_TIME_LEN];

	op_time(c->face, (int64_t)b->made, made);
	op_object_value(&o, "path", "Vault", op_value_text(c->vault_path));
	op_object_fmt(&o, "id", "Id", false, "%s", b->id);
	op_object_fmt(&o, "made", "Key backup of", false, "%s", made);
	c->reports = true;
	return op_object_emit(&o, c, "Header restored");
}

static enum rc
run_restore(struct op_call *c)
{
	struct keys_restore r = {.path = c->args[0], .file = c->args[1]};
	struct op_secret secret = {0};
	struct secret *typed = NULL;
	struct keys_backup b;
	enum rc rc;

	c->vault_path = c->args[0];
	rc = keys_backup_peek(r.path, r.file, &b, &c->err);
	if (rc == RC_OK)
		rc = confirm(c, &b);
	if (rc == RC_OK)
		rc = c->face->ops->ask_secret(
		    c->face, ASK_BACKUP, "Passphrase of the key backup", &typed);
	if (rc == RC_OK)
		rc = ask_vault_secret(c, &secret);
	r.passphrase = typed;
	r.secret = &secret.secret;
	if (rc == RC_OK) {
		r.even_if_newer = b.present == KEYS_HEADER_NEWER; /* and confirmed */
		rc = keys_restore(&r, &c->v, &c->err);
	}
	secret_free(typed);
	op_secret_free(&secret);
	return rc == RC_OK ? restored(c, &b) : rc;
}

const struct op op_key_restore = {
    .name = "key restore",
    .args = "VAULT FILE",
    .args_min = 2,
    .args_max = 2,
    .summary = "put a vault's damaged header back from a key backup",
    .details =
	"Asks for the passphrase of the backup, and for a secret that opens a full slot "
	"of the header in it. Nothing is written before pages of the vault have opened "
	"with its keys, and nobody may have the vault open. A header that is whole is "
	"replaced after a question only. Half of what may still be written under the "
	"page key counts as written, since it is not known how much was.",
    .examples = "strongroom key restore customers.vault header.bak\n"
		"strongroom key restore customers.vault header.bak --passphrase-fd 3 "
		"--backup-passphrase-fd 4 3<vault 4<backup\n",
    .flags = OP_RESULT | OP_CLI | OP_SLOW | OP_SECRET | OP_MAKES,
    .opts = {{"backup-passphrase-fd", 0, OPT_NUMBER, "N",
		 "read the backup's passphrase from descriptor N (first line)"},
	{"yes", 'y', OPT_FLAG, NULL,
	    "replace a header that is whole without a question"}},
    .run = run_restore,
};
