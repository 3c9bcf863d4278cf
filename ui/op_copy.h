#ifndef UI_OP_COPY_H
#define UI_OP_COPY_H

/* What of the clipboard the operations share with the face that sets it up. */

#include "ui/op.h"

#define OP_CLIPBOARD_OPTS                                                                \
	{"clipboard", 0, OPT_TEXT, "TOOL",                                               \
	    "auto, or the whole path of wl-copy, xclip or xsel"},                        \
	{                                                                                \
		"clear-after", 0, OPT_NUMBER, "SECONDS",                                 \
		    "take a copied value off again (default 30)"                         \
	}

/**
 * op_is_osc52(how): whether values are to go to the terminal; ${how} may be NULL.
 * op_clipboard(c, opts):
 * What the options ask for; ${opts}->tool NULL: no tool is wanted. RC_OK; RC_INPUT.
 */
bool op_is_osc52(const char *how);
enum rc op_clipboard(struct op_call *c, struct clip_opts *opts);

#endif
