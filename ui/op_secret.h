#ifndef UI_OP_SECRET_H
#define UI_OP_SECRET_H

/* Secrets that operations about keys ask for: present ones, new ones, recovery codes. */

#include "store/keys.h"
#include "ui/op_util.h"

struct op_secret { /* with the memory that it points to */
	struct vault_secret secret;
	struct secret *bytes;
};

/**
 * op_kind_parse(c, text, out): "passphrase", "keyfile", "both" or "recovery". RC_OK;
 * RC_INPUT.
 */
enum rc op_kind_parse(struct op_call *c, const char *text, enum vault_secret_kind *out);

/**
 * op_slot_type(f, s): the type of a slot in words, or as data what op_kind_parse takes.
 */
const char *op_slot_type(const struct face *f, const struct key_slot *s);

/**
 * op_secret_fresh(c, kind, what, out):
 * A new passphrase, key file or both, from --new-key-file and what the face asks for.
 * ${what} names it: "the new slot". Not for a recovery code. RC_OK; RC_INPUT; the codes
 * of the questions and of keyfile_read. op_secret_present(c, slot, out): the present
 * secret of ${slot}: what opened the vault when that is the slot's, else --slot-key-file
 * and what the face asks for. op_secret_free(s): wipe.
 * op_secret_of(c, slot, out): the same where several slots are asked for: what opened the
 * vault, else --slot-key-file where the slot takes one, and what the face asks for. RC_NOTFOUND:
 * a key file is missing, or this program can't ask for such a secret.
 */
enum rc op_secret_of(
    struct op_call *c, const struct key_slot *slot, struct op_secret *out);
enum rc op_secret_fresh(struct op_call *c, enum vault_secret_kind kind, const char *what,
    struct op_secret *out);
enum rc op_secret_present(
    struct op_call *c, const struct key_slot *slot, struct op_secret *out);
void op_secret_free(struct op_secret *s);

/**
 * op_recovery_new(c, label, browse, out):
 * A new recovery code, handed over: shown once and typed back, or with --sheet FILE
 * written there. RC_OK; RC_INPUT; RC_EXISTS (the file); RC_CANCELLED; the codes of
 * writing. op_recovery_undo(c): take the sheet's file away again, since the code opens
 * nothing.
 */
enum rc op_recovery_new(
    struct op_call *c, const char *label, bool browse, struct op_secret *out);
void op_recovery_undo(struct op_call *c);

#endif
