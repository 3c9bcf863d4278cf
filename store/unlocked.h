#ifndef STORE_UNLOCKED_H
#define STORE_UNLOCKED_H

/* The vaults that this process has unlocked: where the VFS gets its keys from. Thread-safe. */

#include <stdbool.h>

#include "keyring/keyring.h"

struct unlocked;

/**
 * unlocked_add(path, kr, out):
 * Count one more user of the vault at ${path} (an absolute path without symbolic links, as
 * SQLite names it). If the process has unlocked it by the same slot already, that keyring is
 * used and ${kr} is left alone; else a reference to ${kr} is taken. RC_OK; RC_NOMEM;
 * RC_BUSY (the process has another vault open that had this path before it was moved away).
 * unlocked_ref(u): one more user.
 */
enum rc unlocked_add(const char *path, struct keyring *kr, struct unlocked **out);
struct unlocked *unlocked_ref(struct unlocked *u);

/**
 * unlocked_leave(u): one user less; whether it was the last. The keys stay for what is still
 * to be written. unlocked_drop(u): after unlocked_leave, when the connection is closed; the
 * last one wipes the keys. NULL is harmless.
 */
bool unlocked_leave(struct unlocked *u);
void unlocked_drop(struct unlocked *u);

/**
 * unlocked_alone(u): whether there is no other vault in this process on the same file, by
 * whichever slot.
 */
bool unlocked_alone(const struct unlocked *u);

struct keyring *unlocked_keyring(struct unlocked *u); /* lives as long as ${u} */
const char *unlocked_path(const struct unlocked *u);

#define UNLOCKED_PARAMETER "keys" /* of a connection's URI: whose it is to have */

/**
 * unlocked_number(u): the value of that parameter.
 * unlocked_provide: the key provider for the VFS (vfs.h, vfs_key_fn). RC_LOCKED where
 * the path has no keys of the number, or without a number more than one's.
 */
int64_t unlocked_number(const struct unlocked *u);
enum rc unlocked_provide(
    void *arg, const char *path, const uint8_t *area, size_t len, struct keyring **out);

#endif
