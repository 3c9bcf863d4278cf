#ifndef UI_TUI_SLOT_ORDER_H
#define UI_TUI_SLOT_ORDER_H

/* What the user wants to be done to a slot, with the secrets for it. */

#include "store/keys.h"

enum slot_task { SLOT_ADD, SLOT_CHANGE, SLOT_TEST, SLOT_REMOVE };

struct slot_secret { /* as it was typed */
	enum vault_secret_kind kind;
	struct secret *typed;
	char *file; /* a key file's path; NULL: ${typed} is all of it */
};

struct slot_order {
	enum slot_task task;
	int slot;     /* which; SLOT_ADD sets it */
	int presents; /* the slot that ${present} opens */
	bool browse;  /* SLOT_ADD, as the next */
	char *label;
	struct slot_secret present, fresh;
	char *sheet; /* a file with the new recovery code; or NULL */
	bool proved; /* ${present} has been tried */
	bool done;   /* it was carried out */
	struct vault_kdf kdf;
};

/**
 * slot_order_allowed(o, v, err): whether it could be done, before secrets are there.
 * slot_order_prove(o, v, err): whether ${present} opens its slot.
 * slot_order_run(o, v, err): prove and do it. The codes of the keys_ calls, keyfile_read.
 * slot_order_free(o): wipe and free what it holds, not ${o}; the sheet's file is taken
 * away if nothing was done, since its code opens nothing.
 */
enum rc slot_order_allowed(const struct slot_order *o, struct vault *v, struct err *err);
enum rc slot_order_prove(struct slot_order *o, struct vault *v, struct err *err);
enum rc slot_order_run(struct slot_order *o, struct vault *v, struct err *err);
void slot_order_free(struct slot_order *o);

/**
 * slot_secret_read(s, out, own, err):
 * The secret itself, from what was typed and what stands in the file: ${out}, good until
 * ${own} is freed (NULL: ${out} is what was typed). The codes of keyfile_read, keys_combine.
 * slot_secret_free(s): wipe and free what it holds.
 */
enum rc slot_secret_read(const struct slot_secret *s, struct vault_secret *out,
    struct secret **own, struct err *err);
void slot_secret_free(struct slot_secret *s);

/**
 * slot_kind_name(kind): in words, a static string.
 * slot_takes_text(kind), slot_takes_file(kind): what a secret is made of.
 */
const char *slot_kind_name(enum vault_secret_kind kind);
bool slot_takes_text(enum vault_secret_kind kind);
bool slot_takes_file(enum vault_secret_kind kind);

#endif
