#ifndef UI_RECOVERY_SHEET_H
#define UI_RECOVERY_SHEET_H

/* The sheet that hands a recovery code to a person, as text. */

#include "keyring/secret.h"

#define RECOVERY_HALF 25 /* characters of the code on its first line, with the dash */

struct recovery_sheet {
	const char *vault_path, *vault_id, *label;
	bool browse;
};

/**
 * recovery_sheet_make(facts, code, out): the text. RC_OK; RC_NOMEM; RC_LIMIT.
 * recovery_sheet_write(path, vault_path, sheet, err):
 * To the new file ${path}, mode 0600. RC_OK; RC_EXISTS; RC_INPUT (a part of the vault);
 * the codes of writing a file.
 */
enum rc recovery_sheet_make(
    const struct recovery_sheet *facts, const struct secret *code, struct secret **out);
enum rc recovery_sheet_write(const char *path, const char *vault_path,
    const struct secret *sheet, struct err *err);

#endif
