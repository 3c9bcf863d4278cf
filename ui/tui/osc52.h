#ifndef UI_TUI_OSC52_H
#define UI_TUI_OSC52_H

/* The clipboard of the terminal, by its control sequence OSC 52. */

#include "keyring/secret.h"

/**
 * osc52_copy(value, err): RC_OK (it was sent: a terminal gives no answer); RC_INPUT (too long,
 * or this terminal would show it); RC_NOMEM.
 * osc52_clear(): whatever lies there.
 */
enum rc osc52_copy(const struct secret *value, struct err *err);
void osc52_clear(void);

#endif
