#ifndef UI_TUI_NEWS_JOB_H
#define UI_TUI_NEWS_JOB_H

/* What stands out in the audit since the last unlock, told in the status line. */

#include "ui/tui/app.h"

/**
 * news_look(a): look through the audit on the second worker, without a word if there is
 * nothing to tell.
 */
void news_look(struct app *a);

#endif
