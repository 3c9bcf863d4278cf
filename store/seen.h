#ifndef STORE_SEEN_H
#define STORE_SEEN_H

/*
 * What was seen last of a vault on this machine, by this user: the sequence number of its
 * header, which only grows. Who puts a whole vault back to an earlier state can't put this
 * back with it. Kept in the state folder, file "seen", under a code of the vault's own keys;
 * what does not verify is as good as nothing.
 */

#include <sqlite3.h>

#include "keyring/keyring.h"

/**
 * seen_check(kr, db, path, older, err): compare with the unlocked ${kr}, which ${db} is
 * open with; it
 * takes over what others have written while it was being unlocked. RC_OK (also when nothing
 * was seen yet); RC_TAMPER: the vault at ${path} is older (then *${older}), and the
 * sentence says what to do; the codes of vfs_header_refresh.
 * seen_note(kr): this is what there is now. What can't be kept is not.
 * seen_retire(kr, sequence): from the header ${sequence} on the vault has other keys than ${kr}.
 */
enum rc seen_check(struct keyring *kr, sqlite3 *db, const char *path, bool *older,
    struct err *err);
void seen_note(struct keyring *kr);
void seen_retire(struct keyring *kr, uint64_t sequence);

/**
 * seen_forget(id): nothing was seen of the vault with these 16 bytes of id; false: it is still
 * there and can't be written.
 */
bool seen_forget(const uint8_t id[16]);

#endif
