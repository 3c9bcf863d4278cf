#ifndef UI_TUI_TUI_H
#define UI_TUI_TUI_H

/* The terminal UI's door. */

#include "store/vault.h"
#include "ui/face.h"

struct tui_opts {
	const char *path;
	const struct vault_secret
	    *secret;	  /* given by --key-file or --passphrase-fd; or NULL: ask */
	const char *key_file; /* the path, for the next unlock; or NULL */
	struct face *face;    /* told to forget ${secret} as soon as it is used; has the clipboard */
	int idle_seconds; /* auto-lock; 0: the default, 300 */
	bool plain;	  /* no boxes, cursor on the selected line */
	bool mono;	  /* no colour (also by NO_COLOR) */
	bool osc52;	  /* what is copied goes to the terminal, not to the face's clipboard */
};

/**
 * tui_run(opts, err):
 * Take the terminal, run until the user quits, give it back as it was. RC_OK; RC_INPUT
 * (no terminal, TERM unset or dumb: says how to use the command line); otherwise the code
 * that ended it, with its sentence, after the terminal is restored. A signal that ended
 * it is raised again by tui_run itself after it has cleaned up.
 */
enum rc tui_run(const struct tui_opts *opts, struct err *err);

#endif
