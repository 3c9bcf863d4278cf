#ifndef UI_TUI_DRAFT_H
#define UI_TUI_DRAFT_H

/* What was typed into a record and is not saved. */

#include "ui/tui/jobs.h"

struct draft {
	int64_t id, version; /* id 0: a new record */
	struct change_text *changes;
	size_t n;
};

void draft_free(struct draft *d); /* wipes; NULL is harmless */

/**
 * draft_keep(a, id, version, changes, n): keep it in the vault; takes ${changes} over. n 0:
 * there is none any more. How that went, app_draft_state says.
 * draft_offer(a): after an unlock, ask whether to go on with the draft that the vault keeps.
 */
void draft_keep(
    struct app *a, int64_t id, int64_t version, struct change_text *changes, size_t n);
void draft_offer(struct app *a);

#endif
