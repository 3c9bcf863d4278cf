#ifndef STORE_VAULT_OPEN_H
#define STORE_VAULT_OPEN_H

/* The steps of opening that vault.c, vault_create.c and the files about keys share. */

#include "keyring/keyring.h"
#include "store/vault_int.h"

/**
 * vault_present(s, out, normal, err):
 * What the user presents, as the keyring takes it; ${normal}: the normalised passphrase that
 * ${out} points to (free it after ${out}), or the bits of a recovery code; NULL for a key
 * file. RC_OK; RC_INPUT; RC_NOMEM.
 * vault_kind_of(type, out): what a user presents to a slot of ${type}; false: nothing yet.
 */
enum rc vault_present(const struct vault_secret *s, struct keyring_secret *out,
    struct secret **normal, struct err *err);
bool vault_kind_of(enum slot_type type, enum vault_secret_kind *out);

/**
 * vault_connect(v, path, create): the connection of ${v} on ${path} with all its settings.
 * RC_OK; the code and sentence of the failure.
 */
enum rc vault_connect(struct vault *v, const char *path, bool create);

/**
 * vault_cache(v, kib): how much SQLite keeps of the pages that this connection has read.
 */
#define VAULT_CACHE_KIB 65536
void vault_cache(struct vault *v, int kib);

/**
 * vault_new(path, out): an empty vault with its name.
 */
enum rc vault_new(const char *path, struct vault **out);

/**
 * vault_abandon(v): close what is open and free, without a word to the audit; ${v} is a user of its
 * keys no more (unlocked_add).
 */
void vault_abandon(struct vault *v);

/**
 * vault_detach(v): close the file of ${v} and let go of its keys, without a word to the audit;
 * then vault_enter opens it again, or vault_close is all that may be called.
 */
void vault_detach(struct vault *v);

/**
 * vault_keys_ready(v, err): what every change of the keys of ${v} begins with. RC_OK;
 * RC_READONLY; RC_INTERNAL (a transaction is open).
 */
enum rc vault_keys_ready(struct vault *v, struct err *err);

/**
 * vault_read_header(path, out, err): a locked keyring of the header of ${path}; the sentence
 * names the file. Codes: vault_peek.
 */
enum rc vault_read_header(const char *path, struct keyring **out, struct err *err);

/**
 * vault_id_text(id, out): a vault's id as UUID text.
 */
void vault_id_text(const uint8_t id[VAULT_ID_LEN], char out[37]);

/**
 * vault_unlock(path, kr, secret, err): unlock ${kr}, the header of ${path}; a wrong secret is
 * noted beside the vault. Slow. The codes of vault_open.
 * vault_open_unlocked(path, kr, out, err): the vault of the unlocked ${kr}.
 */
enum rc vault_unlock(const char *path, struct keyring *kr, const struct vault_secret *secret,
    struct err *err);
enum rc vault_open_unlocked(
    const char *path, struct keyring *kr, struct vault **out, struct err *err);

/**
 * vault_enter(v, kr):
 * Open the vault v->path with the unlocked ${kr}: connect, check, mend a header copy, write
 * to the audit. RC_OK; on failure v->err says why.
 */
enum rc vault_enter(struct vault *v, struct keyring *kr);

#endif
