#ifndef UI_TUI_FRESH_JOB_H
#define UI_TUI_FRESH_JOB_H

#include "ui/tui/app.h"

/**
 * fresh_look(a): after the unlock, on the second worker: whether the pages are current. A
 * vault that holds older ones is told in a dialog; all else is not news.
 */
void fresh_look(struct app *a);

#endif
