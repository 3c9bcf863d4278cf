#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

/*
 * A copy of a whole vault, made while others read and write it. The same secrets open it; its
 * page keys are its own. It gets its name when all of it has been verified.
 */

#include "store/vault.h"

struct backup_report {
	uint32_t page_size, epoch; /* of the copy; of its page keys */
	uint64_t pages;            /* in the copy */
	uint64_t audit_entries;    /* of the chain that was verified in it */
	uint64_t ms;               /* that it took, verification and all */
};

/**
 * backup_run(v, path, progress, out, err):
 * Make the copy ${path} of ${v}, as it stands when the copying begins, with mode 0600.
 * ${progress} counts bytes: each is written once and then read back. On failure nothing is left
 * behind. Recorded in the audit of both.
 * RC_OK; RC_EXISTS (${path} is never replaced); RC_INPUT (${path} is part of the vault, or no
 * name of a file); RC_NOTFOUND (no such folder); RC_DENIED (a browse slot opened the vault:
 * it can't verify the audit); RC_READONLY (vault or folder); RC_CANCELLED; RC_TAMPER,
 * RC_DAMAGED (the vault, or what was written); RC_BUSY; RC_LIMIT; RC_FULL; RC_IO; RC_NOMEM.
 */
enum rc backup_run(struct vault *v, const char *path, const struct progress *progress,
    struct backup_report *out, struct err *err);

#endif
