#ifndef STORE_SITE_H
#define STORE_SITE_H

/* The place where a vault is made: under a temporary name until it is whole. */

#include <limits.h>
#include <stdbool.h>

#include "keyring/rc.h"

struct site {
	const char *path;
	char *folder;        /* that it lies in, absolute */
	char temp[PATH_MAX]; /* in the same folder; once it is given, the vault's own name */
};

/**
 * site_begin(s, path, err):
 * Find the folder of ${path} and make an empty private file in it, mode 0600. RC_OK;
 * RC_EXISTS (the name is taken); RC_INPUT (no name of a file); RC_NOTFOUND (no such folder);
 * RC_READONLY; RC_FULL; RC_IO. site_end is due in any case.
 */
enum rc site_begin(struct site *s, const char *path, struct err *err);

/**
 * site_has_log(s): whether a log or a journal with content is beside the file.
 */
bool site_has_log(const struct site *s);

/**
 * site_publish(s, err):
 * Give the finished and closed file its name, unless the name has been taken meanwhile, and
 * sync the folder. RC_EXISTS; the codes of site_begin.
 * site_end(s, keep): without ${keep} nothing of it is left in the folder.
 */
enum rc site_publish(struct site *s, struct err *err);
void site_end(struct site *s, bool keep);

#endif
