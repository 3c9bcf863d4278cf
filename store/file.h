#ifndef STORE_FILE_H
#define STORE_FILE_H

/* Files that are written whole or not at all. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keyring/rc.h"

struct file;

/**
 * file_new(path, force, out, err):
 * Begin a file that shall be called ${path}: without a name in the same folder where the
 * file system can do that (then nothing of it outlives a killed process), else under a
 * temporary one; mode 0600. RC_OK; RC_EXISTS (there is one and ${force} is false); RC_INPUT
 * (a folder, a vault, or something that is not a regular file); RC_NOTFOUND (no such
 * folder); RC_READONLY; RC_FULL; RC_IO; RC_NOMEM.
 */
enum rc file_new(const char *path, bool force, struct file **out, struct err *err);

/**
 * file_write(f, bytes, len, err): through a buffer. RC_OK; RC_FULL; RC_IO.
 */
enum rc file_write(struct file *f, const void *bytes, size_t len, struct err *err);

/**
 * file_settle(f, err):
 * Flush and fsync: what can still fail after it is only the name. RC_OK; RC_FULL; RC_IO.
 * file_commit(f, err):
 * Flush, fsync, give it its name (never over an existing file without force, also not
 * over one that came in the meantime), fsync the folder. RC_EXISTS besides the codes of a
 * write.
 * file_keep_replaced(f): said before the commit, file_withdraw gives back what force replaced.
 * A process that dies between the two leaves it beside the file, as ".strongroom-" and digits.
 * file_given(f): whether it has its name, also when a commit failed after that.
 * file_withdraw(f): take the name off a committed file again, unless it is on another one
 * by now. For two files that are only worth something together.
 * file_free(f): the temporary file is removed unless it was committed, and what a committed
 * one replaced; NULL is harmless.
 */
enum rc file_settle(struct file *f, struct err *err);
enum rc file_commit(struct file *f, struct err *err);
void file_keep_replaced(struct file *f);
bool file_given(const struct file *f);
void file_withdraw(struct file *f);
void file_free(struct file *f);

/**
 * file_write_fd(fd, bytes, len, name, err):
 * Write all to a descriptor that is someone else's. RC_OK; RC_FULL; RC_IO (also a closed
 * pipe: SIGPIPE must be ignored).
 */
enum rc file_write_fd(
    int fd, const void *bytes, size_t len, const char *name, struct err *err);

/**
 * file_is_part_of(path, vault):
 * Whether ${path} is the vault ${vault} or one of the files beside it (log, shared
 * memory, journal, rotation), by whatever name.
 */
bool file_is_part_of(const char *path, const char *vault);

/**
 * file_is_same(a, b): whether they are one file, or would be once they are made.
 */
bool file_is_same(const char *a, const char *b);

#endif
