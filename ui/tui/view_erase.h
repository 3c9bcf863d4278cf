#ifndef UI_TUI_VIEW_ERASE_H
#define UI_TUI_VIEW_ERASE_H

/* Records gone for good, after a word was typed. */

#include "store/erase.h"
#include "ui/tui/app.h"

/**
 * view_erase_open(a, ids, n, gone, arg): ask, and erase the records ${ids}, which are copied;
 * then ${gone} is called (may be NULL), while the view that asked is on top.
 * view_erase_told(a, r): say what is gone, and what still holds it.
 */
typedef void erase_fn(void *arg);
void view_erase_open(
    struct app *a, const int64_t *ids, size_t n, erase_fn *gone, void *arg);
void view_erase_told(struct app *a, const struct erase_report *r);

#endif
