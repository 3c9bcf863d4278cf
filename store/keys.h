#ifndef STORE_KEYS_H
#define STORE_KEYS_H

/*
 * The keys of a vault as a person handles them: slots, epochs, the recovery code. Whatever
 * changes them is in the audit before it is done (keys_change.c).
 */

#include "store/vault.h"

#define KEYS_SLOTS  16
#define KEYS_EPOCHS 64

struct key_slot {
	int number;
	bool usable;                 /* this program opens slots of its type */
	enum vault_secret_kind kind; /* when usable */
	const char *type;            /* "passphrase", "recovery code", ...: a static string */
	bool browse;
	char label[65];
	struct vault_kdf kdf; /* memory 0: none is run */
	uint64_t created;
	uint64_t last_used; /* unlocked with it, by the audit; 0: never */
};

struct key_epoch {
	uint32_t number;
	bool field;        /* of field keys; else of page keys */
	const char *state; /* "active", "decrypt-only", "destroyed": a static string */
	uint64_t created, retired; /* UTC microseconds; 0: not retired */
	uint64_t writes;           /* leased so far */
	uint64_t due;              /* end of the crypto-period; 0: not active */
	bool due_soon;             /* 90 % of the crypto-period are over */
};

struct keys {
	size_t slot_n, epoch_n;
	struct key_slot slots[KEYS_SLOTS];
	struct key_epoch epochs[KEYS_EPOCHS]; /* page epochs first, each from the first */
};

/**
 * keys_read(v, out): what is known of the keys, now. RC_OK; the codes of reading the audit.
 * keys_slot(v, number, out, err): one slot. RC_OK; RC_NOTFOUND.
 */
enum rc keys_read(struct vault *v, struct keys *out);
enum rc keys_slot(struct vault *v, int number, struct key_slot *out, struct err *err);

/**
 * keys_combine(passphrase, keyfile, out, err):
 * The bytes of a VAULT_BOTH secret from a passphrase as typed and a key file's content.
 * RC_OK; RC_INPUT; RC_NOMEM.
 */
enum rc keys_combine(const struct secret *passphrase, const struct secret *keyfile,
    struct secret **out, struct err *err);

/**
 * keys_recovery_new(out, err): a fresh recovery code, as text.
 * keys_recovery_check(typed, err): whether ${typed} can be a recovery code. RC_OK; RC_INPUT
 * (the sentence names the groups that are mistyped).
 * keys_recovery_confirm(typed, code, err): whether it is ${code}. RC_OK; RC_INPUT.
 */
enum rc keys_recovery_new(struct secret **out, struct err *err);
enum rc keys_recovery_check(const struct secret *typed, struct err *err);
enum rc keys_recovery_confirm(
    const struct secret *typed, const struct secret *code, struct err *err);

/**
 * keys_may_add(v, browse, label, err), keys_may_change(v, slot, err), keys_may_remove(v, slot,
 * err): whether the call could succeed, before a secret is asked for. Quick. The codes of
 * keys_add, keys_change, keys_remove.
 */
enum rc keys_may_add(struct vault *v, bool browse, const char *label, struct err *err);
enum rc keys_may_change(struct vault *v, int slot, struct err *err);
enum rc keys_may_remove(struct vault *v, int slot, struct err *err);

/**
 * keys_add(v, secret, browse, label, slot, kdf, err):
 * One more slot that ${secret} opens: made, opened again from its bytes, then written.
 * ${slot}: its number; ${kdf} (may be NULL): what opening it costs. RC_OK; RC_DENIED (a full
 * slot, and a browse slot opened the vault); RC_LIMIT (no place); RC_INPUT (secret, label);
 * RC_BUSY; RC_READONLY.
 */
enum rc keys_add(struct vault *v, const struct vault_secret *secret, bool browse,
    const char *label, int *slot, struct vault_kdf *kdf, struct err *err);

/**
 * keys_test(v, slot, secret, err):
 * Whether ${secret} opens slot ${slot} to this vault's keys. RC_OK; RC_PASS; RC_NOTFOUND;
 * RC_TAMPER (it opens to other keys); RC_READONLY.
 */
enum rc keys_test(
    struct vault *v, int slot, const struct vault_secret *secret, struct err *err);

/**
 * keys_change(v, slot, old, fresh, kdf, err): vault_change_secret for the slot ${slot}.
 * RC_DENIED besides its codes: a full slot, and a browse slot opened the vault.
 */
enum rc keys_change(struct vault *v, int slot, const struct vault_secret *old,
    const struct vault_secret *fresh, struct vault_kdf *kdf, struct err *err);

/**
 * keys_remove(v, slot, err):
 * Empty slot ${slot}. RC_OK; RC_NOTFOUND; RC_DENIED (the last full slot, or a browse slot
 * opened the vault); RC_BUSY; RC_READONLY.
 */
enum rc keys_remove(struct vault *v, int slot, struct err *err);

/**
 * keys_new_master(v, secrets, err):
 * New master keys, and a rotation of the page and field keys begun (rotate_run goes on with
 * it). ${secrets}, by number of their slot: a slot that has none there is dropped, the others
 * keep their secret. Nobody else may have the vault open. RC_OK; RC_PASS (the sentence is of the
 * slot that does not open); RC_DENIED (a browse slot opened the vault, or no full slot would be
 * left); RC_EXISTS (a rotation is running); RC_BUSY; RC_TAMPER; RC_READONLY; RC_IO, RC_FULL. On
 * failure the vault is as before; but where its header could not be written whole, or it can't
 * be opened again, ${v} is good for vault_close only.
 * keys_may_master(v, err): whether it could succeed. Quick.
 */
enum rc keys_new_master(struct vault *v,
    const struct vault_secret *const secrets[KEYS_SLOTS], struct err *err);
enum rc keys_may_master(struct vault *v, struct err *err);

/**
 * keys_backup(v, path, passphrase, kdf, err):
 * Write the header alone to the new file ${path}, sealed under ${passphrase} as typed. RC_OK;
 * RC_EXISTS; RC_INPUT (the passphrase, or ${path} is a part of the vault); RC_READONLY;
 * RC_FULL; RC_IO; RC_NOTFOUND (no such folder).
 */
enum rc keys_backup(struct vault *v, const char *path, const struct secret *passphrase,
    struct vault_kdf *kdf, struct err *err);

enum keys_header { /* what stands where a header shall be restored */
	KEYS_HEADER_DAMAGED,
	KEYS_HEADER_OLDER, /* whole, and not newer than the backup */
	KEYS_HEADER_NEWER  /* whole, and written after the backup was made */
};

struct keys_backup { /* of a backup, without its passphrase: not yet verified */
	char id[37];
	uint64_t sequence, modified, made; /* UTC microseconds */
	struct vault_kdf kdf;
	enum keys_header present;
	uint64_t present_sequence, present_modified; /* unless it is damaged */
};

/**
 * keys_backup_peek(path, file, out, err):
 * What the backup ${file} says it is, and how the header of the vault ${path} stands to it.
 * RC_OK; RC_NOTFOUND; RC_INPUT (another vault's); RC_FORMAT; RC_VERSION; RC_DAMAGED;
 * RC_LIMIT; RC_IO.
 */
enum rc keys_backup_peek(
    const char *path, const char *file, struct keys_backup *out, struct err *err);

struct keys_restore {
	const char *path, *file;
	const struct secret *passphrase;   /* of the backup, as typed */
	const struct vault_secret *secret; /* opens a full slot of the header in it */
	bool even_if_newer;                /* the user wants the older header */
};

/**
 * keys_restore(r, out, err):
 * Put the header in the backup back: opened, unlocked, pages of the file opened with its
 * keys, then written; then the vault is opened and the restoring is in its audit. RC_OK and
 * ${out}; RC_PASS (either secret: the sentence says which); RC_DENIED (a browse slot);
 * RC_EXISTS (the present header is newer); RC_TAMPER; RC_BUSY; the codes of peek.
 */
enum rc keys_restore(const struct keys_restore *r, struct vault **out, struct err *err);

#endif
