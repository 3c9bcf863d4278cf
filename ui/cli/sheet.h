#ifndef UI_CLI_SHEET_H
#define UI_CLI_SHEET_H

/* A secret text shown once on the terminal. */

#include "keyring/secret.h"

/**
 * sheet_show(text, prompt, typed, err):
 * Show ${text} until Return, on the terminal's other screen where it has one, then ask
 * with
 * ${prompt} for what is to be typed back, and leave nothing behind. RC_OK; RC_CANCELLED;
 * RC_INPUT (no terminal); RC_IO; RC_NOMEM.
 */
enum rc sheet_show(const struct secret *text, const char *prompt, struct secret **typed,
    struct err *err);

#endif
