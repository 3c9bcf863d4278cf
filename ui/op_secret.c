/*
 * Present and new secrets for the operations about keys.
 *
 * 1. An option that has no meaning for the kind of secret is refused, not ignored.
 */

#include "ui/op_secret.h"

#include <stdio.h>
#include <string.h>

#include "ui/keyfile.h"

#define PROMPT_LEN 160

static const char *const kind_names[] = {
    [VAULT_PASSPHRASE] = "passphrase",
    [VAULT_KEYFILE] = "keyfile",
    [VAULT_BOTH] = "both",
    [VAULT_RECOVERY] = "recovery",
};

enum rc
op_kind_parse(struct op_call *c, const char *text, enum vault_secret_kind *out)
{
	size_t i;

	for (i = 0; text != NULL && i < sizeof(kind_names) / sizeof(kind_names[0]); i++)
		if (strcmp(text, kind_names[i]) == 0) {
			*out = (enum vault_secret_kind)i;
			return RC_OK;
		}
	return err_set(&c->err, RC_INPUT,
	    "--type is passphrase, keyfile, both (passphrase and key file together) or "
	    "recovery");
}

const char *
op_slot_type(const struct face *f, const struct key_slot *s)
{
	return f->json && s->usable ? kind_names[s->kind] : s->type;
}

void
op_secret_free(struct op_secret *s)
{
	secret_free(s->bytes);
	memset(s, 0, sizeof(*s));
}

static void
hold(struct op_secret *s, enum vault_secret_kind kind, struct secret *bytes)
{
	s->bytes = bytes;
	s->secret.kind = kind;
	s->secret.bytes = bytes;
}

/* The parts that ${kind} is made of, put together; they are freed here. */
static enum rc
assemble(struct op_call *c, enum vault_secret_kind kind, struct secret *typed,
    struct secret *keyfile, struct op_secret *out)
{
	struct secret *both = NULL;
	enum rc rc = RC_OK;

	if (kind == VAULT_BOTH) {
		rc = keys_combine(typed, keyfile, &both, &c->err);
		secret_free(typed);
		secret_free(keyfile);
	} else {
		both = kind == VAULT_KEYFILE ? keyfile : typed;
	}
	if (rc == RC_OK)
		hold(out, kind, both);
	return rc;
}

struct parts { /* where the parts of a secret come from */
	const char *file_option, *fd_option;
	enum face_ask ask;
	const char *prompt;
};

static enum rc
check_parts(struct op_call *c, enum vault_secret_kind kind, const struct parts *p)
{
	bool takes_file = kind == VAULT_KEYFILE || kind == VAULT_BOTH;

	if (takes_file && op_text(c, p->file_option) == NULL)
		return err_set(&c->err, RC_INPUT,
		    "this slot opens with a key file: name it with --%s FILE",
		    p->file_option);
	if (!takes_file && op_text(c, p->file_option) != NULL)
		return err_set(&c->err, RC_INPUT,
		    "this slot opens without a key file: --%s can't replace its secret",
		    p->file_option);
	if (kind == VAULT_KEYFILE && op_flag(c, p->fd_option))
		return err_set(&c->err, RC_INPUT,
		    "this slot opens with a key file alone: leave --%s away",
		    p->fd_option);
	return RC_OK;
}

static enum rc
gather(struct op_call *c, enum vault_secret_kind kind, const struct parts *p,
    struct op_secret *out)
{
	struct secret *typed = NULL, *keyfile = NULL;
	enum rc rc = RC_OK;

	if (kind == VAULT_KEYFILE || kind == VAULT_BOTH)
		rc = keyfile_read(op_text(c, p->file_option), &keyfile, &c->err);
	if (rc == RC_OK && kind != VAULT_KEYFILE)
		rc = c->face->ops->ask_secret(c->face, p->ask, p->prompt, &typed);
	if (rc == RC_OK)
		return assemble(c, kind, typed, keyfile, out);
	secret_free(typed);
	secret_free(keyfile);
	return rc;
}

static enum rc
collect(struct op_call *c, enum vault_secret_kind kind, const struct parts *p,
    struct op_secret *out)
{
	enum rc rc = check_parts(c, kind, p);

	return rc == RC_OK ? gather(c, kind, p, out) : rc;
}

enum rc
op_secret_fresh(struct op_call *c, enum vault_secret_kind kind, const char *what,
    struct op_secret *out)
{
	char prompt[PROMPT_LEN];
	const struct parts parts = {"new-key-file", "new-passphrase-fd", ASK_NEW, prompt};

	memset(out, 0, sizeof(*out));
	snprintf(prompt, sizeof(prompt), "New passphrase%s%s",
	    what != NULL ? " for " : "", what != NULL ? what : "");
	return collect(c, kind, &parts, out);
}

static bool
opened_vault(struct op_call *c, const struct key_slot *slot)
{
	struct vault_info info;

	return c->secret != NULL && c->secret->kind == slot->kind &&
	       vault_info(c->v, &info) == RC_OK && info.slot == slot->number;
}

/* Whether the secret that opened the vault is the slot's: then it is not asked for twice.
 */
static bool
opened_with(struct op_call *c, const struct key_slot *slot)
{
	return !op_flag(c, "slot-passphrase-fd") && !op_flag(c, "slot-key-file") &&
	       opened_vault(c, slot);
}

static void
name_secret(const struct key_slot *slot, char prompt[PROMPT_LEN])
{
	snprintf(prompt, PROMPT_LEN, "%s of slot %d%s%s%s",
	    slot->kind == VAULT_RECOVERY ? "Recovery code" : "Present passphrase",
	    slot->number, slot->label[0] != '\0' ? " \"" : "", slot->label,
	    slot->label[0] != '\0' ? "\"" : "");
}

enum rc
op_secret_present(struct op_call *c, const struct key_slot *slot, struct op_secret *out)
{
	char prompt[PROMPT_LEN];
	const struct parts parts = {
	    "slot-key-file", "slot-passphrase-fd", ASK_OLD, prompt};

	memset(out, 0, sizeof(*out));
	if (!slot->usable)
		return err_set(&c->err, RC_INPUT,
		    "slot %d opens with a %s, which this program can't ask for",
		    slot->number, slot->type);
	if (opened_with(c, slot)) {
		out->secret = *c->secret;
		return RC_OK;
	}
	name_secret(slot, prompt);
	return collect(c, slot->kind, &parts, out);
}

enum rc
op_secret_of(struct op_call *c, const struct key_slot *slot, struct op_secret *out)
{
	char prompt[PROMPT_LEN];
	const struct parts parts = {
	    "slot-key-file", "slot-passphrase-fd", ASK_OLD, prompt};

	memset(out, 0, sizeof(*out));
	if (slot->usable && opened_vault(c, slot)) {
		out->secret = *c->secret;
		return RC_OK;
	}
	if (!slot->usable || ((slot->kind == VAULT_KEYFILE || slot->kind == VAULT_BOTH) &&
				 op_text(c, "slot-key-file") == NULL))
		return RC_NOTFOUND;
	name_secret(slot, prompt);
	return gather(c, slot->kind, &parts, out);
}
