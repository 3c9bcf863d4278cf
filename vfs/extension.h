#ifndef VFS_EXTENSION_H
#define VFS_EXTENSION_H

/* What the files of the loadable extension share. */

#include "keyring/keyring.h"

/**
 * extension_secret(path, out, err):
 * The secret for the vault ${path} (a filename that SQLite made, with its URI parameters):
 * the content of key_file=, else what the program in STRONGROOM_ASKPASS says, else what is
 * typed on the terminal. ${owned}: what ${out} points to; the caller frees it. RC_OK;
 * RC_INPUT; RC_CANCELLED; RC_IO; RC_NOMEM.
 */
enum rc extension_secret(const char *path, struct keyring_secret *out,
    struct secret **owned, struct err *err);

#endif
