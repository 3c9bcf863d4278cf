#ifndef UI_SANDBOX_H
#define UI_SANDBOX_H

/* What a command may still do once its command line is understood. */

#include "ui/op.h"

/**
 * sandbox_command(c): before any vault is opened: only the files that the command line
 * names, and what every process reads. A program that is asked for passphrases
 * (STRONGROOM_ASKPASS) must have its own process by then (source_begin).
 * sandbox_screen(c): for the terminal interface: reads what it can, writes below the
 * folders of the vault, of the user and of the work.
 */
void sandbox_command(const struct op_call *c);
void sandbox_screen(const struct op_call *c);

/**
 * sandbox_hint(sentence): what to add to the sentence of a failure that the confinement of
 * the terminal interface may have made; NULL: nothing.
 */
const char *sandbox_hint(const char *sentence);

#endif
