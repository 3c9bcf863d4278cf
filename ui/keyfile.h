#ifndef UI_KEYFILE_H
#define UI_KEYFILE_H

/* Key files as the faces take them. */

#include "keyring/secret.h"

/**
 * keyfile_read(path, out, err):
 * The content of a key file that nobody else can read. RC_OK; RC_NOTFOUND; RC_IO;
 * RC_INPUT (not a regular file, too short, too long); RC_DENIED (others can read it);
 * RC_NOMEM.
 */
enum rc keyfile_read(const char *path, struct secret **out, struct err *err);

#endif
