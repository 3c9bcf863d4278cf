#ifndef KEYRING_RECOVERY_H
#define KEYRING_RECOVERY_H

/*
 * The recovery code: 150 random bits as a person copies them (doc/format.md, "Recovery
 * code"): ten groups of four characters, the fourth of each a check digit.
 */

#include "keyring/secret.h"

#define RECOVERY_LEN    19 /* bytes of the slot's secret: 150 bits and two zero bits */
#define RECOVERY_GROUPS 10
#define RECOVERY_TEXT   (RECOVERY_GROUPS * 5 - 1) /* characters, with the dashes */

/**
 * recovery_make(text): a fresh code, "XXXX-XXXX-...". RC_OK; RC_NOMEM; RC_INTERNAL.
 */
enum rc recovery_make(struct secret **text);

/**
 * recovery_read(typed, out, err):
 * The slot's secret from a code as typed: in either case, O for 0, I and L for 1, dashes and
 * blanks wherever they are. RC_OK; RC_INPUT (a character that no code has, too few or too
 * many, check digits that are wrong: the sentence names the groups); RC_NOMEM.
 */
enum rc recovery_read(const struct secret *typed, struct secret **out, struct err *err);

#endif
