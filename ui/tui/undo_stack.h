#ifndef UI_TUI_UNDO_STACK_H
#define UI_TUI_UNDO_STACK_H

/* What this session has changed, step by step, for u and ^R. Numbers of steps only. */

#include "ui/tui/app.h"

#define UNDO_STACK_MAX 200 /* steps; the oldest ones are forgotten */

struct undo_item {
	int64_t step;
	bool import; /* it is the number of an import run */
};

struct undo_stack {
	struct undo_item items[UNDO_STACK_MAX];
	size_t n;    /* that are there */
	size_t done; /* of these not undone: the first ones */
	bool busy;   /* one is being undone or redone */
};

/**
 * app_did(a, step): ${step} was committed for a view (undo_last_step; 0: nothing was): the
 * next u takes it back.
 * app_did_import(a, run): the same of an import. app_undid_import(a, run): it was taken back
 * elsewhere.
 * app_undo(a, redo): take the last step back, or do the last one that was taken back again;
 * the status line says what it was, or why not.
 */
void app_did(struct app *a, int64_t step);
void app_did_import(struct app *a, int64_t run);
void app_undid_import(struct app *a, int64_t run);
void app_undo(struct app *a, bool redo);

#endif
