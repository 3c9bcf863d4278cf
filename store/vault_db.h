#ifndef STORE_VAULT_DB_H
#define STORE_VAULT_DB_H

/* What the files vault*.c share: connections, and secrets made ready for the keyring. */

#include "keyring/keyring.h"
#include "store/unlocked.h"
#include "store/vault_int.h"

/**
 * vault_connect(u, path, readonly, out, err):
 * Open a connection on the unlocked file of ${u} and set it up; ${path}: as the user
 * named it. A file that turns out not to be writable is open for reading only. On success
 * the user of ${u} is the vault's; on failure the caller's. No table is read.
 * vault_disconnect(v): close without a word in the audit and give the user of the keyring
 * back. NULL is harmless.
 */
enum rc vault_connect(struct unlocked *u, const char *path, bool readonly,
    struct vault **out, struct err *err);
void vault_disconnect(struct vault *v);

/**
 * vault_slot(v, kr): note which slot ${kr} was opened by.
 */
void vault_slot(struct vault *v, struct keyring *kr);

/**
 * vault_id_text(id, out): as a UUID.
 */
void vault_id_text(const uint8_t id[VAULT_ID_LEN], char out[37]);

/**
 * vault_secret_ready(s, out, own, err): the form that the keyring takes; free ${own} when
 * it is no longer used. RC_OK; RC_INPUT; RC_NOMEM.
 */
enum rc vault_secret_ready(const struct vault_secret *s, struct keyring_secret *out,
    struct secret **own, struct err *err);

/**
 * vault_kdf_choose(params, kdf, err): calibrate; ${kdf} (may be NULL) is told.
 */
enum rc vault_kdf_choose(
    struct kdf_params *params, struct vault_kdf *kdf, struct err *err);

#endif
